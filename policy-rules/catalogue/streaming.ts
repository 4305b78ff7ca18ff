/** Film, television and music by subscription: made by publishers, not by members. */
import { defineCategory } from './define-category.ts';

export const streaming = defineCategory(
  {
    id: 'streaming',
    name: 'Film, television and music',
    clauses: ['7.1.2 by analogy'],
    social: false,
    inForceByDefault: false,
    defaultReason: 'Nurseries play music and programmes for children; it can be switched on.',
    protected: false,
  },
  [
    {
      id: 'netflix',
      name: 'Netflix',
      suffixes: 'netflix.com netflix.net nflxvideo.net nflximg.net nflxext.com nflxso.net',
      notes: ['fast.com is left out: a speed test.'],
    },
    {
      id: 'disney-plus',
      name: 'Disney+',
      suffixes: 'disneyplus.com disney-plus.net dssott.com bamgrid.com',
      notes: ['disney.co.uk and go.com are left out: other pages of the company.'],
    },
    {
      id: 'prime-video',
      name: 'Prime Video and Amazon Music',
      suffixes:
        'primevideo.com amazonvideo.com aiv-cdn.net aiv-delivery.net pv-cdn.net music.amazon.co.uk music.amazon.com',
      hosts: 'atv-ps-eu.amazon.co.uk atv-ps-eu.amazon.com atv-ext-eu.amazon.com atv-ps.amazon.com atv-ext.amazon.com',
      notes: ['amazon.co.uk and media-amazon.com are left out: the shop, where nurseries buy.'],
    },
    {
      id: 'apple-music-tv',
      name: 'Apple Music and Apple TV',
      suffixes: 'music.apple.com tv.apple.com',
      notes: ['itunes.apple.com is left out: the App Store and updates use it.'],
    },
    {
      id: 'spotify',
      name: 'Spotify',
      suffixes: 'spotify.com scdn.co spotifycdn.com spotifycdn.net spotify.link spoti.fi',
    },
    { id: 'deezer', name: 'Deezer', suffixes: 'deezer.com dzcdn.net' },
    { id: 'tidal', name: 'TIDAL', suffixes: 'tidal.com' },
    { id: 'global-player', name: 'Global Player', suffixes: 'globalplayer.com' },
    {
      id: 'itvx',
      name: 'ITVX',
      suffixes: 'itv.com',
      notes: [
        'itv.com also holds ITV’s news.',
        'BBC iPlayer and BBC Sounds are left out: they share their hosts with all of the BBC.',
      ],
    },
    { id: 'channel-4', name: 'Channel 4', suffixes: 'channel4.com' },
    { id: 'channel-5', name: '5 (formerly My5)', suffixes: 'channel5.com my5.tv' },
    { id: 'now', name: 'NOW', suffixes: 'nowtv.com' },
    { id: 'paramount-plus', name: 'Paramount+', suffixes: 'paramountplus.com pplusstatic.com' },
    { id: 'hbo-max', name: 'HBO Max', suffixes: 'hbomax.com hbomaxcdn.com max.com' },
    { id: 'discovery-plus', name: 'discovery+', suffixes: 'discoveryplus.com disco-api.com' },
    { id: 'crunchyroll', name: 'Crunchyroll', suffixes: 'crunchyroll.com' },
    { id: 'pluto-tv', name: 'Pluto TV', suffixes: 'pluto.tv' },
    { id: 'plex', name: 'Plex', suffixes: 'plex.tv plex.direct' },
  ],
);

/** Sharing of music and sound that anybody may publish. Leaves out music by subscription (streaming.ts). */
import { defineCategory } from './define-category.ts';

export const mediaSharing = defineCategory(
  {
    id: 'media-sharing',
    name: 'Music and media sharing',
    clauses: ['7.1.2 by analogy', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policies name media sharing; music by subscription is a category of its own that is off.',
    protected: false,
  },
  [
    { id: 'soundcloud', name: 'SoundCloud', suffixes: 'soundcloud.com sndcdn.com soundcloud.cloud snd.sc' },
    { id: 'mixcloud', name: 'Mixcloud', suffixes: 'mixcloud.com' },
    { id: 'audiomack', name: 'Audiomack', suffixes: 'audiomack.com' },
    { id: 'smule', name: 'Smule', suffixes: 'smule.com' },
    { id: 'bandlab', name: 'BandLab', suffixes: 'bandlab.com' },
    { id: 'bandcamp', name: 'Bandcamp', suffixes: 'bandcamp.com bcbits.com' },
  ],
);

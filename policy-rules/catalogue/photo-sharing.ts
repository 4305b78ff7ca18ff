/** Photo and picture sharing. Leaves out photo storage and printing (Google Photos, iCloud, Snapfish): no public. */
import { defineCategory } from './define-category.ts';

export const photoSharing = defineCategory(
  {
    id: 'photo-sharing',
    name: 'Photo sharing',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts photo sharing as social media; children’s pictures are the reason.',
    protected: false,
  },
  [
    {
      id: 'pinterest',
      name: 'Pinterest',
      suffixes: `
        pinterest.com pinimg.com pin.it pinterest.net pinterestmail.com pinterest.co.uk pinterest.ie pinterest.ca
        pinterest.com.au pinterest.nz pinterest.co.nz pinterest.de pinterest.at pinterest.ch pinterest.fr pinterest.be
        pinterest.nl pinterest.es pinterest.pt pinterest.it pinterest.dk pinterest.se pinterest.hu pinterest.ru
        pinterest.jp pinterest.co.kr pinterest.in pinterest.ph pinterest.com.mx pinterest.cl`,
      notes: [
        'Many nurseries plan activities with it: a grant opens it, or the service is switched off for a planning device.',
      ],
    },
    { id: 'flickr', name: 'Flickr', suffixes: 'flickr.com staticflickr.com flic.kr flickr.net' },
    { id: 'imgur', name: 'Imgur', suffixes: 'imgur.com imgur.io' },
    {
      id: 'deviantart',
      name: 'DeviantArt',
      suffixes: 'deviantart.com deviantart.net',
      hosts: 'images-wixmp-ed30a86b8c4ca887773594c2.wixmp.com',
      notes: ['wixmp.com is left out as a whole: pictures and films of every site made with Wix.'],
    },
    { id: '500px', name: '500px', suffixes: '500px.com 500px.org' },
    { id: 'photobucket', name: 'Photobucket', suffixes: 'photobucket.com' },
    { id: 'vsco', name: 'VSCO', suffixes: 'vsco.co' },
    { id: 'lapse', name: 'Lapse', suffixes: 'lapse.com' },
    { id: '9gag', name: '9GAG', suffixes: '9gag.com 9cache.com' },
    { id: 'ifunny', name: 'iFunny', suffixes: 'ifunny.co' },
    { id: 'weheartit', name: 'We Heart It', suffixes: 'weheartit.com' },
    { id: 'pixelfed', name: 'Pixelfed', suffixes: 'pixelfed.social pixelfed.org' },
  ],
);

/** Comment streams of newspapers and other sites: the systems behind them, so that the articles stay readable. */
import { defineCategory } from './define-category.ts';

export const comments = defineCategory(
  {
    id: 'comments',
    name: 'Newspapers’ comment streams',
    clauses: ['7.1.2 by analogy', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policies name comment streams; the newspapers themselves stay open.',
    protected: false,
  },
  [
    {
      id: 'disqus',
      name: 'Disqus',
      suffixes: 'disqus.com disquscdn.com disq.us disqusservice.com disqus.map.fastlylb.net',
    },
    {
      id: 'openweb',
      name: 'OpenWeb (Spot.IM)',
      suffixes: 'spot.im openweb.com',
      notes: ['openwebmp.com is left out: advertising.', 'openweb.bbva and openwebtorrent.com are other people’s.'],
    },
    { id: 'viafoura', name: 'Viafoura', suffixes: 'viafoura.com viafoura.co viafoura.net' },
    {
      id: 'guardian-comments',
      name: 'Guardian comments',
      suffixes: 'discussion.theguardian.com discussion.guardianapis.com',
      notes: ['theguardian.com itself is left out: the newspaper. goguardian.com is school software.'],
    },
    { id: 'coral', name: 'Coral', suffixes: 'coralproject.net' },
    { id: 'vuukle', name: 'Vuukle', suffixes: 'vuukle.com vuukle.net' },
    { id: 'hyvor-talk', name: 'Hyvor Talk', suffixes: 'talk.hyvor.com' },
    { id: 'insticator', name: 'Insticator', suffixes: 'insticator.com' },
    { id: 'graphcomment', name: 'GraphComment', suffixes: 'graphcomment.com' },
    { id: 'commento', name: 'Commento', suffixes: 'commento.io' },
    { id: 'hypercomments', name: 'HyperComments', suffixes: 'hypercomments.com' },
    {
      id: 'livefyre',
      name: 'Livefyre (closed)',
      suffixes: 'livefyre.com fyre.co',
      notes: [
        'The Daily Mail and the BBC serve comments from the hosts of their articles; no filter of names can part them.',
      ],
    },
  ],
);

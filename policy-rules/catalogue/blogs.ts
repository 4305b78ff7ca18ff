/** Blogs and newsletters that anybody may publish. Leaves out site builders (Wix, Weebly): nurseries’ own sites are there. */
import { defineCategory } from './define-category.ts';

export const blogs = defineCategory(
  {
    id: 'blogs',
    name: 'Blogs',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy names blogs first among social media.',
    protected: false,
  },
  [
    {
      id: 'blogger',
      name: 'Blogger',
      suffixes: `
        blogger.com blogspot.com blogblog.com blogspot.co.uk blogspot.ie blogspot.de blogspot.co.at blogspot.ch
        blogspot.fr blogspot.be blogspot.nl blogspot.es blogspot.pt blogspot.it blogspot.gr blogspot.dk blogspot.se
        blogspot.no blogspot.fi blogspot.ro blogspot.bg blogspot.hu blogspot.cz blogspot.sk blogspot.lt blogspot.ca
        blogspot.com.au blogspot.co.nz blogspot.co.za blogspot.com.ng blogspot.co.ke blogspot.ae blogspot.com.eg
        blogspot.com.tr blogspot.com.br blogspot.com.ar blogspot.mx blogspot.jp blogspot.hk blogspot.sg`,
      hosts: 'blogger.googleusercontent.com blogger.l.google.com blogspot.l.googleusercontent.com',
      notes: [
        'googleusercontent.com is left out as a whole: all of Google’s services use it.',
        'blogspot.in is left out: Google let it go and somebody else has it.',
      ],
    },
    {
      id: 'wordpress-com',
      name: 'WordPress.com',
      suffixes: 'wordpress.com wpcomstaging.com',
      exceptionHosts: 'public-api.wordpress.com jetpack.wordpress.com r-login.wordpress.com',
      notes: [
        'wp.com is left out: it delivers pictures and scripts for other people’s sites.',
        'gravatar.com is left out: portraits on other people’s pages.',
        'wordpress.org and w.org are left out: the free software, its updates and its help.',
        'public-api, jetpack and r-login.wordpress.com stay open: other people’s sites work through them.',
      ],
    },
    {
      id: 'tumblr',
      name: 'Tumblr',
      suffixes: 'tumblr.com tumblr.co txmblr.com',
      notes: ['cookiex.ngd.yahoo.com is left out: Yahoo’s, which no longer owns Tumblr.'],
    },
    { id: 'medium', name: 'Medium', suffixes: 'medium.com medium.systems' },
    {
      id: 'substack',
      name: 'Substack',
      suffixes: 'substack.com substackcdn.com',
      hosts: 'substack-video.s3.amazonaws.com substack-post-media.s3.amazonaws.com',
    },
    { id: 'livejournal', name: 'LiveJournal', suffixes: 'livejournal.com livejournal.net' },
    { id: 'dreamwidth', name: 'Dreamwidth', suffixes: 'dreamwidth.org' },
    { id: 'ghost', name: 'Ghost', suffixes: 'ghost.io', notes: ['ghost.org is left out: the makers’ own pages.'] },
    { id: 'bearblog', name: 'Bear Blog', suffixes: 'bearblog.dev' },
    { id: 'write-as', name: 'Write.as', suffixes: 'write.as' },
    { id: 'patreon', name: 'Patreon', suffixes: 'patreon.com patreonusercontent.com' },
    { id: 'wattpad', name: 'Wattpad', suffixes: 'wattpad.com' },
  ],
);

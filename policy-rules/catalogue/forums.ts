/** Forums, bulletin boards, questions and answers. Leaves out help forums of products that a nursery uses. */
import { defineCategory } from './define-category.ts';

export const forums = defineCategory(
  {
    id: 'forums',
    name: 'Forums and bulletin boards',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts forums and bulletin boards as social media.',
    protected: false,
  },
  [
    {
      id: 'reddit',
      name: 'Reddit',
      suffixes: `
        reddit.com redd.it redditmedia.com redditstatic.com redditspace.com redditmail.com redditblog.com redditinc.com
        reddithelp.com reddit.map.fastly.net`,
      hosts: `
        reddit-uploaded-media.s3-accelerate.amazonaws.com
        reddit-uploaded-video.s3-accelerate.amazonaws.com reddit.app.link`,
      notes: ['redditstatus.com is left out: it only tells whether the service works.'],
    },
    {
      id: 'mumsnet',
      name: 'Mumsnet and Gransnet',
      suffixes: 'mumsnet.com gransnet.com',
    },
    { id: 'netmums', name: 'Netmums', suffixes: 'netmums.com' },
    {
      id: 'babycentre-community',
      name: 'BabyCentre and What to Expect communities',
      suffixes: 'community.babycentre.co.uk community.babycenter.com community.whattoexpect.com',
      notes: ['babycentre.co.uk itself is left out: articles on child development.'],
    },
    { id: 'quora', name: 'Quora', suffixes: 'quora.com quoracdn.net qr.ae' },
    { id: 'the-student-room', name: 'The Student Room', suffixes: 'thestudentroom.co.uk' },
    {
      id: 'moneysavingexpert-forum',
      name: 'MoneySavingExpert forum',
      suffixes: 'forums.moneysavingexpert.com',
      notes: ['moneysavingexpert.com itself is left out: articles.'],
    },
    {
      id: 'digital-spy-forum',
      name: 'Digital Spy forums',
      suffixes: 'forums.digitalspy.com',
      notes: ['digitalspy.com itself is left out: news of film and television.'],
    },
    { id: 'pistonheads', name: 'PistonHeads', suffixes: 'pistonheads.com' },
    { id: 'avforums', name: 'AVForums', suffixes: 'avforums.com' },
    { id: 'boards-ie', name: 'Boards.ie', suffixes: 'boards.ie' },
    { id: 'hotukdeals', name: 'hotukdeals', suffixes: 'hotukdeals.com' },
    { id: 'tattle-life', name: 'Tattle Life', suffixes: 'tattle.life' },
    { id: 'nairaland', name: 'Nairaland', suffixes: 'nairaland.com' },
    { id: '4chan', name: '4chan', suffixes: '4chan.org 4cdn.org 4channel.org' },
    { id: '8kun', name: '8kun', suffixes: '8kun.top' },
    { id: 'kiwi-farms', name: 'Kiwi Farms', suffixes: 'kiwifarms.net kiwifarms.st' },
    {
      id: 'lemmy',
      name: 'Lemmy',
      suffixes:
        'lemmy.world lemmy.ml lemm.ee sh.itjust.works feddit.uk lemmy.ca beehaw.org lemmy.dbzer0.com join-lemmy.org',
      notes: ['Anybody may run a server; only the large and the British ones are listed.'],
    },
    { id: 'resetera', name: 'ResetEra', suffixes: 'resetera.com' },
    { id: 'neogaf', name: 'NeoGAF', suffixes: 'neogaf.com' },
    {
      id: 'hacker-news',
      name: 'Hacker News',
      suffixes: 'news.ycombinator.com',
      notes: ['ycombinator.com itself is left out: the company.'],
    },
    {
      id: 'proboards',
      name: 'ProBoards and Freeforums',
      suffixes: 'proboards.com freeforums.net boards.net',
      notes: ['Foundation-stage and other professional forums on their own domains are left out: they are work.'],
    },
    { id: 'tapatalk', name: 'Tapatalk', suffixes: 'tapatalk.com tapatalk-cdn.com' },
    { id: 'forumotion', name: 'Forumotion', suffixes: 'forumotion.com forumotion.net' },
  ],
);

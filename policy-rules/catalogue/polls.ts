/** Online votes and polls of the public. Leaves out survey tools, which a manager needs (survey-tools.ts). */
import { defineCategory } from './define-category.ts';

export const polls = defineCategory(
  {
    id: 'polls',
    name: 'Online votes and polls',
    clauses: ['7.1.2 by analogy', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policies name online votes and polls; tools for asking parents are a category of their own.',
    protected: false,
  },
  [
    { id: 'strawpoll', name: 'StrawPoll', suffixes: 'strawpoll.com strawpoll.me' },
    { id: 'crowdsignal', name: 'Crowdsignal (formerly Polldaddy)', suffixes: 'crowdsignal.com polldaddy.com poll.fm' },
    { id: 'easypolls', name: 'EasyPolls', suffixes: 'easypolls.net' },
    { id: 'poll-maker', name: 'Poll Maker', suffixes: 'poll-maker.com' },
    { id: 'opinary', name: 'Opinary', suffixes: 'opinary.com' },
    { id: 'apester', name: 'Apester', suffixes: 'apester.com' },
    {
      id: 'change-org',
      name: 'Change.org',
      suffixes: 'change.org',
      notes: ['petition.parliament.uk is left out: Parliament’s own.'],
    },
    { id: '38-degrees', name: '38 Degrees', suffixes: '38degrees.org.uk' },
  ],
);

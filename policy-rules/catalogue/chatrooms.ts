/** Chatrooms and chat with strangers. */
import { defineCategory } from './define-category.ts';

export const chatrooms = defineCategory(
  {
    id: 'chatrooms',
    name: 'Chatrooms',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts chatrooms as social media, and chat with strangers has no place in a nursery.',
    protected: false,
  },
  [
    {
      id: 'omegle',
      name: 'Omegle (closed)',
      suffixes: 'omegle.com',
      notes: ['Closed in 2023; still listed, in case the name returns.'],
    },
    { id: 'ome-tv', name: 'OmeTV', suffixes: 'ome.tv' },
    { id: 'chatroulette', name: 'Chatroulette', suffixes: 'chatroulette.com' },
    { id: 'emerald-chat', name: 'Emerald Chat', suffixes: 'emeraldchat.com' },
    { id: 'chathub', name: 'ChatHub', suffixes: 'chathub.cam' },
    { id: 'monkey', name: 'Monkey', suffixes: 'monkey.app monkey.cool', notes: ['surveymonkey.com is a survey tool.'] },
    { id: 'azar', name: 'Azar', suffixes: 'azarlive.com azar.live' },
    { id: 'camsurf', name: 'Camsurf', suffixes: 'camsurf.com' },
    { id: 'chatrandom', name: 'Chatrandom and Shagle', suffixes: 'chatrandom.com shagle.com' },
    { id: 'bazoocam', name: 'Bazoocam', suffixes: 'bazoocam.org' },
    { id: 'tinychat', name: 'Tinychat', suffixes: 'tinychat.com' },
    { id: 'paltalk', name: 'Paltalk', suffixes: 'paltalk.com' },
    { id: 'chat-avenue', name: 'Chat Avenue', suffixes: 'chat-avenue.com' },
    { id: 'chatango', name: 'Chatango', suffixes: 'chatango.com' },
    { id: 'yalla', name: 'Yalla', suffixes: 'yalla.live' },
    { id: 'chatib', name: 'Chatib', suffixes: 'chatib.us' },
    { id: 'talkwithstranger', name: 'TalkWithStranger', suffixes: 'talkwithstranger.com' },
    { id: 'wireclub', name: 'Wireclub', suffixes: 'wireclub.com' },
    { id: 'y99', name: 'Y99', suffixes: 'y99.in' },
    { id: 'irc-web-chat', name: 'IRC in the browser', suffixes: 'kiwiirc.com mibbit.com libera.chat' },
  ],
);

/** Wikis of fans and for fun, with their discussions. Leaves out works of reference (reference-wikis.ts). */
import { defineCategory } from './define-category.ts';

export const wikis = defineCategory(
  {
    id: 'wikis',
    name: 'Fan wikis',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts wikis as social media; works of reference are a category of their own.',
    protected: false,
  },
  [
    {
      id: 'fandom',
      name: 'Fandom (formerly Wikia)',
      suffixes: 'fandom.com wikia.com wikia.org wikia.nocookie.net wikia-services.com gamepedia.com',
      notes: ['nocookie.net is left out as a whole: only a part of it is Fandom’s.'],
    },
    { id: 'wiki-gg', name: 'wiki.gg', suffixes: 'wiki.gg' },
    { id: 'tv-tropes', name: 'TV Tropes', suffixes: 'tvtropes.org' },
    { id: 'miraheze', name: 'Miraheze', suffixes: 'miraheze.org' },
    { id: 'wikidot', name: 'Wikidot', suffixes: 'wikidot.com wdfiles.com' },
    { id: 'urban-dictionary', name: 'Urban Dictionary', suffixes: 'urbandictionary.com' },
  ],
);

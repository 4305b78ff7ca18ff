/** Works of reference that happen to be wikis. */
import { defineCategory } from './define-category.ts';

export const referenceWikis = defineCategory(
  {
    id: 'reference-wikis',
    name: 'Reference wikis',
    clauses: ['7.1.2'],
    social: true,
    inForceByDefault: false,
    defaultReason: 'Wikipedia is a work of reference that staff and children look things up in; it can be switched on.',
    protected: false,
  },
  [
    {
      id: 'wikipedia',
      name: 'Wikipedia and its sister projects',
      suffixes: `
        wikipedia.org wikipedia.com wikimedia.org wikimediafoundation.org mediawiki.org wiktionary.org wikibooks.org
        wikidata.org wikinews.org wikiquote.org wikisource.org wikiversity.org wikivoyage.org wikifunctions.org w.wiki`,
      notes: ['toolforge.org and wmcloud.org are left out: tools of volunteers.'],
    },
    { id: 'wikihow', name: 'wikiHow', suffixes: 'wikihow.com wikihow.life' },
    { id: 'scratch-wiki', name: 'Scratch Wiki', suffixes: 'scratch-wiki.info' },
  ],
);

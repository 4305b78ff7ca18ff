/** Dating. */
import { defineCategory } from './define-category.ts';

export const dating = defineCategory(
  {
    id: 'dating',
    name: 'Dating',
    clauses: ['7.1.2 by analogy', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'Dating is personal social networking by another name.',
    protected: false,
  },
  [
    { id: 'tinder', name: 'Tinder', suffixes: 'tinder.com gotinder.com tindersparks.com' },
    { id: 'bumble', name: 'Bumble', suffixes: 'bumble.com' },
    {
      id: 'hinge',
      name: 'Hinge',
      suffixes: 'hinge.co hingeprod.net hingenexus.com hingeaws.net',
    },
    { id: 'badoo', name: 'Badoo', suffixes: 'badoo.com badoocdn.com badoo.app' },
    { id: 'grindr', name: 'Grindr', suffixes: 'grindr.com grindr.mobi' },
    {
      id: 'match-com',
      name: 'Match',
      suffixes: 'match.com ourtime.co.uk ourtime.com',
    },
    { id: 'plenty-of-fish', name: 'Plenty of Fish', suffixes: 'pof.com plentyoffish.com' },
    { id: 'okcupid', name: 'OkCupid', suffixes: 'okcupid.com okccdn.com' },
    { id: 'happn', name: 'happn', suffixes: 'happn.com happn.app happn.fr' },
    { id: 'eharmony', name: 'eharmony', suffixes: 'eharmony.com eharmony.co.uk' },
    { id: 'muzz', name: 'Muzz', suffixes: 'muzz.com muzmatch.com' },
    { id: 'feeld', name: 'Feeld', suffixes: 'feeld.co' },
    { id: 'her', name: 'HER', suffixes: 'weareher.com' },
    { id: 'zoosk', name: 'Zoosk', suffixes: 'zoosk.com zoosk-cdn.com' },
    { id: 'scruff', name: 'SCRUFF', suffixes: 'scruff.com' },
    { id: 'lovoo', name: 'LOVOO', suffixes: 'lovoo.com lovoo.net' },
    { id: 'meetme', name: 'MeetMe, Tagged and Skout', suffixes: 'meetme.com tagged.com skout.com' },
    { id: 'coffee-meets-bagel', name: 'Coffee Meets Bagel', suffixes: 'coffeemeetsbagel.com' },
    { id: 'boo', name: 'Boo', suffixes: 'boo.world' },
    { id: 'ashley-madison', name: 'Ashley Madison', suffixes: 'ashleymadison.com' },
    { id: 'elitesingles', name: 'EliteSingles', suffixes: 'elitesingles.com elitesingles.co.uk' },
  ],
);

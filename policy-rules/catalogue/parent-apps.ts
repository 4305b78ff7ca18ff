/** The nursery's likely suppliers: learning journals and messages to parents, which are closed to the public. */
import { defineCategory } from './define-category.ts';

export const parentApps = defineCategory(
  {
    id: 'parent-apps',
    name: 'Learning journals and parents’ apps',
    clauses: ['7.2.16 by analogy'],
    social: false,
    inForceByDefault: false,
    defaultReason: 'The setting’s own tools for working with parents; a tool that it does not use can be switched on.',
    protected: false,
  },
  [
    { id: 'famly', name: 'Famly', suffixes: 'famly.co famly.de' },
    { id: 'tapestry', name: 'Tapestry', suffixes: 'tapestryjournal.com tapestry.info' },
    { id: 'blossom', name: 'Blossom Educational', suffixes: 'blossomeducational.com' },
    { id: 'eylog', name: 'eyLog', suffixes: 'eylog.co.uk' },
    { id: 'kinderly', name: 'Kinderly', suffixes: 'kinderly.co.uk' },
    { id: 'parentzone', name: 'ParentZone (iConnect)', suffixes: 'parentzone.me connectchildcare.com' },
    { id: 'babys-days', name: 'Baby’s Days', suffixes: 'babysdays.com mybabysdays.com' },
    { id: 'classdojo', name: 'ClassDojo', suffixes: 'classdojo.com' },
    { id: 'seesaw', name: 'Seesaw', suffixes: 'seesaw.me' },
    { id: 'parentmail', name: 'ParentMail', suffixes: 'parentmail.co.uk' },
  ],
);

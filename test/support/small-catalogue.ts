/** Two services, for tests that are about something else than the real catalogue. */
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';

export const smallCatalogue: Catalogue = {
  version: '2026.09.1',
  categories: [
    {
      id: 'social-networks',
      name: 'Social networking',
      clauses: ['7.1.2'],
      social: true,
      inForceByDefault: true,
      defaultReason: 'The policy names it.',
      protected: false,
    },
  ],
  services: [
    {
      id: 'chatter',
      name: 'Chatter',
      category: 'social-networks',
      clauses: [],
      suffixes: ['chatter.example'],
      hosts: ['chatter.cdn.example'],
      exceptions: ['work.chatter.example'],
      exceptionHosts: ['login.chatter.example'],
      byItself: false,
      notes: [],
    },
    {
      id: 'pictures',
      name: 'Pictures',
      category: 'social-networks',
      clauses: [],
      suffixes: ['pictures.example'],
      hosts: [],
      exceptions: [],
      exceptionHosts: [],
      byItself: false,
      notes: [],
    },
  ],
};

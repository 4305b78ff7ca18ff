/** Models of the keys of other programs: none, one just made, as many as there may be; and the documentation. */
import type { ApiDocumentationModel, KeysModel } from '../../dashboard-worker/views/models.ts';
import { awkward, frame, nowMs } from './views-models.ts';

export const noKeys: KeysModel = {
  frame,
  keys: [],
  made: null,
  values: { name: awkward, scopes: [] },
  formId: '7d9f1d54-6c1e-4a55-9d0b-3c8f5a2e1b00',
  errors: [{ field: 'scopes', message: 'Choose at least one right.' }],
};

export const manyKeys: KeysModel = {
  frame,
  keys: Array.from({ length: 20 }, (_, nth) => ({
    id: `k${nth}`,
    name: nth === 0 ? awkward : `Program ${nth}`,
    scopes: nth % 2 === 0 ? ['now.see', 'grant.give'] : ['record.read'],
    madeAt: nowMs,
    usedAt: nth % 3 === 0 ? null : nowMs,
  })),
  made: { name: awkward, key: `stairgate_${'0123456789abcdef'.repeat(4)}` },
  values: { name: '', scopes: [] },
  formId: '7d9f1d54-6c1e-4a55-9d0b-3c8f5a2e1b00',
  errors: [],
};

export const documentation: ApiDocumentationModel = {
  frame,
  base: 'http://127.0.0.1:8080/api/v1/settings/5d0e9a52-7c3b-4f0e-8a64-1f2b3c4d5e6f',
  operations: {
    permissions: [
      {
        method: 'POST',
        path: '/grants',
        scope: 'grant.give',
        summary: 'Give permission from now on',
        query: null,
        body: JSON.stringify({ type: 'object', properties: { minutes: { type: 'integer' } } }, null, 2),
        answer: '{}',
      },
    ],
    figures: [
      {
        method: 'GET',
        path: '/usage',
        scope: 'usage.see',
        summary: 'Read active minutes',
        query: '{}',
        body: null,
        answer: '{}',
      },
    ],
  },
};

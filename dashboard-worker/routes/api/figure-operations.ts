/** Figures: active minutes by service. No device and no person is in them. */
import * as z from 'zod/mini';
import { ok, operation } from './operation.ts';

const minutes = { blocked: z.int(), granted: z.int() };

export const figureOperations = [
  operation({
    name: 'readUsage',
    method: 'GET',
    path: '/usage',
    scope: 'usage.see',
    summary: 'Read active minutes by service and hour, of this week or this term',
    query: z.strictObject({ span: z.optional(z.enum(['week', 'term'])) }),
    answer: z.object({
      first: z.string(),
      last: z.string(),
      byService: z.array(z.object({ serviceName: z.string(), ...minutes })),
      byHour: z.array(z.object({ hour: z.int(), ...minutes })),
    }),
    run: async ({ setting, actor, query }) => {
      const { first, last, byService, byHour } = await setting.usage(query.span ?? 'week', actor);
      return ok({ first, last, byService, byHour });
    },
  }),
];

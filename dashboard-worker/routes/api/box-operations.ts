/** The boxes of the setting: one today, or none. */
import * as z from 'zod/mini';
import { Instant, ok, operation } from './operation.ts';

export const boxOperations = [
  operation({
    name: 'listBoxes',
    method: 'GET',
    path: '/boxes',
    scope: 'box.see',
    summary: 'List the boxes, whether they are there, and how they are',
    answer: z.object({
      boxes: z.array(
        z.object({
          name: z.string(),
          softwareVersion: z.string(),
          pairedAt: Instant,
          working: z.boolean(),
          lastHeardAt: Instant,
          /** Of devices, rules and hours: what was saved here, and what the box has confirmed. */
          policySaved: z.int(),
          policyInForce: z.nullable(z.int()),
          /** Null until the box has said how it is. */
          state: z.nullable(
            z.object({
              startedAt: Instant,
              clockTrusted: z.boolean(),
              rules: z.int(),
              upstreams: z.array(z.object({ name: z.string(), healthy: z.boolean() })),
              unnamedDevices: z.int(),
              queriesTotal: z.int(),
              blockedTotal: z.int(),
            }),
          ),
        }),
      ),
    }),
    run: async ({ setting }) => {
      // The code that pairs a box is on its page only.
      const { presence, details } = await setting.box();
      if (details === null || presence.kind === 'none') return ok({ boxes: [] });
      const lastHeardAt = presence.kind === 'working' ? presence.lastHeardAt : presence.since;
      return ok({ boxes: [{ ...details, working: presence.kind === 'working', lastHeardAt }] });
    },
  }),
];

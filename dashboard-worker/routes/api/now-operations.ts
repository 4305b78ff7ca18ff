/** What is going on at this moment, beside permissions and requests, which have addresses of their own. */
import * as z from 'zod/mini';
import { attentionText, openingText } from '../../views/pages.ts';
import { Instant, ok, operation } from './operation.ts';

export const nowOperations = [
  operation({
    name: 'readNow',
    method: 'GET',
    path: '/now',
    scope: 'now.see',
    summary: 'Read whether you are open, whether the box is there, and what somebody should look at',
    answer: z.object({
      settingName: z.string(),
      /** IANA. */
      timeZone: z.string(),
      at: Instant,
      opening: z.object({
        kind: z.enum(['open', 'break', 'closed']),
        /** Null where it does not change. */
        until: z.nullable(Instant),
        sentence: z.string(),
      }),
      /** Of the opening period that is running; null while none is, or where it is closing time. */
      sessionEndsAt: z.nullable(Instant),
      /** Null when it is over, or today is closed. */
      closesAt: z.nullable(Instant),
      box: z.enum(['working', 'away', 'none']),
      requestsWaiting: z.int(),
      attention: z.array(z.object({ kind: z.string(), sentence: z.string() })),
    }),
    run: async ({ setting, actor }) => {
      const { frame, box, opening, sessionEndsAt, closesAt, attention } = await setting.now(actor);
      const { settingName, timeZone, nowMs, requestsWaiting } = frame;
      return ok({
        ...{ settingName, timeZone, at: nowMs, sessionEndsAt, closesAt, box: box.kind, requestsWaiting },
        opening: { ...opening, sentence: openingText(opening, frame) },
        attention: attention.map((item) => ({ kind: item.kind, sentence: attentionText(item, frame) })),
      });
    },
  }),
];

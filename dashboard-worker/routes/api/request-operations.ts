/** Requests: what staff ask for on the box's local site. */
import * as z from 'zod/mini';
import { spoken } from '../../views/language.ts';
import { Instant, Minutes, Name, notFound, ok, operation, Words } from './operation.ts';

export const Request = z.object({
  id: z.string(),
  /** Null when nobody has named the device. */
  deviceName: z.nullable(z.string()),
  scope: Name,
  minutes: z.int(),
  reason: z.string(),
  askedBy: z.string(),
  askedAt: Instant,
});

const reply = { answer: z.literal('yes'), words: z.optional(Words) };

/** The words are shown to whoever asked. */
export const RequestReply = z.union([
  z.strictObject({ ...reply, minutes: Minutes }),
  /** The end of the opening period that is running. */
  z.strictObject({ ...reply, session: z.literal(true) }),
  /** The end of the day's last one. */
  z.strictObject({ ...reply, close: z.literal(true) }),
  z.strictObject({ answer: z.literal('no'), words: Words }),
]);

export const requestOperations = [
  operation({
    name: 'listRequests',
    method: 'GET',
    path: '/requests',
    scope: 'now.see',
    summary: 'List the requests that wait for an answer',
    answer: z.object({ requests: z.array(Request) }),
    run: async ({ setting }) => ok({ requests: await setting.requests() }),
  }),
  operation({
    name: 'answerRequest',
    method: 'POST',
    path: '/requests/:id/answer',
    scope: 'request.answer',
    summary:
      'Answer a request: yes for so many minutes, until the end of the session or until the setting closes, or no',
    body: RequestReply,
    answer: z.object({ grantId: z.nullable(z.string()) }),
    run: async ({ setting, actor, id, body }) => {
      const answered = await setting.answerRequest(id, wishOf(body), actor);
      if (answered.ok) return ok({ grantId: answered.grantId });
      switch (answered.problem) {
        case 'no-such-request':
          return notFound('request');
        case 'gone':
          return { status: 409, detail: 'It has been answered, or was closed without an answer.' };
        case 'no-device':
          return { status: 409, detail: 'Nobody has named the device that asked: answer on the dashboard.' };
        default:
          return { status: 422, detail: spoken.give.problems[answered.problem] };
      }
    },
  }),
];

function wishOf(body: z.infer<typeof RequestReply>) {
  if (body.answer === 'no') return { refuse: body.words };
  const { answer: _, words = '', ...grant } = body;
  return { grant, words };
}

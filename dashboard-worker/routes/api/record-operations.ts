/** The record: reading it, whether it is as it was written, and copies of it. */
import * as z from 'zod/mini';
import { oneLine } from '../../../policy-rules/show-text.ts';
import { type AskedRecord, recordKinds } from '../../views/models.ts';
import { recordText, withoutDevices } from '../../views/pages.ts';
import { copyOfRecord } from '../record-copy.ts';
import { CalendarDate, type Call, Instant, ok, operation } from './operation.ts';

const NamePart = z.string().check(z.overwrite(oneLine), z.maxLength(100));

const Part = z.strictObject({
  kind: z.optional(z.enum(recordKinds)),
  /** Both included. */
  from: z.optional(CalendarDate),
  to: z.optional(CalendarDate),
  /** Parts of names; only with the right to see what single devices did. */
  person: z.optional(NamePart),
  device: z.optional(NamePart),
});

const Paging = z.strictObject({
  /** Entries with a smaller number than this: a page stays the same however many are written meanwhile. */
  before: z.optional(z.string().check(z.regex(/^[1-9]\d{0,14}$/, 'expected the number of an entry'))),
  limit: z.optional(z.string().check(z.regex(/^([1-9]\d?|1\d\d|200)$/, 'expected 1 to 200'))),
});

const RecordPage = z.object({
  entries: z.array(
    z.object({
      sequence: z.int(),
      at: Instant,
      /** Null when the box or the dashboard itself did it; "" when the name has been erased. */
      who: z.nullable(z.string()),
      type: z.string(),
      sentence: z.string(),
    }),
  ),
  /** All that were asked for, on every page. */
  total: z.int(),
  /** To be sent as "before" for the next page; null on the last. */
  next: z.nullable(z.int()),
});

const Verification = z.object({
  /** Null before anybody has asked. */
  verified: z.nullable(
    z.object({
      at: Instant,
      who: z.nullable(z.string()),
      /** How many entries there were. */
      count: z.int(),
      /** The number of the first that is not as it was written; null where all are. */
      firstWrong: z.nullable(z.int()),
    }),
  ),
  /** Up to which entry the box has countersigned this very record, and when. */
  countersigned: z.nullable(z.object({ sequence: z.int(), at: Instant })),
});

export const recordOperations = [
  operation({
    name: 'readRecord',
    method: 'GET',
    path: '/record',
    scope: 'record.read',
    summary: 'Read the record, the newest first',
    query: z.strictObject({ ...Part.shape, ...Paging.shape }),
    answer: RecordPage,
    run: async (call) => {
      const { before, limit } = boundsOf(call.query);
      return pageOf(call, await call.setting.recordBefore(visiblePart(call), before, limit));
    },
  }),
  operation({
    name: 'readOwnRecord',
    method: 'GET',
    path: '/record/own',
    scope: 'self',
    summary: 'Read what the record says of this key: what was done with it, and to it',
    query: Paging,
    answer: RecordPage,
    run: async (call) => {
      const { before, limit } = boundsOf(call.query);
      return pageOf(call, await call.setting.recordAboutBefore(call.actor, before, limit));
    },
  }),
  operation({
    name: 'readVerification',
    method: 'GET',
    path: '/record/verification',
    scope: 'record.read',
    summary: 'Read what the last check of the record found',
    answer: Verification,
    run: readVerification,
  }),
  operation({
    name: 'verifyRecord',
    method: 'POST',
    path: '/record/verification',
    scope: 'record.read',
    summary: 'Check whether every entry of the record is as it was written; that somebody asked is recorded',
    answer: Verification,
    run: async (call) => {
      await call.setting.verifyRecord(call.actor);
      return await readVerification(call);
    },
  }),
  operation({
    name: 'exportRecord',
    method: 'GET',
    path: '/record/export',
    scope: 'record.export',
    summary: 'Take a copy of the record, or of a part, with all devices and names; that it was taken is recorded',
    query: z.strictObject({ format: z.enum(['csv', 'ndjson']), ...Part.shape }),
    answer: ['text/csv', 'application/x-ndjson'],
    run: async ({ setting, actor, may, query: { format, ...part } }) => {
      // A copy that is to be checked cannot leave out what the chain is made of.
      if (!maySeeDevices({ may })) {
        await setting.noteAccessRefused('device-usage.see', actor);
        return { status: 403, detail: 'A copy names devices and who asked, which needs “device-usage.see” as well.' };
      }
      return { stream: await copyOfRecord(setting, format, partOf(part), actor) };
    },
  }),
];

function boundsOf({ before, limit }: z.infer<typeof Paging>) {
  return { before: before === undefined ? null : Number(before), limit: Number(limit ?? 50) };
}

type Found = Awaited<ReturnType<Call<unknown, unknown>['setting']['recordBefore']>>;

function pageOf(call: Pick<Asking, 'may'>, { entries, total, more, frame }: Found) {
  const shown = maySeeDevices(call) ? entries : entries.map(withoutDevices);
  const last = entries.at(-1);
  return ok({
    entries: shown.map((entry) => ({
      sequence: entry.sequence,
      at: entry.at,
      who: entry.who,
      type: entry.event.type,
      sentence: recordText(entry, frame.timeZone),
    })),
    total,
    next: more && last !== undefined ? last.sequence : null,
  });
}

type Asking = Pick<Call<z.infer<typeof Part>, unknown>, 'query' | 'may'>;

/** Who does not see these names could find them out by looking for each. */
function visiblePart({ query, may }: Asking): AskedRecord {
  const part = partOf(query);
  return maySeeDevices({ may }) ? part : { ...part, person: '', device: '' };
}

function partOf({ kind, from = '', to = '', person = '', device = '' }: z.infer<typeof Part>): AskedRecord {
  return { kind: kind ?? '', from, to, person, device };
}

function maySeeDevices({ may }: Pick<Asking, 'may'>): boolean {
  return may.has('device-usage.see');
}

async function readVerification({ setting }: Pick<Call<unknown, unknown>, 'setting'>) {
  const { last, countersigned } = await setting.recordVerified();
  if (last === null || last.event.type !== 'record-verified') return ok({ verified: null, countersigned });
  const { at, who, event } = last;
  return ok({ verified: { at, who, count: event.count, firstWrong: event.firstWrong }, countersigned });
}

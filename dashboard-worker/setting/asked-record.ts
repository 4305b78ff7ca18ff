/** The record as somebody asks for it: which part, and a copy of it. */
import type { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import type { AskedRecord } from '../views/models.ts';
import { addDays, instantOf } from './opening.ts';
import { policyOf } from './policies.ts';
import { type Actor, countRecord, writeRecord } from './record.ts';
import { isWhole, type RecordFilter } from './record-filter.ts';
import { exportHeader, readChain, readParts } from './record-verify.ts';
import type { Store } from './store.ts';

/** Entries that cross to the Worker at once: 1,000 of half a kilobyte. */
const EXPORT_SLICE = 1_000;

export type ExportFormat = 'csv' | 'ndjson';

export interface ExportBeginning {
  readonly timeZone: string;
  readonly header: ExportHeader;
}

/** What is not asked for has no bound. The days are those of the setting's zone. */
export function filterOf(
  store: Store,
  { kind = '', from = '', to = '', person = '', device = '' }: Partial<AskedRecord>,
): RecordFilter {
  const { timeZone } = policyOf(store);
  const fromMs = from === '' ? null : instantOf(timeZone, from);
  const toMs = to === '' ? null : instantOf(timeZone, addDays(to, 1));
  return { kind, fromMs, toMs, person, device };
}

/** That a copy is taken is on the record; of a whole copy it is the last entry, a part ends before it. */
export function startExport(
  store: Store,
  format: ExportFormat,
  asked: AskedRecord,
  actor: Actor,
  nowMs: number,
): ExportBeginning {
  return store.transaction(() => {
    const filter = filterOf(store, asked);
    const part = !isWhole(filter);
    const count = countRecord(store, filter) + (part ? 0 : 1);
    const before = part ? exportHeader(store, count) : null;
    const event = { type: 'record-exported', format, count, part } as const;
    writeRecord(store, { at: nowMs, by: actor, subject: '', event });
    return { timeZone: policyOf(store).timeZone, header: before ?? exportHeader(store, null) };
  });
}

/** The next entries after number `after`, up to number `last`; none after the last. */
export function exportSlice(store: Store, asked: AskedRecord, after: number, last: number): ExportedEntry[] {
  const filter = filterOf(store, asked);
  if (isWhole(filter)) return readChain(store, after, last, EXPORT_SLICE);
  return readParts(store, filter, after, last, EXPORT_SLICE);
}

/** The record's chain read back: every entry as the chain knows it, and whether all are as they were written. */
import type { Selectable, SelectQueryBuilder } from 'kysely';
import { type ChainEntry, type ChainFault, checkChain } from '../../policy-rules/record-chain.ts';
import type { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import { recordHead, recordStart } from './record.ts';
import { filtered, type RecordFilter } from './record-filter.ts';
import { sha256 } from './sha256.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

export interface Verified {
  /** The entries that were looked at. */
  readonly count: number;
  /** Null when all are as they were written. */
  readonly fault: ChainFault | null;
}

/**
 * From the checkpoint to the entry that is the last at the call. Between slices `pause` lets other work of the object
 * have its turn: entries may be appended meanwhile, and retention may take the first.
 */
export async function verifyRecord(store: Store, pause: () => Promise<void>): Promise<Verified> {
  const last = recordHead(store).seq;
  let head = recordStart(store);
  for (let count = 0; ; ) {
    const entries = readChain(store, head.seq, last, VERIFY_SLICE);
    if (entries.length === 0) return { count, fault: null };
    const check = checkChain(entries, head, sha256);
    count += entries.length;
    if (!check.ok) return { count, fault: check.fault };
    await pause();
    const start = recordStart(store);
    head = start.seq > check.head.seq ? start : check.head;
  }
}

/** At most `limit` entries after number `after`, up to and with number `last`, in their order. */
export function readChain(store: Store, after: number, last: number, limit: number): ChainEntry[] {
  return store.run((db) => chainRows(db.selectFrom('record'), after, last, limit)).map(toChainEntry);
}

/** As `readChain`, of those that the filter lets through, each with the hash that it is chained to. */
export function readParts(
  store: Store,
  filter: RecordFilter,
  after: number,
  last: number,
  limit: number,
): ExportedEntry[] {
  const start = recordStart(store);
  return store
    .run((db) =>
      chainRows(filtered(db.selectFrom('record'), filter), after, last, limit).select((eb) =>
        eb
          .selectFrom('record as previous')
          .select('previous.hash')
          .where('previous.seq', '=', eb('record.seq', '-', 1))
          .as('before'),
      ),
    )
    .map((row) => ({ ...toChainEntry(row), before: row.before ?? start.hash }));
}

function chainRows(
  query: SelectQueryBuilder<SettingTables, 'record', object>,
  after: number,
  last: number,
  limit: number,
) {
  return query
    .leftJoin('record_words', 'record_words.seq', 'record.seq')
    .selectAll('record')
    .select(['record_words.who', 'record_words.words_json', 'record_words.salt'])
    .where('record.seq', '>', after)
    .where('record.seq', '<=', last)
    .orderBy('record.seq')
    .limit(limit);
}

interface ChainRow extends Selectable<SettingTables['record']> {
  readonly who: string | null;
  readonly words_json: string | null;
  readonly salt: string | null;
}

function toChainEntry(row: ChainRow): ChainEntry {
  return {
    seq: row.seq,
    at: row.at,
    kind: row.kind,
    action: row.action,
    subject: row.subject,
    actorId: row.actor_id,
    sessionId: row.session_id,
    detailsJson: row.details_json,
    commitment: row.commitment,
    hash: row.hash,
    words:
      row.who === null || row.words_json === null || row.salt === null
        ? null
        : { who: row.who, wordsJson: row.words_json, salt: row.salt },
  };
}

/** Of an export that ends with the last entry there is. `count`: of the entries in it, where it is a part. */
export function exportHeader(store: Store, count: number | null): ExportHeader {
  const setting = store.first((db) => db.selectFrom('setting').select(['id', 'name']))!;
  const heads = store.run((db) =>
    db
      .selectFrom('record_heads')
      .innerJoin('boxes', 'boxes.id', 'record_heads.box_id')
      .select(['seq', 'hash', 'signature', 'public_key as publicKey']),
  );
  const places = { start: recordStart(store), end: recordHead(store) };
  const header = { settingId: setting.id, settingName: setting.name, ...places, heads };
  return { stairgate: 'record', version: 1, ...header, ...(count === null ? {} : { part: { count } }) };
}

/** 2,000 entries at 0.04 ms are 80 ms in which the object does nothing else. */
const VERIFY_SLICE = 2_000;

/**
 * The record: who did what, when and why, append-only (7.2.16), each entry chained to the one before (record-chain.ts).
 * An entry is written in the same transaction as the change that it tells of. Personal words stand in a table of their
 * own, so that retention takes them and leaves the entry.
 */
import type { SelectQueryBuilder } from 'kysely';
import { CHAIN_START, type ChainEntry, type ChainHead, chainEntry } from '../../policy-rules/record-chain.ts';
import type { RecordEntry } from '../views/models.ts';
import type { RecordEvent } from './record-events.ts';
import { everyEntry, filtered, type RecordFilter } from './record-filter.ts';
import { kinds } from './record-kinds.ts';
import { withSessions } from './record-sessions.ts';
import { erasedWords, splitWords } from './record-words.ts';
import { makeSalt, sha256 } from './sha256.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

/** Somebody with an account, or a program with a key. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  /** The id of the session that they act in; absent where they act without one. */
  readonly sessionId?: string;
  /**
   * Of a program that gives permission: the names of all who may give it by themselves. What it gives one of them they
   * might have told it to, so that it counts as given to themselves.
   */
  readonly speaksFor?: readonly string[];
}

/** A member of staff without an account, as they named themselves on the local site. */
export interface Asker {
  readonly name: string;
}

export interface RecordNote {
  readonly at: number;
  /** Null when the box or the dashboard itself did it. */
  readonly by: Actor | Asker | null;
  /** The id of what it is about. */
  readonly subject: string;
  readonly event: RecordEvent;
  /** Of a note that was kept in another database first, and may come again: it is written once. */
  readonly sourceId?: string;
}

export function writeRecord(store: Store, note: RecordNote): void {
  store.transaction(() => {
    if (note.sourceId !== undefined && isWritten(store, note.sourceId)) return;
    const seq = append(store, note);
    const { sourceId } = note;
    if (sourceId !== undefined) {
      store.change((db) => db.insertInto('record_sources').values({ source_id: sourceId, seq }));
    }
  });
}

/** What the next entry is chained to. */
export function recordHead(store: Store): ChainHead {
  const newest = store.first((db) => db.selectFrom('record').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1));
  return newest ?? recordStart(store);
}

/** What the first entry that is there is chained to. */
export function recordStart(store: Store): ChainHead {
  const checkpoint = store.first((db) =>
    db.selectFrom('record_checkpoints').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1),
  );
  return checkpoint ?? CHAIN_START;
}

function append(store: Store, { at, by, subject, event }: RecordNote): number {
  const { details, words } = splitWords(event);
  const facts = {
    at,
    kind: kinds[event.type],
    action: event.type,
    // What SQLite gives back has to be what was hashed, and half a surrogate pair it could not hold.
    subject: subject.toWellFormed(),
    actorId: by === null ? null : 'id' in by ? by.id : STAFF,
    sessionId: by !== null && 'id' in by ? (by.sessionId ?? null) : null,
    detailsJson: JSON.stringify(details),
  };
  const who = (by?.name ?? '').toWellFormed();
  const kept = { who, wordsJson: JSON.stringify(words), salt: makeSalt() };
  const { seq, commitment, hash } = chainEntry(recordHead(store), facts, kept, sha256);
  const { actorId, sessionId, detailsJson, ...same } = facts;
  const columns = { actor_id: actorId, session_id: sessionId, details_json: detailsJson };
  store.change((db) => db.insertInto('record').values({ seq, ...same, ...columns, commitment, hash }));
  store.change((db) => db.insertInto('record_words').values({ seq, who, words_json: kept.wordsJson, salt: kept.salt }));
  return seq;
}

function isWritten(store: Store, sourceId: string): boolean {
  const query = store.first((db) => db.selectFrom('record_sources').select('seq').where('source_id', '=', sourceId));
  return query !== undefined;
}

/** Newest first. `page` counts from 1; one beyond the last is the last. */
export function readRecord(
  store: Store,
  filter: RecordFilter,
  page: number,
): { entries: RecordEntry[]; total: number; page: number; pageCount: number } {
  const total = countRecord(store, filter);
  const pageCount = Math.max(1, Math.ceil(total / PAGE_ROWS));
  const shown = Math.min(Math.max(1, page), pageCount);
  const rows = store.run((db) =>
    withWords(filtered(db.selectFrom('record'), filter))
      .orderBy('record.seq', 'desc')
      .limit(PAGE_ROWS)
      .offset((shown - 1) * PAGE_ROWS),
  );
  const entries = rows.map((row) => ({ ...toEntry(row), sessionId: row.session_id }));
  return { entries: withSessions(store, entries), total, page: shown, pageCount };
}

/** The newest of those with a smaller number; null is all. `total`: of all that pass the filter. */
export function readRecordBefore(
  store: Store,
  filter: RecordFilter,
  before: number | null,
  limit: number,
): { readonly entries: RecordEntry[]; readonly total: number; readonly more: boolean } {
  const rows = store.run((db) => {
    const query = withWords(filtered(db.selectFrom('record'), filter))
      .orderBy('record.seq', 'desc')
      .limit(limit + 1);
    return before === null ? query : query.where('record.seq', '<', before);
  });
  const entries = rows.slice(0, limit).map(toEntry);
  return { entries, total: countRecord(store, filter), more: rows.length > limit };
}

export function countRecord(store: Store, filter: RecordFilter): number {
  const query = store.first((db) =>
    filtered(db.selectFrom('record'), filter).select((eb) => eb.fn.countAll<number>().as('total')),
  );
  return query!.total;
}

/** Oldest first, without a limit: for the few actions that a year has few of. */
export function readActions(
  store: Store,
  actions: readonly RecordEvent['type'][],
  fromMs: number,
  toMs: number,
): RecordEntry[] {
  const filter: RecordFilter = { ...everyEntry, fromMs, toMs };
  return store
    .run((db) =>
      withWords(filtered(db.selectFrom('record'), filter).where('action', 'in', actions)).orderBy('record.seq'),
    )
    .map(toEntry);
}

/** Null when there is none. */
export function newestOf(store: Store, action: RecordEvent['type']): RecordEntry | null {
  const row = store.first((db) =>
    withWords(db.selectFrom('record')).where('action', '=', action).orderBy('record.seq', 'desc').limit(1),
  );
  return row === undefined ? null : toEntry(row);
}

/** As it was last written down; "" where the record has no word of that person any more. */
export function nameOfActor(store: Store, actorId: string): string {
  const row = store.first((db) =>
    db
      .selectFrom('record')
      .innerJoin('record_words', 'record_words.seq', 'record.seq')
      .select('record_words.who')
      .where('record.actor_id', '=', actorId)
      .orderBy('record.seq', 'desc')
      .limit(1),
  );
  return row?.who ?? '';
}

/** Whether that person has done this to that subject since then: a page that is reloaded is one view, not twenty. */
export function hasDone(
  store: Store,
  actor: Actor,
  action: RecordEvent['type'],
  subject: string,
  sinceMs: number,
): boolean {
  const row = store.first((db) =>
    db
      .selectFrom('record')
      .select('seq')
      .where('action', '=', action)
      .where('subject', '=', subject)
      .where('actor_id', '=', actor.id)
      .where('at', '>', sinceMs)
      .limit(1),
  );
  return row !== undefined;
}

/** `actor_id` of a person without an account. */
const STAFF = 'staff';
const PAGE_ROWS = 50;

type RecordQuery = SelectQueryBuilder<SettingTables, 'record', object>;

function withWords(query: RecordQuery) {
  return query
    .leftJoin('record_words', 'record_words.seq', 'record.seq')
    .select(['record.seq', 'record.at', 'record.actor_id', 'record.session_id', 'record.details_json'])
    .select(['record_words.who', 'record_words.words_json']);
}

interface RecordRow {
  readonly seq: number;
  readonly at: number;
  readonly actor_id: string | null;
  readonly details_json: string;
  readonly who: string | null;
  readonly words_json: string | null;
}

/** An entry of the chain as people read it. */
export function readableEntry({ seq, at, actorId, detailsJson, words }: ChainEntry): RecordEntry {
  const row = { seq, at, actor_id: actorId, details_json: detailsJson };
  return toEntry({ ...row, who: words?.who ?? null, words_json: words?.wordsJson ?? null });
}

function toEntry(row: RecordRow): RecordEntry {
  const details = JSON.parse(row.details_json) as RecordEvent;
  const words = row.words_json === null ? erasedWords(details.type) : JSON.parse(row.words_json);
  return {
    sequence: row.seq,
    at: row.at,
    who: row.actor_id === null ? null : (row.who ?? ''),
    event: { ...details, ...words },
  };
}

/**
 * Who has read the monitoring notice: those who have to, and what has come of each version, from the box's local site or
 * on paper.
 *
 * People without an account give their name, so a name is what is compared: in one line, whatever its case. What was
 * given under a name that is on no list is kept and shown, since it may be somebody who was forgotten.
 */
import type { Acknowledgement } from '../../policy-rules/monitoring-notice.ts';
import type { NoticeModel } from '../views/models.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';

/** More people than work in any setting. */
export const READERS_MAX = 500;

/** Of one version, under names that are on no list: anybody on the network can give one. */
const STRANGERS_MAX = 200;

/** Taken once for a name and a version; of a version that never was, not at all. Either way the box may forget it. */
export function receiveAcknowledgement(store: Store, sent: Acknowledgement, nowMs: number): void {
  const { version, name } = sent;
  const known = store.first((db) => db.selectFrom('notices').select('version').where('version', '=', version));
  if (known === undefined) return;
  if (!isReader(store, name) && countStrangers(store, version) >= STRANGERS_MAX) return;
  store.transaction(() => {
    // The box's clock may be ahead of ours.
    if (!write(store, version, name, 'site', Math.min(sent.at, nowMs))) return;
    writeRecord(store, { at: nowMs, by: { name }, subject: '', event: { type: 'notice-acknowledged', version } });
  });
}

/** False when there is no such reader, or no notice. */
export function noteOnPaper(store: Store, readerId: string, actor: Actor, nowMs: number): boolean {
  const reader = presentReader(store, readerId);
  const version = newestVersion(store);
  if (reader === undefined || version === null) return false;
  store.transaction(() => {
    if (!write(store, version, reader.name, 'paper', nowMs)) return;
    const event = { type: 'notice-acknowledged-on-paper', version, personName: reader.name } as const;
    writeRecord(store, { at: nowMs, by: actor, subject: readerId, event });
  });
  return true;
}

/** Names that are on the list already change nothing. False, and nothing is written, when they would be too many. */
export function addReaders(store: Store, names: readonly string[], actor: Actor, nowMs: number): boolean {
  return store.transaction(() => {
    const present = new Set(presentReaders(store).map(({ name_key }) => name_key));
    const added = new Map<string, string>();
    for (const name of names) {
      const key = keyOf(name);
      if (!present.has(key) && !added.has(key)) added.set(key, name);
    }
    if (present.size + added.size > READERS_MAX) return false;
    for (const [name_key, name] of added) {
      const [row] = store.run((db) =>
        db
          .insertInto('notice_readers')
          .values({ id: crypto.randomUUID(), name, name_key, left_at: null })
          // Somebody who had left is back.
          .onConflict((conflict) => conflict.column('name_key').doUpdateSet({ name, left_at: null }))
          .returning('id'),
      );
      const event = { type: 'notice-reader-added', personName: name } as const;
      writeRecord(store, { at: nowMs, by: actor, subject: row!.id, event });
    }
    return true;
  });
}

/** False when there is no such reader, or they have left already. */
export function noteReaderLeft(store: Store, readerId: string, actor: Actor, nowMs: number): boolean {
  const reader = presentReader(store, readerId);
  if (reader === undefined) return false;
  store.transaction(() => {
    store.change((db) => db.updateTable('notice_readers').set({ left_at: nowMs }).where('id', '=', readerId));
    const event = { type: 'notice-reader-left', personName: reader.name } as const;
    writeRecord(store, { at: nowMs, by: actor, subject: readerId, event });
  });
  return true;
}

/** What has come of the newest version. By name. */
export function readersOf(store: Store, version: number): Pick<NoticeModel, 'readers' | 'strangers'> {
  const given = new Map(
    store
      .run((db) => db.selectFrom('acknowledgements').selectAll().where('version', '=', version).orderBy('name_key'))
      .map((row) => [row.name_key, row]),
  );
  const readers = presentReaders(store).map(({ id, name, name_key }) => {
    const row = given.get(name_key);
    given.delete(name_key);
    return { id, name, acknowledged: row === undefined ? null : { at: row.at, how: row.how } };
  });
  return { readers, strangers: [...given.values()].map(({ name, at }) => ({ name, at })) };
}

/**
 * Names go when they are of no more use, after `before`: of a version that was replaced, of people who have left, and of
 * those who are on no list, also of the version that is still the newest.
 */
export function forgetReaders(store: Store, before: number): void {
  const newest = newestVersion(store);
  store.change((db) =>
    db
      .deleteFrom('acknowledgements')
      .where('at', '<', before)
      .where((eb) =>
        eb.or([
          eb('version', '<', newest ?? 0),
          eb('name_key', 'not in', eb.selectFrom('notice_readers').select('name_key').where('left_at', 'is', null)),
        ]),
      ),
  );
  const left = store.run((db) =>
    db
      .deleteFrom('notice_readers')
      .where('left_at', 'is not', null)
      .where('left_at', '<', before)
      .returning('name_key'),
  );
  for (const { name_key } of left) {
    store.change((db) => db.deleteFrom('acknowledgements').where('name_key', '=', name_key));
  }
}

function write(store: Store, version: number, name: string, how: 'site' | 'paper', at: number): boolean {
  const written = store.run((db) =>
    db
      .insertInto('acknowledgements')
      .values({ version, name_key: keyOf(name), name, how, at })
      .onConflict((conflict) => conflict.doNothing())
      .returning('at'),
  );
  return written.length > 0;
}

function newestVersion(store: Store): number | null {
  return (
    store.first((db) => db.selectFrom('notices').select((eb) => eb.fn.max('version').as('version')))?.version ?? null
  );
}

export function presentReaders(store: Store) {
  return store.run((db) =>
    db.selectFrom('notice_readers').selectAll().where('left_at', 'is', null).orderBy('name_key'),
  );
}

function presentReader(store: Store, id: string) {
  return presentReaders(store).find((reader) => reader.id === id);
}

function isReader(store: Store, name: string): boolean {
  return presentReaders(store).some(({ name_key }) => name_key === keyOf(name));
}

function countStrangers(store: Store, version: number): number {
  return readersOf(store, version).strangers.length;
}

/** As names are compared. */
export function keyOf(name: string): string {
  return name.normalize('NFC').toLocaleLowerCase('en-GB');
}

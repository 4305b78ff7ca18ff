/**
 * What the record of a setting is to say of changes to accounts. Accounts are in D1 and the record is with the setting, so
 * the two cannot be one transaction: the note is written here in the batch of the change, told to the setting at once,
 * and again by the hourly work until the setting has it. The setting takes each once, however often it is told.
 */
import { type Compilable, type Expression, sql } from 'kysely';
import type { Bindings } from '../bindings.ts';
import type { Actor, RecordNote } from '../setting/record.ts';
import type { EnteringEvent } from '../setting/record-events.ts';
import { openAccounts, runBatch } from './database.ts';
import { settingOf } from './directory.ts';

/**
 * Goes into the batch of the change. `onlyIf`: the rows that the change is of, for a change that finds none when somebody
 * else was faster; it stands before the change then.
 */
export function noteForRecord(
  env: Bindings,
  settingId: string,
  note: RecordNote,
  onlyIf: Expression<unknown> | null = null,
): Compilable {
  const db = openAccounts(env.ACCOUNTS);
  const row = db.selectNoFrom((eb) => [
    eb.val(crypto.randomUUID()).as('id'),
    eb.val(settingId).as('setting_id'),
    eb.val(note.at).as('at'),
    eb.val(JSON.stringify(note)).as('note_json'),
  ]);
  return db
    .insertInto('record_outbox')
    .columns(['id', 'setting_id', 'at', 'note_json'])
    .expression(onlyIf === null ? row : row.where(({ exists }) => exists(onlyIf)));
}

/**
 * The same for every setting that somebody belongs to at that moment: what happens to an account concerns each of them,
 * wherever its owner was when it did.
 */
export function noteInEverySetting(
  env: Bindings,
  userId: string,
  note: RecordNote,
  onlyIf: Expression<unknown> | null = null,
): Compilable {
  const db = openAccounts(env.ACCOUNTS);
  const rows = db
    .selectFrom('memberships')
    .select((eb) => [
      sql<string>`lower(hex(randomblob(16)))`.as('id'),
      'setting_id',
      eb.val(note.at).as('at'),
      eb.val(JSON.stringify(note)).as('note_json'),
    ])
    .where('user_id', '=', userId);
  return db
    .insertInto('record_outbox')
    .columns(['id', 'setting_id', 'at', 'note_json'])
    .expression(onlyIf === null ? rows : rows.where(({ exists }) => exists(onlyIf)));
}

/** That somebody has come in, by what is a change to no table. */
export async function noteEntering(
  env: Bindings,
  settingId: string,
  actor: Actor,
  event: EnteringEvent,
): Promise<void> {
  const note = { at: Date.now(), by: actor, subject: '', event };
  await runBatch(env.ACCOUNTS, [noteForRecord(env, settingId, note)]);
  await tellRecord(env, settingId);
}

/** What it told of has not come about. It is too late for a setting that has been told meanwhile. */
export function takeNoteBack(env: Bindings, note: RecordNote): Compilable {
  return openAccounts(env.ACCOUNTS).deleteFrom('record_outbox').where('note_json', '=', JSON.stringify(note));
}

/** After the batch of a change that went through `noteInEverySetting`. */
export async function tellEveryRecord(env: Bindings, userId: string): Promise<void> {
  const settings = await openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .select('setting_id')
    .where('user_id', '=', userId)
    .execute();
  await Promise.all(settings.map(({ setting_id }) => tellRecord(env, setting_id)));
}

/** After the batch. What the change was for has been done: a failure here is made good by the hourly work. */
export async function tellRecord(env: Bindings, settingId: string): Promise<void> {
  try {
    await deliver(env, settingId);
  } catch (error) {
    console.error('the record is told later, since its setting did not answer:', error);
  }
}

/** Whatever is left of times at which it failed. */
export async function tellAllRecords(env: Bindings): Promise<void> {
  const waiting = await openAccounts(env.ACCOUNTS)
    .selectFrom('record_outbox')
    .select('setting_id')
    .distinct()
    .execute();
  for (const { setting_id } of waiting) await tellRecord(env, setting_id);
}

async function deliver(env: Bindings, settingId: string): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  const rows = await db
    .selectFrom('record_outbox')
    .select(['id', 'note_json'])
    .where('setting_id', '=', settingId)
    .orderBy('at')
    .limit(NOTES_AT_ONCE)
    .execute();
  if (rows.length === 0) return;
  const notes = rows.map(({ id, note_json }) => ({ ...(JSON.parse(note_json) as RecordNote), sourceId: id }));
  await settingOf(env, settingId).takeNotes(notes);
  await db
    .deleteFrom('record_outbox')
    .where(
      'id',
      'in',
      rows.map(({ id }) => id),
    )
    .execute();
}

/** D1 takes at most 100 values in a statement; what is beyond goes the next time. */
const NOTES_AT_ONCE = 90;

/** Somebody's passkeys: adding one, the list of them, and removing one. What they are bound to is in relying-party.ts. */
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { noteInEverySetting, takeNoteBack, tellEveryRecord } from './record-outbox.ts';
import { relyingPartyOf } from './relying-party.ts';
import type { PasskeyAnswer, Sessions } from './sessions.ts';

export interface ListedPasskey {
  readonly id: string;
  readonly name: string;
  readonly addedAt: number;
  /** The host name that it works at; "" where it was added before that was kept. */
  readonly host: string;
}

/** As many as somebody may have: more than anybody has devices. */
const PASSKEYS_MAX = 20;

export async function listPasskeys(env: Bindings, userId: string): Promise<ListedPasskey[]> {
  const rows = await openAccounts(env.ACCOUNTS)
    .selectFrom('passkey')
    .select(['id', 'name', 'createdAt', 'rp_id'])
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .execute();
  return rows.map(({ id, name, createdAt, rp_id }) => ({
    id,
    name: name ?? '',
    addedAt: Date.parse(createdAt ?? '') || 0,
    host: rp_id ?? '',
  }));
}

/**
 * Whether it was taken. The library stores it, so it and its note cannot be one batch: the note is written first, and
 * taken back when there is no passkey. A kill in between leaves a note too many, never a passkey that nobody was told of.
 */
export async function addPasskey(
  env: Bindings,
  sessions: Sessions,
  { headers, origin }: { readonly headers: Headers; readonly origin: string },
  { answer, name }: { readonly answer: PasskeyAnswer; readonly name: string },
  actor: Actor,
): Promise<boolean> {
  if ((await listPasskeys(env, actor.id)).length >= PASSKEYS_MAX) return false;
  const event = { type: 'passkey-added', passkeyName: name } as const;
  const note = { at: Date.now(), by: actor, subject: '', event };
  await runBatch(env.ACCOUNTS, [noteInEverySetting(env, actor.id, note)]);
  if (!(await sessions.addPasskey(headers, answer, name))) {
    await runBatch(env.ACCOUNTS, [takeNoteBack(env, note)]);
    return false;
  }
  await openAccounts(env.ACCOUNTS)
    .updateTable('passkey')
    .set({ rp_id: relyingPartyOf(origin) })
    .where('userId', '=', actor.id)
    .where('credentialID', '=', answer.id)
    .execute();
  await tellEveryRecord(env, actor.id);
  return true;
}

/** One of the person's own; nothing happens for any other id. */
export async function removePasskey(env: Bindings, actor: Actor, id: string): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  const own = db.selectFrom('passkey').select(['id', 'name']).where('id', '=', id).where('userId', '=', actor.id);
  const found = await own.executeTakeFirst();
  if (found === undefined) return;
  const event = { type: 'passkey-removed', passkeyName: found.name ?? '' } as const;
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, actor.id, { at: Date.now(), by: actor, subject: '', event }, own),
    db.deleteFrom('passkey').where('id', '=', id).where('userId', '=', actor.id),
  ]);
  await tellEveryRecord(env, actor.id);
}

/** Those that nobody answered in their five minutes. */
export async function forgetChallenges(env: Bindings, nowMs: number): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .deleteFrom('verification')
    .where('expiresAt', '<', new Date(nowMs).toISOString())
    .execute();
}

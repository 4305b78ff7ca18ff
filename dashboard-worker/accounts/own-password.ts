/** Somebody's own password, once they are in: asked for again before what matters, and changed. */
import type { Compilable } from 'kysely';
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { clearAttempts, countAttempt, ownPasswordLimit } from './failures.ts';
import { closeOpenPages } from './open-pages.ts';
import { noteInEverySetting, tellEveryRecord } from './record-outbox.ts';
import type { Sessions, SignedIn } from './sessions.ts';

export async function checkOwnPassword(
  env: Bindings,
  sessions: Sessions,
  userId: string,
  password: string,
  nowMs: number,
): Promise<'right' | 'wrong' | 'slow-down'> {
  const limit = ownPasswordLimit(userId);
  if ((await countAttempt(env, limit, nowMs)) > limit.attempts) return 'slow-down';
  const account = await openAccounts(env.ACCOUNTS)
    .selectFrom('account')
    .select('password')
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential')
    .executeTakeFirst();
  const hash = account?.password ?? null;
  if (hash === null || !(await sessions.isPassword(hash, password))) return 'wrong';
  await clearAttempts(env, limit);
  return 'right';
}

/** The new one, the end of every other session, and the note for the record, or none of them. This session goes on. */
export async function changePassword(
  env: Bindings,
  sessions: Sessions,
  { userId, sessionId }: SignedIn,
  password: string,
  actor: Actor,
): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  const hash = await sessions.hashPassword(password);
  const nowMs = Date.now();
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, userId, { at: nowMs, by: actor, subject: '', event: { type: 'password-changed' } }),
    passwordChange(env, userId, hash, nowMs),
    db.deleteFrom('session').where('userId', '=', userId).where('id', '!=', sessionId),
  ]);
  await Promise.all([tellEveryRecord(env, userId), closeOpenPages(env, userId)]);
}

/** For a batch, with what ends the sessions of before. */
export function passwordChange(env: Bindings, userId: string, hash: string, nowMs: number): Compilable {
  return openAccounts(env.ACCOUNTS)
    .updateTable('account')
    .set({ password: hash, updatedAt: new Date(nowMs).toISOString() })
    .where('userId', '=', userId)
    .where('providerId', '=', 'credential');
}

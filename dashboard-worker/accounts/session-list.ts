/** Where somebody is signed in, and ending it there. The sessions themselves are the library's (sessions.ts). */
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { closeOpenPages } from './open-pages.ts';
import { noteInEverySetting, tellEveryRecord } from './record-outbox.ts';
import { SESSION_MAX_AGE_MS, type Strength } from './sessions.ts';

export interface ListedSession {
  readonly id: string;
  readonly since: number;
  /** What the browser calls itself. */
  readonly userAgent: string;
  readonly strength: Strength;
}

/** More than a person can have, and a bound for whoever knows the password and begins again and again. */
const LISTED_MAX = 50;

/** The newest first. Those of the password alone are among them: somebody may know it who should not. */
export async function listSessions(env: Bindings, userId: string, nowMs: number): Promise<ListedSession[]> {
  const rows = await openAccounts(env.ACCOUNTS)
    .selectFrom('session')
    .select(['id', 'createdAt', 'userAgent', 'strength'])
    .where('userId', '=', userId)
    .where('expiresAt', '>', new Date(nowMs).toISOString())
    .where('createdAt', '>', new Date(nowMs - SESSION_MAX_AGE_MS).toISOString())
    .orderBy('createdAt', 'desc')
    .limit(LISTED_MAX)
    .execute();
  return rows.map(({ id, createdAt, userAgent, strength }) => ({
    id,
    since: Date.parse(createdAt),
    userAgent: userAgent ?? '',
    strength: strength === 'two-factors' ? 'two-factors' : 'password',
  }));
}

/** One of the person's own, which is not the one that they act in; nothing happens for any other id. */
export async function endSession(env: Bindings, actor: Actor, id: string): Promise<void> {
  await endSessions(env, actor, otherSessions(env, actor).where('id', '=', id), 1);
}

export async function endOtherSessions(env: Bindings, actor: Actor): Promise<void> {
  const others = otherSessions(env, actor);
  const count = (await others.execute()).length;
  await endSessions(env, actor, others, count);
}

function otherSessions(env: Bindings, { id, sessionId = '' }: Actor) {
  return openAccounts(env.ACCOUNTS)
    .selectFrom('session')
    .select('id')
    .where('userId', '=', id)
    .where('id', '!=', sessionId);
}

async function endSessions(
  env: Bindings,
  actor: Actor,
  sessions: ReturnType<typeof otherSessions>,
  count: number,
): Promise<void> {
  const event = { type: 'other-sessions-ended', count } as const;
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, actor.id, { at: Date.now(), by: actor, subject: '', event }, sessions),
    openAccounts(env.ACCOUNTS).deleteFrom('session').where('id', 'in', sessions),
  ]);
  await Promise.all([tellEveryRecord(env, actor.id), closeOpenPages(env, actor.id)]);
}

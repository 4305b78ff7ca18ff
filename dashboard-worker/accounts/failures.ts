/**
 * Slowing down whoever guesses, in two manners. Where a window counts, only so many wrong ones in a quarter of an hour are
 * looked at. Where waits grow, after so many wrong ones each further one has to wait longer, so that whoever guesses for
 * days gets nowhere and whoever has only mistyped waits a minute.
 *
 * An attempt is counted before it is looked at, and taken back when it was right: however many are sent at once, each
 * meets the count of those before it.
 */
import { sql } from 'kysely';
import type { Bindings } from '../bindings.ts';
import { openAccounts } from './database.ts';
import { keyedHash } from './secrets.ts';

interface Guessed {
  readonly kind:
    | 'account'
    | 'known-browser'
    | 'address'
    | 'own-password'
    | 'second-step'
    | 'new-app'
    | 'pairing-code'
    | 'passkey-challenge'
    | 'key'
    | 'wrong-key';
  /** What is being guessed at and from where. Stored as a keyed hash only. */
  readonly of: string;
}

export interface Limit extends Guessed {
  /** How many wrong ones in a window are answered as such. */
  readonly attempts: number;
}

export interface GrowingLimit extends Guessed {
  /** How many wrong ones are looked at without any wait. */
  readonly free: number;
  /** After so long without a wrong one it begins anew. */
  readonly forgottenAfterMs: number;
}

const DAY_MS = 24 * 60 * 60_000;

/** Wrong ones of an account before its first wait. */
const FREE_PASSWORDS = 5;

/**
 * Passwords. In a browser in which the account has been signed in to before, its own attempts count and nobody else's:
 * who guesses from elsewhere never keeps the manager's own tablet out. All others meet the count of the account, from
 * however many addresses they come, and that of their address, over however many accounts.
 *
 * With the account's waits somebody guesses a hundred passwords a day. An address, of a nursery's every tablet perhaps,
 * may mistype thirty in an hour first; "" is one that nobody can tell, and does not count.
 */
export function passwordLimits(email: string, address: string, knownBrowser: string | null): readonly GrowingLimit[] {
  const account = email.trim().toLowerCase();
  if (knownBrowser !== null) {
    return [
      { kind: 'known-browser', of: `${account} ${knownBrowser}`, free: FREE_PASSWORDS, forgottenAfterMs: DAY_MS },
    ];
  }
  const ofAccount = { kind: 'account', of: account, free: FREE_PASSWORDS, forgottenAfterMs: DAY_MS } as const;
  const ofAddress = { kind: 'address', of: address, free: 30, forgottenAfterMs: 60 * 60_000 } as const;
  return address === '' ? [ofAccount] : [ofAddress, ofAccount];
}

const WINDOW_MS = 15 * 60_000;

/**
 * Codes of the app and recovery codes together. Whoever comes this far has the password: at five tries and three codes
 * that count, one in sixty thousand of such quarters of an hour finds one. As with passwords, in a browser in which the
 * account has been signed in to before its own attempts count, so that who has got hold of the password keeps nobody out.
 */
export function secondStepLimit(userId: string, knownBrowser: string | null): Limit {
  return { kind: 'second-step', of: knownBrowser === null ? userId : `${userId} ${knownBrowser}`, attempts: 5 };
}

/** Of an app that is being set up, whose key stands on the same page: nothing is guessed, only mistyped. */
export function newAppLimit(sessionId: string): Limit {
  return { kind: 'new-app', of: sessionId, attempts: 5 };
}

/** Of somebody who is in already: whoever finds a tablet unlocked has as few tries at it as at the door. */
export function ownPasswordLimit(userId: string): Limit {
  return { kind: 'own-password', of: userId, attempts: 5 };
}

/** A code lives 15 minutes and has 36 bits: at the ceiling, one in some million tries of that finds one. */
export function pairingLimit(address: string): Limit & { readonly ceiling: number } {
  return { kind: 'pairing-code', of: address, attempts: 30, ceiling: 10_000 };
}

/**
 * Challenges to sign in by a passkey: anybody is given one, and each is a row for five minutes. A nursery's every tablet
 * may share an address; "" is the whole of a network at a dashboard on a machine of its own.
 */
export function passkeyChallengeLimit(address: string): Limit {
  return { kind: 'passkey-challenge', of: address, attempts: address === '' ? 1000 : 200 };
}

/** Calls of a key, right or wrong: one every second and a half, all day long. */
export function keyLimit(keyId: string): Limit {
  return { kind: 'key', of: keyId, attempts: 600 };
}

/**
 * Keys that are wrong. Nobody finds one of 256 bits by trying: it is programs with a key that was withdrawn, again and
 * again, that are slowed down. A right one is taken from the same address all the while, so "" may stand for a network.
 */
export function wrongKeyLimit(address: string): GrowingLimit {
  return { kind: 'wrong-key', of: address, free: 30, forgottenAfterMs: 60 * 60_000 };
}

/** Two of the machines that answer may differ by so much; a time that is further ahead was told by a wrong clock. */
const CLOCKS_DIFFER_MS = 60_000;

/** How many there are in this window, with this one. A window that begins in the future is over. */
export async function countAttempt(env: Bindings, limit: Limit, nowMs: number): Promise<number> {
  const { count } = await openAccounts(env.ACCOUNTS)
    .insertInto('failures')
    .values({ subject: await subjectOf(env, limit), count: 1, first_at: nowMs })
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet((eb) => {
        const over = eb.or([
          eb('failures.first_at', '<=', nowMs - WINDOW_MS),
          eb('failures.first_at', '>', nowMs + CLOCKS_DIFFER_MS),
        ]);
        return {
          count: eb
            .case()
            .when(over)
            .then(1)
            .else(eb('failures.count', '+', 1))
            .end(),
          first_at: eb.case().when(over).then(nowMs).else(eb.ref('failures.first_at')).end(),
        };
      }),
    )
    .returning('count')
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * Counts this attempt and says how many there are with it; or, where it has to wait, counts nothing and says until when.
 * A clock that was ahead when the last one came makes nobody wait until then. Of attempts that come out of their order the
 * latest is the one that the next has to wait after.
 */
export async function countGrowing(
  env: Bindings,
  limit: GrowingLimit,
  nowMs: number,
): Promise<{ readonly count: number } | { readonly waitUntil: number }> {
  const { free, forgottenAfterMs } = limit;
  const subject = await subjectOf(env, limit);
  const db = openAccounts(env.ACCOUNTS);
  const over = sql<boolean>`failures.last_at <= ${nowMs - forgottenAfterMs}`;
  const ahead = sql<boolean>`failures.last_at > ${nowMs + CLOCKS_DIFFER_MS}`;
  const waited = sql<boolean>`failures.last_at + ${waitSql(free)} <= ${nowMs} OR ${ahead}`;
  const counted = await db
    .insertInto('failures')
    .values({ subject, count: 1, first_at: nowMs, last_at: nowMs })
    .onConflict((conflict) =>
      conflict
        .column('subject')
        .doUpdateSet({
          count: sql<number>`CASE WHEN ${over} THEN 1 ELSE failures.count + 1 END`,
          first_at: sql<number>`CASE WHEN ${over} THEN ${nowMs} ELSE failures.first_at END`,
          last_at: sql<number>`CASE WHEN ${ahead} THEN ${nowMs} ELSE max(failures.last_at, ${nowMs}) END`,
        })
        .where(sql<boolean>`failures.count < ${free} OR ${over} OR ${waited}`),
    )
    .returning('count')
    .executeTakeFirst();
  if (counted !== undefined) return counted;
  const { until } = await db
    .selectFrom('failures')
    .select(sql<number>`failures.last_at + ${waitSql(free)}`.as('until'))
    .where('subject', '=', subject)
    .executeTakeFirstOrThrow();
  return { waitUntil: until };
}

/** In milliseconds: one minute, two, four, eight, and never more than fifteen. */
function waitSql(free: number) {
  return sql`60000 * min(15, 1 << min(4, max(0, failures.count - ${free})))`;
}

/** It was right, so it does not count; those before it still do. */
export async function takeBackAttempt(env: Bindings, limit: Guessed): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .updateTable('failures')
    .set((eb) => ({ count: eb('count', '-', 1) }))
    .where('subject', '=', await subjectOf(env, limit))
    .where('count', '>', 0)
    .execute();
}

/**
 * What no longer counts. Whoever is not known here yet can write such rows, one for each address that they make up, so
 * those that make nobody wait go after an hour: four guesses in each hour are no more than the hundred a day of passwords.
 */
export async function forgetFailures(env: Bindings, nowMs: number): Promise<void> {
  const [hourAgo, dayAgo] = [nowMs - 60 * 60_000, nowMs - DAY_MS];
  await openAccounts(env.ACCOUNTS)
    .deleteFrom('failures')
    .where('first_at', '<', hourAgo)
    .where('last_at', '<', hourAgo)
    // Those of a window have no last one, and count for a quarter of an hour.
    .where((eb) => eb.or([eb('count', '<', FREE_PASSWORDS), eb('last_at', '=', 0), eb('last_at', '<', dayAgo)]))
    .execute();
}

export async function clearAttempts(env: Bindings, limit: Guessed): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .deleteFrom('failures')
    .where('subject', '=', await subjectOf(env, limit))
    .execute();
}

async function subjectOf(env: Bindings, { kind, of }: Guessed): Promise<string> {
  return `${kind}:${await keyedHash(env.AUTH_SECRET, of)}`;
}

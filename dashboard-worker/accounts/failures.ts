/**
 * Slowing down whoever guesses: passwords by account and network address, with a ceiling for the account from wherever;
 * pairing codes by network address, since there is no account.
 *
 * An attempt is counted before it is looked at, and taken back when it was right: however many are sent at once, each
 * meets the count of those before it.
 */
import type { Bindings } from '../bindings.ts';
import { openAccounts } from './database.ts';
import { keyedHash } from './secrets.ts';

export interface Limit {
  readonly kind: 'password' | 'account' | 'own-password' | 'second-step' | 'pairing-code';
  /** What is being guessed at and from where. Stored as a keyed hash only. */
  readonly of: string;
  /** How many wrong ones in a window are answered as such. */
  readonly attempts: number;
}

const WINDOW_MS = 15 * 60_000;

/**
 * The one who guesses from elsewhere uses up their own attempts and not the manager's; who guesses from many addresses
 * meets the ceiling of the account.
 */
export function passwordLimits(email: string, address: string): { readonly here: Limit; readonly anywhere: Limit } {
  const account = email.trim().toLowerCase();
  return {
    here: { kind: 'password', of: `${account} ${address}`, attempts: 5 },
    anywhere: { kind: 'account', of: account, attempts: 50 },
  };
}

/**
 * Codes of the app and recovery codes together. Whoever comes this far has the password: at five tries and three codes
 * that count, one in sixty thousand of such quarters of an hour finds one.
 */
export function secondStepLimit(userId: string): Limit {
  return { kind: 'second-step', of: userId, attempts: 5 };
}

/** Of somebody who is in already: whoever finds a tablet unlocked has as few tries at it as at the door. */
export function ownPasswordLimit(userId: string): Limit {
  return { kind: 'own-password', of: userId, attempts: 5 };
}

/** A code lives 15 minutes and has 36 bits: at the ceiling, one in some million tries of that finds one. */
export function pairingLimit(address: string): Limit & { readonly ceiling: number } {
  return { kind: 'pairing-code', of: address, attempts: 30, ceiling: 10_000 };
}

/** How many there are in this window, with this one. */
export async function countAttempt(env: Bindings, limit: Limit, nowMs: number): Promise<number> {
  const { count } = await openAccounts(env.ACCOUNTS)
    .insertInto('failures')
    .values({ subject: await subjectOf(env, limit), count: 1, first_at: nowMs })
    .onConflict((conflict) =>
      conflict.column('subject').doUpdateSet((eb) => {
        const over = eb('failures.first_at', '<=', nowMs - WINDOW_MS);
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

/** It was right, so it does not count; those before it still do. */
export async function takeBackAttempt(env: Bindings, limit: Limit): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .updateTable('failures')
    .set((eb) => ({ count: eb('count', '-', 1) }))
    .where('subject', '=', await subjectOf(env, limit))
    .where('count', '>', 0)
    .execute();
}

export async function clearAttempts(env: Bindings, limit: Limit): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .deleteFrom('failures')
    .where('subject', '=', await subjectOf(env, limit))
    .execute();
}

async function subjectOf(env: Bindings, { kind, of }: Limit): Promise<string> {
  return `${kind}:${await keyedHash(env.AUTH_SECRET, of)}`;
}

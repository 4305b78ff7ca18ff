/**
 * Slowing down whoever guesses: passwords by account, since network addresses are easily changed; pairing codes by
 * network address, since there is no account.
 */
import type { Bindings } from '../bindings.ts';
import { openAccounts } from './database.ts';
import { keyedHash } from './secrets.ts';

export interface Limit {
  readonly kind: 'password' | 'pairing-code';
  /** What is being guessed at: an e-mail address, or a network address. Stored as a keyed hash only. */
  readonly of: string;
  readonly failures: number;
}

const WINDOW_MS = 15 * 60_000;

export function passwordLimit(email: string): Limit {
  return { kind: 'password', of: email.trim().toLowerCase(), failures: 5 };
}

/** A code lives 15 minutes and has 36 bits, so this many guesses find one in a billion tries of it. */
export function pairingLimit(address: string): Limit {
  return { kind: 'pairing-code', of: address, failures: 30 };
}

export async function isOverLimit(env: Bindings, limit: Limit, nowMs: number): Promise<boolean> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('failures')
    .selectAll()
    .where('subject', '=', await subjectOf(env, limit))
    .executeTakeFirst();
  return row !== undefined && nowMs - row.first_at < WINDOW_MS && row.count >= limit.failures;
}

export async function countFailure(env: Bindings, limit: Limit, nowMs: number): Promise<void> {
  const subject = await subjectOf(env, limit);
  await openAccounts(env.ACCOUNTS)
    .insertInto('failures')
    .values({ subject, count: 1, first_at: nowMs })
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
    .execute();
}

export async function clearFailures(env: Bindings, limit: Limit): Promise<void> {
  await openAccounts(env.ACCOUNTS)
    .deleteFrom('failures')
    .where('subject', '=', await subjectOf(env, limit))
    .execute();
}

async function subjectOf(env: Bindings, { kind, of }: Limit): Promise<string> {
  return `${kind}:${await keyedHash(env.AUTH_SECRET, of)}`;
}

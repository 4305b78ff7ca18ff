/**
 * The code that lets somebody set up their second factor anew. Whoever resets it hands the code over in person: without it
 * the password alone, which somebody else may know, would set up an app of theirs in the place of the one that is lost.
 */
import type { Compilable, Expression, ExpressionBuilder } from 'kysely';
import type { Bindings } from '../bindings.ts';
import { normaliseCode, randomCode } from '../setting/boxes.ts';
import { type AccountTables, openAccounts } from './database.ts';
import { clearAttempts, countAttempt, secondStepLimit } from './failures.ts';
import { keyedHash } from './secrets.ts';
import type { SignedIn } from './sessions.ts';
import { noteSlowedSecondStep } from './slowed-sign-in.ts';

/** As long as an invitation: over a weekend. */
export const RESET_CODE_MS = 72 * 60 * 60_000;

/** Of 23 letters and digits: 45 bits, at five tries in a quarter of an hour. */
const LENGTH = 10;

export function makeResetCode(): string {
  const code = randomCode(LENGTH);
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}

/** For a batch: that code, and none before it. `onlyIf` as of `noteForRecord`. */
export async function awaitResetCode(
  env: Bindings,
  userId: string,
  code: string,
  nowMs: number,
  onlyIf: Expression<unknown>,
): Promise<Compilable> {
  const row = { code_hash: await hashOf(env, userId, code), expires_at: nowMs + RESET_CODE_MS, session_id: null };
  const db = openAccounts(env.ACCOUNTS);
  return db
    .insertInto('reset_codes')
    .columns(['user_id', 'code_hash', 'expires_at', 'session_id'])
    .expression(
      db
        .selectNoFrom((eb) => [
          eb.val(userId).as('user_id'),
          eb.val(row.code_hash).as('code_hash'),
          eb.val(row.expires_at).as('expires_at'),
          eb.val(row.session_id).as('session_id'),
        ])
        .where(({ exists }) => exists(onlyIf)),
    )
    .onConflict((conflict) => conflict.column('user_id').doUpdateSet(row));
}

/** For a batch. */
export function forgetResetCode(env: Bindings, userId: string) {
  return openAccounts(env.ACCOUNTS).deleteFrom('reset_codes').where('user_id', '=', userId);
}

/** Of each person of a query: 1 while they have to give the code. */
export function awaitsResetCode(eb: ExpressionBuilder<AccountTables, 'user'>) {
  return eb
    .exists(eb.selectFrom('reset_codes').select('user_id').whereRef('reset_codes.user_id', '=', 'user.id'))
    .$castTo<number>()
    .as('awaitsResetCode');
}

/** Whether the code has still to be given in that session: also once it is too old, since then there is to be a new one. */
export async function needsResetCode(
  env: Bindings,
  { userId, sessionId }: Pick<SignedIn, 'userId' | 'sessionId'>,
): Promise<boolean> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('reset_codes')
    .select('session_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined && row.session_id !== sessionId;
}

/** Right for that session alone, and no more once the app is set up. Wrong ones are counted for the account, with those of sign-in's second step. */
export async function takeResetCode(
  env: Bindings,
  { userId, sessionId, name }: Pick<SignedIn, 'userId' | 'sessionId' | 'name'>,
  code: string,
  knownBrowser: string | null,
  nowMs: number,
): Promise<'right' | 'wrong' | 'slow-down'> {
  const limit = secondStepLimit(userId, knownBrowser);
  const count = await countAttempt(env, limit, nowMs);
  if (count > limit.attempts) return 'slow-down';
  const taken = await openAccounts(env.ACCOUNTS)
    .updateTable('reset_codes')
    .set({ session_id: sessionId })
    .where('user_id', '=', userId)
    .where('code_hash', '=', await hashOf(env, userId, code))
    .where('expires_at', '>', nowMs)
    .returning('user_id')
    .executeTakeFirst();
  if (taken === undefined) {
    if (count === limit.attempts) await noteSlowedSecondStep(env, { id: userId, name }, nowMs);
    return 'wrong';
  }
  await clearAttempts(env, limit);
  return 'right';
}

function hashOf(env: Bindings, userId: string, code: string): Promise<string> {
  return keyedHash(env.AUTH_SECRET, `reset code ${userId} ${normaliseCode(code)}`);
}

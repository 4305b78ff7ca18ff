/**
 * The second factor of an account: an app that shows codes, and recovery codes on paper for the day on which it is gone.
 * A passkey is both factors at once (passkeys.ts).
 *
 * The two-factor part of the accounts library is not used. It takes a code twice (RFC 6238, section 5.2, forbids it), and
 * switches the factor on by statements that D1 does not run as one: a kill in between leaves an account that is asked for
 * a code and can give none. Here every change is one batch, and a code is spent by the very statement that takes it.
 */
import type { Compilable, Expression, ExpressionBuilder } from 'kysely';
import type { Bindings } from '../bindings.ts';
import { normaliseCode, randomCode } from '../setting/boxes.ts';
import type { Actor } from '../setting/record.ts';
import { type AccountTables, openAccounts, runBatch } from './database.ts';
import { clearAttempts, countAttempt, secondStepLimit } from './failures.ts';
import { closeOpenPages } from './open-pages.ts';
import { noteInEverySetting, tellEveryRecord } from './record-outbox.ts';
import { forgetResetCode, needsResetCode } from './reset-codes.ts';
import { keyedHash, keyedMac } from './secrets.ts';
import type { SignedIn } from './sessions.ts';
import { noteSlowedSecondStep } from './slowed-sign-in.ts';
import { keyUri, STEPS_ASIDE, stepAt, stepOfCode, toBase32 } from './totp.ts';

export type SecondStep = 'app' | 'recovery-code';

export async function hasSecondFactor(env: Bindings, userId: string): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const row = await db.selectFrom('user').select(secondFactorOf).where('user.id', '=', userId).executeTakeFirst();
  return row?.hasSecondFactor === 1;
}

/** Of each person of a query: 1 with an app or a passkey, 0 without either. */
export function secondFactorOf(eb: ExpressionBuilder<AccountTables, 'user'>) {
  const app = eb.selectFrom('codes_apps').select('user_id').whereRef('codes_apps.user_id', '=', 'user.id');
  const passkey = eb.selectFrom('passkey').select('passkey.id').whereRef('passkey.userId', '=', 'user.id');
  return eb
    .or([eb.exists(app), eb.exists(passkey)])
    .$castTo<number>()
    .as('hasSecondFactor');
}

/** What an app is given to take the account in. The same for the whole of a session, and another for every other. */
export async function keyForApp(
  env: Bindings,
  sessionId: string,
  email: string,
): Promise<{ readonly uri: string; readonly text: string }> {
  const secret = await secretOf(env, sessionId);
  return { uri: keyUri('Stairgate', email, secret), text: toBase32(secret) };
}

/**
 * Takes the app of this session as the account's first, with recovery codes for the day on which it is gone. Every other
 * session of the person ends: none that somebody has opened with the password alone outlives this. Nor should this one,
 * whose page shows the app's key: a stronger one takes its place (sessions.ts).
 *
 * @returns the recovery codes, which nobody can read again; `wrong` for a code that the app does not show; `taken` where
 *   another session, or a reset, was faster.
 */
export async function setUpApp(
  env: Bindings,
  { userId, name, sessionId }: Pick<SignedIn, 'userId' | 'name' | 'sessionId'>,
  code: string,
  nowMs: number,
): Promise<readonly string[] | 'wrong' | 'taken'> {
  const step = await stepOfCode(await secretOf(env, sessionId), digitsOf(code), nowMs);
  if (step === null) return 'wrong';
  const db = openAccounts(env.ACCOUNTS);
  const codes = makeRecoveryCodes();
  const by = { id: userId, name, sessionId };
  try {
    await runBatch(env.ACCOUNTS, [
      noteInEverySetting(env, userId, { at: nowMs, by, subject: '', event: { type: 'codes-app-set-up' } }),
      db.insertInto('codes_apps').values({ user_id: userId, seed: sessionId, last_step: step, set_up_at: nowMs }),
      forgetResetCode(env, userId),
      ...(await replaceRecoveryCodes(env, userId, codes)),
      db.deleteFrom('session').where('userId', '=', userId).where('id', '!=', sessionId),
    ]);
  } catch (error) {
    if ((await hasSecondFactor(env, userId)) || (await needsResetCode(env, { userId, sessionId }))) return 'taken';
    throw error;
  }
  await tellEveryRecord(env, userId);
  return codes;
}

/**
 * Puts the app of this session in the place of the one that is set up, with new recovery codes. Every other session of
 * the person ends. Whether it is the person who asks is the caller's to know.
 *
 * @param moveOn puts another session in the place of this one, whose page shows the new app's key, and answers its id. It
 *   is called once the code is right and before the key opens anything, so that at no moment a page shows a key that does.
 * @returns the recovery codes, or `wrong` as with `setUpApp`.
 */
export async function replaceApp(
  env: Bindings,
  actor: Actor & { readonly sessionId: string },
  code: string,
  nowMs: number,
  moveOn: () => Promise<string>,
): Promise<readonly string[] | 'wrong'> {
  const { id: userId, sessionId } = actor;
  const step = await stepOfCode(await secretOf(env, sessionId), digitsOf(code), nowMs);
  if (step === null) return 'wrong';
  const db = openAccounts(env.ACCOUNTS);
  const codes = makeRecoveryCodes();
  const app = { seed: sessionId, last_step: step, set_up_at: nowMs };
  const event = { type: 'codes-app-set-up' } as const;
  const own = await moveOn();
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, userId, { at: nowMs, by: actor, subject: '', event }),
    db
      .insertInto('codes_apps')
      .values({ user_id: userId, ...app })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet(app)),
    ...(await replaceRecoveryCodes(env, userId, codes)),
    db.deleteFrom('session').where('userId', '=', userId).where('id', '!=', own),
  ]);
  await Promise.all([tellEveryRecord(env, userId), closeOpenPages(env, userId)]);
  return codes;
}

/**
 * For a batch: nothing of it is left, nor any session that rested on it. At the next sign-in it is set up anew. `onlyIf` as
 * of `noteForRecord`.
 */
export function forgetSecondFactors(
  env: Bindings,
  userId: string,
  onlyIf: Expression<unknown> | null = null,
): readonly Compilable[] {
  const db = openAccounts(env.ACCOUNTS);
  const queries = [
    db.deleteFrom('codes_apps').where('user_id', '=', userId),
    db.deleteFrom('recovery_codes').where('user_id', '=', userId),
    db.deleteFrom('passkey').where('userId', '=', userId),
    forgetResetCode(env, userId),
    db.deleteFrom('session').where('userId', '=', userId),
  ];
  return onlyIf === null ? queries : queries.map((query) => query.where(({ exists }) => exists(onlyIf)));
}

/** When the app was set up that shows the codes now; null for somebody who has none. */
export async function appSetUpAt(env: Bindings, userId: string): Promise<number | null> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('codes_apps')
    .select('set_up_at')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.set_up_at ?? null;
}

export async function countRecoveryCodes(env: Bindings, userId: string): Promise<number> {
  const { left } = await openAccounts(env.ACCOUNTS)
    .selectFrom('recovery_codes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return left;
}

/** New ones; the old are void. */
export async function renewRecoveryCodes(env: Bindings, actor: Actor): Promise<readonly string[]> {
  const codes = makeRecoveryCodes();
  const event = { type: 'recovery-codes-made' } as const;
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, actor.id, { at: Date.now(), by: actor, subject: '', event }),
    ...(await replaceRecoveryCodes(env, actor.id, codes)),
  ]);
  await tellEveryRecord(env, actor.id);
  return codes;
}

/**
 * Whether that is right, and from now on spent. Wrong ones are counted for the account, of whichever kind they are, and
 * apart from those where it is a browser that the person is known in.
 */
export async function takeSecondStep(
  env: Bindings,
  { userId, name }: Pick<SignedIn, 'userId' | 'name'>,
  step: SecondStep,
  code: string,
  knownBrowser: string | null,
  nowMs: number,
): Promise<'right' | 'wrong' | 'slow-down'> {
  const limit = secondStepLimit(userId, knownBrowser);
  const count = await countAttempt(env, limit, nowMs);
  if (count > limit.attempts) return 'slow-down';
  const right = step === 'app' ? await spendCode(env, userId, code, nowMs) : await spendRecoveryCode(env, userId, code);
  if (!right) {
    if (count === limit.attempts) await noteSlowedSecondStep(env, { id: userId, name }, nowMs);
    return 'wrong';
  }
  await clearAttempts(env, limit);
  return 'right';
}

async function spendCode(env: Bindings, userId: string, code: string, nowMs: number): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const app = await db.selectFrom('codes_apps').select('seed').where('user_id', '=', userId).executeTakeFirst();
  if (app === undefined) return false;
  const step = await stepOfCode(await secretOf(env, app.seed), digitsOf(code), nowMs);
  if (step === null) return false;
  // A step that is still to come was taken while the clock was wrong: it must not keep its owner out until then.
  const spent = await db
    .updateTable('codes_apps')
    .set({ last_step: step })
    .where('user_id', '=', userId)
    .where('seed', '=', app.seed)
    .where((eb) => eb.or([eb('last_step', '<', step), eb('last_step', '>', stepAt(nowMs) + STEPS_ASIDE)]))
    .returning('user_id')
    .executeTakeFirst();
  return spent !== undefined;
}

async function spendRecoveryCode(env: Bindings, userId: string, code: string): Promise<boolean> {
  const spent = await openAccounts(env.ACCOUNTS)
    .deleteFrom('recovery_codes')
    .where('user_id', '=', userId)
    .where('code_hash', '=', await recoveryHash(env, userId, code))
    .returning('user_id')
    .executeTakeFirst();
  return spent !== undefined;
}

/** 160 bits, as RFC 4226, section 4, asks for. Without AUTH_SECRET the seed says nothing of them. */
async function secretOf(env: Bindings, seed: string): Promise<Uint8Array> {
  return (await keyedMac(env.AUTH_SECRET, `codes app ${seed}`)).slice(0, 20);
}

const RECOVERY_CODES = 10;
/** Of 23 letters and digits: 45 bits, at five tries in a quarter of an hour. */
const RECOVERY_CODE_LENGTH = 10;

function makeRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const code = randomCode(RECOVERY_CODE_LENGTH);
    return `${code.slice(0, 5)}-${code.slice(5)}`;
  });
}

async function replaceRecoveryCodes(env: Bindings, userId: string, codes: readonly string[]) {
  const db = openAccounts(env.ACCOUNTS);
  const hashes = await Promise.all(codes.map((code) => recoveryHash(env, userId, code)));
  return [
    db.deleteFrom('recovery_codes').where('user_id', '=', userId),
    db.insertInto('recovery_codes').values(hashes.map((code_hash) => ({ user_id: userId, code_hash }))),
  ];
}

function recoveryHash(env: Bindings, userId: string, code: string): Promise<string> {
  return keyedHash(env.AUTH_SECRET, `recovery code ${userId} ${normaliseCode(code)}`);
}

/** Apps show "123 456". */
function digitsOf(code: string): string {
  return code.replaceAll(/\s/g, '');
}

/**
 * The set-up link: the first person, and the setting that they manage. A new token makes a new link, which lets the first
 * manager back in when password, phone and recovery codes are all lost: whoever can set SETUP_TOKEN could as well read
 * the database.
 */
import type { Bindings } from '../bindings.ts';
import type { SetupForm } from '../views/models.ts';
import { openAccounts, runBatch } from './database.ts';
import { createSetting, listSettings, renameSetting } from './directory.ts';
import { newAccount } from './new-account.ts';
import { closeOpenPages } from './open-pages.ts';
import { passwordChange } from './own-password.ts';
import { noteForRecord, noteInEverySetting, tellEveryRecord, tellRecord } from './record-outbox.ts';
import { forgetSecondFactors } from './second-factors.ts';
import { keyedMac, sameSecret, sha256Hex, toUuid } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import { isSetupToken, SETUP_TOKEN_MIN_LENGTH } from './setup-token.ts';

/** `open`: nobody has set the dashboard up. `recovery`: somebody has, and this token is a newer one. */
export type SetupState = 'open' | 'recovery' | 'used' | 'unknown';

/** What that token opens now. */
export async function setupState(env: Bindings, token: string): Promise<SetupState> {
  if (env.SETUP_TOKEN !== undefined && env.SETUP_TOKEN !== '' && !isSetupToken(env.SETUP_TOKEN)) {
    console.error(
      `SETUP_TOKEN opens nothing: expected at least ${SETUP_TOKEN_MIN_LENGTH} characters, for example those of \`openssl rand -hex 24\``,
    );
    return 'unknown';
  }
  if (!(await sameSecret(env.SETUP_TOKEN, token))) return 'unknown';
  if (!(await isSetUp(env))) return 'open';
  const db = openAccounts(env.ACCOUNTS);
  const used = await db.selectFrom('setup_links').select('token_hash').execute();
  const token_hash = await sha256Hex(token);
  if (used.length === 0) {
    // Set up by a release that did not keep which token it was: it was this one, until there is proof of another.
    const row = { token_hash, used_at: Date.now() };
    await db
      .insertInto('setup_links')
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return 'used';
  }
  return used.some((link) => link.token_hash === token_hash) ? 'used' : 'recovery';
}

async function isSetUp(env: Bindings): Promise<boolean> {
  return (await openAccounts(env.ACCOUNTS).selectFrom('setup').select('one').executeTakeFirst()) !== undefined;
}

/** False when somebody else was faster with the same link: then nothing was written. */
export async function setUp(env: Bindings, sessions: Sessions, token: string, form: SetupForm): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const passwordHash = await sessions.hashPassword(form.password);
  // The local host has made a setting for the box beside it: its first manager takes it over.
  const settingId =
    (await listSettings(env))[0]?.id ?? (await createSetting(env, form.settingName, await firstSettingId(env, token)));
  const nowMs = Date.now();
  const { userId, queries } = newAccount(db, { ...form, passwordHash }, nowMs);
  const by = { id: userId, name: form.name };
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('setup').values({ one: 1, used_at: nowMs }),
      db.insertInto('setup_links').values({ token_hash: await sha256Hex(token), used_at: nowMs }),
      ...queries,
      db.insertInto('memberships').values({ user_id: userId, setting_id: settingId, role: 'manager', since: nowMs }),
      noteForRecord(env, settingId, { at: nowMs, by, subject: userId, event: { type: 'dashboard-set-up' } }),
    ]);
  } catch (error) {
    // The single row of `setup` is taken.
    if (await isSetUp(env)) return false;
    throw error;
  }
  await renameSetting(env, settingId, form.settingName, by);
  await tellRecord(env, settingId);
  return true;
}

/** The same for all who send the link's form at once, as by two taps, so that they make one setting between them. */
async function firstSettingId(env: Bindings, token: string): Promise<string> {
  const bytes = await keyedMac(env.AUTH_SECRET, `first setting ${token}`);
  return toUuid(bytes.subarray(0, 16));
}

export interface FirstManager {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}

/** The manager who has been there the longest, of the oldest setting that has one. */
export async function firstManager(env: Bindings): Promise<FirstManager> {
  return await openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .innerJoin('settings', 'settings.id', 'memberships.setting_id')
    .innerJoin('user', 'user.id', 'memberships.user_id')
    .select(['user.id as userId', 'user.name', 'user.email'])
    .where('memberships.role', '=', 'manager')
    .orderBy('settings.created_at')
    .orderBy('settings.id')
    .orderBy('memberships.since')
    .orderBy('user.name')
    .executeTakeFirstOrThrow();
}

/**
 * Gives that manager a new password and takes the second factor and every session away, so that they set up the app
 * anew. False when the link has been used in the meantime: then nothing was written.
 */
export async function recoverManager(
  env: Bindings,
  sessions: Sessions,
  token: string,
  { userId, name }: Pick<FirstManager, 'userId' | 'name'>,
  password: string,
): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const hash = await sessions.hashPassword(password);
  const nowMs = Date.now();
  const by = { id: userId, name };
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('setup_links').values({ token_hash: await sha256Hex(token), used_at: nowMs }),
      noteInEverySetting(env, userId, { at: nowMs, by, subject: userId, event: { type: 'manager-recovered' } }),
      passwordChange(env, userId, hash, nowMs),
      ...forgetSecondFactors(env, userId),
    ]);
  } catch (error) {
    if ((await setupState(env, token)) === 'used') return false;
    throw error;
  }
  await Promise.all([tellEveryRecord(env, userId), closeOpenPages(env, userId)]);
  return true;
}

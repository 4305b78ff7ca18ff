/** The one-time set-up link: the first person, and the setting that they manage. */
import type { Bindings } from '../bindings.ts';
import type { SetupForm } from '../views/models.ts';
import { openAccounts, runBatch } from './database.ts';
import { createSetting, listSettings, renameSetting } from './directory.ts';
import { newAccount } from './new-account.ts';
import { sameSecret } from './secrets.ts';
import type { Sessions } from './sessions.ts';

export type SetupState = 'open' | 'used' | 'unknown';

/** Whether that token opens the set-up now. */
export async function setupState(env: Bindings, token: string): Promise<SetupState> {
  if (!(await sameSecret(env.SETUP_TOKEN, token))) return 'unknown';
  return (await isSetUp(env)) ? 'used' : 'open';
}

export async function isSetUp(env: Bindings): Promise<boolean> {
  return (await openAccounts(env.ACCOUNTS).selectFrom('setup').select('one').executeTakeFirst()) !== undefined;
}

/** False when somebody else was faster with the same link: then nothing was written. */
export async function setUp(env: Bindings, sessions: Sessions, form: SetupForm): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const passwordHash = await sessions.hashPassword(form.password);
  // The local host has made a setting for the box beside it: its first manager takes it over.
  const settingId = (await listSettings(env))[0]?.id ?? (await createSetting(env, form.settingName));
  const nowMs = Date.now();
  const { userId, queries } = newAccount(db, { ...form, passwordHash }, nowMs);
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('setup').values({ one: 1, used_at: nowMs }),
      ...queries,
      db.insertInto('memberships').values({ user_id: userId, setting_id: settingId, role: 'manager', since: nowMs }),
    ]);
  } catch (error) {
    // The single row of `setup` is taken.
    if (await isSetUp(env)) return false;
    throw error;
  }
  await renameSetting(env, settingId, form.settingName, { id: userId, name: form.name });
  return true;
}

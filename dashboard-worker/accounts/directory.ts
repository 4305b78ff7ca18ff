/**
 * The directory: which settings there are, who belongs to which, and which setting a box leads to.
 * What a setting holds is with the setting; here is only the way to it.
 */
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import type { Setting } from '../setting/setting.ts';
import { openAccounts } from './database.ts';

/** A setting's methods as they are called from here: each a promise. */
export type RemoteSetting = {
  readonly [Name in keyof Setting]: Setting[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

export function settingOf(env: Bindings, settingId: string): RemoteSetting {
  return stubOf(env, settingId) as unknown as RemoteSetting;
}

/** With an id that is given, it is made once, however often that is asked for. */
export async function createSetting(env: Bindings, name: string, id: string = crypto.randomUUID()): Promise<string> {
  await settingOf(env, id).create(id, name);
  await openAccounts(env.ACCOUNTS)
    .insertInto('settings')
    .values({ id, name, created_at: Date.now() })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return id;
}

export async function renameSetting(env: Bindings, id: string, name: string, actor: Actor): Promise<void> {
  await settingOf(env, id).rename(name, actor);
  await openAccounts(env.ACCOUNTS).updateTable('settings').set({ name }).where('id', '=', id).execute();
}

export async function settingName(env: Bindings, id: string): Promise<string> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('settings')
    .select('name')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.name ?? '';
}

/** The oldest first. */
export function listSettings(env: Bindings): Promise<{ id: string; name: string }[]> {
  return openAccounts(env.ACCOUNTS).selectFrom('settings').select(['id', 'name']).orderBy('created_at').execute();
}

/** The setting that answers the box's connection; null for an id that no box has. */
export async function stubOfBox(env: Bindings, boxId: string): Promise<DurableObjectStub<Setting> | null> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('boxes')
    .select('setting_id')
    .where('id', '=', boxId)
    .executeTakeFirst();
  return row === undefined ? null : stubOf(env, row.setting_id);
}

export async function forgetBox(env: Bindings, boxId: string): Promise<void> {
  await openAccounts(env.ACCOUNTS).deleteFrom('boxes').where('id', '=', boxId).execute();
}

/** Pairing codes and sessions that have expired. */
export async function tidyDirectory(env: Bindings, nowMs: number): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  await db.deleteFrom('pairing_codes').where('expires_at', '<', nowMs).execute();
  const now = new Date(nowMs).toISOString();
  await db.deleteFrom('session').where('expiresAt', '<', now).execute();
}

/** For what is no call: the upgrade to a WebSocket. */
export function stubOf(env: Bindings, settingId: string): DurableObjectStub<Setting> {
  return env.SETTING.get(env.SETTING.idFromName(settingId));
}

/**
 * The directory: which settings there are, who belongs to which, and which setting a box or a pairing code leads to.
 * What a setting holds is with the setting; here is only the way to it.
 */
import type { EnrolRequest, EnrolResponse } from '../../policy-rules/agent-protocol.ts';
import type { Bindings } from '../bindings.ts';
import { normaliseCode, type PairingCode } from '../setting/boxes.ts';
import { isPublicKey } from '../setting/keys.ts';
import type { Actor } from '../setting/record.ts';
import type { Setting } from '../setting/setting.ts';
import { openAccounts, runBatch } from './database.ts';
import { sha256Hex } from './secrets.ts';

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

/** A new code, and the way from it to the setting. Null is the host, which pairs the box beside it. */
export async function makePairingCode(env: Bindings, settingId: string, actor: Actor | null): Promise<PairingCode> {
  const pairing = await settingOf(env, settingId).createPairingCode(actor);
  const db = openAccounts(env.ACCOUNTS);
  const code_hash = await sha256Hex(pairing.code);
  await runBatch(env.ACCOUNTS, [
    db.deleteFrom('pairing_codes').where('setting_id', '=', settingId),
    db.insertInto('pairing_codes').values({ code_hash, setting_id: settingId, expires_at: pairing.expiresAt }),
  ]);
  return pairing;
}

/** Null for a code that is wrong, used or expired, and for a key that is none. */
export async function enrolBox(env: Bindings, request: EnrolRequest): Promise<EnrolResponse | null> {
  if (!(await isPublicKey(request.publicKey))) return null;
  const code = normaliseCode(request.code);
  const db = openAccounts(env.ACCOUNTS);
  const code_hash = await sha256Hex(code);
  const found = await db
    .selectFrom('pairing_codes')
    .select('setting_id')
    .where('code_hash', '=', code_hash)
    .where('expires_at', '>', Date.now())
    .executeTakeFirst();
  if (found === undefined) return null;
  const id = crypto.randomUUID();
  // The way to the setting comes first: a box that was taken but cannot be found would have to be paired again.
  await db.insertInto('boxes').values({ id, setting_id: found.setting_id }).execute();
  const answer = await settingOf(env, found.setting_id).enrol(code, {
    id,
    publicKey: request.publicKey,
    name: request.boxName,
  });
  if (answer === null) await db.deleteFrom('boxes').where('id', '=', id).execute();
  else await db.deleteFrom('pairing_codes').where('code_hash', '=', code_hash).execute();
  return answer;
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

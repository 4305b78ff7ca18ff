/**
 * Keys for other programs: each belongs to one setting, and may do what its scopes say. A key is shown once and kept as a
 * hash; a revoked one is gone. Making and revoking are on the record of the setting.
 */
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { type KeyScope, keyScopes } from '../views/models.ts';
import { openAccounts, runBatch } from './database.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';
import { keyedHash, sha256Hex } from './secrets.ts';

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly KeyScope[];
  readonly madeAt: number;
  /** To the hour; null before its first use. */
  readonly usedAt: number | null;
}

export const KEYS_MAX = 20;

/** So that somebody who finds one, or a scanner of leaked secrets, sees what it is. */
const PREFIX = 'stairgate_';

/** Two taps come within seconds; later nobody reads a key again, whatever they send. */
const SHOWN_AGAIN_MS = 10 * 60_000;

/**
 * The key itself, kept as a hash only; null, and nothing is written, when there would be too many.
 *
 * @param formId of the form that was sent, "" for none: two taps, or the page of the key loaded anew, are one key, for as
 *   long as nothing has used it.
 */
export async function makeKey(
  env: Bindings,
  settingId: string,
  wish: Pick<ApiKey, 'name' | 'scopes'>,
  actor: Actor,
  formId = '',
): Promise<string | null> {
  if (await isMade(env, settingId, wish, actor, formId)) return await keyOf(env, formId, actor);
  if ((await keysOf(env, settingId)).length >= KEYS_MAX) return null;
  const db = openAccounts(env.ACCOUNTS);
  const taken = await db.selectFrom('api_keys').select('id').where('id', '=', formId).executeTakeFirst();
  const [id, at] = [formId === '' || taken !== undefined ? crypto.randomUUID() : formId, Date.now()];
  const key = await keyOf(env, id, actor);
  const note = { at, by: actor, subject: id, event: { type: 'key-made', keyName: wish.name } } as const;
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('api_keys').values({
        id,
        setting_id: settingId,
        name: wish.name,
        key_hash: await sha256Hex(key),
        scopes_json: JSON.stringify(wish.scopes),
        made_at: at,
        used_at: null,
      }),
      noteForRecord(env, settingId, note),
    ]);
  } catch (error) {
    // The second tap was here first.
    if (await isMade(env, settingId, wish, actor, formId)) return key;
    throw error;
  }
  await tellRecord(env, settingId);
  return key;
}

/** Whether that very form of that very person has made this key just now, and nothing has used it. */
async function isMade(
  env: Bindings,
  settingId: string,
  { name, scopes }: Pick<ApiKey, 'name' | 'scopes'>,
  actor: Actor,
  formId: string,
): Promise<boolean> {
  if (formId === '') return false;
  const key_hash = await sha256Hex(await keyOf(env, formId, actor));
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('api_keys')
    .select('id')
    .where((eb) => eb.and({ id: formId, setting_id: settingId, key_hash, name, scopes_json: JSON.stringify(scopes) }))
    .where('used_at', 'is', null)
    .where('made_at', '>', Date.now() - SHOWN_AGAIN_MS)
    .executeTakeFirst();
  return row !== undefined;
}

/** 256 bits. Without AUTH_SECRET neither the id nor the person says anything of them. */
async function keyOf(env: Bindings, id: string, actor: Actor): Promise<string> {
  return PREFIX + (await keyedHash(env.AUTH_SECRET, `key ${id} ${actor.id}`));
}

/** The oldest first. */
export async function keysOf(env: Bindings, settingId: string): Promise<ApiKey[]> {
  const rows = await openAccounts(env.ACCOUNTS)
    .selectFrom('api_keys')
    .selectAll()
    .where('setting_id', '=', settingId)
    .orderBy('made_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    scopes: readScopes(row.scopes_json),
    madeAt: row.made_at,
    usedAt: row.used_at,
  }));
}

/** False when there is no such key in this setting. */
export async function revokeKey(env: Bindings, settingId: string, id: string, actor: Actor): Promise<boolean> {
  const db = openAccounts(env.ACCOUNTS);
  const here = db.selectFrom('api_keys').select('name').where('id', '=', id).where('setting_id', '=', settingId);
  const key = await here.executeTakeFirst();
  if (key === undefined) return false;
  const event = { type: 'key-revoked', keyName: key.name } as const;
  await runBatch(env.ACCOUNTS, [
    // Before the row goes: of two who revoke it at once, one is on the record.
    noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: id, event }, here),
    db.deleteFrom('api_keys').where('id', '=', id).where('setting_id', '=', settingId),
  ]);
  await tellRecord(env, settingId);
  return true;
}

/** Whose key that is; null for one that is wrong or revoked. */
export async function findKey(
  env: Bindings,
  key: string,
  nowMs: number,
): Promise<(Pick<ApiKey, 'id' | 'name' | 'scopes'> & { readonly settingId: string }) | null> {
  if (!key.startsWith(PREFIX)) return null;
  const db = openAccounts(env.ACCOUNTS);
  const row = await db
    .selectFrom('api_keys')
    .selectAll()
    .where('key_hash', '=', await sha256Hex(key))
    .executeTakeFirst();
  if (row === undefined) return null;
  if ((row.used_at ?? 0) < nowMs - HOUR_MS) {
    await db.updateTable('api_keys').set({ used_at: nowMs }).where('id', '=', row.id).execute();
  }
  return { id: row.id, name: row.name, scopes: readScopes(row.scopes_json), settingId: row.setting_id };
}

/** A write for every call would cost more than the call. */
const HOUR_MS = 60 * 60_000;

/** A scope that this release does not know, of a newer one, allows nothing. */
function readScopes(json: string): KeyScope[] {
  const scopes: unknown[] = JSON.parse(json);
  return keyScopes.filter((scope) => scopes.includes(scope));
}

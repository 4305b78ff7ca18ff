/**
 * Pairing codes: the way from a code to its setting, for a box that nobody knows yet. The code itself is the setting's; here
 * is a hash of it, and who made it, since it is good only as long as they may pair a box.
 */
import type { EnrolRequest, EnrolResponse } from '../../policy-rules/agent-protocol.ts';
import type { Bindings } from '../bindings.ts';
import { normaliseCode, type PairingCode } from '../setting/boxes.ts';
import { isPublicKey } from '../setting/keys.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { settingOf } from './directory.ts';
import { membershipIn, membershipsOf } from './memberships.ts';
import { rightsOf } from './roles.ts';
import { sha256Hex } from './secrets.ts';

/** A new code, and the way from it to the setting. Null is the host, which pairs the box beside it. */
export async function makePairingCode(env: Bindings, settingId: string, actor: Actor | null): Promise<PairingCode> {
  const pairing = await settingOf(env, settingId).createPairingCode(actor);
  const db = openAccounts(env.ACCOUNTS);
  const row = {
    code_hash: await sha256Hex(pairing.code),
    setting_id: settingId,
    expires_at: pairing.expiresAt,
    made_by: actor?.id ?? null,
  };
  await runBatch(env.ACCOUNTS, [
    db.deleteFrom('pairing_codes').where('setting_id', '=', settingId),
    db.insertInto('pairing_codes').values(row),
  ]);
  return pairing;
}

/** Null for a code that is wrong, used, expired, or of somebody who may pair no box any more, and for a key that is none. */
export async function enrolBox(env: Bindings, request: EnrolRequest): Promise<EnrolResponse | null> {
  if (!(await isPublicKey(request.publicKey))) return null;
  const code = normaliseCode(request.code);
  const settingId = await settingOfCode(env, code);
  if (settingId === null) return null;
  const db = openAccounts(env.ACCOUNTS);
  const id = crypto.randomUUID();
  // The way to the setting comes first: a box that was taken but cannot be found would have to be paired again.
  await db.insertInto('boxes').values({ id, setting_id: settingId }).execute();
  const answer = await settingOf(env, settingId).enrol(code, {
    id,
    publicKey: request.publicKey,
    name: request.boxName,
  });
  if (answer === null) await db.deleteFrom('boxes').where('id', '=', id).execute();
  else
    await db
      .deleteFrom('pairing_codes')
      .where('code_hash', '=', await sha256Hex(code))
      .execute();
  return answer;
}

/** Null for a code that leads nowhere, or nowhere any more. */
export async function settingOfCode(env: Bindings, code: string): Promise<string | null> {
  const found = await openAccounts(env.ACCOUNTS)
    .selectFrom('pairing_codes')
    .select(['setting_id', 'made_by'])
    .where('code_hash', '=', await sha256Hex(code))
    .where('expires_at', '>', Date.now())
    .executeTakeFirst();
  if (found === undefined) return null;
  const { setting_id, made_by } = found;
  return made_by === null || (await mayPair(env, setting_id, made_by)) ? setting_id : null;
}

async function mayPair(env: Bindings, settingId: string, userId: string): Promise<boolean> {
  const membership = membershipIn(await membershipsOf(env, userId), settingId);
  return membership !== null && rightsOf(membership.role, membership.extra).has('box.change');
}

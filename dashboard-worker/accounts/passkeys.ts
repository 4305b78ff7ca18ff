/**
 * Passkeys: a key in somebody's device that signs a challenge of this site once its owner has shown a fingerprint, a face
 * or a PIN. What the device checks is the second factor, so an answer without it (the flag UV of WebAuthn, section 6.1) is
 * refused, when a passkey is added and when it signs in: the library by itself takes both.
 */
import { passkey } from '@better-auth/passkey';
import { APIError } from 'better-auth/api';
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';

/** For the accounts library. A passkey is bound to the host name of `origin`, and is of no use at any other. */
export function passkeysAt(origin: string) {
  return passkey({
    rpID: new URL(origin).hostname,
    rpName: 'Stairgate',
    origin,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    registration: {
      afterVerification: async ({ verification }) => {
        if (verification.registrationInfo?.userVerified !== true) throw new APIError('BAD_REQUEST', WITHOUT_UV);
      },
    },
    authentication: {
      afterVerification: async ({ verification }) => {
        if (verification.authenticationInfo.userVerified !== true) throw new APIError('UNAUTHORIZED', WITHOUT_UV);
      },
    },
  });
}

const WITHOUT_UV = { code: 'WITHOUT_USER_VERIFICATION', message: 'the device did not check who uses it' };

export interface ListedPasskey {
  readonly id: string;
  readonly name: string;
  readonly addedAt: number;
}

/** As many as somebody may have: more than anybody has devices. */
export const PASSKEYS_MAX = 20;

export async function listPasskeys(env: Bindings, userId: string): Promise<ListedPasskey[]> {
  const rows = await openAccounts(env.ACCOUNTS)
    .selectFrom('passkey')
    .select(['id', 'name', 'createdAt'])
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .execute();
  return rows.map(({ id, name, createdAt }) => ({ id, name: name ?? '', addedAt: Date.parse(createdAt ?? '') || 0 }));
}

/** The library has stored it: the two cannot be one batch. */
export async function noteAddedPasskey(env: Bindings, settingId: string, actor: Actor, name: string): Promise<void> {
  const event = { type: 'passkey-added', passkeyName: name } as const;
  await runBatch(env.ACCOUNTS, [noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: '', event })]);
  await tellRecord(env, settingId);
}

/** One of the person's own; nothing happens for any other id. */
export async function removePasskey(env: Bindings, settingId: string, actor: Actor, id: string): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  const own = db.selectFrom('passkey').select(['id', 'name']).where('id', '=', id).where('userId', '=', actor.id);
  const found = await own.executeTakeFirst();
  if (found === undefined) return;
  const event = { type: 'passkey-removed', passkeyName: found.name ?? '' } as const;
  await runBatch(env.ACCOUNTS, [
    noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: '', event }, own),
    db.deleteFrom('passkey').where('id', '=', id).where('userId', '=', actor.id),
  ]);
  await tellRecord(env, settingId);
}

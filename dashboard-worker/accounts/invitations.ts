/**
 * Inviting and joining: how everybody after the first person comes to an account. A link works once and for 72 hours; it is shown
 * to whoever invites, who hands it on, so no mail has to arrive.
 */
import type { Compilable } from 'kysely';
import type { Bindings } from '../bindings.ts';
import { toBase64Url } from '../setting/keys.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { membershipIn, membershipsOf } from './memberships.ts';
import { newAccount } from './new-account.ts';
import { INVITATION_MS, type Invitation, invitationById, stillOpen, toInvitation } from './open-invitations.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';
import type { RoleId } from './rights.ts';
import { keyedMac, sha256Hex } from './secrets.ts';
import type { Sessions } from './sessions.ts';

export interface Invited {
  /** In the link. Kept as a hash only: nobody reads it again, but whoever sends the very form that made it a second time. */
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * @param formId of the form that was sent, "" for none: two taps, or the page of the link loaded anew, are one invitation.
 */
export async function invite(
  env: Bindings,
  settingId: string,
  { name, role }: { readonly name: string; readonly role: RoleId },
  actor: Actor,
  formId = '',
): Promise<Invited> {
  const db = openAccounts(env.ACCOUNTS);
  const ofThatForm = async (): Promise<Invited | null> => {
    const same = { id: formId, setting_id: settingId, name, role, invited_by: actor.id };
    const row = await stillOpen(env)
      .where((eb) => eb.and(same))
      .executeTakeFirst();
    return row === undefined ? null : { token: await tokenOf(env, formId), expiresAt: row.expires_at };
  };
  const before = await ofThatForm();
  if (before !== null) return before;
  const nowMs = Date.now();
  const taken = await db.selectFrom('invitations').select('id').where('id', '=', formId).executeTakeFirst();
  const id = formId === '' || taken !== undefined ? crypto.randomUUID() : formId;
  const token = await tokenOf(env, id);
  const token_hash = await sha256Hex(token);
  const expiresAt = nowMs + INVITATION_MS;
  const row = { id, setting_id: settingId, token_hash, name, role, expires_at: expiresAt, invited_by: actor.id };
  const event = { type: 'person-invited', personName: name, role } as const;
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('invitations').values(row),
      noteForRecord(env, settingId, { at: nowMs, by: actor, subject: id, event }),
    ]);
  } catch (error) {
    // The second tap was here first.
    const meanwhile = await ofThatForm();
    if (meanwhile !== null) return meanwhile;
    throw error;
  }
  await tellRecord(env, settingId);
  return { token, expiresAt };
}

/** 256 bits, in letters that a link can hold. Without AUTH_SECRET the id says nothing of them. */
async function tokenOf(env: Bindings, id: string): Promise<string> {
  return toBase64Url(await keyedMac(env.AUTH_SECRET, `invitation ${id}`));
}

/** Null for a token that nobody was given, and for one that was used, withdrawn or has expired. */
export async function invitationOf(env: Bindings, token: string): Promise<Invitation | null> {
  const row = await stillOpen(env)
    .where('token_hash', '=', await sha256Hex(token))
    .executeTakeFirst();
  return row === undefined ? null : toInvitation(row);
}

export interface Joining {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/**
 * With an account that this makes. `gone`: somebody else was faster with the same link, or it was withdrawn. Nothing was
 * written unless it is `joined`.
 */
export async function joinWithNewAccount(
  env: Bindings,
  sessions: Sessions,
  invitation: Invitation,
  form: Joining,
): Promise<'joined' | 'gone' | 'email-taken'> {
  const db = openAccounts(env.ACCOUNTS);
  const nowMs = Date.now();
  const account = newAccount(db, { ...form, passwordHash: await sessions.hashPassword(form.password) }, nowMs);
  const person = { id: account.userId, name: form.name };
  try {
    await runBatch(env.ACCOUNTS, acceptance(env, invitation, person, account.queries, nowMs));
  } catch (error) {
    if ((await invitationById(env, invitation.id)) === undefined) return 'gone';
    if (await hasAccount(env, form.email)) return 'email-taken';
    throw error;
  }
  await tellRecord(env, invitation.settingId);
  return 'joined';
}

/** With the account that somebody has already, who belongs to another setting. As above. */
export async function joinWithAccount(
  env: Bindings,
  invitation: Invitation,
  person: Actor,
): Promise<'joined' | 'gone' | 'belongs-already'> {
  try {
    await runBatch(env.ACCOUNTS, acceptance(env, invitation, person, [], Date.now()));
  } catch (error) {
    if ((await invitationById(env, invitation.id)) === undefined) return 'gone';
    const memberships = await membershipsOf(env, person.id);
    if (membershipIn(memberships, invitation.settingId) !== null) return 'belongs-already';
    throw error;
  }
  await tellRecord(env, invitation.settingId);
  return 'joined';
}

/** All or none: the link is spent, the person belongs there, and the record is to be told. */
function acceptance(
  env: Bindings,
  { id, settingId, role }: Invitation,
  person: Actor,
  account: readonly Compilable[],
  nowMs: number,
): Compilable[] {
  const db = openAccounts(env.ACCOUNTS);
  return [
    db.insertInto('invitations_used').values({ invitation_id: id, used_at: nowMs }),
    ...account,
    db.insertInto('memberships').values({ user_id: person.id, setting_id: settingId, role, since: nowMs }),
    noteForRecord(env, settingId, {
      at: nowMs,
      by: person,
      subject: person.id,
      event: { type: 'person-joined', role },
    }),
  ];
}

/** Names of people who never came, and of those who did long ago. */
export async function forgetInvitations(env: Bindings, nowMs: number): Promise<void> {
  const db = openAccounts(env.ACCOUNTS);
  const over = db.selectFrom('invitations').select('id').where('expires_at', '<', nowMs);
  await runBatch(env.ACCOUNTS, [
    db.deleteFrom('invitations_used').where('invitation_id', 'in', over),
    db.deleteFrom('invitations').where('expires_at', '<', nowMs),
  ]);
}

async function hasAccount(env: Bindings, email: string): Promise<boolean> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('user')
    .select('id')
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();
  return row !== undefined;
}

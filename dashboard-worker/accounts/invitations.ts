/**
 * Invitations: how everybody after the first person comes to an account. A link works once and for 72 hours; it is shown
 * to whoever invites, who hands it on, so no mail has to arrive.
 */
import type { Compilable } from 'kysely';
import type { Bindings } from '../bindings.ts';
import { toBase64Url } from '../setting/keys.ts';
import type { Actor } from '../setting/record.ts';
import type { RoleId } from '../views/models.ts';
import { openAccounts, runBatch } from './database.ts';
import { membershipIn, membershipsOf } from './memberships.ts';
import { newAccount } from './new-account.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';
import { readRole } from './roles.ts';
import { sha256Hex } from './secrets.ts';
import type { Sessions } from './sessions.ts';

const INVITATION_MS = 72 * 60 * 60_000;

export interface Invitation {
  readonly id: string;
  readonly settingId: string;
  readonly name: string;
  readonly role: RoleId;
  readonly expiresAt: number;
}

/** With the token of the link, which nobody can read again. */
export async function invite(
  env: Bindings,
  settingId: string,
  { name, role }: { readonly name: string; readonly role: RoleId },
  actor: Actor,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const nowMs = Date.now();
  const id = crypto.randomUUID();
  const token = newToken();
  const expiresAt = nowMs + INVITATION_MS;
  const token_hash = await sha256Hex(token);
  await runBatch(env.ACCOUNTS, [
    openAccounts(env.ACCOUNTS)
      .insertInto('invitations')
      .values({ id, setting_id: settingId, token_hash, name, role, expires_at: expiresAt }),
    noteForRecord(env, settingId, {
      at: nowMs,
      by: actor,
      subject: id,
      event: { type: 'person-invited', personName: name, role },
    }),
  ]);
  await tellRecord(env, settingId);
  return { token, expiresAt };
}

/** Those that can still be accepted, the newest first. */
export async function openInvitations(env: Bindings, settingId: string): Promise<Invitation[]> {
  const rows = await stillOpen(env).where('setting_id', '=', settingId).orderBy('expires_at', 'desc').execute();
  return rows.map(toInvitation);
}

/** Null for a token that nobody was given, and for one that was used, withdrawn or has expired. */
export async function invitationOf(env: Bindings, token: string): Promise<Invitation | null> {
  const row = await stillOpen(env)
    .where('token_hash', '=', await sha256Hex(token))
    .executeTakeFirst();
  return row === undefined ? null : toInvitation(row);
}

/** False when it is not there, or not open any more. */
export async function withdrawInvitation(env: Bindings, settingId: string, id: string, actor: Actor): Promise<boolean> {
  const row = await stillOpen(env).where('setting_id', '=', settingId).where('id', '=', id).executeTakeFirst();
  if (row === undefined) return false;
  try {
    const db = openAccounts(env.ACCOUNTS);
    const event = { type: 'invitation-withdrawn', personName: row.name } as const;
    const there = db.selectFrom('invitations').select('id').where('id', '=', id);
    await runBatch(env.ACCOUNTS, [
      noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: id, event }, there),
      db.deleteFrom('invitations').where('id', '=', id),
    ]);
  } catch (error) {
    // Accepted in the meantime: the row that says so holds on to it.
    if ((await invitationById(env, id)) === undefined) return false;
    throw error;
  }
  await tellRecord(env, settingId);
  return true;
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

function stillOpen(env: Bindings) {
  return openAccounts(env.ACCOUNTS)
    .selectFrom('invitations')
    .select(['id', 'setting_id', 'name', 'role', 'expires_at'])
    .where('expires_at', '>', Date.now())
    .where((eb) =>
      eb.not(
        eb.exists(
          eb.selectFrom('invitations_used').select('invitation_id').whereRef('invitation_id', '=', 'invitations.id'),
        ),
      ),
    );
}

function invitationById(env: Bindings, id: string) {
  return stillOpen(env).where('id', '=', id).executeTakeFirst();
}

async function hasAccount(env: Bindings, email: string): Promise<boolean> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('user')
    .select('id')
    .where('email', '=', email.toLowerCase())
    .executeTakeFirst();
  return row !== undefined;
}

function toInvitation(row: {
  id: string;
  setting_id: string;
  name: string;
  role: string;
  expires_at: number;
}): Invitation {
  return { id: row.id, settingId: row.setting_id, name: row.name, role: readRole(row.role), expiresAt: row.expires_at };
}

/** 256 bits, in letters that a link can hold. */
function newToken(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
}

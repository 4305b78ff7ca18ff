/**
 * Invitations: how everybody after the first person comes to an account. A link works once and for 72 hours; it is shown
 * to whoever invites, who hands it on, so no mail has to arrive.
 */
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import type { RoleId } from '../views/models.ts';
import { openAccounts, runBatch } from './database.ts';
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

/** `gone`: somebody else was faster with the same link, or it was withdrawn. Nothing was written unless it is `joined`. */
export async function acceptInvitation(
  env: Bindings,
  sessions: Sessions,
  invitation: Invitation,
  form: Joining,
): Promise<'joined' | 'gone' | 'email-taken'> {
  const db = openAccounts(env.ACCOUNTS);
  const nowMs = Date.now();
  const account = newAccount(db, { ...form, passwordHash: await sessions.hashPassword(form.password) }, nowMs);
  const { settingId, role } = invitation;
  try {
    await runBatch(env.ACCOUNTS, [
      db.insertInto('invitations_used').values({ invitation_id: invitation.id, used_at: nowMs }),
      ...account.queries,
      db.insertInto('memberships').values({ user_id: account.userId, setting_id: settingId, role, since: nowMs }),
      noteForRecord(env, settingId, {
        at: nowMs,
        by: { id: account.userId, name: form.name },
        subject: account.userId,
        event: { type: 'person-joined', role },
      }),
    ]);
  } catch (error) {
    if ((await invitationById(env, invitation.id)) === undefined) return 'gone';
    if (await hasAccount(env, form.email)) return 'email-taken';
    throw error;
  }
  await tellRecord(env, settingId);
  return 'joined';
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
  const text = String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

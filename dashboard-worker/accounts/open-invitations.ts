/**
 * Invitations that can still be accepted: which there are, and taking them back. One is open for as long as whoever made it
 * may invite: nobody comes back in by a link that they made for themselves before they had to go.
 */
import type { Compilable } from 'kysely';
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';
import type { RoleId } from './rights.ts';
import { readRole, rolesThatMay } from './roles.ts';

/** How long a link works. */
export const INVITATION_MS = 72 * 60 * 60_000;
const CLOCK_AHEAD_MS = 60 * 60_000;

export interface Invitation {
  readonly id: string;
  readonly settingId: string;
  readonly name: string;
  readonly role: RoleId;
  readonly expiresAt: number;
}

/** Those that can still be accepted, the newest first. */
export async function openInvitations(env: Bindings, settingId: string): Promise<Invitation[]> {
  const rows = await stillOpen(env).where('setting_id', '=', settingId).orderBy('expires_at', 'desc').execute();
  return rows.map(toInvitation);
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

/**
 * For the batch in which somebody no longer may invite: those that they made go, and those of which nobody knows who did.
 * One that is accepted at the same moment is left to whoever was faster.
 */
export async function withdrawAllOf(
  env: Bindings,
  settingId: string,
  inviterId: string,
  actor: Actor,
): Promise<readonly Compilable[]> {
  const db = openAccounts(env.ACCOUNTS);
  const rows = await stillOpen(env)
    .where('setting_id', '=', settingId)
    .where((eb) => eb.or([eb('invited_by', '=', inviterId), eb('invited_by', 'is', null)]))
    .execute();
  const used = db.selectFrom('invitations_used').select('invitation_id');
  return rows.flatMap(({ id, name }) => {
    const event = { type: 'invitation-withdrawn', personName: name } as const;
    const unused = db.selectFrom('invitations').select('id').where('id', '=', id).where('id', 'not in', used);
    return [
      noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: id, event }, unused),
      db.deleteFrom('invitations').where('id', '=', id).where('id', 'not in', used),
    ];
  });
}

export function stillOpen(env: Bindings) {
  return (
    openAccounts(env.ACCOUNTS)
      .selectFrom('invitations')
      .select(['id', 'setting_id', 'name', 'role', 'expires_at'])
      .where('expires_at', '>', Date.now())
      // Made by a clock that was ahead, it would work for as much longer.
      .where('expires_at', '<', Date.now() + INVITATION_MS + CLOCK_AHEAD_MS)
      .where((eb) => {
        const inviter = eb
          .selectFrom('memberships')
          .select('user_id')
          .whereRef('memberships.setting_id', '=', 'invitations.setting_id')
          .whereRef('memberships.user_id', '=', 'invitations.invited_by')
          .where('memberships.role', 'in', rolesThatMay('people.change'));
        return eb.or([eb('invited_by', 'is', null), eb.exists(inviter)]);
      })
      .where((eb) =>
        eb.not(
          eb.exists(
            eb.selectFrom('invitations_used').select('invitation_id').whereRef('invitation_id', '=', 'invitations.id'),
          ),
        ),
      )
  );
}

export function invitationById(env: Bindings, id: string) {
  return stillOpen(env).where('id', '=', id).executeTakeFirst();
}

export function toInvitation(row: {
  readonly id: string;
  readonly setting_id: string;
  readonly name: string;
  readonly role: string;
  readonly expires_at: number;
}): Invitation {
  return { id: row.id, settingId: row.setting_id, name: row.name, role: readRole(row.role), expiresAt: row.expires_at };
}

/** Who belongs to which setting, and as what. */
import type { Compilable } from 'kysely';
import type { Bindings } from '../bindings.ts';
import type { Actor } from '../setting/record.ts';
import { openAccounts, runBatch } from './database.ts';
import { withdrawAllOf } from './open-invitations.ts';
import { closeOpenPages } from './open-pages.ts';
import { noteForRecord, noteInEverySetting, tellEveryRecord, tellRecord } from './record-outbox.ts';
import { awaitResetCode, awaitsResetCode, makeResetCode, RESET_CODE_MS } from './reset-codes.ts';
import type { RightId, RoleId } from './rights.ts';
import { delegable, readExtra, readRole, rightsOf, rolesThatMay } from './roles.ts';
import { forgetSecondFactors, secondFactorOf } from './second-factors.ts';

export interface Membership {
  readonly settingId: string;
  readonly settingName: string;
  readonly role: RoleId;
  /** What they may do beyond their role. */
  readonly extra: readonly RightId[];
}

/** The one that came first is first. */
export async function membershipsOf(env: Bindings, userId: string): Promise<Membership[]> {
  const rows = await openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .innerJoin('settings', 'settings.id', 'memberships.setting_id')
    .select(['memberships.setting_id', 'settings.name', 'memberships.role', 'memberships.extra_json'])
    .where('memberships.user_id', '=', userId)
    .orderBy('memberships.since')
    .orderBy('memberships.setting_id')
    .execute();
  return rows.map(({ setting_id, name, ...row }) => ({ settingId: setting_id, settingName: name, ...readRights(row) }));
}

/** The one that a session is in; null for somebody who does not belong there, or nowhere. */
export function membershipIn(memberships: readonly Membership[], settingId: string | null): Membership | null {
  if (settingId === null) return memberships[0] ?? null;
  return memberships.find((membership) => membership.settingId === settingId) ?? null;
}

export interface Member {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: RoleId;
  readonly extra: readonly RightId[];
  readonly since: number;
  readonly hasSecondFactor: boolean;
  /** It was reset, and they have not set it up since. */
  readonly awaitsResetCode: boolean;
}

/** Those who were there first come first. */
export async function membersOf(env: Bindings, settingId: string): Promise<Member[]> {
  const rows = await members(env, settingId).orderBy('since').orderBy('user.name').execute();
  return rows.map(({ id, name, email, since, hasSecondFactor, awaitsResetCode, ...row }) => ({
    ...{ userId: id, name, email, since },
    ...readRights(row),
    hasSecondFactor: hasSecondFactor === 1,
    awaitsResetCode: awaitsResetCode === 1,
  }));
}

/** Of all who may give permission by themselves. */
export async function namesOfGivers(env: Bindings, settingId: string): Promise<string[]> {
  const members = await membersOf(env, settingId);
  return members.filter(({ role, extra }) => rightsOf(role, extra).has('grant.give')).map(({ name }) => name);
}

/** What somebody else may have made of it meanwhile decides: `gone` when they do not belong here. */
export type MemberChanged =
  | 'done'
  | 'gone'
  | 'last-manager'
  | 'changed-meanwhile'
  /** To another setting as well, of which whoever asks is no manager. */
  | 'belongs-elsewhere';

/** What was delegated ends with the role that it was beyond, and so do invitations of somebody who may invite no more. */
export async function changeRole(
  env: Bindings,
  settingId: string,
  userId: string,
  role: RoleId,
  actor: Actor,
): Promise<MemberChanged> {
  const member = await members(env, settingId).where('user_id', '=', userId).executeTakeFirst();
  if (member === undefined) return 'gone';
  if (readRole(member.role) === role) return 'done';
  const event = { type: 'role-changed', personName: member.name, role } as const;
  const note = { at: Date.now(), by: actor, subject: userId, event };
  const loses = mayInvite(readRole(member.role)) && !mayInvite(role);
  return await changeMember(env, settingId, userId, [
    ...(loses ? await withdrawAllOf(env, settingId, userId, actor) : []),
    noteForRecord(env, settingId, note, membership(env, settingId, userId).where('role', '<>', role)),
    ofMember(env, settingId, userId).set({ role, extra_json: '[]' }),
  ]);
}

/** Exactly these beyond the role; each that is new or is no more is noted by itself. */
export async function delegate(
  env: Bindings,
  settingId: string,
  userId: string,
  wanted: readonly RightId[],
  actor: Actor,
): Promise<MemberChanged> {
  const member = await members(env, settingId).where('user_id', '=', userId).executeTakeFirst();
  if (member === undefined) return 'gone';
  const { role, extra: before } = readRights(member);
  // Of another role than the form was made for.
  if (wanted.some((id) => !delegable(role).includes(id))) return 'changed-meanwhile';
  const after = delegable(role).filter((id) => wanted.includes(id));
  const asRead = [member.role, member.extra_json] as const;
  const still = membership(env, settingId, userId).where('role', '=', asRead[0]).where('extra_json', '=', asRead[1]);
  const note = (type: 'permission-delegated' | 'permission-taken-back') => (right: RightId) => {
    const event = { type, personName: member.name, permission: right };
    return noteForRecord(env, settingId, { at: Date.now(), by: actor, subject: userId, event }, still);
  };
  const changed = await changeMember(env, settingId, userId, [
    ...after.filter((id) => !before.includes(id)).map(note('permission-delegated')),
    ...before.filter((id) => !after.includes(id)).map(note('permission-taken-back')),
    ofMember(env, settingId, userId)
      .set({ extra_json: JSON.stringify(after) })
      .where('role', '=', asRead[0])
      .where('extra_json', '=', asRead[1]),
  ]);
  const now = await members(env, settingId).where('user_id', '=', userId).executeTakeFirst();
  return now?.extra_json === JSON.stringify(after) ? changed : 'changed-meanwhile';
}

/** Their sessions in this setting end at once, their invitations are withdrawn, and the account goes with the last setting that it belonged to. */
export async function removeMember(
  env: Bindings,
  settingId: string,
  userId: string,
  actor: Actor,
): Promise<MemberChanged> {
  const member = await members(env, settingId).where('user_id', '=', userId).executeTakeFirst();
  if (member === undefined) return 'gone';
  const event = { type: 'person-removed', personName: member.name } as const;
  const note = { at: Date.now(), by: actor, subject: userId, event };
  const db = openAccounts(env.ACCOUNTS);
  const belonging = db.selectFrom('memberships').select('user_id');
  return await changeMember(env, settingId, userId, [
    ...(mayInvite(readRole(member.role)) ? await withdrawAllOf(env, settingId, userId, actor) : []),
    noteForRecord(env, settingId, note, membership(env, settingId, userId)),
    db.deleteFrom('memberships').where('setting_id', '=', settingId).where('user_id', '=', userId),
    db
      .deleteFrom('session')
      .where('userId', '=', userId)
      // Those that have chosen none are in the first of several, which may have been this one.
      .where((eb) => eb.or([eb('settingId', '=', settingId), eb('settingId', 'is', null)])),
    db.deleteFrom('user').where('id', '=', userId).where('id', 'not in', belonging),
  ]);
}

/**
 * For somebody who has lost the phone and the recovery codes: they are signed out everywhere, and set the app up anew at
 * their next sign-in, for which they are asked for a code that whoever resets it hands over. That opens every setting that
 * they belong to, so only who manages all of these may do it. Again, it is a new code in the place of the one before.
 *
 * @returns the code, which nobody can read again, and until when it is good; or why it was not done.
 */
export async function resetSecondFactor(
  env: Bindings,
  settingId: string,
  userId: string,
  actor: Actor,
): Promise<
  { readonly name: string; readonly code: string; readonly expiresAt: number } | 'gone' | 'belongs-elsewhere'
> {
  const member = await members(env, settingId).where('user_id', '=', userId).executeTakeFirst();
  if (member === undefined) return 'gone';
  const beyond = beyondTheManager(env, actor.id).where('theirs.user_id', '=', userId);
  const isElsewhere = async () => (await beyond.executeTakeFirst()) !== undefined;
  if (await isElsewhere()) return 'belongs-elsewhere';
  const mayBe = membership(env, settingId, userId).where(({ not, exists }) => not(exists(beyond)));
  const event = { type: 'second-factor-reset', personName: member.name } as const;
  const [code, nowMs] = [makeResetCode(), Date.now()];
  await runBatch(env.ACCOUNTS, [
    noteInEverySetting(env, userId, { at: nowMs, by: actor, subject: userId, event }, mayBe),
    ...forgetSecondFactors(env, userId, mayBe),
    await awaitResetCode(env, userId, code, nowMs, mayBe),
  ]);
  await Promise.all([tellEveryRecord(env, userId), closeOpenPages(env, userId)]);
  // They joined another one in between: then nothing was written.
  return (await isElsewhere()) ? 'belongs-elsewhere' : { name: member.name, code, expiresAt: nowMs + RESET_CODE_MS };
}

/** Those of the setting's people who belong to another one as well, of which that person is no manager. */
export async function membersElsewhere(
  env: Bindings,
  settingId: string,
  actorId: string,
): Promise<ReadonlySet<string>> {
  const here = openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .select('user_id')
    .where('setting_id', '=', settingId);
  const rows = await beyondTheManager(env, actorId).where('theirs.user_id', 'in', here).execute();
  return new Set(rows.map(({ user_id }) => user_id));
}

/** Memberships in settings that the actor does not manage. */
function beyondTheManager(env: Bindings, actorId: string) {
  const db = openAccounts(env.ACCOUNTS);
  const managed = db
    .selectFrom('memberships')
    .select('setting_id')
    .where('user_id', '=', actorId)
    .where('role', 'in', rolesThatMay('people.change'));
  return db.selectFrom('memberships as theirs').select('theirs.user_id').where('theirs.setting_id', 'not in', managed);
}

function mayInvite(role: RoleId): boolean {
  return rolesThatMay('people.change').includes(role);
}

function members(env: Bindings, settingId: string) {
  return openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .innerJoin('user', 'user.id', 'memberships.user_id')
    .select(['user.id', 'user.name', 'user.email'])
    .select(['memberships.role', 'memberships.extra_json', 'memberships.since'])
    .select(secondFactorOf)
    .select(awaitsResetCode)
    .where('memberships.setting_id', '=', settingId);
}

function membership(env: Bindings, settingId: string, userId: string) {
  return openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .select('role')
    .where('setting_id', '=', settingId)
    .where('user_id', '=', userId);
}

function ofMember(env: Bindings, settingId: string, userId: string) {
  return openAccounts(env.ACCOUNTS)
    .updateTable('memberships')
    .where('setting_id', '=', settingId)
    .where('user_id', '=', userId);
}

function readRights(row: { readonly role: string; readonly extra_json: string }): Pick<Membership, 'role' | 'extra'> {
  const role = readRole(row.role);
  return { role, extra: readExtra(role, row.extra_json) };
}

async function changeMember(
  env: Bindings,
  settingId: string,
  userId: string,
  queries: readonly Compilable[],
): Promise<MemberChanged> {
  try {
    await runBatch(env.ACCOUNTS, queries);
  } catch (error) {
    // The database's own word, of 0003_people.sql: nothing else of the batch has happened either.
    if (String(error).includes('a setting keeps at least one manager')) return 'last-manager';
    throw error;
  }
  await Promise.all([tellRecord(env, settingId), closeOpenPages(env, userId, settingId)]);
  return 'done';
}

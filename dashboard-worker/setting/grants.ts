/**
 * Grants: given, extended, ended early, and what the box said to them.
 *
 * What was given with one tap, what it was extended by, and what was given for the same while it was in force is one
 * *story*: people see one permission (grant-stories.ts), and ending it ends all of it. To the box each is a grant of its
 * own, and no row is changed by another. A *decision* is what one person gave at once: what the year counts.
 *
 * The box is told all grants that have not ended, under a version that every change raises; it acknowledges a version
 * when its hot path reads it. A grant is in force on the box once a version that holds it was acknowledged, and an
 * early end is confirmed by the first acknowledged version without it. A version that was never sent, because the
 * dashboard was killed or the box away, is sent at the next connect.
 */

import type { GrantsPayload } from '../../policy-rules/agent-protocol.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import { ownDeviceId } from '../../policy-rules/own-devices.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { parseGrant } from '../../policy-rules/validate-policy.ts';
import { endOf, type GrantUntil, type SlotStart, slotStart, startOf, type TimeProblem } from './grant-times.ts';
import { isNameOf, scopeName, targetName } from './naming.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { RecordEvent } from './record-events.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

export interface GrantWish {
  /** At least one, each once: given in one transaction, as one story. */
  readonly targets: readonly GrantTarget[];
  readonly scope: GrantScope;
  /** Absent: from now on. */
  readonly from?: SlotStart;
  /** Counted from the start; a time of day or the closing time is of the day on which it starts. */
  readonly until: GrantUntil;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  readonly reason: string;
  /** Whom it is for, by name: the asker, or whoever gives it. "" for nobody in particular, as in an emergency. */
  readonly askedBy: string;
}

/** Why a grant cannot be given. */
export type GrantProblem =
  | TimeProblem
  | 'no-such-target'
  /** Somebody's own: nothing is recorded of it by itself, so nothing can be allowed to it by itself. */
  | 'not-own-device'
  | 'no-such-scope'
  | 'protected'
  | 'too-long'
  /** A note is of what is over. */
  | 'not-over';

/** `id`: of a grant of the story, by which it is found; of what was just given, its own. */
export type Given = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly problem: GrantProblem };

export type GrantRow = SettingTables['grants'];

/** Permission is for a visit, not for a season: what is longer belongs into the policy. */
const LONGEST_MS = 24 * 60 * 60_000;

/**
 * Writes the grant, its record and the raised version together. Call it within a transaction or by itself. What is given
 * for the same devices and the same use while that is in force joins its story: people see one permission, with the later
 * end, and ending it ends all of it. `id`: of the decision.
 */
export function giveGrant(
  store: Store,
  wish: GrantWish,
  actor: Actor,
  nowMs: number,
  id: string = crypto.randomUUID(),
): Given {
  return store.transaction(() => {
    const from = startOf(store, wish.from, nowMs);
    if (typeof from === 'string') return { ok: false, problem: from };
    const until = endOf(store, wish.until, from);
    if (typeof until === 'string') return { ok: false, problem: until };
    if (until - from > LONGEST_MS) return { ok: false, problem: 'too-long' };
    if (from > nowMs)
      return decide(store, wish, { from, until }, { type: 'grant-booked', story: id, actor }, nowMs, id);
    const inForce = storyInForce(store, wish, nowMs);
    const { story = id, until: alreadyUntil } = inForce ?? {};
    const addition = {
      type: 'grant-given',
      story,
      actor,
      ...(alreadyUntil !== undefined && { alreadyUntil }),
    } as const;
    return decide(store, wish, { from, until }, addition, nowMs, id);
  });
}

/**
 * What was allowed by word of mouth earlier today, and is over: a record only. No version is raised and no box is told,
 * so that nothing is changed backwards. `wish.from` and a time of day are its bounds.
 */
export function noteGrant(store: Store, wish: GrantWish, actor: Actor, nowMs: number, id: string): Given {
  return store.transaction(() => {
    const from = wish.from === undefined ? nowMs : slotStart(store, { date: null, time: wish.from.time }, nowMs);
    const until = endOf(store, wish.until, from);
    if (typeof until === 'string') return { ok: false, problem: until };
    if (until > nowMs) return { ok: false, problem: 'not-over' };
    const addition = { type: 'grant-noted', story: id, actor } as const;
    return decide(store, { ...wish, mode: 'verbal' }, { from, until }, addition, nowMs, id);
  });
}

/** One decision: a grant for each device or group. */
function decide(
  store: Store,
  { targets, scope, purpose, mode, reason, askedBy }: GrantWish,
  span: Pick<Grant, 'from' | 'until'>,
  addition: Omit<Addition, 'decision' | 'toSelf'>,
  nowMs: number,
  id: string,
): Given {
  const { actor } = addition;
  const grants = targets.map((target, index) => ({
    id: index === 0 ? id : crypto.randomUUID(),
    ...{ target, scope, ...span, purpose, mode, reason, askedBy },
    ...signed(actor, nowMs),
  }));
  const toSelf = isToSelf(askedBy, actor);
  const problem = addGrants(store, grants, { ...addition, decision: id, toSelf });
  return problem === null ? { ok: true, id } : { ok: false, problem };
}

function isToSelf(person: string, { name, speaksFor = [] }: Actor): boolean {
  return [name, ...speaksFor].some((fullName) => isNameOf(person, fullName));
}

/** What allows the same, now, to the same devices and groups. Not an official channel's: that ends with the channel. */
function storyInForce(
  store: Store,
  { targets, scope }: GrantWish,
  nowMs: number,
): { readonly story: string; readonly until: number } | undefined {
  const wanted = targets.map((target) => JSON.stringify(target));
  const rows = openRows(store, nowMs).filter(
    (row) => row.scope_json === JSON.stringify(scope) && row.channel_id === null,
  );
  const stories = [...Map.groupBy(rows, ({ story }) => story)].map(([story, parts]) => ({
    story,
    targets: new Set(parts.map(({ target_json }) => target_json)),
    until: Math.max(...parts.map(({ until_at }) => until_at)),
  }));
  return stories.find((each) => each.targets.size === wanted.length && wanted.every((one) => each.targets.has(one)));
}

/** All that has begun and not ended. */
export function openRows(store: Store, nowMs: number): GrantRow[] {
  return store
    .run((db) => db.selectFrom('grants').selectAll().where('until_at', '>', nowMs).orderBy('granted_at'))
    .filter((row) => isOpen(row, nowMs) && row.from_at <= nowMs);
}

export type MoreTime =
  /** So many minutes after the end that it has now. */
  | { readonly minutes: number }
  /** The end of the present opening period. */
  | { readonly session: true }
  /** The end of today's last opening period. */
  | { readonly close: true };

/**
 * More time for what is allowed, or booked, already. `knownEnd` is the end that the person was shown: when it is another
 * one by now (a double tap, a colleague), nothing is written and that is no problem.
 */
export function extendStory(
  store: Store,
  id: string,
  more: MoreTime,
  knownEnd: number,
  actor: Actor,
  nowMs: number,
): Given {
  return store.transaction(() => {
    const rows = storyRows(store, id);
    const open = rows.filter((row) => isOpen(row, nowMs)).toSorted((a, b) => a.until_at - b.until_at);
    // What ends last is what is extended, where several decisions are one story.
    const last = open.at(-1);
    if (last === undefined) return { ok: false, problem: 'time-over' };
    const { story, until_at: end, channel_id: channelId, decision } = last;
    if (end !== knownEnd) return { ok: true, id: story };
    const starts = Math.min(...rows.map((row) => row.from_at));
    const until =
      'minutes' in more ? end + Math.round(more.minutes) * 60_000 : endOf(store, more, Math.max(nowMs, starts));
    if (typeof until === 'string') return { ok: false, problem: until };
    if (until <= end) return { ok: false, problem: 'closed' };
    if (until - starts > LONGEST_MS) return { ok: false, problem: 'too-long' };
    const targets = new Map(open.map((row) => [row.target_json, row]));
    const grants = [...targets.values()].map((row) => ({
      ...toGrant(row),
      id: crypto.randomUUID(),
      // What is booked for later does not begin now because it was made longer.
      from: Math.max(nowMs, row.from_at),
      until,
      ...signed(actor, nowMs),
    }));
    // Somebody else may have given it, and who extends it for themselves has allowed it themselves.
    const toSelf = isToSelf(personOf(last), actor);
    const addition = { type: 'grant-extended', story, decision, toSelf, actor, channelId } as const;
    const problem = addGrants(store, grants, addition);
    return problem === null ? { ok: true, id: story } : { ok: false, problem };
  });
}

export interface Addition {
  readonly type: 'grant-given' | 'grant-booked' | 'grant-extended' | 'grant-noted';
  readonly story: string;
  /** The id of the first grant of what was decided at once; of an extension, what it extends. */
  readonly decision: string;
  readonly toSelf: boolean;
  readonly actor: Actor;
  /** Until when it was allowed already. */
  readonly alreadyUntil?: number;
  /** Of an official channel's standing permission, and of what it was extended by: it ends with the channel. */
  readonly channelId?: string | null;
  /** Of the slot itself: the register decided, and nobody at this moment. */
  readonly slotKey?: string;
}

/** All of them, each with its record, under one version; or none, and why. Within a transaction. */
export function addGrants(store: Store, grants: readonly Grant[], addition: Addition): GrantProblem | null {
  const policy = policyOf(store);
  for (const grant of grants) {
    const problem = whyRefused(grant, policy);
    if (problem !== null) return problem;
  }
  const version = addition.type === 'grant-noted' ? grantsVersion(store) : raiseGrantsVersion(store);
  for (const grant of grants) {
    insertGrant(store, grant, addition, version);
    const { from, until, purpose, mode, reason, askedBy } = grant;
    const [target, scope] = [targetName(policy, grant.target), scopeName(grant.scope)];
    const { type, toSelf, actor, alreadyUntil } = addition;
    const facts = { target, scope, from, until, purpose, mode, reason, askedBy, toSelf };
    const event: RecordEvent = { type, ...facts, ...(alreadyUntil !== undefined && { alreadyUntil }) };
    const by = addition.slotKey === undefined ? actor : null;
    writeRecord(store, { at: grant.grantedAt, by, subject: grant.id, event });
  }
  return null;
}

/** Whether the box could take it; null when it could. */
export function whyRefused(grant: Grant, policy: Policy): GrantProblem | null {
  const parsed = parseGrant(grant, policy, catalogue);
  if ('problems' in parsed) return problemOf(parsed.problems, grant.scope);
  return 'device' in grant.target && ownDeviceId(policy, grant.target.device) === '' ? 'not-own-device' : null;
}

export function signed(actor: Actor, nowMs: number): Pick<Grant, 'grantedBy' | 'grantedAt'> {
  return { grantedBy: actor.name, grantedAt: nowMs };
}

export function isGrantId(store: Store, id: string): boolean {
  return grantRow(store, id) !== undefined;
}

/** All of the story. False when it is not there, or has ended already: then nothing is written. */
export function endStory(store: Store, id: string, actor: Actor, nowMs: number): boolean {
  return store.transaction(() => endRows(store, storyRows(store, id), actor, nowMs));
}

/** Those that have not ended, under one version; the record names each device or group once. */
export function endRows(
  store: Store,
  rows: readonly GrantRow[],
  actor: Actor,
  nowMs: number,
  policy: Policy = policyOf(store),
): boolean {
  const open = rows.filter((row) => isOpen(row, nowMs));
  if (open.length === 0) return false;
  revokeRows(store, open, actor, nowMs);
  for (const row of new Map(open.map((each) => [`${each.story} ${each.target_json}`, each])).values()) {
    writeRecord(store, {
      at: nowMs,
      by: actor,
      subject: row.id,
      event: {
        type: 'grant-ended-early',
        target: targetName(policy, JSON.parse(row.target_json)),
        scope: scopeName(JSON.parse(row.scope_json)),
      },
    });
  }
  return true;
}

export function revokeRows(store: Store, rows: readonly GrantRow[], actor: Actor, nowMs: number): void {
  if (rows.length === 0) return;
  const ended = { revoked_at: nowMs, revoked_by: actor.name, end_version: raiseGrantsVersion(store) };
  for (const { id } of rows) store.change((db) => db.updateTable('grants').set(ended).where('id', '=', id));
}

export function isOpen(row: GrantRow, nowMs: number): boolean {
  return row.revoked_at === null && row.until_at > nowMs && row.after_the_fact === 0;
}

/**
 * Ends what was granted to a device that goes, so that nobody is told of a permission that nothing can use; or that is
 * not the setting's own any more. `before`: the policy that it still was in, under the name that it had there.
 */
export function endGrantsOfDevice(store: Store, device: string, before: Policy, actor: Actor, nowMs: number): void {
  const target = JSON.stringify({ device });
  const rows = store
    .run((db) => db.selectFrom('grants').selectAll().where('target_json', '=', target).where('until_at', '>', nowMs))
    .filter((row) => isOpen(row, nowMs));
  store.transaction(() => {
    endRows(store, rows, actor, nowMs, before);
    freeSlots(store, rows);
  });
}

/** Of rows that ended because something else went: what stands for a channel may be booked again once that is back. */
export function freeSlots(store: Store, rows: readonly GrantRow[]): void {
  for (const { id, channel_slot } of rows) {
    if (channel_slot === null) continue;
    store.change((db) => db.updateTable('grants').set({ channel_slot: null }).where('id', '=', id));
  }
}

/** What the box is to have: every grant that has not ended. */
export function grantsPayload(store: Store, nowMs: number): GrantsPayload {
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where('until_at', '>', nowMs)
      // A note would be over by now anyway, but for a clock that was set back.
      .where('after_the_fact', '=', 0)
      .orderBy('granted_at'),
  );
  return { version: grantsVersion(store), grants: rows.map(toGrant) };
}

export function grantsVersion(store: Store): number {
  return store.first((db) => db.selectFrom('setting').select('grants_version'))?.grants_version ?? 0;
}

/** A box may have a higher version than ours (a restored backup, another setting before): it refuses anything older. */
export function raiseGrantsVersionAbove(store: Store, boxVersion: number, alsoEqual: boolean): void {
  const ours = grantsVersion(store);
  if (ours > boxVersion || (ours === boxVersion && !alsoEqual)) return;
  store.change((db) => db.updateTable('setting').set({ grants_version: boxVersion + 1 }));
}

/** The box's hot path has read that version since `saidAt`, by its own clock: one ahead of ours means now. */
export function acknowledgeGrants(store: Store, version: number, saidAt: number, nowMs: number): void {
  const inForceAt = Math.min(saidAt, nowMs);
  store.transaction(() => {
    const rows = store.run((db) =>
      db
        .updateTable('grants')
        .set({ in_force_at: inForceAt })
        .where('in_force_at', 'is', null)
        .where('version', '<=', version)
        .where('until_at', '>', inForceAt)
        // The box's clock may be behind: what was noted here would be in force by it.
        .where('after_the_fact', '=', 0)
        .where((eb) => eb.or([eb('end_version', 'is', null), eb('end_version', '>', version)]))
        .returningAll(),
    );
    store.change((db) =>
      db
        .updateTable('grants')
        .set({ end_confirmed_at: inForceAt })
        .where('end_confirmed_at', 'is', null)
        .where('end_version', '<=', version),
    );
    const policy = rows.length > 0 ? policyOf(store) : null;
    for (const row of rows) {
      writeRecord(store, {
        at: nowMs,
        by: null,
        subject: row.id,
        event: {
          type: 'grant-in-force',
          target: targetName(policy, JSON.parse(row.target_json)),
          scope: scopeName(JSON.parse(row.scope_json)),
          // What is booked the box has now, and it will be in force then.
          at: Math.max(inForceAt, row.from_at),
        },
      });
    }
  });
}

/** What an earlier box confirmed says nothing of the next one. */
export function forgetConfirmations(store: Store, nowMs: number): void {
  store.change((db) =>
    db.updateTable('grants').set({ in_force_at: null }).where('revoked_at', 'is', null).where('until_at', '>', nowMs),
  );
}

function grantRow(store: Store, id: string): GrantRow | undefined {
  return store.first((db) => db.selectFrom('grants').selectAll().where('id', '=', id));
}

/** The story that this grant is of, in the order in which it was told. */
export function storyRows(store: Store, id: string): GrantRow[] {
  return store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('story', '=', (eb) => eb.selectFrom('grants').select('story').where('id', '=', id))
      .orderBy('granted_at')
      .orderBy('target_json'),
  );
}

function problemOf(problems: readonly { keys: readonly (string | number)[] }[], scope: GrantScope): GrantProblem {
  const place = problems[0]?.keys[0];
  if (place === 'target') return 'no-such-target';
  if (place !== 'scope') return 'time-over';
  const known =
    'service' in scope
      ? catalogue.services.some(({ id }) => id === scope.service)
      : 'category' in scope && catalogue.categories.some(({ id }) => id === scope.category);
  return known ? 'protected' : 'no-such-scope';
}

/** Whom it is for. Before that was asked for, a grant that named nobody was for whoever gave it. */
export function personOf(row: GrantRow): string {
  return row.asked_by === '' && row.to_self === 1 ? row.granted_by : row.asked_by;
}

function raiseGrantsVersion(store: Store): number {
  const [row] = store.run((db) =>
    db
      .updateTable('setting')
      .set((eb) => ({ grants_version: eb('grants_version', '+', 1) }))
      .returning('grants_version'),
  );
  return row!.grants_version;
}

function insertGrant(
  store: Store,
  grant: Grant,
  { type, story, decision, toSelf, actor, channelId, slotKey }: Addition,
  version: number,
): void {
  store.change((db) =>
    db.insertInto('grants').values({
      id: grant.id,
      story,
      decision,
      target_json: JSON.stringify(grant.target),
      scope_json: JSON.stringify(grant.scope),
      from_at: grant.from,
      until_at: grant.until,
      purpose: grant.purpose,
      mode: grant.mode,
      reason: grant.reason,
      asked_by: grant.askedBy,
      granted_by: grant.grantedBy,
      granted_by_id: actor.id,
      granted_at: grant.grantedAt,
      to_self: toSelf ? 1 : 0,
      after_the_fact: type === 'grant-noted' ? 1 : 0,
      revoked_at: null,
      revoked_by: null,
      version,
      end_version: null,
      channel_id: channelId ?? null,
      channel_slot: slotKey ?? null,
      in_force_at: null,
      end_confirmed_at: null,
    }),
  );
}

export function toGrant(row: GrantRow): Grant {
  return {
    id: row.id,
    target: JSON.parse(row.target_json),
    scope: JSON.parse(row.scope_json),
    from: row.from_at,
    until: row.until_at,
    purpose: row.purpose as Grant['purpose'],
    mode: row.mode as Grant['mode'],
    reason: row.reason,
    askedBy: row.asked_by,
    grantedBy: row.granted_by,
    grantedAt: row.granted_at,
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at, revokedBy: row.revoked_by ?? '' }),
  };
}

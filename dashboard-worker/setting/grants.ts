/**
 * Grants: given, ended early, and what the box said to them.
 *
 * The box is told all grants that have not ended, under a version that every change raises; it acknowledges a version
 * when its hot path reads it. A grant is in force on the box once a version that holds it was acknowledged, and an
 * early end is confirmed by the first acknowledged version without it. A version that was never sent, because the
 * dashboard was killed or the box away, is sent at the next connect.
 */

import type { GrantsPayload } from '../../policy-rules/agent-protocol.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import { parseGrant } from '../../policy-rules/validate-policy.ts';
import type { BoxPresence, GrantModel, GrantState, UsualGrant } from '../views/models.ts';
import { refusalsOf } from './boxes.ts';
import { scopeName, targetName } from './naming.ts';
import { closingTime, todayAt } from './opening.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

export type GrantUntil =
  | { readonly minutes: number }
  /** The end of today's last opening period. */
  | { readonly close: true }
  /** HH:MM today, in the setting's zone. */
  | { readonly time: string };

export interface GrantWish {
  readonly target: GrantTarget;
  readonly scope: GrantScope;
  readonly until: GrantUntil;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  readonly reason: string;
  readonly askedBy: string;
}

/** Why a grant cannot be given. */
export type GrantProblem = 'no-such-target' | 'no-such-scope' | 'protected' | 'closed' | 'time-over' | 'too-long';

export type Given = { readonly ok: true; readonly id: string } | { readonly ok: false; readonly problem: GrantProblem };

/** Permission is for a visit, not for a season: what is longer belongs into the policy. */
const LONGEST_MS = 24 * 60 * 60_000;

/** Writes the grant, its record and the raised version together. Call it within a transaction or by itself. */
export function giveGrant(
  store: Store,
  wish: GrantWish,
  actor: Actor,
  nowMs: number,
  id: string = crypto.randomUUID(),
): Given {
  return store.transaction(() => {
    const policy = policyOf(store);
    const until = untilOf(store, wish.until, nowMs);
    if (typeof until === 'string') return { ok: false, problem: until };
    if (until - nowMs > LONGEST_MS) return { ok: false, problem: 'too-long' };
    const grant: Grant = {
      id,
      target: wish.target,
      scope: wish.scope,
      from: nowMs,
      until,
      purpose: wish.purpose,
      mode: wish.mode,
      reason: wish.reason,
      askedBy: wish.askedBy,
      grantedBy: actor.name,
      grantedAt: nowMs,
    };
    const parsed = parseGrant(grant, policy, catalogue);
    if ('problems' in parsed) return { ok: false, problem: problemOf(parsed.problems, wish.scope) };
    const toSelf = isToSelf(wish, actor);
    insertGrant(store, grant, toSelf, raiseGrantsVersion(store));
    writeRecord(store, {
      at: nowMs,
      by: actor,
      subject: grant.id,
      event: {
        type: 'grant-given',
        target: targetName(policy, grant.target),
        scope: scopeName(grant.scope),
        from: grant.from,
        until: grant.until,
        purpose: grant.purpose,
        mode: grant.mode,
        reason: grant.reason,
        askedBy: grant.askedBy,
        toSelf,
      },
    });
    return { ok: true, id: grant.id };
  });
}

/**
 * A form brings an id that it was shown with: sent twice (a double tap), it means one permission. A form that was gone
 * back to and filled in otherwise, or sent again after the end, means another one.
 */
export function isGivenAlready(store: Store, id: string, wish: GrantWish, nowMs: number): boolean {
  const row = grantRow(store, id);
  return (
    row !== undefined &&
    row.revoked_at === null &&
    row.until_at > nowMs &&
    row.target_json === JSON.stringify(wish.target) &&
    row.scope_json === JSON.stringify(wish.scope) &&
    row.reason === wish.reason &&
    ('minutes' in wish.until ? row.until_at - row.from_at === Math.round(wish.until.minutes) * 60_000 : true)
  );
}

export function isGrantId(store: Store, id: string): boolean {
  return grantRow(store, id) !== undefined;
}

/** False when it is not there, or has ended already: then nothing is written. */
export function endGrant(store: Store, id: string, actor: Actor, nowMs: number): boolean {
  return store.transaction(() => {
    const row = grantRow(store, id);
    if (row === undefined || row.revoked_at !== null || row.until_at <= nowMs) return false;
    const version = raiseGrantsVersion(store);
    store.change((db) =>
      db
        .updateTable('grants')
        .set({ revoked_at: nowMs, revoked_by: actor.name, end_version: version })
        .where('id', '=', id),
    );
    writeRecord(store, {
      at: nowMs,
      by: actor,
      subject: id,
      event: {
        type: 'grant-ended-early',
        target: targetName(policyOf(store), JSON.parse(row.target_json)),
        scope: scopeName(JSON.parse(row.scope_json)),
      },
    });
    return true;
  });
}

/** Ends what was granted to a device that goes, so that nobody is told of a permission that nothing can use. */
export function endGrantsOfDevice(store: Store, device: string, actor: Actor, nowMs: number): void {
  const target = JSON.stringify({ device });
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .select('id')
      .where('target_json', '=', target)
      .where('revoked_at', 'is', null)
      .where('until_at', '>', nowMs),
  );
  for (const { id } of rows) endGrant(store, id, actor, nowMs);
}

/** What the box is to have: every grant that has not ended. */
export function grantsPayload(store: Store, nowMs: number): GrantsPayload {
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where('until_at', '>', nowMs)
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
          at: inForceAt,
        },
      });
    }
  });
}

/** What an earlier box confirmed says nothing of the next one. */
export function forgetAcknowledgements(store: Store, nowMs: number): void {
  store.change((db) =>
    db.updateTable('grants').set({ in_force_at: null }).where('revoked_at', 'is', null).where('until_at', '>', nowMs),
  );
}

export function findGrant(store: Store, id: string, box: BoxPresence, nowMs: number): GrantModel | null {
  const row = grantRow(store, id);
  return row === undefined ? null : toModel(store, row, box, nowMs);
}

/** In force, on their way, or ended within the last hour; soonest end first. */
export function currentGrants(store: Store, box: BoxPresence, nowMs: number): GrantModel[] {
  return store
    .run((db) =>
      db
        .selectFrom('grants')
        .selectAll()
        .where('until_at', '>', nowMs - RECENTLY_MS)
        .where((eb) => eb.or([eb('revoked_at', 'is', null), eb('revoked_at', '>', nowMs - RECENTLY_MS)]))
        .orderBy('until_at'),
    )
    .map((row) => toModel(store, row, box, nowMs));
}

const RECENTLY_MS = 60 * 60_000;

/** The same permission again, as long as it was; null when there is no such grant. */
export function wishToRepeat(store: Store, id: string): GrantWish | null {
  const row = grantRow(store, id);
  if (row === undefined) return null;
  const { target, scope, purpose, mode, reason, askedBy, from, until } = toGrant(row);
  return { target, scope, purpose, mode, reason, askedBy, until: { minutes: (until - from) / 60_000 } };
}

/** Distinct permissions of the last four weeks to what is still there, the most frequent first. */
export function usualGrants(store: Store, nowMs: number): { usual: UsualGrant[]; scopes: GrantScope[] } {
  const policy = policyOf(store);
  const known = new Set([
    ...policy.devices.map(({ id }) => JSON.stringify({ device: id })),
    ...policy.groups.map(({ id }) => JSON.stringify({ group: id })),
  ]);
  const rows = store
    .run((db) =>
      db
        .selectFrom('grants')
        .selectAll()
        .where('granted_at', '>', nowMs - USUAL_SPAN_MS)
        .where('purpose', '!=', 'emergency')
        .orderBy('granted_at', 'desc'),
    )
    .filter((row) => known.has(row.target_json));
  const counted = new Map<string, { row: GrantRow; times: number }>();
  for (const row of rows) {
    const key = [row.target_json, row.scope_json, minutesOf(row), row.reason].join('\n');
    const seen = counted.get(key);
    if (seen === undefined) counted.set(key, { row, times: 1 });
    else seen.times += 1;
  }
  const usual = [...counted.values()]
    .toSorted((a, b) => b.times - a.times)
    .slice(0, USUAL_COUNT)
    .map(({ row }) => ({
      grantId: row.id,
      target: targetName(policy, JSON.parse(row.target_json)),
      scope: scopeName(JSON.parse(row.scope_json)),
      minutes: minutesOf(row),
      reason: row.reason,
    }));
  const scopes = [...new Set(rows.map((row) => row.scope_json))].map((json) => JSON.parse(json) as GrantScope);
  return { usual, scopes };
}

const USUAL_SPAN_MS = 28 * 24 * 60 * 60_000;
const USUAL_COUNT = 4;

type GrantRow = { [Column in keyof SettingTables['grants']]: SettingTables['grants'][Column] };

function grantRow(store: Store, id: string): GrantRow | undefined {
  return store.first((db) => db.selectFrom('grants').selectAll().where('id', '=', id));
}

function untilOf(store: Store, until: GrantUntil, nowMs: number): number | GrantProblem {
  if ('minutes' in until) return nowMs + Math.round(until.minutes) * 60_000;
  const policy = policyOf(store);
  if ('close' in until) return closingTime(policy, nowMs) ?? 'closed';
  const at = todayAt(policy, until.time, nowMs);
  return at > nowMs ? at : 'time-over';
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

/** Nobody else asked, and it is not for work: the manager's own. Shown as such to the committee. */
function isToSelf({ purpose, askedBy }: GrantWish, actor: Actor): boolean {
  const asker = askedBy.trim().toLocaleLowerCase('en-GB');
  return purpose === 'personal' && (asker === '' || asker === actor.name.trim().toLocaleLowerCase('en-GB'));
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

function insertGrant(store: Store, grant: Grant, toSelf: boolean, version: number): void {
  store.change((db) =>
    db.insertInto('grants').values({
      id: grant.id,
      target_json: JSON.stringify(grant.target),
      scope_json: JSON.stringify(grant.scope),
      from_at: grant.from,
      until_at: grant.until,
      purpose: grant.purpose,
      mode: grant.mode,
      reason: grant.reason,
      asked_by: grant.askedBy,
      granted_by: grant.grantedBy,
      granted_at: grant.grantedAt,
      to_self: toSelf ? 1 : 0,
      revoked_at: null,
      revoked_by: null,
      version,
      end_version: null,
      in_force_at: null,
      end_confirmed_at: null,
    }),
  );
}

function toGrant(row: GrantRow): Grant {
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

function toModel(store: Store, row: GrantRow, box: BoxPresence, nowMs: number): GrantModel {
  const { target, scope, revokedAt: _at, revokedBy: _by, ...facts } = toGrant(row);
  return {
    ...facts,
    target: targetName(policyOf(store), target),
    scope: scopeName(scope),
    toSelf: row.to_self === 1,
    state: stateOf(store, row, box, nowMs),
  };
}

function stateOf(store: Store, row: GrantRow, box: BoxPresence, nowMs: number): GrantState {
  if (row.revoked_at !== null) {
    const over = row.end_confirmed_at !== null || row.until_at <= nowMs || box.kind === 'none';
    return over ? { kind: 'ended', at: row.revoked_at, early: row.revoked_by ?? '' } : { kind: 'ending' };
  }
  if (row.until_at <= nowMs) return { kind: 'ended', at: row.until_at, early: null };
  if (row.in_force_at !== null) return { kind: 'in-force', since: Math.max(row.in_force_at, row.from_at) };
  const refusal = refusalsOf(store).grants;
  // A refusal of version 0 is of something that the box could not even read, so of the newest that it was sent.
  if (refusal !== undefined && (refusal.version === 0 || refusal.version >= row.version)) {
    return { kind: 'refused', reason: refusal.reason };
  }
  if (box.kind === 'working') return { kind: 'sending' };
  return { kind: 'waiting', boxAwaySince: box.kind === 'away' ? box.since : null };
}

function minutesOf(row: GrantRow): number {
  return Math.max(1, Math.round((row.until_at - row.from_at) / 60_000));
}

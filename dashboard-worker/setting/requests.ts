/** What staff ask for on the box's local site: received once, answered once, closed without an answer at closing time. */
import type { PermissionRequest } from '../../policy-rules/grants.ts';
import { ownDeviceId, ownDevices } from '../../policy-rules/own-devices.ts';
import { en } from '../views/messages.ts';
import type { RequestModel } from '../views/models.ts';
import type { GrantUntil } from './grant-times.ts';
import { type Given, giveGrant } from './grants.ts';
import { scopeName } from './naming.ts';
import { closingTime } from './opening.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';
import type { SettingTables } from './tables.ts';

export type RequestRow = SettingTables['requests'];

/** Who asks again and again gets an answer at once, so that nobody can push the request of another from the page. */
const WAITING_MAX_OF_DEVICE = 3;
/** Of all devices together that are not the setting's own: staff's phones are among them. */
const WAITING_MAX_OF_OTHERS = 15;
const WAITING_MAX = 50;
const TOO_MANY = 'Too many requests are waiting for an answer already';

/** A request from outside opening hours has no closing time to lapse at. */
const LAPSES_AFTER_MS = 60 * 60_000;

/** The same request again changes nothing. */
export function receiveRequest(store: Store, request: PermissionRequest, nowMs: number): void {
  store.transaction(() => {
    const policy = policyOf(store);
    const before = waiting(store);
    // A box of before may still name one that is not the setting's own.
    const device = ownDeviceId(policy, request.device);
    const alike = before.filter((other) => other.device === device).length;
    const most = device === '' ? WAITING_MAX_OF_OTHERS : WAITING_MAX_OF_DEVICE;
    const isTooMany = before.length >= WAITING_MAX || alike >= most;
    const taken = store.change((db) =>
      db
        .insertInto('requests')
        .values({
          id: request.id,
          device,
          scope_json: JSON.stringify(request.scope),
          minutes: request.minutes,
          reason: request.reason,
          asked_by: request.askedBy,
          asked_at: request.askedAt,
          lapses_at: closingTime(policy, nowMs) ?? nowMs + LAPSES_AFTER_MS,
          status: 'waiting',
          answered_at: null,
          answer_reason: null,
          grant_id: null,
        })
        .onConflict((conflict) => conflict.column('id').doNothing()),
    );
    if (taken === 0) return;
    writeRecord(store, {
      at: nowMs,
      by: { name: request.askedBy.trim() || en.now.someone },
      subject: request.id,
      event: {
        type: 'request-made',
        deviceName: deviceName(store, device),
        scope: scopeName(request.scope),
        minutes: request.minutes,
        reason: request.reason,
      },
    });
    if (!isTooMany) return;
    settle(store, request.id, 'refused', TOO_MANY, null, nowMs);
    writeRecord(store, {
      at: nowMs,
      by: null,
      subject: request.id,
      event: {
        type: 'request-refused',
        askedBy: request.askedBy.trim() || en.now.someone,
        scope: scopeName(request.scope),
        reason: TOO_MANY,
      },
    });
  });
}

/** `words`: said with a yes, and "" for nothing. */
export type RequestAnswerWish = { readonly grant: GrantUntil; readonly words: string } | { readonly refuse: string };

export type Answered =
  | { readonly ok: true; readonly grantId: string | null }
  /** Answered or lapsed before. */
  | { readonly ok: false; readonly problem: 'gone' }
  | { readonly ok: false; readonly problem: 'no-such-request' }
  /** The device that asked is not one of the setting's own, so the manager has to choose whom to give it to. */
  | { readonly ok: false; readonly problem: 'no-device' }
  | Extract<Given, { ok: false }>;

export function answerRequest(
  store: Store,
  id: string,
  wish: RequestAnswerWish,
  actor: Actor,
  nowMs: number,
): Answered {
  return store.transaction(() => {
    const request = findRequest(store, id);
    if (request === undefined) return { ok: false, problem: 'no-such-request' };
    if (request.status !== 'waiting' || request.lapses_at <= nowMs) {
      const given = 'refuse' in wish ? null : ownYes(store, request, actor);
      return given === null ? { ok: false, problem: 'gone' } : { ok: true, grantId: given };
    }
    const scope = JSON.parse(request.scope_json) as PermissionRequest['scope'];
    if ('refuse' in wish) {
      settle(store, id, 'refused', wish.refuse, null, nowMs);
      writeRecord(store, {
        at: nowMs,
        by: actor,
        subject: id,
        event: { type: 'request-refused', askedBy: askerOf(request), scope: scopeName(scope), reason: wish.refuse },
      });
      return { ok: true, grantId: null };
    }
    if (deviceName(store, request.device) === null) return { ok: false, problem: 'no-device' };
    const given = giveGrant(
      store,
      {
        targets: [{ device: request.device }],
        scope,
        until: wish.grant,
        purpose: 'personal',
        mode: 'written',
        reason: request.reason,
        askedBy: askerOf(request),
      },
      actor,
      nowMs,
    );
    if (!given.ok) return given;
    grantRequest(store, request, given.id, wish.words, actor, nowMs);
    return { ok: true, grantId: given.id };
  });
}

/** What this very person has given for the request, so that two taps on one button are one yes; null without it. */
function ownYes(store: Store, { grant_id }: RequestRow, actor: Actor): string | null {
  const given = store.first((db) =>
    db.selectFrom('grants').select('id').where('id', '=', grant_id).where('granted_by_id', '=', actor.id),
  );
  return given?.id ?? null;
}

/** A grant that was given through the long form answers the request that it was filled from. */
export function settleByGrant(store: Store, id: string, grantId: string, actor: Actor, nowMs: number): boolean {
  const request = findRequest(store, id);
  if (request?.status !== 'waiting') return false;
  grantRequest(store, request, grantId, '', actor, nowMs);
  return true;
}

function grantRequest(
  store: Store,
  request: RequestRow,
  grantId: string,
  words: string,
  actor: Actor,
  nowMs: number,
): void {
  settle(store, request.id, 'granted', words, grantId, nowMs);
  const scope = scopeName(JSON.parse(request.scope_json));
  const event = { type: 'request-granted', askedBy: askerOf(request), scope, reason: words } as const;
  writeRecord(store, { at: nowMs, by: actor, subject: request.id, event });
}

/** Lapses what was not answered by its time; the ids of those that just did. */
export function lapseRequests(store: Store, nowMs: number): string[] {
  const over = store.run((db) =>
    db.selectFrom('requests').select('id').where('status', '=', 'waiting').where('lapses_at', '<=', nowMs),
  );
  if (over.length === 0) return [];
  store.transaction(() => {
    for (const { id } of over) lapse(store, id, nowMs);
  });
  return over.map(({ id }) => id);
}

/** When the next of those that wait lapses; null when none waits. */
export function nextLapse(store: Store): number | null {
  const row = store.first((db) =>
    db
      .selectFrom('requests')
      .select((eb) => eb.fn.min('lapses_at').as('at'))
      .where('status', '=', 'waiting'),
  );
  return row?.at ?? null;
}

export function findRequest(store: Store, id: string): RequestRow | undefined {
  return store.first((db) => db.selectFrom('requests').selectAll().where('id', '=', id));
}

/** Answers since then, to be said again at a connect: an answer has no acknowledgement of its own. */
export function answersSince(store: Store, sinceMs: number): RequestRow[] {
  return store.run((db) =>
    db.selectFrom('requests').selectAll().where('status', '!=', 'waiting').where('answered_at', '>', sinceMs),
  );
}

export function waitingRequests(store: Store): RequestModel[] {
  return waiting(store).map((row) => requestModel(store, row));
}

export function countWaiting(store: Store): number {
  return store.first((db) =>
    db
      .selectFrom('requests')
      .select((eb) => eb.fn.countAll<number>().as('total'))
      .where('status', '=', 'waiting'),
  )!.total;
}

export function requestModel(store: Store, row: RequestRow): RequestModel {
  return {
    id: row.id,
    deviceName: deviceName(store, row.device),
    scope: scopeName(JSON.parse(row.scope_json)),
    minutes: row.minutes,
    reason: row.reason,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
  };
}

function waiting(store: Store): RequestRow[] {
  return store.run((db) =>
    db.selectFrom('requests').selectAll().where('status', '=', 'waiting').orderBy('asked_at').orderBy('id'),
  );
}

function lapse(store: Store, id: string, nowMs: number): void {
  const request = findRequest(store, id)!;
  settle(store, id, 'lapsed', '', null, nowMs);
  writeRecord(store, {
    at: nowMs,
    by: null,
    subject: id,
    event: {
      type: 'request-lapsed',
      askedBy: askerOf(request),
      scope: scopeName(JSON.parse(request.scope_json)),
    },
  });
}

function settle(
  store: Store,
  id: string,
  status: RequestRow['status'],
  reason: string,
  grantId: string | null,
  nowMs: number,
): void {
  store.change((db) =>
    db
      .updateTable('requests')
      .set({ status, answered_at: nowMs, answer_reason: reason, grant_id: grantId })
      .where('id', '=', id),
  );
}

function askerOf(request: RequestRow): string {
  return request.asked_by.trim() || en.now.someone;
}

/** Null for a device that is not one of the setting's own, or not any more. */
function deviceName(store: Store, device: string): string | null {
  return ownDevices(policyOf(store)).find(({ id }) => id === device)?.name ?? null;
}

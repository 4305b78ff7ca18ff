/** That somebody looked at what is about single devices, or tried to: on the record, once for the same thing, and told to the box. */
import {
  DEVICE_VIEWS_MAX,
  type DeviceViewsPayload,
  deviceOfAlert,
  type HealthReport,
} from '../../policy-rules/agent-protocol.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { AnyRight, RecordEntry } from '../views/models.ts';
import { reportingSince } from './device-reporting.ts';
import { policyOf } from './policies.ts';
import { type Actor, hasDone, readActions, writeRecord } from './record.ts';
import type { Store } from './store.ts';

const DAY_MS = 24 * 60 * 60_000;

/** Several views of the same page within this are one entry of the record. */
const ONE_VIEW_MS = 60 * 60_000;
const ONE_REFUSAL_MS = 60 * 60_000;

/** As long as what one device did is kept at all. */
const VIEWS_SHOWN_DAYS = 90;
/** Alerts of a device that runs wild would push everything else off the page. */
const VIEWS_SHOWN = 100;
const shownViews = ['device-usage-viewed', 'alert-viewed', 'unnamed-devices-viewed'] as const;

export function noteView(
  store: Store,
  type: 'usage-viewed' | 'year-viewed' | 'unnamed-devices-viewed',
  actor: Actor,
  nowMs: number,
): void {
  if (hasDone(store, actor, type, '', nowMs - ONE_VIEW_MS)) return;
  writeRecord(store, { at: nowMs, by: actor, subject: '', event: { type } });
}

/** Whether that is news: a page that is reloaded is one view. */
export function noteDeviceUsageSeen(
  store: Store,
  { id, name }: { readonly id: string; readonly name: string },
  actor: Actor,
  nowMs: number,
): boolean {
  if (hasDone(store, actor, 'device-usage-viewed', id, nowMs - ONE_VIEW_MS)) return false;
  const event = { type: 'device-usage-viewed', deviceName: name } as const;
  writeRecord(store, { at: nowMs, by: actor, subject: id, event });
  return true;
}

/**
 * An alert that says what one device did is device-level data: who saw it is recorded. Once for a person and a device
 * until the device gives another cause, since the page stands open all day and looks again by itself. Whether any is news.
 */
export function noteAlertsSeen(store: Store, alerts: HealthReport['alerts'], actor: Actor, nowMs: number): boolean {
  const names = new Map(ownDevices(policyOf(store)).map(({ id, name }) => [id, name]));
  const newest = new Map<string, number>();
  for (const { code, since } of alerts) {
    const told = deviceOfAlert(code);
    if (told === null) continue;
    // Devices that are gone count as one: a box cannot fill the record with devices of its own making.
    const device = names.has(told) ? told : '';
    newest.set(device, Math.max(since, newest.get(device) ?? 0));
  }
  let isNews = false;
  for (const [device, since] of newest) {
    // The box's clock may be ahead of ours.
    if (hasDone(store, actor, 'alert-viewed', device, Math.min(since, nowMs - ONE_VIEW_MS))) continue;
    const event = { type: 'alert-viewed', deviceName: names.get(device) ?? null } as const;
    writeRecord(store, { at: nowMs, by: actor, subject: device, event });
    isNews = true;
  }
  return isNews;
}

/**
 * Who looked at which of the setting's own devices, for the box to show to whoever uses one, and since when there is
 * something to look at. Where there are too many, the newest, and only since then.
 */
export function deviceViews(store: Store, nowMs: number): DeviceViewsPayload {
  const since = nowMs - VIEWS_SHOWN_DAYS * DAY_MS;
  const own = ownDevices(policyOf(store)).map(({ id }) => id);
  const rows = store.run((db) =>
    db
      .selectFrom('record')
      .leftJoin('record_words', 'record_words.seq', 'record.seq')
      .select(['record.subject', 'record.at', 'record.action', 'record_words.who'])
      .where('record.action', 'in', ['device-usage-viewed', 'alert-viewed'])
      .where('record.at', '>=', since)
      .where('record.subject', 'in', own)
      .orderBy('record.seq', 'desc')
      .limit(DEVICE_VIEWS_MAX),
  );
  const isCut = rows.length === DEVICE_VIEWS_MAX;
  return {
    since: isCut ? Math.max(since, rows.at(-1)!.at) : since,
    toldAt: nowMs,
    reportingSince: reportingSince(store),
    views: rows.map(({ subject: device, at, action, who }) => {
      return { device, at, by: (who ?? '').slice(0, 100), what: action === 'alert-viewed' ? 'alert' : 'figures' };
    }),
  };
}

/** What somebody asked for is beyond their role: once an hour for each right, or a reload would fill the record. */
export function noteAccessRefused(store: Store, right: AnyRight, actor: Actor, nowMs: number): void {
  if (hasDone(store, actor, 'access-refused', right, nowMs - ONE_REFUSAL_MS)) return;
  const event = { type: 'access-refused', permission: right } as const;
  writeRecord(store, { at: nowMs, by: actor, subject: right, event });
}

/** Who has looked lately, the newest first. */
export function viewsOfDevices(store: Store, nowMs: number): RecordEntry[] {
  const since = nowMs - VIEWS_SHOWN_DAYS * DAY_MS;
  return readActions(store, shownViews, since, nowMs + 1)
    .toReversed()
    .slice(0, VIEWS_SHOWN);
}

/** That somebody looked at what is about single devices, or tried to: on the record, once for the same thing. */
import { deviceOfAlert, type HealthReport } from '../../policy-rules/agent-protocol.ts';
import type { AnyPermission, RecordEntry } from '../views/models.ts';
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
const deviceViews = ['device-usage-viewed', 'alert-viewed', 'unnamed-devices-viewed'] as const;

export function noteView(
  store: Store,
  type: 'usage-viewed' | 'year-viewed' | 'unnamed-devices-viewed',
  actor: Actor,
  nowMs: number,
): void {
  if (hasDone(store, actor, type, '', nowMs - ONE_VIEW_MS)) return;
  writeRecord(store, { at: nowMs, by: actor, subject: '', event: { type } });
}

/**
 * An alert that says what one device did is device-level data: who saw it is recorded. Once for a person and a device
 * until the device gives another cause, since the page stands open all day and looks again by itself.
 */
export function noteAlertsSeen(store: Store, alerts: HealthReport['alerts'], actor: Actor, nowMs: number): void {
  const names = new Map(policyOf(store).devices.map(({ id, name }) => [id, name]));
  const newest = new Map<string, number>();
  for (const { code, since } of alerts) {
    const told = deviceOfAlert(code);
    if (told === null) continue;
    // Devices that are gone count as one: a box cannot fill the record with devices of its own making.
    const device = names.has(told) ? told : '';
    newest.set(device, Math.max(since, newest.get(device) ?? 0));
  }
  for (const [device, since] of newest) {
    // The box's clock may be ahead of ours.
    if (hasDone(store, actor, 'alert-viewed', device, Math.min(since, nowMs - ONE_VIEW_MS))) continue;
    const event = { type: 'alert-viewed', deviceName: names.get(device) ?? null } as const;
    writeRecord(store, { at: nowMs, by: actor, subject: device, event });
  }
}

/** What somebody asked for is beyond their role: once an hour for each permission, or a reload would fill the record. */
export function noteAccessRefused(store: Store, permission: AnyPermission, actor: Actor, nowMs: number): void {
  if (hasDone(store, actor, 'access-refused', permission, nowMs - ONE_REFUSAL_MS)) return;
  const event = { type: 'access-refused', permission } as const;
  writeRecord(store, { at: nowMs, by: actor, subject: permission, event });
}

/** Who has looked lately, the newest first. */
export function viewsOfDevices(store: Store, nowMs: number): RecordEntry[] {
  const since = nowMs - VIEWS_SHOWN_DAYS * DAY_MS;
  return readActions(store, deviceViews, since, nowMs + 1)
    .toReversed()
    .slice(0, VIEWS_SHOWN);
}

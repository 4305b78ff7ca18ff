/**
 * Whether figures of single devices are kept. People are told first (the monitoring notice), and the setting has weighed
 * it first (the data protection assessment): until both are there, what every device did is counted together. Filtering
 * hangs on neither, and nor does an alert about a device that tries to go round the filter: safeguarding comes first.
 */
import type { DeviceReporting } from '../views/models.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';

export function deviceReporting(store: Store): DeviceReporting {
  const missing: DeviceReporting['missing'][number][] = [];
  if (assessedOn(store) === null) missing.push('assessment');
  if (store.first((db) => db.selectFrom('notices').select('version').limit(1)) === undefined) missing.push('notice');
  return { on: missing.length === 0, missing };
}

/**
 * From when on they may be kept, in ms: what was used before, people had not been told of, however late the box brings it.
 * Null while they may not.
 */
export function reportingSince(store: Store): number | null {
  if (!deviceReporting(store).on) return null;
  return store.first((db) => db.selectFrom('setting').select('reporting_since'))?.reporting_since ?? null;
}

/** Within the transaction of what may have been the last that was missing. */
export function noteReportingBegun(store: Store, nowMs: number): void {
  if (!deviceReporting(store).on) return;
  store.change((db) => db.updateTable('setting').set({ reporting_since: nowMs }).where('reporting_since', 'is', null));
}

/** The date of the data protection assessment; null until it has been entered. */
export function assessedOn(store: Store): string | null {
  return store.first((db) => db.selectFrom('setting').select('assessed_on'))?.assessed_on ?? null;
}

/** `date`: YYYY-MM-DD. The same date again is no news. */
export function dateAssessment(store: Store, date: string, actor: Actor, nowMs: number): void {
  if (assessedOn(store) === date) return;
  store.transaction(() => {
    store.change((db) => db.updateTable('setting').set({ assessed_on: date }));
    noteReportingBegun(store, nowMs);
    writeRecord(store, { at: nowMs, by: actor, subject: '', event: { type: 'impact-assessment-dated', date } });
  });
}

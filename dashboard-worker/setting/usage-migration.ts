/**
 * The step of the schema that counts together what older releases have kept by device from before people were told: of
 * those hours and days nobody may read what a single device did, and nothing of the sums is lost.
 */
import { calendarOf } from './opening.ts';
import type { Store } from './store.ts';

export function countUntoldTogether(store: Store): void {
  const [setting] = store.select('SELECT reporting_since AS since FROM setting');
  const since = setting?.since == null ? null : Number(setting.since);
  const beforeHour = since ?? Number.MAX_SAFE_INTEGER;
  // A day does not say which of its hours were told of: the one in which it began counts as before.
  const lastDay = since === null ? '9999-12-31' : calendarOf(timeZoneOf(store), since).date;
  store.script(
    `INSERT INTO usage_hours (device, service, verdict, hour_start, count, minutes_low, minutes_high)
    SELECT '', service, verdict, hour_start, count, minutes_low, minutes_high
    FROM usage_hours WHERE device <> '' AND hour_start < ?
    ON CONFLICT DO UPDATE SET count = count + excluded.count,
      minutes_low = minutes_low | excluded.minutes_low, minutes_high = minutes_high | excluded.minutes_high`,
    beforeHour,
  );
  store.script("DELETE FROM usage_hours WHERE device <> '' AND hour_start < ?", beforeHour);
  store.script(
    `INSERT INTO usage_days (device, service, verdict, date, count, minutes)
    SELECT '', service, verdict, date, count, minutes FROM usage_days WHERE device <> '' AND date <= ?
    ON CONFLICT DO UPDATE SET count = count + excluded.count, minutes = minutes + excluded.minutes`,
    lastDay,
  );
  store.script("DELETE FROM usage_days WHERE device <> '' AND date <= ?", lastDay);
}

function timeZoneOf(store: Store): string {
  const [policy] = store.select('SELECT document_json FROM policy_versions ORDER BY version DESC LIMIT 1');
  return policy === undefined
    ? 'Europe/London'
    : (JSON.parse(String(policy.document_json)).timeZone ?? 'Europe/London');
}

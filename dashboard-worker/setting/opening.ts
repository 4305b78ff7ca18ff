/** The opening hours as the pages show them, at an instant. */
import { Temporal } from 'temporal-polyfill';
import { bankHolidaysOf } from '../../policy-rules/bank-holidays.ts';
import type { OpeningHours, Policy } from '../../policy-rules/policy.ts';
import { dateAt, inForce, nextChange, periodsOfDay } from '../../policy-rules/schedule.ts';
import type { HoursModel, OpeningState } from '../views/models.ts';

const NEXT_HOLIDAYS = 3;

export function openingAt({ hours, timeZone }: Policy, nowMs: number): OpeningState {
  const state = inForce(hours, timeZone, nowMs);
  const kind = !state.open ? 'closed' : state.onBreak ? 'break' : 'open';
  return { kind, until: nextChange(hours, timeZone, nowMs) };
}

/** What the page of opening hours shows. */
export function hoursFacts(
  policy: Policy,
  nowMs: number,
): Pick<HoursModel, 'opening' | 'hours' | 'nextBankHolidays' | 'today' | 'version'> {
  const { date: today } = calendarOf(policy.timeZone, nowMs);
  const year = Number(today.slice(0, 4));
  const holidays = [...bankHolidaysOf(year), ...bankHolidaysOf(year + 1)].filter(({ date }) => date >= today);
  return {
    opening: openingAt(policy, nowMs),
    hours: policy.hours,
    version: policy.version,
    nextBankHolidays: policy.hours.bankHolidays === 'none' ? [] : holidays.slice(0, NEXT_HOLIDAYS),
    today,
  };
}

/** Openings that are over say nothing any more, and would fill the form. `today`: YYYY-MM-DD. */
export function withoutPastOpenings(hours: OpeningHours, today: string): OpeningHours {
  return { ...hours, openings: hours.openings.filter(({ date }) => date >= today) };
}

/** End of today's last opening period; null when it is over, or today is closed. */
export function closingTime({ hours, timeZone }: Policy, nowMs: number): number | null {
  const { openings } = periodsOfDay(hours, timeZone, dateAt(timeZone, nowMs));
  const last = Math.max(0, ...openings.map(({ toMs }) => toMs));
  return last > nowMs ? last : null;
}

/** End of the opening period that is running; null while none is. Of periods that overlap, the one that ends last. */
export function sessionEnd({ hours, timeZone }: Policy, nowMs: number): number | null {
  const { openings } = periodsOfDay(hours, timeZone, dateAt(timeZone, nowMs));
  const running = openings.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
  return running.length === 0 ? null : Math.max(...running.map(({ toMs }) => toMs));
}

/** Where the closing time of the day says as much, no end of a session is offered beside it. */
export function endOfSessionBeforeClose(policy: Policy, nowMs: number): number | null {
  const end = sessionEnd(policy, nowMs);
  return end === closingTime(policy, nowMs) ? null : end;
}

/** The instant of a time of day (HH:MM) on the date that it is now. */
export function todayAt({ timeZone }: Policy, time: string, nowMs: number): number {
  return instantOf(timeZone, dateAt(timeZone, nowMs), time);
}

/** The instant of a wall time on a date; the first moment of the day without one. */
export function instantOf(timeZone: string, date: string, time = '00:00'): number {
  const plainTime = Temporal.PlainTime.from(time);
  return Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
}

/** YYYY-MM-DD, so many days later. */
export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Date, Monday of its week, month and hour of the day that an instant has in the zone. */
export function calendarOf(timeZone: string, instant: number) {
  const at = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);
  const date = at.toPlainDate().toString();
  return { date, week: mondayOf(date), month: date.slice(0, 7), hour: at.hour };
}

/** YYYY-MM-DD, of the week that a date is in. */
export function mondayOf(date: string): string {
  const day = Temporal.PlainDate.from(date);
  return day.subtract({ days: day.dayOfWeek - 1 }).toString();
}

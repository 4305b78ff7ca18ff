/**
 * Instants, dates and durations in words, in the setting's zone. Pure: "now" comes from the model.
 */
import { spoken } from './language.ts';
import type { CalendarDate, Instant, TimeOfDay } from './models.ts';

const t = spoken.time;
const DAY_MS = 86_400_000;

export interface When {
  readonly nowMs: Instant;
  readonly timeZone: string;
}

/**
 * "15:00" on today's date, otherwise with the day: "tomorrow at 08:00", "Monday at 08:00", "5 January 2027 at 08:00". The
 * end of today is "midnight". For after "until", "since" or "for"; after "at" stands `formatAt`.
 */
export function formatMoment(instant: Instant, when: When): string {
  const { day, time } = dayAndTime(instant, when);
  if (day === 'today') return time;
  if (day === 'midnight') return t.midnight;
  if (day === 'tomorrow') return t.tomorrowAt(time);
  return day === 'yesterday' ? t.yesterdayAt(time) : t.dateAt(day.date, time);
}

/** When something happens: "at 15:00", "at midnight", "tomorrow at 08:00", "on Monday at 08:00", "on 5 January 2027 at 08:00". */
export function formatAt(instant: Instant, when: When): string {
  const { day, time } = dayAndTime(instant, when);
  if (day === 'today') return t.at(time);
  if (day === 'midnight') return t.at(t.midnight);
  if (day === 'tomorrow') return t.tomorrowAt(time);
  return day === 'yesterday' ? t.yesterdayAt(time) : t.onDateAt(day.date, time);
}

type Day = 'today' | 'midnight' | 'tomorrow' | 'yesterday' | { readonly date: string };

/** The day as whoever reads it now calls it. */
function dayAndTime(instant: Instant, { nowMs, timeZone }: When): { readonly day: Day; readonly time: TimeOfDay } {
  const time = formatTime(instant, timeZone);
  const days = dayNumber(instant, timeZone) - dayNumber(nowMs, timeZone);
  if (days === 0) return { day: 'today', time };
  // "Tomorrow at 00:00" would be taken for the night after this one.
  if (days === 1) return { day: time === '00:00' ? 'midnight' : 'tomorrow', time };
  if (days === -1) return { day: 'yesterday', time };
  const isNear = days > 1 && days < 7;
  const date = formatter(timeZone, isNear ? { weekday: 'long' } : { day: 'numeric', month: 'long', year: 'numeric' });
  return { day: { date: date.format(instant) }, time };
}

/** "yesterday", "on Monday": a day of the week before. */
export function formatDayBefore(instant: Instant, when: When): string {
  const days = dayNumber(when.nowMs, when.timeZone) - dayNumber(instant, when.timeZone);
  return days === 1 ? t.yesterday : t.onDay(formatter(when.timeZone, { weekday: 'long' }).format(instant));
}

export function formatTime(instant: Instant, timeZone: string): TimeOfDay {
  return formatter(timeZone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(instant);
}

/** "Thursday 5 November 2026". */
export function formatDay(instant: Instant, timeZone: string): string {
  return formatter(timeZone, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })
    .format(instant)
    .replace(',', '');
}

/** "5 Nov 2026". */
export function formatShortDay(instant: Instant, timeZone: string): string {
  return formatter(timeZone, { day: 'numeric', month: 'short', year: 'numeric' })
    .format(instant)
    .replace('Sept', 'Sep');
}

/** "5 November 2026"; text that is no date comes back as it is. */
export function formatDate(date: CalendarDate): string {
  const instant = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(instant)) return date;
  return formatter('UTC', { day: 'numeric', month: 'long', year: 'numeric' }).format(instant);
}

/** "Thursday 5 November", where the week is said. */
export function formatDateInWeek(date: CalendarDate): string {
  const day = { weekday: 'long', day: 'numeric', month: 'long' } as const;
  return formatter('UTC', day).format(Date.parse(date)).replace(',', '');
}

/** "November 2026" for "2026-11". */
export function formatWholeMonth(month: string): string {
  const instant = Date.parse(`${month}-01T00:00:00Z`);
  if (Number.isNaN(instant)) return month;
  return formatter('UTC', { month: 'long', year: 'numeric' }).format(instant);
}

/** "Nov 26" for "2026-11". */
export function formatMonth(month: string): string {
  const instant = Date.parse(`${month}-01T00:00:00Z`);
  if (Number.isNaN(instant)) return month;
  return formatter('UTC', { month: 'short', year: '2-digit' }).format(instant).replace('Sept', 'Sep');
}

export function formatAgo(instant: Instant, nowMs: Instant): string {
  const seconds = Math.max(0, Math.floor((nowMs - instant) / 1000));
  if (seconds < 60) return t.secondsAgo(seconds);
  if (seconds < 3600) return t.minutesAgo(Math.floor(seconds / 60));
  if (seconds < 86_400) return t.hoursAgo(Math.floor(seconds / 3600));
  return t.daysAgo(Math.floor(seconds / 86_400));
}

/** "45 minutes", "2 hours", "1 h 30 min". */
export function formatDuration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  if (minutes <= 90 && minutes !== 60) return t.minutes(minutes);
  return minutes % 60 === 0 ? t.hours(hours) : t.hoursAndMinutes(hours, minutes % 60);
}

/** "12,345". */
export function formatCount(count: number): string {
  return new Intl.NumberFormat(spoken.locale).format(count);
}

/** The end of a day reads "midnight", not "24:00". */
export function formatTimeOfDay(time: TimeOfDay): string {
  return time === '24:00' ? t.midnight : time;
}

/** "2026-11-12 10:32:30": what spreadsheets take for an instant, and what sorts as text. */
export function formatForTable(instant: Instant, timeZone: string): string {
  const day = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const;
  const parts = formatter(timeZone, { ...day, ...time }).formatToParts(instant);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`;
}

/** For `datetime` attributes. */
export function isoInstant(instant: Instant): string {
  return new Date(instant).toISOString();
}

/** Days since the epoch of the calendar date that this instant has in the zone. */
function dayNumber(instant: Instant, timeZone: string): number {
  const parts = formatter(timeZone, { year: 'numeric', month: 'numeric', day: 'numeric' }).formatToParts(instant);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day')) / DAY_MS;
}

/** A page writes hundreds of times with few formats, and making a formatter costs more than using it. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${spoken.locale} ${timeZone} ${Object.entries(options).join(' ')}`;
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(spoken.locale, { ...options, timeZone });
  // Zones come from validated policies, so there are few; the bound keeps a long-lived isolate honest all the same.
  if (formatters.size >= 200) formatters.clear();
  formatters.set(key, made);
  return made;
}

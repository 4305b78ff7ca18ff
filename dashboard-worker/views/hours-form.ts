/**
 * The fields of the opening hours form, and how to read them back: rows of plain inputs, so that it works without a
 * script. Every row sends all of its fields, so the values of one name stand in the order of the rows.
 */
import type { OpeningHours, Period, Week } from '../../policy-rules/policy.ts';
import { spoken } from './language.ts';
import type { FieldError, TimeOfDay } from './models.ts';

export const weekDays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type WeekDay = (typeof weekDays)[number];

/** Field names. The id of a row's input is the name, a hyphen, and the row counted from 0. */
export const hoursFields = {
  time: (part: 'week' | 'breaks', day: WeekDay, end: 'from' | 'to') => `${part}-${day}-${end}`,
  span: (part: 'terms' | 'closures', field: 'name' | 'first' | 'last') => `${part}-${field}`,
  opening: (field: 'name' | 'date' | 'from' | 'to') => `openings-${field}`,
  bankHolidays: 'bankHolidays',
  /** Ticked by whoever means a week in which hardly a day is open. */
  confirmWeek: 'confirmWeek',
} as const;

/** What "Open today" stands at: the evening from six to eight; from eight on, until midnight. `now`: of this day. */
export function eveningToday(now: TimeOfDay): { readonly from: TimeOfDay; readonly to: TimeOfDay } {
  return { from: '18:00', to: now < '20:00' ? '20:00' : '00:00' };
}

/** Why today cannot be opened at these times, or null. `to` may be "24:00". */
export function openingProblem({ from, to }: Period, now: TimeOfDay): 'order' | 'over' | null {
  if (from >= to) return 'order';
  // Six to eight in the morning, written by somebody who means the evening.
  return to <= now ? 'over' : null;
}

/** What both FormData types (of the browser's and of the Worker's library) can do. */
export interface SentForm {
  getAll(name: string): readonly unknown[];
}

/** No form of people has more rows. */
const ROWS_MAX = 100;

const problems = spoken.hours.problems;

const openingNames = (['name', 'date', 'from', 'to'] as const).map(hoursFields.opening);

/**
 * The hours that were sent, and what is wrong with them. Empty rows are left out, so that with errors the page can be
 * shown again from `hours`; the fields of the errors count the rows that are left. Save only when there are no errors.
 */
export function readHoursForm(form: SentForm): { hours: OpeningHours; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const hours: OpeningHours = {
    week: readWeek(form, 'week', errors),
    breaks: readWeek(form, 'breaks', errors),
    terms: readSpans(form, 'terms', errors),
    closures: readSpans(form, 'closures', errors),
    bankHolidays: form.getAll(hoursFields.bankHolidays)[0] === 'none' ? 'none' : 'england-and-wales',
    openings: readOpenings(form, errors),
  };
  return { hours, errors };
}

/**
 * Whether the page sent it: with every field, each at least once (an empty row is always there) and each as often as its
 * row. A form without them would otherwise read as "always closed".
 */
export function isHoursForm(form: SentForm): boolean {
  const week = (part: 'week' | 'breaks') =>
    weekDays.map((day) => [hoursFields.time(part, day, 'from'), hoursFields.time(part, day, 'to')]);
  const spans = (part: 'terms' | 'closures') =>
    (['name', 'first', 'last'] as const).map((field) => hoursFields.span(part, field));
  const rows = [...week('week'), ...week('breaks'), spans('terms'), spans('closures'), openingNames];
  const whole = rows.every((names) => {
    const [length = 0, ...others] = names.map((name) => form.getAll(name).length);
    return length > 0 && others.every((other) => other === length);
  });
  return whole && form.getAll(hoursFields.bankHolidays).length === 1;
}

export function closedDays(week: Week): WeekDay[] {
  return weekDays.filter((day) => week[day].length === 0);
}

/** So few open days that it is rather a slip than a nursery: asked back before it is saved. */
export function isMostlyClosed(week: Week): boolean {
  return closedDays(week).length >= 6;
}

/** Midnight at the end of a day is 00:00 in a time field, and 24:00 in the policy. */
export function fieldTime(time: string): string {
  return time === '24:00' ? '00:00' : time;
}

function readWeek(form: SentForm, part: 'week' | 'breaks', errors: FieldError[]): Week {
  const week: Week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  for (const day of weekDays) {
    const rows = readRows(form, [hoursFields.time(part, day, 'from'), hoursFields.time(part, day, 'to')], errors);
    week[day] = rows.map(([from = '', to = ''], row) => {
      const period = { from, to: endOfDay(to) };
      const problem = problemOfPeriod(period, from, to);
      if (problem)
        errors.push({
          field: `${hoursFields.time(part, day, 'from')}-${row}`,
          message: `${spoken.hours.days[day]}: ${problem}`,
        });
      return period;
    });
    const overlap = firstOverlap(week[day]);
    if (overlap !== undefined) {
      errors.push({
        field: `${hoursFields.time(part, day, 'from')}-${overlap}`,
        message: `${spoken.hours.days[day]}: ${problems.overlap}`,
      });
    }
  }
  return week;
}

function readSpans(form: SentForm, part: 'terms' | 'closures', errors: FieldError[]): OpeningHours['terms'] {
  const names = (['name', 'first', 'last'] as const).map((field) => hoursFields.span(part, field));
  return readRows(form, names, errors).map(([name = '', first = '', last = ''], row) => {
    const wrong = (field: 'name' | 'first', message: string) =>
      errors.push({ field: `${hoursFields.span(part, field)}-${row}`, message: `${spoken.hours[part]}: ${message}` });
    const problem = problemOfName(name);
    if (problem) wrong('name', problem);
    if (!isDate(first) || !isDate(last)) wrong('first', problems.dates);
    else if (last < first) wrong('first', problems.dateOrder);
    return { name, first, last };
  });
}

function readOpenings(form: SentForm, errors: FieldError[]): OpeningHours['openings'] {
  return readRows(form, openingNames, errors).map(([name = '', date = '', from = '', to = ''], row) => {
    const wrong = (field: 'name' | 'date' | 'from', message: string) =>
      errors.push({ field: `${hoursFields.opening(field)}-${row}`, message: `${spoken.hours.openings}: ${message}` });
    const period = { from, to: endOfDay(to) };
    const nameProblem = problemOfName(name);
    if (nameProblem) wrong('name', nameProblem);
    if (!isDate(date)) wrong('date', problems.date);
    const periodProblem = problemOfPeriod(period, from, to);
    if (periodProblem) wrong('from', periodProblem);
    return { name, date, ...period };
  });
}

/** The values of these fields row by row, trimmed, without rows in which all are empty. */
function readRows(form: SentForm, names: readonly string[], errors: FieldError[]): string[][] {
  const columns = names.map((name) =>
    form.getAll(name).map((value) => (typeof value === 'string' ? value.trim() : '')),
  );
  const length = Math.max(0, ...columns.map((column) => column.length));
  const rows = Array.from({ length }, (_, row) => columns.map((column) => column[row] ?? '')).filter((row) =>
    row.some((value) => value !== ''),
  );
  if (rows.length > ROWS_MAX) errors.push({ field: `${names[0]}-${ROWS_MAX}`, message: problems.rows(ROWS_MAX) });
  return rows;
}

function endOfDay(to: string): string {
  return to === '00:00' ? '24:00' : to;
}

function problemOfPeriod(period: Period, from: string, to: string): string | undefined {
  if (from === '' || to === '') return problems.half;
  if (!isTime(period.from) || !isTime(period.to)) return problems.time;
  return period.from < period.to ? undefined : problems.order;
}

function problemOfName(name: string): string | undefined {
  if (name === '') return problems.name;
  return name.length > 80 ? problems.long : undefined;
}

/** The row of a period that begins before an earlier-starting one of the same day has ended. */
function firstOverlap(periods: readonly Period[]): number | undefined {
  const order = periods
    .map((period, row) => ({ ...period, row }))
    .filter(({ from, to }) => isTime(from) && isTime(to) && from < to)
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  return order.find((period, index) => index > 0 && period.from < (order[index - 1]?.to ?? ''))?.row;
}

function isTime(time: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(time);
}

function isDate(date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false;
  const instant = Date.parse(`${date}T00:00:00Z`);
  // Date.parse takes 30 February for 2 March, so the day has to come back as it went in.
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(date);
}

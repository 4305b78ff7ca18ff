/**
 * Opening hours at an instant: open, on a break or closed, why, and until when.
 *
 * Pure: the instant is an argument. A wall time that the clocks skip or repeat is taken as Temporal's 'compatible'
 * does (and RFC 5545): in the missing hour it moves forward by the hour, in the doubled hour it is the first of the two.
 * A period that this turns inside out (from 01:30 to 02:00 on the night of the missing hour) does not take place.
 * Left out: what a group may do while open; that is verdicts.ts.
 */
import { Temporal } from 'temporal-polyfill';
import { bankHolidaysOf } from './bank-holidays.ts';
import type { OneOffOpening, OpeningHours, Period, Week } from './policy.ts';

export type ScheduleCause =
  | 'opening hours'
  | 'one-off opening'
  | 'break'
  | 'closed'
  | 'closure'
  | 'bank holiday'
  | 'out of term';

export interface ScheduleState {
  /** Between opening and closing, breaks included. */
  readonly open: boolean;
  readonly onBreak: boolean;
  /** Whether "during opening hours" restrictions are in force: open, and not on a break. */
  readonly restricted: boolean;
  readonly cause: ScheduleCause;
  /** Of the closure, bank holiday or one-off opening. */
  readonly name?: string;
}

/** What the opening hours say at an instant. Throws a RangeError for an unknown time zone. */
export function inForce(hours: OpeningHours, timeZone: string, nowMs: number): ScheduleState {
  return stateAt(calendarOf(hours, timeZone), nowMs);
}

/**
 * The next instant at which the setting opens, closes, or begins or ends a break; null when that never happens within
 * HORIZON_DAYS. Between now and then `open` and `onBreak` hold; the cause may change from "closed" to "closure".
 */
export function nextChange(hours: OpeningHours, timeZone: string, nowMs: number): number | null {
  return nextWhere(hours, timeZone, nowMs, (now, then) => now.open !== then.open || now.onBreak !== then.onBreak);
}

/** The next instant at which restrictions begin or end; a closing time within a break is none. */
export function nextRestrictedChange(hours: OpeningHours, timeZone: string, nowMs: number): number | null {
  return nextWhere(hours, timeZone, nowMs, (now, then) => now.restricted !== then.restricted);
}

/** A little more than a year, so that a setting that opens once a year is still told when. */
export const HORIZON_DAYS = 400;

export type Weekday = keyof Week;

/** Monday first, as Temporal counts them from 1. */
export const weekdays: readonly Weekday[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

/** A period of one date. The instants differ from the wall times' distance on the day of a clock change. */
export interface DayPeriod {
  /** HH:MM as the policy has it. */
  readonly from: string;
  readonly to: string;
  readonly fromMs: number;
  /** Excluded. */
  readonly toMs: number;
  readonly cause: 'opening hours' | 'one-off opening' | 'break';
  readonly name?: string;
}

export interface Shut {
  readonly cause: 'closure' | 'bank holiday' | 'out of term';
  /** Of the closure or bank holiday. */
  readonly name?: string;
}

export interface DayPlan {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly weekday: Weekday;
  /** Why the week's periods do not hold on this date; absent on an ordinary day, even on one without periods. */
  readonly shut?: Shut;
  /** Earliest first; they may overlap, as the policy has them. */
  readonly openings: readonly DayPeriod[];
  /** Breaks of that weekday that touch an opening. */
  readonly breaks: readonly DayPeriod[];
}

/** The plan of one date (YYYY-MM-DD) in the setting's zone, for a page that draws it. */
export function periodsOfDay(hours: OpeningHours, timeZone: string, date: string): DayPlan {
  const plan = calendarOf(hours, timeZone)(Temporal.PlainDate.from(date));
  const breaks = plan.breaks.filter((pause) =>
    plan.openings.some((opening) => pause.fromMs < opening.toMs && opening.fromMs < pause.toMs),
  );
  return { ...plan, breaks };
}

/** What a date is, without its times: for a calendar, which shows hundreds of them. */
export interface CalendarDay {
  readonly date: string;
  readonly weekday: Weekday;
  /** Absent on an ordinary day, also on one without periods. */
  readonly shut?: Shut;
  /** Whether the usual week has periods on this weekday; they hold unless `shut`. */
  readonly usuallyOpen: boolean;
  readonly oneOff: readonly OneOffOpening[];
}

/** The days of a month ("2026-12"), the first one first. */
export function daysOfMonth(hours: OpeningHours, month: string): readonly CalendarDay[] {
  const first = Temporal.PlainYearMonth.from(month).toPlainDate({ day: 1 });
  const holidays = hours.bankHolidays === 'none' ? [] : bankHolidaysOf(first.year);
  const holidayOn = new Map(holidays.map(({ date, name }) => [date, name]));
  return Array.from({ length: first.daysInMonth }, (_, at) => {
    const date = `${month}-${String(at + 1).padStart(2, '0')}`;
    const weekday = weekdays[(first.dayOfWeek - 1 + at) % weekdays.length]!;
    const shut = whyShut(hours, date, holidayOn.get(date));
    const oneOff = hours.openings.filter((opening) => opening.date === date);
    return { date, weekday, ...(shut && { shut }), usuallyOpen: hours.week[weekday].length > 0, oneOff };
  });
}

/** The seven plans, Monday first, of the week that holds the date (YYYY-MM-DD). */
export function weekOf(hours: OpeningHours, timeZone: string, date: string): readonly DayPlan[] {
  const given = Temporal.PlainDate.from(date);
  const monday = given.subtract({ days: given.dayOfWeek - 1 });
  return weekdays.map((_, days) => periodsOfDay(hours, timeZone, monday.add({ days }).toString()));
}

/** The date, as YYYY-MM-DD, that an instant has in the zone. */
export function dateAt(timeZone: string, nowMs: number): string {
  return localDate(timeZone, nowMs).toString();
}

type Calendar = ((date: Temporal.PlainDate) => DayPlan) & { readonly timeZone: string };

/** Plans by date, each made once; lives for one call. */
function calendarOf(hours: OpeningHours, timeZone: string): Calendar {
  const plans = new Map<string, DayPlan>();
  const holidays = new Map<number, ReadonlyMap<string, string>>();
  const holidayOn = (date: Temporal.PlainDate, text: string): string | undefined => {
    let ofYear = holidays.get(date.year);
    if (ofYear === undefined) {
      ofYear = new Map(bankHolidaysOf(date.year).map((holiday) => [holiday.date, holiday.name]));
      holidays.set(date.year, ofYear);
    }
    return ofYear.get(text);
  };
  const planOf = (date: Temporal.PlainDate): DayPlan => {
    const text = date.toString();
    let plan = plans.get(text);
    if (plan === undefined) {
      const holiday = hours.bankHolidays === 'england-and-wales' ? holidayOn(date, text) : undefined;
      plan = makePlan(hours, timeZone, date, text, holiday);
      plans.set(text, plan);
    }
    return plan;
  };
  return Object.assign(planOf, { timeZone });
}

function makePlan(
  hours: OpeningHours,
  timeZone: string,
  date: Temporal.PlainDate,
  text: string,
  holiday: string | undefined,
): DayPlan {
  const weekday = weekdays[date.dayOfWeek - 1]!;
  const place = (period: Period, cause: DayPeriod['cause'], name?: string): DayPeriod => ({
    from: period.from,
    to: period.to,
    fromMs: instantOf(date, period.from, timeZone),
    toMs: instantOf(date, period.to, timeZone),
    cause,
    ...(name === undefined ? {} : { name }),
  });
  const shut = whyShut(hours, text, holiday);
  const openings = shut === undefined ? hours.week[weekday].map((period) => place(period, 'opening hours')) : [];
  for (const opening of hours.openings) {
    if (opening.date === text) openings.push(place(opening, 'one-off opening', opening.name));
  }
  const held = openings.filter(takesPlace).sort((a, b) => a.fromMs - b.fromMs);
  const breaks = held.length === 0 ? [] : hours.breaks[weekday].map((period) => place(period, 'break'));
  return { date: text, weekday, ...(shut && { shut }), openings: held, breaks: breaks.filter(takesPlace) };
}

/** A closure goes before a bank holiday, since somebody gave it a name of their own. */
function whyShut(hours: OpeningHours, date: string, holiday: string | undefined): Shut | undefined {
  const closure = hours.closures.find((span) => span.first <= date && date <= span.last);
  if (closure !== undefined) return { cause: 'closure', name: closure.name };
  if (holiday !== undefined) return { cause: 'bank holiday', name: holiday };
  const inTerm = hours.terms.length === 0 || hours.terms.some((span) => span.first <= date && date <= span.last);
  return inTerm ? undefined : { cause: 'out of term' };
}

function takesPlace(period: DayPeriod): boolean {
  return period.fromMs < period.toMs;
}

function stateAt(planOf: Calendar, nowMs: number): ScheduleState {
  const today = localDate(planOf.timeZone, nowMs);
  // A clock change at midnight can move a period of the day before or after into today.
  const plans = [planOf(today), planOf(today.subtract({ days: 1 })), planOf(today.add({ days: 1 }))];
  const holds = (period: DayPeriod) => period.fromMs <= nowMs && nowMs < period.toMs;
  const openings = plans.flatMap((plan) => plan.openings.filter(holds));
  const opening = openings.find((period) => period.cause === 'opening hours') ?? openings[0];
  if (opening === undefined) {
    return { open: false, onBreak: false, restricted: false, ...(plans[0]!.shut ?? { cause: 'closed' }) };
  }
  if (plans.some((plan) => plan.breaks.some(holds))) {
    return { open: true, onBreak: true, restricted: false, cause: 'break' };
  }
  const name = opening.name === undefined ? {} : { name: opening.name };
  return { open: true, onBreak: false, restricted: true, cause: opening.cause, ...name };
}

function nextWhere(
  hours: OpeningHours,
  timeZone: string,
  nowMs: number,
  differs: (now: ScheduleState, then: ScheduleState) => boolean,
): number | null {
  if (hours.openings.length === 0 && weekdays.every((weekday) => hours.week[weekday].length === 0)) return null;
  const planOf = calendarOf(hours, timeZone);
  const now = stateAt(planOf, nowMs);
  const today = localDate(timeZone, nowMs);
  // The state can only change where a period begins or ends. A day's boundaries are tried after the next day's are
  // known, since a clock change at midnight can put one of the next day's first.
  let pending: number[] = [];
  for (let days = -1; days <= HORIZON_DAYS; days += 1) {
    const complete = Math.max(...pending);
    const merged = [...pending, ...boundariesOf(planOf(today.add({ days })))].sort((a, b) => a - b);
    const change = merged.find((ms) => ms > nowMs && ms <= complete && differs(now, stateAt(planOf, ms)));
    if (change !== undefined) return change;
    pending = merged.filter((ms) => ms > complete);
  }
  return null;
}

function boundariesOf(plan: DayPlan): number[] {
  return [...plan.openings, ...plan.breaks].flatMap((period) => [period.fromMs, period.toMs]);
}

function instantOf(date: Temporal.PlainDate, time: string, timeZone: string): number {
  // 24:00 is the first moment of the next day, which a clock change may have made later than 00:00.
  const [day, plainTime] = time === '24:00' ? [date.add({ days: 1 }), '00:00'] : [date, time];
  return day.toZonedDateTime({ timeZone, plainTime: Temporal.PlainTime.from(plainTime) }).epochMilliseconds;
}

function localDate(timeZone: string, nowMs: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(nowMs)).toZonedDateTimeISO(timeZone).toPlainDate();
}

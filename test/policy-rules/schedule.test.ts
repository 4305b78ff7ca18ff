import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { OpeningHours, Period } from '../../policy-rules/policy.ts';
import {
  dateAt,
  daysOfMonth,
  inForce,
  nextChange,
  nextRestrictedChange,
  periodsOfDay,
  type ScheduleState,
  weekdays,
  weekOf,
} from '../../policy-rules/schedule.ts';
import { clockChangeNights, closedHours } from './clock-change-nights.ts';

const LONDON = 'Europe/London';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

describe('the schedule on ordinary days', () => {
  const hours: OpeningHours = {
    ...weekdayHours('08:00-12:00 12:00-15:30 17:00-18:00'),
    breaks: everyWeekday('12:00-13:00'),
    closures: [{ name: 'Inset day', first: '2026-11-26', last: '2026-11-26' }],
    terms: [
      { name: 'Autumn', first: '2026-09-02', last: '2026-12-18' },
      { name: 'Spring', first: '2027-01-04', last: '2027-03-24' },
    ],
    openings: [
      { name: 'Open day', date: '2026-11-28', from: '10:00', to: '14:00' },
      { name: 'Parents’ evening', date: '2026-11-26', from: '18:00', to: '24:00' },
      { name: 'Late club', date: '2026-11-27', from: '15:00', to: '20:00' },
    ],
  };

  it.each([
    ['Monday before opening', '2026-11-23T07:59:59.999Z', 'closed: closed'],
    ['Monday at opening', '2026-11-23T08:00Z', 'open: opening hours'],
    ['Monday in the break', '2026-11-23T12:00Z', 'break: break'],
    ['Monday after the break', '2026-11-23T13:00Z', 'open: opening hours'],
    ['Monday at closing', '2026-11-23T15:30Z', 'closed: closed'],
    ['Monday in the evening period', '2026-11-23T17:00Z', 'open: opening hours'],
    ['Monday after it', '2026-11-23T18:00Z', 'closed: closed'],
    ['a closure', '2026-11-26T10:00Z', 'closed: closure, Inset day'],
    ['a one-off opening on a closure', '2026-11-26T23:59:59Z', 'open: one-off opening, Parents’ evening'],
    ['midnight after it', '2026-11-27T00:00Z', 'closed: closed'],
    ['a one-off opening beside the week’s periods', '2026-11-27T16:00Z', 'open: one-off opening, Late club'],
    ['where both hold', '2026-11-27T17:30Z', 'open: opening hours'],
    ['an open Saturday', '2026-11-28T10:00Z', 'open: one-off opening, Open day'],
    ['a break of a weekday that has none', '2026-11-28T12:30Z', 'open: one-off opening, Open day'],
    ['the last day of term', '2026-12-18T17:59Z', 'open: opening hours'],
    ['the day after', '2026-12-21T10:00Z', 'closed: out of term'],
    ['a bank holiday', '2026-12-25T10:00Z', 'closed: bank holiday, Christmas Day'],
    ['the first day of term', '2027-01-04T08:00Z', 'open: opening hours'],
  ])('on %s (%s): %s', (_, instant, expected) => {
    expect(inWords(inForce(hours, LONDON, Date.parse(instant)))).toBe(expected);
  });

  it.each([
    ['opening', '2026-11-23T03:00Z', '2026-11-23T08:00Z', '2026-11-23T08:00Z'],
    ['the break', '2026-11-23T08:00Z', '2026-11-23T12:00Z', '2026-11-23T12:00Z'],
    ['the end of the break', '2026-11-23T12:00Z', '2026-11-23T13:00Z', '2026-11-23T13:00Z'],
    ['the gap', '2026-11-23T13:00Z', '2026-11-23T15:30Z', '2026-11-23T15:30Z'],
    ['a one-off opening over a closed day', '2026-11-25T18:00Z', '2026-11-26T18:00Z', '2026-11-26T18:00Z'],
    ['the end of overlapping openings', '2026-11-27T13:00Z', '2026-11-27T20:00Z', '2026-11-27T20:00Z'],
    ['the first day of the next term', '2026-12-18T18:00Z', '2027-01-04T08:00Z', '2027-01-04T08:00Z'],
    ['never, after the last term', '2027-03-24T19:00Z', null, null],
  ])('changes next at %s', (_, instant, change, restrictedChange) => {
    expect(iso(nextChange(hours, LONDON, Date.parse(instant)))).toBe(change);
    expect(iso(nextRestrictedChange(hours, LONDON, Date.parse(instant)))).toBe(restrictedChange);
  });

  it('counts a closing time within a break as a change, but not of what is restricted', () => {
    const late: OpeningHours = {
      ...weekdayHours('08:00-12:30'),
      breaks: everyWeekday('12:00-13:00'),
    };
    const noon = Date.parse('2026-11-23T12:00Z');
    expect(inForce(late, LONDON, noon)).toEqual({ open: true, onBreak: true, restricted: false, cause: 'break' });
    expect(iso(nextChange(late, LONDON, noon))).toBe('2026-11-23T12:30Z');
    expect(iso(nextRestrictedChange(late, LONDON, noon))).toBe('2026-11-24T08:00Z');
  });

  it('knows no change in a setting that is always closed, and none in one that is always open', () => {
    const always: OpeningHours = { ...closedHours(), week: everyDay('00:00-24:00') };
    expect(nextChange(closedHours(), LONDON, 0)).toBeNull();
    expect(nextChange(always, LONDON, 0)).toBeNull();
    expect(inForce(always, LONDON, Date.parse('2026-11-23T00:00Z')).restricted).toBe(true);
  });

  it('runs two periods that meet at midnight into one', () => {
    const night: OpeningHours = { ...closedHours(), week: everyDay('22:00-24:00 00:00-06:00') };
    expect(iso(nextChange(night, LONDON, Date.parse('2026-11-23T23:00Z')))).toBe('2026-11-24T06:00Z');
  });

  it('gives a closure’s own name before the bank holiday’s', () => {
    const christmas = { ...hours, closures: [{ name: 'Christmas', first: '2026-12-21', last: '2027-01-03' }] };
    expect(inForce(christmas, LONDON, Date.parse('2026-12-25T10:00Z')).name).toBe('Christmas');
  });

  it('opens on bank holidays where the setting keeps none', () => {
    const open: OpeningHours = { ...weekdayHours('08:00-18:00'), bankHolidays: 'none' };
    expect(inForce(open, LONDON, Date.parse('2026-12-25T10:00Z')).open).toBe(true);
  });

  it('refuses a time zone that nobody knows', () => {
    expect(() => inForce(hours, 'Europe/Nowhere', 0)).toThrow(RangeError);
  });
});

describe('the schedule on the nights of the clock changes', () => {
  it.each(clockChangeNights)('%s, %s, %s opens at %s and closes at %s', (timeZone, date, period, opens, closes) => {
    const [from, to] = period.split('-') as [string, string];
    const hours: OpeningHours = { ...closedHours(), openings: [{ name: 'Night', date, from, to }] };
    const opensMs = Date.parse(opens);
    expect(iso(nextChange(hours, timeZone, opensMs - DAY_MS))).toBe(opens);
    expect(iso(nextChange(hours, timeZone, opensMs))).toBe(closes);
    expect(inForce(hours, timeZone, opensMs - 1).open).toBe(false);
    expect(inForce(hours, timeZone, opensMs).open).toBe(true);
    expect(inForce(hours, timeZone, Date.parse(closes) - 1).open).toBe(true);
    expect(inForce(hours, timeZone, Date.parse(closes)).open).toBe(false);
  });

  it('lets a period fall that the missing hour turns inside out', () => {
    const openings = [{ name: 'Night', date: '2026-03-29', from: '01:30', to: '02:15' }];
    const hours: OpeningHours = { ...closedHours(), openings };
    expect(nextChange(hours, LONDON, Date.parse('2026-03-28T00:00Z'))).toBeNull();
    expect(periodsOfDay(hours, LONDON, '2026-03-29').openings).toEqual([]);
  });

  it('stays open while the clock is back on the day before', () => {
    const openings = [{ name: 'Night', date: '2010-11-07', from: '00:00', to: '02:00' }];
    const hours: OpeningHours = { ...closedHours(), openings };
    const backOnSaturday = Date.parse('2010-11-07T03:00Z');
    expect(dateAt('America/St_Johns', backOnSaturday)).toBe('2010-11-06');
    expect(inForce(hours, 'America/St_Johns', backOnSaturday).open).toBe(true);
  });

  it('opens with the next day’s first period where one of the day before was moved behind it', () => {
    const openings = [
      { name: 'Moved', date: '2026-03-28', from: '23:15', to: '23:45' },
      { name: 'First', date: '2026-03-29', from: '00:00', to: '00:05' },
    ];
    const hours: OpeningHours = { ...closedHours(), openings };
    expect(iso(nextChange(hours, 'America/Nuuk', Date.parse('2026-03-28T12:00Z')))).toBe('2026-03-29T01:00Z');
    expect(iso(nextChange(hours, 'America/Nuuk', Date.parse('2026-03-29T01:05Z')))).toBe('2026-03-29T01:15Z');
  });

  it('opens at 08:00 on the wall before and after each change', () => {
    const { hours } = defaultPolicy('Test');
    for (const [friday, monday] of [
      ['2026-03-27T08:00Z', '2026-03-30T07:00Z'],
      ['2026-10-23T07:00Z', '2026-10-26T08:00Z'],
    ] as const) {
      expect(iso(nextChange(hours, LONDON, Date.parse(friday) - 1))).toBe(friday);
      expect(iso(nextChange(hours, LONDON, Date.parse(friday) + 12 * HOUR_MS))).toBe(monday);
    }
  });
});

describe('a calendar', () => {
  it('says of every day what its plan says, for any hours', () => {
    const months = fc.constantFrom('2026-02', '2026-12', '2027-03', '2028-02');
    const banked = fc.constantFrom('none' as const, 'england-and-wales' as const);
    fc.assert(
      fc.property(anyHours(), months, banked, (any, month, bankHolidays) => {
        const hours = { ...any, bankHolidays };
        const days = daysOfMonth(hours, month);
        expect(days.map(({ date }) => date.slice(0, 7)).every((one) => one === month)).toBe(true);
        for (const day of days) {
          const { weekday, shut } = periodsOfDay(hours, 'UTC', day.date);
          const oneOff = hours.openings.filter(({ date }) => date === day.date);
          const usuallyOpen = hours.week[weekday].length > 0;
          expect(day).toEqual({ date: day.date, weekday, ...(shut && { shut }), usuallyOpen, oneOff });
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['2026-02', 28],
    ['2028-02', 29],
    ['2026-12', 31],
  ])('has every day of %s once', (month, count) => {
    const days = daysOfMonth(closedHours(), month).map(({ date }) => date);
    expect([days.length, days[0], days.at(-1)]).toEqual([count, `${month}-01`, `${month}-${count}`]);
    expect(new Set(days).size).toBe(count);
  });
});

describe('a drawn week', () => {
  it('runs from Monday to Sunday around a date, and says why a day is shut', () => {
    const week = weekOf(defaultPolicy('Test').hours, LONDON, '2026-12-25');
    expect(week.map((day) => [day.weekday, day.date])).toEqual(
      weekdays.map((weekday, index) => [weekday, `2026-12-${21 + index}`]),
    );
    expect(week[4]!.shut).toEqual({ cause: 'bank holiday', name: 'Christmas Day' });
    expect(week[3]!.openings).toEqual([
      {
        from: '08:00',
        to: '18:00',
        fromMs: Date.parse('2026-12-24T08:00Z'),
        toMs: Date.parse('2026-12-24T18:00Z'),
        cause: 'opening hours',
      },
    ]);
  });

  it('keeps the breaks that touch an opening, and sorts the periods', () => {
    const hours = { ...weekdayHours('13:00-17:00 08:00-12:00'), breaks: everyWeekday('18:00-19:00 12:30-13:30') };
    const day = periodsOfDay(hours, LONDON, '2026-11-23');
    expect(day.openings.map((period) => period.from)).toEqual(['08:00', '13:00']);
    expect(day.breaks.map((period) => period.from)).toEqual(['12:30']);
    expect(periodsOfDay(hours, LONDON, '2026-11-28').breaks).toEqual([]);
  });

  it('knows the date in the zone', () => {
    expect(dateAt(LONDON, Date.parse('2026-06-30T23:30Z'))).toBe('2026-07-01');
    expect(dateAt('America/New_York', Date.parse('2026-07-01T03:30Z'))).toBe('2026-06-30');
  });
});

describe('properties of any schedule', () => {
  const zones = fc.constantFrom(LONDON, 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo', 'America/Nuuk');

  it('holds from now until the next change, and differs there', () => {
    fc.assert(
      fc.property(anyHours(), zones, anyInstant(), fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (...given) => {
        const [hours, timeZone, nowMs, samples] = given;
        const next = nextChange(hours, timeZone, nowMs);
        const now = openness(inForce(hours, timeZone, nowMs));
        const end = next ?? nowMs + 30 * DAY_MS;
        for (const sample of [...samples, 1]) {
          const at = Math.floor(nowMs + (end - 1 - nowMs) * sample);
          expect(openness(inForce(hours, timeZone, at)), new Date(at).toISOString()).toBe(now);
        }
        if (next === null) return;
        expect(next).toBeGreaterThan(nowMs);
        expect(openness(inForce(hours, timeZone, next))).not.toBe(now);
      }),
      { numRuns: 600 },
    );
  });

  it('finds the same restricted change as a walk along all changes', () => {
    fc.assert(
      fc.property(anyHours(), zones, anyInstant(), (hours, timeZone, nowMs) => {
        const { restricted } = inForce(hours, timeZone, nowMs);
        let walked = nextChange(hours, timeZone, nowMs);
        while (walked !== null && inForce(hours, timeZone, walked).restricted === restricted) {
          walked = nextChange(hours, timeZone, walked);
        }
        const found = nextRestrictedChange(hours, timeZone, nowMs);
        // A walk of many steps may look past the horizon of one.
        if (found !== null || walked === null || walked < nowMs + 390 * DAY_MS) expect(found).toBe(walked);
      }),
      { numRuns: 200 },
    );
  });

  it('agrees with the wall clock of Intl on every minute that is not near a clock change', () => {
    fc.assert(
      fc.property(anyHours(), zones, anyInstant(), (hours, timeZone, nowMs) => {
        // Two days to each side, since a period may begin on the day of the change.
        fc.pre(offsetMs(timeZone, nowMs - 2 * DAY_MS) === offsetMs(timeZone, nowMs + 2 * DAY_MS));
        expect(openness(inForce(hours, timeZone, nowMs))).toBe(naiveOpenness(hours, timeZone, nowMs));
      }),
      { numRuns: 600 },
    );
  });
});

function inWords(state: ScheduleState): string {
  return `${openness(state)}: ${state.cause}${state.name === undefined ? '' : `, ${state.name}`}`;
}

function openness(state: ScheduleState): 'open' | 'break' | 'closed' {
  expect(state.restricted).toBe(state.open && !state.onBreak);
  if (!state.open) return 'closed';
  return state.onBreak ? 'break' : 'open';
}

/** A second opinion: the wall clock as text, compared as text; bank holidays are left out of the arbitrary hours. */
function naiveOpenness(hours: OpeningHours, timeZone: string, nowMs: number): 'open' | 'break' | 'closed' {
  const wall = wallTime(timeZone, nowMs);
  const date = wall.slice(0, 10);
  const time = wall.slice(11, 16);
  const holds = (period: Period) => period.from <= time && time < period.to;
  const within = (span: { first: string; last: string }) => span.first <= date && date <= span.last;
  const weekday = weekdays[(new Date(`${date}T12:00Z`).getUTCDay() + 6) % 7]!;
  const usual = !hours.closures.some(within) && (hours.terms.length === 0 || hours.terms.some(within));
  const open =
    (usual && hours.week[weekday].some(holds)) ||
    hours.openings.some((opening) => opening.date === date && holds(opening));
  if (!open) return 'closed';
  return hours.breaks[weekday].some(holds) ? 'break' : 'open';
}

function wallTime(timeZone: string, nowMs: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(nowMs);
}

function offsetMs(timeZone: string, ms: number): number {
  const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  return Date.parse(`${wallTime(timeZone, minute).replace(' ', 'T')}Z`) - minute;
}

/** Half of the instants lie within two days of a clock change of one of the zones. */
function anyInstant(): fc.Arbitrary<number> {
  const changes = [
    '2026-03-29T01:00Z',
    '2026-10-25T01:00Z',
    '2026-03-08T07:00Z',
    '2026-11-01T06:00Z',
    '2026-04-04T15:00Z',
    '2026-10-03T15:30Z',
    '2026-04-23T22:00Z',
    '2026-10-29T21:00Z',
  ].map((text) => Date.parse(text));
  return fc.oneof(
    fc.integer({ min: Date.parse('2026-01-01T00:00Z'), max: Date.parse('2027-12-31T00:00Z') }),
    fc
      .tuple(fc.constantFrom(...changes), fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }))
      .map(([change, distance]) => change + distance),
  );
}

function anyHours(): fc.Arbitrary<OpeningHours> {
  const quarter = fc.integer({ min: 0, max: 96 }).map((count) => {
    const minutes = count * 15;
    return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  });
  const period = fc
    .tuple(quarter, quarter)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }));
  const periods = fc.array(period, { maxLength: 3 });
  const week = fc.record({
    monday: periods,
    tuesday: periods,
    wednesday: periods,
    thursday: periods,
    friday: periods,
    saturday: periods,
    sunday: periods,
  });
  const date = fc
    .integer({ min: 0, max: 730 })
    .map((days) => new Date(Date.parse('2026-01-01') + days * DAY_MS).toISOString().slice(0, 10));
  const span = fc.tuple(date, date).map((dates) => {
    const [first, last] = dates.toSorted() as [string, string];
    return { name: 'Span', first, last };
  });
  return fc.record({
    week,
    breaks: week,
    terms: fc.array(span, { maxLength: 2 }),
    closures: fc.array(span, { maxLength: 1 }),
    bankHolidays: fc.constant('none' as const),
    openings: fc.array(
      fc.tuple(date, period).map(([on, { from, to }]) => ({ name: 'Opening', date: on, from, to })),
      { maxLength: 3 },
    ),
  });
}

function weekdayHours(periods: string): OpeningHours {
  return { ...closedHours(), week: everyWeekday(periods), bankHolidays: 'england-and-wales' };
}

function everyWeekday(periods: string): OpeningHours['week'] {
  return { ...everyDay(periods), saturday: [], sunday: [] };
}

/** "08:00-12:00 13:00-18:00" on each day. */
function everyDay(text: string): OpeningHours['week'] {
  const periods = (text === '' ? [] : text.split(' ')).map((period) => {
    const [from, to] = period.split('-') as [string, string];
    return { from, to };
  });
  return {
    monday: periods,
    tuesday: periods,
    wednesday: periods,
    thursday: periods,
    friday: periods,
    saturday: periods,
    sunday: periods,
  };
}

/** As the tables write it: seconds only where there are any. */
function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString().replace(':00.000Z', 'Z');
}

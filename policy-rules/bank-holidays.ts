/**
 * Bank holidays of England and Wales: the rule of the Banking and Financial Dealings Act 1971, and the years in which
 * a proclamation moved or added a day. Right for 2019 and later; earlier proclamations are left out.
 */
import { Temporal } from 'temporal-polyfill';

export interface BankHoliday {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly name: string;
}

/** The bank holidays of a year, earliest first. */
export function bankHolidaysOf(year: number): readonly BankHoliday[] {
  const easter = easterSunday(year);
  const christmas = day(year, 12, 25);
  const days: BankHoliday[] = [
    substituted(day(year, 1, 1), 'New Year’s Day'),
    named(easter.subtract({ days: 2 }), 'Good Friday'),
    named(easter.add({ days: 1 }), 'Easter Monday'),
    named(firstMonday(year, 5), 'Early May bank holiday'),
    named(lastMonday(year, 5), 'Spring bank holiday'),
    named(lastMonday(year, 8), 'Summer bank holiday'),
    ...christmasDays(christmas),
  ];
  const { instead = {}, extra = [] } = proclaimed[year] ?? {};
  const moved = days.map((holiday) => ({ ...holiday, date: instead[holiday.date] ?? holiday.date }));
  return [...moved, ...extra].sort((a, b) => (a.date < b.date ? -1 : 1));
}

/** The name of the bank holiday on a date (YYYY-MM-DD), or undefined on any other day. */
export function bankHolidayOn(date: string): string | undefined {
  return bankHolidaysOf(Number(date.slice(0, 4))).find((holiday) => holiday.date === date)?.name;
}

interface Proclamation {
  /** The date by rule → the date that was proclaimed in its place. */
  readonly instead?: Readonly<Record<string, string>>;
  readonly extra?: readonly BankHoliday[];
}

/** A proclaimed day is published on gov.uk/bank-holidays; one that is not here yet is entered as a closure. */
const proclaimed: Readonly<Record<number, Proclamation>> = {
  // The 75th anniversary of VE Day took the place of the early May holiday.
  2020: { instead: { '2020-05-04': '2020-05-08' } },
  2022: {
    instead: { '2022-05-30': '2022-06-02' },
    extra: [
      { date: '2022-06-03', name: 'Platinum Jubilee bank holiday' },
      { date: '2022-09-19', name: 'Bank holiday for the State Funeral of Queen Elizabeth II' },
    ],
  },
  2023: { extra: [{ date: '2023-05-08', name: 'Bank holiday for the coronation of King Charles III' }] },
};

function christmasDays(christmas: Temporal.PlainDate): BankHoliday[] {
  const boxing = christmas.add({ days: 1 });
  // On a weekend both keep their places in the queue: Boxing Day's Monday stands when Christmas is a Sunday, and
  // Christmas then takes the Tuesday.
  if (christmas.dayOfWeek === SATURDAY) {
    return [
      named(christmas.add({ days: 2 }), 'Christmas Day (substitute day)'),
      named(christmas.add({ days: 3 }), 'Boxing Day (substitute day)'),
    ];
  }
  if (christmas.dayOfWeek === SUNDAY) {
    return [named(boxing, 'Boxing Day'), named(christmas.add({ days: 2 }), 'Christmas Day (substitute day)')];
  }
  return [named(christmas, 'Christmas Day'), substituted(boxing, 'Boxing Day')];
}

const MONDAY = 1;
const SATURDAY = 6;
const SUNDAY = 7;

/** A holiday at the weekend is given on the following Monday. */
function substituted(date: Temporal.PlainDate, name: string): BankHoliday {
  if (date.dayOfWeek < SATURDAY) return named(date, name);
  return named(date.add({ days: 8 - date.dayOfWeek }), `${name} (substitute day)`);
}

function firstMonday(year: number, month: number): Temporal.PlainDate {
  const first = day(year, month, 1);
  return first.add({ days: (MONDAY + 7 - first.dayOfWeek) % 7 });
}

function lastMonday(year: number, month: number): Temporal.PlainDate {
  const last = day(year, month, 31);
  return last.subtract({ days: (last.dayOfWeek - MONDAY) % 7 });
}

/** Easter of the Gregorian calendar (the "anonymous" algorithm, as in Meeus, Astronomical Algorithms, chapter 8). */
function easterSunday(year: number): Temporal.PlainDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const skipped = Math.floor(century / 4);
  const moonShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - skipped - moonShift + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const march = epact + weekday - 7 * late + 114;
  return day(year, Math.floor(march / 31), (march % 31) + 1);
}

function named(date: Temporal.PlainDate, name: string): BankHoliday {
  return { date: date.toString(), name };
}

function day(year: number, month: number, dayOfMonth: number): Temporal.PlainDate {
  return Temporal.PlainDate.from({ year, month, day: dayOfMonth });
}

import { describe, expect, it } from 'vitest';
import { bankHolidayOn, bankHolidaysOf } from '../../policy-rules/bank-holidays.ts';

/** The official dates for England and Wales, month-day, year by year. */
const official: readonly (readonly [year: number, dates: string])[] = [
  [2019, '01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26'],
  [2020, '01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28'],
  [2021, '01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28'],
  [2022, '01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27'],
  [2023, '01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26'],
  [2024, '01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26'],
  [2025, '01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26'],
  [2026, '01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28'],
  [2027, '01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28'],
  [2028, '01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26'],
];

describe('bank holidays of England and Wales', () => {
  it.each(official)('gives the official dates of %i', (year, dates) => {
    expect(bankHolidaysOf(year).map((holiday) => holiday.date)).toEqual(
      dates.split(' ').map((monthDay) => `${year}-${monthDay}`),
    );
  });

  it.each([
    ['2020-05-08', 'Early May bank holiday'],
    ['2020-05-04', undefined],
    ['2022-05-30', undefined],
    ['2022-06-02', 'Spring bank holiday'],
    ['2022-06-03', 'Platinum Jubilee bank holiday'],
    ['2022-12-26', 'Boxing Day'],
    ['2022-12-27', 'Christmas Day (substitute day)'],
    ['2021-12-27', 'Christmas Day (substitute day)'],
    ['2021-12-28', 'Boxing Day (substitute day)'],
    ['2021-12-25', undefined],
    ['2023-05-08', 'Bank holiday for the coronation of King Charles III'],
    ['2028-01-03', 'New Year’s Day (substitute day)'],
    ['2026-11-23', undefined],
  ])('calls %s %s', (date, name) => {
    expect(bankHolidayOn(date)).toBe(name);
  });

  it('gives eight days, on weekdays, to every year without a proclamation', () => {
    for (let year = 2024; year <= 2199; year += 1) {
      const dates = bankHolidaysOf(year).map((holiday) => holiday.date);
      expect(new Set(dates).size, `${year}`).toBe(8);
      for (const date of dates) expect([1, 2, 3, 4, 5], date).toContain(new Date(`${date}T12:00Z`).getUTCDay());
      expect(dates, `${year}`).toEqual([...dates].sort());
    }
  });
});

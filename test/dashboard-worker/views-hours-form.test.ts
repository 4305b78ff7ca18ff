/**
 * The opening hours form: what is shown comes back as it was, and what is wrong is said where it stands.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eveningToday,
  isHoursForm,
  openingProblem,
  readHoursForm,
  weekDays,
} from '../../dashboard-worker/views/hours-form.ts';
import { HoursPage } from '../../dashboard-worker/views/pages.ts';
import { OpeningHours } from '../../policy-rules/policy.ts';
import { hoursModel, noHours, usualHours } from './views-models.ts';

describe('opening today', () => {
  it.each([
    ['in the morning for the evening', '18:00', '20:00', '09:00', null],
    ['while it lasts', '18:00', '20:00', '19:59', null],
    ['until midnight', '18:00', '24:00', '23:59', null],
    ['when it is over', '18:00', '20:00', '20:00', 'over'],
    ['with the morning’s times for the evening', '06:00', '08:00', '17:00', 'over'],
    ['with the times the wrong way round', '20:00', '18:00', '09:00', 'order'],
  ] as const)('%s', (_, from, to, now, expected) => {
    expect(openingProblem({ from, to }, now)).toBe(expected);
  });

  it('stands at an evening that is still to come', () => {
    expect(eveningToday('17:00')).toEqual({ from: '18:00', to: '20:00' });
    expect(eveningToday('20:00')).toEqual({ from: '18:00', to: '00:00' });
  });
});

describe('the opening hours form', () => {
  it('comes back as it was shown, for any hours that are valid', () => {
    const time = (minutes: number): string =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const periods = fc
      .uniqueArray(fc.integer({ min: 0, max: 1440 }), { maxLength: 8 })
      .map((cuts) => cuts.sort((a, b) => a - b))
      .map((cuts) =>
        Array.from({ length: Math.floor(cuts.length / 2) }, (_, index) => ({
          from: time(cuts[index * 2]!),
          to: time(cuts[index * 2 + 1]!),
        })),
      );
    const week = fc.record(
      Object.fromEntries(weekDays.map((day) => [day, periods])) as Record<(typeof weekDays)[number], typeof periods>,
    );
    const name = fc.constantFrom('Summer', `Children's "day"`, 'Crèche <closed>', '=1+1');
    const date = fc
      .date({ min: new Date('2026-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
      .map((instant) => instant.toISOString().slice(0, 10));
    const spans = fc.array(
      fc
        .record({ name, first: date, last: date })
        .map(({ name, first, last }) => (first <= last ? { name, first, last } : { name, first: last, last: first })),
      { maxLength: 3 },
    );
    const hours: fc.Arbitrary<OpeningHours> = fc.record({
      week,
      breaks: week,
      terms: spans,
      closures: spans,
      bankHolidays: fc.constantFrom('england-and-wales' as const, 'none' as const),
      openings: fc.array(fc.record({ name, date, from: fc.constant('18:00'), to: fc.constantFrom('20:00', '24:00') }), {
        maxLength: 2,
      }),
    });
    fc.assert(
      fc.property(hours, (shown) => {
        const read = readHoursForm(sentFrom(String(HoursPage({ ...hoursModel, hours: shown }))));
        expect(read).toEqual({ hours: shown, errors: [] });
        expect(OpeningHours.safeParse(read.hours).success).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('reads an untouched empty form as closed all week', () => {
    expect(readHoursForm(sentFrom(String(HoursPage({ ...hoursModel, hours: noHours }))))).toEqual({
      hours: noHours,
      errors: [],
    });
  });

  it('knows its own form from one in which a field is missing, which would read as closed', () => {
    const whole = (): FormData => sentFrom(String(HoursPage(hoursModel)));
    expect(isHoursForm(whole())).toBe(true);
    expect(isHoursForm(new FormData())).toBe(false);
    const others = ['setting', 'as', 'version'];
    const names = new Set([...whole().keys()].filter((name) => !others.includes(name)));
    expect(names.size).toBe(2 * 7 * 2 + 3 + 3 + 4 + 1);
    for (const name of names) {
      const form = whole();
      form.delete(name);
      expect({ name, whole: isHoursForm(form) }).toEqual({ name, whole: false });
    }
  });

  it('says so when there are more rows than it takes, and leaves none out', () => {
    const closures = Array.from({ length: 101 }, () => ({ name: 'x', first: '2026-12-01', last: '2026-12-02' }));
    const html = String(HoursPage({ ...hoursModel, hours: { ...usualHours, closures } }));
    const { hours, errors } = readHoursForm(sentFrom(html));
    expect(hours.closures).toHaveLength(101);
    expect(errors).toEqual([{ field: 'closures-name-100', message: 'Use at most 100 rows.' }]);
    expect(html).toContain('id="closures-name-100"');
  });

  it.each([
    ['an end without a start', 'week', [{ from: '', to: '12:00' }], 'week-monday-from-0', 'Monday: Fill in both times'],
    [
      'an end before the start',
      'week',
      [{ from: '12:00', to: '08:00' }],
      'week-monday-from-0',
      'Monday: The end must be',
    ],
    ['no time', 'breaks', [{ from: 'noon', to: '13:00' }], 'breaks-monday-from-0', 'Monday: Write a time as HH:MM'],
    [
      'an overlap, whatever the order of the rows',
      'week',
      [
        { from: '13:00', to: '18:00' },
        { from: '08:00', to: '13:30' },
      ],
      'week-monday-from-0',
      'Monday: This period overlaps',
    ],
  ] as const)('refuses %s', (_, part, monday, field, message) => {
    const html = String(
      HoursPage({ ...hoursModel, hours: { ...usualHours, [part]: { ...usualHours[part], monday: [...monday] } } }),
    );
    const { errors } = readHoursForm(sentFrom(html));
    expect(errors).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  it.each([
    ['a closure without a name', { name: '', first: '2026-12-01', last: '2026-12-02' }, 'closures-name-0'],
    ['a closure without a last day', { name: 'x', first: '2026-12-01', last: '' }, 'closures-first-0'],
    [
      'a closure that ends before it begins',
      { name: 'x', first: '2026-12-02', last: '2026-12-01' },
      'closures-first-0',
    ],
    ['a day that does not exist', { name: 'x', first: '2026-02-30', last: '2026-03-01' }, 'closures-first-0'],
  ])('refuses %s', (_, closure, field) => {
    const html = String(HoursPage({ ...hoursModel, hours: { ...usualHours, closures: [closure] } }));
    expect(readHoursForm(sentFrom(html)).errors.map((error) => error.field)).toEqual([field]);
  });

  it('leads from each error to a field of the page', () => {
    const hours = { ...usualHours, closures: [{ name: '', first: 'never', last: '' }] };
    const { errors } = readHoursForm(sentFrom(String(HoursPage({ ...hoursModel, hours }))));
    const html = String(HoursPage({ ...hoursModel, hours, errors }));
    expect(errors).toHaveLength(2);
    for (const { field } of errors) expect(html).toContain(`id="${field}"`);
  });
});

/** What a browser would send of the hours form: every input of it, checked radios only. */
function sentFrom(html: string): FormData {
  const form = html.slice(html.indexOf('action="/hours"')).split('</form>')[0] ?? '';
  const data = new FormData();
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(input)?.[1];
    if (attribute('type') === 'radio' && attribute('checked') === undefined) continue;
    data.append(attribute('name') ?? '', unescaped(attribute('value') ?? ''));
  }
  return data;
}

function unescaped(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/**
 * Instants, dates, durations and small counts in words; and the contrast of the stylesheet's colours.
 */
import { describe, expect, it } from 'vitest';
import { committeeRounding, committeeTotal, isHidden } from '../../dashboard-worker/views/committee-count.ts';
import {
  formatAgo,
  formatDate,
  formatDuration,
  formatMoment,
  formatMonth,
} from '../../dashboard-worker/views/format.ts';
import { stylesheet } from '../../dashboard-worker/views/pages.ts';
import { isThisMachine } from '../../dashboard-worker/views/this-machine.ts';

const timeZone = 'Europe/London';

describe('moments in words', () => {
  const nowMs = Date.parse('2026-11-12T10:32:30Z');
  it.each([
    ['2026-11-12T15:00:00Z', '15:00'],
    ['2026-11-12T00:00:00Z', '00:00'],
    ['2026-11-13T08:00:00Z', 'tomorrow at 08:00'],
    ['2026-11-11T23:59:00Z', 'yesterday at 23:59'],
    ['2026-11-16T08:00:00Z', 'Monday at 08:00'],
    ['2026-11-19T08:00:00Z', '19 November 2026 at 08:00'],
    ['2026-11-05T08:00:00Z', '5 November 2026 at 08:00'],
  ])('writes %s as “%s”', (instant, words) => {
    expect(formatMoment(Date.parse(instant), { nowMs, timeZone })).toBe(words);
  });

  it('counts days by the setting’s calendar, also over a change of the clocks', () => {
    // 25 October 2026 has 25 hours in London; both instants are 00:30 there.
    const when = { nowMs: Date.parse('2026-10-24T23:30:00Z'), timeZone };
    expect(formatMoment(Date.parse('2026-10-26T00:30:00Z'), when)).toBe('tomorrow at 00:30');
    expect(formatMoment(Date.parse('2026-10-25T23:30:00Z'), when)).toBe('23:30');
  });

  it.each([
    [0, 'just now'],
    [10, '10 seconds ago'],
    [60, '1 minute ago'],
    [7_199, '1 hour ago'],
    [172_800, '2 days ago'],
    [-5, 'just now'],
  ])('writes %d seconds as “%s”', (seconds, words) => {
    expect(formatAgo(nowMs - seconds * 1000, nowMs)).toBe(words);
  });

  it.each([
    [1, '1 minute'],
    [30, '30 minutes'],
    [60, '1 hour'],
    [90, '90 minutes'],
    [120, '2 hours'],
    [135, '2 h 15 min'],
  ])('writes a duration of %d minutes as “%s”', (minutes, words) => {
    expect(formatDuration(minutes)).toBe(words);
  });

  it('gives back what is no date', () => {
    expect(formatDate('2026-11-05')).toBe('5 November 2026');
    expect(formatDate('never')).toBe('never');
    expect(formatMonth('2026-09')).toBe('Sep 26');
  });
});

describe('counts for the committee', () => {
  it('hides 1 to 4 and nothing else', () => {
    expect([0, 1, 4, 5].map(isHidden)).toEqual([false, true, true, false]);
  });

  it('keeps a total exact where nothing is hidden, and rounds it where something is', () => {
    expect(committeeTotal([10, 13])).toBe(23);
    expect(committeeTotal([10, 3])).toBe(15);
    expect(committeeTotal([1, 1])).toBe(2);
    expect(committeeTotal([3, 3])).toBe(5);
    expect(committeeTotal([])).toBe(0);
  });

  it('rounds the shown parts where one of them is hidden, and hides what stays small', () => {
    const round = committeeRounding([3, 21]);
    expect([24, 21, 3, 0, 6].map(round)).toEqual([25, 20, 3, 0, 5]);
    expect(committeeRounding([6, 21])(21)).toBe(21);
  });
});

describe('the stylesheet', () => {
  const [light, dark] = [...stylesheet.matchAll(/:root\{([^}]*)\}/g)]
    .slice(0, 2)
    .map(([, block]) => colours(block ?? ''));
  // What lies on what, and how far apart it has to be: words 4.5 (WCAG 1.4.3), marks and borders 3 (1.4.11).
  const pairs: [string, string, number][] = [
    ...['paper', 'card', 'key-soft', 'good-soft', 'wait-soft', 'bad-soft'].map((on): [string, string, number] => [
      'ink',
      on,
      4.5,
    ]),
    ...['soft', 'link', 'key', 'good', 'wait', 'bad'].flatMap((words): [string, string, number][] => [
      [words, 'paper', 4.5],
      [words, 'card', 4.5],
    ]),
    ['soft', 'key-soft', 4.5],
    ['link', 'wait-soft', 4.5],
    ['bad', 'bad-soft', 4.5],
    ['key', 'key-soft', 4.5],
    ['key-ink', 'key', 4.5],
    ['edge', 'paper', 3],
    ['edge', 'card', 3],
    ['edge', 'bad-soft', 3],
    ['blocked', 'paper', 3],
    ['granted', 'paper', 3],
    ['focus', 'focus-on', 3],
  ];

  it.each(pairs)('keeps %s on %s at %d to 1 or more, in both colour schemes', (one, other, least) => {
    for (const scheme of [light, dark]) {
      expect(contrast(scheme?.get(one) ?? '', scheme?.get(other) ?? '')).toBeGreaterThanOrEqual(least);
    }
  });

  it('shows the focus on paper and card by one of its two rings', () => {
    for (const scheme of [light, dark]) {
      for (const ground of ['paper', 'card', 'key']) {
        const rings = ['focus', 'focus-on'].map((ring) => contrast(scheme?.get(ring) ?? '', scheme?.get(ground) ?? ''));
        expect(Math.max(...rings), ground).toBeGreaterThanOrEqual(3);
      }
    }
  });
});

function colours(block: string): Map<string, string> {
  return new Map(
    [...block.matchAll(/--([a-z-]+):(#[0-9a-f]{3,6})/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: string, other: string): number {
  const [lighter, darker] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

function luminance(hex: string): number {
  const long = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1);
  expect(long).toMatch(/^[0-9a-f]{6}$/);
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
    const value = Number.parseInt(long.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

it.each([
  ['http://localhost:8080/', true],
  ['http://127.0.0.1:8080/invitation/x', true],
  ['http://[::1]:8080/', true],
  ['https://192.168.1.5:8443/', false],
  ['https://localhost.example/', false],
])('knows whether %s is open to its own machine alone', (url, expected) => {
  expect(isThisMachine(url)).toBe(expected);
});

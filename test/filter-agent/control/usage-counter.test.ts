import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activeMinutes, mergeUsageRows, UsageCounter } from '../../../filter-agent/control/usage-counter.ts';
import { UsageRow } from '../../../policy-rules/agent-protocol.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const nine = Date.UTC(2026, 5, 1, 9);

const use = fc.record({
  device: fc.constantFrom('', 'tablet-1', 'office-pc'),
  service: fc.constantFrom('facebook', 'tiktok'),
  verdict: fc.constantFrom('blocked' as const, 'granted' as const),
  atMs: fc.integer({ min: nine, max: nine + 3 * HOUR - 1 }),
  count: fc.integer({ min: 1, max: 50 }),
});

describe('UsageCounter', () => {
  it.each([
    ['the first instant of an hour', nine, 1, 0],
    ['the last instant of the first minute', nine + MINUTE - 1, 1, 0],
    ['minute 29, the last of the low half', nine + 29 * MINUTE, 1 << 29, 0],
    ['minute 30, the first of the high half', nine + 30 * MINUTE, 0, 1],
    ['the last instant of an hour', nine + HOUR - 1, 0, 1 << 29],
  ])('marks %s', (_, atMs, minutesLow, minutesHigh) => {
    const counter = new UsageCounter();
    counter.add('tablet-1', 'facebook', 'blocked', atMs);
    expect(counter.drain()).toEqual([
      {
        device: 'tablet-1',
        service: 'facebook',
        verdict: 'blocked',
        hourStart: nine,
        count: 1,
        minutesLow,
        minutesHigh,
      },
    ]);
  });

  it('counts as a naive list of uses does, and its rows pass the protocol', () => {
    fc.assert(
      fc.property(fc.array(use, { maxLength: 200 }), (uses) => {
        const counter = new UsageCounter();
        for (const one of uses) counter.add(one.device, one.service, one.verdict, one.atMs, one.count);
        const rows = counter.drain();
        for (const row of rows) {
          UsageRow.parse(row);
          const same = uses.filter(
            (one) =>
              one.device === row.device &&
              one.service === row.service &&
              one.verdict === row.verdict &&
              Math.floor(one.atMs / HOUR) * HOUR === row.hourStart,
          );
          expect(row.count).toBe(same.reduce((sum, one) => sum + one.count, 0));
          expect(activeMinutes(row)).toBe(new Set(same.map((one) => Math.floor(one.atMs / MINUTE))).size);
        }
        expect(rows.reduce((sum, row) => sum + row.count, 0)).toBe(uses.reduce((sum, one) => sum + one.count, 0));
      }),
    );
  });

  it('gives the same in one drain as in several merged', () => {
    fc.assert(
      fc.property(fc.array(use, { minLength: 1, maxLength: 50 }), fc.nat(), (uses, cut) => {
        const [whole, parts, merged] = [new UsageCounter(), new UsageCounter(), new UsageCounter()];
        for (const [index, one] of uses.entries()) {
          whole.add(one.device, one.service, one.verdict, one.atMs, one.count);
          parts.add(one.device, one.service, one.verdict, one.atMs, one.count);
          if (index === cut % uses.length) for (const row of parts.drain()) merged.addRow(row);
        }
        for (const row of parts.drain()) merged.addRow(row);
        const sorted = (counter: UsageCounter): string[] =>
          counter
            .drain()
            .map((row) => JSON.stringify(row))
            .sort();
        expect(sorted(merged)).toEqual(sorted(whole));
      }),
    );
  });

  it('begins anew after a drain', () => {
    const counter = new UsageCounter();
    counter.add('', 'x', 'granted', nine);
    counter.drain();
    expect(counter.size).toBe(0);
    expect(counter.drain()).toEqual([]);
  });

  it('counts what finds no room, and goes on with the rows it has', () => {
    const counter = new UsageCounter(2);
    for (const service of ['facebook', 'tiktok', 'reddit', 'facebook']) counter.add('', service, 'blocked', nine, 5);
    expect(counter.size).toBe(2);
    expect(counter.dropped).toBe(5);
    expect(counter.drain().map((row) => [row.service, row.count])).toEqual([
      ['facebook', 10],
      ['tiktok', 5],
    ]);
  });

  it('merges rows without counting a minute twice', () => {
    const row = { device: 'd', service: 's', verdict: 'blocked' as const, hourStart: nine, count: 2 };
    const merged = mergeUsageRows(
      { ...row, minutesLow: 0b011, minutesHigh: 1 },
      { ...row, minutesLow: 0b110, minutesHigh: 1 },
    );
    expect(merged).toEqual({ ...row, count: 4, minutesLow: 0b111, minutesHigh: 1 });
    expect(activeMinutes(merged)).toBe(4);
  });
});

/** workerd has no Temporal of its own: this file takes Node's away before the schedule is loaded. */
import { expect, it } from 'vitest';
import { clockChangeNights, closedHours } from './clock-change-nights.ts';

const native: unknown = Reflect.get(globalThis, 'Temporal');
Reflect.deleteProperty(globalThis, 'Temporal');
const { Temporal } = await import('temporal-polyfill');
const { inForce, nextChange } = await import('../../policy-rules/schedule.ts');

it('runs on the polyfill in this file', () => {
  expect(Temporal).toBeDefined();
  expect(Temporal).not.toBe(native);
});

it.each(clockChangeNights)('on the polyfill, %s, %s, %s opens at %s and closes at %s', (...night) => {
  const [timeZone, date, period, opens, closes] = night;
  const [from, to] = period.split('-') as [string, string];
  const hours = { ...closedHours(), openings: [{ name: 'Night', date, from, to }] };
  const opensMs = Date.parse(opens);
  expect(nextChange(hours, timeZone, opensMs - 86_400_000)).toBe(opensMs);
  expect(nextChange(hours, timeZone, opensMs)).toBe(Date.parse(closes));
  expect(inForce(hours, timeZone, opensMs)).toEqual({
    open: true,
    onBreak: false,
    restricted: true,
    cause: 'one-off opening',
    name: 'Night',
  });
});

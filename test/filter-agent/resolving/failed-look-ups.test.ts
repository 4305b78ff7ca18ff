import { describe, expect, it } from 'vitest';
import { FailedLookUps, type FailureKind } from '../../../filter-agent/resolving/failed-look-ups.ts';

/** How long each of `times` failures in a row stands, in ms, when the next comes as soon as it may. */
function pauses(kind: FailureKind, times: number): number[] {
  const failed = new FailedLookUps();
  let nowMs = 1_000;
  return Array.from({ length: times }, () => {
    failed.note('a', kind, null, nowMs);
    const { untilMs } = failed.find('a', nowMs)!;
    expect(failed.find('a', untilMs - 1)).not.toBeNull();
    expect(failed.find('a', untilMs)).toBeNull();
    const pauseMs = untilMs - nowMs;
    nowMs = untilMs;
    return pauseMs;
  });
}

describe('a failed look-up', () => {
  it('stands for twice as long each time, and never for longer than RFC 9520 allows', () => {
    expect(pauses('unreachable', 7)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(pauses('answered', 6)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('counts as a first one again after a good while, and after an answer', () => {
    const failed = new FailedLookUps();
    failed.note('a', 'unreachable', null, 0);
    failed.note('a', 'unreachable', null, 1_000 + 60_000);
    expect(failed.find('a', 61_000)?.count).toBe(1);
    failed.forget('a');
    expect(failed.find('a', 61_000)).toBeNull();
  });

  it('is forgotten when an upstream is back, unless an upstream said it', () => {
    const failed = new FailedLookUps();
    failed.note('lost', 'unreachable', null, 0);
    failed.note('refused', 'answered', Uint8Array.of(1), 0);
    failed.forgetUnreachable();
    expect([failed.find('lost', 1), failed.find('refused', 1)?.message]).toEqual([null, Uint8Array.of(1)]);
  });

  it('gives way to newer ones', () => {
    const failed = new FailedLookUps();
    for (let n = 0; n < 5_000; n++) failed.note(`n${n}`, 'unreachable', null, 0);
    expect([failed.find('n0', 1), failed.find('n4999', 1)?.count]).toEqual([null, 1]);
  });
});

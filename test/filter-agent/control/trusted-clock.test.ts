import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type ClockChange,
  type ClockProbe,
  createTrustedClock,
  probeMachineClock,
  type TrustedClock,
  type TrustedClockOptions,
} from '../../../filter-agent/control/trusted-clock.ts';

const MINUTE = 60_000;
const start = Date.UTC(2026, 8, 1, 7, 30);

/** A machine whose two clocks and time service the test moves by hand; the ticks come from vitest's timers. */
class Machine {
  wallMs = start;
  monotonicMs = 1_000;
  probe: ClockProbe = { synchronised: false, hasRealTimeClock: false };
  probes = 0;
  readonly saved: number[] = [];
  readonly changes: ClockChange[] = [];
  clock: TrustedClock | null = null;

  boot(options: Partial<TrustedClockOptions> = {}): TrustedClock {
    const clock = createTrustedClock({
      mode: 'auto',
      newestTrustedMs: 0,
      systemNow: () => this.wallMs,
      monotonicNow: () => this.monotonicMs,
      probe: () => {
        this.probes++;
        return this.probe;
      },
      saveTrustedTime: (ms) => void this.saved.push(ms),
      ...options,
    });
    clock.onChange((change) => void this.changes.push(change));
    clock.start();
    this.clock = clock;
    return clock;
  }

  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 1_000) {
      this.wallMs += 1_000;
      this.monotonicMs += 1_000;
      vi.advanceTimersByTime(1_000);
    }
  }

  setClock(ms: number): void {
    this.wallMs = ms;
  }
}

let machine: Machine;
beforeEach(() => {
  vi.useFakeTimers();
  machine = new Machine();
});
afterEach(() => {
  machine.clock?.stop();
  vi.useRealTimers();
});

describe('a clock is trusted', () => {
  it('when a time service has set it', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    expect(machine.boot().trusted()).toBe(true);
  });

  it('on a machine with a real-time clock, without the network', () => {
    machine.probe = { synchronised: false, hasRealTimeClock: true };
    const clock = machine.boot({ newestTrustedMs: start - MINUTE });
    expect(clock.trusted()).toBe(true);
    expect(clock.reason()).toBe('the machine has a real-time clock');
  });

  it('from the moment at which a time service sets it, and says so', () => {
    const clock = machine.boot();
    machine.pass(5_000);
    expect(clock.trusted()).toBe(false);
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    machine.pass(1_000);
    expect(clock.trusted()).toBe(true);
    expect(machine.changes).toEqual([{ kind: 'trust', trusted: true, jumpMs: 0 }]);
  });

  it('for as long as it runs on undisturbed, when the network goes away for days', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    const clock = machine.boot();
    machine.probe = { synchronised: false, hasRealTimeClock: false };
    machine.pass(120 * MINUTE);
    expect(clock.trusted()).toBe(true);
    expect(machine.changes).toEqual([]);
  });

  it('when its owner vouches for it, whatever it says', () => {
    const clock = machine.boot({ mode: 'trust-system', newestTrustedMs: start + 365 * 24 * 60 * MINUTE });
    expect(clock.trusted()).toBe(true);
    expect(machine.probes).toBe(0);
    machine.pass(10 * MINUTE);
    expect(machine.saved).toEqual([]);
  });

  it('after a correction backwards of some seconds', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    const clock = machine.boot({ newestTrustedMs: start + 30_000 });
    expect(clock.trusted()).toBe(true);
  });
});

describe('a clock is not trusted', () => {
  it('unsynchronised on a box without a real-time clock', () => {
    const clock = machine.boot();
    expect(clock.trusted()).toBe(false);
    expect(clock.reason()).toBe('no time service has set the clock yet, and the machine has no real-time clock');
  });

  it.each([
    ['a time service', { synchronised: true, hasRealTimeClock: false }],
    ['a real-time clock', { synchronised: false, hasRealTimeClock: true }],
  ])('earlier than the newest time that was ever trusted, even with %s', (_, probe) => {
    machine.probe = probe;
    const clock = machine.boot({ newestTrustedMs: start + 3 * MINUTE });
    expect(clock.trusted()).toBe(false);
    expect(clock.reason()).toContain('earlier than 2026-09-01T07:33:00.000Z, which has already been');
  });

  it('until it has passed the newest trusted time again', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    const clock = machine.boot({ newestTrustedMs: start + 10 * MINUTE });
    machine.pass(7 * MINUTE);
    expect(clock.trusted()).toBe(false);
    machine.pass(2 * MINUTE);
    expect(clock.trusted()).toBe(true);
  });

  it('when somebody set it by hand after the time service had gone', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    const clock = machine.boot();
    machine.probe = { synchronised: false, hasRealTimeClock: false };
    machine.setClock(start + 9 * 60 * MINUTE);
    machine.pass(1_000);
    expect(clock.trusted()).toBe(false);
    expect(machine.changes).toEqual([
      { kind: 'jump', trusted: false, jumpMs: 9 * 60 * MINUTE },
      { kind: 'trust', trusted: false, jumpMs: 0 },
    ]);
  });

  it('unless a time service sets a real-time clock right that was ahead', () => {
    machine.probe = { synchronised: false, hasRealTimeClock: true };
    const clock = machine.boot();
    clock.start();
    machine.pass(1_000);
    machine.probe = { synchronised: true, hasRealTimeClock: true };
    machine.setClock(start - 24 * 60 * MINUTE);
    machine.pass(1_000);
    expect(clock.trusted()).toBe(true);
    clock.stop();
  });

  it('when it was turned back while the box ran', () => {
    machine.probe = { synchronised: false, hasRealTimeClock: true };
    const clock = machine.boot();
    machine.setClock(start - 60 * MINUTE);
    machine.pass(1_000);
    expect(clock.trusted()).toBe(false);
  });
});

describe('a jump of the clock', () => {
  it.each([
    [2_001, 1],
    [-2_001, 1],
    [1_999, 0],
    [-1_999, 0],
  ])('of %d ms is told %d times', (jumpMs, times) => {
    machine.probe = { synchronised: true, hasRealTimeClock: true };
    machine.boot();
    machine.pass(10_000);
    machine.setClock(machine.wallMs + jumpMs);
    machine.pass(10_000);
    expect(machine.changes).toEqual(times === 0 ? [] : [{ kind: 'jump', trusted: true, jumpMs }]);
  });

  it('is told together with the trust that it brings', () => {
    machine.boot();
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    machine.setClock(start + 90 * MINUTE);
    machine.pass(1_000);
    expect(machine.changes.map((change) => change.kind)).toEqual(['jump', 'trust']);
    expect(machine.clock?.trusted()).toBe(true);
  });
});

describe('the newest trusted time', () => {
  it('is stored every five minutes while trusted', () => {
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    machine.boot();
    machine.pass(11 * MINUTE);
    expect(machine.saved).toEqual([start, start + 5 * MINUTE, start + 10 * MINUTE]);
  });

  it('is never stored while not trusted', () => {
    machine.boot();
    machine.pass(30 * MINUTE);
    expect(machine.saved).toEqual([]);
  });

  it('is stored at once when trust comes', () => {
    machine.boot();
    machine.probe = { synchronised: true, hasRealTimeClock: false };
    machine.pass(1_000);
    expect(machine.saved).toEqual([start + 1_000]);
  });
});

describe('the machine itself', () => {
  it('gives one answer when asked twice, and loses its real-time clock only to a time far ahead of it', () => {
    const asked = probeMachineClock(0);
    expect(probeMachineClock(Date.now() - MINUTE)).toEqual(asked);
    expect(probeMachineClock(Date.now() + 365 * 24 * 60 * MINUTE).synchronised).toBe(asked.synchronised);
  });
});

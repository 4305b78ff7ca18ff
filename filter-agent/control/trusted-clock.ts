/**
 * Whether the wall clock may be believed (DESIGN, "While the clock is not to be trusted").
 *
 * A box without a real-time clock starts with the time of its last shutdown, so opening hours and the ends of grants
 * would be judged by a wrong time. Until a time service has set the clock, main keeps restricted services blocked.
 *
 * Owns the decision and the notices of it; what follows from an untrusted clock is the policy keeper's.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export interface ClockChange {
  /** `trust`: trusted() changed. `jump`: the wall clock moved against the monotonic one; re-evaluate the schedule. */
  readonly kind: 'trust' | 'jump';
  readonly trusted: boolean;
  /** How far the wall clock moved, forwards positive; 0 for a change of trust. */
  readonly jumpMs: number;
}

/** What the machine says about its clock. */
export interface ClockProbe {
  /** Whether a time service has set the clock since the machine started. */
  readonly synchronised: boolean;
  /** Whether the time survives a power cut without the network. */
  readonly hasRealTimeClock: boolean;
}

export interface TrustedClockOptions {
  /** `trust-system` believes the system clock whatever it says: for machines whose owner vouches for it. */
  readonly mode: 'auto' | 'trust-system';
  /** The newest time that was ever trusted, from the store; 0 when there is none. */
  readonly newestTrustedMs: number;
  readonly systemNow?: () => number;
  readonly monotonicNow?: () => number;
  readonly probe?: () => ClockProbe;
  /** Called every few minutes, only while trusted. */
  readonly saveTrustedTime?: (ms: number) => void;
  readonly tickIntervalMs?: number;
  readonly saveIntervalMs?: number;
}

export interface TrustedClock {
  nowMs(): number;
  trusted(): boolean;
  /** Why it is or is not trusted, in words. */
  reason(): string;
  onChange(listener: (change: ClockChange) => void): void;
  /** Begins to look at the clock once a second. The first judgement is made at creation. */
  start(): void;
  stop(): void;
}

const DEFAULT_TICK_INTERVAL_MS = 1_000;
/** Every few minutes: each save is an fsync on an SD card. */
const DEFAULT_SAVE_INTERVAL_MS = 5 * 60_000;
/** A time service slews small errors and steps larger ones; a step this large can move an opening time. */
const JUMP_MS = 2_000;
/** A small step back of a synchronised clock is a correction, not a lost clock. */
const BACKWARDS_TOLERANCE_MS = 2 * 60_000;
/** Asking the kernel costs a system call and a few file reads: not at every tick once trusted. */
const PROBE_EVERY_TICKS = 10;

export function createTrustedClock(options: TrustedClockOptions): TrustedClock {
  const systemNow = options.systemNow ?? Date.now;
  const monotonicNow = options.monotonicNow ?? (() => performance.now());
  const probe = options.probe ?? ((): ClockProbe => probeMachineClock(newestTrustedMs));
  const listeners: ((change: ClockChange) => void)[] = [];

  let newestTrustedMs = options.newestTrustedMs;
  /** Once set by a time service, the clock keeps its trust while the network is away: it drifts by seconds a week. */
  let setInThisRun = false;
  /**
   * The newest time that only a real-time clock vouched for. It is never stored, and a time service goes before it:
   * a real-time clock that is wrong must not make the right time look like the past.
   */
  let newestUnsetMs = 0;
  let judgement = judge();
  let lastWallMs = systemNow();
  let lastMonotonicMs = monotonicNow();
  let lastSavedMonotonicMs: number | null = null;
  let ticks = 0;
  let timer: NodeJS.Timeout | null = null;

  function judge(): { trusted: boolean; reason: string } {
    if (options.mode === 'trust-system') {
      return { trusted: true, reason: 'the configuration says to trust the system clock' };
    }
    const now = systemNow();
    if (now < newestTrustedMs - BACKWARDS_TOLERANCE_MS) return hasBeen(now, newestTrustedMs);
    const machine = probe();
    if (machine.synchronised) {
      setInThisRun = true;
      return { trusted: true, reason: 'a time service has set the clock' };
    }
    if (now < newestUnsetMs - BACKWARDS_TOLERANCE_MS) return hasBeen(now, newestUnsetMs);
    if (setInThisRun) return { trusted: true, reason: 'a time service set the clock since the box started' };
    if (machine.hasRealTimeClock) return { trusted: true, reason: 'the machine has a real-time clock' };
    return { trusted: false, reason: 'no time service has set the clock yet, and the machine has no real-time clock' };
  }

  function hasBeen(now: number, newest: number): { trusted: boolean; reason: string } {
    setInThisRun = false;
    return {
      trusted: false,
      reason: `the clock says ${clockText(now)}, earlier than ${clockText(newest)}, which has already been; if the clock is right, set it to trust-system in the box's configuration`,
    };
  }

  function tick(): void {
    const wallMs = systemNow();
    const monotonicMs = monotonicNow();
    const jumpMs = Math.round(wallMs - lastWallMs - (monotonicMs - lastMonotonicMs));
    lastWallMs = wallMs;
    lastMonotonicMs = monotonicMs;
    const jumped = Math.abs(jumpMs) > JUMP_MS;
    // Whoever moved the clock: an earlier "was set" no longer speaks for it. The probe says whether it was the service.
    if (jumped) setInThisRun = false;

    const before = judgement.trusted;
    if (jumped || !before || ticks++ % PROBE_EVERY_TICKS === 0) judgement = judge();
    if (judgement.trusted && setInThisRun) rememberTime(wallMs, monotonicMs, jumped || !before);
    else if (judgement.trusted) newestUnsetMs = Math.max(newestUnsetMs, wallMs);
    if (jumped) notify({ kind: 'jump', trusted: judgement.trusted, jumpMs });
    if (judgement.trusted !== before) notify({ kind: 'trust', trusted: judgement.trusted, jumpMs: 0 });
  }

  function rememberTime(wallMs: number, monotonicMs: number, atOnce: boolean): void {
    // Vouched for by its owner, the clock may be set back; then nothing must have been kept that speaks against it.
    if (options.mode === 'trust-system') return;
    const due =
      lastSavedMonotonicMs === null ||
      monotonicMs - lastSavedMonotonicMs >= (options.saveIntervalMs ?? DEFAULT_SAVE_INTERVAL_MS);
    if (!atOnce && !due) return;
    lastSavedMonotonicMs = monotonicMs;
    newestTrustedMs = Math.max(newestTrustedMs, wallMs);
    options.saveTrustedTime?.(wallMs);
  }

  function notify(change: ClockChange): void {
    for (const listener of listeners) listener(change);
  }

  return {
    nowMs: systemNow,
    trusted: () => judgement.trusted,
    reason: () => judgement.reason,
    onChange: (listener) => void listeners.push(listener),
    start() {
      if (timer !== null) return;
      tick();
      timer = setInterval(tick, options.tickIntervalMs ?? DEFAULT_TICK_INTERVAL_MS);
      timer.unref();
    },
    stop() {
      if (timer !== null) clearInterval(timer);
      timer = null;
    },
  };
}

// ---- the machine -----------------------------------------------------------------------------------------------

/** Asks the kernel and the machine's own files. `newestTrustedMs` tells a real-time clock that has lost its battery. */
export function probeMachineClock(newestTrustedMs: number): ClockProbe {
  return {
    synchronised: kernelIsSynchronised() || existsSync(TIMESYNCD_MARK),
    hasRealTimeClock: isVirtualMachine() || hasRealTimeClock(newestTrustedMs),
  };
}

/** systemd-timesyncd makes it at the first synchronisation after a start of the machine; /run is empty at each start. */
const TIMESYNCD_MARK = '/run/systemd/timesync/synchronized';

/** adjtimex(2): the return value when the clock is not synchronised. */
const TIME_ERROR = 5;
/** The status bit of timex.h that says the same; some services leave one and clear the other. */
const STA_UNSYNC = 0x0040;
/**
 * struct timex of 64-bit Linux (x64 and arm64 agree): u32 modes and padding, then the longs offset, freq, maxerror,
 * esterror, then the int status at 40. 208 bytes in all; the kernel writes no further.
 */
const TIMEX_BYTES = 208;
const TIMEX_STATUS_OFFSET = 40;

let adjtimex: ((timex: Buffer) => number) | null | undefined;

function kernelIsSynchronised(): boolean {
  adjtimex ??= loadAdjtimex();
  if (adjtimex === null) return false;
  // modes = 0 only reads, which needs no privilege.
  const timex = Buffer.alloc(TIMEX_BYTES);
  const state = adjtimex(timex);
  return state >= 0 && state !== TIME_ERROR && (timex.readInt32LE(TIMEX_STATUS_OFFSET) & STA_UNSYNC) === 0;
}

function loadAdjtimex(): ((timex: Buffer) => number) | null {
  if (process.platform !== 'linux' || (process.arch !== 'x64' && process.arch !== 'arm64')) return null;
  try {
    const koffi: typeof import('koffi') = createRequire(import.meta.url)('koffi');
    return koffi.load(null).func('int adjtimex(_Inout_ uint8_t *timex)');
  } catch {
    return null;
  }
}

/** A virtual machine gets its time from its host. */
function isVirtualMachine(): boolean {
  return /^flags\s*:.*\bhypervisor\b/m.test(textOf('/proc/cpuinfo'));
}

/** A calendar clock may run in local time; and a Pi 5 without its battery starts in 1970. */
const RTC_TOLERANCE_MS = 26 * 3_600_000;

function hasRealTimeClock(newestTrustedMs: number): boolean {
  const seconds = Number(textOf('/sys/class/rtc/rtc0/since_epoch').trim());
  return seconds > 0 && seconds * 1000 >= newestTrustedMs - RTC_TOLERANCE_MS && seconds * 1000 > EARLIEST_SENSIBLE_MS;
}

/** No box is older than this program. */
const EARLIEST_SENSIBLE_MS = Date.UTC(2026, 0, 1);

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function clockText(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * Whether the wall clock may be believed, and what time it is (DESIGN, "While the clock is not to be trusted").
 */
export interface ClockChange {
  /** `trust`: trusted() changed. `jump`: the wall clock moved against the monotonic one; re-evaluate the schedule. */
  readonly kind: 'trust' | 'jump';
  readonly trusted: boolean;
  /** How far the wall clock moved; 0 for a change of trust. */
  readonly jumpMs: number;
}

/** What the machine says about its clock. */
export interface ClockProbe {
  /** Whether a time service has set the clock (adjtimex(2), or systemd-timesyncd's mark). */
  readonly synchronised: boolean;
  /** Whether the time survives a power cut without the network. */
  readonly hasRealTimeClock: boolean;
}

export interface TrustedClockOptions {
  /** `trust-system` believes the system clock whatever it says: for machines whose owner vouches for it. */
  readonly mode: 'auto' | 'trust-system';
  /** The newest time that was ever trusted, from the store. */
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
  start(): void;
  stop(): void;
}

export function createTrustedClock(options: TrustedClockOptions): TrustedClock {
  throw new Error(`the ${options.mode} clock is not written yet`);
}

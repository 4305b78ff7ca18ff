/**
 * Questions whose look-up failed, so that no retry asks for them again at once (RFC 9520): each for a while that doubles
 * with every further failure. Owns how long; leaves out what a client is told meanwhile (resolver.ts).
 */

/**
 * - `unreachable`: no upstream answered; forgotten when one is back
 * - `answered`: an upstream answered that it could not
 */
export type FailureKind = 'unreachable' | 'answered';

export interface Failure {
  readonly kind: FailureKind;
  /** What the upstream answered, without records; null for nothing. */
  readonly message: Uint8Array | null;
  readonly count: number;
  /** On the monotonic clock: not looked up again before. */
  readonly untilMs: number;
}

/** RFC 9520 §3.2: at least 1 s, at most 5 minutes; RFC 8767 §5 has a name with a stale answer tried every 30 s or so. */
const FIRST_PAUSE_MS = { unreachable: 1_000, answered: 5_000 } as const;
const LONGEST_PAUSE_MS = { unreachable: 30_000, answered: 60_000 } as const;
/** A failure is counted as a further one for as long after its pause. */
const REMEMBERED_MS = 60_000;
/** The oldest give way. With a message of a few hundred octets each, 2 MB. */
const LIMIT = 4_096;

export class FailedLookUps {
  /** The oldest first. */
  readonly #failures = new Map<string, Failure>();

  /** The failure that still stands in the way of a look-up, or null. */
  find(key: string, nowMs: number): Failure | null {
    const failure = this.#failures.get(key);
    return failure === undefined || failure.untilMs <= nowMs ? null : failure;
  }

  note(key: string, kind: FailureKind, message: Uint8Array | null, nowMs: number): void {
    const last = this.#failures.get(key);
    const isFurther = last !== undefined && last.kind === kind && nowMs < last.untilMs + REMEMBERED_MS;
    const count = isFurther ? last.count + 1 : 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS[kind], FIRST_PAUSE_MS[kind] * 2 ** (count - 1));
    this.#failures.delete(key);
    if (this.#failures.size >= LIMIT) this.#failures.delete(this.#failures.keys().next().value!);
    this.#failures.set(key, { kind, message, count, untilMs: nowMs + pauseMs });
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** An upstream is back: what failed for want of one may be asked at once. */
  forgetUnreachable(): void {
    for (const [key, { kind }] of this.#failures) if (kind === 'unreachable') this.#failures.delete(key);
  }
}

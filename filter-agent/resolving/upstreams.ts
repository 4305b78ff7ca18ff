/**
 * Chooses among the upstreams: the healthy one that was good last, the next when it fails, and tries a failed one again
 * after a while. Owns health; leaves out the wire (upstream-*.ts) and the cache (resolver.ts).
 */
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';

export interface UpstreamHealth {
  readonly name: string;
  readonly healthy: boolean;
}

/** Consecutive failures after which others are asked first. */
const FAILURES_TO_DISTRUST = 3;
/** How long a distrusted upstream is asked last. */
const DISTRUST_MS = 15_000;
/** One attempt: longer than a slow line's round trip and a recursive look-up; the next upstream is asked after it. */
const ATTEMPT_MS = 1_500;

const SERVFAIL = 2;
const REFUSED = 5;

interface Member {
  readonly upstream: Upstream;
  failures: number;
  distrustedUntilMs: number;
}

export class Upstreams {
  readonly #members: Member[];
  readonly #onHealth: (health: readonly UpstreamHealth[]) => void;

  constructor(upstreams: readonly Upstream[], onHealth: (health: readonly UpstreamHealth[]) => void) {
    this.#members = upstreams.map((upstream) => ({ upstream, failures: 0, distrustedUntilMs: 0 }));
    this.#onHealth = onHealth;
  }

  health(): UpstreamHealth[] {
    return this.#members.map(({ upstream, failures }) => ({
      name: upstream.name,
      healthy: failures < FAILURES_TO_DISTRUST,
    }));
  }

  /** The first good reply of any upstream, until `deadlineMs` on the monotonic clock. A refusal is better than nothing. */
  async ask(question: UpstreamQuestion, deadlineMs: number): Promise<Uint8Array> {
    let failure: unknown = new UpstreamError('network', 'No upstream is configured');
    let refusal: Uint8Array | null = null;
    // Two rounds: a datagram may be lost.
    for (let round = 0; round < 2; round++) {
      for (const member of this.#inOrder()) {
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) break;
        try {
          const reply = await member.upstream.ask(question, Math.min(ATTEMPT_MS, leftMs));
          this.#succeeded(member);
          const rcode = reply[3]! & 0x0f;
          if (rcode !== SERVFAIL && rcode !== REFUSED) return reply;
          refusal ??= reply;
        } catch (error) {
          this.#failed(member);
          failure = error;
        }
      }
      if (refusal !== null) return refusal;
    }
    throw failure;
  }

  close(): void {
    for (const { upstream } of this.#members) upstream.close();
  }

  #inOrder(): Member[] {
    const nowMs = performance.now();
    return [...this.#members].sort((a, b) => Number(a.distrustedUntilMs > nowMs) - Number(b.distrustedUntilMs > nowMs));
  }

  #succeeded(member: Member): void {
    const wasHealthy = member.failures < FAILURES_TO_DISTRUST;
    member.failures = 0;
    member.distrustedUntilMs = 0;
    if (!wasHealthy) this.#onHealth(this.health());
  }

  #failed(member: Member): void {
    member.failures++;
    if (member.failures < FAILURES_TO_DISTRUST) return;
    member.distrustedUntilMs = performance.now() + DISTRUST_MS;
    if (member.failures === FAILURES_TO_DISTRUST) this.#onHealth(this.health());
  }
}

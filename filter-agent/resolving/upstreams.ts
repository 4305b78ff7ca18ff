/**
 * Chooses among the upstreams: the first that is trusted, the next when it fails. One that failed several times is
 * distrusted and asked last; from time to time a client's question is put to it as well, and no client waits for that.
 * Owns health; leaves out the wire (upstream-*.ts) and the cache (resolver.ts).
 */
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';

export interface UpstreamHealth {
  readonly name: string;
  readonly healthy: boolean;
}

/** Consecutive failures after which others are asked first. */
const FAILURES_TO_DISTRUST = 3;
/** How long a distrusted upstream is left alone before the next probe. */
const PROBE_INTERVAL_MS = 15_000;
/** One attempt: longer than a slow line's round trip and a recursive look-up; the next upstream is asked after it. */
const ATTEMPT_MS = 1_500;

const SERVFAIL = 2;
const REFUSED = 5;

interface Member {
  readonly upstream: Upstream;
  failures: number;
  /** When the next probe may go out, while it is distrusted. */
  probeAtMs: number;
}

const isTrusted = ({ failures }: Member): boolean => failures < FAILURES_TO_DISTRUST;

export class Upstreams {
  readonly #members: Member[];
  readonly #onHealth: (health: readonly UpstreamHealth[]) => void;
  readonly #probeIntervalMs: number;

  constructor(
    upstreams: readonly Upstream[],
    onHealth: (health: readonly UpstreamHealth[]) => void,
    probeIntervalMs = PROBE_INTERVAL_MS,
  ) {
    this.#members = upstreams.map((upstream) => ({ upstream, failures: 0, probeAtMs: 0 }));
    this.#onHealth = onHealth;
    this.#probeIntervalMs = probeIntervalMs;
  }

  health(): UpstreamHealth[] {
    return this.#members.map((member) => ({ name: member.upstream.name, healthy: isTrusted(member) }));
  }

  /**
   * The first good reply of any upstream, until `deadlineMs` on the monotonic clock. A refusal is better than nothing.
   * An attempt that takes long is not given up: the next begins beside it, and whichever answers first is taken, so
   * that a slow line is slow and not dead.
   */
  ask(question: UpstreamQuestion, deadlineMs: number): Promise<Uint8Array> {
    this.#probe(question);
    const order = this.#inOrder();
    // Two rounds: a datagram may be lost.
    const attempts = [...order, ...order];
    return new Promise((resolve, reject) => {
      let failure: unknown = new UpstreamError('network', 'No upstream is configured');
      let refusal: Uint8Array | null = null;
      let begun = 0;
      let running = 0;
      const concludeOrGoOn = () => {
        if (refusal !== null && begun >= order.length) resolve(refusal);
        else if (begun < attempts.length && performance.now() < deadlineMs) begin(attempts[begun++]!);
        else if (running === 0) reject(failure);
      };
      const begin = (member: Member) => {
        running++;
        let isLate = false;
        const patience = setTimeout(() => {
          isLate = true;
          this.#failed(member);
          concludeOrGoOn();
        }, ATTEMPT_MS);
        member.upstream.ask(question, Math.max(1, deadlineMs - performance.now())).then(
          (reply) => {
            running--;
            clearTimeout(patience);
            // One that is always late must not hold up every client while another is quick.
            if (!isLate || !this.#members.some(isTrusted)) this.#succeeded(member);
            const rcode = reply[3]! & 0x0f;
            if (rcode !== SERVFAIL && rcode !== REFUSED) {
              begun = attempts.length;
              resolve(reply);
              return;
            }
            refusal ??= reply;
            if (!isLate || running === 0) concludeOrGoOn();
          },
          (error: unknown) => {
            running--;
            clearTimeout(patience);
            failure = error;
            if (!isLate) this.#failed(member);
            if (!isLate || running === 0) concludeOrGoOn();
          },
        );
      };
      concludeOrGoOn();
    });
  }

  close(): void {
    for (const { upstream } of this.#members) upstream.close();
  }

  /** The trusted ones in the order of the settings, then the others: with all of them failing, all are tried. */
  #inOrder(): Member[] {
    return [...this.#members].sort((a, b) => Number(isTrusted(b)) - Number(isTrusted(a)));
  }

  /** A distrusted upstream that clients had to try first would cost each of them an attempt's time. */
  #probe(question: UpstreamQuestion): void {
    if (!this.#members.some(isTrusted)) return;
    const nowMs = performance.now();
    for (const member of this.#members) {
      if (isTrusted(member) || nowMs < member.probeAtMs) continue;
      member.probeAtMs = nowMs + this.#probeIntervalMs;
      member.upstream.ask(question, ATTEMPT_MS).then(
        () => this.#succeeded(member),
        () => this.#failed(member),
      );
    }
  }

  #succeeded(member: Member): void {
    const wasTrusted = isTrusted(member);
    member.failures = 0;
    if (!wasTrusted) this.#onHealth(this.health());
  }

  #failed(member: Member): void {
    const wasTrusted = isTrusted(member);
    member.failures++;
    if (isTrusted(member)) return;
    member.probeAtMs = performance.now() + this.#probeIntervalMs;
    if (wasTrusted) this.#onHealth(this.health());
  }
}

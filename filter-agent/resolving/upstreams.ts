/**
 * Chooses among the upstreams: the fastest that answers, the next when it does not. How fast each is shows by itself for
 * the one that is asked; from time to time a client's question is put to the others as well, and no client waits for
 * that. One that failed several times is distrusted, and told of as not healthy.
 *
 *   rank 0   as quick as the quickest, or nearly: in the order of the settings
 *   rank 1   slower ones, the quicker first
 *   rank 2   failed the last time it was asked, or had no answer where another had one
 *   rank 3   distrusted: failed FAILURES_TO_DISTRUST times in a row
 *
 * Owns health and choice; leaves out the wire (upstream-*.ts) and the cache (resolver.ts).
 */
import { Rcode } from '../answering/dns-question.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';
import { isReferral } from './upstream-message.ts';

export interface UpstreamHealth {
  readonly name: string;
  readonly healthy: boolean;
}

/** Consecutive failures after which an upstream is not healthy. */
const FAILURES_TO_DISTRUST = 3;
/** How long another than the first is left alone before a client's question is put to it as well, to see how it does. */
const PROBE_INTERVAL_MS = 15_000;
/** Longer than a slow line's round trip and a recursive look-up: an upstream that has not answered by then has failed. */
const ATTEMPT_MS = 1_500;
/**
 * When another is asked beside one without an answer: after four times as long as that one usually takes, within these
 * bounds, so that a client who waits 1.8 s still has its answer. The same one is asked again only when it has failed: two
 * queries for one question are twice the chance for who forges replies (RFC 5452 §5).
 */
const LEAST_PATIENCE_MS = 400;
const MOST_PATIENCE_MS = 1_000;
/** Two in a row are as quick as one another if the slower takes no longer than this more. */
const NEARLY_FACTOR = 1.5;
const NEARLY_MS = 10;
/** The share of the newest measurement in the smoothed one. */
const NEWEST_SHARE = 1 / 4;
/**
 * Attempts under way, each a socket or a place on a connection for 5 s at the most: past that new questions fail. Twice
 * as many as the resolver has questions in flight.
 */
const ATTEMPTS_LIMIT = 8_192;
/** Past that none is begun beside another: a flood of names that nobody answers must leave room for those that somebody does. */
const ATTEMPTS_BESIDE_LIMIT = 4_096;

interface Member {
  readonly upstream: Upstream;
  /** In a row. */
  failures: number;
  /** See rank 2. */
  demoted: boolean;
  /** Smoothed time to an answer; null before the first. */
  roundTripMs: number | null;
  /** When the last reply to anything came. */
  repliedAtMs: number;
  /** When the last SERVFAIL or REFUSED came. */
  refusedAtMs: number;
  /** When a question may be put to it that nobody waits for. */
  probeAtMs: number;
}

const isTrusted = ({ failures }: Member): boolean => failures < FAILURES_TO_DISTRUST;

export class Upstreams {
  readonly #members: Member[];
  readonly #onHealth: (health: readonly UpstreamHealth[]) => void;
  readonly #probeIntervalMs: number;
  /** Ends an ask() before its time. */
  readonly #endings = new Set<(error: UpstreamError) => void>();
  #attempts = 0;

  constructor(
    upstreams: readonly Upstream[],
    onHealth: (health: readonly UpstreamHealth[]) => void,
    probeIntervalMs = PROBE_INTERVAL_MS,
  ) {
    this.#members = upstreams.map((upstream) => ({
      upstream,
      failures: 0,
      demoted: false,
      roundTripMs: null,
      repliedAtMs: Number.NEGATIVE_INFINITY,
      refusedAtMs: Number.NEGATIVE_INFINITY,
      probeAtMs: 0,
    }));
    this.#onHealth = onHealth;
    this.#probeIntervalMs = probeIntervalMs;
  }

  health(): UpstreamHealth[] {
    return this.#members.map((member) => ({ name: member.upstream.name, healthy: isTrusted(member) }));
  }

  isAnyTrusted(): boolean {
    return this.#members.some(isTrusted);
  }

  /**
   * The first good reply of any upstream, until `deadlineMs` on the monotonic clock; SERVFAIL and REFUSED are passed on
   * only when none does better. An attempt that takes long is not given up: the next begins beside it, and whichever
   * answers first is taken, so that a slow line is slow and not dead. Rejects with UpstreamError.
   */
  ask(question: UpstreamQuestion, deadlineMs: number): Promise<Uint8Array> {
    if (this.#attempts >= ATTEMPTS_LIMIT) {
      return Promise.reject(new UpstreamError('crowded', 'Too many questions are under way'));
    }
    const order = this.#inOrder();
    const probes = this.#probe(question, order[0], deadlineMs);
    // Two rounds: a datagram may be lost.
    const attempts = [...order, ...order];
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    let failure = new UpstreamError('network', 'No upstream is configured');
    let refusal: Uint8Array | null = null;
    /** Who was asked in vain until now, and when. */
    const withoutAnswer = new Map<Member, number>();
    let begun = 0;
    let running = 0;
    let isImpatient = false;
    let hedge: NodeJS.Timeout | undefined;
    const end = (settle: () => void) => {
      begun = attempts.length;
      clearTimeout(hedge);
      this.#endings.delete(abandon);
      settle();
    };
    const abandon = (error: UpstreamError) => end(() => reject(error));
    this.#endings.add(abandon);

    const goOn = () => {
      if (refusal !== null && begun >= order.length) {
        const given = refusal;
        // Somebody who was asked may still do better, for as long as the next would have been kept waiting.
        if (running === 0 || isImpatient) end(() => resolve(given));
      } else if (
        begun < attempts.length &&
        performance.now() < deadlineMs &&
        (running === 0 || this.#hasRoomBeside())
      ) {
        begin(attempts[begun++]!);
      } else if (running === 0) {
        end(() => reject(failure));
      }
    };
    const begin = (member: Member) => {
      running++;
      const startedAtMs = performance.now();
      if (!withoutAnswer.has(member)) withoutAnswer.set(member, startedAtMs);
      isImpatient = false;
      clearTimeout(hedge);
      const patienceMs = begun < order.length ? patienceWith(member) : ATTEMPT_MS;
      hedge = setTimeout(() => {
        isImpatient = true;
        goOn();
      }, patienceMs);
      const attempt = probes.get(member) ?? this.#attempt(member, question, deadlineMs - startedAtMs);
      probes.delete(member);
      attempt.then(
        (reply) => {
          running--;
          if (isRefusal(reply)) {
            refusal ??= reply;
            goOn();
            return;
          }
          withoutAnswer.delete(member);
          for (const [other, sinceMs] of withoutAnswer) outdo(other, sinceMs);
          end(() => resolve(reply));
        },
        (error: UpstreamError) => {
          running--;
          failure = error;
          goOn();
        },
      );
    };
    goOn();
    return promise;
  }

  /** Whoever waits for a reply is told at once that there will be none. */
  close(): void {
    for (const abandon of this.#endings) abandon(new UpstreamError('closed', 'The box stops'));
    for (const { upstream } of this.#members) upstream.close();
  }

  /** One question to one upstream, and what it shows of that one's health. */
  async #attempt(member: Member, question: UpstreamQuestion, timeoutMs: number): Promise<Uint8Array> {
    const startedAtMs = performance.now();
    member.probeAtMs = startedAtMs + this.#probeIntervalMs;
    let isLate = false;
    const patience = setTimeout(() => {
      isLate = true;
      // Where it answered others meanwhile it is the name that is slow, or lost, and not the upstream.
      if (member.repliedAtMs < startedAtMs) this.#failed(member);
    }, ATTEMPT_MS);
    this.#attempts++;
    try {
      const reply = await member.upstream.ask(question, Math.max(1, timeoutMs));
      // A server that sends its clients on is none for stubs: no answer, and not the one that there is nothing.
      if (isReferral(reply)) reply[3] = (reply[3]! & 0xf0) | Rcode.SERVFAIL;
      this.#replied(member, startedAtMs, isLate, isRefusal(reply));
      return reply;
    } catch (error) {
      // One that was cut short by the deadline has not shown whether it would have answered.
      const isOwnFault = !(error instanceof UpstreamError) || error.code === 'network';
      if (!isLate && isOwnFault) this.#failed(member);
      throw error;
    } finally {
      this.#attempts--;
      clearTimeout(patience);
    }
  }

  #hasRoomBeside(): boolean {
    return this.#attempts < ATTEMPTS_BESIDE_LIMIT;
  }

  /** With all of them failing, all are tried. */
  #inOrder(): Member[] {
    const bestMs = Math.min(
      ...this.#members.flatMap((member) => (isTrusted(member) && !member.demoted ? (member.roundTripMs ?? []) : [])),
    );
    const rank = (member: Member): number => {
      if (!isTrusted(member)) return 3;
      if (member.demoted) return 2;
      return member.roundTripMs !== null && member.roundTripMs > NEARLY_FACTOR * bestMs + NEARLY_MS ? 1 : 0;
    };
    return this.#members.toSorted((a, b) => {
      const [rankA, rankB] = [rank(a), rank(b)];
      return rankA - rankB || (rankA === 1 ? a.roundTripMs! - b.roundTripMs! : 0);
    });
  }

  /** Puts the question to those that have not been asked for a while; a client who comes to need them has their answer. */
  #probe(question: UpstreamQuestion, first: Member | undefined, deadlineMs: number): Map<Member, Promise<Uint8Array>> {
    const probes = new Map<Member, Promise<Uint8Array>>();
    const nowMs = performance.now();
    for (const member of this.#members) {
      if (member === first || nowMs < member.probeAtMs || !this.#hasRoomBeside()) continue;
      const attempt = this.#attempt(member, question, Math.min(2 * ATTEMPT_MS, deadlineMs - nowMs));
      attempt.catch(() => {
        // Its health has taken note of it.
      });
      probes.set(member, attempt);
    }
    return probes;
  }

  #replied(member: Member, startedAtMs: number, isLate: boolean, isRefused: boolean): void {
    const nowMs = performance.now();
    const tookMs = nowMs - startedAtMs;
    member.repliedAtMs = nowMs;
    if (isRefused) member.refusedAtMs = nowMs;
    member.roundTripMs =
      member.roundTripMs === null ? tookMs : member.roundTripMs + NEWEST_SHARE * (tookMs - member.roundTripMs);
    // One that is always late must not hold up every client while another is quick.
    if (isLate && this.isAnyTrusted()) return;
    const wasTrusted = isTrusted(member);
    member.failures = 0;
    if (!isRefused) member.demoted = false;
    if (!wasTrusted) this.#onHealth(this.health());
  }

  #failed(member: Member): void {
    const wasTrusted = isTrusted(member);
    member.failures++;
    member.demoted = true;
    if (wasTrusted && !isTrusted(member)) this.#onHealth(this.health());
  }
}

/**
 * Another found an answer where this one, asked before, did not: that one is asked first now. Not where it has replied
 * (to anything) meanwhile and only this name takes it long.
 */
function outdo(member: Member, askedAtMs: number): void {
  if (member.refusedAtMs >= askedAtMs || member.repliedAtMs < askedAtMs) member.demoted = true;
}

function patienceWith({ roundTripMs }: Member): number {
  if (roundTripMs === null) return MOST_PATIENCE_MS;
  return Math.min(MOST_PATIENCE_MS, Math.max(LEAST_PATIENCE_MS, 4 * roundTripMs));
}

function isRefusal(reply: Uint8Array): boolean {
  const rcode = reply[3]! & 0x0f;
  return rcode === Rcode.SERVFAIL || rcode === Rcode.REFUSED;
}

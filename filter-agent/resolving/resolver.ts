/**
 * Looks names up: big cache, one upstream query in flight per question, all who wait for it answered together.
 *
 * Owns the cache and the waiting. Who may have the answer is not judged here: the answering side does that for each
 * client, from the names in the message.
 */
import { putUint16 } from '../answering/dns-question.ts';
import { CacheKey, KEY_CHECKING_DISABLED, KEY_DNSSEC_OK, ResponseCache } from '../answering/response-cache.ts';
import { Walk, walkMessage } from '../answering/stored-message.ts';
import type { UpstreamQuestion } from './upstream.ts';
import type { Upstreams } from './upstreams.ts';

export interface Looked {
  /** A stored message (see stored-message.ts); null when the look-up failed. */
  readonly message: Uint8Array | null;
  readonly ageSeconds: number;
  readonly cacheable: boolean;
  /** It has expired, and is given for want of a better one, with TTLs that say so (RFC 8767). */
  readonly stale: boolean;
  /** Info code of the extended error that goes with it (RFC 8914 §4); 0 for none. */
  readonly ede: number;
}

export type Waiter = (looked: Looked) => void;

/** The client is answered by then, so that its own time-out (5 s in most stubs) never fires (RFC 8767 §5). */
const CLIENT_DEADLINE_MS = 1_800;
/** The upstream attempt may run longer, to fill the cache for the client's next try. */
const UPSTREAM_DEADLINE_MS = 5_000;
/** Different questions in flight: past that new ones fail at once, and the box stays responsive. */
const IN_FLIGHT_LIMIT = 4_096;
/** No image has this number: what is stored here is judged by whoever gives it to a client. */
const NOT_JUDGED = 0;

/** Refreshes in flight: they must not crowd out what clients wait for. */
const REFRESH_LIMIT = 64;

/** RFC 8914 §4. */
export const Ede = { NO_REACHABLE_AUTHORITY: 22 } as const;

const FAILED: Looked = {
  message: null,
  ageSeconds: 0,
  cacheable: false,
  stale: false,
  ede: Ede.NO_REACHABLE_AUTHORITY,
};

/** The look-up of one question, and who waits for it; each waits for its own while. */
type Flight = Map<Waiter, NodeJS.Timeout>;

export class Resolver {
  readonly #upstreams: Upstreams;
  readonly #cache: ResponseCache;
  readonly #key = new CacheKey();
  readonly #flights = new Map<string, Flight>();
  readonly #walk = new Walk();
  #refreshing = 0;

  /** `cacheBytes`: see ResponseCache. */
  constructor(upstreams: Upstreams, cacheBytes: number) {
    this.#upstreams = upstreams;
    this.#cache = new ResponseCache(cacheBytes);
  }

  /** Calls `waiter` exactly once: at once from the cache, else within CLIENT_DEADLINE_MS. */
  lookUp(question: UpstreamQuestion, waiter: Waiter): void {
    const cached = this.#fromCache(question);
    if (cached !== null) {
      waiter(cached);
      return;
    }
    const key = keyOf(question);
    const flight = this.#flights.get(key);
    if (flight !== undefined) {
      board(flight, waiter);
      return;
    }
    if (this.#flights.size >= IN_FLIGHT_LIMIT) {
      waiter(FAILED);
      return;
    }
    this.#takeOff(key, question, waiter);
  }

  /** Looks a question up though its answer is cached, for the next client; left out when there is much to do. */
  refresh(question: UpstreamQuestion): void {
    const key = keyOf(question);
    if (this.#flights.has(key) || this.#refreshing >= REFRESH_LIMIT || this.#flights.size > IN_FLIGHT_LIMIT / 2) return;
    this.#refreshing++;
    const flight: Flight = new Map();
    this.#flights.set(key, flight);
    void this.#fly(key, question, flight).finally(() => {
      this.#refreshing--;
    });
  }

  close(): void {
    for (const [key, flight] of this.#flights) this.#land(key, flight, FAILED);
    this.#upstreams.close();
  }

  #takeOff(key: string, question: UpstreamQuestion, waiter: Waiter): void {
    const flight: Flight = new Map();
    board(flight, waiter);
    this.#flights.set(key, flight);
    void this.#fly(key, question, flight);
  }

  #fly(key: string, question: UpstreamQuestion, flight: Flight): Promise<void> {
    const startedAtMs = performance.now();
    return this.#upstreams.ask(question, startedAtMs + UPSTREAM_DEADLINE_MS).then(
      (reply) => this.#land(key, flight, this.#keep(question, reply)),
      () => {
        // Whoever is still aboard after so long boarded late, and is owed the rest of its while. One flight after the
        // other, each longer than a client waits: a dead upstream is asked no more often for it.
        const isLong = performance.now() - startedAtMs > CLIENT_DEADLINE_MS;
        if (isLong && flight.size > 0) void this.#fly(key, question, flight);
        else this.#land(key, flight, FAILED);
      },
    );
  }

  /** Each waiter is told once, also when a flight that close() ended comes in later. */
  #land(key: string, flight: Flight, looked: Looked): void {
    this.#flights.delete(key);
    const waiting = [...flight];
    flight.clear();
    for (const [waiter, timer] of waiting) {
      clearTimeout(timer);
      waiter(looked);
    }
  }

  #fromCache(question: UpstreamQuestion): Looked | null {
    const nowMs = performance.now();
    const cache = this.#cache;
    setKey(this.#key, question);
    const entry = cache.find(this.#key, nowMs);
    if (entry < 0) return null;
    const start = cache.messageOffset(entry);
    const message = cache.bytes.slice(start, start + cache.messageLength(entry));
    const ageSeconds = Math.floor((nowMs - cache.storedAtMs(entry)) / 1000);
    return { message, ageSeconds, cacheable: true, stale: false, ede: 0 };
  }

  /** Turns a reply into a stored message and keeps it for as long as it may be kept. */
  #keep(question: UpstreamQuestion, reply: Uint8Array): Looked {
    const walk = this.#walk;
    if (!walkMessage(reply, reply.length, null, walk)) return FAILED;
    const message = reply.slice(0, walk.end);
    putUint16(message, 0, 0);
    putUint16(message, 10, 0);
    const cacheable = walk.ttlSeconds > 0;
    if (cacheable) {
      const storedAtMs = performance.now();
      const expiresAtMs = storedAtMs + 1000 * walk.ttlSeconds;
      setKey(this.#key, question);
      this.#cache.store(this.#key, message, 0, message.length, walk, NOT_JUDGED, storedAtMs, expiresAtMs);
    }
    return { message, ageSeconds: 0, cacheable, stale: false, ede: 0 };
  }
}

/** A waiter whose while is over is told so; the flight goes on, to fill the cache for its next try. */
function board(flight: Flight, waiter: Waiter): void {
  const timer = setTimeout(() => {
    flight.delete(waiter);
    waiter(FAILED);
  }, CLIENT_DEADLINE_MS);
  flight.set(waiter, timer);
}

function setKey(key: CacheKey, { name, type, class: classOf, dnssecOk, checkingDisabled }: UpstreamQuestion): void {
  const flags = (dnssecOk ? KEY_DNSSEC_OK : 0) | (checkingDisabled ? KEY_CHECKING_DISABLED : 0);
  key.make(name, 0, name.length, type, classOf, flags);
}

function keyOf(question: UpstreamQuestion): string {
  const flags = (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
  const name = Buffer.from(question.name.buffer, question.name.byteOffset, question.name.length).toString('latin1');
  return `${name}${question.type}/${question.class}/${flags}`;
}

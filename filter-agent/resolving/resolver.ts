/**
 * Looks names up: big cache, one upstream query in flight per question, all who wait for it answered together.
 *
 * Owns the cache and the waiting. Who may have the answer is not judged here: the answering side does that for each
 * client, from the names in the message.
 */
import { LRUCache } from 'lru-cache';
import { putUint16 } from '../answering/dns-question.ts';
import { Walk, walkMessage } from '../answering/stored-message.ts';
import type { UpstreamQuestion } from './upstream.ts';
import type { Upstreams } from './upstreams.ts';

export interface Looked {
  /** A stored message (see stored-message.ts); null when the look-up failed. */
  readonly message: Uint8Array | null;
  readonly ageSeconds: number;
  readonly cacheable: boolean;
}

export type Waiter = (looked: Looked) => void;

/** The client is answered by then, so that its own time-out (5 s in most stubs) never fires (RFC 8767 §5). */
const CLIENT_DEADLINE_MS = 1_800;
/** The upstream attempt may run longer, to fill the cache for the client's next try. */
const UPSTREAM_DEADLINE_MS = 5_000;
/** Different questions in flight: past that new ones fail at once, and the box stays responsive. */
const IN_FLIGHT_LIMIT = 4_096;
/** What an entry costs beside its message and key: objects and map entry, measured at about 300 bytes. */
const ENTRY_OVERHEAD_BYTES = 300;

const FAILED: Looked = { message: null, ageSeconds: 0, cacheable: false };

interface Entry {
  readonly message: Uint8Array;
  readonly storedAtMs: number;
  readonly expiresAtMs: number;
}

/** The look-up of one question, and who waits for it; each waits for its own while. */
type Flight = Map<Waiter, NodeJS.Timeout>;

export class Resolver {
  readonly #upstreams: Upstreams;
  readonly #cache: LRUCache<string, Entry>;
  readonly #flights = new Map<string, Flight>();
  readonly #walk = new Walk();

  constructor(upstreams: Upstreams, cacheBytes: number) {
    this.#upstreams = upstreams;
    this.#cache = new LRUCache({
      maxSize: cacheBytes,
      sizeCalculation: (entry, key) => entry.message.length + key.length + ENTRY_OVERHEAD_BYTES,
    });
  }

  /** Calls `waiter` exactly once: at once from the cache, else within CLIENT_DEADLINE_MS. */
  lookUp(question: UpstreamQuestion, waiter: Waiter): void {
    const key = keyOf(question);
    const nowMs = performance.now();
    const entry = this.#cache.get(key);
    if (entry !== undefined && entry.expiresAtMs > nowMs) {
      const ageSeconds = Math.floor((nowMs - entry.storedAtMs) / 1000);
      waiter({ message: entry.message, ageSeconds, cacheable: true });
      return;
    }
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

  close(): void {
    for (const [key, flight] of this.#flights) this.#land(key, flight, FAILED);
    this.#upstreams.close();
  }

  #takeOff(key: string, question: UpstreamQuestion, waiter: Waiter): void {
    const flight: Flight = new Map();
    board(flight, waiter);
    this.#flights.set(key, flight);
    this.#fly(key, question, flight);
  }

  #fly(key: string, question: UpstreamQuestion, flight: Flight): void {
    const startedAtMs = performance.now();
    this.#upstreams.ask(question, startedAtMs + UPSTREAM_DEADLINE_MS).then(
      (reply) => this.#land(key, flight, this.#keep(key, reply)),
      () => {
        // Whoever is still aboard after so long boarded late, and is owed the rest of its while. One flight after the
        // other, each longer than a client waits: a dead upstream is asked no more often for it.
        const isLong = performance.now() - startedAtMs > CLIENT_DEADLINE_MS;
        if (isLong && flight.size > 0) this.#fly(key, question, flight);
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

  /** Turns a reply into a stored message and keeps it for as long as it may be kept. */
  #keep(key: string, reply: Uint8Array): Looked {
    const walk = this.#walk;
    if (!walkMessage(reply, reply.length, null, walk)) return FAILED;
    const message = reply.slice(0, walk.end);
    putUint16(message, 0, 0);
    putUint16(message, 10, 0);
    const cacheable = walk.ttlSeconds > 0;
    if (cacheable) {
      const storedAtMs = performance.now();
      this.#cache.set(key, { message, storedAtMs, expiresAtMs: storedAtMs + 1000 * walk.ttlSeconds });
    }
    return { message, ageSeconds: 0, cacheable };
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

function keyOf(question: UpstreamQuestion): string {
  const flags = (question.dnssecOk ? 1 : 0) | (question.checkingDisabled ? 2 : 0);
  const name = Buffer.from(question.name.buffer, question.name.byteOffset, question.name.length).toString('latin1');
  return `${name}${question.type}/${question.class}/${flags}`;
}

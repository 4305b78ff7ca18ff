/**
 * Looks names up: zones that are answered here, big cache, one upstream query in flight per question, all who wait for
 * it answered together; a stale answer when there is no better one (RFC 8767).
 *
 *   local? ▸ cached? ▸ failed lately? ▸ in flight? ▸ upstream ▸ private addresses out ▸ cache ▸ all who wait
 *
 * Owns the cache, the waiting and who is asked for which zone. Who may have the answer is not judged here: the answering
 * side does that for each client, from the names in the message.
 */
import { Ede } from '../answering/dns-answer.ts';
import { endOfName, HEADER_BYTES, putUint32, Rcode, Type } from '../answering/dns-question.ts';
import { toStoredMessage } from '../answering/remade-message.ts';
import { CacheKey, KEY_CHECKING_DISABLED, KEY_DNSSEC_OK, ResponseCache } from '../answering/response-cache.ts';
import { Walk, walkMessage } from '../answering/stored-message.ts';
import { Counter } from '../shared-memory.ts';
import { FailedLookUps } from './failed-look-ups.ts';
import { isNeighbourName, LocalZones } from './local-zones.ts';
import { withoutPrivateAddresses } from './rebinding.ts';
import type { UpstreamQuestion } from './upstream.ts';
import type { Upstreams } from './upstreams.ts';
import { ZoneTable } from './zone-table.ts';

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

export interface ResolverOptions {
  readonly upstreams: Upstreams;
  /** Zones ("lan", "168.192.in-addr.arpa") that others are asked for, and they only: the longest wins. */
  readonly forward: readonly { readonly zones: readonly string[]; readonly upstreams: Upstreams }[];
  /** Names below which a public answer may hold private addresses. */
  readonly allowPrivateAnswers: readonly string[];
  /** The local site's name: see LocalZones. */
  readonly siteName: string;
  /** See ResponseCache. */
  readonly cacheBytes: number;
  /** Takes note of one more of a kind (Counter). */
  readonly count: (counter: number) => void;
}

/** The client is answered by then, so that its own time-out (5 s in most stubs) never fires (RFC 8767 §5). */
const CLIENT_DEADLINE_MS = 1_800;
/** The upstream attempt may run longer, to fill the cache for the client's next try. */
const UPSTREAM_DEADLINE_MS = 5_000;
/**
 * Attempts on end for one question, each of UPSTREAM_DEADLINE_MS. Whoever boards late gets its while in the second one,
 * but nobody can keep a question in the air, and a pile of waiters with it, by asking again and again (CVE-2024-33655).
 */
const LEGS_LIMIT = 2;
/** Different questions in flight: past that those that nobody waits for any more give way, and then new ones fail. */
const IN_FLIGHT_LIMIT = 4_096;
/** Refreshes in flight: they must not crowd out what clients wait for. */
const REFRESH_LIMIT = 64;
/** RFC 8767 §5: one to three days; after a day without the internet a nursery has other troubles. */
const STALE_LIMIT_MS = 86_400_000;
/** RFC 8767 §4. */
const STALE_TTL_SECONDS = 30;
/** Flights looked at for one that may give way: the oldest are the likeliest, and a flood must not look at all for each. */
const ROOM_LOOKS = 16;
/** No image has this number: what is stored here is judged by whoever gives it to a client. */
const NOT_JUDGED = 0;

const failedWith = (ede: number): Looked => ({ message: null, ageSeconds: 0, cacheable: false, stale: false, ede });
const UNREACHABLE = failedWith(Ede.NO_REACHABLE_AUTHORITY);
const CACHED_FAILURE = failedWith(Ede.CACHED_ERROR);
const UNREADABLE = failedWith(Ede.NETWORK_ERROR);
const fresh = (message: Uint8Array, cacheable: boolean): Looked => ({
  message,
  ageSeconds: 0,
  cacheable,
  stale: false,
  ede: Ede.NONE,
});

/** The look-up of one question, and who waits for it; each waits for its own while. */
interface Flight {
  readonly key: string;
  readonly question: UpstreamQuestion;
  readonly route: Route;
  readonly waiting: Map<Waiter, NodeJS.Timeout>;
  readonly startedAtMs: number;
  legs: number;
}

/** Who is asked for a name. */
interface Route {
  readonly upstreams: Upstreams;
  /** A server of the site's own: what it says of private addresses is true. */
  readonly isLocal: boolean;
}

export class Resolver {
  readonly #public: Route;
  readonly #forward: ZoneTable<Route>;
  /** Asked for names of a single label; null where no zone is forwarded. */
  readonly #neighbour: Route | null;
  readonly #allRoutes: readonly Route[];
  readonly #localZones: LocalZones;
  readonly #allowPrivate: ZoneTable<true>;
  readonly #count: (counter: number) => void;
  readonly #cache: ResponseCache;
  readonly #key = new CacheKey();
  /** The oldest first. */
  readonly #flights = new Map<string, Flight>();
  readonly #failed = new FailedLookUps();
  readonly #walk = new Walk();
  #refreshing = 0;
  #isClosed = false;

  constructor(options: ResolverOptions) {
    this.#public = { upstreams: options.upstreams, isLocal: false };
    const forward = options.forward.map(({ zones, upstreams }) => ({ zones, route: { upstreams, isLocal: true } }));
    this.#forward = new ZoneTable(forward.flatMap(({ zones, route }) => zones.map((zone) => [zone, route] as const)));
    this.#neighbour = forward[0]?.route ?? null;
    this.#allRoutes = [this.#public, ...forward.map(({ route }) => route)];
    this.#localZones = new LocalZones(options.siteName);
    this.#allowPrivate = new ZoneTable(options.allowPrivateAnswers.map((name) => [name, true] as const));
    this.#count = options.count;
    this.#cache = new ResponseCache(options.cacheBytes);
  }

  /** Calls `waiter` exactly once: at once where that can be, else within CLIENT_DEADLINE_MS. */
  lookUp(question: UpstreamQuestion, waiter: Waiter): void {
    const route = this.#routeOf(question);
    const key = keyOf(question);
    const now = this.#local(question, route) ?? this.#fromCache(question) ?? this.#atOnce(key, question, route);
    if (now !== null) {
      this.#tell(waiter, now);
      return;
    }
    const flight = this.#flights.get(key) ?? this.#takeOff(key, question, route);
    if (flight === null) this.#tell(waiter, this.#stale(question) ?? UNREACHABLE);
    else this.#board(flight, waiter);
  }

  /** Looks a question up though its answer is cached, for the next client; left out when there is much to do. */
  refresh(question: UpstreamQuestion): void {
    if (this.#refreshing >= REFRESH_LIMIT || this.#flights.size >= IN_FLIGHT_LIMIT / 2) return;
    const key = keyOf(question);
    if (this.#flights.has(key) || this.#failed.find(key, performance.now()) !== null) return;
    const route = this.#routeOf(question);
    if (this.#isClosed || this.#local(question, route) !== null) return;
    this.#refreshing++;
    this.#count(Counter.refreshed);
    this.#takeOff(key, question, route, () => {
      this.#refreshing--;
    });
  }

  /** An upstream is back: what failed for want of one is looked up again with the next question. */
  upstreamIsBack(): void {
    this.#failed.forgetUnreachable();
  }

  /** Whoever waits is told at once. */
  close(): void {
    this.#isClosed = true;
    for (const flight of this.#flights.values()) this.#land(flight, UNREACHABLE);
    for (const { upstreams } of this.#allRoutes) upstreams.close();
  }

  #routeOf(question: UpstreamQuestion): Route {
    const found = this.#forward.find(question.name);
    // Whether a zone is delegated, and how, its parent says (RFC 4035 §2.4).
    if (found !== null && !(found.at === 0 && question.type === Type.DS)) return found.value;
    return this.#neighbour !== null && isNeighbourName(question) ? this.#neighbour : this.#public;
  }

  // ---- what can be said without an upstream ----------------------------------------------------------------------

  #local(question: UpstreamQuestion, route: Route): Looked | null {
    if (route.isLocal) return null;
    const message = this.#localZones.answer(question);
    return message === null ? null : fresh(message, true);
  }

  #fromCache(question: UpstreamQuestion): Looked | null {
    const cache = this.#cache;
    const nowMs = performance.now();
    setKey(this.#key, question);
    const entry = cache.find(this.#key, nowMs);
    if (entry < 0) return null;
    const message = this.#copyOf(entry);
    const ageSeconds = Math.floor((nowMs - cache.storedAtMs(entry)) / 1000);
    if (cache.isFading(entry, nowMs)) this.refresh(question);
    return { message, ageSeconds, cacheable: true, stale: false, ede: Ede.NONE };
  }

  /** For a question without a fresh answer: what is said while its look-up is known to be of no use, or to take long. */
  #atOnce(key: string, question: UpstreamQuestion, route: Route): Looked | null {
    const nowMs = performance.now();
    const failure = this.#failed.find(key, nowMs);
    if (failure !== null) {
      const stale = isDecision(failure.message) ? null : this.#stale(question);
      return stale ?? { ...CACHED_FAILURE, message: failure.message, cacheable: failure.message !== null };
    }
    const flight = this.#flights.get(key);
    const isSlow = flight !== undefined && nowMs - flight.startedAtMs >= CLIENT_DEADLINE_MS;
    if (!isSlow && route.upstreams.isAnyTrusted()) return null;
    // The client need not wait to see that nobody is there; the attempt shows when somebody is back.
    const stale = this.#stale(question);
    if (stale !== null && flight === undefined) this.#takeOff(key, question, route);
    return stale;
  }

  /** An answer that expired less than STALE_LIMIT_MS ago, as it is given to a client; null for none. */
  #stale(question: UpstreamQuestion): Looked | null {
    const cache = this.#cache;
    setKey(this.#key, question);
    const entry = cache.find(this.#key, performance.now() - STALE_LIMIT_MS);
    if (entry < 0) return null;
    const message = this.#copyOf(entry);
    const ttls = cache.ttlOffsetsAt(entry);
    for (let i = 0; i < cache.ttlCount(entry); i++) putUint32(message, cache.halves[ttls + i]!, STALE_TTL_SECONDS);
    const ede = rcodeOf(message) === Rcode.NXDOMAIN ? Ede.STALE_NXDOMAIN : Ede.STALE;
    return { message, ageSeconds: 0, cacheable: false, stale: true, ede };
  }

  #copyOf(entry: number): Uint8Array {
    const cache = this.#cache;
    const start = cache.messageOffset(entry);
    return cache.bytes.slice(start, start + cache.messageLength(entry));
  }

  // ---- flights -----------------------------------------------------------------------------------------------------

  /** Null where there is no room. */
  #takeOff(key: string, question: UpstreamQuestion, route: Route, onEnd?: () => void): Flight | null {
    if (this.#isClosed || (this.#flights.size >= IN_FLIGHT_LIMIT && !this.#makeRoom())) return null;
    const flight: Flight = { key, question, route, waiting: new Map(), startedAtMs: performance.now(), legs: 0 };
    this.#flights.set(key, flight);
    void this.#fly(flight).finally(onEnd);
    return flight;
  }

  /** Lets go of an old question, if all who waited for it have been answered; its reply is still kept. */
  #makeRoom(): boolean {
    let looked = 0;
    for (const [key, { waiting }] of this.#flights) {
      if (waiting.size === 0) {
        this.#flights.delete(key);
        return true;
      }
      if (++looked === ROOM_LOOKS) break;
    }
    return false;
  }

  async #fly(flight: Flight): Promise<void> {
    const { key, question, route } = flight;
    while (true) {
      flight.legs++;
      const legStartedAtMs = performance.now();
      const reply = await route.upstreams.ask(question, legStartedAtMs + UPSTREAM_DEADLINE_MS).catch(() => null);
      if (reply !== null) {
        this.#land(flight, this.#keep(flight, reply));
        return;
      }
      // Whoever is still aboard after so long boarded late, and is owed the rest of its while. One attempt after the
      // other, each longer than a client waits: a dead upstream is asked no more often for it.
      const isLong = performance.now() - legStartedAtMs > CLIENT_DEADLINE_MS;
      if (isLong && flight.waiting.size > 0 && flight.legs < LEGS_LIMIT && !this.#isClosed) continue;
      if (!this.#isClosed) this.#failed.note(key, 'unreachable', null, performance.now());
      this.#land(flight, this.#stale(question) ?? UNREACHABLE);
      return;
    }
  }

  /** A waiter whose while is over is given what there is; the flight goes on, to fill the cache for its next try. */
  #board({ waiting, question }: Flight, waiter: Waiter): void {
    const timer = setTimeout(() => {
      waiting.delete(waiter);
      this.#tell(waiter, this.#stale(question) ?? UNREACHABLE);
    }, CLIENT_DEADLINE_MS);
    waiting.set(waiter, timer);
  }

  /** Each waiter is told once, also when a flight that close() ended comes in later. */
  #land(flight: Flight, looked: Looked): void {
    if (this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
    const waiting = [...flight.waiting];
    flight.waiting.clear();
    for (const [waiter, timer] of waiting) {
      clearTimeout(timer);
      this.#tell(waiter, looked);
    }
  }

  #tell(waiter: Waiter, looked: Looked): void {
    if (looked.stale) this.#count(Counter.stale);
    waiter(looked);
  }

  // ---- replies -----------------------------------------------------------------------------------------------------

  /** Turns a reply into a stored message and keeps it for as long as it may be kept. */
  #keep({ key, question, route }: Flight, reply: Uint8Array): Looked {
    const walk = this.#walk;
    let message = toStoredMessage(reply, walk);
    if (message === null) return this.#keepFailure(key, question, null, UNREADABLE);
    const rcode = rcodeOf(message);
    if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) {
      const bare = failureOf(message);
      return this.#keepFailure(key, question, bare, fresh(bare, true));
    }
    if (!route.isLocal && this.#allowPrivate.find(question.name) === null) {
      const cleaned = withoutPrivateAddresses(message, walk);
      if (cleaned.dropped > 0) {
        this.#count(Counter.privateDropped);
        message = cleaned.message;
        if (!walkMessage(message, message.length, null, walk)) return UNREADABLE;
      }
    }
    this.#failed.forget(key);
    const cacheable = walk.ttlSeconds > 0;
    if (cacheable) {
      const storedAtMs = performance.now();
      const expiresAtMs = storedAtMs + 1000 * walk.ttlSeconds;
      setKey(this.#key, question);
      this.#cache.store(this.#key, message, 0, message.length, walk, NOT_JUDGED, storedAtMs, expiresAtMs);
    }
    return fresh(message, cacheable);
  }

  /**
   * A failure never takes the place of an answer, and a stale one is better than it (RFC 8767 §4). But REFUSED from an
   * upstream that answers is how some of them filter: then what it said before does not count any more.
   */
  #keepFailure(key: string, question: UpstreamQuestion, message: Uint8Array | null, failed: Looked): Looked {
    this.#failed.note(key, 'answered', message, performance.now());
    return (isDecision(message) ? null : this.#stale(question)) ?? failed;
  }
}

function isDecision(message: Uint8Array | null): boolean {
  return message !== null && rcodeOf(message) === Rcode.REFUSED;
}

function rcodeOf(message: Uint8Array): number {
  return message[3]! & 0x0f;
}

/** Header and question. REFUSED is passed on; what else went wrong is the upstream's affair, and SERVFAIL to a client. */
function failureOf(message: Uint8Array): Uint8Array {
  const bare = message.slice(0, endOfName(message, HEADER_BYTES, message.length) + 4);
  bare.fill(0, 6, HEADER_BYTES);
  if (!isDecision(bare)) bare[3] = (bare[3]! & 0xf0) | Rcode.SERVFAIL;
  return bare;
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

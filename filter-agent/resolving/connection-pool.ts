/**
 * The connections to one upstream: queries share them (RFC 7766 §6.2.1), a second is opened when the first is full or
 * mute, an idle one is closed, and a query that was in flight when the connection ended is asked again on another
 * (§6.2.4). A name over which the server, or a filter on the way, breaks connections would take along whoever shares
 * them, time and again: so who lost two of them, or one to garbage, is asked for on one of its own.
 *
 * Owns which connection carries a query; leaves out what is spoken on it (upstream-*.ts).
 */
import type { Attempt } from './connect-first.ts';
import { askWithFallback, EdnsMemory } from './edns-fallback.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';
import type { Channel } from './upstream-channel.ts';

/** Opens a connection that is ready for queries; its `ready` rejects with UpstreamError within `timeoutMs`. */
export type OpenChannel = (timeoutMs: number) => Attempt<Channel>;

/** Past that in flight on the first connection, a second is opened. */
const SHARED_IN_FLIGHT = 128;
const BUSY_CHANNELS = 2;
/** With those that went mute: a line that lost its state, a server that was replaced. */
const CHANNELS_LIMIT = 4;
/** With those that hold as many queries as the server takes on one, which it has perhaps no answers for. */
const WITH_FULL_LIMIT = 32;
/** Two full ones carry all that the resolver has in flight (resolver.ts, 4,096). */
const IN_FLIGHT_LIMIT = 2_048;
/** A connection that says nothing for so long, while queries wait on it, gets no more of them. */
const MUTE_MS = 1_000;
/**
 * A router that was switched off and on has forgotten the connections through it, and drops what comes on them without a
 * word. So one that has been silent for the first while, and stays so for the second once it is asked, is asked what any
 * resolver knows at once; after the third it is closed, and what waits on it is asked on another while its clients wait.
 */
const DOUBTED_AFTER_MS = 3_000;
const PROBE_AFTER_MS = 300;
const PROBE_ANSWERED_WITHIN_MS = 400;
/** Of lines that are slow by themselves (a satellite's): so many times what the quickest reply took. */
const PROBE_ANSWERED_WITHIN_FACTOR = 4;
const PROBE_LIMIT_MS = 5_000;
/** "NS ." is in every resolver's cache, and tells nobody anything. */
const PROBE: UpstreamQuestion = { name: Uint8Array.of(0), type: 2, class: 1, dnssecOk: false, checkingDisabled: false };
/** RFC 7766 §6.2.3 asks for "on the order of seconds"; most public resolvers wait 10 to 30. */
const IDLE_MS = 30_000;
const IDLE_LIMIT_MS = 120_000;
/** A connection, handshake and all, that took longer would be of no use to who waits. */
const CONNECT_LIMIT_MS = 4_000;
/** Each closed after one reply with others in flight: such a server takes one query a connection. */
const CLOSINGS_TO_REMEMBER = 2;
const ONE_EACH_MS = 15 * 60_000;
/** Connections that carry one query: of such a server, or of queries that lost the ones they shared. */
const ONE_EACH_LIMIT = 64;
/** Connections that one query may share, and lose. */
const SHARED_TRIES = 2;

interface Place {
  channel: Channel | null;
  readonly opening: Attempt<Channel>;
  /** Queries that wait for it to open or were put on it. */
  load: number;
  /** More than one query was put on it: whose doing its end was does not show. */
  isShared: boolean;
  /** Whether it is being found out if anybody is there. */
  isDoubted: boolean;
  hasEnded: boolean;
  /** It carries one query, and is closed then. */
  readonly isForOne: boolean;
  idle: NodeJS.Timeout | null;
}

export class ConnectionPool {
  readonly #name: string;
  readonly #open: OpenChannel;
  readonly #places = new Set<Place>();
  #closings = 0;
  #oneEachUntilMs = 0;
  #isClosed = false;

  constructor(name: string, open: OpenChannel) {
    this.#name = name;
    this.#open = open;
  }

  async ask(question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array> {
    if (this.#isClosed) throw new UpstreamError('closed', `${this.#name} is asked no more`);
    const startedAtMs = performance.now();
    let lost: Place | null = null;
    let shares = SHARED_TRIES;
    while (true) {
      const mayShare = shares-- > 0;
      const place: Place = (mayShare ? null : this.#own()) ?? this.#pick(lost);
      const leftMs = timeoutMs - (performance.now() - startedAtMs);
      try {
        return await this.#askOn(place, question, hasEdns, leftMs);
      } catch (error) {
        if (!isEndOfConnection(error) || this.#isClosed) throw error;
        const isLate = performance.now() - startedAtMs >= timeoutMs;
        // Alone on a connection of its own, it would meet the same on every other.
        if (!place.isShared || !mayShare || isLate) {
          throw new UpstreamError('network', error.message, { cause: error });
        }
        if (error.code === 'garbled') shares = 0;
        lost = place;
      }
    }
  }

  /** Ends what was opened while the clock was not trusted. */
  closeExcused(): void {
    for (const { channel } of this.#places) if (channel?.isExcused === true) channel.close('closed');
  }

  close(): void {
    this.#isClosed = true;
    for (const place of this.#places) this.#remove(place, 'closed');
  }

  async #askOn(place: Place, question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array> {
    const startedAtMs = performance.now();
    place.isShared ||= place.load > 0 || place.channel !== null;
    place.load++;
    if (place.channel !== null) this.#doubt(place, place.channel);
    if (place.idle !== null) clearTimeout(place.idle);
    place.idle = null;
    try {
      const channel = place.channel ?? (await withinMs(place.opening.ready, timeoutMs, this.#name));
      return await channel.ask(question, hasEdns, Math.max(1, timeoutMs - (performance.now() - startedAtMs)));
    } finally {
      place.load--;
      if (place.load === 0 && place.channel !== null) this.#rest(place, place.channel);
    }
  }

  #doubt(place: Place, channel: Channel): void {
    const askedAtMs = performance.now();
    if (place.isDoubted || askedAtMs - channel.heardAtMs < DOUBTED_AFTER_MS) return;
    place.isDoubted = true;
    const ifSilentFor = (ms: number, act: () => void) => {
      const look = () => {
        if (place.hasEnded) return;
        if (channel.heardAtMs <= askedAtMs) act();
        else place.isDoubted = false;
      };
      // What has come by now is read first, or a box that was busy itself would take the line for dead.
      setTimeout(() => setImmediate(look), ms).unref();
    };
    ifSilentFor(PROBE_AFTER_MS, () => {
      channel.ask(PROBE, true, PROBE_LIMIT_MS).catch(() => {
        // That it says nothing is seen below.
      });
      const answeredWithinMs = Math.max(PROBE_ANSWERED_WITHIN_MS, PROBE_ANSWERED_WITHIN_FACTOR * channel.quickestMs);
      ifSilentFor(answeredWithinMs, () => this.#remove(place, 'closed'));
    });
  }

  /** A place with room, not the one that just failed; a new one where there is none. */
  #pick(failed: Place | null): Place {
    const nowMs = performance.now();
    let best: Place | null = null;
    if (nowMs < this.#oneEachUntilMs) {
      const own = this.#own();
      if (own !== null) return own;
      throw new UpstreamError('crowded', `${this.#name} takes one query a connection, and all are in use`);
    }
    let shared = 0;
    let full = 0;
    let awake = 0;
    for (const place of this.#places) {
      if (place.isForOne) continue;
      shared++;
      if (place.channel !== null && place.load >= place.channel.capacity) {
        full++;
        continue;
      }
      if (place === failed || place.hasEnded) continue;
      if (place.channel !== null && nowMs - place.channel.mutedSinceMs > MUTE_MS) continue;
      awake++;
      if (place.load >= IN_FLIGHT_LIMIT) continue;
      if (best === null || place.load < best.load) best = place;
    }
    if (best !== null && (best.load < SHARED_IN_FLIGHT || awake >= BUSY_CHANNELS)) return best;
    const isCrowded = shared >= WITH_FULL_LIMIT || shared - full >= CHANNELS_LIMIT;
    if (isCrowded && !this.#removeMute(nowMs)) {
      throw new UpstreamError('crowded', `${this.#name} has too many queries to answer already`);
    }
    return this.#add(false);
  }

  /** A place that no other query comes to; null when there are too many of them. */
  #own(): Place | null {
    let own = 0;
    for (const { isForOne } of this.#places) if (isForOne) own++;
    return own < ONE_EACH_LIMIT ? this.#add(true) : null;
  }

  /** The one that has been mute for longest gives way; its queries have waited in vain and are not asked again. */
  #removeMute(nowMs: number): boolean {
    let longest: Place | null = null;
    for (const place of this.#places) {
      if (place.isForOne) continue;
      const since = place.channel?.mutedSinceMs ?? Number.POSITIVE_INFINITY;
      if (!place.hasEnded && nowMs - since <= MUTE_MS) continue;
      if (longest === null || since < longest.channel!.mutedSinceMs) longest = place;
    }
    if (longest === null) return false;
    this.#remove(longest, 'timeout');
    return true;
  }

  #add(isForOne: boolean): Place {
    const opening = this.#open(CONNECT_LIMIT_MS);
    const place: Place = {
      channel: null,
      opening,
      load: 0,
      isShared: false,
      isDoubted: false,
      hasEnded: false,
      isForOne,
      idle: null,
    };
    this.#places.add(place);
    opening.ready.then(
      (channel) => {
        place.channel = channel;
        channel.onEnd = () => this.#ended(place, channel);
        if (place.load === 0) this.#rest(place, channel);
      },
      () => {
        place.hasEnded = true;
        this.#places.delete(place);
      },
    );
    return place;
  }

  #ended(place: Place, channel: Channel): void {
    // One that was removed here was closed by the box, for reasons of its own: no word of the server's.
    const isServersDoing = !place.hasEnded;
    place.hasEnded = true;
    if (channel.inFlight === 0) this.#places.delete(place);
    if (this.#isClosed || place.isForOne) return;
    // A server that has answered more on one connection, or closed it while nobody waited, knows how to share.
    if (channel.answered > 1) this.#closings = 0;
    else if (channel.answered === 1 && channel.inFlight > 0 && isServersDoing) this.#closings++;
    if (this.#closings < CLOSINGS_TO_REMEMBER) return;
    this.#closings = 0;
    this.#oneEachUntilMs = performance.now() + ONE_EACH_MS;
  }

  #rest(place: Place, channel: Channel): void {
    if (place.hasEnded || place.isForOne) {
      this.#remove(place, 'closed');
      return;
    }
    const idleMs = Math.min(channel.keepaliveMs ?? IDLE_MS, IDLE_LIMIT_MS);
    place.idle = setTimeout(() => this.#remove(place, 'closed'), idleMs);
    // A process that has nothing else to do may end: nobody waits for this one.
    place.idle.unref();
  }

  #remove(place: Place, code: 'closed' | 'timeout'): void {
    if (place.idle !== null) clearTimeout(place.idle);
    place.hasEnded = true;
    this.#places.delete(place);
    if (place.channel === null) place.opening.abandon();
    else place.channel.close(code);
  }
}

/** The upstream that a pool makes. */
export function upstreamOver(name: string, pool: ConnectionPool): Upstream {
  const memory = new EdnsMemory();
  return {
    name,
    ask: (question, timeoutMs) =>
      askWithFallback(name, memory, timeoutMs, (hasEdns, leftMs) => pool.ask(question, hasEdns, leftMs)),
    close: () => pool.close(),
  };
}

function isEndOfConnection(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && (error.code === 'closed' || error.code === 'garbled');
}

/** A connection that opens for longer than one query may wait goes on opening, for the next. */
function withinMs<T>(opening: Promise<T>, timeoutMs: number, name: string): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    reject(new UpstreamError('timeout', `${name} was not connected within ${Math.round(timeoutMs)} ms`));
  }, timeoutMs);
  opening.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

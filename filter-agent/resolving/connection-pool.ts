/**
 * The connections to one upstream: queries share them (RFC 7766 §6.2.1), a second is opened when the first is full or
 * mute, an idle one is closed, and a query that was in flight when the server closed is asked once more on another
 * (§6.2.4). Owns which connection carries a query; leaves out what is spoken on it (upstream-*.ts).
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
/** Two full ones carry all that the resolver has in flight (resolver.ts, 4,096). */
const IN_FLIGHT_LIMIT = 2_048;
/** A connection that says nothing for so long, while queries wait on it, gets no more of them. */
const MUTE_MS = 1_000;
/** RFC 7766 §6.2.3 asks for "on the order of seconds"; most public resolvers wait 10 to 30. */
const IDLE_MS = 30_000;
const IDLE_LIMIT_MS = 120_000;
/** A connection, handshake and all, that took longer would be of no use to who waits. */
const CONNECT_LIMIT_MS = 4_000;
/** Each closed after one reply with others in flight: such a server takes one query a connection. */
const CLOSINGS_TO_REMEMBER = 2;
const ONE_EACH_MS = 15 * 60_000;
/** Connections of such a server. */
const ONE_EACH_LIMIT = 64;

interface Place {
  channel: Channel | null;
  readonly opening: Attempt<Channel>;
  /** Queries that wait for it to open or were put on it. */
  load: number;
  hasEnded: boolean;
  /** Whether the load must be one. */
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
    const first = this.#pick(null);
    const isReused = first.load > 0 || first.channel !== null;
    try {
      return await this.#askOn(first, question, hasEdns, timeoutMs);
    } catch (error) {
      const leftMs = timeoutMs - (performance.now() - startedAtMs);
      if (!isClosing(error) || this.#isClosed) throw error;
      if (!isReused || leftMs <= 0) throw new UpstreamError('network', error.message, { cause: error });
      return this.#askOn(this.#pick(first), question, hasEdns, leftMs);
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
    place.load++;
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

  /** A place with room, not the one that just failed; a new one where there is none. */
  #pick(failed: Place | null): Place {
    const nowMs = performance.now();
    const isOneEach = nowMs < this.#oneEachUntilMs;
    let best: Place | null = null;
    let awake = 0;
    for (const place of this.#places) {
      if (place === failed || place.hasEnded) continue;
      if (place.channel !== null && nowMs - place.channel.mutedSinceMs > MUTE_MS) continue;
      awake++;
      if (isOneEach || place.isForOne || place.load >= IN_FLIGHT_LIMIT) continue;
      if (best === null || place.load < best.load) best = place;
    }
    if (best !== null && (best.load < SHARED_IN_FLIGHT || awake >= BUSY_CHANNELS)) return best;
    if (!isOneEach && this.#places.size >= CHANNELS_LIMIT && !this.#removeMute(nowMs)) {
      throw new UpstreamError('network', `${this.#name} has too many queries to answer already`);
    }
    if (isOneEach && this.#places.size >= ONE_EACH_LIMIT) {
      throw new UpstreamError('network', `${this.#name} takes one query a connection, and all are in use`);
    }
    return this.#add(isOneEach);
  }

  /** The one that has been mute for longest gives way; its queries have waited in vain and are not asked again. */
  #removeMute(nowMs: number): boolean {
    let longest: Place | null = null;
    for (const place of this.#places) {
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
    const place: Place = { channel: null, opening, load: 0, hasEnded: false, isForOne, idle: null };
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
    place.hasEnded = true;
    if (channel.inFlight === 0) this.#places.delete(place);
    if (this.#isClosed || place.isForOne) return;
    // A server that has answered more on one connection, or closed it while nobody waited, knows how to share.
    if (channel.answered === 1 && channel.inFlight > 0) this.#closings++;
    else if (channel.answered > 1) this.#closings = 0;
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

function isClosing(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.code === 'closed';
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

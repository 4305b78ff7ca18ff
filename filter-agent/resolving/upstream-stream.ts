/**
 * Queries and replies on one byte stream, two octets of length before each (RFC 1035 §4.2.2): pipelined, the replies
 * matched by id and question in whatever order they come (RFC 7766 §6.2.1.1, §7). Over TCP, or over TLS upon it.
 */
import type { Duplex } from 'node:stream';
import { uint16 } from '../answering/dns-question.ts';
import { UpstreamError, type UpstreamQuestion } from './upstream.ts';
import type { Channel } from './upstream-channel.ts';
import { encodeQuery, inLowerCase, isReplyTo, isTruncated, keepaliveMs, randomId } from './upstream-message.ts';

const LENGTH_BYTES = 2;
/** Ids of queries that were given up: their replies may still come. Past that the connection is of no use. */
const GIVEN_UP_LIMIT = 4_096;
/** Messages that answer nothing: one is a server's oddity, many are a stream whose lengths have gone wrong. */
const STRAY_LIMIT = 16;
/**
 * A message that has begun goes on within the one, lost segments and all, and has all come within the other; else its
 * length lies, and it would swallow the replies behind it. Leaves time to ask again while clients wait (resolver.ts).
 */
const NEXT_OCTETS_WITHIN_MS = 400;
const MESSAGE_WITHIN_MS = 1_000;

export interface StreamOptions {
  /** The upstream's, for messages. */
  readonly name: string;
  /** "TCP" or "TLS", for messages. */
  readonly transport: string;
  readonly isPadded: boolean;
  readonly isExcused: boolean;
}

interface Waiting {
  readonly question: UpstreamQuestion;
  readonly sentAtMs: number;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: UpstreamError) => void;
}

export class StreamChannel implements Channel {
  readonly #socket: Duplex;
  readonly #options: StreamOptions;
  /** By id, the oldest first. */
  readonly #waiting = new Map<number, Waiting>();
  readonly #givenUp = new Set<number>();
  #received: Buffer = Buffer.alloc(0);
  /** Runs while a message has come in part. */
  #unfinished: NodeJS.Timeout | null = null;
  #unfinishedSinceMs = 0;
  heardAtMs = performance.now();
  #strays = 0;
  #hasEnded = false;
  readonly capacity = Number.POSITIVE_INFINITY;
  answered = 0;
  quickestMs = 0;
  keepaliveMs: number | null = null;
  onEnd: () => void = () => {};

  /** `socket`: connected, and nobody else's. */
  constructor(socket: Duplex, options: StreamOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#end('closed', error.message));
    socket.on('end', () => this.#end('closed', 'closed the connection before its answer'));
    socket.on('close', () => this.#end('closed', 'closed the connection before its answer'));
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  get isExcused(): boolean {
    return this.#options.isExcused;
  }

  get mutedSinceMs(): number {
    for (const { sentAtMs } of this.#waiting.values()) return Math.max(sentAtMs, this.heardAtMs);
    return Number.POSITIVE_INFINITY;
  }

  ask(question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array> {
    const { name, transport, isPadded } = this.#options;
    if (this.#hasEnded) return Promise.reject(new UpstreamError('closed', `${name} closed the connection`));
    const id = this.#freeId();
    // Asked once a connection: the answer holds for all of it (RFC 7828 §3.3.2).
    const asksKeepalive = this.answered === 0 && this.#waiting.size === 0;
    const query = encodeQuery(question, id, { hasEdns, isPadded, asksKeepalive });
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + query.length);
    frame.writeUInt16BE(query.length, 0);
    frame.set(query, LENGTH_BYTES);
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      this.#givenUp.add(id);
      reject(new UpstreamError('timeout', `${name} gave no answer over ${transport} in time`));
      if (this.#givenUp.size > GIVEN_UP_LIMIT) this.close('closed');
    }, timeoutMs);
    this.#waiting.set(id, { question, sentAtMs: performance.now(), timer, resolve, reject });
    this.#socket.write(frame);
    return promise;
  }

  close(code: 'closed' | 'timeout'): void {
    this.#end(code, code === 'timeout' ? 'says nothing any more' : 'was left');
  }

  /** No id is used again while a reply to it may come. */
  #freeId(): number {
    for (;;) {
      const id = randomId();
      if (!this.#waiting.has(id) && !this.#givenUp.has(id)) return id;
    }
  }

  #receive(chunk: Buffer): void {
    if (this.#hasEnded) return;
    let received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let hasTaken = false;
    while (received.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + received.readUInt16BE(0);
      if (received.length < end) break;
      // A copy: the chunk holds other replies too, and this one is changed and kept.
      this.#take(Uint8Array.prototype.slice.call(received, LENGTH_BYTES, end));
      if (this.#hasEnded) return;
      hasTaken = true;
      received = received.subarray(end);
    }
    this.#received = received;
    this.#awaitRest(hasTaken);
  }

  /** `isAnother`: another message than the one that was awaited. */
  #awaitRest(isAnother: boolean): void {
    const nowMs = performance.now();
    if (this.#unfinished === null || isAnother) this.#unfinishedSinceMs = nowMs;
    if (this.#unfinished !== null) clearTimeout(this.#unfinished);
    this.#unfinished = null;
    if (this.#received.length === 0) return;
    const leftMs = Math.max(0, this.#unfinishedSinceMs + MESSAGE_WITHIN_MS - nowMs);
    const giveUp = () => this.#end('garbled', 'began a message and did not end it');
    this.#unfinished = setTimeout(giveUp, Math.min(NEXT_OCTETS_WITHIN_MS, leftMs)).unref();
  }

  #take(reply: Uint8Array): void {
    const { name, transport } = this.#options;
    const id = reply.length < LENGTH_BYTES ? -1 : uint16(reply, 0);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      if (this.#givenUp.delete(id)) return;
      if (++this.#strays > STRAY_LIMIT) this.#end('garbled', `sent what nobody asked for over ${transport}`);
      return;
    }
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (!isReplyTo(reply, waiting.question, id)) {
      waiting.reject(new UpstreamError('garbled', `${name} answered another question over ${transport}`));
      // A length that lies looks like this as well, be it another reply's, and then nothing that follows can be read.
      this.#end('garbled', `answered another question over ${transport}`);
      return;
    }
    this.heardAtMs = performance.now();
    const tookMs = this.heardAtMs - waiting.sentAtMs;
    this.quickestMs = this.answered === 0 ? tookMs : Math.min(this.quickestMs, tookMs);
    if (this.answered++ === 0) this.keepaliveMs = keepaliveMs(reply);
    // There is no longer form to be had: without its records it would say that the name has none.
    if (isTruncated(reply)) {
      waiting.reject(new UpstreamError('network', `${name} cut its answer short over ${transport}`));
      return;
    }
    waiting.resolve(inLowerCase(reply, waiting.question));
  }

  #end(code: 'closed' | 'timeout' | 'garbled', what: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.#unfinished !== null) clearTimeout(this.#unfinished);
    this.#socket.destroy();
    this.onEnd();
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new UpstreamError(code, `${this.#options.name}: ${what}`));
    }
    this.#waiting.clear();
  }
}

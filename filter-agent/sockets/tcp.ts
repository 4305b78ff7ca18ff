/**
 * DNS over TCP (RFC 7766): framing by a two-octet length, caps and timeouts. No decisions: bytes in, bytes out.
 * Answers of one connection may go out in another order than the queries came (RFC 7766 §6.2.1.1). Leaves out who has a
 * place (tcp-places.ts).
 *
 * A connection is closed when it
 *   - was quiet for TCP_IDLE_TIMEOUT_MS (no look-up takes as long);
 *   - took longer than QUERY_TIMEOUT_MS for one query, however busily its octets trickle in;
 *   - left answers unread for WRITE_TIMEOUT_MS, or more of them than WRITE_BUFFER_LIMIT_BYTES;
 *   - was ended by its client, and every query that came before has been answered;
 *   - has been quiet for longest when another client, or this one, needs the place;
 *   - belongs to who has most of them, when all places are taken and a client with fewer needs one.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { addressOctets, isIPv4 } from './client-address.ts';
import { close, enter, leave, makeRoom, type Seat, touch } from './tcp-places.ts';

/** An answer of at most 65,535 octets, whose bytes are copied; null for a query that is not answered. */
export type Reply = (answer: Uint8Array | null) => void;

export interface TcpOptions {
  readonly address: string;
  readonly port: number;
  /**
   * Called for each query, alone in `query`, which is the caller's again when it returns. `reply` is to be called, now or
   * later, once.
   */
  readonly onQuery: (query: Uint8Array, client: Uint8Array, reply: Reply) => void;
  readonly onBroken: (error: Error) => void;
}

export interface TcpListener {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Seconds, not minutes: a stub that is quiet opens another (RFC 7766 §6.2.3). */
export const TCP_IDLE_TIMEOUT_MS = 10_000;
/** A client that sends a query octet by octet has this long for the whole of it. */
const QUERY_TIMEOUT_MS = 5_000;
const WRITE_TIMEOUT_MS = 5_000;
/** Queries of one connection that are being answered: the next are read when some of these are. */
const PENDING_LIMIT = 64;
/** Queries of one connection that are taken in one go: then the others have their turn. */
const QUERIES_PER_TURN = 256;
/** With this much unread no more is asked for; with that much the client does not read at all. */
const WRITE_PAUSE_BYTES = 64 * 1024;
const WRITE_BUFFER_LIMIT_BYTES = 512 * 1024;
const LENGTH_BYTES = 2;

export async function listenTcp(options: TcpOptions): Promise<TcpListener> {
  const own = new Set<Connection>();
  // Half open: a client may end its side as soon as it has asked, and still has its answers to come.
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const octets = addressOctets(remoteAddress);
    const client = keyOf(octets);
    const prefix = isIPv4(octets) ? null : keyOf(octets.subarray(0, 8));
    if (!makeRoom(client, prefix)) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, octets, client, prefix, options.onQuery);
    own.add(connection);
    enter(connection);
    socket.once('close', () => {
      own.delete(connection);
      leave(connection);
    });
  });
  await listen(server, options);
  server.on('error', (error) => {
    // Closed for good, or the address would still be taken when it is opened anew. Connections that are open go on.
    server.close();
    options.onBroken(error);
  });
  const bound = server.address();
  return {
    address: options.address,
    port: bound !== null && typeof bound === 'object' ? bound.port : options.port,
    close: () =>
      new Promise((resolve) => {
        for (const connection of own) close(connection);
        server.close(() => resolve());
      }),
  };
}

class Connection implements Seat {
  readonly client: string;
  readonly prefix: string | null;
  /** Queries that are being answered. */
  pending = 0;
  readonly #socket: Socket;
  readonly #octets: Uint8Array;
  readonly #onQuery: TcpOptions['onQuery'];
  /** The message that is coming in: its length's first octet, then as much of it as is there. */
  #lengthOctet = -1;
  #message: Buffer | null = null;
  #filled = 0;
  /** What has been read and waits for its turn. */
  #unread: Buffer | null = null;
  #isReading = false;
  #hasEnded = false;
  /** Queries so far. */
  #asked = 0;
  /** When a whole query or an answer went by last. */
  #activeMs = performance.now();
  /** When the first octet came of the message that is coming in. */
  #begunMs = 0;
  /** Since when an answer waits for its client to read; 0 while none does. */
  #unwrittenMs = 0;

  constructor(
    socket: Socket,
    octets: Uint8Array,
    client: string,
    prefix: string | null,
    onQuery: TcpOptions['onQuery'],
  ) {
    this.#socket = socket;
    this.#octets = octets;
    this.client = client;
    this.prefix = prefix;
    this.#onQuery = onQuery;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => {
      this.#unwrittenMs = 0;
      this.#goOn();
    });
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#endWhenDone();
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Whether its time is over. */
  isOverdue(nowMs: number): boolean {
    if (this.#unwrittenMs !== 0 && nowMs - this.#unwrittenMs > WRITE_TIMEOUT_MS) return true;
    if (this.#isComingIn() && nowMs - this.#begunMs > QUERY_TIMEOUT_MS) return true;
    return nowMs - this.#activeMs > TCP_IDLE_TIMEOUT_MS;
  }

  #isComingIn(): boolean {
    return this.#lengthOctet >= 0 || this.#message !== null;
  }

  #read(chunk: Buffer): void {
    this.#isReading = true;
    // What is answered at once leaves together.
    this.#socket.cork();
    this.#takeTurn(chunk);
    this.#socket.uncork();
    this.#isReading = false;
  }

  #takeTurn(chunk: Buffer): void {
    const lastOfTurn = this.#asked + QUERIES_PER_TURN;
    let at = 0;
    while (at < chunk.length) {
      const isOver = this.#asked === lastOfTurn;
      if (isOver || this.#isFull()) {
        this.#unread = chunk.subarray(at);
        this.#socket.pause();
        if (isOver) setImmediate(() => this.#goOn());
        return;
      }
      at = this.#take(chunk, at);
      if (this.#socket.destroyed) return;
    }
  }

  #isFull(): boolean {
    return this.pending >= PENDING_LIMIT || this.#socket.writableLength > WRITE_PAUSE_BYTES;
  }

  /** Takes what belongs to the message that is coming in, and returns where the rest begins. Each octet is copied once. */
  #take(chunk: Buffer, at: number): number {
    if (this.#message === null) {
      if (this.#lengthOctet < 0) {
        this.#begunMs = performance.now();
        this.#lengthOctet = chunk[at]!;
        return at + 1;
      }
      this.#message = Buffer.allocUnsafe((this.#lengthOctet << 8) | chunk[at]!);
      this.#filled = 0;
      at++;
    }
    const message = this.#message;
    const copied = chunk.copy(message, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === message.length) {
      this.#lengthOctet = -1;
      this.#message = null;
      this.#ask(message);
    }
    return at + copied;
  }

  #ask(query: Buffer): void {
    this.pending++;
    this.#asked++;
    this.#activeMs = performance.now();
    touch(this);
    let replied = false;
    this.#onQuery(query, this.#octets, (answer) => {
      if (replied) return;
      replied = true;
      this.pending--;
      if (this.#socket.destroyed) return;
      if (answer !== null) this.#write(answer);
      this.#goOn();
      this.#endWhenDone();
    });
  }

  #write(answer: Uint8Array): void {
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + answer.length);
    frame.writeUInt16BE(answer.length, 0);
    frame.set(answer, LENGTH_BYTES);
    const nowMs = performance.now();
    this.#activeMs = nowMs;
    const isWaiting = !this.#socket.write(frame);
    if (isWaiting && this.#unwrittenMs === 0) this.#unwrittenMs = nowMs;
    if (this.#socket.writableLength > WRITE_BUFFER_LIMIT_BYTES) this.#socket.destroy();
  }

  /** Reads on where there is room again. */
  #goOn(): void {
    if (this.#unread === null || this.#isFull() || this.#socket.destroyed) return;
    const chunk = this.#unread;
    this.#unread = null;
    this.#socket.resume();
    this.#read(chunk);
    this.#endWhenDone();
  }

  #endWhenDone(): void {
    if (this.#hasEnded && this.pending === 0 && this.#unread === null && !this.#isReading) this.#socket.end();
  }
}

const keyOf = (octets: Uint8Array): string => Buffer.from(octets).toString('latin1');

function listen(server: Server, options: TcpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.address, port: options.port, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * DNS over TCP (RFC 7766): framing by a two-octet length, caps and timeouts. No decisions: bytes in, bytes out.
 * Answers of one connection may go out in another order than the queries came (RFC 7766 §6.2.1.1).
 */
import { createServer, type Server, type Socket } from 'node:net';
import { addressOctets } from './client-address.ts';

export interface TcpOptions {
  readonly address: string;
  readonly port: number;
  /**
   * Called for each query, alone in `query`. `reply` may be called once, now or later, with an answer of at most
   * 65,535 octets; its bytes are copied.
   */
  readonly onQuery: (query: Uint8Array, client: Uint8Array, reply: (answer: Uint8Array) => void) => void;
  readonly onBroken: (error: Error) => void;
}

export interface TcpListener {
  readonly address: string;
  readonly port: number;
  close(): Promise<void>;
}

/** All connections of a listener, and those of one client: one device cannot keep the others out. */
const CONNECTIONS_LIMIT = 256;
const CONNECTIONS_PER_CLIENT_LIMIT = 32;
/** Seconds, not minutes: a stub that is quiet opens another (RFC 7766 §6.2.3). */
const IDLE_TIMEOUT_MS = 10_000;
/** A client that sends a query octet by octet has this long for the whole of it. */
const QUERY_TIMEOUT_MS = 5_000;
/** Queries of one connection that are being answered. */
const PENDING_LIMIT = 64;
/** Answers that a slow reader leaves lying: then its connection is closed. */
const WRITE_BUFFER_LIMIT_BYTES = 512 * 1024;
const LENGTH_BYTES = 2;

export async function listenTcp(options: TcpOptions): Promise<TcpListener> {
  const perClient = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const client = socket.remoteAddress;
    const held = client === undefined ? 0 : (perClient.get(client) ?? 0);
    if (client === undefined || sockets.size >= CONNECTIONS_LIMIT || held >= CONNECTIONS_PER_CLIENT_LIMIT) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    perClient.set(client, held + 1);
    socket.once('close', () => {
      sockets.delete(socket);
      const left = (perClient.get(client) ?? 1) - 1;
      if (left > 0) perClient.set(client, left);
      else perClient.delete(client);
    });
    serve(socket, addressOctets(client), options.onQuery);
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
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(socket: Socket, client: Uint8Array, onQuery: TcpOptions['onQuery']): void {
  let received: Buffer = Buffer.alloc(0);
  let pending = 0;
  let queryTimer: NodeJS.Timeout | undefined;
  socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => clearTimeout(queryTimer));
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    while (received.length >= LENGTH_BYTES) {
      const length = received.readUInt16BE(0);
      if (received.length < LENGTH_BYTES + length) break;
      const query = received.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
      received = received.subarray(LENGTH_BYTES + length);
      if (++pending > PENDING_LIMIT) {
        socket.destroy();
        return;
      }
      onQuery(
        query,
        client,
        once((answer) => {
          pending--;
          if (socket.destroyed) return;
          const frame = Buffer.allocUnsafe(LENGTH_BYTES + answer.length);
          frame.writeUInt16BE(answer.length, 0);
          frame.set(answer, LENGTH_BYTES);
          socket.write(frame);
          if (socket.writableLength > WRITE_BUFFER_LIMIT_BYTES) socket.destroy();
        }),
      );
    }
    clearTimeout(queryTimer);
    if (received.length > 0) queryTimer = setTimeout(() => socket.destroy(), QUERY_TIMEOUT_MS);
  });
}

function once(reply: (answer: Uint8Array) => void): (answer: Uint8Array) => void {
  let replied = false;
  return (answer) => {
    if (replied) return;
    replied = true;
    reply(answer);
  };
}

function listen(server: Server, options: TcpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.address, port: options.port, ipv6Only: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

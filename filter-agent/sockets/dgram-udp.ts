/**
 * UDP through Node's dgram: one socket per address, so that an answer leaves from the address that was asked (a socket
 * on 0.0.0.0 of a box with several addresses would answer from another). No decisions: bytes in, bytes out.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { addressOctets } from './client-address.ts';

/** Room for the largest query that is read, and for any answer that is written over it. */
export const PACKET_BYTES = 4096;

/** Where an answer goes. Opaque to all but the listener that made it. */
export interface Peer {
  readonly listener: UdpListener;
  readonly address: string;
  readonly port: number;
  /** 16 octets. */
  readonly octets: Uint8Array;
}

/** Called for each datagram, with the query in `packet[0, length)`; returns the answer's length, or less than 1 for none now. */
export type OnQuery = (packet: Uint8Array, length: number, peer: Peer) => number;

export interface UdpListener {
  readonly address: string;
  readonly port: number;
  /** Copies and sends `packet[0, length)`. */
  send(packet: Uint8Array, length: number, peer: Peer): void;
  close(): Promise<void>;
}

export interface UdpOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Several threads may hold the same address and port; the kernel spreads clients over them. */
  readonly reusePort: boolean;
  readonly onQuery: OnQuery;
  /** A socket that broke: it is closed, and the caller decides when to open it again. */
  readonly onBroken: (error: Error) => void;
}

/** Enough for a burst of a few thousand queries while a thread is busy; the kernel caps it at net.core.rmem_max. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

/** Opens and binds. Rejects with the system's error (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function listenUdp(options: UdpOptions): Promise<UdpListener> {
  const type = isIPv6(options.address.split('%')[0] ?? '') ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reusePort: options.reusePort, ipv6Only: type === 'udp6' });
  await bind(socket, options);
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  const packet = new Uint8Array(PACKET_BYTES);
  let isOpen = true;
  const close = () => {
    isOpen = false;
    return new Promise<void>((resolve) => socket.close(() => resolve()));
  };
  const listener: UdpListener = {
    address: options.address,
    port: socket.address().port,
    send: (bytes, length, peer) => {
      // An address may go away while its client waits for a look-up; sending on a closed socket throws.
      if (!isOpen) return;
      // dgram keeps the buffer until the kernel took it, so the answer is copied. A lost answer is the client's to
      // ask for again: sending is never retried here.
      socket.send(Buffer.from(bytes.subarray(0, length)), peer.port, peer.address, ignoreSendError);
    },
    close: async () => {
      if (isOpen) await close();
    },
  };
  socket.on('message', (message, remote) => {
    // Port 0 cannot be answered; what is longer than the buffer cannot be a query.
    if (remote.port === 0 || message.length > PACKET_BYTES) return;
    packet.set(message);
    const octets = addressOctets(remote.address);
    const peer = { listener, address: remote.address, port: remote.port, octets };
    const length = options.onQuery(packet, message.length, peer);
    if (length > 0) listener.send(packet, length, peer);
  });
  socket.on('error', (error) => {
    if (!isOpen) return;
    void close();
    options.onBroken(error);
  });
  return listener;
}

function bind(socket: Socket, options: UdpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      // dgram keeps the descriptor of a socket that could not be bound, and binding is tried again every few seconds.
      socket.close();
      reject(error);
    });
    socket.bind({ address: options.address, port: options.port }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function ignoreSendError(): void {}

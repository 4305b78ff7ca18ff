/**
 * UDP through Node's dgram, for systems where the batched listener has no footing. It cannot learn which address was
 * asked, so it must be given one address a socket: on 0.0.0.0 of a box with several it would answer from another.
 * No decisions: bytes in, bytes out.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { addressOctets, addressText } from './client-address.ts';
import {
  CLIENT_ADDRESS_BYTES,
  type OnQuery,
  PACKET_BYTES,
  RECEIVE_BUFFER_BYTES,
  SEND_BUFFER_BYTES,
  type UdpListener,
  type UdpOptions,
  type UdpSockets,
} from './udp.ts';

/** Where a kept peer holds what, behind the client's 16 octets (PEER_BYTES). */
const PEER_PORT = CLIENT_ADDRESS_BYTES;
const PEER_ZONE = PEER_PORT + 2;

export class DgramUdp implements UdpSockets {
  readonly tellsAsked = false;
  readonly #onQuery: OnQuery;
  readonly #packet = new Uint8Array(PACKET_BYTES);

  constructor(onQuery: OnQuery) {
    this.#onQuery = onQuery;
  }

  async listen(options: UdpOptions): Promise<UdpListener> {
    const socket = create(options);
    await bind(socket, options);
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
    socket.setSendBufferSize(SEND_BUFFER_BYTES);
    const packet = this.#packet;
    // Link-local clients are told apart by their interface; a peer holds its place here.
    const zones: string[] = [''];
    // Who sent the datagram at hand.
    let client: Uint8Array = new Uint8Array(CLIENT_ADDRESS_BYTES);
    let clientText = '';
    let clientPort = 0;
    let isOpen = true;
    const close = () => {
      isOpen = false;
      return new Promise<void>((resolve) => socket.close(() => resolve()));
    };
    const send = (bytes: Uint8Array, length: number, address: string, port: number) => {
      // An address may go away while its client waits for a look-up; sending on a closed socket throws.
      if (!isOpen) return;
      // dgram keeps the buffer until the kernel took it, so the answer is copied. A lost answer is the client's to
      // ask for again: sending is never retried here.
      socket.send(Buffer.from(bytes.subarray(0, length)), port, address, ignoreSendError);
    };
    const listener: UdpListener = {
      address: options.address,
      port: socket.address().port,
      keepPeer: (into, at) => {
        into.set(client, at);
        into[at + PEER_PORT] = clientPort >>> 8;
        into[at + PEER_PORT + 1] = clientPort;
        into[at + PEER_ZONE] = zoneIndex(clientText, zones);
      },
      send: (bytes, length, peers, at) => {
        const text = addressText(peers.subarray(at, at + CLIENT_ADDRESS_BYTES));
        const port = (peers[at + PEER_PORT]! << 8) | peers[at + PEER_PORT + 1]!;
        send(bytes, length, `${text}${zones[peers[at + PEER_ZONE]!]!}`, port);
      },
      peerPort: () => clientPort,
      asked: () => options.address,
      close: async () => {
        if (isOpen) await close();
      },
    };
    socket.on('message', (message, remote) => {
      // Port 0 cannot be answered; what is longer than the buffer cannot be a query.
      if (remote.port === 0 || message.length > PACKET_BYTES) return;
      packet.set(message);
      client = addressOctets(remote.address);
      clientText = remote.address;
      clientPort = remote.port;
      const length = this.#onQuery(packet, message.length, client, listener, performance.now());
      if (length > 0) send(packet, length, clientText, clientPort);
    });
    socket.on('error', (error) => {
      if (!isOpen) return;
      void close();
      options.onBroken(error);
    });
    return listener;
  }
}

/**
 * Binds a socket that shares its address with no other, and closes it again. Rejects with the system's error: EADDRINUSE
 * also where all who hold the address would share it.
 */
export async function bindAlone(address: string, port: number): Promise<void> {
  const socket = create({ address, reusePort: false });
  await bind(socket, { address, port });
  await new Promise<void>((resolve) => socket.close(() => resolve()));
}

/** Interfaces of one machine whose link-local clients wait for an answer at once; what is past that is not answered. */
const ZONES_LIMIT = 256;

/** The place of "%eth0" in `zones`; 0 stands for none. */
function zoneIndex(address: string, zones: string[]): number {
  const mark = address.indexOf('%');
  if (mark < 0) return 0;
  const zone = address.slice(mark);
  const known = zones.indexOf(zone);
  if (known >= 0) return known;
  if (zones.length === ZONES_LIMIT) return 0;
  return zones.push(zone) - 1;
}

function create({ address, reusePort }: Pick<UdpOptions, 'address' | 'reusePort'>): Socket {
  const type = isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4';
  return createSocket({ type, reusePort, ipv6Only: type === 'udp6' });
}

function bind(socket: Socket, options: Pick<UdpOptions, 'address' | 'port'>): Promise<void> {
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

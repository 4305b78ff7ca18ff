/** A plain stub: one question over UDP or TCP, decoded by dns-packet; and raw octets, for what no stub would send. */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import packet, { type DecodedPacket, type Packet } from 'dns-packet';

export interface Server {
  readonly address: string;
  readonly port: number;
}

export interface AskOptions {
  /** Record type; "A" unless told. */
  readonly type?: string;
  /** The address to ask from, for a server that tells clients apart. */
  readonly from?: string;
  readonly timeoutMs?: number;
  /** The UDP payload size of an OPT record; none is sent when left out. */
  readonly payloadBytes?: number;
  readonly dnssecOk?: boolean;
}

export interface Reply extends DecodedPacket {
  /** dns-packet decodes it and does not type it. */
  readonly rcode: string;
  readonly bytes: Buffer;
  readonly tookMs: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/** Types that dns-packet has no name for: it would ask for type 0. */
const numbered: Readonly<Record<string, string>> = { HTTPS: 'UNKNOWN_65', SVCB: 'UNKNOWN_64' };

let nextId = 1;

export function encodeQuestion(name: string, options: AskOptions = {}): Buffer {
  nextId = (nextId + 1) & 0xffff;
  const { type = 'A', payloadBytes, dnssecOk = false } = options;
  const additionals: Packet['additionals'] =
    payloadBytes === undefined
      ? []
      : [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: payloadBytes,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: dnssecOk ? packet.DNSSEC_OK : 0,
            flag_do: dnssecOk,
            options: [],
          },
        ];
  return packet.encode({
    type: 'query',
    id: nextId,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type: (numbered[type] ?? type) as 'A', name }],
    additionals,
  });
}

/** Rejects when no answer came in time. */
export async function askUdp(server: Server, name: string, options: AskOptions = {}): Promise<Reply> {
  const startedAtMs = performance.now();
  return decode(await sendUdp(server, encodeQuestion(name, options), options), startedAtMs);
}

export async function askTcp(server: Server, name: string, options: AskOptions = {}): Promise<Reply> {
  const startedAtMs = performance.now();
  return decode(await sendTcp(server, encodeQuestion(name, options), options), startedAtMs);
}

/** Any octets as one datagram; the first datagram that comes back with the same id. */
export function sendUdp(server: Server, query: Uint8Array, options: AskOptions = {}): Promise<Buffer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, from } = options;
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(noAnswer(server, 'UDP', timeoutMs))), timeoutMs);
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (message) => {
      if (message[0] === query[0] && message[1] === query[1]) end(() => resolve(message));
    });
    socket.bind({ address: from ?? (isIPv6(server.address) ? '::1' : '127.0.0.1'), port: 0 }, () => {
      socket.send(query, server.port, server.address);
    });
  });
}

/** Any octets as one framed message; the first framed message that comes back. */
export function sendTcp(server: Server, query: Uint8Array, options: AskOptions = {}): Promise<Buffer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, from } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: server.address,
      port: server.port,
      ...(from !== undefined && { localAddress: from }),
    });
    let received = Buffer.alloc(0);
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(noAnswer(server, 'TCP', timeoutMs))), timeoutMs);
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error(`${server.address} closed the connection without an answer`))));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      end(() => resolve(message));
    });
    socket.write(frame(query));
  });
}

/** A message as it goes over TCP (RFC 1035 §4.2.2). */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.alloc(2 + message.length);
  framed.writeUInt16BE(message.length, 0);
  framed.set(message, 2);
  return framed;
}

/** The data of the answer section's records of one type. */
export function dataOf(reply: DecodedPacket, type: string): unknown[] {
  return (reply.answers ?? []).flatMap((answer) => (answer.type === type && 'data' in answer ? [answer.data] : []));
}

function decode(bytes: Buffer, startedAtMs: number): Reply {
  const decoded = packet.decode(bytes) as DecodedPacket & { rcode: string };
  return { ...decoded, bytes, tookMs: performance.now() - startedAtMs };
}

function noAnswer({ address, port }: Server, transport: string, timeoutMs: number): Error {
  return new Error(`no answer from ${address} port ${port} over ${transport} within ${timeoutMs} ms`);
}

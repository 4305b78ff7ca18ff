/**
 * An authoritative server of the test's own, over UDP and TCP on one loopback port: counts what it is asked, and can be
 * told to keep silent. For what nsd cannot do: say how often it was asked, answer late, answer wrongly.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Socket, type Server as TcpServer } from 'node:net';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { frame, type Server } from './dns-client.ts';
import { freePort } from './free-port.ts';

export interface Asked {
  /** In lower case: resolvers ask in any. */
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
  /** As it came: dns-packet takes a label's octets for UTF-8. */
  readonly message: Buffer;
}

/** The records of the answer; a number is an rcode without records; null is silence; bytes go out as they are. */
export type Answerer = (asked: Asked, query: DecodedPacket) => Answer[] | number | null | Buffer;

export const rcode = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

export class TestUpstream implements Server {
  readonly address = '127.0.0.1';
  readonly port: number;
  /** Everything that came in, in order. */
  readonly asked: Asked[] = [];
  /** Messages that dns-packet could not read. */
  unreadable = 0;
  delayMs = 0;
  answer: Answerer;
  readonly #udp: UdpSocket;
  readonly #tcp: TcpServer;
  readonly #connections = new Set<Socket>();
  /** Answers that are still to go out. */
  readonly #late = new Set<NodeJS.Timeout>();

  constructor(port: number, udp: UdpSocket, tcp: TcpServer, answer: Answerer) {
    this.port = port;
    this.answer = answer;
    this.#udp = udp;
    this.#tcp = tcp;
    udp.on('message', (message, { address, port: clientPort }) => {
      this.#reply(message, 'udp', (bytes) => udp.send(bytes, clientPort, address));
    });
    tcp.on('connection', (socket) => this.#serve(socket));
  }

  get url(): string {
    return `udp://${this.address}:${this.port}`;
  }

  timesAsked(name: string, type?: string): number {
    return this.asked.filter((asked) => asked.name === name && (type === undefined || asked.type === type)).length;
  }

  async close(): Promise<void> {
    for (const timer of this.#late) clearTimeout(timer);
    for (const socket of this.#connections) socket.destroy();
    await new Promise<void>((resolve) => this.#udp.close(() => resolve()));
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.#connections.add(socket);
    let received = Buffer.alloc(0);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const length = received.readUInt16BE(0);
        this.#reply(received.subarray(2, 2 + length), 'tcp', (bytes) => socket.write(frame(bytes)));
        received = received.subarray(2 + length);
      }
    });
  }

  #reply(message: Buffer, transport: Asked['transport'], send: (bytes: Buffer) => void): void {
    let query: DecodedPacket;
    try {
      query = packet.decode(message);
    } catch {
      this.unreadable++;
      return;
    }
    const question = query.questions?.[0];
    if (question === undefined) {
      this.unreadable++;
      return;
    }
    const asked = { name: question.name.toLowerCase(), type: question.type, transport, message };
    this.asked.push(asked);
    const answer = this.answer(asked, query);
    if (answer === null) return;
    const bytes = Buffer.isBuffer(answer) ? answer : encodeReply(query, answer);
    if (this.delayMs === 0) {
      send(bytes);
      return;
    }
    const timer = setTimeout(() => {
      this.#late.delete(timer);
      send(bytes);
    }, this.delayMs);
    this.#late.add(timer);
  }
}

/** `port`: that of an upstream that was closed before. */
export async function startTestUpstream(
  answer: Answerer = everyNameHasAnAddress,
  port?: number,
): Promise<TestUpstream> {
  const own = port ?? (await freePort());
  const udp = createSocket('udp4');
  const tcp = createServer();
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind({ address: '127.0.0.1', port: own }, resolve);
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: '127.0.0.1', port: own }, resolve);
  });
  return new TestUpstream(own, udp, tcp, answer);
}

export function everyNameHasAnAddress({ name, type }: Asked): Answer[] {
  return type === 'A' ? [{ type: 'A', name, ttl: 300, data: '192.0.2.1' }] : [];
}

export function encodeReply(query: DecodedPacket, answer: readonly Answer[] | number, flags = 0): Buffer {
  const code = typeof answer === 'number' ? answer : 0;
  return packet.encode({
    type: 'response',
    id: query.id ?? 0,
    flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | code | flags,
    questions: query.questions ?? [],
    answers: typeof answer === 'number' ? [] : [...answer],
  });
}

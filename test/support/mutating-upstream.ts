/**
 * An upstream over UDP and TCP that says the truth in the end: before it, a number of replies that are the truth damaged
 * in one to four places, the same ones for the same seed.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server as TcpServer } from 'node:net';
import { frame, type Server } from './dns-client.ts';
import { freePort } from './free-port.ts';
import type { PacketMaker } from './fuzz-packets.ts';
import { questionName } from './wire-echo.ts';

export interface MutatingUpstream extends Server {
  readonly url: string;
  /** Damaged replies that were sent, and those of them that can be taken for the truth by id and question. */
  readonly mutated: () => number;
  /** Queries that came in, by transport. */
  readonly asked: { udp: number; tcp: number };
  close(): Promise<void>;
}

/** Of one UDP query. */
const MUTATED_REPLIES = 8;

export async function startMutatingUpstream(maker: PacketMaker): Promise<MutatingUpstream> {
  const port = await freePort();
  const address = '127.0.0.1';
  const udp = createSocket('udp4');
  const tcp = createServer();
  const asked = { udp: 0, tcp: 0 };
  let mutated = 0;
  const damaged = (truth: Buffer) => {
    mutated++;
    return maker.damaged(truth);
  };
  udp.on('message', (query, client) => {
    asked.udp++;
    const truth = maker.reply(query, questionName(query));
    for (let count = 0; count < MUTATED_REPLIES; count++) udp.send(damaged(truth), client.port, client.address);
    udp.send(truth, client.port, client.address);
  });
  const connections = new Set<{ destroy(): void }>();
  tcp.on('connection', (socket) => {
    connections.add(socket);
    let received: Buffer = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const query = received.subarray(2, 2 + received.readUInt16BE(0));
        received = received.subarray(2 + query.length);
        asked.tcp++;
        const truth = maker.reply(query, questionName(query));
        // Now and then the truth alone, or a connection would hardly ever live for long.
        if (maker.below(4) !== 0) socket.write(frame(damaged(truth)));
        socket.write(frame(truth));
      }
    });
  });
  await bound(udp, tcp, address, port);
  return {
    address,
    port,
    url: `udp://${address}:${port}`,
    mutated: () => mutated,
    asked,
    async close() {
      for (const connection of connections) connection.destroy();
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

async function bound(udp: UdpSocket, tcp: TcpServer, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject);
    udp.bind({ address, port }, resolve);
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: address, port }, resolve);
  });
}

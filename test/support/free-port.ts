/** Ports that were free a moment ago, over UDP and TCP alike. Whoever takes one must be ready to lose it and try again. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = await takeTcp(address, 0);
    if ((await takeUdp(address, port)) === port) return port;
  }
  throw new Error(`no port of ${address} is free over both UDP and TCP`);
}

function takeTcp(address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: address, port }, () => {
      const bound = server.address();
      server.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : 0));
    });
  });
}

function takeUdp(address: string, port: number): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', () => resolve(0));
    socket.bind({ address, port }, () => socket.close(() => resolve(port)));
  });
}

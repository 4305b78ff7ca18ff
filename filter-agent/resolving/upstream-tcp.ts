/** An upstream over plain TCP, and the same as the way out for what UDP cannot carry (upstream-udp.ts). */
import { connect } from 'node:net';
import { connectFirst } from './connect-first.ts';
import { ConnectionPool, upstreamOver } from './connection-pool.ts';
import type { Upstream } from './upstream.ts';
import { StreamChannel } from './upstream-stream.ts';

export function createTcpUpstream(name: string, address: string, port: number): Upstream {
  return upstreamOver(name, createTcpPool(name, address, port));
}

export function createTcpPool(name: string, address: string, port: number): ConnectionPool {
  const open = connectFirst({
    name,
    addresses: [address],
    connect: (host) => {
      const socket = connect({ host, port, noDelay: true });
      const ready = new Promise<StreamChannel>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('connect', () => {
          socket.off('error', reject);
          resolve(new StreamChannel(socket, { name, transport: 'TCP', isPadded: false, isExcused: false }));
        });
      });
      return { ready, abandon: () => socket.destroy() };
    },
  });
  return new ConnectionPool(name, open);
}

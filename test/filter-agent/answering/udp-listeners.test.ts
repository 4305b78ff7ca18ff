/** Which sockets an answering thread opens for the addresses it is told, and what it knows of who asks there. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import type { SiteAddresses } from '../../../filter-agent/answering/answer-query.ts';
import { type ListenSpec, UdpListeners } from '../../../filter-agent/answering/udp-listeners.ts';
import { DgramUdp } from '../../../filter-agent/sockets/dgram-udp.ts';
import { linux } from '../../../filter-agent/sockets/linux.ts';
import type { OnQuery, UdpSockets } from '../../../filter-agent/sockets/udp.ts';
import { openBatched } from '../../support/batched-sockets.ts';
import { freePort } from '../../support/free-port.ts';

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function batched(onQuery: OnQuery): UdpSockets {
  const { sockets, end } = openBatched(onQuery);
  ends.push(end);
  return sockets;
}

/** Listeners whose answer is the last octet of the local site's address for whoever asks; 0 for none. */
function opened(open: (onQuery: OnQuery) => UdpSockets): UdpListeners {
  const sockets = open((packet, _length, _client, listener) => {
    const site: SiteAddresses = listeners.siteFor(listener);
    packet[0] = site.site4?.[3] ?? site.site6?.[15] ?? 0;
    return 1;
  });
  const listeners = new UdpListeners(sockets, () => {});
  ends.push(() => listeners.close());
  return listeners;
}

const spec = (address: string, port: number, shared: ListenSpec['shared'], site: number): ListenSpec => ({
  address,
  port,
  shared,
  reusePort: false,
  site4: Uint8Array.of(10, 0, 0, site),
  site6: null,
});

async function client(): Promise<Socket> {
  const socket = createSocket('udp4');
  ends.push(() => void socket.close());
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return socket;
}

/** The octet that the listener at `address` answers, with where the answer came from. */
async function ask(address: string, port: number): Promise<[site: number, from: string]> {
  const socket = await client();
  const answer = new Promise<[number, string]>((resolve) => {
    socket.on('message', (bytes, from) => resolve([bytes[0]!, from.address]));
  });
  socket.send('?', port, address);
  return answer;
}

const addresses = (bound: readonly { address: string }[]) => bound.map(({ address }) => address).toSorted();

describe.skipIf(linux() === null)('all addresses of the machine, by batches', () => {
  it('are one socket, that knows the site of each, and answers at one that came later', async () => {
    const port = await freePort();
    const listeners = opened(batched);
    const { bound, failed } = await listeners.become([
      spec('127.0.0.1', port, '0.0.0.0', 1),
      spec('127.0.0.2', port, '0.0.0.0', 2),
    ]);
    expect([addresses(bound), failed]).toEqual([['127.0.0.1', '127.0.0.2'], []]);
    expect(await ask('127.0.0.1', port)).toEqual([1, '127.0.0.1']);
    expect(await ask('127.0.0.2', port)).toEqual([2, '127.0.0.2']);
    expect(await ask('127.0.0.3', port)).toEqual([0, '127.0.0.3']);
    await listeners.become([spec('127.0.0.3', port, '0.0.0.0', 3), spec('127.0.0.2', port, '0.0.0.0', 4)]);
    expect(await ask('127.0.0.3', port)).toEqual([3, '127.0.0.3']);
    expect(await ask('127.0.0.2', port)).toEqual([4, '127.0.0.2']);
  });

  it('have a socket each where another program holds one of them, for as long as the box runs', async () => {
    const port = await freePort();
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(port, '127.0.0.53', resolve));
    const listeners = opened(batched);
    const specs = ['127.0.0.1', '127.0.0.53', '127.0.0.2'].map((address, n) => spec(address, port, '0.0.0.0', n + 1));
    const first = await listeners.become(specs);
    expect(addresses(first.bound)).toEqual(['127.0.0.1', '127.0.0.2']);
    expect(first.failed).toEqual([expect.objectContaining({ address: '127.0.0.53', port, code: 'EADDRINUSE' })]);
    expect(await ask('127.0.0.2', port)).toEqual([3, '127.0.0.2']);
    await new Promise<void>((resolve) => other.close(() => resolve()));
    const second = await listeners.become(specs);
    expect([addresses(second.bound), second.failed]).toEqual([['127.0.0.1', '127.0.0.2', '127.0.0.53'], []]);
    expect(await ask('127.0.0.53', port)).toEqual([2, '127.0.0.53']);
  });

  it('leave an address that the settings name a socket of its own', async () => {
    const listeners = opened(batched);
    const { bound } = await listeners.become([spec('127.0.0.1', 0, null, 1), spec('127.0.0.2', 0, null, 2)]);
    const [one, two] = bound;
    expect(one!.port).not.toBe(two!.port);
    expect(await ask('127.0.0.2', two!.port)).toEqual([2, '127.0.0.2']);
  });
});

describe('all addresses of the machine, through dgram', () => {
  it('have a socket each, which cannot tell what was asked', async () => {
    const listeners = opened((onQuery) => new DgramUdp(onQuery));
    const { bound } = await listeners.become([spec('127.0.0.1', 0, '0.0.0.0', 1), spec('127.0.0.2', 0, '0.0.0.0', 2)]);
    const [one, two] = bound;
    expect(one!.port).not.toBe(two!.port);
    expect(await ask('127.0.0.1', one!.port)).toEqual([1, '127.0.0.1']);
    expect(await ask('127.0.0.2', two!.port)).toEqual([2, '127.0.0.2']);
  });
});

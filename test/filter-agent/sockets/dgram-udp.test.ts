/** Datagrams in and out on real sockets. */
import { createSocket, type Socket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  listenUdp,
  type OnQuery,
  PACKET_BYTES,
  type Peer,
  type UdpListener,
} from '../../../filter-agent/sockets/dgram-udp.ts';

const listeners: UdpListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  for (const listener of listeners.splice(0)) await listener.close();
});

async function listener(onQuery: OnQuery, address = '127.0.0.1', port = 0, reusePort = false): Promise<UdpListener> {
  const opened = await listenUdp({ address, port, reusePort, onQuery, onBroken: () => {} });
  listeners.push(opened);
  return opened;
}

async function client(address = '127.0.0.1'): Promise<{ socket: Socket; received: { text: string; from: string }[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  sockets.push(socket);
  const received: { text: string; from: string }[] = [];
  socket.on('message', (bytes, { address: from, port }) =>
    received.push({ text: bytes.toString(), from: `${from} ${port}` }),
  );
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return { socket, received };
}

describe('UDP through dgram', () => {
  it('answers in the same buffer, from the address and port that were asked', async () => {
    const opened = await listener((packet, length) => {
      packet.set(Buffer.from('!'), length);
      return length + 1;
    }, '127.0.0.2');
    const { socket, received } = await client();
    socket.send('ask', opened.port, '127.0.0.2');
    await expect.poll(() => received).toEqual([{ text: 'ask!', from: `127.0.0.2 ${opened.port}` }]);
  });

  it('answers later to the peer that it kept, also when others asked meanwhile', async () => {
    const kept: Peer[] = [];
    const opened = await listener((_packet, _length, peer) => {
      kept.push(peer);
      return 0;
    });
    const [one, two] = [await client(), await client('127.0.0.3')];
    one.socket.send('1', opened.port, '127.0.0.1');
    await expect.poll(() => kept.length).toBe(1);
    two.socket.send('2', opened.port, '127.0.0.1');
    await expect.poll(() => kept.length).toBe(2);
    for (const [index, text] of ['first', 'second'].entries())
      opened.send(Buffer.from(text), text.length, kept[index]!);
    await expect.poll(() => [...one.received, ...two.received].map(({ text }) => text)).toEqual(['first', 'second']);
    expect(Buffer.from(kept[1]!.octets).toString('hex')).toBe('00000000000000000000ffff7f000003');
  });

  it('says nothing where it is told to, and passes over what is larger than its buffer', async () => {
    const lengths: number[] = [];
    const opened = await listener((_packet, length) => {
      lengths.push(length);
      return length === 2 ? -2 : length;
    });
    const { socket, received } = await client();
    socket.send('no', opened.port, '127.0.0.1');
    socket.send(Buffer.alloc(PACKET_BYTES + 1), opened.port, '127.0.0.1');
    socket.send('', opened.port, '127.0.0.1');
    socket.send('yes', opened.port, '127.0.0.1');
    await expect.poll(() => received.map(({ text }) => text)).toEqual(['yes']);
    expect(lengths).toEqual([2, 0, 3]);
  });

  it('answers on IPv6', async () => {
    const opened = await listener((_packet, length) => length, '::1');
    const { socket, received } = await client('::1');
    socket.send('six', opened.port, '::1');
    await expect.poll(() => received.map(({ text }) => text)).toEqual(['six']);
  });

  it('rejects with the system’s code when the address is taken or is not this machine’s', async () => {
    const { port } = await listener((_packet, length) => length);
    await expect(listener(() => 0, '127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await expect(listener(() => 0, '192.0.2.1')).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('keeps no descriptor of a socket that could not be bound', async () => {
    const { port } = await listener((_packet, length) => length);
    const open = () => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let n = 0; n < 50; n++) await listener(() => 0, '127.0.0.1', port).catch(() => undefined);
    await expect.poll(open).toBeLessThan(before + 10);
  });

  it('lets several threads hold one address when it is told so', async () => {
    const { port } = await listener((_packet, length) => length, '127.0.0.1', 0, true);
    expect((await listener((_packet, length) => length, '127.0.0.1', port, true)).port).toBe(port);
  });

  it('drops an answer for an address that has gone meanwhile', async () => {
    const peers: Peer[] = [];
    const opened = await listener((_packet, _length, peer) => {
      peers.push(peer);
      return 0;
    });
    const { socket } = await client();
    socket.send('?', opened.port, opened.address);
    await expect.poll(() => peers.length).toBe(1);
    await opened.close();
    expect(() => opened.send(new Uint8Array(8), 8, peers[0]!)).not.toThrow();
    await opened.close();
  });
});

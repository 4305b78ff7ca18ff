/** Datagrams in and out on real sockets: one contract for both ways of having them. */
import { createSocket, type Socket } from 'node:dgram';
import { closeSync, readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchedUdp } from '../../../filter-agent/sockets/batched-udp.ts';
import { DgramUdp } from '../../../filter-agent/sockets/dgram-udp.ts';
import { createWakeFd, type Linux, linux } from '../../../filter-agent/sockets/linux.ts';
import {
  type OnQuery,
  PACKET_BYTES,
  PEER_BYTES,
  type UdpListener,
  type UdpSockets,
} from '../../../filter-agent/sockets/udp.ts';
import { openBatched } from '../../support/batched-sockets.ts';

const ends: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

function batched(onQuery: OnQuery): UdpSockets {
  const { sockets, end } = openBatched(onQuery);
  ends.push(end);
  return sockets;
}

const ways: { name: string; skip: boolean; open: (onQuery: OnQuery) => UdpSockets }[] = [
  { name: 'by batches', skip: linux() === null, open: batched },
  { name: 'through dgram', skip: false, open: (onQuery) => new DgramUdp(onQuery) },
];

interface Client {
  readonly socket: Socket;
  readonly received: { text: string; from: string }[];
}

async function client(address = '127.0.0.1'): Promise<Client> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  ends.push(() => void socket.close());
  const received: { text: string; from: string }[] = [];
  socket.on('message', (bytes, { address: from, port }) =>
    received.push({ text: bytes.toString(), from: `${from} ${port}` }),
  );
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return { socket, received };
}

const texts = ({ received }: Client) => received.map(({ text }) => text);

for (const { name, skip, open } of ways) {
  describe.skipIf(skip)(`UDP ${name}`, () => {
    async function listener(
      onQuery: OnQuery,
      { address = '127.0.0.1', port = 0, reusePort = false } = {},
    ): Promise<UdpListener> {
      const opened = await open(onQuery).listen({ address, port, reusePort, onBroken: () => {} });
      ends.push(() => opened.close());
      return opened;
    }

    const echo: OnQuery = (_packet, length) => length;

    it('answers in the same buffer, from the address and port that were asked', async () => {
      const opened = await listener(
        (packet, length) => {
          packet.set(Buffer.from('!'), length);
          return length + 1;
        },
        { address: '127.0.0.2' },
      );
      const { socket, received } = await client();
      socket.send('ask', opened.port, '127.0.0.2');
      await expect.poll(() => received).toEqual([{ text: 'ask!', from: `127.0.0.2 ${opened.port}` }]);
    });

    it('tells who asks, as 16 octets', async () => {
      const seen: string[] = [];
      const note: OnQuery = (_packet, _length, address) => {
        seen.push(Buffer.from(address).toString('hex'));
        return 0;
      };
      const [four, six] = [await listener(note), await listener(note, { address: '::1' })];
      (await client('127.0.0.3')).socket.send('?', four.port, '127.0.0.1');
      await expect.poll(() => seen).toEqual(['00000000000000000000ffff7f000003']);
      (await client('::1')).socket.send('?', six.port, '::1');
      await expect.poll(() => seen.at(-1)).toBe('00000000000000000000000000000001');
    });

    it.each(['127.0.0.1', '::1'])('answers later to the peer that it kept, at %s', async (address) => {
      const peers = new Uint8Array(2 * PEER_BYTES);
      let kept = 0;
      const opened = await listener(
        (_packet, _length, _client, asked) => {
          asked.keepPeer(peers, kept++ * PEER_BYTES);
          return 0;
        },
        { address },
      );
      const [one, two] = [await client(address), await client(address)];
      one.socket.send('1', opened.port, address);
      await expect.poll(() => kept).toBe(1);
      two.socket.send('2', opened.port, address);
      await expect.poll(() => kept).toBe(2);
      opened.send(Buffer.from('to two'), 6, peers, PEER_BYTES);
      opened.send(Buffer.from('to one'), 6, peers, 0);
      const from = `${address} ${opened.port}`;
      await expect.poll(() => one.received).toEqual([{ text: 'to one', from }]);
      await expect.poll(() => two.received).toEqual([{ text: 'to two', from }]);
    });

    it('answers each of hundreds that came at once, those in between without an answer left out', async () => {
      const opened = await listener((packet, length) => (packet[0]! % 3 === 0 ? 0 : length));
      const asking = await client();
      for (let n = 0; n < 250; n++) asking.socket.send(Uint8Array.of(n, n), opened.port, '127.0.0.1');
      const expected = Array.from({ length: 250 }, (_, n) => n).filter((n) => n % 3 !== 0);
      await expect.poll(() => asking.received.length).toBe(expected.length);
      expect(texts(asking).toSorted()).toEqual(
        expected.map((n) => Buffer.from(Uint8Array.of(n, n)).toString()).toSorted(),
      );
    });

    it('does not let one query see or answer another', async () => {
      const opened = await listener((packet, length) => {
        packet.fill(0x2e, length, length + 5);
        return length + 5;
      });
      const asking = await client();
      for (let n = 0; n < 150; n++) asking.socket.send('x'.repeat(1 + (n % 40)), opened.port, '127.0.0.1');
      await expect.poll(() => asking.received.length).toBe(150);
      expect(texts(asking).filter((text) => !/^x{1,40}\.{5}$/.test(text))).toEqual([]);
    });

    it('says nothing where it is told to, and passes over what is larger than its buffer', async () => {
      const lengths: number[] = [];
      const opened = await listener((_packet, length) => {
        lengths.push(length);
        return length === 2 ? -2 : length;
      });
      const asking = await client();
      asking.socket.send('no', opened.port, '127.0.0.1');
      asking.socket.send(Buffer.alloc(PACKET_BYTES + 1), opened.port, '127.0.0.1');
      asking.socket.send(Buffer.alloc(PACKET_BYTES), opened.port, '127.0.0.1');
      asking.socket.send('', opened.port, '127.0.0.1');
      asking.socket.send('yes', opened.port, '127.0.0.1');
      await expect.poll(() => texts(asking).at(-1)).toBe('yes');
      expect(lengths).toEqual([2, PACKET_BYTES, 0, 3]);
    });

    it('serves several addresses, of both families', async () => {
      const sockets = open(echo);
      const places = ['127.0.0.1', '127.0.0.2', '::1'];
      for (const address of places) {
        const opened = await sockets.listen({ address, port: 0, reusePort: false, onBroken: () => {} });
        ends.push(() => opened.close());
        const asking = await client(address.includes(':') ? '::1' : '127.0.0.1');
        asking.socket.send(address, opened.port, address);
        await expect.poll(() => asking.received).toEqual([{ text: address, from: `${address} ${opened.port}` }]);
      }
    });

    it('goes on with the others when one is closed, whichever it was', async () => {
      const sockets = open(echo);
      const opened: UdpListener[] = [];
      for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.3']) {
        opened.push(await sockets.listen({ address, port: 0, reusePort: false, onBroken: () => {} }));
      }
      const asking = await client();
      while (opened.length > 0) {
        for (const { port, address } of opened) asking.socket.send(address, port, address);
        await expect.poll(() => texts(asking).toSorted()).toEqual(opened.map(({ address }) => address).toSorted());
        asking.received.length = 0;
        await opened.shift()!.close();
      }
    });

    it('rejects with the system’s code when the address is taken or is not this machine’s', async () => {
      const { port } = await listener(echo);
      await expect(listener(echo, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
      await expect(listener(echo, { address: '192.0.2.1' })).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
    });

    it('keeps no descriptor of a socket that could not be bound', async () => {
      const { port } = await listener(echo);
      const descriptors = () => readdirSync('/proc/self/fd').length;
      const before = descriptors();
      const sockets = open(echo);
      for (let n = 0; n < 50; n++) {
        await sockets
          .listen({ address: '127.0.0.1', port, reusePort: false, onBroken: () => {} })
          .catch(() => undefined);
      }
      await expect.poll(descriptors).toBeLessThan(before + 10);
    });

    it('lets several threads hold one address when it is told so', async () => {
      const { port } = await listener(echo, { reusePort: true });
      expect((await listener(echo, { port, reusePort: true })).port).toBe(port);
    });

    it('drops an answer for an address that has gone meanwhile', async () => {
      const peers = new Uint8Array(PEER_BYTES);
      let kept = 0;
      const opened = await listener((_packet, _length, _client, asked) => {
        asked.keepPeer(peers, 0);
        kept++;
        return 0;
      });
      const { socket } = await client();
      socket.send('?', opened.port, opened.address);
      await expect.poll(() => kept).toBe(1);
      await opened.close();
      expect(() => opened.send(new Uint8Array(8), 8, peers, 0)).not.toThrow();
      await opened.close();
    });
  });
}

describe.skipIf(linux() === null)('UDP by batches, on every address of the machine', () => {
  const places: { wildcard: string; asked: readonly string[] }[] = [
    { wildcard: '0.0.0.0', asked: ['127.0.0.1', '127.0.0.2', '127.9.9.9'] },
    { wildcard: '::', asked: ['::1'] },
  ];
  it.each(places)('answers from the address that was asked: $wildcard', async ({ wildcard, asked }) => {
    const peers = new Uint8Array(PEER_BYTES);
    const sockets = batched((packet, length, _client, listener) => {
      if (packet[0] !== 0x6c) return length;
      listener.keepPeer(peers, 0);
      setImmediate(() => listener.send(Buffer.from('late'), 4, peers, 0));
      return 0;
    });
    const opened = await sockets.listen({ address: wildcard, port: 0, reusePort: false, onBroken: () => {} });
    ends.push(() => opened.close());
    for (const address of asked) {
      const asking = await client(wildcard === '::' ? '::1' : '127.0.0.1');
      const from = `${address} ${opened.port}`;
      asking.socket.send('now', opened.port, address);
      await expect.poll(() => asking.received).toEqual([{ text: 'now', from }]);
      asking.socket.send('later', opened.port, address);
      await expect.poll(() => asking.received[1]).toEqual({ text: 'late', from });
    }
  });
});

describe.skipIf(linux() === null)('UDP by batches, where a device’s queue is full', () => {
  it('waits for room once a turn at most, however many answers do not fit', async () => {
    const EAGAIN = 11;
    const real = linux()!;
    // Each turn begins with a poll that does not wait; what follows it are the waits of this turn.
    const waitsInTurns: number[] = [];
    const full: Linux = {
      ...real,
      poll: (fds, count, timeoutMs) => {
        if (timeoutMs === 0) waitsInTurns.push(0);
        else waitsInTurns[waitsInTurns.length - 1]!++;
        return real.poll(fds, count, 0);
      },
      sendmmsg: () => {
        real.koffi.errno(EAGAIN);
        return -1;
      },
    };
    const wakeFd = createWakeFd()!;
    const peers = new Uint8Array(PEER_BYTES);
    let asked = 0;
    const sockets = new BatchedUdp(full, wakeFd, (_packet, length, _client, listener) => {
      listener.keepPeer(peers, 0);
      // Every other has no answer now, so that each answer goes out by itself.
      return asked++ % 2 === 0 ? length : 0;
    });
    const opened = await sockets.listen({ address: '127.0.0.1', port: 0, reusePort: false, onBroken: () => {} });
    ends.push(
      () => closeSync(wakeFd),
      () => opened.close(),
    );
    const asking = await client();
    const sent = Array.from({ length: 20 }, () => send(asking.socket, opened.port));
    await Promise.all(sent);
    while (asked < 20) sockets.serve(() => true, 0);
    // Those that were looked up go out before a turn's poll.
    sockets.serve(() => {
      for (let n = 0; n < 20; n++) opened.send(new Uint8Array(8), 8, peers, 0);
      return true;
    }, 0);
    expect(Math.max(...waitsInTurns)).toBe(1);
  });
});

function send(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send('ask', port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
  });
}

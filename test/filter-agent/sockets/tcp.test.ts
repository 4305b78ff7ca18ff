/** Framing, caps and timeouts of DNS over TCP, on real connections. */
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { listenTcp, type TcpListener } from '../../../filter-agent/sockets/tcp.ts';
import { frame } from '../../support/dns-client.ts';

type OnQuery = Parameters<typeof listenTcp>[0]['onQuery'];

const listeners: TcpListener[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const listener of listeners.splice(0)) await listener.close();
});

const echo: OnQuery = (query, _client, reply) => reply(query);

async function listener(onQuery: OnQuery = echo, address = '127.0.0.1'): Promise<TcpListener> {
  const opened = await listenTcp({ address, port: 0, onQuery, onBroken: () => {} });
  listeners.push(opened);
  return opened;
}

interface Client {
  readonly socket: Socket;
  received(): Buffer;
  closed: boolean;
}

async function client({ address, port }: TcpListener, from?: string): Promise<Client> {
  const socket = connect({ host: address, port, ...(from !== undefined && { localAddress: from }) });
  sockets.push(socket);
  let received = Buffer.alloc(0);
  const state: Client = { socket, received: () => received, closed: false };
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    state.closed = true;
  });
  await new Promise((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', resolve);
  });
  return state;
}

const message = (text: string) => frame(Buffer.from(text));

describe('DNS over TCP', () => {
  it('frames answers by their length', async () => {
    const { socket, received } = await client(await listener());
    socket.write(message('hello'));
    await expect.poll(() => received().toString('latin1')).toBe('\0\x05hello');
  });

  it('takes a query that comes octet by octet', async () => {
    const { socket, received } = await client(await listener());
    socket.setNoDelay(true);
    for (const octet of message('slowly')) await new Promise((resolve) => socket.write(Buffer.of(octet), resolve));
    await expect.poll(() => received().toString('latin1')).toBe('\0\x06slowly');
  });

  it('takes several queries in one segment, and half of the next', async () => {
    const { socket, received } = await client(await listener());
    const third = message('third');
    socket.write(Buffer.concat([message('one'), message('two'), third.subarray(0, 4)]));
    await expect.poll(() => received().toString('latin1')).toBe('\0\x03one\0\x03two');
    socket.write(third.subarray(4));
    await expect.poll(() => received().toString('latin1')).toBe('\0\x03one\0\x03two\0\x05third');
  });

  it('lets a later query of a connection be answered first', async () => {
    const replies: (() => void)[] = [];
    const opened = await listener((query, _client, reply) => {
      const copy = query.slice();
      replies.push(() => reply(copy));
    });
    const { socket, received } = await client(opened);
    socket.write(Buffer.concat([message('one'), message('two')]));
    await expect.poll(() => replies.length).toBe(2);
    replies[1]?.();
    replies[0]?.();
    await expect.poll(() => received().toString('latin1')).toBe('\0\x03two\0\x03one');
  });

  it('sends one answer a query, whatever the caller does, and none to a client that left', async () => {
    let reply: (answer: Uint8Array) => void = () => {};
    const opened = await listener((_query, _client, answer) => {
      reply = answer;
      answer(Buffer.from('a'));
      answer(Buffer.from('b'));
    });
    const { socket, received } = await client(opened);
    socket.write(message('q'));
    await expect.poll(() => received().toString('latin1')).toBe('\0\x01a');
    socket.destroy();
    await expect.poll(() => socket.destroyed).toBe(true);
    expect(() => reply(Buffer.from('c'))).not.toThrow();
  });

  it('gives the client’s address as 16 octets, of either family', async () => {
    const clients: Uint8Array[] = [];
    const note: OnQuery = (query, from, reply) => {
      clients.push(from.slice());
      reply(query);
    };
    for (const address of ['127.0.0.1', '::1']) {
      const { socket } = await client(await listener(note, address));
      socket.write(message('q'));
    }
    await expect.poll(() => clients.length).toBe(2);
    expect(clients.map((octets) => Buffer.from(octets).toString('hex')).sort()).toEqual([
      '00000000000000000000000000000001',
      '00000000000000000000ffff7f000001',
    ]);
  });

  it('gives the thirty-third connection of one client the place of that which asked nothing for longest', async () => {
    const opened = await listener();
    const open: Client[] = [];
    for (let i = 0; i < 32; i++) open.push(await client(opened));
    // The first asks: the second has been quiet for longest.
    open[0]?.socket.write(message('q'));
    await expect.poll(() => open[0]?.received().length).toBe(3);
    const oneMore = await client(opened);
    oneMore.socket.write(message('q'));
    await expect.poll(() => oneMore.received().length).toBe(3);
    await expect.poll(() => open.map(({ closed }) => closed).indexOf(true)).toBe(1);
    expect(open.filter(({ closed }) => closed)).toHaveLength(1);
  });

  it('closes the thirty-third where all others of the client wait for answers', async () => {
    let asked = 0;
    const opened = await listener(() => {
      asked++;
    });
    const waiting = await Promise.all(Array.from({ length: 32 }, () => client(opened)));
    for (const { socket } of waiting) socket.write(message('q'));
    await expect.poll(() => asked).toBe(32);
    const oneMore = await client(opened);
    await expect.poll(() => oneMore.closed).toBe(true);
    expect(waiting.some(({ closed }) => closed)).toBe(false);
  });

  it('gives a newcomer a place of who has most, when all are taken by who waits', async () => {
    let asked = 0;
    const opened = await listener((query, _client, reply) => {
      asked++;
      if (query.toString() === 'now') reply(query);
    });
    const crowd = await Promise.all(
      Array.from({ length: 256 }, (_, i) => client(opened, `127.0.1.${1 + Math.floor(i / 32)}`)),
    );
    for (const { socket } of crowd) socket.write(message('never answered'));
    await expect.poll(() => asked).toBe(256);
    const newcomers = [await client(opened, '127.0.2.1'), await client(opened, '127.0.2.2')];
    for (const { socket } of newcomers) socket.write(message('now'));
    await expect.poll(() => newcomers.every(({ received }) => received().length === 5)).toBe(true);
    await expect.poll(() => crowd.filter(({ closed }) => closed).length).toBe(2);
    // Who has as many as another takes none of that one's.
    const oneOfTheCrowd = await client(opened, '127.0.1.8');
    await expect.poll(() => oneOfTheCrowd.closed).toBe(true);
    expect(crowd.filter(({ closed }) => closed)).toHaveLength(2);
  });

  it('answers all of a thousand questions in one segment, though the client ends its side behind them', async () => {
    const { socket, received } = await client(await listener());
    socket.end(Buffer.concat(Array.from({ length: 1_000 }, (_, i) => message(`q${i}`))));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received().toString('latin1')).toBe(
      Array.from({ length: 1_000 }, (_, i) => message(`q${i}`).toString('latin1')).join(''),
    );
  });

  it('lets others have their turn while one connection asks without end', async () => {
    let total = 0;
    let ofTurn = 0;
    let most = 0;
    const opened = await listener((_query, _client, reply) => {
      total++;
      ofTurn++;
      most = Math.max(most, ofTurn);
      setImmediate(() => {
        ofTurn = 0;
      });
      reply(null);
    });
    const busy = await client(opened);
    // Messages without an octet: 32,768 of them in each piece that is read at once.
    busy.socket.write(Buffer.alloc(1 << 18));
    await expect.poll(() => total, { timeout: 20_000 }).toBe(1 << 17);
    // One turn of the connection's data, and one that it had put off.
    expect(most).toBeLessThanOrEqual(512);
  });

  it('reads no more than sixty-four questions of a connection before it has answers to them', async () => {
    const replies: (() => void)[] = [];
    const hungry = await client(
      await listener((_query, _client, reply) => {
        replies.push(() => reply(Buffer.from('a')));
      }),
    );
    hungry.socket.write(Buffer.concat(Array.from({ length: 200 }, () => message('q'))));
    await expect.poll(() => replies.length).toBe(64);
    for (let answered = 0; answered < 200; answered++) replies[answered]?.();
    await expect.poll(() => hungry.received().length).toBe(200 * 3);
    expect(replies).toHaveLength(200);
    expect(hungry.closed).toBe(false);
  });

  it('answers what came before the client ended its side, and then ends too', async () => {
    let reply: () => void = () => {};
    const opened = await listener((_query, _client, answer) => {
      reply = () => answer(Buffer.from('late'));
    });
    const { socket, received } = await client(opened);
    socket.end(message('q'));
    await expect.poll(() => socket.writableFinished).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.destroyed).toBe(false);
    reply();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(received().toString('latin1')).toBe('\0\x04late');
  });

  it('ends at once with a client that ends without a question, in the middle of one, or after one that is not answered', async () => {
    const opened = await listener((_query, _client, reply) => reply(null));
    for (const sent of [Buffer.alloc(0), Buffer.of(0), Buffer.of(0, 9, 1), message('dropped'), message('')]) {
      const { socket, received } = await client(opened);
      const startedAtMs = performance.now();
      socket.end(sent);
      await new Promise((resolve) => socket.once('close', resolve));
      expect(performance.now() - startedAtMs).toBeLessThan(2_000);
      expect(received()).toHaveLength(0);
    }
  });

  it('gives a query five seconds, and does not begin anew with each octet', { timeout: 15_000 }, async () => {
    const slow = await client(await listener());
    slow.socket.setNoDelay(true);
    slow.socket.write(Buffer.of(0xff, 0xff));
    const startedAtMs = performance.now();
    const trickle = setInterval(() => slow.socket.write(Buffer.of(1)), 100);
    try {
      await expect.poll(() => slow.closed, { timeout: 12_000 }).toBe(true);
      expect(performance.now() - startedAtMs).toBeGreaterThan(4_500);
    } finally {
      clearInterval(trickle);
    }
  });

  it('closes a connection whose client does not read its answers', async () => {
    const large = Buffer.alloc(65_535);
    const deaf = await client(await listener((_query, _client, reply) => reply(large)));
    deaf.socket.pause();
    const ask = setInterval(() => deaf.socket.write(message('q')), 1);
    try {
      await expect.poll(() => deaf.socket.errored ?? deaf.closed, { timeout: 10_000 }).toBeTruthy();
    } finally {
      clearInterval(ask);
    }
  });

  it('rejects with the system’s code when the port is taken', async () => {
    const { port } = await listener();
    await expect(listenTcp({ address: '127.0.0.1', port, onQuery: echo, onBroken: () => {} })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('ends open connections when it is closed', async () => {
    const opened = await listener();
    const open = await client(opened);
    listeners.pop();
    await opened.close();
    await expect.poll(() => open.closed).toBe(true);
  });
});

/**
 * Too much of everything, at a real box: one question from a hundred clients, thousands of questions that nobody answers and
 * connections that say nothing. Others are served meanwhile.
 *
 * How fast the box is, is the bench's; what an upstream says wrongly is hostile-upstream.test.ts's.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import { dataOf, encodeQuestion, type Reply } from '../../support/dns-client.ts';
import { TRUTH_A } from '../../support/hostile-replies.ts';
import { type Asked, type HostileUpstream, startHostileUpstream } from '../../support/hostile-upstream.ts';

/** What an attempt may take upstream, so that what is not answered stays outstanding so long. */
const ATTEMPT_MS = 5_000;

let upstream: HostileUpstream;
let box: BoxProcess;

beforeAll(async () => {
  upstream = await startHostileUpstream();
  box = await startBoxProcess({ upstreams: [upstream.udpUrl], settings: { policy: alwaysOpenPolicy() } });
});
afterAll(async () => {
  await box?.remove();
  await upstream?.close();
});

const isTrue = (reply: Reply) => reply.rcode === 'NOERROR' && dataOf(reply, 'A')[0] === TRUTH_A;
const client = (number: number) => `127.0.0.${number}`;

async function askedFor(matches: (name: string) => boolean): Promise<Asked[]> {
  return (await upstream.asked()).filter(({ name }) => matches(name));
}

describe('a box with 150 TCP connections that send one octet and no more', () => {
  const HELD_PER_CLIENT = 30;
  const sockets: Socket[] = [];
  let openedAtMs = 0;
  const closed: Promise<number>[] = [];

  beforeAll(async () => {
    openedAtMs = performance.now();
    const begun: Promise<void>[] = [];
    for (let number = 0; number < 150; number++) {
      // From several clients, so that they are all held: of one, most are closed at once.
      const localAddress = client(20 + Math.floor(number / HELD_PER_CLIENT));
      const socket = connect({ host: box.server.address, port: box.server.port, localAddress });
      sockets.push(socket);
      socket.on('error', () => {});
      // Read, or the end is never seen.
      socket.resume();
      begun.push(
        new Promise((resolve) => {
          socket.once('connect', () => socket.write(Buffer.of(0), () => resolve()));
          socket.once('close', () => resolve());
        }),
      );
      closed.push(new Promise((resolve) => socket.once('close', () => resolve(performance.now() - openedAtMs))));
    }
    await Promise.all(begun);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
  });

  it('serves others, over UDP and TCP', async () => {
    expect(sockets.filter((socket) => !socket.destroyed)).toHaveLength(150);
    for (let number = 0; number < 10; number++) {
      const options = { from: client(7) };
      const replies = [
        await box.ask(`udp-${number}.beside.example`, options),
        await box.askTcp(`tcp-${number}.beside.example`, options),
      ];
      for (const reply of replies) {
        expect(isTrue(reply)).toBe(true);
        expect(reply.tookMs).toBeLessThan(1_000);
      }
    }
  });

  it('has closed all of them within 31 s', async () => {
    const tookMs = await Promise.all(closed);
    expect(Math.max(...tookMs)).toBeLessThan(31_000);
  });
});

describe('a box that a hundred clients ask for one name at once', () => {
  it.each(['udp', 'tcp'] as const)('asks upstream once, and answers all of them over %s', async (transport) => {
    // The upstream takes a second, so that all of them wait for it together.
    const name = `slow-1000.${transport}-hundred.example`;
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, number) => {
        const options = { from: client(100 + number) };
        return transport === 'udp' ? box.ask(name, options) : box.askTcp(name, options);
      }),
    );
    expect(replies.filter(isTrue)).toHaveLength(100);
    expect(await askedFor((asked) => asked === name)).toHaveLength(1);
  });
});

describe('two hundred queries upstream', () => {
  it('come from at least 180 ports with at least 180 ids, and none is the one beside the last', async () => {
    for (let number = 0; number < 200; number++) await box.ask(`n${number}.guess.example`, { from: client(8) });
    const asked = (await askedFor((name) => name.endsWith('.guess.example'))).filter(
      ({ transport }) => transport === 'udp',
    );
    expect(asked).toHaveLength(200);
    for (const values of [asked.map(({ port }) => port), asked.map(({ id }) => id)]) {
      expect(new Set(values).size).toBeGreaterThanOrEqual(180);
      const sequential = values.filter((value, index) => index > 0 && Math.abs(value - values[index - 1]!) === 1);
      // Of two random numbers below 28,232 (Linux's own ports) one in 14,000 lies beside the other: that two such pairs come
      // among 199 by chance is seen once in 10,000 runs, three once in 2,000,000.
      expect(sequential.length).toBeLessThan(3);
    }
  });
});

describe('a box with 3,000 names outstanding that nobody answers', () => {
  it('answers 20 good names within 2 s each', async () => {
    const flood = await Flood.open(Array.from({ length: 30 }, (_, number) => client(50 + number)));
    const startedAtMs = performance.now();
    await flood.send(3_000, (number) => `silence.n${number}.outstanding.example`);
    const outstanding = async () =>
      new Set((await askedFor((name) => name.endsWith('.outstanding.example'))).map(({ name }) => name)).size;
    await expect.poll(outstanding, { timeout: ATTEMPT_MS, interval: 50 }).toBe(3_000);
    const good = await Promise.all(
      Array.from({ length: 20 }, (_, number) => box.ask(`good${number}.meanwhile.example`, { from: client(9) })),
    );
    // Or the first of them was no longer outstanding.
    expect(performance.now() - startedAtMs).toBeLessThan(ATTEMPT_MS);
    expect(good.filter(isTrue)).toHaveLength(20);
    expect(Math.max(...good.map(({ tookMs }) => tookMs))).toBeLessThan(2_000);
    flood.close();
  });
});

it('leaves a box that is well', async () => {
  expect(isTrue(await box.ask('good.after.example'))).toBe(true);
  expect(box.stderr).toBe('');
});

/** Queries that wait for no answer, from one socket for each client. */
class Flood {
  readonly #sockets: readonly UdpSocket[];

  private constructor(sockets: readonly UdpSocket[]) {
    this.#sockets = sockets;
  }

  static async open(addresses: readonly string[]): Promise<Flood> {
    return new Flood(
      await Promise.all(
        addresses.map(async (address) => {
          const socket = createSocket('udp4');
          await new Promise<void>((resolve) => socket.bind({ address }, resolve));
          return socket;
        }),
      ),
    );
  }

  /** A few at a time, with room for a turn of whoever receives them: what the kernel drops is no load. */
  async send(count: number, nameOf: (number: number) => string): Promise<void> {
    const AT_A_TIME = 50;
    for (let number = 0; number < count; number++) {
      const socket = this.#sockets[number % this.#sockets.length]!;
      socket.send(encodeQuestion(nameOf(number)), box.server.port, box.server.address);
      if (number % AT_A_TIME === AT_A_TIME - 1) await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

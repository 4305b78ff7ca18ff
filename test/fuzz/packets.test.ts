/**
 * Packets that nobody should send, over UDP and TCP, against a real box: it stays up, answers the next good query, asks
 * nobody about what is no query, and its memory stays where it was.
 *
 * STAIRGATE_FUZZ_SEED and STAIRGATE_FUZZ_PACKETS repeat or lengthen a run; `npm run soak -- --part fuzz` runs the whole,
 * 1,000,000.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import packet from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../support/box-process.ts';
import { dataOf, frame } from '../support/dns-client.ts';
import { PacketMaker, queryName } from '../support/fuzz-packets.ts';
import { neededMegabytes, withCollections } from '../support/needed-memory.ts';
import { type Asked, startTestUpstream, type TestUpstream } from '../support/test-upstream.ts';
import { addressReply, emptyReply } from '../support/wire-echo.ts';

const seed = Number(process.env.STAIRGATE_FUZZ_SEED ?? Date.now() % 2 ** 32);
const total = Number(process.env.STAIRGATE_FUZZ_PACKETS ?? 50_000);
/** One of each until all were sent, four in five over UDP. */
const UDP_ROUND = 8_000;
const TCP_ROUND = 2_000;
/** Small enough for the kernel's receive buffer, so that the good query behind a batch is not dropped by it. */
const UDP_BATCH = 100;
/** As many as a connection may have pending (sockets/tcp.ts), so that none is closed for that. */
const TCP_BATCH = 50;
/**
 * Packets before any is counted, however many follow: by then the caches are full, the engine has compiled what it will,
 * and the C library holds nearly what it will hold.
 */
const WARM_UP = 300_000;
const GROWTH_LIMIT = 0.1;

describe(`${total} random and mutated packets (STAIRGATE_FUZZ_SEED=${seed})`, () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  let client: UdpSocket;
  const maker = new PacketMaker(seed);
  /** Names of the packets that are queries by the second opinion. */
  const queried = new Set<string>(['good.example']);
  let sent = 0;
  let warmMegabytes = 0;
  let grownMegabytes = 0;
  const unreadable: string[] = [];

  beforeAll(async () => {
    // Octet by octet, or names that dns-packet reads as others would have no answer, and their clients would wait.
    upstream = await startTestUpstream(({ type, message }) =>
      type === 'A' ? addressReply(message) : emptyReply(message),
    );
    box = await startBoxProcess({
      environment: withCollections,
      upstreams: [upstream.url],
      settings: { policy: alwaysOpenPolicy(), cache: { sizeMegabytes: 1 }, lookUps: { perClientPerSecond: 0 } },
    });
    client = createSocket('udp4');
    client.on('message', (answer) => {
      try {
        const { type } = packet.decode(answer);
        if (type !== 'response' || answer.length > 1232) unreadable.push(answer.toString('hex'));
      } catch {
        unreadable.push(answer.toString('hex'));
      }
    });
    await new Promise<void>((resolve) => client.bind(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    client?.close();
    await box?.remove();
    await upstream?.close();
  });

  /** What the upstream was asked although nobody asked the box. */
  function invented(): Asked[] {
    return upstream.asked.filter(({ message }) => !queried.has(queryName(message) ?? 'no query'));
  }

  function make(): Buffer {
    const made = maker.packet();
    const name = queryName(made);
    if (name !== null) queried.add(name);
    return made;
  }

  async function sendDatagrams(): Promise<void> {
    for (let batch = 0; batch < UDP_ROUND / UDP_BATCH; batch++) {
      for (let i = 0; i < UDP_BATCH; i++) client.send(make(), box.server.port, box.server.address);
      sent += UDP_BATCH;
      const reply = await box.ask('good.example');
      expect(dataOf(reply, 'A'), `after ${sent} packets, over UDP`).toEqual(['192.0.2.1']);
    }
  }

  async function sendStreams(): Promise<void> {
    for (let batch = 0; batch < TCP_ROUND / TCP_BATCH; batch++) {
      await stream(Array.from({ length: TCP_BATCH }, () => lie(frame(make()))));
      sent += TCP_BATCH;
      const reply = await box.askTcp('good.example');
      expect(dataOf(reply, 'A'), `after ${sent} packets, over TCP`).toEqual(['192.0.2.1']);
    }
  }

  /** Now and then a length that is not the message's: what follows is then read as something else. */
  function lie(framed: Buffer): Buffer {
    if (maker.below(200) === 0) framed.writeUInt16BE(maker.below(65_536), 0);
    return framed;
  }

  /** Writes the pieces to one connection, ends it, and waits until the box has closed it too. */
  function stream(pieces: readonly Buffer[]): Promise<void> {
    // What the box reads is what its framing makes of the stream, lies included.
    for (let rest = Buffer.concat(pieces); rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0); ) {
      const name = queryName(rest.subarray(2, 2 + rest.readUInt16BE(0)));
      if (name !== null) queried.add(name);
      rest = rest.subarray(2 + rest.readUInt16BE(0));
    }
    return new Promise((resolve) => {
      const socket = connect({ host: box.server.address, port: box.server.port });
      socket.on('error', () => socket.destroy());
      socket.on('close', () => resolve());
      socket.resume();
      socket.end(Buffer.concat(pieces));
    });
  }

  async function send(until: number): Promise<void> {
    while (sent < until) {
      await sendDatagrams();
      await sendStreams();
    }
  }

  it('leave the box answering while it warms up', { timeout: 300_000 }, async () => {
    await send(WARM_UP);
    warmMegabytes = await neededMegabytes(box);
  });

  it('leave the box answering to the end', { timeout: 1_800_000 }, async () => {
    await send(WARM_UP + total);
    grownMegabytes = (await neededMegabytes(box)) - warmMegabytes;
    expect(box.running).toBe(true);
    expect(box.stderr).toBe('');
  });

  it('were seen and told apart by the box', async () => {
    // Lies about lengths swallow a few messages, and the kernel may drop a datagram.
    expect(await box.metric('stairgate_queries_total')).toBeGreaterThan(sent * 0.9);
    expect(await box.metric('stairgate_malformed_total')).toBeGreaterThan(sent * 0.3);
    expect(queried.size).toBeGreaterThan(sent * 0.1);
  });

  it('are answered only with what can be read as a response', () => {
    expect(unreadable.slice(0, 3)).toEqual([]);
  });

  it('go upstream only where they are queries', () => {
    expect(upstream.unreadable).toBe(0);
    expect(
      invented()
        .slice(0, 3)
        .map(({ message }) => message.toString('hex')),
    ).toEqual([]);
    expect(upstream.asked.length).toBeGreaterThan(sent * 0.05);
  });

  it(`leave the box’s memory within ${100 * GROWTH_LIMIT}% of what it had after the warm-up`, () => {
    const grown = `${grownMegabytes < 0 ? '' : '+'}${((100 * grownMegabytes) / warmMegabytes).toFixed(1)}%`;
    process.stderr.write(
      `fuzz: seed ${seed}, ${sent - WARM_UP} packets after ${WARM_UP}, four in five over UDP, the rest over TCP: ` +
        `${unreadable.length} answers that cannot be read, ${invented().length} of ${upstream.asked.length} upstream ` +
        `queries for what is no query, memory ${warmMegabytes.toFixed(1)} MiB ${grown}\n`,
    );
    expect(grownMegabytes).toBeLessThan(warmMegabytes * GROWTH_LIMIT);
  });
});

/**
 * A hundred thousand packets that nobody should send, over UDP and TCP, against a real box: it stays up, answers the
 * next good query, asks nobody about what is no query, and its memory stays where it was.
 *
 * STAIRGATE_FUZZ_SEED and STAIRGATE_FUZZ_PACKETS repeat or lengthen a run.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import packet from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../support/box-process.ts';
import { dataOf, frame } from '../support/dns-client.ts';
import { PacketMaker, queryName } from '../support/fuzz-packets.ts';
import { startTestUpstream, type TestUpstream } from '../support/test-upstream.ts';

const seed = Number(process.env.STAIRGATE_FUZZ_SEED ?? Date.now() % 2 ** 32);
const total = Number(process.env.STAIRGATE_FUZZ_PACKETS ?? 100_000);
/** Small enough for the kernel's receive buffer, so that the good query behind a batch is not dropped by it. */
const UDP_BATCH = 100;
/** As many as a connection may have pending (sockets/tcp.ts), so that none is closed for that. */
const TCP_BATCH = 50;
/** By then every thread has run every path and its caches are full. */
const WARM_UP = Math.floor(total / 4);
/**
 * What the heaps of four threads may grow by between two collections. A kilobyte lost per packet would be 75 MB.
 */
const RSS_GROWTH_LIMIT_MEGABYTES = 48;

describe(`${total} random and mutated packets (STAIRGATE_FUZZ_SEED=${seed})`, () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  let client: UdpSocket;
  const maker = new PacketMaker(seed);
  /** Names of the packets that are queries by the second opinion. */
  const queried = new Set<string>(['good.example']);
  let rssAfterWarmUp = 0;
  const unreadable: string[] = [];

  beforeAll(async () => {
    upstream = await startTestUpstream();
    box = await startBoxProcess({
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

  function make(): Buffer {
    const made = maker.packet();
    const name = queryName(made);
    if (name !== null) queried.add(name);
    return made;
  }

  async function sendDatagrams(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += UDP_BATCH) {
      for (let i = 0; i < UDP_BATCH; i++) client.send(make(), box.server.port, box.server.address);
      const reply = await box.ask('good.example');
      expect(dataOf(reply, 'A'), `after UDP packet ${sent + UDP_BATCH}`).toEqual(['192.0.2.1']);
    }
  }

  async function sendStreams(count: number): Promise<void> {
    for (let sent = 0; sent < count; sent += TCP_BATCH) {
      await stream(Array.from({ length: TCP_BATCH }, () => lie(frame(make()))));
      const reply = await box.askTcp('good.example');
      expect(dataOf(reply, 'A'), `after TCP message ${sent + TCP_BATCH}`).toEqual(['192.0.2.1']);
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

  const half = (count: number) => Math.ceil((count * 4) / 5 / UDP_BATCH) * UDP_BATCH;

  it('leave the box answering while it warms up', { timeout: 300_000 }, async () => {
    await sendDatagrams(half(WARM_UP));
    await sendStreams(WARM_UP - half(WARM_UP));
    rssAfterWarmUp = box.rssMegabytes();
  });

  it('leave the box answering to the end', { timeout: 600_000 }, async () => {
    await sendDatagrams(half(total - WARM_UP));
    await sendStreams(total - WARM_UP - half(total - WARM_UP));
    expect(box.running).toBe(true);
    expect(box.stderr).toBe('');
  });

  it('were seen and told apart by the box', async () => {
    // Lies about lengths swallow a few messages, and the kernel may drop a datagram.
    expect(await box.metric('stairgate_queries_total')).toBeGreaterThan(total * 0.9);
    expect(await box.metric('stairgate_malformed_total')).toBeGreaterThan(total * 0.3);
    expect(queried.size).toBeGreaterThan(total * 0.1);
  });

  it('are answered only with what can be read as a response', () => {
    expect(unreadable.slice(0, 3)).toEqual([]);
  });

  it('go upstream only where they are queries', () => {
    expect(upstream.unreadable).toBe(0);
    const invented = upstream.asked.filter(({ message }) => !queried.has(queryName(message) ?? 'no query'));
    expect(invented.slice(0, 3).map(({ message }) => message.toString('hex'))).toEqual([]);
    expect(upstream.asked.length).toBeGreaterThan(total * 0.05);
  });

  it(`leave the box’s memory within ${RSS_GROWTH_LIMIT_MEGABYTES} MB of what it had after the warm-up`, () => {
    expect(box.rssMegabytes() - rssAfterWarmUp).toBeLessThan(RSS_GROWTH_LIMIT_MEGABYTES);
  });
});

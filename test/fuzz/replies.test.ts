/**
 * Upstream replies that are the truth damaged, over UDP and TCP, against a real box: it stays up, relays nothing that
 * cannot be read, answers every client, and its memory stays where it was.
 *
 * STAIRGATE_FUZZ_SEED and STAIRGATE_FUZZ_REPLIES repeat or lengthen a run; `npm run soak -- --part fuzz` runs the whole,
 * 100,000.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import packet from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../support/box-process.ts';
import { sendTcp } from '../support/dns-client.ts';
import { PacketMaker } from '../support/fuzz-packets.ts';
import { faultOf } from '../support/message-fault.ts';
import { type MutatingUpstream, startMutatingUpstream } from '../support/mutating-upstream.ts';
import { neededMegabytes, withCollections } from '../support/needed-memory.ts';
import { wireName, wireQuery } from '../support/wire-echo.ts';

const seed = Number(process.env.STAIRGATE_FUZZ_SEED ?? Date.now() % 2 ** 32);
const total = Number(process.env.STAIRGATE_FUZZ_REPLIES ?? 50_000);
/**
 * Damaged replies before any is counted, however many follow: by then the caches have been filled several times over,
 * the engine has compiled what it will, and the C library holds what it will hold.
 */
const WARM_UP = 150_000;
const GROWTH_LIMIT = 0.1;
/** Asked at once: from so many addresses, so that each asks no more than a small office does. */
const CLIENTS = 40;
const TYPES = [1, 28, 16, 65, 15, 5, 257];
/** A client has its answer, or SERVFAIL, within two seconds; a busy machine takes longer. */
const ANSWER_TIMEOUT_MS = 10_000;

interface Waiting {
  readonly question: Buffer;
  readonly settle: (reply: Buffer | null) => void;
}

describe(`${total} damaged upstream replies (STAIRGATE_FUZZ_SEED=${seed})`, () => {
  const maker = new PacketMaker(seed);
  const asker = new PacketMaker(seed + 1);
  let upstream: MutatingUpstream;
  let box: BoxProcess;
  const clients: { readonly socket: UdpSocket; readonly waiting: Map<number, Waiting> }[] = [];
  let asked = 0;
  let warmMegabytes = 0;
  let grownMegabytes = 0;
  const faults: string[] = [];
  const rcodes = new Map<number, number>();
  let unanswered = 0;

  beforeAll(async () => {
    upstream = await startMutatingUpstream(maker);
    box = await startBoxProcess({
      environment: withCollections,
      upstreams: [upstream.url],
      settings: { policy: alwaysOpenPolicy(), cache: { sizeMegabytes: 1 }, lookUps: { perClientPerSecond: 0 } },
    });
    for (let index = 0; index < CLIENTS; index++) clients.push(await openClient(`127.0.1.${index + 1}`));
  });
  afterAll(async () => {
    for (const { socket } of clients) socket.close();
    await box?.remove();
    await upstream?.close();
  });

  async function openClient(address: string): Promise<(typeof clients)[number]> {
    const socket = createSocket('udp4');
    const waiting = new Map<number, Waiting>();
    socket.on('message', (reply) => {
      const id = reply.length < 2 ? -1 : reply.readUInt16BE(0);
      const waits = waiting.get(id);
      if (waits === undefined) {
        faults.push(`an answer that nobody waits for: ${reply.toString('hex')}`);
        return;
      }
      waiting.delete(id);
      waits.settle(reply);
    });
    await new Promise<void>((resolve) => socket.bind(0, address, resolve));
    return { socket, waiting };
  }

  /** One question after the other from one client, every tenth over TCP, until so many replies were damaged. */
  async function askUntil(client: (typeof clients)[number], damaged: number): Promise<void> {
    while (upstream.mutated() < damaged) {
      const id = ++asked & 0xffff;
      const type = TYPES[asker.below(TYPES.length)]!;
      const query = wireQuery(id, wireName(`q${asked}`, 'fuzz', 'example'), type);
      if (asker.below(3) === 0) {
        query[11] = 1;
      }
      const whole = query[11] === 1 ? Buffer.concat([query, Buffer.of(0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0)]) : query;
      const reply =
        asked % 10 === 0
          ? await sendTcp(box.server, whole, { timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => null)
          : await askOverUdp(client, id, whole);
      judge(query, reply);
    }
  }

  function askOverUdp(
    { socket, waiting }: (typeof clients)[number],
    id: number,
    query: Buffer,
  ): Promise<Buffer | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle(null), ANSWER_TIMEOUT_MS);
      const settle = (reply: Buffer | null) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(reply);
      };
      waiting.set(id, { question: query, settle });
      socket.send(query, box.server.port, box.server.address);
    });
  }

  function judge(query: Buffer, reply: Buffer | null): void {
    if (reply === null) {
      unanswered++;
      return;
    }
    const rcode = reply[3]! & 15;
    rcodes.set(rcode, (rcodes.get(rcode) ?? 0) + 1);
    const question = query.subarray(12);
    const end = 12 + question.length;
    let fault = faultOf(reply);
    if (fault === null && !reply.subarray(12, end).equals(question)) fault = 'another question';
    if (fault === null && (reply[2]! & 0xf8) !== 0x80) fault = 'no response to a query';
    if (fault === null) {
      try {
        packet.decode(reply);
      } catch (error) {
        fault = `dns-packet: ${error instanceof Error ? error.message : error}`;
      }
    }
    if (fault !== null) faults.push(`${fault}: ${reply.toString('hex')}`);
  }

  async function run(damaged: number): Promise<void> {
    await Promise.all(clients.map((client) => askUntil(client, damaged)));
  }

  it('leave the box answering while it warms up', { timeout: 600_000 }, async () => {
    await run(WARM_UP);
    warmMegabytes = await neededMegabytes(box);
  });

  it('leave the box answering to the end', { timeout: 1_800_000 }, async () => {
    await run(WARM_UP + total);
    grownMegabytes = (await neededMegabytes(box)) - warmMegabytes;
    expect(box.running).toBe(true);
    const sound = wireQuery(7, wireName('after', 'fuzz', 'example'));
    expect(faultOf(await sendTcp(box.server, sound))).toBeNull();
    expect(box.stderr).toBe('');
  });

  it('never reach a client as what cannot be read', () => {
    expect(faults.slice(0, 3)).toEqual([]);
  });

  it('leave no client without an answer, and most with the truth', () => {
    expect(unanswered).toBe(0);
    const answered = [...rcodes.values()].reduce((sum, count) => sum + count, 0);
    expect(answered).toBeGreaterThan(total / 20);
    expect(rcodes.get(0) ?? 0).toBeGreaterThan(answered / 2);
  });

  it('came over UDP and TCP', () => {
    expect(Math.min(upstream.asked.udp, upstream.asked.tcp)).toBeGreaterThan(total / 100);
  });

  it(`leave the box’s memory within ${100 * GROWTH_LIMIT}% of what it had after the warm-up`, () => {
    const grown = `${grownMegabytes < 0 ? '' : '+'}${((100 * grownMegabytes) / warmMegabytes).toFixed(1)}%`;
    process.stderr.write(
      `fuzz: seed ${seed}, ${total} damaged replies after ${WARM_UP} (over UDP and TCP asked ${upstream.asked.udp} and ` +
        `${upstream.asked.tcp} times): ${faults.length} faults, ${unanswered} of ${asked} clients unanswered, memory ${warmMegabytes.toFixed(1)} MiB ${grown}\n`,
    );
    expect(grownMegabytes).toBeLessThan(warmMegabytes * GROWTH_LIMIT);
  });
});

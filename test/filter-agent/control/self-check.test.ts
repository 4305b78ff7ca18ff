import { createSocket, type Socket } from 'node:dgram';
import { decode, encode } from 'dns-packet';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type SelfCheck, startSelfCheck } from '../../../filter-agent/control/self-check.ts';

const NAME = 'stairgate.home.arpa';

/** A box's socket, with a changeable mind. */
interface Answerer {
  readonly port: number;
  /** The names and types that were asked. */
  readonly asked: string[];
  /** What it says to a query, or null for nothing. */
  answer: (query: Buffer) => Buffer | null;
  close(): void;
}

const NO_ERROR = (query: Buffer): Buffer => answerTo(query, 0);

function answerTo(query: Buffer, rcode: number): Buffer {
  const { id, questions = [] } = decode(query);
  return encode({ type: 'response', id: id!, flags: rcode, questions });
}

async function openAnswerer(address = '127.0.0.1'): Promise<Answerer> {
  const socket: Socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const answerer: Answerer = {
    port: socket.address().port,
    asked: [],
    answer: NO_ERROR,
    close: () => socket.close(),
  };
  socket.on('message', (query, remote) => {
    for (const { name, type } of decode(query).questions ?? []) answerer.asked.push(`${name} ${type}`);
    const answer = answerer.answer(query);
    if (answer !== null) socket.send(answer, remote.port, remote.address);
  });
  return answerer;
}

describe('the self-check', () => {
  const opened: { close(): void }[] = [];
  const checks: SelfCheck[] = [];
  /** Moves only when a test says so; the asking itself runs in real time. */
  let nowMs = 1_000_000;
  const check = (places: () => { address: string; port: number }[]): SelfCheck => {
    const made = startSelfCheck({ places, name: NAME, intervalMs: 10, patienceMs: 5_000, monotonicNow: () => nowMs });
    checks.push(made);
    return made;
  };
  const open = async (address?: string): Promise<Answerer> => {
    const answerer = await openAnswerer(address);
    opened.push(answerer);
    return answerer;
  };
  afterEach(() => {
    for (const each of checks.splice(0)) each.stop();
    for (const each of opened.splice(0)) each.close();
  });

  it.each(['127.0.0.1', '::1'])(
    'asks the box at %s for its local name, and is healthy while it answers',
    async (address) => {
      const box = await open(address);
      const selfCheck = check(() => [{ address, port: box.port }]);
      nowMs += 6_000;
      await vi.waitFor(() => expect(selfCheck.healthy()).toBe(true));
      expect(new Set(box.asked)).toEqual(new Set([`${NAME} A`]));
    },
  );

  it('is healthy at the start, and no longer than its patience without an answer', async () => {
    const box = await open();
    box.answer = () => null;
    const selfCheck = check(() => [{ address: '127.0.0.1', port: box.port }]);
    expect(selfCheck.healthy()).toBe(true);
    await vi.waitFor(() => expect(box.asked.length).toBeGreaterThan(2));
    nowMs += 5_000;
    expect(selfCheck.healthy()).toBe(true);
    nowMs += 1;
    expect(selfCheck.healthy()).toBe(false);
    box.answer = NO_ERROR;
    await vi.waitFor(() => expect(selfCheck.healthy()).toBe(true));
  });

  it.each<[string, (query: Buffer) => Buffer, boolean]>([
    ['REFUSED, as a policy without the box’s own network says', (query) => answerTo(query, 5), true],
    ['SERVFAIL', (query) => answerTo(query, 2), false],
    ['NXDOMAIN for its own name', (query) => answerTo(query, 3), false],
    ['its own query, come back', (query) => query, false],
    ['an answer to another question', (query) => Buffer.from(answerTo(query, 0)).fill(~query[0]! & 0xff, 0, 1), false],
    ['three octets', (query) => query.subarray(0, 3), false],
  ])('judges %s', async (_, answer, right) => {
    const box = await open();
    box.answer = answer;
    const selfCheck = check(() => [{ address: '127.0.0.1', port: box.port }]);
    nowMs += 6_000;
    await vi.waitFor(() => expect(box.asked.length).toBeGreaterThan(4));
    if (right) await vi.waitFor(() => expect(selfCheck.healthy()).toBe(true));
    else expect(selfCheck.healthy()).toBe(false);
  });

  it('asks every address in turn, so that one that went away is no failure', async () => {
    const [gone, stays] = [await openAnswerer(), await open()];
    gone.close();
    const selfCheck = check(() => [
      { address: '127.0.0.1', port: gone.port },
      { address: '127.0.0.1', port: stays.port },
    ]);
    nowMs += 6_000;
    await vi.waitFor(() => expect(selfCheck.healthy()).toBe(true));
  });

  it('does not blame a box that has no address, and gives a new address its time', async () => {
    const box = await open();
    box.answer = () => null;
    let places: { address: string; port: number }[] = [];
    let turns = 0;
    const selfCheck = check(() => {
      turns++;
      return places;
    });
    nowMs += 60_000;
    expect(selfCheck.healthy()).toBe(true);
    turns = 0;
    // A whole turn after the time has passed: it notes that there was nobody to ask.
    await vi.waitFor(() => expect(turns).toBeGreaterThan(1));
    places = [{ address: '127.0.0.1', port: box.port }];
    expect(selfCheck.healthy()).toBe(true);
    nowMs += 5_001;
    expect(selfCheck.healthy()).toBe(false);
  });

  it('asks no more once it is stopped', async () => {
    const box = await open();
    const turns = { stopped: 0, running: 0 };
    const places = (which: keyof typeof turns) => () => {
      turns[which]++;
      return [{ address: '127.0.0.1', port: box.port }];
    };
    const selfCheck = check(places('stopped'));
    check(places('running'));
    await vi.waitFor(() => expect(turns.stopped).toBeGreaterThan(1));
    selfCheck.stop();
    const { stopped, running } = turns;
    await vi.waitFor(() => expect(turns.running).toBeGreaterThan(running + 5));
    expect(turns.stopped).toBe(stopped);
  });
});

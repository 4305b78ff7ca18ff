/** A real box whose upstreams are silent, late, wrong or gone: whoever can be served is, and nobody waits for ever. */
import packet, { type Packet } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import { dataOf, type Reply } from '../../support/dns-client.ts';
import {
  type Asked,
  encodeReply,
  everyNameHasAnAddress,
  rcode,
  startTestUpstream,
  type TestUpstream,
} from '../../support/test-upstream.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function upstream(...args: Parameters<typeof startTestUpstream>): Promise<TestUpstream> {
  const started = await startTestUpstream(...args);
  ends.push(() => started.close());
  return started;
}

async function boxWith(upstreams: readonly string[]): Promise<BoxProcess> {
  const box = await startBoxProcess({ upstreams, settings: { policy: alwaysOpenPolicy() } });
  ends.unshift(() => box.remove());
  return box;
}

const healthOf = async (box: BoxProcess) =>
  ((await box.health()).upstreams as { healthy: boolean }[]).map(({ healthy }) => healthy);

const summary = ({ rcode: code, answers }: Reply) => [code, answers?.length];

describe('a box whose upstream is silent', () => {
  it('answers SERVFAIL within two seconds, over UDP and TCP', async () => {
    const silent = await upstream(() => null);
    const box = await boxWith([silent.url]);
    for (const reply of await Promise.all([box.ask('a.example'), box.askTcp('b.example')])) {
      expect(reply.rcode).toBe('SERVFAIL');
      expect(reply.tookMs).toBeLessThan(2_000);
    }
    expect(silent.timesAsked('a.example')).toBeGreaterThanOrEqual(1);
  });

  it('serves what it knows, what it blocks and its own name while others wait', async () => {
    const flaky = await upstream();
    const box = await boxWith([flaky.url]);
    expect(dataOf(await box.ask('known.example'), 'A')).toEqual(['192.0.2.1']);
    flaky.answer = () => null;

    let waiting = 200;
    const waiters = Array.from({ length: waiting }, async (_, n) => {
      const reply = await box.ask(`waits-${n}.example`);
      waiting--;
      return reply.rcode;
    });
    await expect.poll(() => flaky.asked.length).toBeGreaterThan(100);
    const served = [
      await box.ask('known.example'),
      await box.ask('www.tiktok.com'),
      await box.ask('stairgate.home.arpa'),
      await box.askTcp('www.tiktok.com'),
    ];
    expect(waiting).toBe(200);
    expect(served.map(summary)).toEqual([
      ['NOERROR', 1],
      ['NXDOMAIN', 0],
      ['NOERROR', 1],
      ['NXDOMAIN', 0],
    ]);
    expect(new Set(await Promise.all(waiters))).toEqual(new Set(['SERVFAIL']));
  });

  it('keeps an answer that comes too late for the client, for its next try', async () => {
    const flaky = await upstream(() => null);
    const box = await boxWith([flaky.url]);
    const first = box.ask('late.example');
    await expect.poll(() => flaky.timesAsked('late.example')).toBe(1);
    // The second attempt, 1.5 s later, is answered when the client has been told SERVFAIL already.
    flaky.answer = everyNameHasAnAddress;
    flaky.delayMs = 800;
    expect((await first).rcode).toBe('SERVFAIL');
    await expect.poll(async () => (await box.ask('late.example')).rcode, { timeout: 10_000 }).toBe('NOERROR');
    expect(flaky.timesAsked('late.example')).toBe(2);
  });

  it('answers the next try where every answer comes later than a client waits', async () => {
    const slow = await upstream();
    const box = await boxWith([slow.url]);
    slow.delayMs = 2_500;
    const first = await box.ask('slow.example');
    expect([first.rcode, first.tookMs < 2_000]).toEqual(['SERVFAIL', true]);
    // Half a second later the answer to the first try is there, and the second one has it.
    expect(summary(await box.ask('slow.example'))).toEqual(['NOERROR', 1]);
    expect(summary(await box.ask('slow.example'))).toEqual(['NOERROR', 1]);
    expect(slow.timesAsked('slow.example')).toBe(2);
  });

  it('lets a try that comes at the end of a look-up wait as long as the first', async () => {
    const flaky = await upstream(() => null);
    const box = await boxWith([flaky.url]);
    // A look-up ends after 5 s: in the middle of the third try.
    for (const name of ['late.example', 'late.example']) expect((await box.ask(name)).rcode).toBe('SERVFAIL');
    expect(flaky.timesAsked('late.example')).toBe(2);
    const third = box.ask('late.example');
    flaky.answer = everyNameHasAnAddress;
    expect(summary(await third)).toEqual(['NOERROR', 1]);
    expect(flaky.timesAsked('late.example')).toBe(3);
  });

  it('is told healthy again with the first answer', async () => {
    const flaky = await upstream(() => null);
    const box = await boxWith([flaky.url]);
    await Promise.all(['a', 'b', 'c'].map((label) => box.ask(`${label}.example`)));
    await expect.poll(() => healthOf(box)).toEqual([false]);
    flaky.answer = everyNameHasAnAddress;
    expect((await box.ask('d.example')).rcode).toBe('NOERROR');
    await expect.poll(() => healthOf(box)).toEqual([true]);
  });
});

describe('a box with a second upstream', () => {
  it('asks it when the first is silent, and after a few failures asks it first', async () => {
    const [first, second] = [await upstream(() => null), await upstream()];
    const box = await boxWith([first.url, second.url]);
    const replies = await Promise.all(['a', 'b', 'c'].map((label) => box.ask(`${label}.example`)));
    expect(replies.map(summary)).toEqual(Array(3).fill(['NOERROR', 1]));
    await expect.poll(() => healthOf(box)).toEqual([false, true]);
    expect(summary(await box.ask('d.example'))).toEqual(['NOERROR', 1]);
    expect(first.timesAsked('d.example')).toBe(0);
  });

  it.each([
    ['refuses', rcode.REFUSED],
    ['fails', rcode.SERVFAIL],
  ])('asks it when the first %s', async (_, code) => {
    const [first, second] = [await upstream(() => code), await upstream()];
    const box = await boxWith([first.url, second.url]);
    expect(summary(await box.ask('a.example'))).toEqual(['NOERROR', 1]);
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
  });
});

describe('a box that many ask for one name at once', () => {
  it('asks upstream once, and gives the answer to all', async () => {
    const slow = await upstream();
    slow.delayMs = 300;
    const box = await boxWith([slow.url]);
    const replies = await Promise.all([
      ...Array.from({ length: 20 }, (_, n) => box.ask(n % 2 === 0 ? 'one.example' : 'ONE.example')),
      ...Array.from({ length: 5 }, () => box.askTcp('one.example')),
    ]);
    expect(replies.map(summary)).toEqual(Array(25).fill(['NOERROR', 1]));
    expect(slow.timesAsked('one.example')).toBe(1);
  });

  it('asks upstream once for names and types that differ only for the client', async () => {
    const server = await upstream();
    const box = await boxWith([server.url]);
    for (const payloadBytes of [512, 1232, 4096]) await box.ask('one.example', { payloadBytes });
    await box.askTcp('one.example');
    await box.ask('one.example', { type: 'AAAA' });
    expect(server.asked.map(({ name, type }) => `${name} ${type}`)).toEqual(['one.example A', 'one.example AAAA']);
  });
});

describe('a box whose upstream answers wrongly', () => {
  const chain = (length: number) => (asked: Asked) =>
    Array.from({ length }, (_, n) => ({
      type: 'CNAME' as const,
      name: n === 0 ? asked.name : `c${n}.example`,
      data: `c${n + 1}.example`,
      ttl: 60,
    }));

  const wrong: readonly (readonly [string, Parameters<typeof startTestUpstream>[0]])[] = [
    ['half a header', () => Buffer.alloc(6)],
    [
      'a record that ends behind the message',
      (_, query) => encodeReply(query, [{ type: 'A', name: 'a.example', data: '192.0.2.1' }]).subarray(0, -2),
    ],
    ['more records than it says', (_, query) => withCount(encodeReply(query, []), 3)],
    ['a chain without end', chain(40)],
    ['pointers that go round', (_, query) => Buffer.concat([withCount(encodeReply(query, []), 1), loop])],
  ];
  for (const [what, answer] of wrong) {
    it(`answers SERVFAIL to ${what}`, async () => {
      const server = await upstream(answer);
      const box = await boxWith([server.url]);
      const reply = await box.ask('a.example');
      expect(summary(reply)).toEqual(['SERVFAIL', 0]);
      expect(box.running).toBe(true);
    });
  }

  it('passes nothing on that was not asked for', async () => {
    const extra = { type: 'A' as const, name: 'bank.example', ttl: 60, data: '192.0.2.66' };
    const server = await upstream((asked, query) => {
      const reply = packet.decode(encodeReply(query, everyNameHasAnAddress(asked)));
      return packet.encode({ ...reply, additionals: [extra] } as Packet);
    });
    const box = await boxWith([server.url]);
    const reply = await box.ask('a.example');
    expect([dataOf(reply, 'A'), reply.additionals]).toEqual([['192.0.2.1'], []]);
  });
});

/** A CNAME whose data points to itself. */
const loop = Buffer.from([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 39]);

function withCount(message: Buffer, answers: number): Buffer {
  const changed = Buffer.concat([message]);
  changed.writeUInt16BE(answers, 6);
  return changed;
}

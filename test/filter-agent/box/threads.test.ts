/** A box with several answering threads is one box: one cache behind them, one policy, one count, one stop. */
import { createSocket } from 'node:dgram';
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { DataPlane } from '../../../filter-agent/data-plane.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox, startBoxProcess } from '../../support/box-process.ts';
import { freePort } from '../../support/free-port.ts';
import { smallGeneration, smallImage } from '../../support/small-policy.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

async function boxWithThreads(answeringThreads: number): Promise<{ box: BoxProcess; upstream: TestUpstream }> {
  const upstream = await startTestUpstream();
  const box = await startBoxProcess({
    upstreams: [upstream.url],
    settings: { policy: alwaysOpenPolicy(), answeringThreads },
  });
  ends.push(
    () => box.remove(),
    () => upstream.close(),
  );
  return { box, upstream };
}

describe('a box with three answering threads', () => {
  it('gives every client the right answer, whichever thread the kernel gives it to', async () => {
    const { box, upstream } = await boxWithThreads(3);
    // A new socket, and so a new port, for each: the kernel spreads them by it.
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, n) => box.ask(n % 3 === 0 ? 'www.tiktok.com' : `n${n % 10}.example`)),
    );
    for (const [n, { rcode, answers }] of replies.entries()) {
      expect([rcode, answers?.length]).toEqual(n % 3 === 0 ? ['NXDOMAIN', 0] : ['NOERROR', 1]);
    }
    expect(upstream.asked).toHaveLength(10);
    expect(await box.metric('stairgate_blocked_total')).toBe(100);
    // Each thread has its own cache: what one has looked up is not yet in the others'.
    expect(await box.metric('stairgate_forwarded_total')).toBeGreaterThan(10);
  });

  it('answers at a higher priority than it does everything else', async () => {
    const { box } = await boxWithThreads(2);
    const priorities = new Map<string, number[]>();
    for (const id of readdirSync(`/proc/${box.pid}/task`)) {
      const stat = readFileSync(`/proc/${box.pid}/task/${id}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      // Field 19 of proc(5); the second of those behind the name is the third.
      const nice = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
      priorities.set(name, [...(priorities.get(name) ?? []), nice]);
    }
    const own = getPriority();
    expect(priorities.get('answering 1')).toEqual([own]);
    expect(priorities.get('answering 2')).toEqual([own]);
    expect(priorities.get('resolving')).toEqual([own]);
    for (const name of ['answering 1', 'answering 2', 'resolving']) priorities.delete(name);
    // Control, and the helpers of Node and V8 that all threads share.
    expect(priorities.size).toBeGreaterThan(1);
    expect(new Set([...priorities.values()].flat())).toEqual(new Set([own + 10]));
  });

  it('stops with code 0 while queries wait for a silent upstream', async () => {
    const { box, upstream } = await boxWithThreads(3);
    upstream.answer = () => null;
    const waiting = Array.from({ length: 30 }, (_, n) =>
      box.ask(`w${n}.example`, { timeoutMs: 500 }).catch(() => null),
    );
    await expect.poll(() => upstream.asked.length).toBeGreaterThanOrEqual(30);
    expect(await box.stop()).toBe(0);
    expect(box.stderr).toBe('');
    await Promise.all(waiting);
  });

  it('does not let a second one take a part of its clients', async () => {
    const { box } = await boxWithThreads(3);
    const { port } = box.server;
    const second = await prepareBox({ port, settings: { policy: alwaysOpenPolicy(), answeringThreads: 3 } });
    ends.unshift(() => second.remove());
    await second.startWithoutWaiting();
    expect(await second.exited()).toBe(1);
    expect(second.stderr).toContain(`Another program already answers at 127.0.0.1:${port} over UDP: stop it`);
    expect((await box.ask('www.tiktok.com')).rcode).toBe('NXDOMAIN');
  });

  it.skipIf(process.platform !== 'linux')(
    'has them all at the same sockets, where another program holds one',
    async () => {
      const port = await freePort();
      const other = createSocket('udp4');
      await new Promise<void>((resolve) => other.bind(port, '127.0.0.53', resolve));
      const threads = new DataPlane({
        answeringThreads: 3,
        upstreams: [],
        cacheBytes: 1 << 20,
        siteName: 'stairgate.home.arpa',
        onDeath: () => {},
        onBroken: () => {},
      });
      ends.push(
        () => threads.stop(),
        () => new Promise((resolve) => other.close(() => resolve())),
      );
      await threads.publish(smallGeneration(smallImage([['social', 'social.example']])));
      const specs = ['127.0.0.1', '127.0.0.53', '127.0.0.2'].map(
        (address) => ({ address, port, site4: null, site6: null, shared: '0.0.0.0' }) as const,
      );
      for (let round = 0; round < 2; round++) {
        const { udp, failed } = await threads.listen(specs);
        expect(udp.map(({ address }) => address).toSorted()).toEqual(['127.0.0.1', '127.0.0.2']);
        expect(failed).toMatchObject([{ address: '127.0.0.53', code: 'EADDRINUSE', protocol: 'udp' }]);
        const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
        const held = readFileSync('/proc/net/udp', 'utf8').matchAll(/: ([0-9A-F]{8}):([0-9A-F]{4}) /g);
        const ours = [...held].filter(([, , at]) => at === hexPort).map(([, address]) => address);
        // In the order of memory: 127.0.0.1, 127.0.0.2, 127.0.0.53.
        expect(ours.toSorted()).toEqual([...Array(3).fill('0100007F'), ...Array(3).fill('0200007F'), '3500007F']);
      }
    },
  );
});

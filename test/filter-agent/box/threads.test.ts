/** A box with several answering threads is one box: one cache behind them, one policy, one count, one stop. */
import { afterEach, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, prepareBox, startBoxProcess } from '../../support/box-process.ts';
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
});

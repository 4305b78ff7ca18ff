/** What one client may cost upstream: past its limit it is told so, and nobody else notices. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import type { Reply } from '../../support/dns-client.ts';
import { startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

/** Twenty seconds' worth may come at once. */
const BURST = 20;

describe('a box with a limit of look-ups', () => {
  let upstream: TestUpstream;
  let box: BoxProcess;
  let names = 0;

  beforeAll(async () => {
    upstream = await startTestUpstream();
    box = await startBoxProcess({
      upstreams: [upstream.url],
      settings: {
        policy: alwaysOpenPolicy(),
        answeringThreads: 1,
        lookUps: { perClientPerSecond: 1, exempt: ['127.0.0.9', '127.0.1.0/24'] },
      },
    });
  });
  afterAll(async () => {
    await box?.remove();
    await upstream?.close();
  });

  const ways = {
    UDP: { ask: (name: string, from: string) => box.ask(name, { from }), past: { rcode: 'NOERROR', flag_tc: true } },
    TCP: { ask: (name: string, from: string) => box.askTcp(name, { from }), past: { rcode: 'REFUSED' } },
  };

  describe.each(Object.entries(ways))('over %s', (_, { ask, past }) => {
    async function askNew(from: string, count: number): Promise<Reply[]> {
      const replies: Reply[] = [];
      for (; count > 0; count--) replies.push(await ask(`n${++names}.example`, from));
      return replies;
    }
    const isAnswer = (reply: Reply) => reply.rcode === 'NOERROR' && reply.answers?.length === 1;

    it('stops one client at it, and serves the others', async () => {
      const replies = await askNew('127.0.0.5', 2 * BURST);
      expect(replies.slice(0, BURST).every(isAnswer)).toBe(true);
      const asked = upstream.asked.length;
      expect(replies.filter((reply) => !isAnswer(reply)).length).toBeGreaterThan(0);
      for (const reply of replies) if (!isAnswer(reply)) expect(reply).toMatchObject(past);
      expect(replies.filter(isAnswer).length).toBeLessThan(2 * BURST);
      expect((await askNew('127.0.0.6', 5)).every(isAnswer)).toBe(true);
      expect(upstream.asked.length).toBe(asked + 5);
    });

    it('still answers it from memory, and blocks what is blocked', async () => {
      const known = `n${names}.example`;
      expect(isAnswer(await ask(known, '127.0.0.6'))).toBe(true);
      expect(isAnswer(await ask(known, '127.0.0.5'))).toBe(true);
      expect(await ask('tiktok.com', '127.0.0.5')).toMatchObject({ rcode: 'NXDOMAIN' });
    });

    it.each(['127.0.0.9', '127.0.1.200'])('never stops %s, which is exempt', async (from) => {
      expect((await askNew(from, 2 * BURST)).every(isAnswer)).toBe(true);
    });
  });

  it('counts what it stopped', async () => {
    expect(await box.metric('stairgate_rate_limited_total')).toBeGreaterThan(1);
  });
});

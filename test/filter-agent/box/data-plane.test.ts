/** The threads as the composition root has them: started, given rules, and told of when one is gone. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DataPlane, type DataPlaneOptions } from '../../../filter-agent/data-plane.ts';
import { askTcp, askUdp } from '../../support/dns-client.ts';
import { smallGeneration, smallImage } from '../../support/small-policy.ts';
import { startTestUpstream } from '../../support/test-upstream.ts';

function plane(
  cacheBytes: number,
  deaths: Error[],
  over: Partial<Pick<DataPlaneOptions, 'upstreams' | 'batched'>> = {},
): DataPlane {
  const options: DataPlaneOptions = {
    answeringThreads: 1,
    upstreams: [],
    cacheBytes,
    siteName: 'stairgate.home.arpa',
    onDeath: (error) => deaths.push(error),
    onBroken: () => {},
    ...over,
  };
  return new DataPlane(options);
}

const generation = smallGeneration(smallImage([['social', 'social.example']]));

describe.each([
  { way: 'by batches', batched: true },
  { way: 'through dgram', batched: false },
])('the data plane, UDP $way', ({ batched }) => {
  it('hands a generation to every thread before it listens', async () => {
    const deaths: Error[] = [];
    const threads = plane(1 << 20, deaths, { batched });
    await threads.publish(generation);
    const { udp, tcp, failed } = await threads.listen([
      { address: '127.0.0.1', port: 0, site4: null, site6: null, shared: null },
    ]);
    expect([udp.length, tcp.length, failed]).toEqual([1, 1, []]);
    await threads.stop();
    expect(deaths).toEqual([]);
  });

  it('outlives an address that goes away while its clients wait', async () => {
    const deaths: Error[] = [];
    const silent = await startTestUpstream(() => null);
    const { url, address, port } = silent;
    const plain = { serverName: null, path: null, ca: null };
    const upstreams = [{ name: url, protocol: 'udp', addresses: [address], port, ...plain }] as const;
    const threads = plane(1 << 20, deaths, { batched, upstreams });
    await threads.publish(generation);
    const listen = (at: string) => threads.listen([{ address: at, port: 0, site4: null, site6: null, shared: null }]);
    const gone = await listen('127.0.0.1');
    const waiting = [
      askUdp(gone.udp[0]!, 'waits.example', { timeoutMs: 1_000 }),
      askTcp(gone.tcp[0]!, 'waits.example', { timeoutMs: 1_000 }),
    ];
    const unanswered = Promise.allSettled(waiting);
    await expect.poll(() => silent.asked.length).toBeGreaterThanOrEqual(1);
    const { udp, tcp } = await listen('127.0.0.2');
    // Whoever waits for the same name is answered after those that are gone: by then their answers were dropped.
    const replies = await Promise.all([askUdp(udp[0]!, 'waits.example'), askTcp(tcp[0]!, 'waits.example')]);
    expect(replies.map(({ rcode }) => rcode)).toEqual(['SERVFAIL', 'SERVFAIL']);
    expect((await unanswered).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await threads.stop();
    await silent.close();
    expect(deaths).toEqual([]);
  });

  it('takes a generation at once, and stops at once, while nobody asks', async () => {
    const deaths: Error[] = [];
    const threads = plane(1 << 20, deaths, { batched });
    await threads.publish(generation);
    await threads.listen([{ address: '127.0.0.1', port: 0, site4: null, site6: null, shared: null }]);
    // A thread that slept in poll through each of these would need ten seconds; the test's own limit is five.
    for (let number = 2; number <= 11; number++) await threads.publish({ ...generation, number });
    await threads.stop();
    expect(deaths).toEqual([]);
  });

  it('leaves no descriptor open when it has stopped', async () => {
    const deaths: Error[] = [];
    const descriptors = () => readdirSync('/proc/self/fd').length;
    const before = descriptors();
    for (let n = 0; n < 5; n++) {
      const threads = plane(1 << 20, deaths, { batched });
      await threads.publish(generation);
      await threads.listen([{ address: '127.0.0.1', port: 0, site4: null, site6: null, shared: null }]);
      await threads.stop();
    }
    await expect.poll(descriptors).toBeLessThan(before + 5);
    expect(deaths).toEqual([]);
  });
});

describe('the data plane', () => {
  it('says at once which thread failed and why, to whoever waits for a generation', async () => {
    const deaths: Error[] = [];
    // No cache can have this size: the resolving thread throws when it is made.
    const threads = plane(-1, deaths);
    await expect(threads.publish(generation)).rejects.toThrow(/^The resolving thread failed: /);
    expect(deaths[0]?.message).toMatch(/^The resolving thread failed: /);
    await threads.stop();
  });
});

/**
 * Who is asked for what, and what a client gets when nobody answers: the resolver with real upstreams on real sockets.
 * The clock that ages answers can be put ahead; everything else takes the time that it takes.
 */
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Ede } from '../../../filter-agent/answering/dns-answer.ts';
import { type Looked, Resolver } from '../../../filter-agent/resolving/resolver.ts';
import type { UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { createUdpUpstream } from '../../../filter-agent/resolving/upstream-udp.ts';
import { Upstreams } from '../../../filter-agent/resolving/upstreams.ts';
import { Counter } from '../../../filter-agent/shared-memory.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { everyNameHasAnAddress, rcode, startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const types = { A: 1, NS: 2, PTR: 12, AAAA: 28, DS: 43 };
const HOUR_MS = 3_600_000;

/** How far ahead the box's monotonic clock is. */
let aheadMs = 0;
const ends: (() => Promise<void> | void)[] = [];
beforeEach(() => {
  aheadMs = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + aheadMs);
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  vi.restoreAllMocks();
});

async function testUpstream(...args: Parameters<typeof startTestUpstream>): Promise<TestUpstream> {
  const upstream = await startTestUpstream(...args);
  ends.push(() => upstream.close());
  return upstream;
}

const upstreamsOf = (...servers: readonly TestUpstream[]) =>
  new Upstreams(
    servers.map(({ url, address, port }) => createUdpUpstream(url, address, port)),
    () => {},
  );

interface Options {
  readonly forward?: readonly { readonly zones: readonly string[]; readonly to: TestUpstream }[];
  readonly allowPrivateAnswers?: readonly string[];
}

class Asking {
  readonly resolver: Resolver;
  readonly counted = new Map<number, number>();

  constructor(upstream: TestUpstream, { forward = [], allowPrivateAnswers = [] }: Options = {}) {
    this.resolver = new Resolver({
      upstreams: upstreamsOf(upstream),
      forward: forward.map(({ zones, to }) => ({ zones, upstreams: upstreamsOf(to) })),
      allowPrivateAnswers,
      siteName: 'stairgate.home.arpa',
      cacheBytes: 1 << 20,
      count: (counter) => this.counted.set(counter, (this.counted.get(counter) ?? 0) + 1),
    });
    ends.unshift(() => this.resolver.close());
  }

  async ask(name: string, type: keyof typeof types = 'A'): Promise<Looked & { tookMs: number }> {
    const startedAtMs = performance.now();
    const looked = await new Promise<Looked>((resolve) => this.resolver.lookUp(question(name, type), resolve));
    return { ...looked, tookMs: performance.now() - startedAtMs };
  }
}

function question(name: string, type: keyof typeof types = 'A'): UpstreamQuestion {
  return { name: encodeName(name), type: types[type], class: 1, dnssecOk: false, checkingDisabled: false };
}

/** "192.0.2.1" or "NXDOMAIN", "NODATA", "REFUSED", "failed"; with " stale" and " EDE 3" where these go with it. */
function summary({ message, stale, ede }: Looked): string {
  const suffix = `${stale ? ' stale' : ''}${ede === 0 ? '' : ` EDE ${ede}`}`;
  if (message === null) return `failed${suffix}`;
  const said = packet.decode(Buffer.from(message)) as DecodedPacket & { rcode: string };
  const data = said.answers?.map((answer) => String((answer as { data: unknown }).data)).join(' ') ?? '';
  return `${data !== '' ? data : said.rcode === 'NOERROR' ? 'NODATA' : said.rcode}${suffix}`;
}

const ttlsOf = ({ message }: Looked) => {
  const { answers, authorities } = packet.decode(Buffer.from(message!));
  return [...(answers ?? []), ...(authorities ?? [])].map((record) => (record as { ttl: number }).ttl);
};

const a = (name: string, data: string, ttl = 300): Answer => ({ type: 'A', name, ttl, data });

describe('an answer that has expired', () => {
  it('is given for as long as a day when the look-up takes longer than a client waits, for 30 s and with its reason', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    expect(summary(await asking.ask('known.example'))).toBe('192.0.2.1');
    aheadMs = HOUR_MS;
    upstream.answer = () => null;
    const first = await asking.ask('known.example');
    expect(summary(first)).toBe(`192.0.2.1 stale EDE ${Ede.STALE}`);
    expect([first.cacheable, first.ageSeconds, ttlsOf(first)]).toEqual([false, 0, [30]]);
    expect(first.tookMs).toBeGreaterThan(1_500);
    expect(first.tookMs).toBeLessThan(2_000);
    // The look-up is still under way: nobody has to wait for it any more.
    const second = await asking.ask('known.example');
    expect([summary(second), second.tookMs < 100]).toEqual([`192.0.2.1 stale EDE ${Ede.STALE}`, true]);
    expect(asking.counted.get(Counter.stale)).toBe(2);
    expect(summary(await asking.ask('unknown.example'))).toBe(`failed EDE ${Ede.NO_REACHABLE_AUTHORITY}`);
  });

  it('is given when it says that a name does not exist, too', async () => {
    const soa = { mname: 'ns.example', rname: 'x.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 };
    const upstream = await testUpstream((_, query) =>
      packet.encode({
        type: 'response',
        id: query.id ?? 0,
        flags: rcode.NXDOMAIN,
        questions: query.questions ?? [],
        authorities: [{ type: 'SOA', name: 'example', ttl: 60, data: soa }],
      }),
    );
    const asking = new Asking(upstream);
    expect(summary(await asking.ask('gone.example'))).toBe('NXDOMAIN');
    aheadMs = HOUR_MS;
    upstream.answer = () => rcode.SERVFAIL;
    const stale = await asking.ask('gone.example');
    expect([summary(stale), ttlsOf(stale)]).toEqual([`NXDOMAIN stale EDE ${Ede.STALE_NXDOMAIN}`, [30]]);
  });

  it('gives way to a fresh one that comes in time', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    await asking.ask('known.example');
    aheadMs = HOUR_MS;
    upstream.answer = ({ name }) => [a(name, '192.0.2.2')];
    upstream.delayMs = 300;
    expect(summary(await asking.ask('known.example'))).toBe('192.0.2.2');
  });

  it('is not given after a day', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    await asking.ask('known.example');
    upstream.answer = () => rcode.SERVFAIL;
    aheadMs = 23 * HOUR_MS;
    expect(summary(await asking.ask('known.example'))).toBe(`192.0.2.1 stale EDE ${Ede.STALE}`);
    aheadMs = 25 * HOUR_MS;
    expect(summary(await asking.ask('known.example'))).toBe('SERVFAIL');
  });

  it('is not given where an upstream refuses: so do some filters say that a name is blocked now', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    await asking.ask('known.example');
    aheadMs = HOUR_MS;
    upstream.answer = () => rcode.REFUSED;
    expect(summary(await asking.ask('known.example'))).toBe('REFUSED');
    expect(summary(await asking.ask('known.example'))).toBe(`REFUSED EDE ${Ede.CACHED_ERROR}`);
  });

  it('is given at once while no upstream has answered of late, until one does', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    for (const label of ['a', 'b']) await asking.ask(`${label}.example`);
    aheadMs = HOUR_MS;
    upstream.answer = () => null;
    await Promise.all(['c', 'd', 'e'].map((label) => asking.ask(`${label}.example`)));
    const stale = await asking.ask('a.example');
    expect([summary(stale), stale.tookMs < 100]).toEqual([`192.0.2.1 stale EDE ${Ede.STALE}`, true]);
    upstream.answer = ({ name }) => [a(name, '192.0.2.2')];
    await expect.poll(async () => summary(await asking.ask('b.example')), { timeout: 5_000 }).toBe('192.0.2.2');
  });
});

describe('a look-up that failed', () => {
  it('is not tried again by every retry, and says so', async () => {
    const upstream = await testUpstream(() => rcode.SERVFAIL);
    const asking = new Asking(upstream);
    expect(summary(await asking.ask('broken.example'))).toBe('SERVFAIL');
    for (let n = 0; n < 5; n++) {
      expect(summary(await asking.ask('broken.example'))).toBe(`SERVFAIL EDE ${Ede.CACHED_ERROR}`);
    }
    expect(upstream.timesAsked('broken.example')).toBe(1);
    aheadMs = 5_000;
    upstream.answer = everyNameHasAnAddress;
    expect(summary(await asking.ask('broken.example'))).toBe('192.0.2.1');
  });

  it('stands until an upstream is back, where none could be reached', async () => {
    const upstream = await testUpstream();
    await upstream.close();
    ends.pop();
    const asking = new Asking(upstream);
    expect(summary(await asking.ask('lost.example'))).toBe(`failed EDE ${Ede.NO_REACHABLE_AUTHORITY}`);
    await testUpstream(everyNameHasAnAddress, upstream.port);
    expect(summary(await asking.ask('lost.example'))).toBe(`failed EDE ${Ede.CACHED_ERROR}`);
    asking.resolver.upstreamIsBack();
    expect(summary(await asking.ask('lost.example'))).toBe('192.0.2.1');
  });

  it('takes no place of an answer', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    await asking.ask('known.example');
    upstream.answer = () => rcode.SERVFAIL;
    asking.resolver.refresh(question('known.example'));
    await expect.poll(() => upstream.asked.length).toBe(2);
    expect(summary(await asking.ask('known.example'))).toBe('192.0.2.1');
    aheadMs = HOUR_MS;
    expect(summary(await asking.ask('known.example'))).toBe(`192.0.2.1 stale EDE ${Ede.STALE}`);
  });

  it('is SERVFAIL to the client, whatever the upstream called it, and carries no records', async () => {
    const ODD = 13;
    const upstream = await testUpstream((asked, query) => {
      const reply = packet.encode({
        type: 'response',
        id: query.id ?? 0,
        questions: query.questions ?? [],
        answers: everyNameHasAnAddress(asked),
      });
      reply[3] = 0x80 | ODD;
      return reply;
    });
    expect(summary(await new Asking(upstream).ask('odd.example'))).toBe('SERVFAIL');
  });

  it('holds nobody longer than its while, and the question no longer than twice a look-up', async () => {
    const upstream = await testUpstream(() => null);
    const asking = new Asking(upstream);
    const startedAtMs = performance.now();
    const answered: Promise<Looked & { tookMs: number }>[] = [];
    let isOver = false;
    // Somebody is always aboard.
    const timer = setInterval(() => {
      const answer = asking.ask('bomb.example');
      answered.push(answer);
      void answer.then(({ ede }) => {
        isOver ||= ede === Ede.CACHED_ERROR;
      });
    }, 250);
    ends.push(() => clearInterval(timer));
    await expect.poll(() => isOver, { timeout: 15_000 }).toBe(true);
    clearInterval(timer);
    const tookMs = performance.now() - startedAtMs;
    expect([tookMs > 9_000, tookMs < 12_000]).toEqual([true, true]);
    for (const { tookMs: waitedMs } of await Promise.all(answered)) expect(waitedMs).toBeLessThan(2_000);
    // Two in each of the two: a datagram may be lost.
    expect(upstream.timesAsked('bomb.example')).toBe(4);
  });
});

describe('a question that many ask at once', () => {
  it('is asked upstream once, and answered to all', async () => {
    const upstream = await testUpstream();
    upstream.delayMs = 100;
    const asking = new Asking(upstream);
    const answers = await Promise.all(Array.from({ length: 100 }, () => asking.ask('one.example')));
    expect(new Set(answers.map(summary))).toEqual(new Set(['192.0.2.1']));
    expect(upstream.asked.length).toBe(1);
  });
});

describe('a refresh', () => {
  it('takes the place of the answer before it expires, and of what a tenth is left it is asked for by itself', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    await asking.ask('popular.example');
    aheadMs = 200_000;
    await asking.ask('popular.example');
    expect(upstream.asked.length).toBe(1);
    aheadMs = 271_000;
    upstream.answer = ({ name }) => [a(name, '192.0.2.2')];
    const hit = await asking.ask('popular.example');
    expect([summary(hit), hit.ageSeconds]).toEqual(['192.0.2.1', 271]);
    await expect.poll(async () => summary(await asking.ask('popular.example'))).toBe('192.0.2.2');
    expect(upstream.asked.length).toBe(2);
    expect(asking.counted.get(Counter.refreshed)).toBe(1);
  });

  it('is left out where 64 are under way', async () => {
    const upstream = await testUpstream(() => null);
    const asking = new Asking(upstream);
    for (let n = 0; n < 100; n++) asking.resolver.refresh(question(`n${n}.example`));
    expect(asking.counted.get(Counter.refreshed)).toBe(64);
    await expect.poll(() => new Set(upstream.asked.map(({ name }) => name)).size).toBe(64);
  });
});

describe('private addresses', () => {
  const answer = ({ name, type }: { name: string; type: string }): Answer[] =>
    type !== 'A' ? [] : name.startsWith('blocked') ? [a(name, '0.0.0.0')] : [a(name, '192.168.1.1')];

  it('of a public answer are dropped, counted, and kept so', async () => {
    const upstream = await testUpstream(answer);
    const asking = new Asking(upstream);
    for (let n = 0; n < 2; n++) expect(summary(await asking.ask('rebind.example'))).toBe('NODATA');
    expect(upstream.asked.length).toBe(1);
    expect(asking.counted.get(Counter.privateDropped)).toBe(1);
  });

  it('reach the client where the settings let them, and as what filters answer', async () => {
    const upstream = await testUpstream(answer);
    const asking = new Asking(upstream, { allowPrivateAnswers: ['plex.example'] });
    expect(summary(await asking.ask('192-168-1-1.hash.plex.example'))).toBe('192.168.1.1');
    expect(summary(await asking.ask('plex.example'))).toBe('192.168.1.1');
    expect(summary(await asking.ask('simplex.example'))).toBe('NODATA');
    expect(summary(await asking.ask('blocked.example'))).toBe('0.0.0.0');
  });
});

describe('zones', () => {
  it('of the site are asked of nobody where nobody is named for them', async () => {
    const upstream = await testUpstream();
    const asking = new Asking(upstream);
    expect(summary(await asking.ask('printer.lan'))).toBe('NXDOMAIN');
    expect(summary(await asking.ask('4.1.168.192.in-addr.arpa', 'PTR'))).toBe('NXDOMAIN');
    expect(summary(await asking.ask('printer'))).toBe('NODATA');
    expect(summary(await asking.ask('localhost'))).toBe('127.0.0.1');
    asking.resolver.refresh(question('printer.lan'));
    expect(upstream.asked).toEqual([]);
  });

  it('that are forwarded are asked of that server only, the longest winning, and may hold private addresses', async () => {
    const privately = ({ name }: { name: string }) => [a(name, '192.168.1.7')];
    const upstream = await testUpstream();
    const [router, school] = [await testUpstream(privately), await testUpstream(privately)];
    const asking = new Asking(upstream, {
      forward: [
        { zones: ['lan', '168.192.in-addr.arpa', 'example'], to: router },
        { zones: ['office.lan', 'ad.school.example'], to: school },
      ],
    });
    for (const name of ['printer.lan', 'pc.office.lan', 'dc.ad.school.example', 'other.example', 'printer', 'lan']) {
      expect(summary(await asking.ask(name)), name).toBe('192.168.1.7');
    }
    await asking.ask('4.1.168.192.in-addr.arpa', 'PTR');
    expect(summary(await asking.ask('4.3.2.10.in-addr.arpa', 'PTR'))).toBe('NXDOMAIN');
    expect(summary(await asking.ask('site.example.org'))).toBe('192.0.2.1');
    expect(school.asked.map(({ name }) => name)).toEqual(['pc.office.lan', 'dc.ad.school.example']);
    expect(router.asked.length).toBe(5);
    expect(upstream.asked.map(({ name }) => name)).toEqual(['site.example.org']);
  });

  it('that are forwarded are never asked of the public upstream, even when their server fails', async () => {
    const upstream = await testUpstream();
    const router = await testUpstream(() => rcode.SERVFAIL);
    const asking = new Asking(upstream, { forward: [{ zones: ['lan'], to: router }] });
    expect(summary(await asking.ask('printer.lan'))).toBe('SERVFAIL');
    router.answer = () => null;
    expect(summary(await asking.ask('other.lan'))).toBe(`failed EDE ${Ede.NO_REACHABLE_AUTHORITY}`);
    expect(upstream.asked).toEqual([]);
  });

  it('are public for who walks the tree: top level domains, and how the parent delegates', async () => {
    const upstream = await testUpstream();
    const router = await testUpstream();
    const asking = new Asking(upstream, { forward: [{ zones: ['home.arpa'], to: router }] });
    await asking.ask('com', 'NS');
    await asking.ask('org', 'DS');
    await asking.ask('home.arpa', 'DS');
    expect(router.asked).toEqual([]);
    expect(upstream.asked.map(({ name, type }) => `${name} ${type}`)).toEqual(['com NS', 'org DS', 'home.arpa DS']);
  });
});

describe('closing', () => {
  it('answers whoever waits, at once', async () => {
    const asking = new Asking(await testUpstream(() => null));
    const waiting = Promise.all(['a', 'b', 'c'].map((label) => asking.ask(`${label}.example`)));
    asking.resolver.close();
    for (const looked of await waiting) expect([looked.message, looked.tookMs < 500]).toEqual([null, true]);
  });
});

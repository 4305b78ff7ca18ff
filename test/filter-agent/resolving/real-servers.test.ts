/** The real box in front of real servers: unbound resolves, nsd is authoritative, and the box judges what comes back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import { askTcp, askUdp, dataOf } from '../../support/dns-client.ts';
import { lacks, type NameServer, startNsd, startUnbound } from '../../support/name-servers.ts';

const text = (count: number) => Array.from({ length: count }, (_, n) => `"${String(n).padStart(240, 'x')}"`);

const zone = [
  'a.example. A 192.0.2.10',
  'a.example. AAAA 2001:db8::10',
  'four-only.example. A 192.0.2.11',
  'alias.example. CNAME alias-of-alias.example.',
  'alias-of-alias.example. CNAME a.example.',
  'leads-nowhere.example. CNAME absent.example.',
  'shop.example. CNAME media.shop.example.',
  'media.shop.example. CNAME www.tiktok.com.',
  'www.tiktok.com. A 192.0.2.66',
  'moved.example. DNAME tiktok.com.',
  'front.example. HTTPS 1 www.tiktok.com. alpn=h2',
  'plain.example. HTTPS 1 . alpn=h2',
  'loop-one.example. CNAME loop-two.example.',
  'loop-two.example. CNAME loop-one.example.',
  ...text(8).map((string) => `medium.example. TXT ${string}`),
  ...text(200).map((string) => `large.example. TXT ${string}`),
];

describe.skipIf(lacks('nsd', 'unbound'))('the box in front of unbound and nsd', () => {
  let nsd: NameServer;
  let unbound: NameServer;
  let box: BoxProcess;

  beforeAll(async () => {
    nsd = await startNsd(zone);
    unbound = await startUnbound(nsd);
    box = await startBoxProcess({
      upstreams: [`udp://127.0.0.1:${unbound.port}`],
      ipv6: true,
      settings: {
        policy: alwaysOpenPolicy({
          networks: [
            { name: 'Setting', range: '127.0.0.0/25', group: 'setting' },
            { name: 'Guests', range: '127.0.1.0/24', group: 'guest' },
            { name: 'IPv6', range: '::1/128', group: 'setting' },
          ],
        }),
      },
    });
  });
  afterAll(async () => {
    await box?.remove();
    await unbound?.remove();
    await nsd?.remove();
  });

  for (const transport of ['udp', 'tcp'] as const) {
    const ask = (...args: Parameters<BoxProcess['ask']>) =>
      transport === 'udp' ? box.ask(...args) : box.askTcp(...args);

    describe(`over ${transport.toUpperCase()}`, () => {
      it('gives the IPv4 and the IPv6 address of a name', async () => {
        expect(dataOf(await ask('a.example', { type: 'A' }), 'A')).toEqual(['192.0.2.10']);
        expect(dataOf(await ask('a.example', { type: 'AAAA' }), 'AAAA')).toEqual(['2001:db8::10']);
      });

      it('gives a whole CNAME chain, its links first', async () => {
        const reply = await ask('alias.example');
        expect(reply.answers?.map(({ name, type }) => [name, type])).toEqual([
          ['alias.example', 'CNAME'],
          ['alias-of-alias.example', 'CNAME'],
          ['a.example', 'A'],
        ]);
      });

      it('answers NXDOMAIN with the zone’s SOA for a name that does not exist', async () => {
        const reply = await ask('absent.example');
        expect([reply.rcode, reply.answers, reply.authorities?.[0]?.type]).toEqual(['NXDOMAIN', [], 'SOA']);
        expect(reply.authorities?.[0]).toMatchObject({ data: { mname: 'ns.root-test' } });
      });

      it('answers NXDOMAIN for a chain that leads to a name that does not exist', async () => {
        const reply = await ask('leads-nowhere.example');
        expect([reply.rcode, dataOf(reply, 'CNAME')]).toEqual(['NXDOMAIN', ['absent.example']]);
      });

      it('answers NODATA for a type that the name does not have', async () => {
        const reply = await ask('four-only.example', { type: 'AAAA' });
        expect([reply.rcode, reply.answers, reply.authorities?.[0]?.type]).toEqual(['NOERROR', [], 'SOA']);
      });

      it('answers SERVFAIL for a chain that goes round in circles', async () => {
        const reply = await ask('loop-one.example');
        expect([reply.rcode, dataOf(reply, 'A')]).toEqual(['SERVFAIL', []]);
      });

      it('blocks a name that its chain leads to a blocked service, and says nothing of where it led', async () => {
        const reply = await ask('shop.example', { payloadBytes: 1232 });
        expect([reply.rcode, reply.answers]).toEqual(['NOERROR', []]);
        expect(reply.authorities?.[0]).toMatchObject({ type: 'SOA', data: { mname: 'stairgate.invalid' } });
        expect(reply.bytes.includes('tiktok')).toBe(false);
        expect(reply.bytes.includes('Blocked during opening hours (7.1.6)')).toBe(true);
      });

      it('blocks a name below a DNAME that leads to a blocked service', async () => {
        expect((await ask('www.moved.example')).authorities?.[0]).toMatchObject({
          data: { mname: 'stairgate.invalid' },
        });
      });

      it('blocks an HTTPS record whose target is a blocked service, and gives one that stays at home', async () => {
        expect((await ask('front.example', { type: 'UNKNOWN_65' })).answers).toEqual([]);
        expect((await ask('plain.example', { type: 'UNKNOWN_65' })).answers).toHaveLength(1);
      });

      it('gives the same chain to a guest, for whom the service is open', async () => {
        const reply = await ask('shop.example', { from: '127.0.1.7' });
        expect(dataOf(reply, 'A')).toEqual(['192.0.2.66']);
        expect((await ask('shop.example')).answers).toEqual([]);
      });

      it('refuses a client outside the configured networks, whatever it asks', async () => {
        for (const name of ['a.example', 'www.tiktok.com', 'stairgate.home.arpa']) {
          expect((await ask(name, { from: '127.0.2.9' })).rcode).toBe('REFUSED');
        }
      });

      it('answers its own name with its own address', async () => {
        const reply = await ask('stairgate.home.arpa');
        expect([reply.flag_aa, dataOf(reply, 'A')]).toEqual([true, ['127.0.0.1']]);
        expect((await ask('stairgate.home.arpa', { type: 'TXT' })).answers).toEqual([]);
      });
    });
  }

  it('answers on IPv6 as on IPv4, its own name with the IPv6 address', async () => {
    for (const ask of [askUdp, askTcp]) {
      expect(dataOf(await ask(box.server6, 'a.example'), 'A')).toEqual(['192.0.2.10']);
      expect((await ask(box.server6, 'www.tiktok.com')).rcode).toBe('NXDOMAIN');
      expect(dataOf(await ask(box.server6, 'stairgate.home.arpa', { type: 'AAAA' }), 'AAAA')).toEqual(['::1']);
    }
  });

  it('gives an answer that fits no datagram as TC over UDP, and whole over TCP', async () => {
    for (const [name, count] of [
      ['medium.example', 8],
      ['large.example', 200],
    ] as const) {
      const datagram = await box.ask(name, { type: 'TXT', payloadBytes: 4096 });
      expect([datagram.flag_tc, datagram.answers]).toEqual([true, []]);
      const whole = await box.askTcp(name, { type: 'TXT' });
      expect([whole.flag_tc, whole.answers?.length]).toEqual([false, count]);
    }
  });

  it('gives an answer that fits 1232 octets to a client that says so, and TC to one that takes 512', async () => {
    const name = 'alias.example';
    expect((await box.ask(name, { payloadBytes: 1232 })).flag_tc).toBe(false);
    expect((await box.ask(name)).flag_tc).toBe(false);
    const keys = await box.ask('medium.example', { type: 'TXT' });
    expect(keys.bytes.length).toBeLessThanOrEqual(512);
    expect(keys.flag_tc).toBe(true);
  });

  it('asks upstream once for a name that many ask for, in any spelling, and ages what it kept', async () => {
    const forwarded = await box.metric('stairgate_forwarded_total');
    const first = (await box.ask('four-only.example')).answers?.[0];
    for (const name of ['Four-Only.example', 'FOUR-ONLY.EXAMPLE', 'four-only.example']) {
      const reply = await box.ask(name);
      expect(dataOf(reply, 'A')).toEqual(['192.0.2.11']);
      expect(reply.questions?.[0]?.name).toBe(name);
    }
    expect((await box.metric('stairgate_forwarded_total')) - forwarded).toBeLessThanOrEqual(1);
    const firstTtl = first !== undefined && 'ttl' in first ? (first.ttl ?? 0) : 0;
    await expect
      .poll(
        async () => {
          const answer = (await box.ask('four-only.example')).answers?.[0];
          return answer !== undefined && 'ttl' in answer ? answer.ttl : undefined;
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBeLessThan(firstTtl);
  });

  it('answers SERVFAIL while the resolver is down, and as before once it is back', async () => {
    await unbound.kill();
    const reply = await box.ask('not-asked-before.example');
    expect(reply.rcode).toBe('SERVFAIL');
    expect(reply.tookMs).toBeLessThan(2_000);
    expect(dataOf(await box.ask('a.example'), 'A')).toEqual(['192.0.2.10']);
    await unbound.start();
    expect((await box.ask('not-asked-yet.example')).rcode).toBe('NXDOMAIN');
    // That the look-up failed holds for at least a second (RFC 9520 section 3.2).
    await expect
      .poll(async () => (await box.ask('not-asked-before.example')).rcode, { timeout: 15_000, interval: 250 })
      .toBe('NXDOMAIN');
  });
});

/** Which upstream is asked when, on real sockets: the first while it answers, the next when it does not, and back. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import type { UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { createTcpUpstream } from '../../../filter-agent/resolving/upstream-tcp.ts';
import { createUdpUpstream } from '../../../filter-agent/resolving/upstream-udp.ts';
import { type UpstreamHealth, Upstreams } from '../../../filter-agent/resolving/upstreams.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import {
  encodeReply,
  everyNameHasAnAddress,
  rcode,
  startTestUpstream,
  type TestUpstream,
} from '../../support/test-upstream.ts';

const open: TestUpstream[] = [];
afterEach(async () => {
  for (const upstream of open.splice(0)) await upstream.close();
});

async function testUpstream(...args: Parameters<typeof startTestUpstream>): Promise<TestUpstream> {
  const upstream = await startTestUpstream(...args);
  open.push(upstream);
  return upstream;
}

function question(name: string, type = 1): UpstreamQuestion {
  return { name: encodeName(name), type, class: 1, dnssecOk: false, checkingDisabled: false };
}

const udp = ({ url, address, port }: TestUpstream) => createUdpUpstream(url, address, port);
const inMs = (ms: number) => performance.now() + ms;
const rcodeOf = (reply: Uint8Array) => reply[3]! & 0x0f;

describe('the upstreams', () => {
  it('are asked in the order of the settings where they are alike, the others only now and then', async () => {
    const [first, second] = [await testUpstream(), await testUpstream()];
    const upstreams = new Upstreams([udp(first), udp(second)], () => {});
    for (let n = 0; n < 20; n++) await upstreams.ask(question(`n${n}.example`), inMs(5_000));
    expect([first.asked.length, second.asked.length]).toEqual([20, 1]);
    first.answer = () => null;
    await upstreams.ask(question('b.example'), inMs(5_000));
    expect(second.timesAsked('b.example')).toBe(1);
  });

  it('are asked the quickest first, and it shows when another becomes the quickest', async () => {
    const [far, near] = [await testUpstream(), await testUpstream()];
    far.delayMs = 80;
    const upstreams = new Upstreams([udp(far), udp(near)], () => {}, 50);
    let n = 0;
    const askedFirst = async () => {
      const startedAtMs = performance.now();
      await upstreams.ask(question(`n${n++}.example`), inMs(5_000));
      return performance.now() - startedAtMs < 70 ? 'the near one' : 'the far one';
    };
    expect(await askedFirst()).toBe('the far one');
    expect(await askedFirst()).toBe('the near one');
    expect(await askedFirst()).toBe('the near one');
    [far.delayMs, near.delayMs] = [0, 200];
    const farAsked = () => far.asked.length;
    // A few measurements, of which clients feel only the slow one's.
    await expect.poll(askedFirst, { interval: 60, timeout: 10_000 }).toBe('the near one');
    const before = [farAsked(), near.asked.length];
    await askedFirst();
    expect(farAsked()).toBe(before[0]! + 1);
  });

  it('put the second before a first that is silent, and tell that it is not healthy', async () => {
    const [first, second] = [await testUpstream(() => null), await testUpstream()];
    const told: (readonly UpstreamHealth[])[] = [];
    const upstreams = new Upstreams([udp(first), udp(second)], (health) => told.push(health));
    await Promise.all(['a', 'b', 'c'].map((label) => upstreams.ask(question(`${label}.example`), inMs(5_000))));
    await upstreams.ask(question('d.example'), inMs(5_000));
    expect(first.timesAsked('d.example')).toBe(0);
    await expect.poll(() => told.length, { timeout: 5_000 }).toBe(1);
    expect(told).toEqual([[expect.objectContaining({ healthy: false }), expect.objectContaining({ healthy: true })]]);
  });

  it('let no client wait for the probe of a distrusted one, and trust it again once it answers', async () => {
    const [first, second] = [await testUpstream(() => null), await testUpstream()];
    const told: boolean[] = [];
    const upstreams = new Upstreams([udp(first), udp(second)], ([one]) => told.push(one!.healthy), 100);
    await Promise.all(['a', 'b', 'c'].map((label) => upstreams.ask(question(`${label}.example`), inMs(5_000))));
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([false]);

    const probed = async (label: string) => {
      const startedAtMs = performance.now();
      await upstreams.ask(question(`${label}.example`), inMs(5_000));
      // The silent one is given 400 ms at the least.
      expect(performance.now() - startedAtMs).toBeLessThan(300);
      return first.asked.length > 3;
    };
    await expect.poll(() => probed('probe'), { timeout: 5_000 }).toBe(true);
    first.answer = everyNameHasAnAddress;
    await expect.poll(() => probed('again').then(() => told.at(-1)), { timeout: 5_000 }).toBe(true);
    await upstreams.ask(question('e.example'), inMs(5_000));
    expect(first.timesAsked('e.example')).toBe(1);
  });

  it('take no name that is never answered for a fault of the upstream that answers others', async () => {
    const only = await testUpstream((asked) => (asked.name.startsWith('lost') ? null : everyNameHasAnAddress(asked)));
    const told: unknown[] = [];
    const upstreams = new Upstreams([udp(only)], (health) => told.push(health));
    const lost = Array.from({ length: 20 }, (_, n) => upstreams.ask(question(`lost-${n}.example`), inMs(2_500)));
    const ended = Promise.allSettled(lost);
    for (let n = 0; n < 6; n++) {
      await upstreams.ask(question(`good-${n}.example`), inMs(1_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect((await ended).every(({ status }) => status === 'rejected')).toBe(true);
    expect(told).toEqual([]);
  });

  it('ask one that refused where another had an answer after that other', async () => {
    const [refusing, good] = [await testUpstream(() => rcode.REFUSED), await testUpstream()];
    const upstreams = new Upstreams([udp(refusing), udp(good)], () => {});
    await upstreams.ask(question('a.example'), inMs(5_000));
    await upstreams.ask(question('b.example'), inMs(5_000));
    expect([refusing.timesAsked('b.example'), good.timesAsked('b.example')]).toEqual([0, 1]);
  });

  it('wait for nobody once they are closed', async () => {
    const silent = await testUpstream(() => null);
    const upstreams = new Upstreams([udp(silent)], () => {});
    const asked = expect(upstreams.ask(question('a.example'), inMs(5_000))).rejects.toMatchObject({ code: 'closed' });
    const startedAtMs = performance.now();
    upstreams.close();
    await asked;
    expect(performance.now() - startedAtMs).toBeLessThan(100);
  });

  it('are all tried when all are distrusted, and the first answer makes one healthy', async () => {
    const only = await testUpstream();
    await only.close();
    open.pop();
    const told: boolean[] = [];
    const upstreams = new Upstreams([udp(only)], ([one]) => told.push(one!.healthy));
    for (const label of ['a', 'b']) {
      await expect(upstreams.ask(question(`${label}.example`), inMs(5_000))).rejects.toThrow(/ECONNREFUSED/);
    }
    expect(told).toEqual([false]);
    await testUpstream(everyNameHasAnAddress, only.port);
    await upstreams.ask(question('c.example'), inMs(5_000));
    expect(told).toEqual([false, true]);
  });

  it('pass a refusal on only when none does better', async () => {
    const refusing = await testUpstream(() => rcode.REFUSED);
    const failing = await testUpstream(() => rcode.SERVFAIL);
    const good = await testUpstream();
    const asked = question('a.example');
    expect(rcodeOf(await new Upstreams([udp(refusing), udp(good)], () => {}).ask(asked, inMs(5_000)))).toBe(0);
    expect(rcodeOf(await new Upstreams([udp(refusing), udp(failing)], () => {}).ask(asked, inMs(5_000)))).toBe(5);
  });

  const authority = (flags: number, ...types: readonly ('NS' | 'SOA')[]) =>
    testUpstream((_, query) => {
      const soa = { mname: 'ns.example', rname: 'a.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 1 };
      const authorities = types.map((type) => {
        const data = type === 'NS' ? 'ns.example' : soa;
        return { type, name: 'example', ttl: 60, data } as Answer;
      });
      const { id, questions } = query;
      return packet.encode({ type: 'response', id: id!, flags, questions: questions!, authorities });
    });

  it('take no referral for the answer that there is nothing', async () => {
    const [lame, good] = [await authority(0, 'NS'), await testUpstream()];
    const asked = question('a.example');
    const answered = await new Upstreams([udp(lame), udp(good)], () => {}).ask(asked, inMs(5_000));
    expect(packet.decode(Buffer.from(answered)).answers).toHaveLength(1);
    expect(rcodeOf(await new Upstreams([udp(lame)], () => {}).ask(asked, inMs(5_000)))).toBe(rcode.SERVFAIL);
  });

  it.each([
    ['of a resolver', packet.RECURSION_AVAILABLE, ['NS']],
    ['of an authority for the zone', packet.AUTHORITATIVE_ANSWER, ['NS']],
    ['with the SOA', 0, ['NS', 'SOA']],
    ['with nothing', 0, []],
  ] as const)('take a denial %s for no referral', async (_, flags, types) => {
    const only = await authority(flags, ...types);
    expect(rcodeOf(await new Upstreams([udp(only)], () => {}).ask(question('a.example'), inMs(5_000)))).toBe(0);
  });

  it('stop at the deadline', async () => {
    const silent = await testUpstream(() => null);
    const startedAtMs = performance.now();
    const upstreams = new Upstreams([udp(silent), udp(silent)], () => {});
    await expect(upstreams.ask(question('a.example'), inMs(300))).rejects.toThrow(/no answer within/);
    expect(performance.now() - startedAtMs).toBeLessThan(1_500);
  });

  it('answer over a line that is slower than one attempt', async () => {
    const slow = await testUpstream();
    slow.delayMs = 1_700;
    const upstreams = new Upstreams([udp(slow)], () => {});
    expect(rcodeOf(await upstreams.ask(question('slow.example'), inMs(5_000)))).toBe(0);
  });

  it('fail, and go on, where the system has no way to an upstream', async () => {
    // A link-local address without its zone is refused by the kernel itself, as any address is while there is no route.
    const unreachable = createUdpUpstream('udp://[fe80::1]:53', 'fe80::1', 53);
    await expect(unreachable.ask(question('a.example'), 1_000)).rejects.toMatchObject({ code: 'network' });
    const good = await testUpstream();
    const upstreams = new Upstreams([unreachable, udp(good)], () => {});
    expect(rcodeOf(await upstreams.ask(question('b.example'), inMs(2_000)))).toBe(0);
  });

  it('fail at once where none is configured', async () => {
    await expect(new Upstreams([], () => {}).ask(question('a.example'), inMs(5_000))).rejects.toThrow(
      'No upstream is configured',
    );
  });
});

/** A process of its own in a network namespace without a single route; prints how each look-up ended. */
function askWithoutNetwork(upstreams: readonly (readonly [string, string])[]): string {
  const module = new URL('../../../filter-agent/resolving/upstream-', import.meta.url);
  const script = `
    const { createUdpUpstream } = await import('${module}udp.ts');
    const { createTcpUpstream } = await import('${module}tcp.ts');
    const question = { name: Uint8Array.of(1, 97, 0), type: 1, class: 1, dnssecOk: false, checkingDisabled: false };
    for (const [protocol, address] of ${JSON.stringify(upstreams)}) {
      const create = protocol === 'udp' ? createUdpUpstream : createTcpUpstream;
      const ended = await create(address, address, 53).ask(question, 2000).catch(({ code }) => code);
      console.log(protocol, address, ended);
    }`;
  return execFileSync('unshare', ['-rn', process.execPath, '--input-type=module', '-e', script], { encoding: 'utf8' });
}

function cannotUnshare(): boolean {
  const { status } = spawnSync('unshare', ['-rn', 'true']);
  if (status !== 0)
    process.stderr.write('skipped: a machine without a route: network namespaces cannot be made here\n');
  return status !== 0;
}

describe.skipIf(cannotUnshare())('upstreams on a machine without a route', () => {
  it('fail as the network does, of either family, and do not take the process with them', () => {
    const upstreams = ['udp', 'tcp'].flatMap((protocol) =>
      ['192.0.2.53', '2001:db8::53', '127.0.0.1', '::1'].map((address) => [protocol, address] as const),
    );
    const ends = upstreams.map(([protocol, address]) => `${protocol} ${address} network`);
    expect(askWithoutNetwork(upstreams).trim().split('\n')).toEqual(ends);
  });
});

describe('an upstream over UDP', () => {
  it('passes over datagrams that are no reply to its question, and takes the one that is', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    server.on('message', (message, { port, address }) => {
      const send = (change: (bytes: Buffer) => void) => {
        const reply = Buffer.concat([message]);
        reply[2] = 0x81;
        change(reply);
        server.send(reply, port, address);
      };
      send((bytes) => bytes.writeUInt16BE(bytes.readUInt16BE(0) ^ 1, 0)); // another id
      send((bytes) => bytes.writeUInt8(0x01, 2)); // no response
      send((bytes) => bytes.write('z', 13)); // another name
      send((bytes) => bytes.writeUInt16BE(2, 4)); // two questions
      server.send(Buffer.alloc(3), port, address);
      send((bytes) => bytes.writeUInt8(0x03, 3)); // the true one: NXDOMAIN
    });
    try {
      const asked = createUdpUpstream('udp://test', '127.0.0.1', server.address().port);
      const reply = await asked.ask(question('abc.example'), 2_000);
      expect(rcodeOf(reply)).toBe(3);
    } finally {
      server.close();
    }
  });

  it('asks again over TCP when the reply is truncated', async () => {
    const upstream = await testUpstream((asked, query) =>
      asked.transport === 'udp' ? encodeReply(query, [], 0x0200) : everyNameHasAnAddress(asked),
    );
    const reply = await udp(upstream).ask(question('a.example'), 2_000);
    expect(upstream.asked.map(({ transport }) => transport)).toEqual(['udp', 'tcp']);
    expect(reply[7]).toBe(1);
  });

  it('draws a new id and a new port for each query', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const ids = new Set<number>();
    const ports = new Set<number>();
    server.on('message', (message, { port, address }) => {
      ids.add(message.readUInt16BE(0));
      ports.add(port);
      const reply = Buffer.concat([message]);
      reply[2] = 0x81;
      server.send(reply, port, address);
    });
    try {
      const asked = createUdpUpstream('udp://test', '127.0.0.1', server.address().port);
      await Promise.all(Array.from({ length: 200 }, (_, n) => asked.ask(question(`n${n}.example`), 5_000)));
      // Two of 200 ids in 65,536 collide with a chance of a quarter; ten do so never.
      expect(ids.size).toBeGreaterThan(190);
      expect(ports.size).toBe(200);
    } finally {
      server.close();
    }
  });
});

describe('an upstream that does not know EDNS', () => {
  const FORMERR = 1;
  const NOTIMP = 4;
  const hasEdns = (query: DecodedPacket) => (query.additionals ?? []).length > 0;
  const header = (query: DecodedPacket, code: number) => encodeReply({ ...query, questions: [] }, code);
  const badVersion = (query: DecodedPacket) =>
    packet.encode({
      type: 'response',
      id: query.id ?? 0,
      questions: query.questions ?? [],
      // dns-packet writes the extended rcode into the OPT record only.
      additionals: [
        { type: 'OPT', name: '.', udpPayloadSize: 1232, extendedRcode: 1, ednsVersion: 0, flags: 0, options: [] },
      ],
    } as never);
  const complaints: readonly (readonly [string, (query: DecodedPacket) => Buffer])[] = [
    ['FORMERR', (query) => encodeReply(query, FORMERR)],
    ['FORMERR without the question', (query) => header(query, FORMERR)],
    ['NOTIMP', (query) => encodeReply(query, NOTIMP)],
    ['NOTIMP without the question', (query) => header(query, NOTIMP)],
    ['BADVERS', badVersion],
  ];
  const overTcp = ({ url, address, port }: TestUpstream) => createTcpUpstream(url, address, port);

  for (const [transport, create] of [
    ['UDP', udp],
    ['TCP', overTcp],
  ] as const) {
    for (const [what, complain] of complaints) {
      it(`and says ${what} over ${transport} is asked again without it, once`, async () => {
        const old = await testUpstream((asked, query) =>
          hasEdns(query) ? complain(query) : everyNameHasAnAddress(asked),
        );
        const reply = await create(old).ask(question('a.example'), 2_000);
        expect([rcodeOf(reply), reply[7]]).toEqual([0, 1]);
        expect(old.asked.length).toBe(2);
      });
    }

    it(`nor anything else over ${transport} is passed by for the next`, async () => {
      const good = await testUpstream();
      for (const complain of [encodeReply, header]) {
        const lost = await testUpstream((_, query) => complain(query, FORMERR));
        const upstreams = new Upstreams([create(lost), udp(good)], () => {});
        expect((await upstreams.ask(question('a.example'), inMs(2_000)))[7]).toBe(1);
        expect(lost.asked.length).toBe(2);
      }
    });

    it(`nor a type over ${transport} gives SERVFAIL, not its own complaint`, async () => {
      const odd = await testUpstream(() => NOTIMP);
      const upstreams = new Upstreams([create(odd)], () => {});
      expect(rcodeOf(await upstreams.ask(question('a.example', 65), inMs(2_000)))).toBe(rcode.SERVFAIL);
      expect(upstreams.health()[0]?.healthy).toBe(true);
    });
  }
});

describe('an upstream over TCP', () => {
  it('answers, and rejects a reply to another question', async () => {
    const upstream = await testUpstream();
    const tcp = createTcpUpstream('tcp://test', upstream.address, upstream.port);
    expect((await tcp.ask(question('a.example'), 2_000))[7]).toBe(1);
    upstream.answer = (_, query) => encodeReply({ ...query, questions: [{ type: 'A', name: 'other.example' }] }, []);
    await expect(tcp.ask(question('a.example'), 2_000)).rejects.toThrow('answered another question');
  });

  it('rejects when the connection closes, is refused, or says nothing in time', async () => {
    const silent = await testUpstream(() => null);
    const tcp = createTcpUpstream('tcp://test', silent.address, silent.port);
    await expect(tcp.ask(question('a.example'), 200)).rejects.toThrow('no answer over TCP in time');
    const waiting = expect(tcp.ask(question('a.example'), 5_000)).rejects.toThrow('ECONNREFUSED');
    await expect.poll(() => silent.asked.length).toBe(2);
    open.pop();
    await silent.close();
    await waiting;
    await expect(tcp.ask(question('a.example'), 2_000)).rejects.toThrow('ECONNREFUSED');
  });
});

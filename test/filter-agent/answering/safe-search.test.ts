/**
 * Safe search on the wire: the threads and sockets of a real box, the built-in catalogue, an upstream that is asked by
 * its own name for everything. Then, on an answerer alone, what only time brings: a cached answer about to expire, one
 * that has expired, the rules replaced. Who gets safe search is verdicts.test.ts's; the day's course scenarios/'s.
 */
import { createSocket } from 'node:dgram';
import packet, { type Answer, type DecodedPacket } from 'dns-packet';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Answerer, FORWARD } from '../../../filter-agent/answering/answer-query.ts';
import { QueryEvents } from '../../../filter-agent/answering/query-events.ts';
import { compileCatalogue } from '../../../filter-agent/control/compile-image.ts';
import { sourceFacts } from '../../../filter-agent/control/list-refresh.ts';
import { DataPlane } from '../../../filter-agent/data-plane.ts';
import {
  createCounters,
  createRing,
  EVENT_SLOT_BYTES,
  type Generation,
  writeClientTable,
  writeMatrix,
} from '../../../filter-agent/shared-memory.ts';
import { addressOctets } from '../../../filter-agent/sockets/client-address.ts';
import { catalogue } from '../../../policy-rules/catalogue/catalogue.ts';
import { defaultPolicy } from '../../../policy-rules/default-policy.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import type { Policy, SafeSearch } from '../../../policy-rules/policy.ts';
import { openImage } from '../../../policy-rules/trie/image.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { situationAt } from '../../../policy-rules/verdicts.ts';
import { type AskOptions, askTcp, askUdp, dataOf, encodeQuestion, type Reply } from '../../support/dns-client.ts';
import { freePort } from '../../support/free-port.ts';
import { CLOSED_MS, grantFor, OPEN_MS } from '../../support/small-policy.ts';
import { type Asked, encodeReply, startTestUpstream, type TestUpstream } from '../../support/test-upstream.ts';

const PLAIN_A = '192.0.2.1';
const RULED_TTL_SECONDS = 30;
const [HTTPS, SVCB] = ['UNKNOWN_65', 'UNKNOWN_64'];

// ---- the upstream -------------------------------------------------------------------------------------------------

const safeA: Readonly<Record<string, string>> = {
  'forcesafesearch.google.com': '192.0.2.7',
  'restrictmoderate.youtube.com': '192.0.2.8',
  'restrict.youtube.com': '192.0.2.9',
  'safe.duckduckgo.com': '192.0.2.10',
  'edge.bing-network.example': '192.0.2.11',
};
/** Without IPv6, as safe hosts have been. */
const withoutIpv6 = ['edge.bing-network.example', 'safe.duckduckgo.com'];
const aliases: Readonly<Record<string, string>> = {
  'strict.bing.com': 'edge.bing-network.example',
  'forcesafe.search.brave.com': 'www.tiktok.com',
  'harmless.example': 'www.tiktok.com',
};

const Param = { MANDATORY: 0, ALPN: 1, IPV4HINT: 4, ECH: 5, IPV6HINT: 6 } as const;
const H2 = Buffer.from('\x02h2', 'latin1');
const ECH = Buffer.from('an encrypted hello');
const V4 = Buffer.of(192, 0, 2, 1);
const V6 = Buffer.from('20010db8000000000000000000000001', 'hex');
const uint16 = (value: number) => Buffer.of(value >>> 8, value & 255);

/** RFC 9460 §2.2. */
function binding(priority: number, target: string, params: readonly (readonly [key: number, value: Buffer])[]): Buffer {
  const rest = params.flatMap(([key, value]) => [uint16(key), uint16(value.length), value]);
  return Buffer.concat([uint16(priority), encodeName(target), ...rest]);
}

const fullParams = [
  [Param.MANDATORY, Buffer.concat([uint16(Param.ALPN), uint16(Param.IPV4HINT)])],
  [Param.ALPN, H2],
  [Param.IPV4HINT, V4],
  [Param.ECH, ECH],
  [Param.IPV6HINT, V6],
] as const;
const full = binding(1, '', fullParams);
/** The mandatory list loses the hint that is gone. */
const reduced = binding(1, '', [
  [Param.MANDATORY, uint16(Param.ALPN)],
  [Param.ALPN, H2],
]);

function signature(name: string, typeCovered: string): Answer {
  const dates = { originalTTL: 300, expiration: 2_000_000_000, inception: 1_700_000_000 };
  const data = { typeCovered, algorithm: 13, labels: 3, ...dates, keyTag: 1, signersName: 'com', signature: V6 };
  return { type: 'RRSIG', name, ttl: 300, data } as Answer;
}

function records(name: string, type: string): Answer[] {
  const ttl = 300;
  const target = aliases[name];
  if (target !== undefined && type !== 'CNAME') {
    return [{ type: 'CNAME', name, ttl, data: target }, ...records(target, type)];
  }
  if (type === 'A') return [{ type, name, ttl, data: safeA[name] ?? PLAIN_A }];
  if (type === 'AAAA') return withoutIpv6.includes(name) ? [] : [{ type, name, ttl, data: '2001:db8::1' }];
  if (type === 'TXT') return [{ type, name, ttl, data: [Buffer.from(`of ${name}`)] }];
  if (type === HTTPS || type === SVCB) {
    const data = name === 'alias-mode.example' ? binding(0, 'www.tiktok.com', []) : full;
    return [{ type, name, ttl, data } as unknown as Answer];
  }
  return [];
}

/** Validated, as it says; signed for whoever asks for it. */
function answer({ name, type }: Asked, query: DecodedPacket): Buffer {
  const wantsSignatures = query.additionals?.some((record) => record.type === 'OPT' && record.flag_do) === true;
  const found = records(name, type);
  const signed = found.flatMap((record) =>
    wantsSignatures ? [record, signature(record.name, record.type)] : [record],
  );
  return encodeReply(query, signed, packet.AUTHENTIC_DATA);
}

// ---- the box --------------------------------------------------------------------------------------------------------

const clients = {
  /** YouTube moderate. */
  setting: '127.0.0.2',
  /** YouTube strict. */
  office: '127.0.0.3',
  /** YouTube as it is. */
  official: '127.0.0.4',
  'staff-personal': '127.0.0.5',
} as const;

const image = compileCatalogue(catalogue, ['stairgate.home.arpa']);
const shared = new SharedArrayBuffer(image.byteLength);
new Uint8Array(shared).set(new Uint8Array(image));
const { ruleSets } = openImage(image);
const facts = sourceFacts(openImage(image), catalogue, []);

function policyWith(switched: Readonly<Record<string, SafeSearch>> = {}): Policy {
  const policy = defaultPolicy('Test nursery');
  const all = { office: { search: true, youtube: 'strict' } as const, ...switched };
  const groups = policy.groups.map((group) => {
    const safeSearch = all[group.id as keyof typeof all];
    return safeSearch === undefined ? group : { ...group, safeSearch };
  });
  return { ...policy, groups };
}

let generationNumber = 0;

function generation(
  options: { policy?: Policy; nowMs?: number; grants?: readonly Grant[]; imageNumber?: number } = {},
): Generation {
  const { policy = policyWith(), nowMs = CLOSED_MS, grants = [], imageNumber = 1 } = options;
  const situation = situationAt({ policy, grants, nowMs, clockTrusted: true, sources: facts, ruleSets });
  return {
    number: ++generationNumber,
    imageNumber,
    image: shared,
    matrix: writeMatrix(situation.profiles.length, situation.ruleSetCount, situation.verdicts),
    clients: writeClientTable(
      Object.entries(clients).map(([group, address]) => ({
        first: addressOctets(address),
        last: addressOctets(address),
        profile: situation.profileOfGroup.get(group)!,
        client: 0xffff,
      })),
    ),
  };
}

type Group = keyof typeof clients;

interface Ask extends Omit<AskOptions, 'from'> {
  readonly from?: Group;
  readonly transport?: 'udp' | 'tcp';
}

let upstream: TestUpstream;
let box: DataPlane;
let server: { address: string; port: number };

async function startBox(): Promise<void> {
  upstream = await startTestUpstream(answer);
  const protocols = { protocol: 'udp', serverName: null, path: null, ca: null } as const;
  box = new DataPlane({
    answeringThreads: 1,
    upstreams: [{ name: upstream.url, addresses: [upstream.address], port: upstream.port, ...protocols }],
    cacheBytes: 1 << 20,
    siteName: 'stairgate.home.arpa',
    onDeath: (error) => {
      throw error;
    },
    onBroken: () => {},
  });
  server = { address: '127.0.0.1', port: await freePort() };
  await box.publish(generation());
  const { failed } = await box.listen([{ ...server, site4: null, site6: null, shared: null }]);
  expect(failed).toEqual([]);
}

async function stopBox(): Promise<void> {
  await box.stop();
  await upstream.close();
}

function ask(name: string, { from = 'setting', transport = 'udp', ...options }: Ask = {}): Promise<Reply> {
  const send = transport === 'tcp' ? askTcp : askUdp;
  return send(server, name, { payloadBytes: 1232, ...options, from: clients[from] });
}

/** Owner, type and data of every record of the answer; a binding as its octets in hexadecimal. */
function answersOf(reply: DecodedPacket): string[] {
  return (reply.answers ?? []).map((record) => {
    const data = 'data' in record ? record.data : null;
    const text = Buffer.isBuffer(data) ? data.toString('hex') : Array.isArray(data) ? String(data[0]) : String(data);
    return `${record.name} ${record.type} ${record.type === 'RRSIG' ? '' : text}`.trim();
  });
}

function longestTtl(reply: DecodedPacket): number {
  return Math.max(...(reply.answers ?? []).map((record) => ('ttl' in record ? (record.ttl ?? 0) : 0)));
}

// ---- over sockets ---------------------------------------------------------------------------------------------------

const google = 'forcesafesearch.google.com';
const shownBy: readonly (readonly [from: Group, name: string, host: string, a: string, hasIpv6: boolean])[] = [
  ['setting', 'www.google.com', google, '192.0.2.7', true],
  ['setting', 'www.google.co.uk', google, '192.0.2.7', true],
  ['setting', 'www.google.com.au', google, '192.0.2.7', true],
  ['setting', 'WWW.gOOgle.De', google, '192.0.2.7', true],
  ['setting', 'duckduckgo.com', 'safe.duckduckgo.com', '192.0.2.10', false],
  ['setting', 'www.youtube.com', 'restrictmoderate.youtube.com', '192.0.2.8', true],
  ['setting', 'm.youtube.com', 'restrictmoderate.youtube.com', '192.0.2.8', true],
  ['office', 'www.youtube.com', 'restrict.youtube.com', '192.0.2.9', true],
  ['office', 'youtubei.googleapis.com', 'restrict.youtube.com', '192.0.2.9', true],
  ['office', 'www.youtube-nocookie.com', 'restrict.youtube.com', '192.0.2.9', true],
  ['official', 'www.google.ie', google, '192.0.2.7', true],
];

describe.each(['udp', 'tcp'] as const)('a host of a search engine, asked over %s', (transport) => {
  beforeAll(startBox);
  afterAll(stopBox);

  it.each(shownBy)('from %s: %s is an alias of %s for every type that leads to a page', async (...row) => {
    const [from, name, host, a, hasIpv6] = row;
    const alias = `${name} CNAME ${host}`;
    const expected: Readonly<Record<string, string[]>> = {
      A: [alias, `${host} A ${a}`],
      AAAA: hasIpv6 ? [alias, `${host} AAAA 2001:db8::1`] : [alias],
      HTTPS: [alias, `${host} ${HTTPS} ${reduced.toString('hex')}`],
      SVCB: [alias, `${host} ${SVCB} ${reduced.toString('hex')}`],
      CNAME: [alias],
    };
    for (const [type, answers] of Object.entries(expected)) {
      // The second is from the cache, but for an answer of nothing: without an SOA nobody knows how long it holds.
      for (let time = 0; time < 2; time++) {
        const reply = await ask(name, { from, transport, type });
        expect([reply.rcode, answersOf(reply), reply.authorities]).toEqual(['NOERROR', answers, []]);
        expect([reply.flag_ad, reply.questions?.[0]?.name]).toEqual([false, name]);
        expect(longestTtl(reply)).toBeLessThanOrEqual(RULED_TTL_SECONDS);
      }
    }
    expect(upstream.timesAsked(name.toLowerCase())).toBe(0);
  });

  it('is itself for types that lead to none', async () => {
    const reply = await ask('www.google.fr', { transport, type: 'TXT' });
    expect(answersOf(reply)).toEqual(['www.google.fr TXT of www.google.fr']);
    expect(upstream.timesAsked('www.google.fr', 'TXT')).toBe(1);
  });

  it('is shown with the chain of its safe host behind it', async () => {
    const expected = [
      'www.bing.com CNAME strict.bing.com',
      'strict.bing.com CNAME edge.bing-network.example',
      'edge.bing-network.example A 192.0.2.11',
    ];
    expect(answersOf(await ask('www.bing.com', { transport }))).toEqual(expected);
    expect(answersOf(await ask('www.bing.com', { transport }))).toEqual(expected);
    const none = await ask('www.bing.com', { transport, type: 'AAAA' });
    expect([none.rcode, answersOf(none)]).toEqual(['NOERROR', expected.slice(0, 2)]);
  });

  it('has no signature of ours, nor says that it was validated', async () => {
    const reply = await ask('www.google.it', { transport, dnssecOk: true });
    expect(answersOf(reply)).toEqual([`www.google.it CNAME ${google}`, `${google} A 192.0.2.7`, `${google} RRSIG`]);
    expect(reply.flag_ad).toBe(false);
    // What was taken out of the record was signed with it.
    const https = await ask('www.google.it', { transport, dnssecOk: true, type: 'HTTPS' });
    expect(answersOf(https)).toEqual([
      `www.google.it CNAME ${google}`,
      `${google} ${HTTPS} ${reduced.toString('hex')}`,
    ]);
    expect(answersOf(await ask('www.google.it', { transport, dnssecOk: true, type: 'CNAME' }))).toEqual([
      `www.google.it CNAME ${google}`,
    ]);
  });

  it('is another entry of the cache for whoever is shown it as it is', async () => {
    const personal = () => ask('www.google.es', { from: 'staff-personal', transport }).then(answersOf);
    const own = () => ask('www.google.es', { transport }).then(answersOf);
    for (let time = 0; time < 2; time++) {
      expect(await personal()).toEqual([`www.google.es A ${PLAIN_A}`]);
      expect(await own()).toEqual([`www.google.es CNAME ${google}`, `${google} A 192.0.2.7`]);
    }
    const moderate = await ask('www.youtube.com', { transport });
    const strict = await ask('www.youtube.com', { from: 'office', transport });
    expect([dataOf(moderate, 'A'), dataOf(strict, 'A')]).toEqual([['192.0.2.8'], ['192.0.2.9']]);
    expect(upstream.timesAsked('www.google.es')).toBe(1);
  });

  it('leaves its safe host, asked by its own name, as it is', async () => {
    const reply = await ask(google, { transport, payloadBytes: 1232, dnssecOk: true });
    expect(answersOf(reply)).toEqual([`${google} A 192.0.2.7`, `${google} RRSIG`]);
    expect(reply.flag_ad).toBe(true);
  });
});

describe('what a service binding keeps', () => {
  beforeAll(startBox);
  afterAll(stopBox);

  it('is everything, and its signature, where no rule speaks of a name', async () => {
    const reply = await ask('shop.example', { type: 'HTTPS', dnssecOk: true });
    expect(answersOf(reply)).toEqual([`shop.example ${HTTPS} ${full.toString('hex')}`, 'shop.example RRSIG']);
    expect(reply.flag_ad).toBe(true);
  });

  it('is no hint and no ech where one does, now or at the next opening', async () => {
    const reply = await ask('www.tiktok.com', { type: 'HTTPS', dnssecOk: true });
    expect(answersOf(reply)).toEqual([`www.tiktok.com ${HTTPS} ${reduced.toString('hex')}`]);
    expect(reply.flag_ad).toBe(false);
    const personal = await ask('www.google.com', { type: 'HTTPS', from: 'staff-personal' });
    expect(answersOf(personal)).toEqual([`www.google.com ${HTTPS} ${reduced.toString('hex')}`]);
  });

  it('is none where an innocent name’s chain leads to such a name', async () => {
    const reply = await ask('harmless.example', { type: 'HTTPS' });
    expect(answersOf(reply)).toEqual([
      'harmless.example CNAME www.tiktok.com',
      `www.tiktok.com ${HTTPS} ${reduced.toString('hex')}`,
    ]);
  });
});

describe('safe search and what is blocked', () => {
  beforeAll(async () => {
    await startBox();
    await box.publish(generation({ nowMs: OPEN_MS }));
  });
  afterAll(stopBox);

  it('blocks a name whose safe host leads to a blocked one', async () => {
    for (const transport of ['udp', 'tcp'] as const) {
      const reply = await ask('search.brave.com', { transport });
      expect([reply.rcode, answersOf(reply)]).toEqual(['NOERROR', []]);
      expect(reply.authorities).toMatchObject([{ type: 'SOA' }]);
    }
  });

  it('blocks the target of a binding in alias mode', async () => {
    expect(answersOf(await ask('alias-mode.example', { type: 'HTTPS' }))).toEqual([]);
    expect(answersOf(await ask('alias-mode.example', { type: 'SVCB' }))).toEqual([]);
  });

  it('opens nothing: a blocked service is blocked, by its own name and by that of its safe host', async () => {
    for (const name of ['www.youtube.com', 'restrict.youtube.com', 'restrictmoderate.youtube.com']) {
      for (const type of ['A', 'AAAA', 'HTTPS', 'CNAME', 'TXT'])
        expect((await ask(name, { type })).rcode).toBe('NXDOMAIN');
    }
  });

  it('shows what a grant opens as the group’s switch says', async () => {
    const grant = (group: Group): Grant => ({
      ...grantFor({ service: 'youtube' }, OPEN_MS - 60_000, OPEN_MS + 60_000),
      target: { group },
    });
    await box.publish(generation({ nowMs: OPEN_MS, grants: [grant('setting'), grant('official')] }));
    const granted = await ask('www.youtube.com');
    expect(answersOf(granted)).toEqual([
      'www.youtube.com CNAME restrictmoderate.youtube.com',
      'restrictmoderate.youtube.com A 192.0.2.8',
    ]);
    expect(answersOf(await ask('www.youtube.com', { from: 'official' }))).toEqual([`www.youtube.com A ${PLAIN_A}`]);
    expect((await ask('www.youtube.com', { from: 'office' })).rcode).toBe('NXDOMAIN');
    expect(box.counter('granted')).toBe(2);
    await box.publish(generation({ nowMs: OPEN_MS }));
    expect((await ask('www.youtube.com')).rcode).toBe('NXDOMAIN');
  });
});

describe('the switch of a group', () => {
  const off = policyWith({ setting: { search: false, youtube: 'off' } });
  beforeEach(async () => {
    await startBox();
    return stopBox;
  });

  it('turns while the answer is cached, and back', async () => {
    const addresses = async () => [
      dataOf(await ask('www.google.com'), 'A'),
      dataOf(await ask('www.google.com', { transport: 'tcp' }), 'A'),
    ];
    expect(await addresses()).toEqual([['192.0.2.7'], ['192.0.2.7']]);
    await box.publish(generation({ policy: off }));
    expect(await addresses()).toEqual([[PLAIN_A], [PLAIN_A]]);
    await box.publish(generation());
    expect(await addresses()).toEqual([['192.0.2.7'], ['192.0.2.7']]);
    expect(upstream.asked).toHaveLength(2);
  });

  it.each(['udp', 'tcp'] as const)(
    'turns during a look-up: neither’s address is the other’s (over %s)',
    async (transport) => {
      for (const [before, after, truth] of [
        [policyWith(), off, PLAIN_A],
        [off, policyWith(), '192.0.2.7'],
      ] as const) {
        await box.publish(generation({ policy: before }));
        upstream.delayMs = 300;
        const count = upstream.asked.length;
        const name = before === off ? 'www.google.ca' : 'www.google.nl';
        const waiting = ask(name, { transport });
        await expect.poll(() => upstream.asked.length).toBe(count + 1);
        await box.publish(generation({ policy: after }));
        const reply = await waiting;
        // It is asked again, as after any failure.
        expect([reply.rcode, answersOf(reply)]).toEqual(['SERVFAIL', []]);
        upstream.delayMs = 0;
        expect(dataOf(await ask(name, { transport }), 'A')).toEqual([truth]);
        expect(dataOf(await ask(name, { transport }), 'A')).toEqual([truth]);
      }
    },
  );
});

describe('two hosts of one engine', () => {
  beforeAll(startBox);
  afterAll(stopBox);

  it('asked at once, of one port and with one id, are two questions and one look-up', async () => {
    upstream.delayMs = 200;
    const names = ['www.google.com', 'www.google.co.uk'];
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, clients.setting, resolve));
    const replies: DecodedPacket[] = [];
    socket.on('message', (message) => replies.push(packet.decode(message)));
    for (const name of names) {
      const query = encodeQuestion(name);
      query.writeUInt16BE(0x4242, 0);
      socket.send(query, server.port, server.address);
    }
    await expect.poll(() => replies.length).toBe(2);
    socket.close();
    expect(replies.map((reply) => reply.questions?.[0]?.name).toSorted()).toEqual(names.toSorted());
    for (const reply of replies) expect(dataOf(reply, 'A')).toEqual(['192.0.2.7']);
    expect(upstream.asked).toHaveLength(1);
  });
});

// ---- as time goes by ------------------------------------------------------------------------------------------------

describe('a cached answer of safe search', () => {
  const buffer = new Uint8Array(4096);
  const client = addressOctets(clients.setting);
  const TTL_MS = 300_000;
  let answerer: Answerer;

  beforeEach(() => {
    const counters = new Float64Array(createCounters());
    answerer = new Answerer({
      cacheBytes: 1 << 18,
      counters,
      events: new QueryEvents(createRing(64, EVENT_SLOT_BYTES), counters),
      transport: 'udp',
      cookieSecret: new Uint8Array(16),
      siteName: 'gate.nursery.example',
      site: () => ({ site4: null, site6: null }),
    });
    answerer.adopt(generation());
  });

  const query = encodeQuestion('www.google.com', { payloadBytes: 1232, dnssecOk: true });

  function askAt(nowMs: number): string[] | typeof FORWARD {
    buffer.set(query);
    return decoded(answerer.answerQuery(buffer, query.length, client, nowMs));
  }

  /** So that nothing of the query before is left. */
  function askForAnother(): void {
    const other = encodeQuestion('shop.example');
    buffer.set(other);
    expect(answerer.answerQuery(buffer, other.length, client, 0)).toBe(FORWARD);
  }

  function decoded(length: number): string[] | typeof FORWARD {
    return length === FORWARD ? FORWARD : answersOf(packet.decode(Buffer.from(buffer.subarray(0, length))));
  }

  function lookedUp(nowMs: number, { cacheable = true, ageSeconds = 0, ede = 0, address = '192.0.2.7' } = {}) {
    const reply = encodeReply(packet.decode(encodeQuestion(google)), [
      { type: 'A', name: google, ttl: TTL_MS / 1000, data: address },
    ]);
    buffer.set(query);
    return answerer.answerWith(buffer, query.length, client, nowMs, reply, ageSeconds, cacheable, ede);
  }

  const wantedName = () =>
    Buffer.from(answerer.wanted.bytes.subarray(0, answerer.wanted.nameLength)).toString('latin1');
  const safeAnswer = [`www.google.com CNAME ${google}`, `${google} A 192.0.2.7`];
  const safeWire = Buffer.from(encodeName(google)).toString('latin1');

  it('is asked for anew by the safe host’s name when it is about to expire, and found again afterwards', () => {
    expect(askAt(0)).toBe(FORWARD);
    expect([wantedName(), answerer.wanted.flags]).toEqual([safeWire, 1]);
    expect(decoded(lookedUp(0))).toEqual(safeAnswer);
    expect(askAt(200_000)).toEqual(safeAnswer);
    expect(answerer.wantsRefresh).toBe(false);
    askForAnother();
    expect(askAt(280_000)).toEqual(safeAnswer);
    expect(answerer.wantsRefresh).toBe(true);
    expect([wantedName(), answerer.wanted.flags]).toEqual([safeWire, 1]);
    // What the refresh found waits behind the resolving thread: the first miss brings it here, the next one is a hit.
    expect(askAt(TTL_MS + 1)).toBe(FORWARD);
    expect(wantedName()).toBe(safeWire);
    lookedUp(TTL_MS + 1, { ageSeconds: 20, address: '192.0.2.70' });
    expect(askAt(TTL_MS + 2)).toEqual([safeAnswer[0], `${google} A 192.0.2.70`]);
  });

  it('is asked for by the safe host’s name also where the hit judged it anew', () => {
    askAt(0);
    lookedUp(0);
    answerer.adopt(generation({ imageNumber: 2 }));
    askForAnother();
    expect(askAt(280_000)).toEqual(safeAnswer);
    expect([answerer.wantsRefresh, wantedName()]).toEqual([true, safeWire]);
    expect(askAt(281_000)).toEqual(safeAnswer);
  });

  it('is an alias too where it is stale, says so, and is not kept', () => {
    askAt(0);
    const STALE = 3;
    const length = lookedUp(0, { cacheable: false, ageSeconds: 400, ede: STALE });
    const reply = packet.decode(Buffer.from(buffer.subarray(0, length)));
    expect(answersOf(reply)).toEqual(safeAnswer);
    const [opt] = reply.additionals ?? [];
    expect(opt?.type === 'OPT' && opt.options.map(({ code, data }) => [code, data?.readUInt16BE(0)])).toEqual([
      [15, STALE],
    ]);
    expect(askAt(1)).toBe(FORWARD);
  });

  it('is not made of an answer to another question', () => {
    askAt(0);
    const reply = encodeReply(packet.decode(encodeQuestion('www.google.com')), [
      { type: 'A', name: 'www.google.com', ttl: 300, data: PLAIN_A },
    ]);
    buffer.set(query);
    const length = answerer.answerWith(buffer, query.length, client, 0, reply, 0, true);
    expect(decoded(length)).toEqual([]);
    expect(buffer[3]! & 0x0f).toBe(2);
    expect(askAt(1)).toBe(FORWARD);
  });
});

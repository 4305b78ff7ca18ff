import dnsPacket from 'dns-packet';
import { beforeEach, describe, expect, it } from 'vitest';
import { Answerer, DROP, FORWARD, type SiteAddresses } from '../../../filter-agent/answering/answer-query.ts';
import { QueryEvents } from '../../../filter-agent/answering/query-events.ts';
import { ServerCookies, secretOfDay } from '../../../filter-agent/answering/server-cookie.ts';
import {
  Counter,
  createCounters,
  createRing,
  EVENT_SLOT_BYTES,
  SlotRing,
} from '../../../filter-agent/shared-memory.ts';
import { addressOctets } from '../../../filter-agent/sockets/client-address.ts';
import { Verdict } from '../../../policy-rules/verdict-codes.ts';
import {
  CLIENT,
  CLOSED_MS,
  grantFor,
  OPEN_MS,
  STRANGER,
  smallGeneration,
  smallImage,
} from '../../support/small-policy.ts';

const image = smallImage([
  ['social', 'social.example'],
  ['social', 'login.social.example', 'suffix', 'allow'],
  ['social', 'cdn.shared.example', 'host'],
  ['video', 'video.example'],
  ['malware', 'bad.example'],
  ['strict', 'ads.video.example'],
  ['site', 'stairgate.home.arpa'],
]);

const GUEST = addressOctets('192.168.2.7');
const packet = new Uint8Array(4096);
let answerer: Answerer;
let site: SiteAddresses;
let counters: Float64Array;
let events: SlotRing;

beforeEach(() => {
  const ring = createRing(64, EVENT_SLOT_BYTES);
  counters = new Float64Array(createCounters());
  events = new SlotRing(ring, EVENT_SLOT_BYTES);
  answerer = new Answerer({
    cacheBytes: 1 << 18,
    counters,
    events: new QueryEvents(ring, counters),
    transport: 'udp',
    cookieSecret: new Uint8Array(16),
    siteName: 'gate.nursery.example',
    site: () => site,
  });
  answerer.adopt(smallGeneration(image));
});

interface Ask {
  readonly type?: string;
  readonly edns?: boolean;
  readonly client?: Uint8Array;
  readonly nowMs?: number;
  readonly payload?: number;
  readonly dnssecOk?: boolean;
}

function query(name: string, { type = 'A', edns = true, payload = 1232, dnssecOk = false }: Ask = {}): Buffer {
  return dnsPacket.encode({
    type: 'query',
    id: 0x1234,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type: type as 'A', name }],
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: payload,
            flags: dnssecOk ? dnsPacket.DNSSEC_OK : 0,
            options: [],
          } as never,
        ]
      : [],
  });
}

function ask(name: string, options: Ask = {}): dnsPacket.DecodedPacket & { rcode: string } {
  return decode(askRaw(query(name, options), options));
}

function askRaw(bytes: Uint8Array, { client = CLIENT, nowMs = 0 }: Ask = {}): number {
  packet.set(bytes);
  return answerer.answerQuery(packet, bytes.length, client, nowMs);
}

function decode(length: number): dnsPacket.DecodedPacket & { rcode: string } {
  if (length < 12) throw new Error(`no answer: ${length}`);
  return dnsPacket.decode(Buffer.from(packet.subarray(0, length))) as never;
}

/** Answers a forwarded query with what an upstream gave. */
function answerWith(
  name: string,
  answers: dnsPacket.Answer[],
  options: Ask = {},
  ageSeconds = 0,
  authorities: dnsPacket.Answer[] = [],
) {
  const bytes = query(name, options);
  packet.set(bytes);
  expect(answerer.answerQuery(packet, bytes.length, options.client ?? CLIENT, options.nowMs ?? 0)).toBe(FORWARD);
  const message = new Uint8Array(
    dnsPacket.encode({
      type: 'response',
      flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE,
      questions: [{ type: (options.type ?? 'A') as 'A', name: name.toLowerCase() }],
      answers,
      authorities,
    }),
  );
  return decode(
    answerer.answerWith(packet, bytes.length, options.client ?? CLIENT, options.nowMs ?? 0, message, ageSeconds, true),
  );
}

function takeEvent(): { ruleSet: number; verdict: number; client: number } | null {
  const offset = events.peek();
  if (offset < 0) return null;
  const at = offset >>> 2;
  const event = { ruleSet: events.words[at + 3]!, verdict: events.words[at + 4]!, client: events.words[at + 2]! };
  events.release();
  return event;
}

const a = (name: string, data: string, ttl = 300): dnsPacket.Answer => ({ type: 'A', name, ttl, data });
const soa = (ttl: number, minimum: number): dnsPacket.Answer => ({
  type: 'SOA',
  name: 'example',
  ttl,
  data: { mname: 'ns.example', rname: 'hostmaster.example', serial: 1, refresh: 1, retry: 1, expire: 1, minimum },
});
const cname = (name: string, data: string, ttl = 300): dnsPacket.Answer => ({ type: 'CNAME', name, ttl, data });

describe('a blocked name', () => {
  it.each(['A', 'AAAA', 'TXT', 'MX', 'NS'])('is NXDOMAIN with an SOA for 10 s, for type %s', (type) => {
    const answer = ask('www.social.example', { type });
    expect(answer.rcode).toBe('NXDOMAIN');
    expect(answer.id).toBe(0x1234);
    expect(answer.flag_ra && answer.flag_qr && answer.flag_rd).toBe(true);
    expect(answer.answers).toEqual([]);
    expect(answer.authorities).toHaveLength(1);
    expect(answer.authorities![0]).toMatchObject({ type: 'SOA', ttl: 10, data: { minimum: 10 } });
  });

  it('is NODATA at the name above an exception, of every type', () => {
    for (const type of ['A', 'AAAA', 'TXT']) {
      const answer = ask('social.example', { type });
      expect([answer.rcode, answer.answers]).toEqual(['NOERROR', []]);
      expect(answer.authorities![0]).toMatchObject({ type: 'SOA', ttl: 10 });
    }
  });

  it('says why with EDE 15 when the query had EDNS, and nothing when it had not', () => {
    const length = askRaw(query('www.video.example'));
    const opt = (decode(length).additionals as { options: { code: number; data: Buffer }[] }[])[0]!;
    const ede = opt.options.find(({ code }) => code === 15)!;
    expect(ede.data.readUInt16BE(0)).toBe(15);
    expect(ede.data.subarray(2).toString()).toMatch(/opening hours \(7\.1\.6\)/);
    expect(ask('www.video.example', { edns: false }).additionals).toEqual([]);
  });

  it('keeps the spelling of the question', () => {
    expect(ask('WwW.SoCiAl.ExAmPlE').questions![0]!.name).toBe('WwW.SoCiAl.ExAmPlE');
    expect(ask('WwW.SoCiAl.ExAmPlE').rcode).toBe('NXDOMAIN');
  });

  it('is counted with its rule set and verdict', () => {
    ask('www.video.example');
    expect(takeEvent()).toMatchObject({ verdict: Verdict.BLOCK_OPENING_HOURS, client: 0xffff });
    expect(takeEvent()).toBeNull();
    expect(counters[Counter.blocked]).toBe(1);
  });
});

describe('who asks', () => {
  it('answers REFUSED outside the configured networks, whatever the name', () => {
    for (const name of ['www.social.example', 'www.example.org', 'stairgate.home.arpa']) {
      expect(ask(name, { client: STRANGER }).rcode).toBe('REFUSED');
    }
    expect(takeEvent()).toBeNull();
  });

  it('does not curtail a guest', () => {
    expect(askRaw(query('www.social.example'), { client: GUEST })).toBe(FORWARD);
  });

  it('blocks protected names for a guest too', () => {
    expect(ask('www.bad.example', { client: GUEST }).rcode).toBe('NXDOMAIN');
  });
});

describe('the zone in which devices look for an encrypted resolver', () => {
  it.each(['_dns.resolver.arpa', 'resolver.arpa', '_DNS.Resolver.ARPA', 'a.b.resolver.arpa'])(
    'has nothing for them: %s is NODATA of every type',
    (name) => {
      for (const type of ['UNKNOWN_64', 'A', 'AAAA', 'HTTPS']) {
        const answer = ask(name, { type });
        expect([answer.rcode, answer.answers, answer.authorities?.[0]?.type]).toEqual(['NOERROR', [], 'SOA']);
      }
    },
  );

  it.each(['resolver.arpa.example', 'dnsresolver.arpa', 'a\u0008resolver.arpa', 'arpa', '1.2.0.192.in-addr.arpa'])(
    'is not %j, which is looked up',
    (name) => {
      expect(askRaw(query(name))).toBe(FORWARD);
    },
  );

  it('is refused to strangers as all else is', () => {
    expect(ask('_dns.resolver.arpa', { client: STRANGER }).rcode).toBe('REFUSED');
  });
});

describe('a name that must be looked up', () => {
  it('is forwarded, with its question and key, and the packet unchanged', () => {
    const bytes = query('WWW.Example.ORG', { dnssecOk: true });
    expect(askRaw(bytes)).toBe(FORWARD);
    expect(Buffer.from(packet.subarray(0, bytes.length))).toEqual(bytes);
    expect(Buffer.from(answerer.key.bytes.subarray(0, answerer.question.nameLength)).toString('latin1')).toBe(
      '\x03www\x07example\x03org\x00',
    );
    expect(answerer.question.dnssecOk).toBe(true);
  });

  it('is then answered from the cache, aged, under any spelling', () => {
    answerWith('www.example.org', [a('www.example.org', '192.0.2.1', 300)]);
    const answer = ask('WWW.example.org', { nowMs: 100_000 });
    expect(answer.answers).toEqual([expect.objectContaining({ type: 'A', ttl: 200, data: '192.0.2.1' })]);
    expect(answer.questions![0]!.name).toBe('WWW.example.org');
    expect(askRaw(query('www.example.org'), { nowMs: 300_001 })).toBe(FORWARD);
  });

  it('is kept without an answer for as long as the SOA says, also behind a CNAME that lives longer', () => {
    const chain = [cname('alias.example', 'www.example', 3600)];
    const authorities = [soa(300, 60)];
    for (const [name, answers] of [
      ['empty.example', []],
      ['alias.example', chain],
    ] as const) {
      answerWith(name, [...answers], { type: 'AAAA' }, 0, authorities);
      expect(askRaw(query(name, { type: 'AAAA' }), { nowMs: 59_000 }), name).toBeGreaterThan(0);
      expect(askRaw(query(name, { type: 'AAAA' }), { nowMs: 60_001 }), name).toBe(FORWARD);
    }
  });

  it('is not kept when a chain ends in nothing and no SOA says for how long', () => {
    const chain = [cname('alias.example', 'www.example', 3600)];
    expect(answerWith('alias.example', chain, { type: 'AAAA' }).answers).toHaveLength(1);
    expect(askRaw(query('alias.example', { type: 'AAAA' }))).toBe(FORWARD);
  });

  it('is kept for its own time when it is there, whatever SOA stands beside it', () => {
    const chain = [cname('alias.example', 'www.example', 3600), a('www.example', '192.0.2.1', 200)];
    answerWith('alias.example', chain, {}, 0, [soa(300, 60)]);
    expect(askRaw(query('alias.example'), { nowMs: 199_000 })).toBeGreaterThan(0);
    answerWith('link.example', [cname('link.example', 'www.example', 200)], { type: 'CNAME' });
    expect(askRaw(query('link.example', { type: 'CNAME' }), { nowMs: 199_000 })).toBeGreaterThan(0);
  });

  it('is cached apart by type and by DNSSEC OK', () => {
    answerWith('www.example.org', [a('www.example.org', '192.0.2.1')]);
    expect(askRaw(query('www.example.org', { type: 'AAAA' }))).toBe(FORWARD);
    expect(askRaw(query('www.example.org', { dnssecOk: true }))).toBe(FORWARD);
  });

  it('is truncated to what the client takes', () => {
    const many = Array.from({ length: 30 }, (_, index) => a('www.example.org', `192.0.2.${index}`));
    const answer = answerWith('www.example.org', many, { edns: false });
    expect([answer.flag_tc, answer.answers]).toEqual([true, []]);
    expect(ask('www.example.org').answers).toHaveLength(30);
  });

  it('fails when the answer is to another question, cut, or leads through a pointer loop', () => {
    const bytes = query('www.example.org');
    const whole = dnsPacket.encode({
      type: 'response',
      questions: [{ type: 'A', name: 'www.example.org' }],
      answers: [cname('www.example.org', 'other.example')],
    });
    const loop = Buffer.from(whole);
    loop.writeUInt16BE(0xc000 | (whole.length - 15), whole.length - 15);
    const other = dnsPacket.encode({ type: 'response', questions: [{ type: 'A', name: 'a.example' }], answers: [] });
    for (const message of [whole.subarray(0, whole.length - 3), loop, other, Buffer.alloc(0), Buffer.alloc(12)]) {
      packet.set(bytes);
      const length = answerer.answerWith(packet, bytes.length, CLIENT, 0, new Uint8Array(message), 0, true);
      expect(decode(length).rcode).toBe('SERVFAIL');
    }
  });
});

describe('the names that an answer leads to', () => {
  it('blocks an innocent name whose CNAME chain leads to a blocked one, at the first answer and from the cache', () => {
    const chain = [
      cname('innocent.example', 'edge.example'),
      cname('edge.example', 'www.social.example'),
      a('www.social.example', '192.0.2.1'),
    ];
    for (const answer of [answerWith('innocent.example', chain), ask('innocent.example')]) {
      // NODATA: of the names below innocent.example the chain says nothing (RFC 8020).
      expect([answer.rcode, answer.answers, answer.authorities!.length]).toEqual(['NOERROR', [], 1]);
    }
    expect(counters[Counter.blocked]).toBe(2);
  });

  it('gives the same cached answer to a guest', () => {
    answerWith('innocent.example', [
      cname('innocent.example', 'www.social.example'),
      a('www.social.example', '192.0.2.1'),
    ]);
    expect(ask('innocent.example', { client: GUEST }).answers).toHaveLength(2);
  });

  it('judges the target of an HTTPS record', () => {
    const bytes = query('innocent.example', { type: 'HTTPS' });
    packet.set(bytes);
    expect(answerer.answerQuery(packet, bytes.length, CLIENT, 0)).toBe(FORWARD);
    const target = Buffer.from('\x00\x01\x03www\x06social\x07example\x00', 'latin1');
    const record = Buffer.concat([
      Buffer.from('c00c00410001000001 2c'.replace(' ', ''), 'hex'),
      Buffer.from([0, target.length]),
      target,
    ]);
    const head = Buffer.from(bytes.subarray(0, answerer.question.end));
    head[2] = 0x81;
    head.writeUInt16BE(1, 6);
    head.writeUInt16BE(0, 10);
    const message = new Uint8Array(Buffer.concat([head, record]));
    const answer = decode(answerer.answerWith(packet, bytes.length, CLIENT, 0, message, 0, true));
    expect([answer.rcode, answer.answers]).toEqual(['NOERROR', []]);
    expect(takeEvent()!.verdict).toBe(Verdict.BLOCK_OPENING_HOURS);
  });

  it('refuses a chain of more than 16 names', () => {
    const chain = Array.from({ length: 17 }, (_, index) => cname(`n${index}.example`, `n${index + 1}.example`));
    expect(answerWith('n0.example', chain).rcode).toBe('SERVFAIL');
    expect(answerWith('n1.example', chain.slice(1)).rcode).toBe('NOERROR');
  });
});

describe('a change while answers are cached', () => {
  const allowed = () => [a('www.video.example', '192.0.2.9', 3600)];
  const grant = grantFor({ service: 'video' }, OPEN_MS - 1, OPEN_MS + 600_000);

  it('opens a name with a grant and closes it at its end, without a flush, and counts both', () => {
    expect(ask('www.video.example').rcode).toBe('NXDOMAIN');
    answerer.adopt(smallGeneration(image, { number: 2, grants: [grant] }));
    expect(answerWith('www.video.example', allowed()).answers).toHaveLength(1);
    answerer.adopt(smallGeneration(image, { number: 3, grants: [] }));
    expect(ask('www.video.example').rcode).toBe('NXDOMAIN');
    answerer.adopt(smallGeneration(image, { number: 4, grants: [grant] }));
    expect(ask('www.video.example').answers).toHaveLength(1);
    expect([takeEvent(), takeEvent(), takeEvent(), takeEvent()].map((event) => event?.verdict)).toEqual([
      Verdict.BLOCK_OPENING_HOURS,
      Verdict.ALLOW_GRANTED,
      Verdict.BLOCK_OPENING_HOURS,
      Verdict.ALLOW_GRANTED,
    ]);
  });

  it('keeps blocking what a protected list holds, grant or not', () => {
    answerer.adopt(smallGeneration(image, { number: 2, grants: [grant] }));
    expect(ask('ads.video.example').rcode).toBe('NXDOMAIN');
    expect(takeEvent()!.verdict).toBe(Verdict.BLOCK_PROTECTED);
  });

  it('gives names that a rule speaks of at most 30 s, also when closed', () => {
    answerer.adopt(smallGeneration(image, { number: 2, nowMs: CLOSED_MS }));
    expect(answerWith('www.video.example', allowed()).answers![0]).toMatchObject({ ttl: 30 });
    expect(ask('www.video.example', { nowMs: 5_000 }).answers![0]).toMatchObject({ ttl: 30 });
    expect(answerWith('www.example.org', [a('www.example.org', '192.0.2.1', 3600)]).answers![0]).toMatchObject({
      ttl: 3600,
    });
  });

  it('judges a cached chain again when the rules changed', () => {
    answerWith('www.example.org', [cname('www.example.org', 'new.example'), a('new.example', '192.0.2.1')]);
    expect(ask('www.example.org').answers).toHaveLength(2);
    const newer = smallImage([['social', 'new.example']]);
    answerer.adopt(smallGeneration(newer, { number: 2, imageNumber: 2 }));
    expect(ask('www.example.org').answers).toEqual([]);
    answerer.adopt(smallGeneration(image, { number: 3, imageNumber: 3 }));
    expect(ask('www.example.org').answers).toHaveLength(2);
  });

  it('blocks what would be outside opening hours while the clock is not trusted', () => {
    answerer.adopt(smallGeneration(image, { number: 2, nowMs: CLOSED_MS, clockTrusted: false }));
    expect(ask('www.video.example').rcode).toBe('NXDOMAIN');
    expect(askRaw(query('www.example.org'))).toBe(FORWARD);
  });
});

describe('the box’s own name', () => {
  it('has the address that was asked, of the family that was asked for, and NODATA for other types', () => {
    site = { site4: Uint8Array.of(192, 168, 1, 2), site6: addressOctets('fd00::2') };
    expect(ask('stairgate.home.arpa').answers).toEqual([expect.objectContaining({ data: '192.168.1.2' })]);
    expect(ask('stairgate.home.arpa', { type: 'AAAA' }).answers).toEqual([
      expect.objectContaining({ data: 'fd00::2' }),
    ]);
    const other = ask('stairgate.home.arpa', { type: 'MX' });
    expect([other.rcode, other.answers, other.authorities!.length]).toEqual(['NOERROR', [], 1]);
    site = { site4: null, site6: null };
    expect(ask('stairgate.home.arpa', { type: 'AAAA' }).answers).toEqual([]);
  });
});

describe('a packet that is no answerable query', () => {
  const good = query('www.social.example');
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(good);
    change(bytes);
    return bytes;
  };

  it.each([
    ['shorter than a header', good.subarray(0, 11)],
    ['a response', changed((bytes) => bytes.writeUInt8(0x81, 2))],
    ['empty', Buffer.alloc(0)],
  ])('is dropped when it is %s', (_, bytes) => {
    expect(askRaw(bytes)).toBe(DROP);
  });

  it.each([
    ['no question', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(0, 4))],
    ['two questions', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(2, 4))],
    ['an answer', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(1, 6))],
    ['a compressed question', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(0xc00c, 12))],
    ['a label of 64', 'FORMERR', changed((bytes) => bytes.writeUInt8(64, 12))],
    ['a cut question', 'FORMERR', good.subarray(0, 20)],
    ['UPDATE', 'NOTIMP', changed((bytes) => bytes.writeUInt8(0x28, 2))],
    ['NOTIFY', 'NOTIMP', changed((bytes) => bytes.writeUInt8(0x20, 2))],
    ['more records than it has', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(2, 10))],
    ['a thousand records', 'FORMERR', changed((bytes) => bytes.writeUInt16BE(1000, 10))],
    [
      'an OPT with a cut option',
      'FORMERR',
      Buffer.concat([changed((bytes) => bytes.writeUInt16BE(2, bytes.length - 2)), Buffer.alloc(2)]),
    ],
    [
      'two OPT',
      'FORMERR',
      Buffer.concat([changed((bytes) => bytes.writeUInt16BE(2, 10)), good.subarray(good.length - 11)]),
    ],
  ])('with %s is answered %s', (_, rcode, bytes) => {
    expect(decode(askRaw(bytes)).rcode).toBe(rcode);
    expect(takeEvent()).toBeNull();
  });

  it('with EDNS version 1 is answered BADVERS', () => {
    const length = askRaw(changed((bytes) => bytes.writeUInt8(1, bytes.length - 5)));
    const opt = decode(length).additionals![0] as unknown as { extendedRcode: number };
    expect(opt.extendedRcode).toBe(1);
  });

  it('asks for a zone transfer or another class than IN: REFUSED', () => {
    expect(ask('www.example.org', { type: 'AXFR' }).rcode).toBe('REFUSED');
    const chaos = Buffer.from(query('version.bind'));
    chaos.writeUInt16BE(3, 12 + 14 + 2);
    expect(decode(askRaw(chaos)).rcode).toBe('REFUSED');
  });
});

describe('a client that sends a cookie', () => {
  const CLIENT_COOKIE = Buffer.from('0102030405060708', 'hex');
  const DAY_MS = 86_400_000;

  /** The server's part of the cookie in the answer. */
  function cookieAt(nowMs: number): Buffer {
    const option = { code: 10, data: CLIENT_COOKIE };
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0, options: [option] };
    const bytes = dnsPacket.encode({
      type: 'query',
      id: 1,
      questions: [{ type: 'A', name: 'www.social.example' }],
      additionals: [opt as never],
    });
    const answer = decode(askRaw(bytes, { nowMs }));
    const { options } = (answer.additionals as unknown as { options: { code: number; data: Buffer }[] }[])[0]!;
    const { data } = options.find(({ code }) => code === 10)!;
    expect(data.subarray(0, 8)).toEqual(CLIENT_COOKIE);
    return data.subarray(8);
  }

  it('gets one by a secret that is another each day, the same on every thread', () => {
    const seconds = (cookie: Buffer) => cookie.readUInt32BE(4);
    const made = (cookie: Buffer, day: number) => {
      const into = new Uint8Array(16);
      new ServerCookies(secretOfDay(new Uint8Array(16), day)).make(CLIENT_COOKIE, CLIENT, seconds(cookie), into, 0);
      return Buffer.from(into);
    };
    for (const nowMs of [0, 40 * DAY_MS]) {
      const cookie = cookieAt(nowMs);
      const day = Math.floor(seconds(cookie) / 86_400);
      expect(cookie).toEqual(made(cookie, day));
      expect(cookie).not.toEqual(made(cookie, day - 1));
    }
  });
});

describe('ANY for the local site', () => {
  it('is HINFO as for every name, and does not deny the address', () => {
    site = { site4: Uint8Array.of(192, 168, 1, 2), site6: null };
    const answer = ask('stairgate.home.arpa', { type: 'ANY' });
    expect([answer.rcode, answer.answers?.map(({ type }) => type)]).toEqual(['NOERROR', ['HINFO']]);
  });
});

describe('the payload size of a query', () => {
  const addresses = Array.from({ length: 40 }, (_, i) => a('many.example', `192.0.2.${i}`));
  const signed: dnsPacket.Answer[] = [
    { type: 'TXT', name: 'text.example', ttl: 60, data: ['x'.repeat(250), 'y'.repeat(200)] },
  ];

  it.each([0, 1, 511, 512, 513, 1_000, 1_231, 1_232, 1_233, 4_096, 65_535])(
    'of %i octets bounds every answer, and what does not fit keeps its OPT',
    (payload) => {
      answerWith('many.example', addresses);
      answerWith('text.example', signed, { type: 'TXT' });
      const limit = Math.min(1_232, Math.max(512, payload));
      for (const [name, type] of [
        ['mAny.example', 'A'],
        ['texT.example', 'TXT'],
        ['wWw.social.example', 'A'],
        ['stairgatE.home.arpa', 'A'],
        ['anY.example', 'ANY'],
      ] as const) {
        const bytes = query(name, { type });
        // dns-packet takes 0 for none given.
        bytes.writeUInt16BE(payload, bytes.length - 8);
        const length = askRaw(bytes);
        expect(length, name).toBeLessThanOrEqual(limit);
        const answer = decode(length);
        expect(
          answer.additionals?.map((record) => record.type),
          name,
        ).toEqual(['OPT']);
        // The case of the question, in answers of every kind (draft-vixie-dnsext-dns0x20).
        expect(answer.questions?.[0]?.name).toBe(name);
        if (answer.flag_tc) expect([answer.answers, answer.authorities]).toEqual([[], []]);
      }
    },
  );
});

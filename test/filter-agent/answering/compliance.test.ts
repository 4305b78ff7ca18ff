/**
 * What ISC's DNS compliance tester asks a server, asked of a real box and of unbound beside it, over UDP and TCP: its 34
 * tests and 65 types, by their names there, and what RFC 8906 and the RFCs behind it demand of the answer. Then what that
 * tool leaves out: opcodes, classes, meta types, cookies, counts that are wrong.
 *
 * Where unbound meets the demand too, the box answers with the same rcode; `why` says why where it does not. The tool
 * tests authoritative servers without RD; a resolver's clients set it, and so do the rows below. They are asked as the
 * tool asks them too: unbound refuses those, and the box answers, as a stub that forgets the bit means nothing by it.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, startBoxProcess } from '../../support/box-process.ts';
import { type Server, sendTcp, sendUdp } from '../../support/dns-client.ts';
import { lacks, type NameServer, startNsd, startUnbound, wildcardZone } from '../../support/name-servers.ts';

const Flag = { TC: 0x0200, AA: 0x0400, RD: 0x0100, RA: 0x0080, Z: 0x0040, AD: 0x0020, CD: 0x0010, QR: 0x8000 } as const;
const Rcode = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;
const Option = { NSID: 3, ECS: 8, EXPIRE: 9, COOKIE: 10, KEEPALIVE: 11, EDE: 15, UNKNOWN: 100 } as const;
const Type = { A: 1, SOA: 6, HINFO: 13, OPT: 41, DNSKEY: 48, TSIG: 250, IXFR: 251, AXFR: 252, ANY: 255 } as const;

interface Edns {
  readonly version?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly options?: readonly (readonly [code: number, data: Buffer])[];
}

interface Query {
  /** Of the header, without the opcode. */
  readonly flags?: number;
  readonly opcode?: number;
  readonly name?: string;
  readonly type?: number;
  readonly class?: number;
  readonly edns?: Edns;
  /** Whole records for the additional section, before OPT. */
  readonly additional?: readonly Buffer[];
  /** How often the question stands there. */
  readonly questions?: number;
  /** Behind the message. */
  readonly trailing?: Buffer;
}

interface Reply {
  readonly bytes: Buffer;
  readonly flags: number;
  readonly opcode: number;
  /** With OPT's upper bits. */
  readonly rcode: number;
  readonly questions: number;
  readonly answers: readonly number[];
  readonly opt: { version: number; flags: number; size: number; options: ReadonlyMap<number, Buffer> } | null;
}

const wireName = (name: string) =>
  Buffer.concat([
    ...name
      .split('.')
      .filter((label) => label !== '')
      .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label, 'latin1')])),
    Buffer.of(0),
  ]);
const uint16 = (...values: number[]) => Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 255)));

let nextId = 0x4000;

function encode(query: Query): Buffer {
  const { flags = 0, opcode = 0, name = '', type = Type.SOA, class: classOf = 1, edns, additional = [] } = query;
  const { questions = 1, trailing = Buffer.alloc(0) } = query;
  const question = Buffer.concat([wireName(name), uint16(type, classOf)]);
  const records = [...additional, ...(edns === undefined ? [] : [optRecord(edns)])];
  nextId = (nextId + 1) & 0xffff;
  return Buffer.concat([
    uint16(nextId, (opcode << 11) | flags, questions, 0, 0, records.length),
    ...Array.from({ length: questions }, () => question),
    ...records,
    trailing,
  ]);
}

function optRecord({ version = 0, flags = 0, size = 4096, options = [] }: Edns): Buffer {
  const data = Buffer.concat(options.flatMap(([code, value]) => [uint16(code, value.length), value]));
  return Buffer.concat([Buffer.of(0), uint16(Type.OPT, size, version, flags, data.length), data]);
}

function decode(bytes: Buffer): Reply {
  const flags = bytes.readUInt16BE(2);
  let at = 12;
  const skipName = () => {
    while (bytes[at] !== 0 && bytes[at]! < 0xc0) at += 1 + bytes[at]!;
    at += bytes[at] === 0 ? 1 : 2;
  };
  for (let i = bytes.readUInt16BE(4); i > 0; i--) {
    skipName();
    at += 4;
  }
  const answers: number[] = [];
  let opt: Reply['opt'] = null;
  let upper = 0;
  const counts = [6, 8, 10].map((offset) => bytes.readUInt16BE(offset));
  for (const [section, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      skipName();
      const type = bytes.readUInt16BE(at);
      const end = at + 10 + bytes.readUInt16BE(at + 8);
      if (section === 0) answers.push(type);
      if (type === Type.OPT) {
        upper = bytes[at + 4]! << 4;
        const options = new Map<number, Buffer>();
        for (let o = at + 10; o < end; o += 4 + bytes.readUInt16BE(o + 2)) {
          options.set(bytes.readUInt16BE(o), bytes.subarray(o + 4, o + 4 + bytes.readUInt16BE(o + 2)));
        }
        opt = { version: bytes[at + 5]!, flags: bytes.readUInt16BE(at + 6), size: bytes.readUInt16BE(at + 2), options };
      }
      at = end;
    }
  }
  expect(at, 'the reply ends where its records do').toBe(bytes.length);
  const rcode = upper | (flags & 15);
  return { bytes, flags, opcode: (flags >> 11) & 15, rcode, questions: bytes.readUInt16BE(4), answers, opt };
}

// ---- what an answer must be: null, or what is wrong with it -----------------------------------------------------------

type Demand = (reply: Reply, query: Query) => string | null;

const all =
  (...demands: Demand[]): Demand =>
  (reply, query) =>
    demands.map((demand) => demand(reply, query)).find((problem) => problem !== null) ?? null;
const demand =
  (text: string, holds: (reply: Reply, query: Query) => boolean): Demand =>
  (reply, query) =>
    holds(reply, query) ? null : text;

const rcode = (...wanted: number[]) => demand(`rcode ${wanted.join(' or ')}`, (reply) => wanted.includes(reply.rcode));
const cleared = (flag: number, name: string) => demand(`${name} is clear`, ({ flags }) => (flags & flag) === 0);
const set = (flag: number, name: string) => demand(`${name} is set`, ({ flags }) => (flags & flag) !== 0);
const answered = (type: number) => demand(`an answer of type ${type}`, ({ answers }) => answers.includes(type));
const nothing = demand('no answer section', ({ answers }) => answers.length === 0);
const plain = demand('no OPT without EDNS', ({ opt }) => opt === null);
const ednsFlags = (wanted: number) => demand(`EDNS flags ${wanted}`, ({ opt }) => opt?.flags === wanted);
const without = (...codes: number[]) =>
  demand(`no option of ${codes}`, ({ opt }) => codes.every((code) => opt?.options.has(code) !== true));
const withinSize = (size: number) => demand(`at most ${size} octets`, ({ bytes }) => bytes.length <= size);
/** RFC 6891 §6.1.3: whatever was asked, version 0 is answered. */
const withEdns = demand('OPT of version 0', ({ opt }) => opt !== null && opt.version === 0);
/** RFC 7873 §5.2.3: the client's eight octets, and sixteen of the server's (RFC 9018 §4). */
const withCookie = demand('a whole cookie', ({ opt }) => {
  const cookie = opt?.options.get(Option.COOKIE);
  return cookie?.length === 24 && cookie.subarray(0, 8).equals(CLIENT_COOKIE);
});
const unsigned = demand('no AD without validation', ({ flags }) => (flags & Flag.AD) === 0);
const soa = all(rcode(Rcode.NOERROR), answered(Type.SOA), cleared(Flag.TC, 'TC'), cleared(Flag.AA, 'AA'));
/** A header that says nothing of what only QUERY has. */
const unknownOpcode = all(
  rcode(Rcode.NOTIMP),
  nothing,
  cleared(Flag.TC, 'TC'),
  cleared(Flag.AA, 'AA'),
  cleared(Flag.RD, 'RD'),
  cleared(Flag.RA, 'RA'),
  cleared(Flag.CD, 'CD'),
  unsigned,
  plain,
);
const badVersion = all(rcode(Rcode.BADVERS), withEdns, nothing);

/** RFC 1035 §4.1.1, of every reply. */
const always = all(
  set(Flag.QR, 'QR'),
  cleared(Flag.Z, 'Z'),
  demand('the opcode comes back', (reply, { opcode = 0 }) => reply.opcode === opcode),
);

const CLIENT_COOKIE = Buffer.from('0102030405060708', 'hex');
const cookie = [Option.COOKIE, CLIENT_COOKIE] as const;
const nsid = [Option.NSID, Buffer.alloc(0)] as const;
const ecs = [Option.ECS, Buffer.from('00010000', 'hex')] as const;
const expire = [Option.EXPIRE, Buffer.alloc(0)] as const;
const unknown = [Option.UNKNOWN, Buffer.alloc(0)] as const;
const DO = 0x8000;

interface Row {
  readonly test: string;
  readonly query: Query;
  readonly demand: Demand;
  /** Why the box's rcode may be another than unbound's. */
  readonly why?: string;
}

/** TSIG by the well-known key: the name ".", hmac-sha256, a key of zeros. What it signs does not matter to who has no keys. */
const tsig = Buffer.concat([
  Buffer.of(0),
  uint16(Type.TSIG, 255, 0, 0),
  uint16(13 + 6 + 2 + 2 + 32 + 2 + 2 + 2),
  wireName('hmac-sha256'),
  Buffer.from('00006920f5f7', 'hex'),
  uint16(300, 32),
  Buffer.alloc(32, 7),
  uint16(0x4000, 0, 0),
]);

const { RD } = Flag;
const servers: Row[] = [
  { test: 'dns', query: { flags: RD }, demand: all(soa, plain) },
  { test: 'aa', query: { flags: RD | Flag.AA }, demand: all(soa, plain) },
  { test: 'ad', query: { flags: RD | Flag.AD }, demand: all(soa, unsigned) },
  { test: 'cd', query: { flags: RD | Flag.CD }, demand: all(soa, set(Flag.CD, 'CD'), unsigned) },
  { test: 'ra', query: { flags: RD | Flag.RA }, demand: all(soa, set(Flag.RA, 'RA')) },
  { test: 'rd', query: { flags: RD }, demand: all(soa, set(RD, 'RD'), set(Flag.RA, 'RA')) },
  { test: 'tc', query: { flags: RD | Flag.TC }, demand: soa },
  { test: 'zflag', query: { flags: RD | Flag.Z }, demand: soa },
  { test: 'opcode', query: { opcode: 15, questions: 0 }, demand: unknownOpcode },
  { test: 'opcodeflg', query: { opcode: 15, questions: 0, flags: 0x07f0 }, demand: unknownOpcode },
  {
    test: 'type666',
    query: { flags: RD, name: 'host.example', type: 666 },
    demand: all(rcode(Rcode.NOERROR), nothing, plain),
  },
  { test: 'tcp', query: { flags: RD }, demand: soa },
  { test: 'edns', query: { flags: RD, edns: {} }, demand: all(soa, withEdns, ednsFlags(0)) },
  { test: 'edns1', query: { flags: RD, edns: { version: 1 } }, demand: badVersion },
  {
    test: 'edns@512',
    query: { flags: RD, type: Type.DNSKEY, edns: { size: 512, flags: DO } },
    demand: all(rcode(Rcode.NOERROR), withEdns, withinSize(512)),
  },
  {
    test: 'ednsopt',
    query: { flags: RD, edns: { options: [unknown] } },
    demand: all(soa, withEdns, without(Option.UNKNOWN)),
  },
  {
    test: 'edns1opt',
    query: { flags: RD, edns: { version: 1, options: [unknown] } },
    demand: all(badVersion, without(Option.UNKNOWN)),
  },
  { test: 'do', query: { flags: RD, edns: { flags: DO } }, demand: all(soa, withEdns, ednsFlags(DO)) },
  {
    test: 'docd',
    query: { flags: RD | Flag.CD, edns: { flags: DO } },
    demand: all(soa, withEdns, ednsFlags(DO), set(Flag.CD, 'CD')),
  },
  { test: 'edns1do', query: { flags: RD, edns: { version: 1, flags: DO } }, demand: badVersion },
  { test: 'ednsflags', query: { flags: RD, edns: { flags: 0x0080 } }, demand: all(soa, withEdns, ednsFlags(0)) },
  {
    test: 'optlist',
    query: { flags: RD, edns: { options: [nsid, ecs, expire, cookie] } },
    demand: all(soa, withEdns, withCookie, without(Option.EXPIRE, Option.ECS)),
  },
  { test: 'ednsnsid', query: { flags: RD, edns: { options: [nsid] } }, demand: all(soa, withEdns) },
  { test: 'ednscookie', query: { flags: RD, edns: { options: [cookie] } }, demand: all(soa, withEdns, withCookie) },
  {
    test: 'ednsexpire',
    query: { flags: RD, edns: { options: [expire] } },
    demand: all(soa, withEdns, without(Option.EXPIRE)),
  },
  {
    test: 'ednssubnet',
    query: { flags: RD, edns: { options: [ecs] } },
    demand: all(soa, withEdns, without(Option.ECS)),
  },
  ...([nsid, cookie, expire, ecs] as const).map(
    (option, index): Row => ({
      test: ['edns1nsid', 'edns1cookie', 'edns1expire', 'edns1subnet'][index]!,
      query: { flags: RD, edns: { version: 1, options: [option] } },
      demand: all(badVersion, without(option[0])),
    }),
  ),
  {
    test: 'ednstcp',
    query: { flags: RD, type: Type.DNSKEY, edns: { size: 512, flags: DO } },
    demand: all(rcode(Rcode.NOERROR), withEdns, ednsFlags(DO)),
  },
  {
    test: 'bind11',
    query: { flags: RD, edns: { flags: DO, options: [cookie] } },
    demand: all(soa, withEdns, withCookie, ednsFlags(DO)),
  },
  {
    test: 'dig11',
    query: { flags: RD | Flag.AD, edns: { options: [cookie] } },
    demand: all(soa, withEdns, withCookie, set(RD, 'RD')),
  },
  // Who has no keys has no TSIG: the record is passed over like any other that is not known.
  { test: 'dnswkk', query: { flags: RD, additional: [tsig] }, demand: soa },
];

/** The numbers of IANA's "Resource Record (RR) TYPEs". */
const types: Record<string, number> = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  URI: 256,
  CAA: 257,
  AVC: 258,
  DOA: 259,
  DLV: 32769,
  TYPE1000: 1000,
};

/** The tool sets RD in the tests that are named after it, and as dig does. */
const asksWithoutRd = ({ test }: Row) => !['rd', 'dig11', 'opcodeflg'].includes(test);

const host = { flags: RD, name: 'host.example', type: Type.A };
const more: Row[] = [
  ...Object.entries({ IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 }).map(
    ([name, opcode]): Row => ({
      test: `opcode ${name}`,
      query: { ...host, opcode },
      demand: unknownOpcode,
    }),
  ),
  ...Object.entries({ CH: 3, HS: 4, NONE: 254, ANY: 255 }).map(
    ([name, classOf]): Row => ({
      test: `class ${name}`,
      query: { ...host, class: classOf },
      demand: all(rcode(Rcode.REFUSED), nothing),
    }),
  ),
  ...['version.bind', 'id.server', 'hostname.bind'].map(
    (name): Row => ({
      test: `what the server is, asked by ${name}`,
      query: { flags: RD, name, type: 16, class: 3 },
      demand: all(rcode(Rcode.REFUSED), nothing),
    }),
  ),
  ...[Type.AXFR, Type.IXFR].map(
    (type): Row => ({
      test: `zone transfer, type ${type}`,
      query: { ...host, type },
      demand: all(rcode(Rcode.REFUSED), nothing),
    }),
  ),
  ...[Type.OPT, 128, 200, 249, Type.TSIG].map(
    (type): Row => ({
      test: `meta type ${type} (RFC 6895 §3.1)`,
      query: { ...host, type },
      demand: all(rcode(Rcode.FORMERR), nothing),
    }),
  ),
  ...[253, 254].map(
    (type): Row => ({
      test: `type ${type}, which nobody answers any more`,
      query: { ...host, type },
      demand: all(rcode(Rcode.NOTIMP, Rcode.FORMERR), nothing),
      why: 'a type of question that is well formed (RFC 1035 §3.2.3), of which unbound says FORMERR',
    }),
  ),
  {
    test: 'ANY (RFC 8482)',
    query: { ...host, type: Type.ANY },
    demand: all(
      rcode(Rcode.NOERROR),
      demand('HINFO, and nothing else', ({ answers }) => answers.join() === '13'),
    ),
  },
  { test: 'two questions', query: { ...host, questions: 2 }, demand: all(rcode(Rcode.FORMERR), nothing) },
  { test: 'no question', query: { ...host, questions: 0 }, demand: all(rcode(Rcode.FORMERR), nothing) },
  {
    test: 'no question but a cookie (RFC 7873 §5.4)',
    query: { questions: 0, edns: { options: [cookie] } },
    demand: all(rcode(Rcode.NOERROR), nothing, withCookie),
  },
  {
    test: 'a cookie with a server’s part that is not ours',
    query: { ...host, edns: { options: [[Option.COOKIE, Buffer.concat([CLIENT_COOKIE, Buffer.alloc(16, 9)])]] } },
    demand: all(rcode(Rcode.NOERROR), withCookie),
  },
  ...[0, 7, 9, 15, 41].map(
    (length): Row => ({
      test: `a cookie of ${length} octets (RFC 7873 §5.2.2)`,
      query: { ...host, edns: { options: [[Option.COOKIE, Buffer.alloc(length, 1)]] } },
      demand: all(rcode(Rcode.FORMERR), withEdns, nothing, without(Option.COOKIE)),
    }),
  ),
  {
    test: 'two OPT records (RFC 6891 §6.1.1)',
    query: { ...host, edns: {}, additional: [optRecord({})] },
    demand: all(rcode(Rcode.FORMERR), nothing),
  },
  {
    test: 'DO, with everything else of EDNS set too',
    query: { ...host, edns: { flags: 0xffff } },
    demand: all(rcode(Rcode.NOERROR), withEdns, ednsFlags(DO)),
  },
  {
    test: 'a payload size below 512 (RFC 6891 §6.2.3)',
    query: { ...host, edns: { size: 0 } },
    demand: all(rcode(Rcode.NOERROR), answered(Type.A), withEdns),
  },
  {
    test: 'octets behind the message',
    query: { ...host, trailing: Buffer.from('deadbeef', 'hex') },
    demand: all(rcode(Rcode.NOERROR), answered(Type.A), plain),
  },
  {
    test: 'a time-out asked for (RFC 7828)',
    query: { ...host, edns: { options: [[Option.KEEPALIVE, Buffer.alloc(0)]] } },
    demand: all(rcode(Rcode.NOERROR), answered(Type.A)),
  },
];

describe.skipIf(lacks('nsd', 'unbound'))('compliance', () => {
  let nsd: NameServer;
  let unbound: NameServer;
  let box: BoxProcess;

  beforeAll(async () => {
    nsd = await startNsd(wildcardZone);
    unbound = await startUnbound(nsd);
    box = await startBoxProcess({
      upstreams: [`udp://${unbound.address}:${unbound.port}`],
      settings: { policy: alwaysOpenPolicy() },
    });
  }, 60_000);
  afterAll(async () => {
    await box?.remove();
    await unbound?.remove();
    await nsd?.remove();
  });

  const transports = { UDP: sendUdp, TCP: sendTcp } as const;
  type Transport = keyof typeof transports;

  /** Null for silence. */
  async function ask(server: Server, transport: Transport, query: Query): Promise<Reply | null> {
    const bytes = encode(query);
    const reply = await transports[transport](server, bytes, { timeoutMs: 3_000 }).catch(() => null);
    if (reply === null) return null;
    expect(reply.readUInt16BE(0), 'the id comes back').toBe(bytes.readUInt16BE(0));
    return decode(reply);
  }

  async function compare(transport: Transport, { test, query, demand: wanted, why }: Row): Promise<void> {
    const ours = await ask(box.server, transport, query);
    if (ours === null) throw new Error(`${test}: no answer`);
    expect(all(always, wanted)(ours, query), `${test} over ${transport}: ${ours.bytes.toString('hex')}`).toBeNull();
    const theirs = await ask(unbound, transport, query);
    if (theirs === null || all(always, wanted)(theirs, query) !== null) return;
    const beside = expect(ours.rcode, `${test} over ${transport}, beside unbound`);
    if (why === undefined) beside.toBe(theirs.rcode);
    else beside.not.toBe(theirs.rcode);
    expect(ours.opt !== null, `${test} over ${transport}: OPT, beside unbound`).toBe(theirs.opt !== null);
  }

  it('asks all that the tool asks', () => {
    expect(new Set(servers.map(({ test }) => test)).size).toBe(34);
    expect(new Set(Object.values(types)).size).toBe(65);
  });

  for (const transport of ['UDP', 'TCP'] as const) {
    describe(`over ${transport}`, () => {
      it.each(servers)('$test', (row) => compare(transport, row));
      it.each(more)('$test', (row) => compare(transport, row));
      it.each(servers.filter(asksWithoutRd))('$test, without RD', ({ test, query, demand: wanted }) => {
        const flags = (query.flags ?? 0) & ~RD;
        return compare(transport, { test, query: { ...query, flags }, demand: all(wanted, cleared(RD, 'RD')) });
      });
      it.each(Object.entries(types))('type %s', async (name, type) => {
        const found: Demand = name === 'A' || name === 'AAAA' ? answered(type) : nothing;
        await compare(transport, { test: name, query: { ...host, type }, demand: all(rcode(Rcode.NOERROR), found) });
      });
    });
  }

  it('keeps silent to answers, and to what is too short for a header', async () => {
    for (const bytes of [encode({ ...host, flags: RD | Flag.QR }), encode(host).subarray(0, 11), Buffer.alloc(2)]) {
      await expect(sendUdp(box.server, bytes, { timeoutMs: 300 })).rejects.toThrow(/no answer/);
    }
  });

  it('says how long a connection is kept, over TCP only', async () => {
    const query = { ...host, edns: { options: [[Option.KEEPALIVE, Buffer.alloc(0)]] as const } };
    expect((await ask(box.server, 'TCP', query))?.opt?.options.get(Option.KEEPALIVE)?.readUInt16BE(0)).toBe(100);
    expect((await ask(box.server, 'UDP', query))?.opt?.options.has(Option.KEEPALIVE)).toBe(false);
  });

  it('says why it refuses, to who understands (RFC 8914)', async () => {
    const query = { ...host, class: 3, edns: {} };
    // Not Supported.
    expect((await ask(box.server, 'UDP', query))?.opt?.options.get(Option.EDE)?.readUInt16BE(0)).toBe(21);
    expect((await ask(box.server, 'UDP', { ...host, class: 3 }))?.opt).toBeNull();
  });
});

/**
 * What the hostile upstream says, by the first label of the name that it is asked: `wrong-id.one.example` is answered
 * with wrong ids. Every name whose first label is none of these is answered with the truth.
 *
 * Owns the octets, laid down by hand after RFC 1035 §4, so that nothing of the box's own reading and writing is taken for
 * granted; leaves out the sockets (hostile-upstream.ts). `-then-truth` behind a label: the truth follows after 300 ms.
 * `-over-udp`: over TCP it is the truth at once.
 */
import type { Socket } from 'node:net';
import { seededNumbers } from './seeded-names.ts';

/** The address of every name. */
export const TRUTH_A = '192.0.2.1';
export const TRUTH_AAAA = '2001:db8::1';
/** What an attacker would have believed. It stands in no true answer. */
export const POISON_A = '203.0.113.66';
export const POISON_AAAA = '2001:db8:bad::66';
/** Of a name that another name's answer led through: true there, and not what the name itself has. */
export const CHAINED_A = '192.0.2.77';

/** How long the truth is behind the forgery. */
export const TRUTH_AFTER_MS = 300;
const FORGERIES = 200;

export interface Query {
  readonly id: number;
  /** The question section, octet by octet as it came. */
  readonly question: Buffer;
  /** Its name: wire form with the root's octet, in the case that it came in. */
  readonly name: Buffer;
  /** Lower case. */
  readonly labels: readonly string[];
  readonly type: number;
  readonly hasEdns: boolean;
}

/** One message. */
export interface Step {
  readonly bytes: Buffer;
  /** At once, unless told. */
  readonly afterMs?: number;
  /** UDP only. */
  readonly from?: 'other port' | 'other address';
}

export interface Misbehaviour {
  readonly says: (query: Query) => readonly Step[];
  /** What it does over TCP, when that is not to send the same messages framed. */
  readonly overTcp?: (query: Query, socket: Socket) => void;
}

/** How this name is answered. */
export function behaviourOf({ labels }: Query): Misbehaviour {
  const label = labels[0] ?? '';
  const bare = label.replace(/-(then-truth|over-udp)$/, '');
  const known = misbehaviours[bare];
  if (known === undefined) return truthful;
  if (label.endsWith('-then-truth')) {
    return {
      says: (query) => [...known.says(query), { bytes: truth(query), afterMs: TRUTH_AFTER_MS }],
    };
  }
  if (label.endsWith('-over-udp')) return { says: known.says, overTcp: sayTruth };
  return known;
}

/** Null for what is no query with one plain question. */
export function readQuery(bytes: Buffer): Query | null {
  if (bytes.length < 12 || (bytes[2]! & 0xf8) !== 0 || bytes.readUInt16BE(4) !== 1) return null;
  const labels: string[] = [];
  let at = 12;
  for (let length = bytes[at]; length !== 0; length = bytes[at]) {
    if (length === undefined || length > 63) return null;
    labels.push(
      bytes
        .subarray(at + 1, at + 1 + length)
        .toString('latin1')
        .toLowerCase(),
    );
    at += 1 + length;
  }
  if (at + 5 > bytes.length) return null;
  return {
    id: bytes.readUInt16BE(0),
    question: Buffer.from(bytes.subarray(12, at + 5)),
    name: Buffer.from(bytes.subarray(12, at + 1)),
    labels,
    type: bytes.readUInt16BE(at + 1),
    hasEdns: bytes.readUInt16BE(10) > 0,
  };
}

export function frame(message: Buffer): Buffer {
  return Buffer.concat([u16(message.length), message]);
}

// ---- laying down messages (RFC 1035 §4.1) ----------------------------------------------------------------------

const A = 1;
const NS = 2;
const CNAME = 5;
const SOA = 6;
const MX = 15;
const TXT = 16;
const AAAA = 28;
const DNAME = 39;
const OPT = 41;
const IN = 1;
const CH = 3;
/** Of the range that is nobody's (RFC 6895 §3.1). */
const UNKNOWN_TYPE = 65_280;

/** A pointer to the question's name, behind the header. */
const OWNER: Buffer = Buffer.of(0xc0, 12);
const TTL_SECONDS = 300;
/** QR, RD, RA. */
const RESPONSE = 0x8180;
const TC = 0x0200;
const SERVFAIL = 2;
const FORMERR = 1;
const NXDOMAIN = 3;
const NOTIMP = 4;
const REFUSED = 5;

interface Parts {
  readonly id?: number;
  readonly flags?: number;
  readonly question?: Buffer;
  readonly answers?: readonly Buffer[];
  readonly authority?: readonly Buffer[];
  readonly additional?: readonly Buffer[];
  /** What the header says that there is: questions, answers, authority, additional. */
  readonly counts?: readonly [number, number, number, number];
}

function message(query: Query, parts: Parts): Buffer {
  const { id = query.id, flags = RESPONSE, question = query.question } = parts;
  const { answers = [], authority = [], additional = [] } = parts;
  const counts = parts.counts ?? [1, answers.length, authority.length, additional.length];
  const header = [id, flags, ...counts].map(u16);
  return Buffer.concat([...header, question, ...answers, ...authority, ...additional]);
}

function record(owner: Buffer, type: number, data: Buffer, ttl = TTL_SECONDS, classOf = IN): Buffer {
  return Buffer.concat([owner, u16(type), u16(classOf), u32(ttl), u16(data.length), data]);
}

function u16(value: number): Buffer {
  return Buffer.of((value >>> 8) & 255, value & 255);
}

function u32(value: number): Buffer {
  return Buffer.concat([u16(value >>> 16), u16(value & 0xffff)]);
}

export function ipv4(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number));
}

/** "2001:db8::1", with one "::". */
export function ipv6(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const left = groups(head);
  const right = groups(tail);
  const zeros = new Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.concat([...left, ...zeros, ...right].map((group) => u16(Number.parseInt(group, 16))));
}

function wire(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);
}

/** A name beside the one that was asked: its first label replaced. */
function beside({ labels }: Query, label: string): Buffer {
  return wire([label, ...labels.slice(1)].join('.'));
}

const a = (address: string, owner: Buffer = OWNER) => record(owner, A, ipv4(address));
const poison = a(POISON_A);

/** SOA of the root, for negative answers: TTL and minimum (RFC 2308 §3). */
function soa(ttl = 60, minimum = 60): Buffer {
  const fields = [1, 3600, 600, 86_400, minimum].map(u32);
  return record(wire(''), SOA, Buffer.concat([wire('ns.example'), wire('admin.example'), ...fields]), ttl);
}

function opt(options: Buffer, extendedRcode = 0, version = 0): Buffer {
  return Buffer.concat([
    Buffer.of(0),
    u16(OPT),
    u16(1232),
    Buffer.of(extendedRcode, version, 0, 0),
    u16(options.length),
    options,
  ]);
}

/** The right answer. */
export function truth(query: Query, parts: Parts = {}): Buffer {
  const answers = trueRecords(query);
  return message(query, { answers, ...(answers.length === 0 && { authority: [soa()] }), ...parts });
}

function trueRecords({ type }: Query): Buffer[] {
  if (type === A) return [a(TRUTH_A)];
  return type === AAAA ? [record(OWNER, AAAA, ipv6(TRUTH_AAAA))] : [];
}

const truthful: Misbehaviour = { says: (query) => [{ bytes: truth(query) }] };

function sayTruth(query: Query, socket: Socket): void {
  socket.write(frame(truth(query)));
}

/** One message, which may lean on the query. */
function one(build: (query: Query) => Buffer): Misbehaviour {
  return { says: (query) => [{ bytes: build(query) }] };
}

/** One answer with these records in place of the true one. */
function answers(build: (query: Query) => readonly Buffer[]): Misbehaviour {
  return one((query) => message(query, { answers: build(query) }));
}

/** Poison, and behind it something that cannot be read: a reader that stops early would take the poison. */
function brokenBehindPoison(build: (query: Query, at: number) => Buffer): Misbehaviour {
  return one((query) => {
    const at = 12 + query.question.length + poison.length;
    return message(query, { answers: [poison, build(query, at)] });
  });
}

/** TC over UDP; this over TCP. */
function tcp(overTcp: (query: Query, socket: Socket) => void): Misbehaviour {
  return { says: (query) => [{ bytes: message(query, { flags: RESPONSE | TC }) }], overTcp };
}

function late(ms: number): Misbehaviour {
  return { says: (query) => [{ bytes: truth(query), afterMs: ms }] };
}

const addresses = (count: number) => (): Buffer[] =>
  Array.from({ length: count }, (_, index) => a(`192.0.2.${index & 255}`));

function pointerTo(offset: number): Buffer {
  return u16(0xc000 | offset);
}

function otherCase(question: Buffer): Buffer {
  const isLetter = (octet: number) => (octet | 32) >= 0x61 && (octet | 32) <= 0x7a;
  const name = question.subarray(0, -4).map((octet) => (isLetter(octet) ? octet ^ 32 : octet));
  return Buffer.concat([name, question.subarray(-4)]);
}

/** Never the same garbage for two names, always the same for one. */
function garbage({ labels }: Query, length: number): Buffer {
  const next = seededNumbers([...labels.join('.')].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7));
  return Buffer.from(Array.from({ length }, () => next() & 255));
}

// ---- the misbehaviours ------------------------------------------------------------------------------------------

/** Replies that are none to what was asked (RFC 5452 §9.1), each with poison. */
export const forgeries: Readonly<Record<string, Misbehaviour>> = {
  'wrong-id': {
    says: (query) =>
      Array.from({ length: FORGERIES }, (_, index) => {
        const id = (query.id + 1 + 327 * index) & 0xffff;
        return { bytes: message(query, { id: id === query.id ? id ^ 1 : id, answers: [poison] }) };
      }),
  },
  'wrong-question': one((query) => {
    const name = Buffer.from(query.name);
    name[1] = name[1] === 0x78 ? 0x79 : 0x78;
    return message(query, { question: Buffer.concat([name, u16(query.type), u16(IN)]), answers: [poison] });
  }),
  'longer-question': one((query) =>
    message(query, {
      question: Buffer.concat([wire('x').subarray(0, -1), query.question]),
      answers: [poison],
    }),
  ),
  'wrong-type': one((query) => {
    const type = query.type === A ? AAAA : A;
    return message(query, { question: Buffer.concat([query.name, u16(type), u16(IN)]), answers: [poison] });
  }),
  'wrong-class': one((query) =>
    message(query, { question: Buffer.concat([query.name, u16(query.type), u16(CH)]), answers: [poison] }),
  ),
  'is-query': one((query) => message(query, { flags: RESPONSE & 0x7fff, answers: [poison] })),
  'wrong-opcode': one((query) => message(query, { flags: RESPONSE | 0x2000, answers: [poison] })),
  'no-question': one((query) =>
    message(query, { question: Buffer.alloc(0), counts: [0, 1, 0, 0], answers: [a(POISON_A, query.name)] }),
  ),
  'two-questions': one((query) =>
    message(query, {
      question: Buffer.concat([query.question, query.question]),
      counts: [2, 1, 0, 0],
      answers: [poison],
    }),
  ),
  'question-by-pointer': one((query) =>
    message(query, { question: Buffer.concat([pointerTo(12), u16(query.type), u16(IN)]), answers: [poison] }),
  ),
};

/** Perfect forgeries, but for where they come from. */
export const strangers: Readonly<Record<string, Misbehaviour>> = {
  'other-port': { says: (query) => [{ bytes: message(query, { answers: [poison] }), from: 'other port' }] },
  'other-address': { says: (query) => [{ bytes: message(query, { answers: [poison] }), from: 'other address' }] },
};

/** No message at all, or one that ends before anything is said: passed over as if it had not come. */
export const scraps: Readonly<Record<string, Misbehaviour>> = {
  'header-only': one((query) => message(query, { question: Buffer.alloc(0), counts: [0, 0, 0, 0] })),
  'header-that-lies': one((query) => message(query, { question: Buffer.alloc(0), counts: [1, 1, 0, 0] })),
  'empty-datagram': one(() => Buffer.alloc(0)),
  'one-octet': one(({ id }) => u16(id).subarray(0, 1)),
  'eleven-octets': one((query) => truth(query).subarray(0, 11)),
  'cut-question': one((query) => truth(query).subarray(0, 12 + query.question.length - 3)),
  garbage: one((query) => {
    const bytes = garbage(query, 400);
    bytes.set([...u16(query.id), 0x81, 0x80]);
    return bytes;
  }),
};

/** From the right place, to the right question, and not to be read to its end. */
export const broken: Readonly<Record<string, Misbehaviour>> = {
  'pointer-to-itself': brokenBehindPoison((_, at) => a(POISON_A, pointerTo(at))),
  'pointer-forward': brokenBehindPoison((_, at) => a(POISON_A, pointerTo(at + 16))),
  'pointer-two-step': brokenBehindPoison((_, at) =>
    // The owner points at the data, and the data back at the owner.
    record(pointerTo(at + 12), CNAME, pointerTo(at)),
  ),
  'pointer-into-header': brokenBehindPoison(() => a(POISON_A, pointerTo(4))),
  'pointer-past-end': brokenBehindPoison(() => a(POISON_A, pointerTo(0x3fff))),
  'pointer-loop-in-data': one((query) => {
    const data = 12 + query.question.length + 12;
    return message(query, { answers: [record(OWNER, CNAME, pointerTo(data)), poison] });
  }),
  'cut-data': one((query) => {
    const cut = Buffer.from(poison);
    cut.writeUInt16BE(400, cut.length - 6);
    return message(query, { answers: [poison, cut] });
  }),
  'cut-record': brokenBehindPoison(() => poison.subarray(0, 7)),
  'count-says-more': one((query) => message(query, { answers: [poison], counts: [1, 5, 0, 0] })),
  'count-says-most': one((query) => message(query, { answers: [poison], counts: [1, 65_535, 65_535, 65_535] })),
  'label-of-no-kind': brokenBehindPoison(() =>
    a(POISON_A, Buffer.concat([Buffer.of(0x41), Buffer.alloc(65), Buffer.of(0)])),
  ),
  'name-too-long': brokenBehindPoison(() => a(POISON_A, wire(new Array(8).fill('x'.repeat(60)).join('.')))),
  'address-of-three-octets': answers(() => [record(OWNER, A, ipv4(POISON_A).subarray(0, 3))]),
  'address-of-no-octets': answers(() => [record(OWNER, A, Buffer.alloc(0))]),
  'address-of-sixteen-octets': answers(() => [record(OWNER, A, ipv6(POISON_AAAA))]),
  'alias-longer-than-its-data': answers(() => [record(OWNER, CNAME, Buffer.of(9, 0x61, 0x62))]),
};

/** What goes wrong on the way, not in what is said. */
export const lines: Readonly<Record<string, Misbehaviour>> = {
  silence: { says: () => [] },
  'slow-1000': late(1_000),
  'slow-2500': late(2_500),
  'slow-4500': late(4_500),
  'tc-then-tcp': tcp(sayTruth),
  'tcp-octet-by-octet': tcp((query, socket) => {
    const bytes = frame(truth(query));
    let at = 0;
    const timer = setInterval(() => {
      if (at === bytes.length || socket.destroyed) clearInterval(timer);
      else socket.write(bytes.subarray(at, ++at));
    }, 5);
  }),
  'tcp-length-says-more': tcp((query, socket) => {
    const bytes = truth(query);
    socket.write(Buffer.concat([u16(bytes.length + 200), bytes]));
  }),
  'tcp-length-says-less': tcp((query, socket) => {
    const bytes = truth(query);
    socket.write(Buffer.concat([u16(bytes.length - 9), bytes]));
  }),
  'tcp-length-zero': tcp((_, socket) => socket.write(Buffer.of(0, 0))),
  'tcp-empty-frame-first': tcp((query, socket) => {
    socket.write(Buffer.concat([Buffer.of(0, 0), frame(truth(query))]));
  }),
  'tcp-reset': tcp((_, socket) => socket.resetAndDestroy()),
  'tcp-close': tcp((_, socket) => socket.end()),
  'tcp-half-then-reset': tcp((query, socket) => {
    const bytes = frame(truth(query));
    socket.write(bytes.subarray(0, bytes.length >> 1), () => socket.resetAndDestroy());
  }),
  'tcp-half-then-close': tcp((query, socket) => {
    const bytes = frame(truth(query));
    socket.end(bytes.subarray(0, bytes.length >> 1));
  }),
  'tcp-half-then-hang': tcp((query, socket) => {
    const bytes = frame(truth(query));
    socket.write(bytes.subarray(0, bytes.length >> 1));
  }),
  'tcp-one-octet-then-hang': tcp((_, socket) => socket.write(Buffer.of(0))),
  'tcp-hang': tcp(() => {}),
  'tcp-still-truncated': tcp((query, socket) => socket.write(frame(message(query, { flags: RESPONSE | TC })))),
};

/** What is well formed, and yet not to be believed, not to be kept, or not to be asked for in this way. */
export const contents: Readonly<Record<string, Misbehaviour>> = {
  // Poison for other names, in each section. `victim-…` itself is answered with the truth.
  'extra-in-answer': one((query) => truth(query, { answers: [a(TRUTH_A), a(POISON_A, beside(query, 'victim-a'))] })),
  'extra-before-answer': one((query) =>
    truth(query, { answers: [a(POISON_A, beside(query, 'victim-b')), a(TRUTH_A)] }),
  ),
  'extra-in-authority': one((query) =>
    truth(query, {
      authority: [a(POISON_A, beside(query, 'victim-c')), record(wire('example'), NS, beside(query, 'victim-d'))],
    }),
  ),
  'extra-in-additional': one((query) =>
    truth(query, { additional: [a(POISON_A, beside(query, 'victim-e')), opt(Buffer.alloc(0))] }),
  ),
  'alias-of-another': answers((query) => [
    record(beside(query, 'elsewhere'), CNAME, beside(query, 'victim-f')),
    a(POISON_A, beside(query, 'victim-f')),
  ]),
  'alias-with-address': answers((query) => [
    record(OWNER, CNAME, beside(query, 'victim-g')),
    a(CHAINED_A, beside(query, 'victim-g')),
  ]),
  'truth-then-poison': {
    says: (query) => [
      { bytes: truth(query) },
      { bytes: message(query, { answers: [poison] }) },
      { bytes: message(query, { answers: [poison] }), afterMs: 50 },
    ],
  },
  // Aliases without end.
  'alias-to-itself': answers(() => [record(OWNER, CNAME, OWNER)]),
  'alias-loop': answers((query) => [
    record(OWNER, CNAME, beside(query, 'loop')),
    record(beside(query, 'loop'), CNAME, OWNER),
  ]),
  'alias-chain-of-40': answers((query) => {
    const at = (step: number) => (step === 0 ? OWNER : beside(query, `step-${step}`));
    const chain = Array.from({ length: 40 }, (_, step) => record(at(step), CNAME, beside(query, `step-${step + 1}`)));
    return [...chain, a(TRUTH_A, at(40))];
  }),
  'dname-bomb': answers((query) => {
    // Each takes the name a label further, up to the 255 octets that a name may have (RFC 6672 §2.2).
    const parent = query.labels.slice(1).join('.');
    const grown = (steps: number) => wire(`${'bomb.'.repeat(steps)}${parent}`);
    return Array.from({ length: 40 }, (_, step) => [
      record(grown(step), DNAME, grown(step + 1)),
      record(step === 0 ? OWNER : wire(`x.${'bomb.'.repeat(step)}${parent}`), CNAME, grown(step + 1)),
    ]).flat();
  }),
  // More than a datagram should bring.
  'records-300': answers(addresses(300)),
  'octets-60000': answers(addresses(3_740)),
  // EDNS (RFC 6891), cookies (RFC 7873).
  'opt-twice': one((query) => truth(query, { additional: [opt(Buffer.alloc(0)), opt(Buffer.alloc(0))] })),
  'opt-in-answer': one((query) => truth(query, { answers: [a(TRUTH_A), opt(Buffer.alloc(0))] })),
  'cookie-junk': one((query) => {
    const cookies = [Buffer.alloc(3, 7), Buffer.alloc(41, 7)].map((data) =>
      Buffer.concat([u16(10), u16(data.length), data]),
    );
    return truth(query, { additional: [opt(Buffer.concat(cookies))] });
  }),
  'option-cut': one((query) => truth(query, { additional: [opt(Buffer.concat([u16(10), u16(500), u16(1)]))] })),
  badvers: one((query) => message(query, { additional: [opt(Buffer.alloc(0), 1)] })),
  'badvers-to-edns': one((query) =>
    query.hasEdns ? message(query, { additional: [opt(Buffer.alloc(0), 1)] }) : truth(query),
  ),
  'formerr-to-edns': one((query) =>
    query.hasEdns
      ? message(query, { flags: RESPONSE | FORMERR, question: Buffer.alloc(0), counts: [0, 0, 0, 0] })
      : truth(query),
  ),
  'notimp-to-edns': one((query) => (query.hasEdns ? message(query, { flags: RESPONSE | NOTIMP }) : truth(query))),
  'formerr-with-cut-question': one((query) =>
    message(query, { flags: RESPONSE | FORMERR, question: query.question.subarray(0, 5) }),
  ),
  formerr: one((query) => message(query, { flags: RESPONSE | FORMERR })),
  notimp: one((query) => message(query, { flags: RESPONSE | NOTIMP })),
  servfail: one((query) => message(query, { flags: RESPONSE | SERVFAIL })),
  refused: one((query) => message(query, { flags: RESPONSE | REFUSED })),
  'rcode-of-nobody': one((query) => message(query, { flags: RESPONSE | 13, answers: [poison] })),
  // Data that looks like something else.
  'unknown-type': answers(() => [record(OWNER, UNKNOWN_TYPE, UNKNOWN_DATA)]),
  'compressed-mx': answers(() => [record(OWNER, MX, Buffer.concat([u16(10), OWNER]))]),
  'text-of-hostile-octets': answers(() => [record(OWNER, TXT, HOSTILE_TEXT)]),
  'class-ch': answers(() => [record(OWNER, A, ipv4(POISON_A), TTL_SECONDS, CH)]),
  'trailing-octets': one((query) => Buffer.concat([truth(query), garbage(query, 100)])),
  'count-says-less': one((query) => message(query, { answers: [a(TRUTH_A)], counts: [1, 0, 0, 0] })),
  // How long it may be kept (RFC 2181 §8, RFC 2308 §5).
  'ttl-top-bit': answers(() => [record(OWNER, A, ipv4(TRUTH_A), 0x80000000)]),
  'ttl-largest': answers(() => [record(OWNER, A, ipv4(TRUTH_A), 0x7fffffff)]),
  'ttl-zero': answers(() => [record(OWNER, A, ipv4(TRUTH_A), 0)]),
  'nxdomain-without-soa': one((query) => message(query, { flags: RESPONSE | NXDOMAIN })),
  'nxdomain-for-ever': one((query) =>
    message(query, { flags: RESPONSE | NXDOMAIN, authority: [soa(0x7fffffff, 0x7fffffff)] }),
  ),
  'nxdomain-for-a': one((query) =>
    query.type === A ? message(query, { flags: RESPONSE | NXDOMAIN, authority: [soa()] }) : truth(query),
  ),
  referral: one((query) =>
    message(query, {
      authority: [record(wire('example'), NS, beside(query, 'victim-h'))],
      additional: [a(POISON_A, beside(query, 'victim-h'))],
    }),
  ),
  // A server that folds the question's case is odd, and no forger; one that forges cannot know the case
  // (draft-vixie-dnsext-dns0x20 §2).
  'wrong-case': {
    says: (query) => [{ bytes: truth(query, { question: otherCase(query.question) }) }],
    overTcp: sayTruth,
  },
  'wrong-case-forgery': {
    says: (query) => [
      { bytes: message(query, { question: otherCase(query.question), answers: [poison] }) },
      { bytes: truth(query), afterMs: TRUTH_AFTER_MS },
    ],
    overTcp: sayTruth,
  },
};

/** Data of a type that nobody knows: octets that would be pointers in a known one, and must not be touched (RFC 3597 §4). */
export const UNKNOWN_DATA = Buffer.of(0xc0, 0x0c, 0x00, 0xff, 0x3f, 0xc0, 0xff, 0x0a);
/** One character string (RFC 1035 §3.3.14). */
export const HOSTILE_TEXT = Buffer.from('\0\x1b<script>alert(1)</script>\0\n\xff', 'latin1');
HOSTILE_TEXT[0] = HOSTILE_TEXT.length - 1;

const misbehaviours: Readonly<Record<string, Misbehaviour>> = {
  ...forgeries,
  ...strangers,
  ...scraps,
  ...broken,
  ...lines,
  ...contents,
};

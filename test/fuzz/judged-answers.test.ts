/**
 * Upstream messages made to walk a blocked name past the judge: chains of CNAME and DNAME, service bindings in both modes,
 * records in wrong sections, orders and classes, pointers into data, cases, counts that lie, octets behind the end, more
 * than a datagram holds. What the answerer makes of each is read by a reader of the test's own, which knows nothing of
 * walks: no name in the answer is blocked, and every record that was asked for stands at a name that the answer leads to.
 *
 * STAIRGATE_FUZZ_SEED and STAIRGATE_FUZZ_ANSWERS repeat or lengthen a run.
 */
import { describe, expect, it } from 'vitest';
import { Answerer, FORWARD } from '../../filter-agent/answering/answer-query.ts';
import { QueryEvents } from '../../filter-agent/answering/query-events.ts';
import { toStoredMessage } from '../../filter-agent/answering/remade-message.ts';
import { Walk } from '../../filter-agent/answering/stored-message.ts';
import { createCounters, createRing, EVENT_SLOT_BYTES } from '../../filter-agent/shared-memory.ts';
import { seededNumbers } from '../support/seeded-names.ts';
import { CLIENT, smallGeneration, smallImage } from '../support/small-policy.ts';

const seed = Number(process.env.STAIRGATE_FUZZ_SEED ?? Date.now() % 2 ** 32);
const total = Number(process.env.STAIRGATE_FUZZ_ANSWERS ?? 20_000);

const generation = smallGeneration(
  smallImage([
    ['social', 'social.example'],
    ['social', 'login.social.example', 'suffix', 'allow'],
    ['social', 'cdn.shared.example', 'host'],
    ['malware', 'bad.example'],
  ]),
);

/** The same rules, read by hand. */
function isBlockedName(name: string): boolean {
  const isAt = (zone: string) => name === zone || name.endsWith(`.${zone}`);
  return (
    (isAt('social.example') && !isAt('login.social.example')) || name === 'cdn.shared.example' || isAt('bad.example')
  );
}

const blockedNames = ['social.example', 'www.social.example', 'cdn.shared.example', 'x.tree.bad.example'];
const openNames = [
  'www.shop.example',
  'edge.shop.example',
  'login.social.example',
  'www.cdn.shared.example',
  'x.tree.example',
  'social.tree.example',
  'antisocial.example',
  'tree.example',
  'example',
];

const T = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  RRSIG: 46,
  SVCB: 64,
  HTTPS: 65,
};
const askedTypes = [T.A, T.A, T.A, T.AAAA, T.HTTPS, T.HTTPS, T.SVCB, T.CNAME, T.DNAME, T.TXT, T.MX, T.SRV, T.NS];
const leading: ReadonlyMap<number, number> = new Map([
  [T.CNAME, 0],
  [T.DNAME, 0],
  [T.SVCB, 2],
  [T.HTTPS, 2],
]);
const [IN, CH] = [1, 3];
const HEADER_BYTES = 12;

interface ResourceRecord {
  readonly owner: string;
  readonly type: number;
  readonly class: number;
  /** For types whose data are a name, that name. */
  readonly target?: string;
}

// ---- messages -----------------------------------------------------------------------------------------------------

class Maker {
  readonly #random: () => number;

  constructor(from: number) {
    const next = seededNumbers(from);
    this.#random = () => next() / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.#random() < share;
  }

  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  one<T>(of: readonly T[]): T {
    return of[this.below(of.length)]!;
  }

  name(blockedShare: number): string {
    return this.one(this.chance(blockedShare) ? blockedNames : openNames);
  }

  cased(name: string): string {
    if (this.chance(0.5)) return name;
    return [...name].map((letter) => (this.chance(0.5) ? letter.toUpperCase() : letter)).join('');
  }

  /** A chain as resolvers write it: each record at the name that the one before led to. */
  chain(question: string, type: number): ResourceRecord[] {
    const records: ResourceRecord[] = [];
    const passed = new Set([question]);
    let owner = question;
    const length = type === T.CNAME ? 0 : this.one([0, 0, 1, 1, 2, 3]);
    for (let i = 0; i < length; i++) {
      const target = this.name(0.15);
      const [label, ...above] = owner.split('.');
      // A name with a CNAME has no DNAME beside it (RFC 6672 §2.4).
      const isTree = above.length > 1 && !passed.has(above.join('.')) && this.chance(0.3);
      const led = isTree ? `${label}.${target}` : target;
      if (passed.has(led)) break;
      if (isTree) records.push({ owner: above.join('.'), type: T.DNAME, class: IN, target });
      records.push({ owner, type: T.CNAME, class: IN, target: led });
      passed.add(led);
      owner = led;
    }
    const isAlias = type === T.CNAME || type === T.DNAME;
    const many = isAlias ? 1 : this.chance(0.03) ? 100 + this.below(3000) : 1 + this.below(3);
    for (let i = 0; i < many; i++) {
      const target = this.name(0.1);
      if (!isAlias || target !== owner) records.push({ owner, type, class: IN, target });
    }
    return records;
  }

  /** Whatever comes to mind. */
  jumble(question: string, type: number): ResourceRecord[] {
    return Array.from({ length: this.below(8) }, () => ({
      owner: this.chance(0.5) ? question : this.name(0.4),
      type: this.one([type, type, T.CNAME, T.DNAME, T.A, T.HTTPS, T.SVCB, T.RRSIG, T.NS, T.SOA]),
      class: this.chance(0.95) ? IN : CH,
      target: this.name(0.3),
    }));
  }

  /** Takes an honest chain out of order. */
  shuffled(records: ResourceRecord[]): ResourceRecord[] {
    return records
      .map((record) => ({ record, at: this.#random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ record }) => record);
  }

  encode(
    question: string,
    type: number,
    answers: readonly ResourceRecord[],
    additional: readonly ResourceRecord[],
    lies: boolean,
  ): Buffer {
    const parts: Buffer[] = [];
    const written = new Map<string, number>();
    let at = 0;
    const put = (bytes: Buffer) => {
      parts.push(bytes);
      at += bytes.length;
    };
    const uint16 = (...values: number[]) =>
      put(Buffer.concat(values.map((value) => Buffer.of(value >>> 8, value & 255))));
    const putName = (name: string) => {
      const labels = name === '' ? [] : name.split('.');
      for (let i = 0; i < labels.length; i++) {
        const rest = labels.slice(i).join('.');
        const known = written.get(rest);
        if (known !== undefined && this.chance(0.8)) return uint16(0xc000 | known);
        if (at < 0x3fff && !written.has(rest)) written.set(rest, at);
        const label = Buffer.from(this.cased(labels[i]!), 'latin1');
        put(Buffer.concat([Buffer.of(label.length), label]));
      }
      put(Buffer.of(0));
    };
    const lie = (count: number) => (lies && this.chance(0.3) ? Math.max(0, count + this.one([-1, 1])) : count);
    const inAuthority = lies ? this.below(answers.length + 1) : 0;
    uint16(
      0,
      0x8180 | (lies ? this.one([0, 0, 3]) : 0),
      1,
      lie(answers.length - inAuthority),
      lie(inAuthority),
      lie(additional.length),
    );
    putName(question);
    uint16(type, IN);
    for (const record of [...answers, ...additional]) {
      putName(record.owner);
      uint16(record.type, record.class, 0, 60);
      const lengthAt = parts.length;
      put(Buffer.alloc(2));
      const dataAt = at;
      this.#data(record, put, uint16, putName);
      parts[lengthAt]!.writeUInt16BE(at - dataAt);
    }
    if (lies && this.chance(0.2)) put(Buffer.from('trailing octets'));
    return Buffer.concat(parts);
  }

  #data(
    { type, target = '' }: ResourceRecord,
    put: (bytes: Buffer) => void,
    uint16: (...values: number[]) => void,
    putName: (name: string) => void,
  ): void {
    if (type === T.A) put(Buffer.of(192, 0, 2, 1));
    else if (type === T.AAAA) put(Buffer.from('20010db8000000000000000000000001', 'hex'));
    else if (type === T.TXT) put(Buffer.from('\x04text', 'latin1'));
    else if (type === T.CNAME || type === T.DNAME || type === T.NS) putName(target);
    else if (type === T.MX) {
      uint16(10);
      putName(target);
    } else if (type === T.SRV) {
      uint16(1, 1, 443);
      putName(target);
    } else if (type === T.SOA) {
      putName(target);
      putName(target);
      put(Buffer.alloc(20, 1));
    } else if (type === T.RRSIG) {
      uint16(T.A, 0x0d02, 0, 60, 0x7000, 0, 0x6000, 0, 1);
      put(Buffer.from('\x07example\x00signature', 'latin1'));
    } else {
      uint16(this.below(2));
      putName(this.chance(0.3) ? '' : target);
      if (this.chance(0.5)) {
        uint16(4, 4);
        put(Buffer.of(192, 0, 2, 1));
      }
    }
  }
}

// ---- the reader ---------------------------------------------------------------------------------------------------

interface Read {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly answers: readonly ResourceRecord[];
  readonly authorities: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

function readName(bytes: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  let end = -1;
  for (let jumps = 0; jumps < 200; jumps++) {
    const length = bytes.readUInt8(at);
    if (length === 0) return { name: labels.join('.').toLowerCase(), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      if (end < 0) end = at + 2;
      at = bytes.readUInt16BE(at) & 0x3fff;
      continue;
    }
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  throw new Error('a name without end');
}

function readMessage(bytes: Buffer): Read {
  let at = readName(bytes, HEADER_BYTES).end + 4;
  const section = (count: number): ResourceRecord[] =>
    Array.from({ length: count }, () => {
      const { name: owner, end } = readName(bytes, at);
      const type = bytes.readUInt16BE(end);
      const dataAt = end + 10;
      at = dataAt + bytes.readUInt16BE(end + 8);
      const before = leading.get(type);
      const record = { owner, type, class: bytes.readUInt16BE(end + 2) };
      return before === undefined ? record : { ...record, target: readName(bytes, dataAt + before).name };
    });
  const [answers, authorities, additional] = [6, 8, 10].map((count) => section(bytes.readUInt16BE(count)));
  if (at !== bytes.length) throw new Error(`${bytes.length - at} octets behind the last record`);
  const truncated = (bytes.readUInt8(2) & 2) !== 0;
  return {
    rcode: bytes.readUInt8(3) & 15,
    truncated,
    answers: answers!,
    authorities: authorities!,
    additional: additional!,
  };
}

/** What of an answer should not have reached the client, or null. */
function escapeIn({ answers, authorities, additional }: Read, question: string, type: number): string | null {
  const chain = new Set([question]);
  for (const record of answers) {
    // A DNAME's owner, and that of its signature, is a zone above a name of the chain, and nobody is led there.
    const isAbove = record.type === T.DNAME || record.type === T.RRSIG;
    const blocked = [...(isAbove ? [] : [record.owner]), record.target ?? ''].find(isBlockedName);
    if (blocked !== undefined) return `${blocked} in the answer`;
    if (record.class !== IN) return `class ${record.class} in the answer`;
    const follows = record.type === T.CNAME || record.type === T.DNAME || record.type === T.RRSIG;
    const isBinding = record.type === T.HTTPS || record.type === T.SVCB;
    if (!follows && !isBinding && record.type !== type) return `type ${record.type} in the answer for type ${type}`;
    if (!isAbove && !chain.has(record.owner)) {
      return `${record.owner} in the answer, to which nothing leads`;
    }
    const zones = [...chain].flatMap((name) =>
      name.split('.').map((_, label, labels) => labels.slice(label).join('.')),
    );
    if (isAbove && !zones.includes(record.owner)) return `${record.owner} in the answer, above nothing in it`;
    if (record.type === T.CNAME) chain.add(record.target!);
  }
  const proof = [T.SOA, T.NS, T.RRSIG, 43, 47, 50];
  const odd = authorities.find((record) => !proof.includes(record.type));
  if (odd !== undefined) return `type ${odd.type} in the authority section`;
  return additional.every((record) => record.type === T.OPT) ? null : 'records in the additional section';
}

// ---- the run --------------------------------------------------------------------------------------------------------

function createAnswerer(transport: 'udp' | 'tcp'): Answerer {
  const counters = new Float64Array(createCounters());
  const answerer = new Answerer({
    cacheBytes: 1 << 18,
    counters,
    events: new QueryEvents(createRing(64, EVENT_SLOT_BYTES), counters),
    transport,
    cookieSecret: new Uint8Array(16),
    siteName: 'gate.nursery.example',
    site: () => ({ site4: null, site6: null }),
  });
  answerer.adopt(generation);
  return answerer;
}

function wireQuery(maker: Maker, question: string, type: number): Buffer {
  const bytes = maker.encode(question, type, [], [], false);
  bytes.writeUInt16BE(0x0100, 2);
  return bytes;
}

describe(`${total} upstream messages made to walk past the judge (STAIRGATE_FUZZ_SEED=${seed})`, () => {
  it('bring no client a blocked name, nor a record of a name that nothing leads to', { timeout: 120_000 }, () => {
    const maker = new Maker(seed);
    const answerers = { udp: createAnswerer('udp'), tcp: createAnswerer('tcp') };
    const walk = new Walk();
    const packet = new Uint8Array(65_535);
    const seen = { relayed: 0, blocked: 0, failed: 0, whole: 0, large: 0, hits: 0 };
    for (let count = 0; count < total; count++) {
      const transport = maker.one(['udp', 'tcp'] as const);
      const answerer = answerers[transport];
      const question = maker.name(0);
      const type = maker.one(askedTypes);
      const isHonest = maker.chance(0.5);
      const records = isHonest ? maker.chain(question, type) : maker.jumble(question, type);
      const answers = !isHonest || maker.chance(0.9) ? records : maker.shuffled(records);
      const additional = maker.chance(0.3) ? [{ owner: maker.name(0.5), type: T.A, class: IN }] : [];
      const message = maker.encode(question, type, answers, additional, !isHonest);
      if (message.length > packet.length) continue;
      const query = wireQuery(maker, question, type);
      const where = () => `message ${count} of seed ${seed} over ${transport}: ${message.toString('hex')}`;
      const check = (length: number): Read => {
        const read = readMessage(Buffer.from(packet.subarray(0, length)));
        const escaped = escapeIn(read, question, type);
        if (escaped !== null) throw new Error(`${escaped}, ${where()}`);
        return read;
      };

      // Far apart, so that nothing of the message before is still in the cache.
      const nowMs = count * 200_000_000;
      packet.set(query);
      expect(answerer.answerQuery(packet, query.length, CLIENT, nowMs), where()).toBe(FORWARD);
      const stored = maker.chance(0.5) ? toStoredMessage(message, walk) : message;
      if (stored === null) {
        seen.failed++;
        continue;
      }
      packet.set(query);
      const first = check(answerer.answerWith(packet, query.length, CLIENT, nowMs, stored, 0, true));
      if (first.rcode === 2) seen.failed++;
      else if (first.answers.length > 0) seen.relayed++;
      else if (first.authorities[0]?.owner === question) seen.blocked++;
      if (first.answers.length > 100) seen.large++;
      const isOpen = records.every(
        (record) => !isBlockedName(record.owner) && !(leading.has(record.type) && isBlockedName(record.target!)),
      );
      if (isHonest && isOpen && answers === records && !first.truncated) {
        // The truth comes through, all of it.
        expect([first.rcode, first.answers.map(({ owner, type: of }) => [owner, of])], where()).toEqual([
          0,
          records.map(({ owner, type: of }) => [owner, of]),
        ]);
        seen.whole++;
      }

      packet.set(query);
      const again = answerer.answerQuery(packet, query.length, CLIENT, nowMs + 1);
      if (again === FORWARD) continue;
      expect(check(again), where()).toEqual(first);
      seen.hits++;
    }
    console.log(`judged answers: ${JSON.stringify(seen)}`);
    for (const often of ['relayed', 'blocked', 'failed', 'whole', 'hits'] as const) {
      expect(seen[often], often).toBeGreaterThan(total / 50);
    }
    expect(seen.large).toBeGreaterThan(total / 1000);
  });
});

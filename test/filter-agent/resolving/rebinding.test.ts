/** Private addresses in public answers: what goes, what stays, and that what is left can be read. */
import packet, { type Answer } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { Walk, walkMessage } from '../../../filter-agent/answering/stored-message.ts';
import { withoutPrivateAddresses } from '../../../filter-agent/resolving/rebinding.ts';

type Question = packet.Question;

function stored(answers: readonly Answer[], question: Question = { type: 'A', name: 'site.example' }): Uint8Array {
  const message = packet.encode({
    type: 'response',
    id: 0,
    flags: packet.RECURSION_DESIRED | packet.RECURSION_AVAILABLE | packet.AUTHENTIC_DATA,
    questions: [question],
    answers: [...answers],
    authorities: [{ type: 'NS', name: 'example', ttl: 60, data: 'ns.example' }],
  });
  return Uint8Array.from(message);
}

/** The same by hand, for what dns-packet cannot write: pointers, and types that it does not know. Question: a.b. */
function raw(
  type: number,
  records: readonly { owner: readonly number[]; type: number; data: readonly number[] }[],
): Uint8Array {
  const question = [1, 0x61, 1, 0x62, 0, 0, type, 0, 1];
  const answers = records.flatMap(({ owner, type: own, data }) => [
    ...[...owner, 0, own, 0, 1, 0, 0, 1, 44],
    ...[data.length >> 8, data.length & 255, ...data],
  ]);
  return Uint8Array.from([0, 0, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0, ...question, ...answers]);
}

function clean(message: Uint8Array) {
  const walk = new Walk();
  expect(walkMessage(message, message.length, null, walk)).toBe(true);
  const cleaned = withoutPrivateAddresses(message, walk);
  expect(walkMessage(cleaned.message, cleaned.message.length, null, walk)).toBe(true);
  expect(walk.end).toBe(cleaned.message.length);
  return { ...cleaned, said: packet.decode(Buffer.from(cleaned.message)), ttlSeconds: walk.ttlSeconds };
}

const a = (data: string, name = 'site.example'): Answer => ({ type: 'A', name, ttl: 300, data });
const aaaa = (data: string): Answer => ({ type: 'AAAA', name: 'site.example', ttl: 300, data });
const dataOf = (answers: readonly Answer[] | undefined) =>
  answers?.map((answer) => `${answer.name} ${(answer as { data: unknown }).data}`);

describe('an address', () => {
  it.each([
    '10.0.0.1',
    '10.255.255.255',
    '127.0.0.1',
    '127.1.2.3',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '192.0.0.1',
    '192.0.0.7',
    '0.0.0.1',
    '0.1.2.3',
  ])('%s is taken out', (address) => {
    const { dropped, said } = clean(stored([a(address)]));
    expect([dropped, said.answers]).toEqual([1, []]);
  });

  it.each([
    '0.0.0.0',
    '9.255.255.255',
    '11.0.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '192.169.1.1',
    // What ipv4only.arpa has, by which devices find their translator (RFC 7050).
    '192.0.0.170',
    '169.253.1.1',
    '192.0.2.1',
    '8.8.8.8',
  ])('%s stays', (address) => {
    const message = stored([a(address)]);
    expect(clean(message).message).toBe(message);
  });

  it.each([
    '::1',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'febf::1',
    'fec0::1',
    '::ffff:192.168.1.1',
    '::ffff:127.0.0.1',
    '::ffff:0.0.0.0',
    '::10.0.0.1',
    '64:ff9b::192.168.1.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::c0a8:101',
    '2002:c0a8:101::1',
  ])('%s is taken out', (address) => {
    const { dropped, said } = clean(stored([aaaa(address)], { type: 'AAAA', name: 'site.example' }));
    expect([dropped, said.answers]).toEqual([1, []]);
  });

  it.each(['::', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '2002:808:808::1', 'fb00::1', 'fe00::1'])(
    '%s stays',
    (address) => {
      const message = stored([aaaa(address)], { type: 'AAAA', name: 'site.example' });
      expect(clean(message).message).toBe(message);
    },
  );
});

describe('what is left', () => {
  it('keeps the public addresses beside a private one, without the promise that they were signed so', () => {
    const { said, dropped, message } = clean(stored([a('192.168.1.1'), a('192.0.2.1'), a('10.0.0.1'), a('192.0.2.2')]));
    expect([dropped, dataOf(said.answers)]).toEqual([2, ['site.example 192.0.2.1', 'site.example 192.0.2.2']]);
    expect(message[3]! & 0x20).toBe(0);
    expect(said.authorities).toEqual([]);
  });

  it('keeps the chain, and its names, wherever they pointed', () => {
    const chain: Answer[] = [
      { type: 'CNAME', name: 'site.example', ttl: 300, data: 'www.cdn.example' },
      a('10.0.0.1', 'www.cdn.example'),
      { type: 'CNAME', name: 'www.cdn.example', ttl: 200, data: 'edge.cdn.example' },
      a('192.0.2.7', 'edge.cdn.example'),
    ];
    const { said } = clean(stored(chain));
    expect(dataOf(said.answers)).toEqual([
      'site.example www.cdn.example',
      'www.cdn.example edge.cdn.example',
      'edge.cdn.example 192.0.2.7',
    ]);
  });

  it('writes names out that pointed into what went', () => {
    const message = raw(1, [
      { owner: [0xc0, 12], type: 1, data: [10, 0, 0, 1] },
      // At 37: its owner is the question's name, its target x.a.b.
      { owner: [0xc0, 12], type: 5, data: [1, 0x78, 0xc0, 12] },
      { owner: [0xc0, 49], type: 1, data: [192, 0, 2, 1] },
      { owner: [0xc0, 49], type: 1, data: [192, 0, 2, 2] },
    ]);
    const { said, dropped } = clean(message);
    expect([dropped, dataOf(said.answers)]).toEqual([1, ['a.b x.a.b', 'x.a.b 192.0.2.1', 'x.a.b 192.0.2.2']]);
  });

  it('is a NODATA for a minute when no address is left, behind a chain as well', () => {
    const alone = clean(stored([a('192.168.1.1')]));
    const behind = clean(
      stored([
        { type: 'CNAME', name: 'site.example', ttl: 300, data: 'home.cdn.example' },
        a('192.168.1.1', 'home.cdn.example'),
      ]),
    );
    expect([alone.ttlSeconds, behind.ttlSeconds]).toEqual([60, 60]);
    expect(alone.said.authorities).toMatchObject([{ type: 'SOA', name: 'site.example', data: { minimum: 60 } }]);
    expect(behind.said.authorities).toMatchObject([{ type: 'SOA', name: 'home.cdn.example' }]);
    expect(dataOf(behind.said.answers)).toEqual(['site.example home.cdn.example']);
  });

  it('has no signature of what went', () => {
    const rrsig = (typeCovered: string, labels: number): Answer =>
      ({
        type: 'RRSIG',
        name: 'site.example',
        ttl: 300,
        data: {
          typeCovered,
          algorithm: 8,
          labels,
          originalTTL: 300,
          expiration: 1_800_000_000,
          inception: 1_700_000_000,
          keyTag: 1,
          signersName: 'example',
          signature: Buffer.alloc(8),
        },
      }) as Answer;
    const { said } = clean(stored([a('10.0.0.1'), a('192.0.2.1'), rrsig('A', 2)]));
    expect(dataOf(said.answers)).toEqual(['site.example 192.0.2.1']);
  });

  it('fits, and is right, however many records there are', () => {
    const many = Array.from({ length: 2_000 }, (_, n) => a(n % 2 === 0 ? '10.0.0.1' : `192.1.${n >> 8}.${n & 255}`));
    const { said, dropped } = clean(stored(many));
    expect([dropped, said.answers?.length]).toEqual([1_000, 1_000]);
    expect(new Set(said.answers?.map(({ name }) => name))).toEqual(new Set(['site.example']));
  });
});

describe('an HTTPS record', () => {
  const HTTPS = 65;
  /** One record, priority 1, target "." and these parameters (RFC 9460 §2.2). */
  const withHttps = (...parameters: readonly (readonly [number, readonly number[]])[]): Uint8Array => {
    const pairs = parameters.flatMap(([key, value]) => [0, key, 0, value.length, ...value]);
    return raw(HTTPS, [{ owner: [0xc0, 12], type: HTTPS, data: [0, 1, 0, ...pairs] }]);
  };
  const ALPN = [1, [2, 0x68, 0x32]] as const;

  it.each([
    ['ipv4hint 192.168.1.1', [ALPN, [4, [192, 168, 1, 1]]]],
    ['a second ipv4hint 10.0.0.1', [ALPN, [4, [192, 0, 2, 1, 10, 0, 0, 1]]]],
    ['ipv6hint ::1', [ALPN, [4, [192, 0, 2, 1]], [6, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]]],
  ] as const)('with %s is taken out', (_, parameters) => {
    const { dropped, said } = clean(withHttps(...parameters));
    expect([dropped, said.answers]).toEqual([1, []]);
  });

  it.each([
    ['public hints', [ALPN, [4, [192, 0, 2, 1]]]],
    ['no hints', [ALPN]],
    ['a parameter that ends behind the record', [[4, [10, 0, 0]]]],
  ] as const)('with %s stays', (_, parameters) => {
    const message = withHttps(...parameters);
    expect(clean(message).message).toBe(message);
  });
});

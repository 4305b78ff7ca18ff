/** Which names never leave the box, and what is said of them: read back with a decoder that is not ours. */
import packet, { type DecodedPacket } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { Walk, walkMessage } from '../../../filter-agent/answering/stored-message.ts';
import { LocalZones } from '../../../filter-agent/resolving/local-zones.ts';
import type { UpstreamQuestion } from '../../../filter-agent/resolving/upstream.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';

const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, DS: 43, DNSKEY: 48, HTTPS: 65 };
type TypeName = keyof typeof types;

const zones = new LocalZones('stairgate.home.arpa');

function ask(name: string, type: TypeName = 'A', local = zones): { message: Uint8Array; said: DecodedPacket } | null {
  const question: UpstreamQuestion = {
    name: encodeName(name),
    type: types[type],
    class: 1,
    dnssecOk: false,
    checkingDisabled: false,
  };
  const message = local.answer(question);
  return message === null ? null : { message, said: packet.decode(Buffer.from(message)) };
}

/** "NXDOMAIN lan", "NODATA lan": the denial and whose SOA goes with it; or the answer's data; null for what is looked up. */
function summary(name: string, type: TypeName = 'A', local = zones): string | null {
  const asked = ask(name, type, local);
  if (asked === null) return null;
  const { rcode, answers, authorities, questions } = asked.said as DecodedPacket & { rcode: string };
  expect(questions?.[0]?.name.toLowerCase()).toBe(name);
  if (answers?.length === 1) {
    const [record] = answers as { type: string; data: unknown }[];
    return `${record!.type} ${typeof record!.data === 'string' ? record!.data : JSON.stringify(record!.data)}`;
  }
  const [soa] = authorities as { type: string; name: string }[];
  expect(soa?.type).toBe('SOA');
  return `${rcode === 'NXDOMAIN' ? 'NXDOMAIN' : 'NODATA'} ${soa!.name}`;
}

describe('names of the site and names set aside', () => {
  it.each([
    ['printer.lan', 'NXDOMAIN lan'],
    ['lan', 'NODATA lan'],
    ['nas.home.arpa', 'NXDOMAIN home.arpa'],
    ['home.arpa', 'NODATA home.arpa'],
    ['laptop.local', 'NXDOMAIN local'],
    ['a.b.c.test', 'NXDOMAIN test'],
    ['x.invalid', 'NXDOMAIN invalid'],
    ['expyuzz4wqqyqhjn.onion', 'NXDOMAIN onion'],
    ['db.internal', 'NXDOMAIN internal'],
  ])('%s is answered here: %s', (name, said) => {
    for (const type of ['A', 'AAAA', 'HTTPS', 'TXT', 'MX'] as const) expect(summary(name, type)).toBe(said);
  });

  it.each([
    'example.org',
    'lan.example.org',
    'xlan',
    'mylocal.example',
    'test.example',
    'arpa.example.com',
    'onion.ws',
  ])('%s is looked up', (name) => {
    expect(summary(name, name === 'xlan' ? 'NS' : 'A')).toBeNull();
  });

  it('takes no dot within a label for a border', () => {
    expect(summary('x\\.lan.example')).toBeNull();
    expect(summary('x\\.lan', 'NS')).toBeNull();
  });

  it('denies nothing that the site name stands below', () => {
    const nested = new LocalZones('gate.nursery.home.arpa');
    expect(summary('nursery.home.arpa', 'A', nested)).toBe('NODATA home.arpa');
    expect(summary('other.home.arpa', 'A', nested)).toBe('NXDOMAIN home.arpa');
    expect(summary('ursery.home.arpa', 'A', nested)).toBe('NXDOMAIN home.arpa');
  });

  it('gives the apex its SOA and NS, as an empty zone has them', () => {
    expect(summary('lan', 'NS')).toBe('NS lan');
    expect(summary('10.in-addr.arpa', 'SOA')).toContain('"rname":"nobody.invalid"');
  });

  it('asks the parent whether a delegated zone is signed, and for nothing else', () => {
    for (const zone of ['home.arpa', '10.in-addr.arpa', 'd.f.ip6.arpa']) {
      expect(ask(zone, 'DS')).toBeNull();
      expect(ask(zone, 'DNSKEY')).not.toBeNull();
      expect(ask(`x.${zone}`, 'DS')).not.toBeNull();
    }
    expect(ask('onion', 'DS')).not.toBeNull();
  });
});

describe('reverse names', () => {
  const v6 = (nibbles: string) => `${nibbles.split('').reverse().join('.')}.ip6.arpa`;
  it.each([
    ['4.3.2.10.in-addr.arpa', 'NXDOMAIN 10.in-addr.arpa'],
    ['1.0.16.172.in-addr.arpa', 'NXDOMAIN 16.172.in-addr.arpa'],
    ['1.0.31.172.in-addr.arpa', 'NXDOMAIN 31.172.in-addr.arpa'],
    ['1.1.168.192.in-addr.arpa', 'NXDOMAIN 168.192.in-addr.arpa'],
    ['9.8.254.169.in-addr.arpa', 'NXDOMAIN 254.169.in-addr.arpa'],
    ['1.0.64.100.in-addr.arpa', 'NXDOMAIN 64.100.in-addr.arpa'],
    ['1.0.127.100.in-addr.arpa', 'NXDOMAIN 127.100.in-addr.arpa'],
    ['2.0.0.127.in-addr.arpa', 'NXDOMAIN 127.in-addr.arpa'],
    [v6(`fd00${'0'.repeat(27)}1`), 'NXDOMAIN d.f.ip6.arpa'],
    [v6(`fe80${'0'.repeat(27)}1`), 'NXDOMAIN 8.e.f.ip6.arpa'],
    [v6(`febf${'0'.repeat(27)}1`), 'NXDOMAIN b.e.f.ip6.arpa'],
    [v6(`20010db8${'0'.repeat(23)}1`), 'NXDOMAIN 8.b.d.0.1.0.0.2.ip6.arpa'],
    ['1.0.0.127.in-addr.arpa', 'PTR localhost'],
    [v6(`${'0'.repeat(31)}1`), 'PTR localhost'],
    [v6('0'.repeat(32)), `NODATA ${v6('0'.repeat(32))}`],
  ])('%s: %s', (name, said) => {
    expect(summary(name, 'PTR')).toBe(said);
  });

  it.each([
    '1.0.15.172.in-addr.arpa',
    '1.0.32.172.in-addr.arpa',
    '1.0.63.100.in-addr.arpa',
    '1.0.128.100.in-addr.arpa',
    '8.8.8.8.in-addr.arpa',
    '1.0.169.192.in-addr.arpa',
    v6(`fec0${'0'.repeat(27)}1`),
    v6(`2606${'0'.repeat(27)}1`),
  ])('%s, of the public internet, is looked up', (name) => {
    expect(summary(name, 'PTR')).toBeNull();
  });
});

describe('localhost', () => {
  it('is the loopback address, at any depth, and nothing else', () => {
    for (const name of ['localhost', 'a.b.localhost']) {
      expect(summary(name, 'A')).toBe('A 127.0.0.1');
      expect(summary(name, 'AAAA')).toBe('AAAA ::1');
      expect(summary(name, 'MX')).toBe('NODATA localhost');
    }
  });
});

describe('names of one label', () => {
  it('do not leave the box as searches for a neighbour', () => {
    for (const name of ['printer', 'wpad', 'com']) {
      for (const type of ['A', 'AAAA', 'HTTPS', 'TXT', 'MX', 'PTR'] as const) {
        expect(summary(name, type)).toBe(`NODATA ${name}`);
      }
    }
  });

  it('are looked up for the types that a resolver walks the tree with, as is the root', () => {
    for (const type of ['NS', 'SOA', 'DS', 'DNSKEY'] as const) expect(ask('com', type)).toBeNull();
    for (const type of ['NS', 'SOA', 'DNSKEY', 'A'] as const) expect(ask('.', type)).toBeNull();
  });
});

describe('every answer', () => {
  it('can be stored and is kept for five minutes at the most when it denies', () => {
    for (const name of ['a.lan', 'printer', 'lan', '4.3.2.10.in-addr.arpa', 'localhost']) {
      const { message } = ask(name, 'TXT')!;
      const walk = new Walk();
      expect(walkMessage(message, message.length, null, walk)).toBe(true);
      expect(walk.end).toBe(message.length);
      expect(walk.ttlSeconds).toBe(300);
    }
  });
});

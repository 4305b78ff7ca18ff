/**
 * Zones that no public server may be asked for: the names of this site's own network, and those that the registries
 * have set aside. They are answered here as an empty zone would be: NXDOMAIN, at the apex NODATA, with an SOA so that
 * clients keep it for a while. So the addresses and names within a setting never leave it, and the internet's servers
 * are spared questions that they could only deny.
 *
 * Owns which zones these are and their answers; leaves out zones that the settings forward to a local server (they come
 * first, see resolver.ts) and the box's own name, which is answered before anything is looked up.
 */
import { encodeName } from '../../policy-rules/trie/wire-name.ts';
import { HEADER_BYTES, putUint16, putUint32, Rcode, Type } from '../answering/dns-question.ts';
import type { UpstreamQuestion } from './upstream.ts';
import { ZoneTable } from './zone-table.ts';

/** The settings may come to forward a zone, and then nobody should wait long for it. RFC 6303 §3 itself says three hours. */
const NEGATIVE_TTL_SECONDS = 300;
const LOCALHOST_TTL_SECONDS = 86_400;

/**
 * - `delegated`: an insecure delegation of the public tree leads here, and a validator behind the box needs the proof of
 *   it: the DS of the apex is asked of the public upstream (RFC 8375 §4)
 * - `empty`: the public tree knows nothing of it
 * - `localhost`: the loopback addresses (RFC 6761 §6.3)
 */
type Kind = 'delegated' | 'empty' | 'localhost';

const zones = new ZoneTable<Kind>([
  ['localhost', 'localhost'],
  // RFC 6761 §6.2 and §6.4, RFC 6762 §22.1, RFC 7686 §2, and what ICANN has set aside for private use (2024).
  ...each('empty', ['test', 'invalid', 'local', 'onion', 'internal']),
  // What routers call their network; no registry has it.
  ['lan', 'empty'],
  // RFC 8375.
  ['home.arpa', 'delegated'],
  // RFC 6303 §4.1 and §4.2.
  ...each('delegated', ['10.in-addr.arpa', ...count(16, 31, '172.in-addr.arpa'), '168.192.in-addr.arpa']),
  ...each('delegated', ['0.in-addr.arpa', '127.in-addr.arpa', '254.169.in-addr.arpa', '255.255.255.255.in-addr.arpa']),
  ...each('delegated', ['2.0.192.in-addr.arpa', '100.51.198.in-addr.arpa', '113.0.203.in-addr.arpa']),
  // RFC 7793.
  ...each('delegated', count(64, 127, '100.in-addr.arpa')),
  // RFC 6303 §4.3 to §4.6: ::, ::1, fd00::/8 (and fc00::/8, the other half of RFC 4193), fe80::/10, 2001:db8::/32.
  ...each('delegated', [
    `0.${'0.'.repeat(31)}ip6.arpa`,
    `1.${'0.'.repeat(31)}ip6.arpa`,
    'c.f.ip6.arpa',
    'd.f.ip6.arpa',
  ]),
  ...each('delegated', ['8.e.f.ip6.arpa', '9.e.f.ip6.arpa', 'a.e.f.ip6.arpa', 'b.e.f.ip6.arpa']),
  ['8.b.d.0.1.0.0.2.ip6.arpa', 'delegated'],
]);

const LOOPBACK_4 = encodeName('1.0.0.127.in-addr.arpa');
const LOOPBACK_6 = encodeName(`1.${'0.'.repeat(31)}ip6.arpa`);
const LOCALHOST = encodeName('localhost');
const IPV4_LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const IPV6_LOOPBACK = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/**
 * What a resolver of the client's own may rightly ask of a top level domain while it walks down the tree (NS, SOA, DS,
 * NSEC, DNSKEY, NSEC3PARAM, CDS, CDNSKEY, ZONEMD).
 */
const TREE_TYPES: ReadonlySet<number> = new Set([Type.NS, Type.SOA, Type.DS, Type.NSEC, 48, 51, 59, 60, 63]);

export class LocalZones {
  readonly #siteName: Uint8Array;

  /** `siteName`: the local site's, which may lie within a local zone; what stands above it exists. */
  constructor(siteName: string) {
    this.#siteName = encodeName(siteName.toLowerCase());
  }

  /** A stored message (stored-message.ts) for a name that is answered here; null for one that must be looked up. */
  answer(question: UpstreamQuestion): Uint8Array | null {
    const { name, type } = question;
    const found = zones.find(name);
    if (found === null) {
      // NODATA and not NXDOMAIN: that would deny the names below a top level domain too, to whoever asks label by label
      // (RFC 8020, RFC 9156).
      return isNeighbourName(question) ? negative(question, 0, Rcode.NOERROR) : null;
    }
    const { value: kind, at } = found;
    if (kind === 'delegated' && type === Type.DS && at === 0) return null;
    if (kind === 'localhost') return answerLocalhost(question, at);
    if (type === Type.PTR && (equals(name, LOOPBACK_4) || equals(name, LOOPBACK_6))) {
      return positive(question, Type.PTR, LOCALHOST, LOCALHOST_TTL_SECONDS);
    }
    if (at > 0 && !this.#standsAboveSite(name)) return negative(question, at, Rcode.NXDOMAIN);
    if (at === 0 && type === Type.SOA) return positive(question, Type.SOA, soaOf(name), NEGATIVE_TTL_SECONDS);
    // "NS @", the zone's own name: RFC 6303 §3.
    if (at === 0 && type === Type.NS) return positive(question, Type.NS, name, NEGATIVE_TTL_SECONDS);
    return negative(question, at, Rcode.NOERROR);
  }

  #standsAboveSite(name: Uint8Array): boolean {
    const site = this.#siteName;
    for (let at = 0; at < site.length; at += 1 + site[at]!) if (equals(name, site.subarray(at))) return true;
    return false;
  }
}

/**
 * Whether somebody looks for a neighbour by its bare name ("printer", "wpad"), rather than for a top level domain. Such
 * names are nobody's business outside.
 */
export function isNeighbourName({ name, type }: UpstreamQuestion): boolean {
  const isSingleLabel = name.length > 1 && name.length === name[0]! + 2;
  return isSingleLabel && !TREE_TYPES.has(type) && zones.find(name) === null;
}

function answerLocalhost(question: UpstreamQuestion, apexAt: number): Uint8Array {
  switch (question.type) {
    case Type.A:
      return positive(question, Type.A, IPV4_LOOPBACK, LOCALHOST_TTL_SECONDS);
    case Type.AAAA:
      return positive(question, Type.AAAA, IPV6_LOOPBACK, LOCALHOST_TTL_SECONDS);
    default:
      return negative(question, apexAt, Rcode.NOERROR);
  }
}

function positive(question: UpstreamQuestion, type: number, rdata: Uint8Array, ttlSeconds: number): Uint8Array {
  return message(question, Rcode.NOERROR, 1, HEADER_BYTES, type, rdata, ttlSeconds);
}

/** `apexAt`: where in the name its zone begins, whose SOA goes with the denial (RFC 2308 §2). */
function negative(question: UpstreamQuestion, apexAt: number, rcode: number): Uint8Array {
  const soa = soaOf(question.name.subarray(apexAt));
  return message(question, rcode, 0, HEADER_BYTES + apexAt, Type.SOA, soa, NEGATIVE_TTL_SECONDS);
}

/** One record, whose owner stands in the question at `ownerAt`; in the answer section, or (`answers` 0) in the authority. */
function message(
  { name, type, class: classOf }: UpstreamQuestion,
  rcode: number,
  answers: 0 | 1,
  ownerAt: number,
  recordType: number,
  rdata: Uint8Array,
  ttlSeconds: number,
): Uint8Array {
  const questionEnd = HEADER_BYTES + name.length + 4;
  const bytes = new Uint8Array(questionEnd + 12 + rdata.length);
  bytes[2] = 0x81;
  bytes[3] = 0x80 | rcode;
  putUint16(bytes, 4, 1);
  putUint16(bytes, 6, answers);
  putUint16(bytes, 8, 1 - answers);
  bytes.set(name, HEADER_BYTES);
  putUint16(bytes, questionEnd - 4, type);
  putUint16(bytes, questionEnd - 2, classOf);
  putUint16(bytes, questionEnd, 0xc000 | ownerAt);
  putUint16(bytes, questionEnd + 2, recordType);
  putUint16(bytes, questionEnd + 4, classOf);
  putUint32(bytes, questionEnd + 6, ttlSeconds);
  putUint16(bytes, questionEnd + 10, rdata.length);
  bytes.set(rdata, questionEnd + 12);
  return bytes;
}

/** As RFC 6303 §3 has it, but for the last field: "@ nobody.invalid. 1 3600 1200 604800 …". */
function soaOf(zone: Uint8Array): Uint8Array {
  const rname = encodeName('nobody.invalid');
  const data = new Uint8Array(zone.length + rname.length + 20);
  data.set(zone);
  data.set(rname, zone.length);
  const timers = [1, 3_600, 1_200, 604_800, NEGATIVE_TTL_SECONDS];
  for (const [index, value] of timers.entries()) putUint32(data, zone.length + rname.length + 4 * index, value);
  return data;
}

function each(kind: Kind, names: readonly string[]): (readonly [string, Kind])[] {
  return names.map((name) => [name, kind] as const);
}

/** "16.172.in-addr.arpa" to "31.172.in-addr.arpa". */
function count(first: number, last: number, parent: string): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}.${parent}`);
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, index) => octet === b[index]);
}

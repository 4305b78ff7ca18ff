/**
 * Takes private addresses out of public answers. A site on the internet that gives the address of the nursery's printer,
 * router or of the device itself for its own name makes the visitor's browser talk to that as if it were the site (DNS
 * rebinding). Names whose owners do so on purpose are let through by the settings (`allowPrivateAnswers`), as are zones
 * that a local server is asked for (`forward`).
 *
 * Only 0.0.0.0 and :: are left as they are: with them filtering upstreams say that a name is blocked, and browsers
 * connect to neither.
 *
 * Owns which addresses are private and the message without them; leaves out when it is asked for (resolver.ts).
 */
import { endOfName, HEADER_BYTES, putUint16, putUint32, Rcode, Type, uint16 } from '../answering/dns-question.ts';
import { expandName, isBinding, SvcParam } from '../answering/stored-message.ts';

const MESSAGE_LIMIT_BYTES = 65_535;
const POINTER_LIMIT = 0x4000;
/** Of the NODATA that is left when every record went: long enough to spare the upstream, short enough to be mended. */
const NEGATIVE_TTL_SECONDS = 60;

export interface Cleaned {
  /** The same message when nothing had to go. */
  readonly message: Uint8Array;
  readonly dropped: number;
}

/**
 * `message`: a stored message (stored-message.ts), walked before. What is dropped goes with its signature. A message
 * that has to change is written anew, without its authority section and with names written out, since compression
 * pointers would lead astray; when no address is left it is a NODATA that may be cached for a minute.
 */
export function withoutPrivateAddresses(message: Uint8Array): Cleaned {
  const records = answersOf(message);
  const dropped = new Set(records.filter((record) => holdsPrivateAddress(message, record)));
  const [first] = dropped;
  if (first === undefined) return { message, dropped: 0 };
  const types = new Set([...dropped].map(({ type }) => type));
  const kept = records.filter((record) => !dropped.has(record) && isKept(message, record, types));
  return { message: writeAnew(message, kept, first), dropped: dropped.size };
}

interface Answer {
  readonly ownerAt: number;
  readonly type: number;
  /** Of the fields behind the owner: type, class, TTL, length. */
  readonly fieldsAt: number;
  readonly data: number;
  readonly end: number;
}

function answersOf(message: Uint8Array): Answer[] {
  const answers: Answer[] = [];
  let at = endOfName(message, HEADER_BYTES, message.length) + 4;
  for (let i = 0; i < uint16(message, 6); i++) {
    const fieldsAt = endOfName(message, at, message.length);
    const data = fieldsAt + 10;
    const end = data + uint16(message, fieldsAt + 8);
    answers.push({ ownerAt: at, type: uint16(message, fieldsAt), fieldsAt, data, end });
    at = end;
  }
  return answers;
}

function holdsPrivateAddress(message: Uint8Array, { type, data, end }: Answer): boolean {
  switch (type) {
    case Type.A:
      return end - data === 4 && isPrivate4(message, data);
    case Type.AAAA:
      return end - data === 16 && isPrivate6(message, data);
    case Type.HTTPS:
    case Type.SVCB:
      return hasPrivateHint(message, data, end);
    default:
      return false;
  }
}

/** The record as a whole goes: a client that does without it looks for the addresses, and those are judged as well. */
function hasPrivateHint(message: Uint8Array, data: number, end: number): boolean {
  const targetEnd = endOfName(message, data + 2, end);
  if (targetEnd < 0) return false;
  let at = targetEnd;
  while (at + 4 <= end) {
    const key = uint16(message, at);
    const from = at + 4;
    const to = from + uint16(message, at + 2);
    if (to > end) return false;
    if (key === SvcParam.IPV4HINT) for (let a = from; a + 4 <= to; a += 4) if (isPrivate4(message, a)) return true;
    if (key === SvcParam.IPV6HINT) for (let a = from; a + 16 <= to; a += 16) if (isPrivate6(message, a)) return true;
    at = to;
  }
  return false;
}

/**
 * RFC 1122 "this network", RFC 1918, RFC 6598, loopback, RFC 3927; and the router's own of a line with DS-Lite (RFC 6333
 * §10).
 */
function isPrivate4(octets: Uint8Array, at: number): boolean {
  const first = octets[at]!;
  const second = octets[at + 1]!;
  switch (first) {
    case 0:
      return second !== 0 || octets[at + 2] !== 0 || octets[at + 3] !== 0;
    case 10:
    case 127:
      return true;
    case 100:
      return (second & 0xc0) === 64;
    case 169:
      return second === 254;
    case 172:
      return (second & 0xf0) === 16;
    case 192:
      return second === 168 || (second === 0 && octets[at + 2] === 0 && octets[at + 3]! < 8);
    default:
      return false;
  }
}

/** ::1, RFC 4193, link-local and the site-local of old; and whatever carries a private IPv4 address within it. */
function isPrivate6(octets: Uint8Array, at: number): boolean {
  const first = octets[at]!;
  if ((first & 0xfe) === 0xfc) return true;
  if (first === 0xfe) return octets[at + 1]! >= 0x80;
  // 6to4 (RFC 3056).
  if (first === 0x20 && octets[at + 1] === 0x02) return isInner(octets, at + 2);
  // NAT64 (RFC 6052 §2.1).
  if (uint16(octets, at) === 0x0064 && uint16(octets, at + 2) === 0xff9b) {
    // 64:ff9b:1::/48 is for translators of one's own network (RFC 8215).
    return uint16(octets, at + 4) === 1 || (isZero(octets, at + 4, at + 12) && isInner(octets, at + 12));
  }
  if (!isZero(octets, at, at + 10)) return false;
  // ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), and ::a.b.c.d, which ::1 is one of; not :: itself.
  if (uint16(octets, at + 10) === 0xffff) return isInner(octets, at + 12);
  return uint16(octets, at + 10) === 0 && isPrivate4(octets, at + 12);
}

/** 0.0.0.0 in there is nobody's way to say that a name is blocked. */
function isInner(octets: Uint8Array, at: number): boolean {
  return isPrivate4(octets, at) || isZero(octets, at, at + 4);
}

function isZero(octets: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (octets[at] !== 0) return false;
  return true;
}

/** What belongs to an answer of addresses; other types' data may hold names that point about in the message. */
function isKept(message: Uint8Array, { type, data }: Answer, droppedTypes: ReadonlySet<number>): boolean {
  if (type === Type.RRSIG) return !droppedTypes.has(uint16(message, data));
  return hasName(type) || type === Type.A || type === Type.AAAA || isBinding(type);
}

const hasName = (type: number): boolean => type === Type.CNAME || type === Type.DNAME;

function writeAnew(message: Uint8Array, kept: readonly Answer[], dropped: Answer): Uint8Array {
  const questionEnd = endOfName(message, HEADER_BYTES, message.length) + 4;
  const out = new Writer(message.subarray(0, questionEnd));
  const hasAddress = kept.some(({ type }) => !hasName(type) && type !== Type.RRSIG);
  for (const record of kept) {
    // Whatever is left of an answer without addresses is the way to the name that has none.
    if (hasAddress || hasName(record.type)) out.record(message, record);
  }
  const { bytes, full } = out;
  if (full) return writeAnew(message, [], dropped);
  // Not as it was signed.
  bytes[3] = (bytes[3]! & ~0x20 & 0xf0) | Rcode.NOERROR;
  putUint16(bytes, 6, out.count);
  putUint16(bytes, 8, hasAddress ? 0 : 1);
  putUint16(bytes, 10, 0);
  if (!hasAddress) out.denial(message, dropped);
  return bytes.slice(0, out.end);
}

/** Names are written out, but for those that stand in the question or in the record before. */
class Writer {
  readonly bytes = new Uint8Array(MESSAGE_LIMIT_BYTES);
  end: number;
  count = 0;
  full = false;
  readonly #name = new Uint8Array(256);
  /** Where each name, as text, was written first. */
  readonly #written = new Map<string, number>();

  constructor(start: Uint8Array) {
    this.bytes.set(start);
    this.end = start.length;
    const nameLength = start.length - HEADER_BYTES - 4;
    this.#written.set(textOf(start.subarray(HEADER_BYTES, HEADER_BYTES + nameLength)), HEADER_BYTES);
  }

  record(message: Uint8Array, { ownerAt, type, fieldsAt, data, end }: Answer): void {
    this.#copyName(message, ownerAt, message.length);
    this.#copy(message, fieldsAt, data);
    const dataAt = this.end;
    if (hasName(type)) this.#copyName(message, data, end, false);
    else this.#copy(message, data, end);
    if (this.full) return;
    putUint16(this.bytes, dataAt - 2, this.end - dataAt);
    this.count++;
  }

  /** An SOA of the box's own under the name that lost its addresses (RFC 2308 §3). */
  denial(message: Uint8Array, { ownerAt }: Answer): void {
    this.#copyName(message, ownerAt, message.length);
    const { bytes, end } = this;
    // Both names the root, then serial, refresh, retry, expire, minimum.
    putUint16(bytes, end, Type.SOA);
    putUint16(bytes, end + 2, 1);
    putUint32(bytes, end + 4, NEGATIVE_TTL_SECONDS);
    putUint16(bytes, end + 8, 22);
    for (const [index, value] of [1, 3_600, 1_200, 604_800, NEGATIVE_TTL_SECONDS].entries()) {
      putUint32(bytes, end + 12 + 4 * index, value);
    }
    this.end = end + 32;
  }

  #copyName(message: Uint8Array, start: number, limit: number, mayPoint = true): void {
    const name = this.#name;
    // The walk has read it before.
    if (!expandName(message, start, limit, name)) {
      this.full = true;
      return;
    }
    let length = 1;
    while (name[length - 1] !== 0) length += name[length - 1]! + 1;
    const octets = name.subarray(0, length);
    const key = textOf(octets);
    const known = this.#written.get(key);
    if (mayPoint && known !== undefined) {
      if (!this.#hasRoom(2)) return;
      putUint16(this.bytes, this.end, 0xc000 | known);
      this.end += 2;
      return;
    }
    if (known === undefined && this.end < POINTER_LIMIT) this.#written.set(key, this.end);
    this.#copy(octets, 0, length);
  }

  #copy(from: Uint8Array, start: number, end: number): void {
    if (!this.#hasRoom(end - start)) return;
    this.bytes.set(from.subarray(start, end), this.end);
    this.end += end - start;
  }

  /** Leaves room for the denial. */
  #hasRoom(length: number): boolean {
    this.full ||= this.end + length > MESSAGE_LIMIT_BYTES - 300;
    return !this.full;
  }
}

/** An octet for a character. */
function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString('latin1');
}

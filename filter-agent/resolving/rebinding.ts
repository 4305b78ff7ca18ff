/**
 * Takes private addresses out of public answers. A site on the internet that gives the address of the nursery's printer,
 * router or of the device itself for its own name makes the visitor's browser talk to that as if it were the site (DNS
 * rebinding). Names whose owners do so on purpose are let through by the settings (`allowPrivateAnswers`), as are zones
 * that a local server is asked for (`forward`).
 *
 * Only 0.0.0.0 and :: are left as they are: with them filtering upstreams say that a name is blocked, and browsers
 * connect to neither.
 *
 * Owns which addresses are private and what goes with them; leaves out when that is asked for (resolver.ts) and how a
 * message is written anew (answering/remade-message.ts).
 */
import {
  endOfName,
  endOfPlainName,
  NAME_LIMIT_BYTES,
  putUint16,
  putUint32,
  Rcode,
  Type,
  uint16,
} from '../answering/dns-question.ts';
import { endOfRecord, remakeMessage } from '../answering/remade-message.ts';
import { expandName, isBinding, SvcParam, type Walk } from '../answering/stored-message.ts';

/** Of the NODATA that is left when every record went: long enough to spare the upstream, short enough to be mended. */
const NEGATIVE_TTL_SECONDS = 60;
const AUTHENTIC = 0x20;
const RCODE_BITS = 0x0f;

export interface Cleaned {
  /** The same message when nothing had to go. */
  readonly message: Uint8Array;
  readonly dropped: number;
}

/**
 * `message`: a stored message (stored-message.ts); `walk`: of this very message, in which what has to go becomes a stray.
 * What is dropped goes with its signature, and the authority section with it, which speaks of what was there; when no
 * address is left it is a NODATA that may be cached for a minute.
 */
export function withoutPrivateAddresses(message: Uint8Array, walk: Walk): Cleaned {
  const answers = uint16(message, 6);
  const droppedTypes = new Set<number>();
  let first = -1;
  let dropped = 0;
  for (let i = 0; i < answers; i++) {
    if (!holdsPrivateAddress(message, typeAt(walk, i))) continue;
    walk.strays[i] = 1;
    droppedTypes.add(uint16(message, typeAt(walk, i)));
    if (dropped++ === 0) first = i;
  }
  if (dropped === 0) return { message, dropped };
  let hasAddress = false;
  for (let i = 0; i < answers; i++) {
    if (!isKept(message, typeAt(walk, i), droppedTypes)) walk.strays[i] = 1;
    const type = uint16(message, typeAt(walk, i));
    if (walk.strays[i] === 0 && !hasName(type) && type !== Type.RRSIG) hasAddress = true;
  }
  for (let i = 0; i < walk.ttlCount; i++) {
    // Whatever is left of an answer without addresses is the way to the name that has none.
    if (i >= answers || !(hasAddress || hasName(uint16(message, typeAt(walk, i))))) walk.strays[i] = 1;
  }
  const remade = remakeMessage(message, walk, null, false) ?? withoutRecords(message, walk);
  // Not as it was signed.
  remade[3] = (remade[3]! & ~AUTHENTIC & ~RCODE_BITS) | Rcode.NOERROR;
  return { message: uint16(remade, 6) > 0 && hasAddress ? remade : withDenial(remade, message, walk, first), dropped };
}

/** Names that have to be written out may make a message too long: then nothing of it is given. */
function withoutRecords(message: Uint8Array, walk: Walk): Uint8Array {
  walk.strays.fill(1, 0, walk.ttlCount);
  return remakeMessage(message, walk, null, false)!;
}

/** With an SOA of the box's own, under the owner of the record `index` that went (RFC 2308 §3). */
function withDenial(remade: Uint8Array, message: Uint8Array, walk: Walk, index: number): Uint8Array {
  const owner = new Uint8Array(NAME_LIMIT_BYTES + 1);
  const ownerAt = index === 0 ? walk.questionEnd : endOfRecord(message, walk.ttlOffsets[index - 1]!);
  expandName(message, ownerAt, typeAt(walk, index), owner);
  const ownerLength = endOfPlainName(owner, 0, owner.length);
  const at = remade.length + ownerLength;
  const denied = new Uint8Array(at + 32);
  denied.set(remade);
  denied.set(owner.subarray(0, ownerLength), remade.length);
  putUint16(denied, 8, 1);
  // Both names the root, then serial, refresh, retry, expire, minimum.
  putUint16(denied, at, Type.SOA);
  putUint16(denied, at + 2, 1);
  putUint32(denied, at + 4, NEGATIVE_TTL_SECONDS);
  putUint16(denied, at + 8, 22);
  for (const [field, value] of [1, 3_600, 1_200, 604_800, NEGATIVE_TTL_SECONDS].entries()) {
    putUint32(denied, at + 12 + 4 * field, value);
  }
  return denied;
}

/** Where the type of the record `index` stands; its data follow ten octets behind. */
function typeAt(walk: Walk, index: number): number {
  return walk.ttlOffsets[index]! - 4;
}

function holdsPrivateAddress(message: Uint8Array, at: number): boolean {
  const data = at + 10;
  const end = endOfRecord(message, at + 4);
  switch (uint16(message, at)) {
    case Type.A:
      return isPrivate4(message, data);
    case Type.AAAA:
      return isPrivate6(message, data);
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

/** What belongs to an answer of addresses. */
function isKept(message: Uint8Array, at: number, droppedTypes: ReadonlySet<number>): boolean {
  const type = uint16(message, at);
  if (type === Type.RRSIG) return !droppedTypes.has(uint16(message, at + 10));
  return hasName(type) || type === Type.A || type === Type.AAAA || isBinding(type);
}

const hasName = (type: number): boolean => type === Type.CNAME || type === Type.DNAME;

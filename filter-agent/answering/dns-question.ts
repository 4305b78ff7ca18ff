/**
 * Reads a query: header, the one question, EDNS. Allocates nothing, throws nothing; every octet is the network's.
 *
 * Owns what is well formed enough to be answered. What is answered is decided in answer-query.ts.
 */
import { CLIENT_COOKIE_BYTES, SERVER_COOKIE_BYTES } from './server-cookie.ts';

export const HEADER_BYTES = 12;
/** RFC 1035 §2.3.4, with the length octets and the root's zero. */
export const NAME_LIMIT_BYTES = 255;
/** RFC 6891 §6.2.3: what a client without EDNS takes. */
const PLAIN_UDP_LIMIT_BYTES = 512;

export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  NSEC3: 50,
  SVCB: 64,
  HTTPS: 65,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  CAA: 257,
} as const;
/** RFC 6895 §3.1: types from here to TSIG say something about a message or a transaction, and no name has records of them. */
const FIRST_META_TYPE = 128;
export const Class = { IN: 1 } as const;
export const Rcode = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, BADVERS: 16 } as const;
/** Codes of EDNS options (IANA, "DNS EDNS0 Option Codes"): RFC 7873, 7828, 7830, 8914. */
export const EdnsOption = { COOKIE: 10, KEEPALIVE: 11, PADDING: 12, EDE: 15 } as const;

/** What readQuestion found. */
export const Read = {
  OK: 0,
  /** Not a query, or too short to answer: silence, so that two servers cannot talk to each other for ever. */
  DROP: 1,
  FORMERR: 2,
  NOTIMP: 3,
  BADVERS: 4,
  /** No question: the client wants a cookie and nothing else (RFC 7873 §5.4). */
  COOKIE_ONLY: 5,
} as const;

/** One per thread, filled anew for each packet. Offsets are into the packet. */
export class Question {
  /** Octets of the name with its length octets and final zero; it starts at HEADER_BYTES. */
  nameLength = 0;
  type = 0;
  class = 0;
  /** End of the question section; HEADER_BYTES when the question could not be read. */
  end = HEADER_BYTES;
  hasEdns = false;
  /** The client's UDP payload size, at least 512 (RFC 6891 §6.2.3). */
  payloadBytes = PLAIN_UDP_LIMIT_BYTES;
  /** DNSSEC OK (RFC 3225). */
  dnssecOk = false;
  /** Whether a cookie came with it; then the client's part of it is in `clientCookie` (RFC 7873). */
  hasCookie = false;
  readonly clientCookie = new Uint8Array(CLIENT_COOKIE_BYTES);
  /** What the answer gives it back; answer-query.ts fills it in. */
  readonly serverCookie = new Uint8Array(SERVER_COOKIE_BYTES);
  /** Whether the client would like to know how long its connection is kept open (RFC 7828); only TCP has any. */
  hasKeepalive = false;
}

/** More additional records than any client sends (OPT, TSIG or SIG(0)): a bound on the work for one packet. */
const ADDITIONAL_LIMIT = 8;

/** A client's cookie alone, or with a server's of 8 to 32 octets (RFC 7873 §4). */
const COOKIE_WITH_SERVER_LEAST_BYTES = 16;
const COOKIE_WITH_SERVER_MOST_BYTES = 40;

export function readQuestion(packet: Uint8Array, length: number, question: Question): number {
  forget(question);
  if (length < HEADER_BYTES) return Read.DROP;
  if ((packet[2]! & 0x80) !== 0) return Read.DROP;
  const read = uint16(packet, 4) === 0 ? readCookieOnly(packet, length, question) : readOne(packet, length, question);
  if ((packet[2]! & 0x78) === 0) return read;
  // What the sections of another opcode mean is its own affair. One that reads like a query is told so with its EDNS.
  if (read !== Read.OK) forget(question);
  return Read.NOTIMP;
}

function forget(question: Question): void {
  question.end = HEADER_BYTES;
  question.hasEdns = false;
  question.payloadBytes = PLAIN_UDP_LIMIT_BYTES;
  question.dnssecOk = false;
  question.hasCookie = false;
  question.hasKeepalive = false;
}

function readOne(packet: Uint8Array, length: number, question: Question): number {
  if (uint16(packet, 4) !== 1) return Read.FORMERR;
  // A query carries no answers and no authority (RFC 1035 §4.1.1); IXFR, which does, is not for a resolver.
  if (uint16(packet, 6) !== 0 || uint16(packet, 8) !== 0) return Read.FORMERR;

  const nameEnd = endOfPlainName(packet, HEADER_BYTES, length);
  if (nameEnd < 0 || nameEnd + 4 > length) return Read.FORMERR;
  question.nameLength = nameEnd - HEADER_BYTES;
  question.type = uint16(packet, nameEnd);
  question.class = uint16(packet, nameEnd + 2);
  question.end = nameEnd + 4;

  const additional = uint16(packet, 10);
  if (additional > 0) {
    const read = readAdditional(packet, length, additional, question);
    if (read !== Read.OK) return read;
  }
  return readOfType(question.type);
}

/** What cannot be a question's type at all, and what nobody answers any more. */
function readOfType(type: number): number {
  if (type === Type.MAILB || type === Type.MAILA) return Read.NOTIMP;
  const isMeta = type === Type.OPT || (type >= FIRST_META_TYPE && type <= Type.TSIG);
  return isMeta ? Read.FORMERR : Read.OK;
}

function readCookieOnly(packet: Uint8Array, length: number, question: Question): number {
  const additional = uint16(packet, 10);
  if (uint16(packet, 6) !== 0 || uint16(packet, 8) !== 0 || additional === 0) return Read.FORMERR;
  const read = readAdditional(packet, length, additional, question);
  if (read !== Read.OK) return read;
  return question.hasCookie ? Read.COOKIE_ONLY : Read.FORMERR;
}

function readAdditional(packet: Uint8Array, length: number, count: number, question: Question): number {
  if (count > ADDITIONAL_LIMIT) return Read.FORMERR;
  let at = question.end;
  let version = 0;
  for (let i = 0; i < count; i++) {
    const isRoot = packet[at] === 0;
    const nameEnd = endOfName(packet, at, length);
    if (nameEnd < 0 || nameEnd + 10 > length) return Read.FORMERR;
    const recordEnd = nameEnd + 10 + uint16(packet, nameEnd + 8);
    if (recordEnd > length) return Read.FORMERR;
    if (uint16(packet, nameEnd) === Type.OPT) {
      // Exactly one OPT, owned by the root (RFC 6891 §6.1.1).
      if (question.hasEdns || !isRoot) return Read.FORMERR;
      question.hasEdns = true;
      question.payloadBytes = Math.max(PLAIN_UDP_LIMIT_BYTES, uint16(packet, nameEnd + 2));
      version = packet[nameEnd + 5]!;
      question.dnssecOk = (packet[nameEnd + 6]! & 0x80) !== 0;
      // What another version's options look like, only that version says.
      if (version === 0 && !readOptions(packet, nameEnd + 10, recordEnd, question)) return Read.FORMERR;
    }
    at = recordEnd;
  }
  return version === 0 ? Read.OK : Read.BADVERS;
}

/** Options that are not known are passed over (RFC 6891 §6.1.2). False when they do not fill the record, or a cookie is none. */
function readOptions(packet: Uint8Array, start: number, end: number, question: Question): boolean {
  let at = start;
  while (at < end) {
    if (at + 4 > end) return false;
    const code = uint16(packet, at);
    const size = uint16(packet, at + 2);
    const data = at + 4;
    at = data + size;
    if (code === EdnsOption.KEEPALIVE) question.hasKeepalive = true;
    // Of several cookies the first counts (RFC 7873 §5.2). The answer is written over the query: it is copied.
    if (code !== EdnsOption.COOKIE || question.hasCookie) continue;
    if (at > end || !isCookieLength(size)) return false;
    question.hasCookie = true;
    for (let i = 0; i < CLIENT_COOKIE_BYTES; i++) question.clientCookie[i] = packet[data + i]!;
  }
  return at === end;
}

function isCookieLength(size: number): boolean {
  if (size === CLIENT_COOKIE_BYTES) return true;
  return size >= COOKIE_WITH_SERVER_LEAST_BYTES && size <= COOKIE_WITH_SERVER_MOST_BYTES;
}

/** The offset behind an uncompressed name, or -1. A question has nothing to point back to (RFC 1035 §4.1.4). */
export function endOfPlainName(packet: Uint8Array, start: number, length: number): number {
  let at = start;
  while (at < length) {
    const labelLength = packet[at]!;
    if (labelLength === 0) return at + 1 - start <= NAME_LIMIT_BYTES ? at + 1 : -1;
    if (labelLength > 63) return -1;
    at += 1 + labelLength;
    if (at - start >= NAME_LIMIT_BYTES) return -1;
  }
  return -1;
}

/** The offset behind a name that may end in a compression pointer, or -1; the pointer is not followed. */
export function endOfName(packet: Uint8Array, start: number, length: number): number {
  let at = start;
  while (at < length) {
    const labelLength = packet[at]!;
    if (labelLength === 0) return at + 1;
    if (labelLength >= 0xc0) return at + 2 <= length ? at + 2 : -1;
    if (labelLength > 63) return -1;
    at += 1 + labelLength;
    if (at - start > NAME_LIMIT_BYTES) return -1;
  }
  return -1;
}

export function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

export function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

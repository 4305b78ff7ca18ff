/**
 * Writes answers over the query, in the same buffer. Allocates nothing. The query's header, question and what
 * readQuestion noted are all that is left to know of it: its additional section is overwritten.
 */
import { BLOCK_BIT, Verdict } from '../../policy-rules/verdict-codes.ts';
import { MESSAGE_LIMIT_UDP } from '../shared-memory.ts';
import { TCP_IDLE_TIMEOUT_MS } from '../sockets/tcp.ts';
import {
  EdnsOption,
  HEADER_BYTES,
  putUint16,
  putUint32,
  type Question,
  Rcode,
  Type,
  uint16,
  uint32,
} from './dns-question.ts';
import { CLIENT_COOKIE_BYTES, SERVER_COOKIE_BYTES } from './server-cookie.ts';

/** Blocked answers are forgotten fast, so that a grant or closing time reaches clients' own caches. */
const BLOCKED_TTL_SECONDS = 10;
/** The box's own address may change with its DHCP lease. */
const LOCAL_TTL_SECONDS = 30;

const OPT_BYTES = 11;
/** What each of our options takes with its code and length. */
const COOKIE_BYTES = 4 + CLIENT_COOKIE_BYTES + SERVER_COOKIE_BYTES;
const KEEPALIVE_BYTES = 6;
const EDE_BYTES = 6;

/** Why an answer is what it is (RFC 8914 §4). NONE is that document's "Other", which says nothing without a text. */
export const Ede = {
  NONE: 0,
  STALE: 3,
  CACHED_ERROR: 13,
  BLOCKED: 15,
  PROHIBITED: 18,
  STALE_NXDOMAIN: 19,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
} as const;

/** How long a connection over TCP is kept without a query (sockets/tcp.ts), in tenths of a second (RFC 7828 §3.1). */
const KEEPALIVE_TENTHS = TCP_IDLE_TIMEOUT_MS / 100;
const NAME_POINTER = 0xc000 | HEADER_BYTES;

/** SOA data of a blocked answer: mname "stairgate.invalid", rname the root, serial 1, timers short, minimum 10. */
const SOA_DATA = soaData();

/** A name longer than this is left out of the text: see writeOpt for the room that there is. */
const SITE_NAME_LIMIT_BYTES = 100;

/** What the extended error says and where more is said, by verdict (indexed by its lower bits); made once. */
export function createBlockedTexts(siteName: string): readonly Uint8Array[] {
  const where = siteName.length > SITE_NAME_LIMIT_BYTES ? '' : `: ${siteName}`;
  const texts: Uint8Array[] = [];
  for (const verdict of blockingVerdicts) {
    texts[verdict & ~BLOCK_BIT] = Buffer.from(`${blockedText(verdict)}${where}`, 'ascii');
  }
  return texts;
}

const blockingVerdicts: readonly number[] = [
  Verdict.BLOCK_OPENING_HOURS,
  Verdict.BLOCK_ALWAYS,
  Verdict.BLOCK_LIST,
  Verdict.BLOCK_PROTECTED,
  Verdict.BLOCK_CLOCK_UNTRUSTED,
];

function blockedText(verdict: number): string {
  switch (verdict) {
    case Verdict.BLOCK_OPENING_HOURS:
      return 'Blocked during opening hours (7.1.6)';
    case Verdict.BLOCK_CLOCK_UNTRUSTED:
      return 'Blocked until the clock is set (7.1.6)';
    case Verdict.BLOCK_PROTECTED:
      return 'Blocked for safety (7.1.5)';
    default:
      return 'Blocked by policy (7.1.5)';
  }
}

/**
 * An answer without records: an error, or NOERROR for a client that only wants a cookie. A question that could not be
 * read is left out (its end is HEADER_BYTES then). `ede`: why, for a client with EDNS (RFC 8914); `text` says more of it.
 */
export function writeError(
  packet: Uint8Array,
  question: Question,
  rcode: number,
  ede: number = Ede.NONE,
  text: Uint8Array | null = null,
): number {
  const hasQuestion = question.end > HEADER_BYTES;
  writeHeader(packet, rcode & 0x0f, false);
  if ((packet[2]! & 0x78) !== 0) {
    // RD, RA and CD are QUERY's: of another opcode nothing can be said with them.
    packet[2] = packet[2]! & 0xf8;
    packet[3] = packet[3]! & 0x0f;
  }
  putUint16(packet, 4, hasQuestion ? 1 : 0);
  if (!question.hasEdns) return question.end;
  return writeOpt(packet, question.end, question, rcode >>> 4, ede, text);
}

/** Nothing but TC: the client is to ask again over TCP, which shows that it is where it says. */
export function writeTruncated(packet: Uint8Array, question: Question): number {
  writeHeader(packet, Rcode.NOERROR, false);
  packet[2] = packet[2]! | 0x02;
  putUint16(packet, 4, 1);
  return question.hasEdns ? writeOpt(packet, question.end, question, 0, Ede.NONE, null) : question.end;
}

/** HINFO "RFC8482", "": what ANY is answered with, whatever else the name may have (RFC 8482 §4.2). */
const ANY_DATA = Uint8Array.from(Buffer.from('\x07RFC8482\x00', 'latin1'));

/** A question for ANY: no look-up, and no answer that is worth forging the sender of the question for. */
export function writeAny(packet: Uint8Array, question: Question, ttlSeconds: number): number {
  const at = question.end;
  writeHeader(packet, Rcode.NOERROR, false);
  putUint16(packet, 4, 1);
  putUint16(packet, 6, 1);
  putUint16(packet, at, NAME_POINTER);
  putUint16(packet, at + 2, Type.HINFO);
  putUint16(packet, at + 4, question.class);
  putUint32(packet, at + 6, ttlSeconds);
  putUint16(packet, at + 10, ANY_DATA.length);
  put(packet, at + 12, ANY_DATA);
  const end = at + 12 + ANY_DATA.length;
  return question.hasEdns ? writeOpt(packet, end, question, 0, Ede.NONE, null) : end;
}

/**
 * A blocked name: NXDOMAIN, or NODATA where an open name lies below it (a cached NXDOMAIN would take that with it,
 * RFC 8020). The same for every type. The SOA lets it be cached, for ten seconds (RFC 2308 §3). `text` is the verdict's
 * of createBlockedTexts; null for the box's own name, which only lacks the type.
 */
export function writeBlocked(packet: Uint8Array, question: Question, text: Uint8Array | null, nodata: boolean): number {
  writeHeader(packet, nodata ? Rcode.NOERROR : Rcode.NXDOMAIN, false);
  putUint16(packet, 4, 1);
  putUint16(packet, 8, 1);
  let at = question.end;
  putUint16(packet, at, NAME_POINTER);
  putUint16(packet, at + 2, Type.SOA);
  putUint16(packet, at + 4, question.class);
  putUint32(packet, at + 6, BLOCKED_TTL_SECONDS);
  putUint16(packet, at + 10, SOA_DATA.length);
  put(packet, at + 12, SOA_DATA);
  at += 12 + SOA_DATA.length;
  return question.hasEdns ? writeOpt(packet, at, question, 0, text === null ? Ede.NONE : Ede.BLOCKED, text) : at;
}

/** The box's own name: its address where the type asks for one, NODATA otherwise. */
export function writeLocalSite(
  packet: Uint8Array,
  question: Question,
  address4: Uint8Array | null,
  address6: Uint8Array | null,
): number {
  const address = question.type === Type.A ? address4 : question.type === Type.AAAA ? address6 : null;
  if (address === null) return writeBlocked(packet, question, null, true);
  writeHeader(packet, Rcode.NOERROR, false);
  packet[2] = packet[2]! | 0x04;
  putUint16(packet, 4, 1);
  putUint16(packet, 6, 1);
  const at = question.end;
  putUint16(packet, at, NAME_POINTER);
  putUint16(packet, at + 2, question.type);
  putUint16(packet, at + 4, question.class);
  putUint32(packet, at + 6, LOCAL_TTL_SECONDS);
  putUint16(packet, at + 10, address.length);
  put(packet, at + 12, address);
  const end = at + 12 + address.length;
  return question.hasEdns ? writeOpt(packet, end, question, 0, Ede.NONE, null) : end;
}

/**
 * A stored message, its TTLs aged and capped, under this client's id, spelling and EDNS. `limit` is what the transport
 * takes; an answer that does not fit goes out as its question with TC (RFC 2181 §9). `ede`: see writeError.
 */
export function writeStored(
  packet: Uint8Array,
  question: Question,
  message: Uint8Array,
  offset: number,
  length: number,
  ttlOffsets: Uint16Array,
  ttlAt: number,
  ttlCount: number,
  ageSeconds: number,
  ttlCapSeconds: number,
  limit: number,
  ede: number,
): number {
  const wantsAd = question.dnssecOk || (packet[3]! & 0x20) !== 0;
  const flags = message[offset + 2]!;
  const bodyLength = length - question.end;
  const end = question.end + bodyLength + (question.hasEdns ? optBytes(question, ede) : 0);
  const truncated = (flags & 0x02) !== 0 || end > limit;
  const authentic = wantsAd && (message[offset + 3]! & 0x20) !== 0;
  writeHeader(packet, message[offset + 3]! & 0x0f, authentic);
  putUint16(packet, 4, 1);
  if (truncated) {
    packet[2] = packet[2]! | 0x02;
    return question.hasEdns ? writeOpt(packet, question.end, question, 0, ede, null) : question.end;
  }
  putUint16(packet, 6, uint16(message, offset + 6));
  putUint16(packet, 8, uint16(message, offset + 8));
  const from = offset + question.end;
  for (let i = 0; i < bodyLength; i++) packet[question.end + i] = message[from + i]!;
  for (let i = 0; i < ttlCount; i++) {
    const at = ttlOffsets[ttlAt + i]!;
    const ttl = uint32(message, offset + at);
    putUint32(packet, at, ttl > 0x7fffffff ? 0 : Math.min(Math.max(0, ttl - ageSeconds), ttlCapSeconds));
  }
  const bodyEnd = question.end + bodyLength;
  return question.hasEdns ? writeOpt(packet, bodyEnd, question, 0, ede, null) : bodyEnd;
}

/** QR, RA and the rcode; RD and CD as asked (RFC 4035 §3.2.2); counts at zero. */
function writeHeader(packet: Uint8Array, rcode: number, authentic: boolean): void {
  packet[2] = 0x80 | (packet[2]! & 0x79);
  packet[3] = 0x80 | (packet[3]! & 0x10) | (authentic ? 0x20 : 0) | rcode;
  for (let at = 4; at < HEADER_BYTES; at++) packet[at] = 0;
}

function optBytes(question: Question, ede: number): number {
  const options = (question.hasCookie ? COOKIE_BYTES : 0) + (question.hasKeepalive ? KEEPALIVE_BYTES : 0);
  return OPT_BYTES + options + (ede === Ede.NONE ? 0 : EDE_BYTES);
}

/** OPT (RFC 6891 §6.1.2): the cookie (RFC 7873), the time-out over TCP (RFC 7828), and why (RFC 8914). */
function writeOpt(
  packet: Uint8Array,
  start: number,
  question: Question,
  extendedRcode: number,
  ede: number,
  text: Uint8Array | null,
): number {
  packet[start] = 0;
  putUint16(packet, start + 1, Type.OPT);
  putUint16(packet, start + 3, MESSAGE_LIMIT_UDP);
  packet[start + 5] = extendedRcode;
  packet[start + 6] = 0;
  putUint16(packet, start + 7, question.dnssecOk ? 0x8000 : 0);
  let at = start + OPT_BYTES;
  if (question.hasCookie) {
    putUint16(packet, at, EdnsOption.COOKIE);
    putUint16(packet, at + 2, COOKIE_BYTES - 4);
    put(packet, at + 4, question.clientCookie);
    put(packet, at + 4 + CLIENT_COOKIE_BYTES, question.serverCookie);
    at += COOKIE_BYTES;
  }
  if (question.hasKeepalive) {
    putUint16(packet, at, EdnsOption.KEEPALIVE);
    putUint16(packet, at + 2, 2);
    putUint16(packet, at + 4, KEEPALIVE_TENTHS);
    at += KEEPALIVE_BYTES;
  }
  if (ede !== Ede.NONE || text !== null) {
    // The longest that a datagram carries: 12 + 259 + 52 + 11 + 28 + 6 + 38 + 2 + SITE_NAME_LIMIT_BYTES = 508 octets. It
    // always fits the smallest client.
    putUint16(packet, at, EdnsOption.EDE);
    putUint16(packet, at + 2, EDE_BYTES - 4 + (text === null ? 0 : text.length));
    putUint16(packet, at + 4, ede);
    at += EDE_BYTES;
    if (text !== null) {
      put(packet, at, text);
      at += text.length;
    }
  }
  putUint16(packet, start + 9, at - start - OPT_BYTES);
  putUint16(packet, 10, 1);
  return at;
}

/** TypedArray.set() and fill() are calls out of the compiled code: dearer than these loops for a few dozen octets. */
function put(packet: Uint8Array, at: number, octets: Uint8Array): void {
  for (let i = 0; i < octets.length; i++) packet[at + i] = octets[i]!;
}

function soaData(): Uint8Array {
  const mname = Buffer.from('\x09stairgate\x07invalid\x00', 'latin1');
  const timers = Buffer.alloc(20);
  [1, 60, 60, 60, BLOCKED_TTL_SECONDS].forEach((value, index) => {
    timers.writeUInt32BE(value, 4 * index);
  });
  return Uint8Array.from([...mname, 0, ...timers]);
}

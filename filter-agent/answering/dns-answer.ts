/**
 * Writes answers over the query, in the same buffer. Allocates nothing. The query's header, question and what
 * readQuestion noted are all that is left to know of it: its additional section is overwritten.
 */
import { BLOCK_BIT, Verdict } from '../../policy-rules/verdict-codes.ts';
import { MESSAGE_LIMIT_UDP } from '../shared-memory.ts';
import { HEADER_BYTES, putUint16, putUint32, type Question, Rcode, Type, uint16, uint32 } from './dns-question.ts';

/** Blocked answers are forgotten fast, so that a grant or closing time reaches clients' own caches. */
const BLOCKED_TTL_SECONDS = 10;
/** The box's own address may change with its DHCP lease. */
const LOCAL_TTL_SECONDS = 30;

const OPT_BYTES = 11;
/** RFC 8914 §4.16: the server is unable to respond because of an internal policy. */
const EDE = 15;
const EDE_BLOCKED = 15;
const NAME_POINTER = 0xc000 | HEADER_BYTES;

/** SOA data of a blocked answer: mname "stairgate.invalid", rname the root, serial 1, timers short, minimum 10. */
const SOA_DATA = soaData();

/** A name longer than this is left out of the text: see writeOpt for the room that there is. */
const SITE_NAME_LIMIT_BYTES = 128;

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

/** An answer without records. `questionEnd` HEADER_BYTES leaves the question out, where it could not be read. */
export function writeError(packet: Uint8Array, question: Question, rcode: number): number {
  const hasQuestion = question.end > HEADER_BYTES;
  writeHeader(packet, rcode & 0x0f, false);
  putUint16(packet, 4, hasQuestion ? 1 : 0);
  if (!question.hasEdns) return question.end;
  return writeOpt(packet, question.end, question, rcode >>> 4, null);
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
  return question.hasEdns ? writeOpt(packet, at, question, 0, text) : at;
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
  return question.hasEdns ? writeOpt(packet, end, question, 0, null) : end;
}

/**
 * A stored message, its TTLs aged and capped, under this client's id, spelling and EDNS. `limit` is what the transport
 * takes; an answer that does not fit goes out as its question with TC (RFC 2181 §9).
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
): number {
  const wantsAd = question.dnssecOk || (packet[3]! & 0x20) !== 0;
  const flags = message[offset + 2]!;
  const bodyLength = length - question.end;
  const end = question.end + bodyLength + (question.hasEdns ? OPT_BYTES : 0);
  const truncated = (flags & 0x02) !== 0 || end > limit;
  const authentic = wantsAd && (message[offset + 3]! & 0x20) !== 0;
  writeHeader(packet, message[offset + 3]! & 0x0f, authentic);
  putUint16(packet, 4, 1);
  if (truncated) {
    packet[2] = packet[2]! | 0x02;
    return question.hasEdns ? writeOpt(packet, question.end, question, 0, null) : question.end;
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
  return question.hasEdns ? writeOpt(packet, question.end + bodyLength, question, 0, null) : question.end + bodyLength;
}

/** QR, RA and the rcode; RD and CD as asked (RFC 4035 §3.2.2); counts at zero. */
function writeHeader(packet: Uint8Array, rcode: number, authentic: boolean): void {
  packet[2] = 0x80 | (packet[2]! & 0x79);
  packet[3] = 0x80 | (packet[3]! & 0x10) | (authentic ? 0x20 : 0) | rcode;
  for (let at = 4; at < HEADER_BYTES; at++) packet[at] = 0;
}

/** OPT (RFC 6891 §6.1.2), with Blocked and its text where there is one (RFC 8914). */
function writeOpt(
  packet: Uint8Array,
  start: number,
  question: Question,
  extendedRcode: number,
  text: Uint8Array | null,
): number {
  packet[start] = 0;
  putUint16(packet, start + 1, Type.OPT);
  putUint16(packet, start + 3, MESSAGE_LIMIT_UDP);
  packet[start + 5] = extendedRcode;
  packet[start + 6] = 0;
  putUint16(packet, start + 7, question.dnssecOk ? 0x8000 : 0);
  let at = start + OPT_BYTES;
  if (text !== null) {
    // 12 + 259 + 52 + 11 + 6 + 38 + 2 + SITE_NAME_LIMIT_BYTES = 508 octets at the most: it always fits the smallest client.
    putUint16(packet, at, EDE);
    putUint16(packet, at + 2, 2 + text.length);
    putUint16(packet, at + 4, EDE_BLOCKED);
    put(packet, at + 6, text);
    at += 6 + text.length;
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

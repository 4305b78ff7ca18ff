/** The query that goes upstream, and the test whether a message is the reply to it (RFC 5452 §9.1). */
import { randomFillSync } from 'node:crypto';
import {
  EdnsOption,
  endOfName,
  endOfPlainName,
  HEADER_BYTES,
  putUint16,
  putUint32,
  Rcode,
  Type,
  uint16,
  uint32,
} from '../answering/dns-question.ts';
import { MESSAGE_LIMIT_UDP } from '../shared-memory.ts';
import type { UpstreamQuestion } from './upstream.ts';

const OPT_BYTES = 11;
const OPTION_BYTES = 4;
/** RFC 8467 §4.1: queries are padded to the next multiple of this, so that their length says little of the name. */
const PADDED_BLOCK_BYTES = 128;

/** What beside the question goes into a query. */
export interface QueryForm {
  /** EDNS at all; the rest needs it but for `mixesCase`. */
  readonly hasEdns: boolean;
  /** Each letter in upper or lower case by chance (draft-vixie-dnsext-dns0x20): a forger must guess that as well. */
  readonly mixesCase?: boolean;
  /** On encrypted transports only: elsewhere it hides nothing (RFC 7830 §6). */
  readonly isPadded?: boolean;
  /** Asks how long the connection may idle; never over UDP (RFC 7828 §3.2.1). */
  readonly asksKeepalive?: boolean;
}

const POOL_BYTES = 4096;
/** From the system's generator, drawn as many at a time. */
const pool = new Uint8Array(POOL_BYTES);
let pooled = 0;

function randomByte(): number {
  if (pooled === 0) {
    randomFillSync(pool);
    pooled = POOL_BYTES;
  }
  return pool[--pooled]!;
}

export function randomId(): number {
  return (randomByte() << 8) | randomByte();
}

/** A query with RD, CD as asked, and our own EDNS or none: a client's options never go upstream. */
export function encodeQuery(question: UpstreamQuestion, id: number, form: QueryForm): Uint8Array {
  const { name } = question;
  const questionEnd = HEADER_BYTES + name.length + 4;
  const keepaliveBytes = form.asksKeepalive === true ? OPTION_BYTES : 0;
  const unpadded = questionEnd + OPT_BYTES + keepaliveBytes + OPTION_BYTES;
  const paddingBytes = form.isPadded === true ? OPTION_BYTES + (-unpadded & (PADDED_BLOCK_BYTES - 1)) : 0;
  const optionsBytes = keepaliveBytes + paddingBytes;
  const query = new Uint8Array(questionEnd + (form.hasEdns ? OPT_BYTES + optionsBytes : 0));
  putUint16(query, 0, id);
  query[2] = 0x01;
  query[3] = question.checkingDisabled ? 0x10 : 0;
  putUint16(query, 4, 1);
  query.set(name, HEADER_BYTES);
  if (form.mixesCase === true) mixCase(query, HEADER_BYTES, name.length);
  putUint16(query, questionEnd - 4, question.type);
  putUint16(query, questionEnd - 2, question.class);
  if (!form.hasEdns) return query;
  putUint16(query, 10, 1);
  putUint16(query, questionEnd + 1, Type.OPT);
  putUint16(query, questionEnd + 3, MESSAGE_LIMIT_UDP);
  putUint16(query, questionEnd + 7, question.dnssecOk ? 0x8000 : 0);
  putUint16(query, questionEnd + 9, optionsBytes);
  let at = questionEnd + OPT_BYTES;
  if (keepaliveBytes > 0) {
    putUint16(query, at, EdnsOption.KEEPALIVE);
    at += OPTION_BYTES;
  }
  if (paddingBytes > 0) {
    putUint16(query, at, EdnsOption.PADDING);
    putUint16(query, at + 2, paddingBytes - OPTION_BYTES);
  }
  return query;
}

/** Length octets are below 64, so whatever is in the range of letters is one. */
function mixCase(query: Uint8Array, start: number, length: number): void {
  let bits = 0;
  let left = 0;
  for (let at = start; at < start + length; at++) {
    const octet = query[at]!;
    if (octet < 0x61 || octet > 0x7a) continue;
    if (left === 0) {
      bits = randomByte();
      left = 8;
    }
    query[at] = octet ^ ((bits & 1) << 5);
    bits >>>= 1;
    left--;
  }
}

/**
 * Whether `reply` is a response with this id to this question, or one without a question that says that ours was not
 * understood (see isNotUnderstood). Anything else is somebody else's, or forged. The case of letters is not looked at.
 */
export function isReplyTo(reply: Uint8Array, question: UpstreamQuestion, id: number): boolean {
  if (reply.length < HEADER_BYTES || uint16(reply, 0) !== id) return false;
  if ((reply[2]! & 0xf8) !== 0x80) return false;
  // What could not be read need not be repeated: some send the bare header.
  if (isWithoutQuestion(reply)) return isNotUnderstood(reply);
  if (uint16(reply, 4) !== 1) return false;
  const end = endOfPlainName(reply, HEADER_BYTES, reply.length);
  if (end !== HEADER_BYTES + question.name.length || end + 4 > reply.length) return false;
  if (uint16(reply, end) !== question.type || uint16(reply, end + 2) !== question.class) return false;
  for (let i = 0; i < question.name.length; i++) {
    let octet = reply[HEADER_BYTES + i]!;
    if (octet >= 0x41 && octet <= 0x5a) octet += 32;
    if (octet !== question.name[i]) return false;
  }
  return true;
}

export function isWithoutQuestion(reply: Uint8Array): boolean {
  return uint16(reply, 4) === 0;
}

/** Whether a reply to `query` (isReplyTo) repeats its name letter by letter, in the case in which it was asked. */
export function echoesCase(reply: Uint8Array, query: Uint8Array, nameLength: number): boolean {
  for (let at = HEADER_BYTES; at < HEADER_BYTES + nameLength; at++) if (reply[at] !== query[at]) return false;
  return true;
}

/** A reply (isReplyTo) with the question's name as it is looked up, whatever case it was asked in. Changes `reply`. */
export function inLowerCase(reply: Uint8Array, question: UpstreamQuestion): Uint8Array {
  if (!isWithoutQuestion(reply)) reply.set(question.name, HEADER_BYTES);
  return reply;
}

export function isTruncated(reply: Uint8Array): boolean {
  return (reply[2]! & 0x02) !== 0;
}

/**
 * Whether a reply says whom else to ask, from a server that does not ask others itself: RA and AA clear, no answer, and
 * in the authority section NS without SOA (RFC 2308 §2.2.1 tells it so from NODATA). Nobody here asks on.
 */
export function isReferral(reply: Uint8Array): boolean {
  const isOfResolver = (reply[3]! & 0x80) !== 0;
  const isAuthoritative = (reply[2]! & 0x04) !== 0;
  if (isOfResolver || isAuthoritative || (reply[3]! & 0x0f) !== Rcode.NOERROR || uint16(reply, 6) !== 0) return false;
  let hasServers = false;
  let at = startOfRecords(reply);
  for (let left = uint16(reply, 8); left > 0 && at >= 0; left--) {
    const ownerEnd = endOfName(reply, at, reply.length);
    if (ownerEnd < 0 || ownerEnd + 10 > reply.length) return false;
    const type = uint16(reply, ownerEnd);
    if (type === Type.SOA) return false;
    hasServers ||= type === Type.NS;
    at = ownerEnd + 10 + uint16(reply, ownerEnd + 8);
  }
  return hasServers;
}

/** A reply whose records have lost so many seconds of their TTLs. Changes `reply`; what cannot be read is left as it is. */
export function aged(reply: Uint8Array, seconds: number): Uint8Array {
  let at = startOfRecords(reply);
  for (let left = recordsOf(reply); left > 0 && at >= 0; left--) {
    const ownerEnd = endOfName(reply, at, reply.length);
    if (ownerEnd < 0 || ownerEnd + 10 > reply.length) break;
    const ttlSeconds = uint32(reply, ownerEnd + 4);
    if (uint16(reply, ownerEnd) !== Type.OPT) putUint32(reply, ownerEnd + 4, Math.max(0, ttlSeconds - seconds));
    at = ownerEnd + 10 + uint16(reply, ownerEnd + 8);
  }
  return reply;
}

/** Whether a reply says that the query's form was not understood: FORMERR, NOTIMP or BADVERS (RFC 6891 §7, §6.1.3). */
export function isNotUnderstood(reply: Uint8Array): boolean {
  const rcode = (reply[3]! & 0x0f) | (extendedRcode(reply) << 4);
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP || rcode === Rcode.BADVERS;
}

/** The upper eight bits of the rcode, from the OPT record (RFC 6891 §6.1.3); 0 where there is none. */
function extendedRcode(reply: Uint8Array): number {
  const opt = offsetOfOpt(reply);
  return opt < 0 ? 0 : reply[opt + 4]!;
}

/** How long the server lets the connection idle (RFC 7828 §3.1), in ms; null where it does not say. */
export function keepaliveMs(reply: Uint8Array): number | null {
  const opt = offsetOfOpt(reply);
  if (opt < 0) return null;
  let at = opt + 10;
  const end = Math.min(reply.length, at + uint16(reply, opt + 8));
  while (at + OPTION_BYTES <= end) {
    const length = uint16(reply, at + 2);
    if (uint16(reply, at) === EdnsOption.KEEPALIVE && length === 2 && at + 6 <= end) return 100 * uint16(reply, at + 4);
    at += OPTION_BYTES + length;
  }
  return null;
}

/** The offset behind the owner of the OPT record, whose ten octets are within the reply; -1 where there is none. */
function offsetOfOpt(reply: Uint8Array): number {
  let at = startOfRecords(reply);
  if (at < 0) return -1;
  for (let left = recordsOf(reply); left > 0; left--) {
    const ownerEnd = endOfName(reply, at, reply.length);
    if (ownerEnd < 0 || ownerEnd + 10 > reply.length) return -1;
    if (uint16(reply, ownerEnd) === Type.OPT) return ownerEnd;
    at = ownerEnd + 10 + uint16(reply, ownerEnd + 8);
  }
  return -1;
}

/** The offset behind the question, or -1. */
function startOfRecords(reply: Uint8Array): number {
  if (isWithoutQuestion(reply)) return HEADER_BYTES;
  const nameEnd = endOfPlainName(reply, HEADER_BYTES, reply.length);
  return nameEnd < 0 ? -1 : nameEnd + 4;
}

/** How many there are by what the header says. */
function recordsOf(reply: Uint8Array): number {
  return uint16(reply, 6) + uint16(reply, 8) + uint16(reply, 10);
}

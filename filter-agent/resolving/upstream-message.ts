/** The query that goes upstream, and the test whether a datagram is the reply to it (RFC 5452 §9.1). */
import { randomFillSync } from 'node:crypto';
import { endOfName, endOfPlainName, HEADER_BYTES, putUint16, Rcode, Type, uint16 } from '../answering/dns-question.ts';
import { MESSAGE_LIMIT_UDP } from '../shared-memory.ts';
import type { UpstreamQuestion } from './upstream.ts';

const OPT_BYTES = 11;

/** Ids from the system's generator, drawn 1,024 at a time. */
const ids = new Uint16Array(1024);
let nextId = ids.length;

export function randomId(): number {
  if (nextId === ids.length) {
    randomFillSync(ids);
    nextId = 0;
  }
  return ids[nextId++]!;
}

/** A query with RD, CD as asked, and our own EDNS or none: a client's options never go upstream. */
export function encodeQuery(question: UpstreamQuestion, id: number, hasEdns: boolean): Uint8Array {
  const { name } = question;
  const query = new Uint8Array(HEADER_BYTES + name.length + 4 + (hasEdns ? OPT_BYTES : 0));
  putUint16(query, 0, id);
  query[2] = 0x01;
  query[3] = question.checkingDisabled ? 0x10 : 0;
  putUint16(query, 4, 1);
  query.set(name, HEADER_BYTES);
  const end = HEADER_BYTES + name.length;
  putUint16(query, end, question.type);
  putUint16(query, end + 2, question.class);
  if (!hasEdns) return query;
  putUint16(query, 10, 1);
  const opt = end + 4;
  putUint16(query, opt + 1, Type.OPT);
  putUint16(query, opt + 3, MESSAGE_LIMIT_UDP);
  putUint16(query, opt + 7, question.dnssecOk ? 0x8000 : 0);
  return query;
}

/**
 * Whether `reply` is a response with this id to this question, or one without a question that says that ours was not
 * understood (see isNotUnderstood). Anything else is somebody else's, or forged.
 */
export function isReplyTo(reply: Uint8Array, question: UpstreamQuestion, id: number): boolean {
  if (reply.length < HEADER_BYTES || uint16(reply, 0) !== id) return false;
  if ((reply[2]! & 0xf8) !== 0x80) return false;
  // What could not be read need not be repeated: some send the bare header.
  if (uint16(reply, 4) === 0) return isNotUnderstood(reply);
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

export function isTruncated(reply: Uint8Array): boolean {
  return (reply[2]! & 0x02) !== 0;
}

/** Whether a reply says that the query's form was not understood: FORMERR, NOTIMP or BADVERS (RFC 6891 §7, §6.1.3). */
export function isNotUnderstood(reply: Uint8Array): boolean {
  const rcode = (reply[3]! & 0x0f) | (extendedRcode(reply) << 4);
  return rcode === Rcode.FORMERR || rcode === Rcode.NOTIMP || rcode === Rcode.BADVERS;
}

/** The upper eight bits of the rcode, from the OPT record (RFC 6891 §6.1.3); 0 where there is none. */
function extendedRcode(reply: Uint8Array): number {
  let at = HEADER_BYTES;
  if (uint16(reply, 4) === 1) at = endOfPlainName(reply, HEADER_BYTES, reply.length) + 4;
  if (at < HEADER_BYTES) return 0;
  const records = uint16(reply, 6) + uint16(reply, 8) + uint16(reply, 10);
  for (let i = 0; i < records; i++) {
    const ownerEnd = endOfName(reply, at, reply.length);
    if (ownerEnd < 0 || ownerEnd + 10 > reply.length) return 0;
    if (uint16(reply, ownerEnd) === Type.OPT) return reply[ownerEnd + 4]!;
    at = ownerEnd + 10 + uint16(reply, ownerEnd + 8);
  }
  return 0;
}

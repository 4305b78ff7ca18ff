/**
 * Walks an upstream's answer once and notes what every later use of it needs: where its TTLs stand, how long it may be
 * kept, and which names it leads to. Used when an answer is stored, and again when the rules have changed since.
 *
 * A stored message is header, question, answer and authority. The additional section is never kept: nothing in it was
 * asked for (RFC 5452 §6), and OPT belongs to one hop (RFC 6891 §6.2.1).
 */

import type { RuleImage } from '../../policy-rules/trie/image.ts';
import { match, ruleSetOf } from '../../policy-rules/trie/match.ts';
import { EMPTY_RULE_SET } from '../../policy-rules/trie/source.ts';
import {
  endOfName,
  endOfPlainName,
  HEADER_BYTES,
  NAME_LIMIT_BYTES,
  Rcode,
  Type,
  uint16,
  uint32,
} from './dns-question.ts';

/** Distinct, non-empty rule sets that one chain may touch. Real chains touch one or two; more is refused. */
export const CHAIN_RULE_SETS = 8;
/** CNAME and DNAME records in one answer. The longest chains in the wild have about ten. */
const CHAIN_LIMIT = 16;
/** Records in a message of 65,535 octets: (65535 - 17) / 11, the smallest being a root owner without data. */
const RECORD_LIMIT = 5957;
/** Two days; longer TTLs only make mistakes last (RFC 8767 §4 advises a cap of days). */
const TTL_LIMIT_SECONDS = 172_800;
/** Failures are kept briefly, so that a broken zone is not asked again by every retry (RFC 9520 §3.2: 1 s to 5 min). */
const FAILURE_TTL_SECONDS = 5;
/** Negative answers (RFC 2308 §5 advises one to three hours). */
const NEGATIVE_TTL_LIMIT_SECONDS = 3600;

const SVCB = 64;
const HTTPS = 65;

/** What a walk found; one per thread, filled anew. */
export class Walk {
  /** End of the question section. */
  questionEnd = 0;
  /** Offset of the additional section: where the stored message ends. */
  end = 0;
  /** How long the message may be answered from a cache. */
  ttlSeconds = 0;
  /** Offsets of the TTL fields. */
  readonly ttlOffsets = new Uint16Array(RECORD_LIMIT);
  ttlCount = 0;
  /** The distinct non-empty rule sets of the question's name and of every name that the answer leads to. */
  readonly ruleSets = new Uint32Array(CHAIN_RULE_SETS);
  ruleSetCount = 0;
}

const name = new Uint8Array(NAME_LIMIT_BYTES + 1);

/**
 * Walks `message[0, length)`. False when it is malformed, or leads through more names or rule sets than are followed:
 * such an answer must not be given. With `image` null the names are checked for form only.
 */
export function walkMessage(message: Uint8Array, length: number, image: RuleImage | null, walk: Walk): boolean {
  walk.ttlCount = 0;
  walk.ruleSetCount = 0;
  if (length < HEADER_BYTES || uint16(message, 4) !== 1) return false;
  const nameEnd = endOfPlainName(message, HEADER_BYTES, length);
  if (nameEnd < 0 || nameEnd + 4 > length) return false;
  walk.questionEnd = nameEnd + 4;
  if (image !== null && !addRuleSet(walk, ruleSetOf(match(image, message, HEADER_BYTES)))) return false;

  const answers = uint16(message, 6);
  const records = answers + uint16(message, 8);
  let at = walk.questionEnd;
  let chain = 0;
  let hasWanted = false;
  const wanted = uint16(message, nameEnd);
  let positiveTtl = TTL_LIMIT_SECONDS;
  let negativeTtl = -1;
  for (let i = 0; i < records; i++) {
    const ownerEnd = endOfName(message, at, length);
    if (ownerEnd < 0 || ownerEnd + 10 > length) return false;
    const type = uint16(message, ownerEnd);
    const ttl = ttlOf(message, ownerEnd + 4);
    const data = ownerEnd + 10;
    const dataEnd = data + uint16(message, ownerEnd + 8);
    if (dataEnd > length || type === Type.OPT) return false;
    if (walk.ttlCount === RECORD_LIMIT) return false;
    walk.ttlOffsets[walk.ttlCount++] = ownerEnd + 4;
    if (i < answers) {
      if (ttl < positiveTtl) positiveTtl = ttl;
      // ANY is answered by whatever there is (RFC 8482).
      if (type === wanted || wanted === Type.ANY) hasWanted = true;
      const target = targetOf(type, data);
      if (target >= 0) {
        if (++chain > CHAIN_LIMIT) return false;
        if (!expandName(message, target, dataEnd, name)) return false;
        if (image !== null && !addRuleSet(walk, ruleSetOf(match(image, name, 0)))) return false;
      }
    } else if (type === Type.SOA && dataEnd - data >= 22) {
      // Negative answers live for the lesser of the SOA's TTL and its last field (RFC 2308 §5).
      negativeTtl = Math.min(ttl, ttlOf(message, dataEnd - 4), NEGATIVE_TTL_LIMIT_SECONDS);
    }
    at = dataEnd;
  }
  walk.end = at;
  walk.ttlSeconds = lifetime(message[3]! & 0x0f, hasWanted, positiveTtl, negativeTtl);
  return true;
}

/**
 * An answer without a record of the wanted type is negative, also behind a CNAME (RFC 2308 §2.2), and lives as its SOA
 * says; without an SOA it says nothing about how long it holds (§5).
 */
function lifetime(rcode: number, hasWanted: boolean, positiveTtl: number, negativeTtl: number): number {
  if (rcode !== Rcode.NOERROR && rcode !== Rcode.NXDOMAIN) return FAILURE_TTL_SECONDS;
  if (rcode === Rcode.NOERROR && hasWanted) return positiveTtl;
  return negativeTtl < 0 ? 0 : Math.min(negativeTtl, positiveTtl);
}

/** A TTL with the top bit set counts as zero (RFC 2181 §8). */
function ttlOf(message: Uint8Array, at: number): number {
  const ttl = uint32(message, at);
  return ttl > 0x7fffffff ? 0 : Math.min(ttl, TTL_LIMIT_SECONDS);
}

/** Where in the record's data a name stands that the client will follow, or -1. */
function targetOf(type: number, data: number): number {
  if (type === Type.CNAME || type === Type.DNAME) return data;
  // SvcPriority, then TargetName (RFC 9460 §2.2).
  if (type === HTTPS || type === SVCB) return data + 2;
  return -1;
}

function addRuleSet(walk: Walk, ruleSet: number): boolean {
  if (ruleSet === EMPTY_RULE_SET) return true;
  for (let i = 0; i < walk.ruleSetCount; i++) if (walk.ruleSets[i] === ruleSet) return true;
  if (walk.ruleSetCount === CHAIN_RULE_SETS) return false;
  walk.ruleSets[walk.ruleSetCount++] = ruleSet;
  return true;
}

/**
 * Writes the name at `start` uncompressed into `into`. Pointers must lead backwards, each before the last one's target,
 * so the walk ends (RFC 1035 §4.1.4 says "prior occurrence"). False when the name is malformed or too long.
 */
export function expandName(message: Uint8Array, start: number, end: number, into: Uint8Array): boolean {
  let at = start;
  let limit = end;
  let floor = start;
  let out = 0;
  while (at < limit) {
    const labelLength = message[at]!;
    if (labelLength === 0) {
      into[out] = 0;
      return true;
    }
    if (labelLength >= 0xc0) {
      if (at + 2 > limit) return false;
      const target = ((labelLength & 0x3f) << 8) | message[at + 1]!;
      if (target >= floor || target < HEADER_BYTES) return false;
      limit = floor;
      floor = target;
      at = target;
      continue;
    }
    if (labelLength > 63 || at + 1 + labelLength > limit || out + 1 + labelLength >= NAME_LIMIT_BYTES) return false;
    for (let i = 0; i <= labelLength; i++) into[out + i] = message[at + i]!;
    out += 1 + labelLength;
    at += 1 + labelLength;
  }
  return false;
}

/**
 * Walks an upstream's answer once and notes what every later use of it needs: where its TTLs stand, how long it may be
 * kept, which names it leads to, and what in it is to be left out. Used when an answer is stored, and again when the
 * rules have changed since. Writing a message anew is remade-message.ts's.
 *
 * A stored message is header, question, answer and authority. The additional section is never kept: nothing in it was
 * asked for (RFC 5452 §6), and OPT belongs to one hop (RFC 6891 §6.2.1).
 *
 * The answer is a chain (RFC 1034 §3.6.2): it begins at the question's name, a CNAME or DNAME leads to the next one, and
 * the records that were asked for stand at its names. It is read in order, as resolvers write it. A record that is not
 * of the chain, or of a type that was not asked for, is a stray: harmless at best, and at worst poison for another name.
 * It is judged, followed, kept and handed on by nobody (RFC 5452 §6). Of the authority section only what says that
 * something does not exist, and of which zone, is kept.
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
const CHAIN_RULE_SETS = 8;
/** Records in one answer that lead to another name. The longest chains in the wild have about ten. */
const CHAIN_LIMIT = 16;
/** Records in a message of 65,535 octets: (65535 - 17) / 11, the smallest being a root owner without data. */
const RECORD_LIMIT = 5957;
const TTL_BYTES = 4;
/** Two days; longer TTLs only make mistakes last (RFC 8767 §4 advises a cap of days). */
const TTL_LIMIT_SECONDS = 172_800;
/**
 * Octets of names that are read and compared in one walk. 4,094 addresses behind a CNAME, as many as a message holds, take
 * 400,000; one that is made so that each record's owner must be compared with all names of a long chain would take 60
 * million, a quarter of a second, and is refused after 3 ms.
 */
const WORK_LIMIT = 1 << 19;
/** Failures are kept briefly, so that a broken zone is not asked again by every retry (RFC 9520 §3.2: 1 s to 5 min). */
const FAILURE_TTL_SECONDS = 5;
/** Negative answers (RFC 2308 §5 advises one to three hours). */
const NEGATIVE_TTL_LIMIT_SECONDS = 3600;

/** A name's octets with its length octets and final zero, and one more that is never read. */
const NAME_BYTES = NAME_LIMIT_BYTES + 1;

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
  /** One for each record, answer before authority: 1 where it is a stray. */
  readonly strays = new Uint8Array(RECORD_LIMIT);
  strayCount = 0;
  /** Whether the answer holds an HTTPS or SVCB record with anything that remade-message.ts would take out of it. */
  hasHints = false;
}

/** The names of the chain at hand, each NAME_BYTES long, and the names that are compared with them; one per thread. */
const chainNames = new Uint8Array((CHAIN_LIMIT + 1) * NAME_BYTES);
let chainCount = 0;
const name = new Uint8Array(NAME_BYTES);
const owner = new Uint8Array(NAME_BYTES);
/** Of WORK_LIMIT, what the walk at hand has taken. */
let work = 0;

/**
 * Walks `message[0, length)`. False when it is malformed, leads back to a name that it passed, leads through more names
 * or rule sets than are followed, or is more work than any answer: such a one must not be given. With `image` null the
 * names are checked for form only.
 */
export function walkMessage(message: Uint8Array, length: number, image: RuleImage | null, walk: Walk): boolean {
  walk.ttlCount = 0;
  walk.ruleSetCount = 0;
  walk.strayCount = 0;
  walk.hasHints = false;
  work = 0;
  if (length < HEADER_BYTES || uint16(message, 4) !== 1) return false;
  const nameEnd = endOfPlainName(message, HEADER_BYTES, length);
  if (nameEnd < 0 || nameEnd + 4 > length) return false;
  walk.questionEnd = nameEnd + 4;
  if (image !== null && !addRuleSet(walk, ruleSetOf(match(image, message, HEADER_BYTES)))) return false;
  for (let i = HEADER_BYTES; i < nameEnd; i++) chainNames[i - HEADER_BYTES] = message[i]!;
  chainCount = 1;

  const answers = uint16(message, 6);
  const records = answers + uint16(message, 8);
  let at = walk.questionEnd;
  let targets = 0;
  let hasWanted = false;
  const wanted = uint16(message, nameEnd);
  const questionClass = uint16(message, nameEnd + 2);
  let positiveTtl = TTL_LIMIT_SECONDS;
  let negativeTtl = -1;
  for (let i = 0; i < records; i++) {
    const ownerEnd = endOfName(message, at, length);
    if (ownerEnd < 0 || ownerEnd + 10 > length) return false;
    const type = uint16(message, ownerEnd);
    const ttl = ttlOf(message, ownerEnd + 4);
    const data = ownerEnd + 10;
    const dataEnd = data + uint16(message, ownerEnd + 8);
    if (dataEnd > length || type === Type.OPT || uint16(message, ownerEnd + 2) !== questionClass) return false;
    if (!isSoundOwner(message, at, ownerEnd, walk)) return false;
    if (walk.ttlCount === RECORD_LIMIT || work > WORK_LIMIT) return false;
    walk.ttlOffsets[walk.ttlCount++] = ownerEnd + 4;
    const isStray = !(i < answers
      ? isOfChain(message, at, ownerEnd, type, wanted)
      : isOfZone(message, at, ownerEnd, type));
    walk.strays[i] = isStray ? 1 : 0;
    if (isStray) {
      walk.strayCount++;
    } else if (!isSoundData(message, type, data, dataEnd, walk)) {
      return false;
    } else if (i < answers) {
      if (ttl < positiveTtl) positiveTtl = ttl;
      // ANY is answered by whatever there is (RFC 8482).
      if (type === wanted || wanted === Type.ANY) hasWanted = true;
      const target = targetOf(type, data);
      if (target >= 0) {
        if (++targets > CHAIN_LIMIT || !expandName(message, target, dataEnd, name)) return false;
        if (image !== null && !addRuleSet(walk, ruleSetOf(match(image, name, 0)))) return false;
        if (isBinding(type)) walk.hasHints ||= hasHints(message, target, dataEnd);
        // The CNAME that comes with a DNAME says where it leads this name (RFC 6672 §3.1), and is what clients follow.
        else if (type === Type.CNAME && !lead()) return false;
      }
    } else if (type === Type.SOA) {
      // Negative answers live for the lesser of the SOA's TTL and its last field (RFC 2308 §5).
      negativeTtl = Math.min(ttl, ttlOf(message, dataEnd - 4), NEGATIVE_TTL_LIMIT_SECONDS);
    }
    at = dataEnd;
  }
  walk.end = at;
  walk.ttlSeconds = lifetime(message[3]! & 0x0f, hasWanted, positiveTtl, negativeTtl);
  return true;
}

/** Whether the question of `message` is for the wire name `bytes[0, nameLength)`, upper and lower case the same. */
export function asksFor(message: Uint8Array, bytes: Uint8Array, nameLength: number): boolean {
  if (message.length < HEADER_BYTES + nameLength) return false;
  for (let i = 0; i < nameLength; i++) {
    if (folded(message[HEADER_BYTES + i]!) !== folded(bytes[i]!)) return false;
  }
  return true;
}

/** HTTPS and SVCB (RFC 9460). */
export function isBinding(type: number): boolean {
  return type === Type.HTTPS || type === Type.SVCB;
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
  // SvcPriority, then TargetName (RFC 9460 §2.2); "." there is the owner itself, or no name at all (§2.5).
  return isBinding(type) ? data + 2 : -1;
}

function addRuleSet(walk: Walk, ruleSet: number): boolean {
  if (ruleSet === EMPTY_RULE_SET) return true;
  for (let i = 0; i < walk.ruleSetCount; i++) if (walk.ruleSets[i] === ruleSet) return true;
  if (walk.ruleSetCount === CHAIN_RULE_SETS) return false;
  walk.ruleSets[walk.ruleSetCount++] = ruleSet;
  return true;
}

// ---- the chain -------------------------------------------------------------------------------------------------

/** Whether a record of the answer was asked for. A name has one CNAME (RFC 1034 §3.6.2): that of the chain's last. */
function isOfChain(message: Uint8Array, at: number, ownerEnd: number, type: number, wanted: number): boolean {
  // A service binding may come along with an address: it is judged like one that was asked for.
  const isPlain = type === wanted || wanted === Type.ANY || isBinding(type);
  if (!isPlain && type !== Type.CNAME && type !== Type.DNAME && type !== Type.RRSIG) return false;
  const index = chainIndexOf(message, at, ownerEnd);
  if (type === Type.CNAME) return index === chainCount - 1;
  // One above the name says where it leads, also where DNAMEs were asked for.
  if (type === Type.DNAME) return index >= 0 ? isPlain : isAbove(chainCount - 1);
  if (isPlain) return index >= 0;
  // The signature over a DNAME stands where the DNAME does.
  return index >= 0 || (index === ELSEWHERE && isAboveAny());
}

/**
 * Whether a record of the authority section says what a negative or signed answer needs said (RFC 2308 §3, RFC 4035
 * §3.1.3). Denials stand at other names of the zone, and prove nothing unless they are signed; SOA, NS and DS are of a
 * zone that holds a name of the chain.
 */
function isOfZone(message: Uint8Array, at: number, ownerEnd: number, type: number): boolean {
  if (type === Type.NSEC || type === Type.NSEC3 || type === Type.RRSIG) return true;
  if (type !== Type.SOA && type !== Type.NS && type !== Type.DS) return false;
  return expandName(message, at, ownerEnd, owner) && isAboveAny();
}

/** What chainIndexOf returns for a name that is none of the chain's, and for what is no name. */
const ELSEWHERE = -1;
const NO_NAME = -2;

/** What resolvers write for an owner that is the question's name: a pointer to it. */
function pointsToQuestion(message: Uint8Array, at: number): boolean {
  return message[at] === 0xc0 && message[at + 1] === HEADER_BYTES;
}

/** Which of the chain's names the owner at `at` is. Where it is none, it stands in `owner` afterwards. */
function chainIndexOf(message: Uint8Array, at: number, ownerEnd: number): number {
  if (pointsToQuestion(message, at)) return 0;
  if (!expandName(message, at, ownerEnd, owner)) return NO_NAME;
  for (let index = chainCount - 1; index >= 0; index--) if (isSameName(owner, index)) return index;
  return ELSEWHERE;
}

/** Takes the target in `name` up into the chain. False where the chain has passed it before. */
function lead(): boolean {
  for (let index = 0; index < chainCount; index++) if (isSameName(name, index)) return false;
  const from = chainCount++ * NAME_BYTES;
  const length = endOfPlainName(name, 0, NAME_BYTES);
  for (let i = 0; i < length; i++) chainNames[from + i] = name[i]!;
  return true;
}

function isAboveAny(): boolean {
  for (let index = chainCount - 1; index >= 0; index--) if (isAbove(index)) return true;
  return false;
}

/** Whether the chain's name `index` is the one in `owner`, or below it. */
function isAbove(index: number): boolean {
  const start = index * NAME_BYTES;
  const ownerLength = endOfPlainName(owner, 0, NAME_BYTES);
  const chainLength = endOfPlainName(chainNames, start, start + NAME_BYTES) - start;
  work += ownerLength + chainLength;
  const spare = chainLength - ownerLength;
  let label = 0;
  while (label < spare) label += 1 + chainNames[start + label]!;
  if (label !== spare) return false;
  for (let i = 0; i < ownerLength; i++) if (folded(owner[i]!) !== folded(chainNames[start + spare + i]!)) return false;
  return true;
}

/** Length octets are below 64, where folding changes nothing, so that names of other shapes differ in one of them. */
function isSameName(one: Uint8Array, index: number): boolean {
  const start = index * NAME_BYTES;
  for (let at = 0; at < NAME_BYTES; at += 1 + one[at]!) {
    const labelLength = one[at]!;
    work += 1 + labelLength;
    if (labelLength !== chainNames[start + at]) return false;
    if (labelLength === 0) return true;
    for (let i = at + 1; i <= at + labelLength; i++) {
      if (folded(one[i]!) !== folded(chainNames[start + i]!)) return false;
    }
  }
  return false;
}

/** RFC 4343. */
function folded(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 32 : octet;
}

// ---- what stands in records ----------------------------------------------------------------------------------------

const scratch = new Uint8Array(NAME_BYTES);

/** Also of a record that is left out: a reply whose names lead nowhere was cut or forged, and its truth is elsewhere. */
function isSoundOwner(message: Uint8Array, at: number, ownerEnd: number, walk: Walk): boolean {
  return pointsToQuestion(message, at) || expandName(message, at, ownerEnd, scratch, walk);
}

/**
 * Whether the data of a record can be read to their last octet, where their shape is known. An answer of which a client
 * could not make sense is no answer: another upstream, or TCP, may have a better one. Data of other types are opaque
 * (RFC 3597 §2).
 */
function isSoundData(message: Uint8Array, type: number, data: number, dataEnd: number, walk: Walk): boolean {
  switch (type) {
    case Type.A:
      return dataEnd - data === 4;
    case Type.AAAA:
      return dataEnd - data === 16;
    case Type.NS:
    case Type.CNAME:
    case Type.DNAME:
    case Type.PTR:
      return endOfSoundName(message, data, dataEnd, walk) === dataEnd;
    case Type.MX:
      return endOfSoundName(message, data + 2, dataEnd, walk) === dataEnd;
    case Type.SRV:
      return endOfSoundName(message, data + 6, dataEnd, walk) === dataEnd;
    case Type.SOA: {
      const mailbox = endOfSoundName(message, data, dataEnd, walk);
      return mailbox >= 0 && endOfSoundName(message, mailbox, dataEnd, walk) + 20 === dataEnd;
    }
    case Type.TXT: {
      let at = data;
      do at += 1 + message[at]!;
      while (at < dataEnd);
      return dataEnd > data && at === dataEnd;
    }
    case Type.SVCB:
    case Type.HTTPS:
      return areSoundParameters(message, endOfSoundName(message, data + 2, dataEnd, walk), dataEnd);
    // Flags, and a tag of one octet or more (RFC 8659 §4.1).
    case Type.CAA:
      return dataEnd - data >= 3 && message[data + 1]! > 0 && data + 2 + message[data + 1]! <= dataEnd;
    // The key's tag, its algorithm, the digest's type, and a digest (RFC 4034 §5.1).
    case Type.DS:
      return dataEnd - data > 4;
    // A signature behind the signer's name, which is never compressed (RFC 4034 §3.1).
    case Type.RRSIG: {
      const signature = endOfPlainName(message, data + 18, dataEnd);
      return signature >= 0 && signature < dataEnd;
    }
    case Type.NSEC:
      return isSoundTypeMap(message, endOfPlainName(message, data, dataEnd), dataEnd);
    // Salt and next hashed owner, each behind its length (RFC 5155 §3.2).
    case Type.NSEC3: {
      const hash = data + 5 + message[data + 4]!;
      return hash < dataEnd && isSoundTypeMap(message, hash + 1 + message[hash]!, dataEnd);
    }
    default:
      return true;
  }
}

/** The end of the name at `at`, or -1 where it is none, its pointers followed. */
function endOfSoundName(message: Uint8Array, at: number, dataEnd: number, walk: Walk): number {
  return at < dataEnd && expandName(message, at, dataEnd, scratch, walk) ? endOfName(message, at, dataEnd) : -1;
}

/**
 * Whether a TTL stands in `[from, to)`, which some name points to: the name would be another, or none, once the TTL is
 * counted down. The TTLs known to the walk are all that stand before the name.
 */
function holdsTtl(walk: Walk, from: number, to: number): boolean {
  if (to <= walk.questionEnd) return false;
  let low = 0;
  for (let high = walk.ttlCount; low < high; ) {
    const middle = (low + high) >>> 1;
    if (walk.ttlOffsets[middle]! + TTL_BYTES > from) high = middle;
    else low = middle + 1;
  }
  return low < walk.ttlCount && walk.ttlOffsets[low]! < to;
}

/** Keys in ascending order, each once, and values that end with the record (RFC 9460 §2.2). */
function areSoundParameters(message: Uint8Array, from: number, dataEnd: number): boolean {
  if (from < 0) return false;
  let at = from;
  let previous = -1;
  while (at + 4 <= dataEnd) {
    const key = uint16(message, at);
    if (key <= previous) return false;
    previous = key;
    at += 4 + uint16(message, at + 2);
  }
  return at === dataEnd;
}

/** Windows of types in ascending order, each of 1 to 32 octets (RFC 4034 §4.1.2). An NSEC3 may have none. */
function isSoundTypeMap(message: Uint8Array, from: number, dataEnd: number): boolean {
  if (from < 0) return false;
  let at = from;
  let previous = -1;
  while (at + 2 <= dataEnd) {
    const octets = message[at + 1]!;
    if (message[at]! <= previous || octets === 0 || octets > 32) return false;
    previous = message[at]!;
    at += 2 + octets;
  }
  return at === dataEnd;
}

// ---- service bindings ------------------------------------------------------------------------------------------

/** SvcParamKeys (RFC 9460 §14.3.2, RFC 9848 §3). */
export const SvcParam = { MANDATORY: 0, IPV4HINT: 4, ECH: 5, IPV6HINT: 6 } as const;

/** Whether the parameters behind the TargetName at `target` hold a hint or ech. A malformed rest holds nothing. */
function hasHints(message: Uint8Array, target: number, dataEnd: number): boolean {
  let at = endOfName(message, target, dataEnd);
  if (at < 0) return false;
  for (; at + 4 <= dataEnd; at += 4 + uint16(message, at + 2)) if (isHint(uint16(message, at))) return true;
  return false;
}

export function isHint(key: number): boolean {
  return key === SvcParam.IPV4HINT || key === SvcParam.ECH || key === SvcParam.IPV6HINT;
}

/**
 * Writes the name at `start` uncompressed into `into`. Pointers must lead backwards, each before the last one's target,
 * so the walk ends (RFC 1035 §4.1.4 says "prior occurrence"). False when the name is malformed or too long; with `walk`
 * also when it is made of a TTL's octets.
 */
export function expandName(
  message: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  walk: Walk | null = null,
): boolean {
  let at = start;
  let from = start;
  let limit = end;
  let floor = start;
  let out = 0;
  while (at < limit) {
    const labelLength = message[at]!;
    if (labelLength === 0) {
      into[out] = 0;
      return walk === null || from === start || !holdsTtl(walk, from, at + 1);
    }
    if (labelLength >= 0xc0) {
      if (at + 2 > limit) return false;
      if (walk !== null && from !== start && holdsTtl(walk, from, at + 2)) return false;
      const target = ((labelLength & 0x3f) << 8) | message[at + 1]!;
      if (target >= floor || target < HEADER_BYTES) return false;
      limit = floor;
      floor = target;
      at = target;
      from = target;
      continue;
    }
    if (labelLength > 63 || at + 1 + labelLength > limit || out + 1 + labelLength >= NAME_LIMIT_BYTES) return false;
    for (let i = 0; i <= labelLength; i++) into[out + i] = message[at + i]!;
    work += 1 + labelLength;
    out += 1 + labelLength;
    at += 1 + labelLength;
  }
  return false;
}

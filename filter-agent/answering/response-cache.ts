/**
 * The answering thread's own small cache: stored messages by question, four ways per bucket, over preallocated memory.
 * After the constructor nothing here allocates. The resolving thread has the big cache behind it.
 *
 * A slot:  key (folded name, type, class, flags) · stored message · what the walk noted of it.
 *
 *   byte 0          264                1496
 *        ┌──────────┬──────────────────┬───────────────────────────┐
 *        │ key      │ message ≤ 1232   │ TTL offsets, 112 × u16    │   1720, rounded up to 1792
 *        └──────────┴──────────────────┴───────────────────────────┘
 *
 * A message of 1232 octets has at most (1232 - 17) / 11 = 110 records, so 112 offsets are enough.
 */
import { MESSAGE_LIMIT_UDP } from '../shared-memory.ts';
import type { Question } from './dns-question.ts';
import { HEADER_BYTES, putUint16 } from './dns-question.ts';
import { CHAIN_RULE_SETS, type Walk } from './stored-message.ts';

const KEY_BYTES = 264;
const MESSAGE_AT = KEY_BYTES;
const SLOT_BYTES = 1792;
const WAYS = 4;
const TTL_WORDS_AT = (MESSAGE_AT + MESSAGE_LIMIT_UDP) / 2;

/** The key of the question last folded; one per thread. */
export class CacheKey {
  readonly bytes = new Uint8Array(KEY_BYTES);
  length = 0;
  hash = 0;

  /** Folds ASCII case (RFC 4343), so that one answer serves every spelling. */
  set(packet: Uint8Array, question: Question): void {
    const nameLength = question.nameLength;
    let hash = 0x811c9dc5;
    for (let i = 0; i < nameLength; i++) {
      let octet = packet[HEADER_BYTES + i]!;
      if (octet >= 0x41 && octet <= 0x5a) octet += 32;
      this.bytes[i] = octet;
      hash = Math.imul(hash ^ octet, 0x01000193);
    }
    putUint16(this.bytes, nameLength, question.type);
    putUint16(this.bytes, nameLength + 2, question.class);
    // DNSSEC OK and Checking Disabled change the answer (RFC 3225, RFC 4035 §3.2.2).
    this.bytes[nameLength + 4] = (question.dnssecOk ? 1 : 0) | ((packet[3]! & 0x10) !== 0 ? 2 : 0);
    this.length = nameLength + 5;
    for (let i = nameLength; i < this.length; i++) hash = Math.imul(hash ^ this.bytes[i]!, 0x01000193);
    // FNV-1a's low bits mix poorly with the last octet; the bucket comes from a finished hash.
    hash ^= hash >>> 15;
    this.hash = Math.imul(hash, 0x2c1b3c6d) >>> 0;
  }
}

export class ResponseCache {
  readonly bytes: Uint8Array;
  readonly ttlOffsets: Uint16Array;
  readonly #hashes: Uint32Array;
  readonly #keyLengths: Uint16Array;
  readonly #expiresAtMs: Float64Array;
  readonly #storedAtMs: Float64Array;
  readonly #messageLengths: Uint16Array;
  readonly #ttlCounts: Uint8Array;
  readonly #imageNumbers: Uint32Array;
  readonly #ruleSetCounts: Uint8Array;
  readonly #ruleSets: Uint32Array;
  readonly #bucketMask: number;

  /** `slots`: a power of two, at least 4; each costs 1.8 KB of address space, touched when first used. */
  constructor(slots: number) {
    if (slots < WAYS || (slots & (slots - 1)) !== 0) {
      throw new RangeError(`Response cache: got ${slots} slots, expected a power of two of at least ${WAYS}`);
    }
    // One slot more than the buckets use: the answer that may not be cached passes through it.
    const total = slots + 1;
    const memory = new ArrayBuffer(total * SLOT_BYTES);
    this.bytes = new Uint8Array(memory);
    this.ttlOffsets = new Uint16Array(memory);
    this.#hashes = new Uint32Array(total);
    this.#keyLengths = new Uint16Array(total);
    this.#expiresAtMs = new Float64Array(total);
    this.#storedAtMs = new Float64Array(total);
    this.#messageLengths = new Uint16Array(total);
    this.#ttlCounts = new Uint8Array(total);
    this.#imageNumbers = new Uint32Array(total);
    this.#ruleSetCounts = new Uint8Array(total);
    this.#ruleSets = new Uint32Array(total * CHAIN_RULE_SETS);
    this.#bucketMask = slots / WAYS - 1;
    this.passingSlot = slots;
  }

  /** The slot outside the buckets: find() never returns it. */
  readonly passingSlot: number;

  /** The slot of a fresh answer to the key's question, or -1. */
  find(key: CacheKey, nowMs: number): number {
    const first = (key.hash & this.#bucketMask) * WAYS;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#hashes[slot] === key.hash && this.#expiresAtMs[slot]! > nowMs && this.#hasKey(slot, key)) return slot;
    }
    return -1;
  }

  /** A slot to put the key's answer in: its own, or the one of its bucket that expires first. */
  choose(key: CacheKey): number {
    const first = (key.hash & this.#bucketMask) * WAYS;
    let victim = first;
    for (let slot = first; slot < first + WAYS; slot++) {
      if (this.#hashes[slot] === key.hash && this.#hasKey(slot, key)) return slot;
      if (this.#expiresAtMs[slot]! < this.#expiresAtMs[victim]!) victim = slot;
    }
    return victim;
  }

  /** Stores a walked message; `length` is at most MESSAGE_LIMIT_UDP. */
  store(
    slot: number,
    key: CacheKey,
    message: Uint8Array,
    offset: number,
    length: number,
    walk: Walk,
    imageNumber: number,
    storedAtMs: number,
    expiresAtMs: number,
  ): void {
    const base = slot * SLOT_BYTES;
    this.#hashes[slot] = key.hash;
    this.#keyLengths[slot] = key.length;
    for (let i = 0; i < key.length; i++) this.bytes[base + i] = key.bytes[i]!;
    const at = base + MESSAGE_AT;
    for (let i = 0; i < length; i++) this.bytes[at + i] = message[offset + i]!;
    this.#messageLengths[slot] = length;
    this.#storedAtMs[slot] = storedAtMs;
    this.#expiresAtMs[slot] = expiresAtMs;
    this.note(slot, walk, imageNumber);
  }

  /** Replaces what is noted of a stored message, after the rules changed. */
  note(slot: number, walk: Walk, imageNumber: number): void {
    const words = (slot * SLOT_BYTES) / 2 + TTL_WORDS_AT;
    for (let i = 0; i < walk.ttlCount; i++) this.ttlOffsets[words + i] = walk.ttlOffsets[i]!;
    this.#ttlCounts[slot] = walk.ttlCount;
    for (let i = 0; i < walk.ruleSetCount; i++) this.#ruleSets[slot * CHAIN_RULE_SETS + i] = walk.ruleSets[i]!;
    this.#ruleSetCounts[slot] = walk.ruleSetCount;
    this.#imageNumbers[slot] = imageNumber;
  }

  drop(slot: number): void {
    this.#expiresAtMs[slot] = 0;
  }

  messageOffset(slot: number): number {
    return slot * SLOT_BYTES + MESSAGE_AT;
  }

  messageLength(slot: number): number {
    return this.#messageLengths[slot]!;
  }

  /** Index into ttlOffsets of the slot's first TTL offset. */
  ttlOffsetsAt(slot: number): number {
    return (slot * SLOT_BYTES) / 2 + TTL_WORDS_AT;
  }

  ttlCount(slot: number): number {
    return this.#ttlCounts[slot]!;
  }

  ageSeconds(slot: number, nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.#storedAtMs[slot]!) / 1000));
  }

  imageNumber(slot: number): number {
    return this.#imageNumbers[slot]!;
  }

  ruleSetCount(slot: number): number {
    return this.#ruleSetCounts[slot]!;
  }

  ruleSet(slot: number, index: number): number {
    return this.#ruleSets[slot * CHAIN_RULE_SETS + index]!;
  }

  #hasKey(slot: number, key: CacheKey): boolean {
    if (this.#keyLengths[slot] !== key.length) return false;
    const base = slot * SLOT_BYTES;
    for (let i = 0; i < key.length; i++) if (this.bytes[base + i] !== key.bytes[i]) return false;
    return true;
  }
}

/**
 * Stored messages by question, in one block of memory that is written round and round: the newest entry takes the place
 * of the oldest. An index finds them. After the constructor nothing here allocates.
 *
 * The block; positions count up for ever, and `position % bytes` is the place:
 *
 *        oldest, half overwritten ─▶╎     ╎◀─ head
 *   ┌──────────┬──────────┬─────────┼─────┼──────────┬──────────┐
 *   │ entry    │ entry    │ entry   │░░░░░│ entry    │ entry    │
 *   └──────────┴──────────┴─────────┴─────┴──────────┴──────────┘
 *
 * An entry, at a multiple of 8:
 *
 *   byte 0            8           16         20          22              24         25      26         28
 *        ┌────────────┬───────────┬──────────┬───────────┬───────────────┬──────────┬───────┬──────────┬───────────┬─────────────┬─────┬─────────┐
 *        │ expires at │ stored at │ image    │ length of │ length of the │ rule set │ told, │ TTL      │ rule sets │ offsets of  │ key │ message │
 *        │ ms, f64    │ ms, f64   │ no., u32 │ key, u16  │ message, u16  │ count, u8│ u8    │ count,u16│ u32 each  │ TTLs, u16   │     │         │
 *        └────────────┴───────────┴──────────┴───────────┴───────────────┴──────────┴───────┴──────────┴───────────┴─────────────┴─────┴─────────┘
 *
 * The index has WAYS places for each bucket of the key's hash: hash and position. A position that the head has passed
 * by more than the block's length is gone, whatever stands there now, so nothing is ever read that was overwritten.
 */
import type { Question } from './dns-question.ts';
import { HEADER_BYTES, NAME_LIMIT_BYTES, putUint16, uint16 } from './dns-question.ts';
import type { Walk } from './stored-message.ts';

/** Name, type, class, flags. */
const KEY_BYTES = NAME_LIMIT_BYTES + 5;
const WAYS = 4;
/** An A record's answer: 28 octets, a key of 30, a message of 70. Fewer places would leave memory unused. */
const SMALL_ENTRY_BYTES = 128;

/** Each thread's own, or a client could choose names that share a bucket with another's and push its answer out. */
const BASIS = crypto.getRandomValues(new Int32Array(1))[0]!;

export const KEY_DNSSEC_OK = 1;
export const KEY_CHECKING_DISABLED = 2;
/** Above them four bits for the safe host. */
const KEY_SAFE_HOST_SHIFT = 2;

const LEAST_BYTES = 1 << 18;
const MOST_BYTES = 1 << 30;

/** An entry fades in this last share of its life. */
const FADING_SHARE = 0.1;
/** A tenth of less is too short for anybody to ask in it by more than chance. */
const FADING_LEAST_MS = 30_000;

const STORED_AT = 8;
const IMAGE = 16;
const KEY_LENGTH = 20;
const MESSAGE_LENGTH = 22;
const RULE_SETS = 24;
/** 1 once somebody was told that the entry is about to expire. */
const TOLD = 25;
const TTLS = 26;
const ENTRY_HEADER_BYTES = 28;

/** The key of the question last folded; one per thread. */
export class CacheKey {
  readonly bytes = new Uint8Array(KEY_BYTES);
  length = 0;
  hash = 0;

  /**
   * The key of the question that stands in `packet` behind its header. `safeHost`: the number of the host that the name
   * is shown by for this client (safe-search.ts), 0 for the name itself: they are two answers.
   */
  set(packet: Uint8Array, question: Question, safeHost = 0): void {
    const flags = (question.dnssecOk ? KEY_DNSSEC_OK : 0) | ((packet[3]! & 0x10) !== 0 ? KEY_CHECKING_DISABLED : 0);
    const { nameLength, type } = question;
    this.make(packet, HEADER_BYTES, nameLength, type, question.class, flags | (safeHost << KEY_SAFE_HOST_SHIFT));
  }

  /** The key of the question that `key` is of, for another name, on the wire and uncompressed, as it is by itself. */
  setFor(key: CacheKey, name: Uint8Array): void {
    const { bytes, nameLength } = key;
    const flags = key.flags & (KEY_DNSSEC_OK | KEY_CHECKING_DISABLED);
    this.make(name, 0, name.length, uint16(bytes, nameLength), uint16(bytes, nameLength + 2), flags);
  }

  /** Octets of the name, which stand first in `bytes`. */
  get nameLength(): number {
    return this.length - 5;
  }

  get flags(): number {
    return this.bytes[this.length - 1]!;
  }

  /**
   * The key of the name `bytes[at, at + nameLength)`, on the wire and uncompressed. Folds ASCII case (RFC 4343), so that
   * one answer serves every spelling. `flags`: what else changes the answer (RFC 3225, RFC 4035 §3.2.2).
   */
  make(bytes: Uint8Array, at: number, nameLength: number, type: number, classOf: number, flags: number): void {
    let hash = BASIS;
    for (let i = 0; i < nameLength; i++) {
      let octet = bytes[at + i]!;
      if (octet >= 0x41 && octet <= 0x5a) octet += 32;
      this.bytes[i] = octet;
      hash = Math.imul(hash ^ octet, 0x01000193);
    }
    putUint16(this.bytes, nameLength, type);
    putUint16(this.bytes, nameLength + 2, classOf);
    this.bytes[nameLength + 4] = flags;
    this.length = nameLength + 5;
    for (let i = nameLength; i < this.length; i++) hash = Math.imul(hash ^ this.bytes[i]!, 0x01000193);
    // FNV-1a's low bits mix poorly with the last octet; the bucket comes from a finished hash.
    hash ^= hash >>> 15;
    this.hash = Math.imul(hash, 0x2c1b3c6d) >>> 0;
  }
}

/** An entry is named by its offset in the block; it is the caller's until the next store(). */
export class ResponseCache {
  /** The block: messages stand in it at messageOffset(). */
  readonly bytes: Uint8Array;
  /** The same block, for the TTL offsets at ttlOffsetsAt(). */
  readonly halves: Uint16Array;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #length: number;
  readonly #hashes: Uint32Array;
  readonly #positions: Float64Array;
  readonly #bucketMask: number;
  /** Where the next entry goes. Begins a block's length in, so that no index place of a new cache seems to hold one. */
  #head: number;

  /**
   * `sizeBytes`: 256 KiB to 1 GiB, rounded down to a power of two, and a tenth more for the index; memory is touched as
   * it fills. The least holds the longest entry, a message of 65,535 octets with 5,957 TTLs, three times.
   */
  constructor(sizeBytes: number) {
    if (!(sizeBytes >= LEAST_BYTES && sizeBytes <= MOST_BYTES)) {
      throw new RangeError(`Response cache: got ${sizeBytes} bytes, expected ${LEAST_BYTES} to ${MOST_BYTES}`);
    }
    const bytes = 2 ** Math.floor(Math.log2(sizeBytes));
    const memory = new ArrayBuffer(bytes);
    this.bytes = new Uint8Array(memory);
    this.halves = new Uint16Array(memory);
    this.#words = new Uint32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#length = bytes;
    const places = bytes / SMALL_ENTRY_BYTES;
    this.#hashes = new Uint32Array(places);
    this.#positions = new Float64Array(places);
    this.#bucketMask = places / WAYS - 1;
    this.#head = 2 * bytes;
  }

  /** The entry that answers the key's question at `nowMs`, or -1. */
  find(key: CacheKey, nowMs: number): number {
    const first = (key.hash & this.#bucketMask) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#hashes[place] !== key.hash || !this.#isThere(this.#positions[place]!)) continue;
      const entry = this.#offset(this.#positions[place]!);
      if (this.#doubles[entry >>> 3]! > nowMs && this.#hasKey(entry, key)) return entry;
    }
    return -1;
  }

  /**
   * Stores `message[offset, offset + length)` as the walk found it, and returns its entry. One that has expired at once
   * (`expiresAtMs` 0) can be read, but is not found again.
   */
  store(
    key: CacheKey,
    message: Uint8Array,
    offset: number,
    length: number,
    walk: Walk,
    imageNumber: number,
    storedAtMs: number,
    expiresAtMs: number,
  ): number {
    const { ruleSetCount, ttlCount } = walk;
    const position = this.#take(ENTRY_HEADER_BYTES + 4 * ruleSetCount + 2 * ttlCount + key.length + length);
    const entry = this.#offset(position);
    this.#doubles[entry >>> 3] = expiresAtMs;
    this.#doubles[(entry + STORED_AT) >>> 3] = storedAtMs;
    this.#words[(entry + IMAGE) >>> 2] = imageNumber;
    this.halves[(entry + KEY_LENGTH) >>> 1] = key.length;
    this.halves[(entry + MESSAGE_LENGTH) >>> 1] = length;
    this.bytes[entry + RULE_SETS] = ruleSetCount;
    this.bytes[entry + TOLD] = 0;
    this.halves[(entry + TTLS) >>> 1] = ttlCount;
    const ruleSets = (entry + ENTRY_HEADER_BYTES) >>> 2;
    for (let i = 0; i < ruleSetCount; i++) this.#words[ruleSets + i] = walk.ruleSets[i]!;
    const ttls = this.ttlOffsetsAt(entry);
    for (let i = 0; i < ttlCount; i++) this.halves[ttls + i] = walk.ttlOffsets[i]!;
    const keyAt = 2 * (ttls + ttlCount);
    for (let i = 0; i < key.length; i++) this.bytes[keyAt + i] = key.bytes[i]!;
    const messageAt = keyAt + key.length;
    for (let i = 0; i < length; i++) this.bytes[messageAt + i] = message[offset + i]!;
    if (expiresAtMs > storedAtMs) this.#enter(key, position);
    return entry;
  }

  /** It is not found any more. */
  drop(entry: number): void {
    this.#doubles[entry >>> 3] = 0;
  }

  /** Whether little of the entry's life is left, and the life was long enough for that to be worth a look-up. */
  isFading(entry: number, nowMs: number): boolean {
    const expiresAtMs = this.#doubles[entry >>> 3]!;
    const lifeMs = expiresAtMs - this.#doubles[(entry + STORED_AT) >>> 3]!;
    return expiresAtMs - nowMs < lifeMs * FADING_SHARE && lifeMs >= FADING_LEAST_MS;
  }

  /** Whether it is fading and nobody was told of it: true once, so that one hit asks for all the others. */
  startsFading(entry: number, nowMs: number): boolean {
    if (!this.isFading(entry, nowMs) || this.bytes[entry + TOLD] === 1) return false;
    this.bytes[entry + TOLD] = 1;
    return true;
  }

  expiresAtMs(entry: number): number {
    return this.#doubles[entry >>> 3]!;
  }

  storedAtMs(entry: number): number {
    return this.#doubles[(entry + STORED_AT) >>> 3]!;
  }

  imageNumber(entry: number): number {
    return this.#words[(entry + IMAGE) >>> 2]!;
  }

  ruleSetCount(entry: number): number {
    return this.bytes[entry + RULE_SETS]!;
  }

  ruleSet(entry: number, index: number): number {
    return this.#words[((entry + ENTRY_HEADER_BYTES) >>> 2) + index]!;
  }

  ttlCount(entry: number): number {
    return this.halves[(entry + TTLS) >>> 1]!;
  }

  /** Index into `halves` of the first TTL's offset in the message. */
  ttlOffsetsAt(entry: number): number {
    return (entry + ENTRY_HEADER_BYTES + 4 * this.ruleSetCount(entry)) >>> 1;
  }

  messageOffset(entry: number): number {
    return this.#keyOffset(entry) + this.halves[(entry + KEY_LENGTH) >>> 1]!;
  }

  messageLength(entry: number): number {
    return this.halves[(entry + MESSAGE_LENGTH) >>> 1]!;
  }

  #keyOffset(entry: number): number {
    return 2 * (this.ttlOffsetsAt(entry) + this.ttlCount(entry));
  }

  #hasKey(entry: number, key: CacheKey): boolean {
    if (this.halves[(entry + KEY_LENGTH) >>> 1] !== key.length) return false;
    const at = this.#keyOffset(entry);
    for (let i = 0; i < key.length; i++) if (this.bytes[at + i] !== key.bytes[i]) return false;
    return true;
  }

  /** Of a power of two the lower bits are the remainder; those that & cuts off lie above all of them. */
  #offset(position: number): number {
    return position & (this.#length - 1);
  }

  #isThere(position: number): boolean {
    return position + this.#length >= this.#head;
  }

  /** The position of `length` octets in one piece: what is left before the block's end is passed over if it is less. */
  #take(length: number): number {
    const whole = (length + 7) & ~7;
    const left = this.#length - this.#offset(this.#head);
    const position = whole <= left ? this.#head : this.#head + left;
    this.#head = position + whole;
    return position;
  }

  /** In the place of the same question's last entry, else of the oldest one of its bucket. */
  #enter(key: CacheKey, position: number): void {
    const first = (key.hash & this.#bucketMask) * WAYS;
    let chosen = first;
    for (let place = first; place < first + WAYS; place++) {
      const held = this.#positions[place]!;
      if (this.#hashes[place] === key.hash && this.#isThere(held) && this.#hasKey(this.#offset(held), key)) {
        chosen = place;
        break;
      }
      if (held < this.#positions[chosen]!) chosen = place;
    }
    this.#hashes[chosen] = key.hash;
    this.#positions[chosen] = position;
  }
}

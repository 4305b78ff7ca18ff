/**
 * Every SharedArrayBuffer of the box: who writes it, who reads it, how it is published.
 *
 * | what            | writer            | readers              | published by                                      |
 * |-----------------|-------------------|----------------------|---------------------------------------------------|
 * | rule image      | control, once     | answering, resolving | message `generation`, acknowledged by each reader |
 * | verdict matrix  | control, once     | answering, resolving | the same                                          |
 * | client table    | control, once     | answering, resolving | the same                                          |
 * | slot ring       | one producer      | one consumer         | Atomics on its two cursors (drawn below)          |
 * | counters        | one thread        | control              | plain stores; control reads whole 64-bit floats   |
 *
 * The first three are immutable once sent: a change makes new ones under the next generation number, and the old are
 * collected after the last reader has acknowledged. So a reader never sees half a change and never takes a lock.
 */

/** What the hot path reads: one consistent set. */
export interface Generation {
  /** Counts from 1; raised with every change of policy, grant, schedule, device or image. */
  readonly number: number;
  /** Raised only when the rules change: a cached answer of an older image is judged again from its names. */
  readonly imageNumber: number;
  readonly image: SharedArrayBuffer;
  readonly matrix: SharedArrayBuffer;
  readonly clients: SharedArrayBuffer;
}

// ---- verdict matrix --------------------------------------------------------------------------------------------
//
//   byte 0        4            8
//        ┌─────────┬────────────┬──────────────────────────────────────────────┐
//        │ profiles│ rule sets  │ verdict[profile × ruleSets + ruleSet] : u8 …  │
//        └─────────┴────────────┴──────────────────────────────────────────────┘

const MATRIX_HEADER_BYTES = 8;

export interface VerdictMatrix {
  readonly profileCount: number;
  readonly ruleSetCount: number;
  /** One verdict byte for profile × rule set, row by profile. */
  readonly verdicts: Uint8Array;
}

export function writeMatrix(profileCount: number, ruleSetCount: number, verdicts: Uint8Array): SharedArrayBuffer {
  if (verdicts.length !== profileCount * ruleSetCount) {
    throw new RangeError(`Verdict matrix: got ${verdicts.length} bytes for ${profileCount} × ${ruleSetCount}`);
  }
  const buffer = new SharedArrayBuffer(MATRIX_HEADER_BYTES + verdicts.length);
  new Uint32Array(buffer, 0, 2).set([profileCount, ruleSetCount]);
  new Uint8Array(buffer, MATRIX_HEADER_BYTES).set(verdicts);
  return buffer;
}

export function readMatrix(buffer: SharedArrayBuffer): VerdictMatrix {
  const header = new Uint32Array(buffer, 0, 2);
  const [profileCount = 0, ruleSetCount = 0] = header;
  return { profileCount, ruleSetCount, verdicts: new Uint8Array(buffer, MATRIX_HEADER_BYTES) };
}

// ---- client table ----------------------------------------------------------------------------------------------
//
// Sorted, non-overlapping ranges of 128-bit addresses; an IPv4 address stands as ::ffff:a.b.c.d.
//
//   word 0        4                                    4 + 10 n
//        ┌────────┬─────────────────────────────────────┐
//        │ n,0,0,0│ n × { first: 4 words, last: 4 words,│   words of an address: most significant first
//        │        │       profile, client }             │
//        └────────┴─────────────────────────────────────┘

const CLIENT_HEADER_WORDS = 4;
export const CLIENT_ENTRY_WORDS = 10;

/** `client` of a range whose devices nobody has named, and of devices that are never recorded. */
export const CLIENT_UNNAMED = 0xffff;
export const CLIENT_NOT_RECORDED = 0xfffe;

export interface ClientEntry {
  /** 16 octets, network order, both included. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
  readonly profile: number;
  /** Index into the policy's devices, CLIENT_UNNAMED or CLIENT_NOT_RECORDED. */
  readonly client: number;
}

export interface ClientTable {
  readonly count: number;
  /** Entries of CLIENT_ENTRY_WORDS words, sorted by `first`. */
  readonly words: Uint32Array;
}

export function writeClientTable(entries: readonly ClientEntry[]): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(4 * (CLIENT_HEADER_WORDS + CLIENT_ENTRY_WORDS * entries.length));
  const words = new Uint32Array(buffer);
  words[0] = entries.length;
  let at = CLIENT_HEADER_WORDS;
  for (const entry of entries) {
    const view = (octets: Uint8Array) => new DataView(octets.buffer, octets.byteOffset, 16);
    for (let i = 0; i < 4; i++) {
      words[at + i] = view(entry.first).getUint32(4 * i);
      words[at + 4 + i] = view(entry.last).getUint32(4 * i);
    }
    words[at + 8] = entry.profile;
    words[at + 9] = entry.client;
    at += CLIENT_ENTRY_WORDS;
  }
  return buffer;
}

export function readClientTable(buffer: SharedArrayBuffer): ClientTable {
  const words = new Uint32Array(buffer);
  return { count: words[0] ?? 0, words: words.subarray(CLIENT_HEADER_WORDS) };
}

// ---- slot ring: single producer, single consumer ---------------------------------------------------------------
//
//   word 0      16     32        64 (bytes: 256)
//        ┌──────┬──────┬─────────┬───────────────┬───────────────┬ …
//        │ head │ tail │ asleep  │ slot 0        │ slot 1        │    cursors on cache lines of their own
//        └──────┴──────┴─────────┴───────────────┴───────────────┴ …
//
// `tail` is written by the producer alone, `head` by the consumer alone; both count up for ever (modulo 2^32) and
// `cursor & (slots - 1)` is the slot. Memory order, which must hold on arm64 too: the producer fills the slot with
// plain stores and then publishes it with Atomics.store(tail); the consumer sees the new tail with Atomics.load and
// only then reads the slot. ECMAScript's atomics are sequentially consistent, so the load that reads that store
// synchronises with it and everything before the store is visible. The slot is given back the same way through `head`.
// `asleep` is the consumer's note that it stopped looking: it sets it and looks once more; a producer that swaps it
// from 1 to 0 after publishing must wake the consumer. In the single total order of atomics, either the consumer's
// second look sees the record or the producer's exchange sees the note.

const HEAD = 0;
const TAIL = 16;
const ASLEEP = 32;
const RING_HEADER_BYTES = 256;

export function createRing(slots: number, slotBytes: number): SharedArrayBuffer {
  if (slots < 2 || (slots & (slots - 1)) !== 0)
    throw new RangeError(`Ring: got ${slots} slots, expected a power of two`);
  if (slotBytes % 8 !== 0) throw new RangeError(`Ring: got slots of ${slotBytes} bytes, expected a multiple of 8`);
  return new SharedArrayBuffer(RING_HEADER_BYTES + slots * slotBytes);
}

/** One end of a ring. Each end lives on one thread only. No method allocates. */
export class SlotRing {
  /** The slots, one behind the other: a slot's bytes are at the offset that claim() or peek() returned. */
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit words: index by offset >>> 2. */
  readonly words: Uint32Array;
  readonly #cursors: Int32Array;
  readonly #slotBytes: number;
  readonly #slots: number;

  constructor(buffer: SharedArrayBuffer, slotBytes: number) {
    this.#cursors = new Int32Array(buffer, 0, RING_HEADER_BYTES / 4);
    this.bytes = new Uint8Array(buffer, RING_HEADER_BYTES);
    this.words = new Uint32Array(buffer, RING_HEADER_BYTES);
    this.#slotBytes = slotBytes;
    this.#slots = this.bytes.length / slotBytes;
  }

  /** Producer: the byte offset of a free slot, or -1 when the ring is full. */
  claim(): number {
    const tail = this.#cursors[TAIL]!;
    if (((tail - Atomics.load(this.#cursors, HEAD)) | 0) >= this.#slots) return -1;
    return (tail & (this.#slots - 1)) * this.#slotBytes;
  }

  /** Producer: publishes the claimed slot. True when the consumer sleeps and must be woken. */
  publish(): boolean {
    Atomics.store(this.#cursors, TAIL, (this.#cursors[TAIL]! + 1) | 0);
    return Atomics.load(this.#cursors, ASLEEP) === 1 && Atomics.exchange(this.#cursors, ASLEEP, 0) === 1;
  }

  /** Consumer: the byte offset of the oldest record, or -1 when the ring is empty. */
  peek(): number {
    const head = this.#cursors[HEAD]!;
    if (head === Atomics.load(this.#cursors, TAIL)) return -1;
    return (head & (this.#slots - 1)) * this.#slotBytes;
  }

  /** Consumer: gives the record of the last peek() back. */
  release(): void {
    Atomics.store(this.#cursors, HEAD, (this.#cursors[HEAD]! + 1) | 0);
  }

  /** Consumer: notes that it stops looking. False when a record came in meanwhile: look again. */
  fallAsleep(): boolean {
    Atomics.store(this.#cursors, ASLEEP, 1);
    if (this.#cursors[HEAD]! === Atomics.load(this.#cursors, TAIL)) return true;
    Atomics.store(this.#cursors, ASLEEP, 0);
    return false;
  }
}

// ---- misses: answering → resolving -----------------------------------------------------------------------------
//
//   byte 0       4      6       8       10          12
//        ┌───────┬──────┬───────┬───────┬───────────┬───────────────┐
//        │ token │ type │ class │ flags │ nameLength│ qname, folded │   flags: 1 = DO, 2 = CD, 4 = refresh
//        └───────┴──────┴───────┴───────┴───────────┴───────────────┘
// 12 + 255 octets of name (RFC 1035 §2.3.4) = 267, rounded up.
// A refresh is no client's: the name is popular and its answer about to expire. Its token means nothing, no answer
// comes back, and it may be left out when there is much else to do.

/** In a miss's flags: looked up anew though it is cached, for the next one who asks. */
export const MISS_REFRESH = 4;

export const MISS_SLOT_BYTES = 272;
/** As many as an answering thread has queries pending at once. */
export const MISS_SLOTS = 4096;

// ---- answers: resolving → answering ----------------------------------------------------------------------------
//
//   byte 0       4           8       12          16
//        ┌───────┬───────────┬───────┬───────────┬──────────────────────────────┐
//        │ token │ ageSeconds│ flags │ length    │ message: answer + authority  │   length 0: the look-up failed
//        └───────┴───────────┴───────┴───────────┴──────────────────────────────┘
// flags: bit 0 = may be cached, bits 16 to 31 = the info code of the extended error that goes with it (RFC 8914), 0 for
// none. A stale answer's TTLs are set already, its age is 0 and it may not be cached (RFC 8767 §4).
// A message over 1232 octets does not fit a datagram (DNS Flag Day 2020): it stands here as its question with TC set.

export const ANSWER_CACHEABLE = 1;
/** `flags >>> ANSWER_EDE_SHIFT` is the info code. */
export const ANSWER_EDE_SHIFT = 16;

export const MESSAGE_LIMIT_UDP = 1232;
export const ANSWER_SLOT_BYTES = 16 + MESSAGE_LIMIT_UDP;
export const ANSWER_SLOTS = 1024;

// ---- events: answering (and resolving, for TCP) → control ------------------------------------------------------
//
//   word 0            1         2         3         4         5 … 7
//        ┌────────────┬─────────┬─────────┬─────────┬─────────┬────────┐
//        │ generation │ profile │ client  │ ruleSet │ verdict │ spare  │   32 bytes
//        └────────────┴─────────┴─────────┴─────────┴─────────┴────────┘
// Control drains four times a second: 16,384 slots hold 65,000 events a second.

export const EVENT_SLOT_BYTES = 32;
export const EVENT_SLOTS = 16_384;

// ---- counters --------------------------------------------------------------------------------------------------

/** Slots of a counter block: per thread, monotonic since the start. */
export const Counter = {
  queries: 0,
  blocked: 1,
  granted: 2,
  forwarded: 3,
  cacheHits: 4,
  refused: 5,
  malformed: 6,
  eventsDropped: 7,
  pendingFull: 8,
  servfail: 9,
  truncated: 10,
  localSite: 11,
  stale: 12,
  refreshed: 13,
  privateDropped: 14,
  rateLimited: 15,
  repeated: 16,
} as const;
export type CounterName = keyof typeof Counter;

/** Float64 so that a counter outlives 2^32; one writer, and 64-bit aligned stores do not tear on x64 and arm64. */
export function createCounters(): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * Object.keys(Counter).length);
}

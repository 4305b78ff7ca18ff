/**
 * DNS cookies, the server's side (RFC 7873, RFC 9018): what the box hands out so that a client can prove later that it
 * had an answer before. Nobody is asked for one, so nothing here judges a cookie that comes back: each answer to a
 * client cookie carries a fresh server cookie (RFC 9018 §4.3 allows that), and a client that pins it keeps forgers out.
 *
 *   octet 0         1          4           8            16
 *        ┌─────────┬──────────┬───────────┬────────────┐
 *        │ version │ reserved │ timestamp │ hash       │   hash: SipHash-2-4 of client cookie, octets 0 to 7 and the
 *        │ 1       │ 0        │ seconds   │            │   client's address (RFC 9018 §4.4)
 *        └─────────┴──────────┴───────────┴────────────┘
 *
 * The box makes a secret of its own at each start, the same on all threads, and each day has another that is drawn from it
 * (RFC 7873 §7.1 wants them replaced): every thread turns over by itself. A cookie of the day before, or from before a
 * restart, is simply replaced. make() allocates nothing.
 */
import { createHmac } from 'node:crypto';
import { isIPv4 } from '../sockets/client-address.ts';

export const CLIENT_COOKIE_BYTES = 8;
export const SERVER_COOKIE_BYTES = 16;
/** SipHash's key (RFC 9018 §4.4). */
export const COOKIE_SECRET_BYTES = 16;

export const DAY_SECONDS = 86_400;

/** `day`: any count of days. To who knows one of them the others are as good as chance. */
export function secretOfDay(secret: Uint8Array, day: number): Uint8Array {
  return createHmac('sha256', secret).update(String(day)).digest().subarray(0, COOKIE_SECRET_BYTES);
}

const VERSION = 1;
/** Octets that are hashed: cookie, version to timestamp, address. */
const HASHED_V4_BYTES = 20;
const HASHED_V6_BYTES = 32;

export class ServerCookies {
  readonly #key = new Int32Array(4);
  /** SipHash's state: v0 to v3, each its lower half first. */
  readonly #v = new Int32Array(8);

  /** `secret`: COOKIE_SECRET_BYTES octets. */
  constructor(secret: Uint8Array) {
    this.use(secret);
  }

  /** From now on. */
  use(secret: Uint8Array): void {
    if (secret.length !== COOKIE_SECRET_BYTES) {
      throw new RangeError(`Cookie secret: got ${secret.length} octets, expected ${COOKIE_SECRET_BYTES}`);
    }
    for (let i = 0; i < 4; i++) this.#key[i] = littleEndian(secret, 4 * i);
  }

  /**
   * Writes the server cookie for `client[0, CLIENT_COOKIE_BYTES)` to `into[at]`. `address`: 16 octets, IPv4 as
   * ::ffff:a.b.c.d. `seconds`: a clock's, modulo 2^32 (RFC 9018 §4.3).
   */
  make(client: Uint8Array, address: Uint8Array, seconds: number, into: Uint8Array, at: number): void {
    into[at] = VERSION;
    into[at + 1] = 0;
    into[at + 2] = 0;
    into[at + 3] = 0;
    into[at + 4] = seconds >>> 24;
    into[at + 5] = seconds >>> 16;
    into[at + 6] = seconds >>> 8;
    into[at + 7] = seconds;
    this.#start();
    this.#take(littleEndian(client, 0), littleEndian(client, 4));
    this.#take(littleEndian(into, at), littleEndian(into, at + 4));
    if (isIPv4(address)) {
      this.#take(littleEndian(address, 12), HASHED_V4_BYTES << 24);
    } else {
      this.#take(littleEndian(address, 0), littleEndian(address, 4));
      this.#take(littleEndian(address, 8), littleEndian(address, 12));
      this.#take(0, HASHED_V6_BYTES << 24);
    }
    this.#finish(into, at + 8);
  }

  /** "somepseudorandomlygeneratedbytes", mixed with the key. */
  #start(): void {
    const v = this.#v;
    const key = this.#key;
    v[0] = key[0]! ^ 0x70736575;
    v[1] = key[1]! ^ 0x736f6d65;
    v[2] = key[2]! ^ 0x6e646f6d;
    v[3] = key[3]! ^ 0x646f7261;
    v[4] = key[0]! ^ 0x6e657261;
    v[5] = key[1]! ^ 0x6c796765;
    v[6] = key[2]! ^ 0x79746573;
    v[7] = key[3]! ^ 0x74656462;
  }

  /** Eight octets of the message, as two words of little-endian order. */
  #take(low: number, high: number): void {
    const v = this.#v;
    v[6] = v[6]! ^ low;
    v[7] = v[7]! ^ high;
    this.#rounds(2);
    v[0] = v[0]! ^ low;
    v[1] = v[1]! ^ high;
  }

  #finish(into: Uint8Array, at: number): void {
    const v = this.#v;
    v[4] = v[4]! ^ 0xff;
    this.#rounds(4);
    const low = v[0]! ^ v[2]! ^ v[4]! ^ v[6]!;
    const high = v[1]! ^ v[3]! ^ v[5]! ^ v[7]!;
    for (let i = 0; i < 4; i++) {
      into[at + i] = low >>> (8 * i);
      into[at + 4 + i] = high >>> (8 * i);
    }
  }

  #rounds(count: number): void {
    const v = this.#v;
    for (let i = 0; i < count; i++) {
      add(v, 0, 2);
      turnAndMix(v, 2, 13, 0);
      swap(v, 0);
      add(v, 4, 6);
      turnAndMix(v, 6, 16, 4);
      add(v, 0, 6);
      turnAndMix(v, 6, 21, 0);
      add(v, 4, 2);
      turnAndMix(v, 2, 17, 4);
      swap(v, 4);
    }
  }
}

/** Sum of two 64-bit numbers, in halves: the carry is what both top bits, or one of them and no top bit of the sum, leave. */
function add(v: Int32Array, to: number, from: number): void {
  const a = v[to]!;
  const b = v[from]!;
  const low = (a + b) | 0;
  const carry = ((a & b) | ((a | b) & ~low)) >>> 31;
  v[to] = low;
  v[to + 1] = v[to + 1]! + v[from + 1]! + carry;
}

function turnAndMix(v: Int32Array, at: number, bits: number, other: number): void {
  const low = v[at]!;
  const high = v[at + 1]!;
  v[at] = ((low << bits) | (high >>> (32 - bits))) ^ v[other]!;
  v[at + 1] = ((high << bits) | (low >>> (32 - bits))) ^ v[other + 1]!;
}

function swap(v: Int32Array, at: number): void {
  const low = v[at]!;
  v[at] = v[at + 1]!;
  v[at + 1] = low;
}

function littleEndian(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

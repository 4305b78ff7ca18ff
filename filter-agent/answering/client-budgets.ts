/**
 * What each client may take of what costs an upstream query: look-ups a second, and queries that wait for one. Hits and
 * blocks are free, and never come here. One table per thread, of fixed size; nothing here allocates after the constructor.
 *
 * The figures. A device that opens a page looks some 30 names up, and a hundred in the minute that it starts; three in
 * four of them are cached by then. 200 devices that all start when the doors open make 200 × 100 / 4 = 5,000 look-ups in
 * a minute, 85/s, also where one router asks for all of them: 100/s with 2,000 at once lets them pass. A device that runs
 * wild makes thousands a second, and is stopped at 100.
 *
 * A client is its address. An IPv6 device may choose any in its /64, which on a site it shares with all the others: so
 * that it cannot take as much again with each, an IPv6 address draws on the account of its /64 as well, which holds
 * PREFIX_SHARES times as much. One that runs wild leaves the others theirs; one that moves to run wild leaves those who
 * ask over IPv4 theirs, and over TCP all of them.
 */
import { isIPv4 } from '../sockets/client-address.ts';

export interface BudgetLimits {
  /** Look-ups per second that each client may go on making; 0 for no limit. */
  readonly perSecond: number;
  /** Clients that have no such limit; the share of what waits holds for them too. */
  readonly exempt: readonly AddressRange[];
}

/** Both ends included, 16 octets each, IPv4 as ::ffff:a.b.c.d. */
export interface AddressRange {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/** How many seconds' worth a client that was quiet may take at once. */
const BURST_SECONDS = 20;
/** Clients that are remembered: a site has hundreds. The one that was heard of longest ago makes room in its bucket. */
const PLACES = 4096;
const WAYS = 8;
/** The address, and whether it stands for its /64. */
const KEY_WORDS = 5;
/** What all addresses of a /64 may take together, as a multiple of what one may: look-ups, and what waits. */
const PREFIX_SHARES = 4;
const PREFIX_WAITING_SHARES = 2;
const NONE = -1;

/** Each thread's own, or one could choose addresses that push another's account out. */
const BASIS = crypto.getRandomValues(new Int32Array(1))[0]!;

export class ClientBudgets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #exempt: readonly AddressRange[];
  readonly #waitingLimit: number;
  readonly #keys = new Int32Array(PLACES * KEY_WORDS);
  /** Look-ups that it has left, as of #seenMs. */
  readonly #left = new Float64Array(PLACES);
  readonly #seenMs = new Float64Array(PLACES).fill(Number.NEGATIVE_INFINITY);
  readonly #waiting = new Uint16Array(PLACES);
  /** Of an IPv6 address, the account of its /64. */
  readonly #prefixes = new Int16Array(PLACES).fill(NONE);

  /** `waitingLimit`: of one client's queries, those that may wait at once. */
  constructor(limits: BudgetLimits, waitingLimit: number) {
    this.#perSecond = limits.perSecond;
    this.#burst = limits.perSecond * BURST_SECONDS;
    this.#exempt = limits.exempt;
    this.#waitingLimit = waitingLimit;
  }

  /**
   * The client's account, to be named to the other methods: below PLACES. `address`: 16 octets, IPv4 as ::ffff:a.b.c.d.
   * It stays the client's while something of it waits.
   */
  account(address: Uint8Array, nowMs: number): number {
    const k0 = word(address, 0);
    const k1 = word(address, 4);
    const prefix = isIPv4(address) ? NONE : this.#place(k0, k1, 0, 0, 1, nowMs, NONE);
    const account = this.#place(k0, k1, word(address, 8), word(address, 12), 0, nowMs, prefix);
    // What waits is taken off where it was put on.
    if (account !== prefix && this.#waiting[account] === 0) this.#prefixes[account] = prefix;
    return account;
  }

  /** Takes one look-up from an account that account() has just returned; false when there is none left. */
  spend(account: number, address: Uint8Array): boolean {
    if (this.#perSecond === 0 || this.#isExempt(address)) return true;
    const prefix = this.#prefixes[account]!;
    if (this.#left[account]! < 1 || (prefix !== NONE && this.#left[prefix]! < 1)) return false;
    this.#left[account] = this.#left[account]! - 1;
    if (prefix !== NONE) this.#left[prefix] = this.#left[prefix]! - 1;
    return true;
  }

  /** Notes that one more query of the account waits; false when as many wait as may. */
  wait(account: number): boolean {
    const prefix = this.#prefixes[account]!;
    if (this.#waiting[account]! >= this.#waitingLimit) return false;
    if (prefix !== NONE && this.#waiting[prefix]! >= PREFIX_WAITING_SHARES * this.#waitingLimit) return false;
    this.#waiting[account] = this.#waiting[account]! + 1;
    if (prefix !== NONE) this.#waiting[prefix] = this.#waiting[prefix]! + 1;
    return true;
  }

  /** One that waited does not any more. */
  done(account: number): void {
    const prefix = this.#prefixes[account]!;
    this.#waiting[account] = this.#waiting[account]! - 1;
    if (prefix !== NONE) this.#waiting[prefix] = this.#waiting[prefix]! - 1;
  }

  /** Where the account of this key is kept, with what it has left by now. It does not take the place of `kept`. */
  #place(k0: number, k1: number, k2: number, k3: number, isPrefix: number, nowMs: number, kept: number): number {
    let hash = Math.imul(BASIS ^ k0, 0x01000193);
    hash = Math.imul(hash ^ k1, 0x2c1b3c6d);
    hash ^= hash >>> 15;
    hash = Math.imul(hash ^ k2, 0x01000193);
    hash = Math.imul(hash ^ k3, 0x2c1b3c6d);
    hash ^= hash >>> 15;
    const keys = this.#keys;
    const first = ((Math.imul(hash + isPrefix, 0x297a2d39) >>> 0) % (PLACES / WAYS)) * WAYS;
    let chosen = NONE;
    for (let place = first; place < first + WAYS; place++) {
      const at = place * KEY_WORDS;
      const isSameAddress = keys[at] === k0 && keys[at + 1] === k1 && keys[at + 2] === k2 && keys[at + 3] === k3;
      if (isSameAddress && keys[at + 4] === isPrefix) {
        this.#gain(place, nowMs);
        return place;
      }
      if (this.#waiting[place] !== 0 || place === kept) continue;
      if (chosen === NONE || this.#seenMs[place]! < this.#seenMs[chosen]!) chosen = place;
    }
    // Nobody to make room: it shares an account with another, and both are held to one limit.
    if (chosen === NONE) return first;
    const at = chosen * KEY_WORDS;
    keys[at] = k0;
    keys[at + 1] = k1;
    keys[at + 2] = k2;
    keys[at + 3] = k3;
    keys[at + 4] = isPrefix;
    this.#prefixes[chosen] = NONE;
    this.#left[chosen] = this.#burst * this.#shares(chosen);
    this.#seenMs[chosen] = nowMs;
    return chosen;
  }

  #gain(place: number, nowMs: number): void {
    const shares = this.#shares(place);
    const gained = (Math.max(0, nowMs - this.#seenMs[place]!) * this.#perSecond * shares) / 1000;
    this.#left[place] = Math.min(this.#burst * shares, this.#left[place]! + gained);
    this.#seenMs[place] = nowMs;
  }

  #shares(place: number): number {
    return this.#keys[place * KEY_WORDS + 4] === 1 ? PREFIX_SHARES : 1;
  }

  #isExempt(address: Uint8Array): boolean {
    for (const { first, last } of this.#exempt) {
      if (compare(address, first) >= 0 && compare(address, last) <= 0) return true;
    }
    return false;
  }
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

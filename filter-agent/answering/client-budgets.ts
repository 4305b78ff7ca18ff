/**
 * What each client may take of what costs an upstream query: look-ups a second, and queries that wait for one. Hits and
 * blocks are free, and never come here. One table per thread, of fixed size; nothing here allocates after the constructor.
 *
 * The figures. A device that opens a page looks some 30 names up, and a hundred in the minute that it starts; three in
 * four of them are cached by then. 200 devices that all start when the doors open make 200 × 100 / 4 = 5,000 look-ups in
 * a minute, 85/s, also where one router asks for all of them: 100/s with 2,000 at once lets them pass. A device that runs
 * wild makes thousands a second, and is stopped at 100.
 *
 * A client is its IPv4 address, or the /64 of its IPv6 one, as a device may choose any address in that.
 */

import { isIPv4 } from './client-table.ts';

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
const KEY_WORDS = 3;

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
    const isV4 = isIPv4(address);
    const k0 = isV4 ? 0 : word(address, 0);
    const k1 = word(address, isV4 ? 12 : 4);
    const k2 = isV4 ? 1 : 0;
    let hash = Math.imul(BASIS ^ k0, 0x01000193);
    hash = Math.imul(hash ^ k1, 0x2c1b3c6d);
    hash ^= hash >>> 15;
    const first = ((Math.imul(hash + k2, 0x297a2d39) >>> 0) % (PLACES / WAYS)) * WAYS;
    let chosen = -1;
    for (let place = first; place < first + WAYS; place++) {
      const at = place * KEY_WORDS;
      if (this.#keys[at] === k0 && this.#keys[at + 1] === k1 && this.#keys[at + 2] === k2) return place;
      if (this.#waiting[place] !== 0) continue;
      if (chosen < 0 || this.#seenMs[place]! < this.#seenMs[chosen]!) chosen = place;
    }
    // Nobody to make room: it shares an account with another, and both are held to one limit.
    if (chosen < 0) return first;
    const at = chosen * KEY_WORDS;
    this.#keys[at] = k0;
    this.#keys[at + 1] = k1;
    this.#keys[at + 2] = k2;
    this.#left[chosen] = this.#burst;
    this.#seenMs[chosen] = nowMs;
    return chosen;
  }

  /** Takes one look-up from the account; false when there is none left. */
  spend(account: number, address: Uint8Array, nowMs: number): boolean {
    if (this.#perSecond === 0) return true;
    const gained = (Math.max(0, nowMs - this.#seenMs[account]!) * this.#perSecond) / 1000;
    const left = Math.min(this.#burst, this.#left[account]! + gained);
    this.#seenMs[account] = nowMs;
    this.#left[account] = left < 1 ? left : left - 1;
    return left >= 1 || this.#isExempt(address);
  }

  /** Notes that one more query of the account waits; false when as many wait as may. */
  wait(account: number): boolean {
    if (this.#waiting[account]! >= this.#waitingLimit) return false;
    this.#waiting[account] = this.#waiting[account]! + 1;
    return true;
  }

  /** One that waited does not any more. */
  done(account: number): void {
    this.#waiting[account] = this.#waiting[account]! - 1;
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

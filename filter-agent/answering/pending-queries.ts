/**
 * Which queries wait for the resolving thread, so that one that comes again (the same client, port, id and question) is
 * known: it takes no second place, and does not make the first one's wait any younger. A hash table over the places that
 * answering-thread.ts gives out (its tokens), chained; nothing here allocates after the constructor.
 */
import { CLIENT_ADDRESS_BYTES } from '../sockets/udp.ts';
import type { CacheKey } from './response-cache.ts';

const NONE = -1;

export class PendingQueries {
  readonly #bucketMask: number;
  /** First token of each bucket's chain, and the one behind each token. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #bucketOf: Int32Array;
  /** Of each token: the question's key hash, port and id in one word, the client. */
  readonly #hashes: Uint32Array;
  readonly #portIds: Uint32Array;
  readonly #clients: Uint8Array;

  /** `tokens`: how many there are, a power of two. */
  constructor(tokens: number) {
    this.#bucketMask = tokens - 1;
    this.#first = new Int32Array(tokens).fill(NONE);
    this.#next = new Int32Array(tokens).fill(NONE);
    this.#bucketOf = new Int32Array(tokens);
    this.#hashes = new Uint32Array(tokens);
    this.#portIds = new Uint32Array(tokens);
    this.#clients = new Uint8Array(tokens * CLIENT_ADDRESS_BYTES);
  }

  /**
   * The token under which such a query waits, or -1. Questions are told apart by the 32 bits of their key's hash, whose
   * start is secret: two of one client, port and id that share it would be one answer short, and asked again.
   */
  find(client: Uint8Array, port: number, id: number, key: CacheKey): number {
    const portId = ((port << 16) | id) >>> 0;
    for (let token = this.#first[this.#bucket(portId, key)]!; token !== NONE; token = this.#next[token]!) {
      const isSame = this.#hashes[token] === key.hash && this.#portIds[token] === portId;
      if (isSame && this.#isFrom(token, client)) return token;
    }
    return NONE;
  }

  add(token: number, client: Uint8Array, port: number, id: number, key: CacheKey): void {
    const portId = ((port << 16) | id) >>> 0;
    const bucket = this.#bucket(portId, key);
    this.#hashes[token] = key.hash;
    this.#portIds[token] = portId;
    const at = token * CLIENT_ADDRESS_BYTES;
    for (let i = 0; i < CLIENT_ADDRESS_BYTES; i++) this.#clients[at + i] = client[i]!;
    this.#bucketOf[token] = bucket;
    this.#next[token] = this.#first[bucket]!;
    this.#first[bucket] = token;
  }

  /** To be called once for each token that was added. */
  remove(token: number): void {
    const bucket = this.#bucketOf[token]!;
    const after = this.#next[token]!;
    if (this.#first[bucket] === token) {
      this.#first[bucket] = after;
      return;
    }
    let before = this.#first[bucket]!;
    while (this.#next[before] !== token) before = this.#next[before]!;
    this.#next[before] = after;
  }

  #bucket(portId: number, key: CacheKey): number {
    return (Math.imul(portId ^ key.hash, 0x9e3779b1) >>> 15) & this.#bucketMask;
  }

  #isFrom(token: number, client: Uint8Array): boolean {
    const at = token * CLIENT_ADDRESS_BYTES;
    for (let i = 0; i < CLIENT_ADDRESS_BYTES; i++) if (this.#clients[at + i] !== client[i]) return false;
    return true;
  }
}

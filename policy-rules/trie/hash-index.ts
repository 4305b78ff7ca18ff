/**
 * The hash table under what is interned while an image is built: open addressing, linear probing, numbers only. Owns
 * the slots and their growth; what an id stands for, and whether two of one hash are the same, is the user's affair.
 */
export class HashIndex {
  /** Two words a slot: the hash, and 1 + the id; the second is 0 where the slot is free. */
  #words = new Uint32Array(1 << 13);
  #mask = (1 << 12) - 1;
  #used = 0;

  /**
   * From `from` on (begin with the hash itself, go on behind the slot that was not it), the first slot that holds this
   * hash or is free. A table is never full, so there is one.
   */
  seek(hash: number, from: number): number {
    const words = this.#words;
    let slot = from & this.#mask;
    while (words[slot * 2 + 1] !== 0 && words[slot * 2] !== hash) slot = (slot + 1) & this.#mask;
    return slot;
  }

  /** The id in a slot, or -1 where it is free. */
  idAt(slot: number): number {
    return this.#words[slot * 2 + 1]! - 1;
  }

  /** Takes a free slot, as `seek` gave it last. */
  put(slot: number, hash: number, id: number): void {
    this.#words[slot * 2] = hash;
    this.#words[slot * 2 + 1] = id + 1;
    this.#used++;
    // Three in four at most, so that probing stays short.
    if (this.#used * 4 > (this.#mask + 1) * 3) this.#grow();
  }

  /** In the order of the old slots, so that memory is read and written in two sequential runs. */
  #grow(): void {
    const old = this.#words;
    const words = new Uint32Array(old.length * 2);
    const mask = words.length / 2 - 1;
    for (let at = 0; at < old.length; at += 2) {
      if (old[at + 1] === 0) continue;
      let slot = old[at]! & mask;
      while (words[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
      words[slot * 2] = old[at]!;
      words[slot * 2 + 1] = old[at + 1]!;
    }
    this.#words = words;
    this.#mask = mask;
  }
}

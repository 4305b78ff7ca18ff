/** Interns labels while an image is built: each distinct label once, in one growing buffer, as on the wire. */
import { hashLabel } from './label-hash.ts';

export class LabelStore {
  /** Length octet and octets, one label after the other. */
  #octets = new Uint8Array(1 << 16);
  #octetsUsed = 0;
  /** Label → where it starts; the table holds label + 1, and 0 where it is free. */
  #starts = new Uint32Array(1 << 12);
  #hashes = new Uint32Array(1 << 12);
  #count = 0;
  #table = new Uint32Array(1 << 13);

  get count(): number {
    return this.#count;
  }

  /** The number of the label `octets[0..length)`, which must be in lower case. */
  intern(octets: Uint8Array, length: number): number {
    const hash = hashLabel(octets, 0, length, 0) >>> 0;
    const mask = this.#table.length - 1;
    let slot = hash & mask;
    for (let entry = this.#table[slot]!; entry !== 0; entry = this.#table[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#holds(entry - 1, octets, length)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.#append(octets, length, hash, slot);
  }

  length(label: number): number {
    return this.#octets[this.#starts[label]!]!;
  }

  /** The label's hash for an image with this seed. */
  hash(label: number, seed: number): number {
    const start = this.#starts[label]! + 1;
    return hashLabel(this.#octets, start, start + this.length(label), seed) >>> 0;
  }

  /** Writes length octet and octets at `at`; returns where they end. */
  copy(label: number, into: Uint8Array, at: number): number {
    const start = this.#starts[label]!;
    const end = start + 1 + this.length(label);
    // Labels are so short that a loop beats a call of copyWithin or set.
    for (let from = start; from < end; from++) into[at++] = this.#octets[from]!;
    return at;
  }

  #holds(label: number, octets: Uint8Array, length: number): boolean {
    const start = this.#starts[label]!;
    if (this.#octets[start] !== length) return false;
    for (let index = 0; index < length; index++) {
      if (this.#octets[start + 1 + index] !== octets[index]) return false;
    }
    return true;
  }

  #append(octets: Uint8Array, length: number, hash: number, slot: number): number {
    const label = this.#count++;
    if (label === this.#starts.length) {
      this.#starts = grown(this.#starts);
      this.#hashes = grown(this.#hashes);
    }
    if (this.#octetsUsed + length + 1 > this.#octets.length) {
      const more = new Uint8Array(this.#octets.length * 2);
      more.set(this.#octets);
      this.#octets = more;
    }
    this.#starts[label] = this.#octetsUsed;
    this.#hashes[label] = hash;
    this.#octets[this.#octetsUsed++] = length;
    for (let index = 0; index < length; index++) this.#octets[this.#octetsUsed++] = octets[index]!;
    this.#table[slot] = label + 1;
    if (this.#count * 2 > this.#table.length) this.#rehash();
    return label;
  }

  #rehash(): void {
    const table = new Uint32Array(this.#table.length * 2);
    const mask = table.length - 1;
    for (let label = 0; label < this.#count; label++) {
      let slot = this.#hashes[label]! & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = label + 1;
    }
    this.#table = table;
  }
}

/** Twice the room, the same content. */
export function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(array.length * 2);
  more.set(array);
  return more;
}

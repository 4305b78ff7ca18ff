/** The labels that an image needs, each once, as on the wire and in the order in which they come. */
import { HashIndex } from './hash-index.ts';

const MAX_LABEL_OCTETS = 63;

export class LabelPool {
  #octets = new Uint8Array(1 << 16);
  #used = 0;
  /** Label → where it lies in the pool. */
  readonly #index = new HashIndex();

  /**
   * Where the label whose length octet is at `labelAt` lies in the pool.
   * @param labelHash of the label, by any one function.
   */
  place(octets: Uint8Array, labelAt: number, labelHash: number): number {
    // The layout brings brothers in the order of their hashes' lower bits. A table probed slot by slot would take them as
    // one run, whose length a search would have to walk: so the upper half says where it begins.
    const hash = ((labelHash << 16) | (labelHash >>> 16)) >>> 0;
    let slot = this.#index.seek(hash, hash);
    for (let place = this.#index.idAt(slot); place >= 0; place = this.#index.idAt(slot)) {
      if (this.#holds(place, octets, labelAt)) return place;
      slot = this.#index.seek(hash, slot + 1);
    }
    const place = this.#used;
    if (place + 1 + MAX_LABEL_OCTETS > this.#octets.length) this.#octets = grownOctets(this.#octets);
    const end = labelAt + 1 + octets[labelAt]!;
    for (let at = labelAt; at < end; at++) this.#octets[this.#used++] = octets[at]!;
    this.#index.put(slot, hash, place);
    return place;
  }

  /** Filled up with zeros to a whole word. */
  octets(): Uint8Array {
    return this.#octets.slice(0, Math.ceil(this.#used / 4) * 4);
  }

  #holds(place: number, octets: Uint8Array, labelAt: number): boolean {
    const length = octets[labelAt]!;
    for (let index = 0; index <= length; index++) {
      if (this.#octets[place + index] !== octets[labelAt + index]) return false;
    }
    return true;
  }
}

/** Twice the room, the same content. */
export function grownOctets(octets: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(octets.length * 2);
  more.set(octets);
  return more;
}

/**
 * Zones and what goes with each: the longest that a name is in. Wire names are compared, so a dot within a label is no
 * border.
 */
import { encodeName } from '../../policy-rules/trie/wire-name.ts';

export interface Found<T> {
  readonly value: T;
  /** Offset in the name at which the zone begins; 0 for the zone's apex itself. */
  readonly at: number;
}

export class ZoneTable<T> {
  readonly #zones = new Map<string, T>();

  /** `zones`: lower case, "lan" or "168.192.in-addr.arpa"; of two alike the first counts. Throws as encodeName does. */
  constructor(zones: Iterable<readonly [string, T]>) {
    for (const [zone, value] of zones) {
      const key = latin1(encodeName(zone), 0);
      if (!this.#zones.has(key)) this.#zones.set(key, value);
    }
  }

  /** `name`: wire form, lower case. */
  find(name: Uint8Array): Found<T> | null {
    if (this.#zones.size === 0) return null;
    for (let at = 0; at < name.length; at += 1 + name[at]!) {
      const value = this.#zones.get(latin1(name, at));
      if (value !== undefined) return { value, at };
    }
    return null;
  }
}

/** An octet for a character. */
function latin1({ buffer, byteOffset, length }: Uint8Array, start: number): string {
  return Buffer.from(buffer, byteOffset + start, length - start).toString('latin1');
}

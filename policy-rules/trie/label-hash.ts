/**
 * How a label is folded and hashed. Owned apart, because the builder and the matcher must agree to the bit; a change
 * here is a change of the image's version. A hash only narrows the search: label bytes are always compared.
 */

/** ASCII upper case to lower case, every other octet to itself (RFC 4343 section 3: no other folding in the DNS). */
export const FOLD: Uint8Array = foldTable();

/** FNV-1a over the folded octets from `start` to `end` (excluded), then mixed so that each bit may be used alone. */
export function hashLabel(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ FOLD[bytes[at]!]!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function foldTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let octet = 0; octet < 256; octet++) table[octet] = octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
  return table;
}

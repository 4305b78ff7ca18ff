/** Who asks: finds a client's address in the client table (drawn in shared-memory.ts). Allocates nothing. */
import { CLIENT_ENTRY_WORDS, type ClientTable } from '../shared-memory.ts';

/** Index of the first word of the client's entry in `table.words`, or -1 outside every configured network. */
export function findClient(table: ClientTable, address: Uint8Array): number {
  const words = table.words;
  const a0 = word(address, 0);
  const a1 = word(address, 4);
  const a2 = word(address, 8);
  const a3 = word(address, 12);
  let low = 0;
  let high = table.count - 1;
  // The last entry whose first address is not above the client's.
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = middle * CLIENT_ENTRY_WORDS;
    if (isBelow(a0, a1, a2, a3, words, at)) high = middle - 1;
    else low = middle + 1;
  }
  if (high < 0) return -1;
  const at = high * CLIENT_ENTRY_WORDS;
  return isAbove(a0, a1, a2, a3, words, at + 4) ? -1 : at;
}

export function profileOf(table: ClientTable, entry: number): number {
  return table.words[entry + 8]!;
}

export function clientOf(table: ClientTable, entry: number): number {
  return table.words[entry + 9]!;
}

function word(address: Uint8Array, at: number): number {
  return ((address[at]! << 24) | (address[at + 1]! << 16) | (address[at + 2]! << 8) | address[at + 3]!) >>> 0;
}

function isBelow(a0: number, a1: number, a2: number, a3: number, words: Uint32Array, at: number): boolean {
  if (a0 !== words[at]!) return a0 < words[at]!;
  if (a1 !== words[at + 1]!) return a1 < words[at + 1]!;
  if (a2 !== words[at + 2]!) return a2 < words[at + 2]!;
  return a3 < words[at + 3]!;
}

function isAbove(a0: number, a1: number, a2: number, a3: number, words: Uint32Array, at: number): boolean {
  if (a0 !== words[at]!) return a0 > words[at]!;
  if (a1 !== words[at + 1]!) return a1 > words[at + 1]!;
  if (a2 !== words[at + 2]!) return a2 > words[at + 2]!;
  return a3 > words[at + 3]!;
}

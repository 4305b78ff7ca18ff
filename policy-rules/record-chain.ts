/**
 * The format of the record's hash chain: what is hashed, in which order, and how a chain is checked. Shared by the
 * dashboard, which appends, by the command line, which checks an export, and by whoever wants to check it themselves.
 *
 *   text       = JSON.stringify([1, seq, at, kind, action, subject, actorId, sessionId, detailsJson])
 *   commitment = SHA-256(salt ‖ JSON.stringify([who, wordsJson]))
 *   hash       = SHA-256(hash of the entry before ‖ text ‖ commitment)
 *
 * The personal words are in the chain only by their salted commitment: with words and salt erased the chain still
 * verifies, and a short reason cannot be found by trying what it may have been. Before the first entry stand 32 zero
 * octets; where retention took the first entries, the hash of the last of them.
 *
 * A chain by itself shows a change in the middle. That its end was cut off, or that all of it was computed anew, shows
 * only against a head that somebody else has kept.
 *
 * Hashes, commitments and salts are lower-case hexadecimal text; strings are hashed as UTF-8. SHA-256 is handed in, since
 * nothing here may depend on a runtime.
 */

/** Of all parts, one after the other, as 64 lower-case hexadecimal digits. */
export type Sha256 = (...parts: readonly (Uint8Array | string)[]) => string;

/** What anybody may read of an entry as long as the entry exists. */
export interface ChainFacts {
  /** Counts from 1, without a gap. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: string;
  readonly action: string;
  /** The id of what it is about. */
  readonly subject: string;
  /** Null when the box or the dashboard itself did it. */
  readonly actorId: string | null;
  readonly sessionId: string | null;
  /** JSON text, hashed octet by octet as it stands. */
  readonly detailsJson: string;
}

/** What retention may erase. */
export interface ChainWords {
  readonly who: string;
  /** JSON text. */
  readonly wordsJson: string;
  /** 16 octets. */
  readonly salt: string;
}

export interface ChainEntry extends ChainFacts {
  readonly commitment: string;
  readonly hash: string;
  /** Null once they are erased. */
  readonly words: ChainWords | null;
}

/** A place in the chain: after the entry of this number. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

/** Before the first entry of all. */
export const CHAIN_START: ChainHead = { seq: 0, hash: '0'.repeat(64) };

export const SALT_BYTES = 16;

/** The first entry that is not as it was written. */
export interface ChainFault {
  /** The number that was expected where the chain breaks. */
  readonly seq: number;
  /** `missing`: another entry stands in its place; `changed`: what anybody may read; `words`: who, or their words. */
  readonly what: 'missing' | 'changed' | 'words';
}

export type ChainCheck =
  | { readonly ok: true; readonly head: ChainHead }
  | { readonly ok: false; readonly fault: ChainFault };

/** The entry that comes after `before`. */
export function chainEntry(
  before: ChainHead,
  facts: Omit<ChainFacts, 'seq'>,
  words: ChainWords,
  sha256: Sha256,
): ChainEntry {
  const numbered = { ...facts, seq: before.seq + 1 };
  const commitment = commitmentOf(words, sha256);
  return { ...numbered, commitment, hash: hashOf(before.hash, numbered, commitment, sha256), words };
}

/** Of entries in the order of their numbers, the first of which has to come right after `from`. */
export function checkChain(entries: Iterable<ChainEntry>, from: ChainHead, sha256: Sha256): ChainCheck {
  let { seq, hash } = from;
  for (const entry of entries) {
    seq += 1;
    if (entry.seq !== seq) return { ok: false, fault: { seq, what: 'missing' } };
    if (!isFollowing(hash, entry, sha256)) return { ok: false, fault: { seq, what: 'changed' } };
    if (!isCommittedTo(entry, sha256)) return { ok: false, fault: { seq, what: 'words' } };
    hash = entry.hash;
  }
  return { ok: true, head: { seq, hash } };
}

function isFollowing(before: string, entry: ChainEntry, sha256: Sha256): boolean {
  return isHexadecimal(entry.commitment, 32) && hashOf(before, entry, entry.commitment, sha256) === entry.hash;
}

function isCommittedTo({ words, commitment }: ChainEntry, sha256: Sha256): boolean {
  return words === null || (isHexadecimal(words.salt, SALT_BYTES) && commitmentOf(words, sha256) === commitment);
}

function commitmentOf({ who, wordsJson, salt }: ChainWords, sha256: Sha256): string {
  return sha256(octetsOf(salt), JSON.stringify([who, wordsJson]));
}

function hashOf(before: string, facts: ChainFacts, commitment: string, sha256: Sha256): string {
  return sha256(octetsOf(before), chainText(facts), octetsOf(commitment));
}

function chainText({ seq, at, kind, action, subject, actorId, sessionId, detailsJson }: ChainFacts): string {
  return JSON.stringify([FORMAT, seq, at, kind, action, subject, actorId, sessionId, detailsJson]);
}

/** The first thing in every text, so that a later format cannot be taken for this one. */
const FORMAT = 1;

/** Digits are hashed as the octets that they stand for: written otherwise, they would be another text with the same hash. */
function isHexadecimal(text: string, octets: number): boolean {
  return text.length === octets * 2 && /^[0-9a-f]*$/.test(text);
}

function octetsOf(hexadecimal: string): Uint8Array {
  const octets = new Uint8Array(hexadecimal.length / 2);
  for (let index = 0; index < octets.length; index++) {
    octets[index] = Number.parseInt(hexadecimal.slice(index * 2, index * 2 + 2), 16);
  }
  return octets;
}

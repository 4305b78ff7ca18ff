/**
 * The look-up: a name as it stands in a DNS packet → the sources that block it, as one number.
 *
 * On the hot path: synchronous, allocates nothing, never throws on a well-formed name. Owns walking an opened image;
 * leaves out how the image came to be (builder.ts) and whose rule it was (explain.ts).
 */
import {
  bucketCount,
  CLASS_BELOW,
  CLASS_WORDS,
  DIRECT_CHILDREN,
  FINGERPRINT_SHIFT,
  INNER_BIT,
  INNER_DETAIL,
  INNER_WORDS,
  innerClass,
  NODE_WORDS,
  type RuleImage,
  VALUE_MASK,
} from './image.ts';
import { FOLD, hashLabel } from './label-hash.ts';

/** A name has at most 255 octets (RFC 1035 section 3.1), each label at least two, the root one: 127 labels. */
export const MAX_LABELS = 127;

/** Where each label starts, from the name's first octet. At most 253, so an octet will do. One per thread. */
const labelStarts = new Uint8Array(MAX_LABELS);

/**
 * @param bytes holds at `offset` a well-formed name in wire format, uncompressed, ending in the zero octet: the caller
 * has checked that. Upper and lower case are the same (RFC 4343).
 * @returns `(ruleSet << 1) | differsBelow`; see `ruleSetOf` and `differsBelow`.
 */
export function match(image: RuleImage, bytes: Uint8Array, offset: number): number {
  let labelCount = 0;
  let at = offset;
  for (let length = bytes[at]!; length !== 0 && labelCount < MAX_LABELS; length = bytes[at]!) {
    labelStarts[labelCount++] = at - offset;
    at += length + 1;
  }
  const { inner, directory, classes } = image;
  let record = 0;
  for (let index = labelCount - 1; index >= 0; index--) {
    const child = findChild(image, record, bytes, offset + labelStarts[index]!);
    if (child === NO_CHILD) return classes[innerClass(inner, directory, record) * CLASS_WORDS + CLASS_BELOW]!;
    if ((child & INNER_BIT) === 0) return classes[child * CLASS_WORDS + (index === 0 ? 0 : CLASS_BELOW)]!;
    record = (child & VALUE_MASK) * INNER_WORDS;
  }
  return classes[innerClass(inner, directory, record) * CLASS_WORDS]!;
}

/** The interned set of sources that block the name; 0 when none does. */
export function ruleSetOf(matched: number): number {
  return matched >>> 1;
}

/**
 * Some name below has another outcome (see NaiveMatcher.differsBelow), so that the blocked answer must be NODATA: a
 * cached NXDOMAIN would take the names below with it (RFC 8020).
 */
export function differsBelow(matched: number): boolean {
  return (matched & 1) !== 0;
}

export const NO_CHILD = -1;

/**
 * The child with the label at `labelAt` of the node whose inner record starts at word `record`.
 * @returns INNER_BIT and the inner record's number, or the class of a leaf, or NO_CHILD.
 */
export function findChild(image: RuleImage, record: number, bytes: Uint8Array, labelAt: number): number {
  const { inner, nodes } = image;
  let from = inner[record]!;
  let to = inner[record + INNER_WORDS]!;
  const hash = hashLabel(bytes, labelAt + 1, labelAt + 1 + bytes[labelAt]!, image.hashSeed);
  if (to - from > DIRECT_CHILDREN) {
    const bucket = inner[record + INNER_DETAIL]! + 1 + (hash & (bucketCount(to - from) - 1));
    from = image.directory[bucket]!;
    to = image.directory[bucket + 1]!;
  }
  const fingerprint = hash >>> FINGERPRINT_SHIFT;
  for (let node = from * NODE_WORDS; node < to * NODE_WORDS; node += NODE_WORDS) {
    const word = nodes[node + 1]!;
    if (word >>> FINGERPRINT_SHIFT === fingerprint && sameLabel(image.labels, nodes[node]!, bytes, labelAt)) {
      return word & (INNER_BIT | VALUE_MASK);
    }
  }
  return NO_CHILD;
}

/** Compares the length octets too: they are below 64, where folding changes nothing. */
function sameLabel(labels: Uint8Array, stored: number, bytes: Uint8Array, labelAt: number): boolean {
  const length = labels[stored]!;
  for (let index = 0; index <= length; index++) {
    if (labels[stored + index] !== FOLD[bytes[labelAt + index]!]) return false;
  }
  return true;
}

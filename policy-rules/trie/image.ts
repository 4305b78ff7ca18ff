/**
 * The rule image: one buffer that holds a compiled trie, its sources and its rule sets, and says of itself what it is.
 * Owns the layout, the header, the checksum and opening. Leaves out building (builder.ts) and looking up (match.ts).
 *
 * All numbers are 32-bit words in the byte order of the machine that built it; an image from the other kind is refused.
 *
 *   word  0           header, HEADER_WORDS words: see `Header`
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ inner     INNER_WORDS a node that has children, the root first, breadth first
 *         │           ┌────────────┬────────────────────┐  the children of record i are the node records from its
 *         │           │ firstChild │ class or directory │  firstChild up to that of record i + 1; a last record
 *         │           └────────────┴────────────────────┘  closes the series
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ nodes     NODE_WORDS a node other than the root, brothers together, by bucket
 *         │           ┌────────────┬────────────────┬───┬───────────┐  value: of a leaf its class,
 *         │           │ label      │ fingerprint: 8 │ i │ value: 23 │  of a node with children (i = 1)
 *         │           └────────────┴────────────────┴───┴───────────┘  its inner record
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ directory of each node with more than DIRECT_CHILDREN children, whose inner record points here:
 *         │           ┌───────┬─────────┬─────────┬ ─ ┬─────┐  the node record at which each bucket of the label hash
 *         │           │ class │ start 0 │ start 1 │   │ end │  starts, and where the last one ends
 *         │           └───────┴─────────┴─────────┴ ─ ┴─────┘
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ classes   CLASS_WORDS each: what `match` returns for the node's own name, and for the names below it that
 *         │           have no deeper node
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ ruleSets  of each rule set: how many sources, then their indexes
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ labels    distinct labels as on the wire: a length octet and that many octets, in lower case
 *         ├───────────────────────────────────────────────────────────────────────────────
 *         │ sources   JSON in ASCII, filled up with spaces to a whole word
 *         └───────────────────────────────────────────────────────────────────────────────
 *
 * A look-up in a node's children touches one cache line of the directory, one or two of the nodes, and, when eight bits
 * of the label's hash agree, one of the labels. Speed and size are measured in test/bench/match.ts.
 */
import type { Source } from './source.ts';

/** Stairgate rules: the file starts with "SAGR" on a little-endian machine. */
export const IMAGE_MAGIC = 0x52474153;
export const IMAGE_VERSION = 1;
const BYTE_ORDER_MARK = 0x01020304;

/** Word offsets in the header. Lengths are in bytes and follow the order of the sections. */
export const Header = {
  MAGIC: 0,
  BYTE_ORDER: 1,
  VERSION: 2,
  IMAGE_BYTES: 3,
  CHECKSUM: 4,
  RULES: 5,
  RULE_SETS: 6,
  HASH_SEED: 7,
  INNER_BYTES: 8,
  NODES_BYTES: 9,
  DIRECTORY_BYTES: 10,
  CLASSES_BYTES: 11,
  RULE_SETS_BYTES: 12,
  LABELS_BYTES: 13,
  SOURCES_BYTES: 14,
} as const;
const SECTION_LENGTHS = [
  Header.INNER_BYTES,
  Header.NODES_BYTES,
  Header.DIRECTORY_BYTES,
  Header.CLASSES_BYTES,
  Header.RULE_SETS_BYTES,
  Header.LABELS_BYTES,
  Header.SOURCES_BYTES,
] as const;

const CACHE_LINE_BYTES = 64;
/** Whole cache lines, so that the root's record starts one. */
export const HEADER_WORDS = Math.ceil(((Header.SOURCES_BYTES + 1) * 4) / CACHE_LINE_BYTES) * (CACHE_LINE_BYTES / 4);

export const INNER_WORDS = 2;
/** The node's class, or where its directory is when it has more than DIRECT_CHILDREN children. */
export const INNER_DETAIL = 1;

export const NODE_WORDS = 2;
export const FINGERPRINT_SHIFT = 24;
export const INNER_BIT = 1 << (FINGERPRINT_SHIFT - 1);
export const VALUE_MASK = INNER_BIT - 1;

export const CLASS_WORDS = 2;
export const CLASS_BELOW = 1;

/** Up to here a node's children are searched one by one: 8 records of 8 bytes, as many as fill a cache line. */
export const DIRECT_CHILDREN = CACHE_LINE_BYTES / (NODE_WORDS * 4);

/** Buckets of a node with more children than DIRECT_CHILDREN: a power of two that leaves 4 to 8 children in each. */
export function bucketCount(children: number): number {
  return 1 << (29 - Math.clz32(children));
}

/** The class of the node whose inner record starts at word `record`. */
export function innerClass(inner: Uint32Array, directory: Uint32Array, record: number): number {
  const children = inner[record + INNER_WORDS]! - inner[record]!;
  const detail = inner[record + INNER_DETAIL]!;
  return children > DIRECT_CHILDREN ? directory[detail]! : detail;
}

export interface RuleImage {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  readonly sources: readonly Source[];
  /** Source indexes in ascending order, by rule set; rule set 0 is empty. */
  readonly ruleSets: readonly (readonly number[])[];
  readonly ruleCount: number;
  /** With the root. */
  readonly nodeCount: number;
  readonly hashSeed: number;
  readonly inner: Uint32Array;
  readonly nodes: Uint32Array;
  readonly directory: Uint32Array;
  readonly classes: Uint32Array;
  readonly labels: Uint8Array;
}

export type ImageErrorCode = 'too-short' | 'not-an-image' | 'wrong-version' | 'wrong-length' | 'damaged';

/** Why a buffer is not a usable rule image. The code is stable; the message is for the log. */
export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ImageError';
    this.code = code;
  }
}

/**
 * Opens an image where it lies; nothing is copied but the two small tables. The buffer must not be written afterwards.
 * `verify` reads every byte; a second thread that is handed an image already verified may leave it out.
 */
export function openImage(buffer: ArrayBuffer | SharedArrayBuffer, verify = true): RuleImage {
  if (buffer.byteLength < HEADER_WORDS * 4) {
    throw new ImageError(
      'too-short',
      `cannot open rule image: ${buffer.byteLength} bytes, expected at least ${HEADER_WORDS * 4}; ` +
        'compile the lists again',
    );
  }
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  checkHeader(header, buffer.byteLength);
  if (verify) {
    const found = checksum(new Uint32Array(buffer));
    const expected = header[Header.CHECKSUM]!;
    if (found !== expected) {
      throw new ImageError(
        'damaged',
        `cannot open rule image: checksum ${hex(found)}, expected ${hex(expected)}; compile the lists again`,
      );
    }
  }
  let at = HEADER_WORDS * 4;
  const section = (lengthAt: number): { start: number; length: number } => {
    const start = at;
    const length = header[lengthAt]!;
    at += length;
    return { start, length };
  };
  const words = (lengthAt: number): Uint32Array => {
    const { start, length } = section(lengthAt);
    return new Uint32Array(buffer, start, length / 4);
  };
  const octets = (lengthAt: number): Uint8Array => {
    const { start, length } = section(lengthAt);
    return new Uint8Array(buffer, start, length);
  };
  const inner = words(Header.INNER_BYTES);
  const nodes = words(Header.NODES_BYTES);
  const directory = words(Header.DIRECTORY_BYTES);
  const classes = words(Header.CLASSES_BYTES);
  const ruleSets = decodeRuleSets(words(Header.RULE_SETS_BYTES), header[Header.RULE_SETS]!);
  const labels = octets(Header.LABELS_BYTES);
  const sources = decodeSources(octets(Header.SOURCES_BYTES));
  return {
    buffer,
    sources,
    ruleSets,
    ruleCount: header[Header.RULES]!,
    nodeCount: nodes.length / NODE_WORDS + 1,
    hashSeed: header[Header.HASH_SEED]!,
    inner,
    nodes,
    directory,
    classes,
    labels,
  };
}

/** The parts of an image, as the builder hands them over. Byte sections must be whole words long. */
export interface ImageParts {
  readonly sources: readonly Source[];
  readonly ruleSets: readonly (readonly number[])[];
  readonly ruleCount: number;
  readonly hashSeed: number;
  readonly inner: Uint32Array;
  readonly nodes: Uint32Array;
  readonly directory: Uint32Array;
  readonly classes: Uint32Array;
  readonly labels: Uint8Array;
}

/** Puts the parts behind a header, in the one place that knows their order. */
export function writeImage(parts: ImageParts): ArrayBuffer {
  const sections: readonly (Uint32Array | Uint8Array)[] = [
    parts.inner,
    parts.nodes,
    parts.directory,
    parts.classes,
    encodeRuleSets(parts.ruleSets),
    parts.labels,
    encodeSources(parts.sources),
  ];
  let bytes = HEADER_WORDS * 4;
  for (const section of sections) bytes += section.byteLength;
  const buffer = new ArrayBuffer(bytes);
  const header = new Uint32Array(buffer, 0, HEADER_WORDS);
  header[Header.MAGIC] = IMAGE_MAGIC;
  header[Header.BYTE_ORDER] = BYTE_ORDER_MARK;
  header[Header.VERSION] = IMAGE_VERSION;
  header[Header.IMAGE_BYTES] = bytes;
  header[Header.RULES] = parts.ruleCount;
  header[Header.RULE_SETS] = parts.ruleSets.length;
  header[Header.HASH_SEED] = parts.hashSeed;
  let at = HEADER_WORDS * 4;
  for (const [index, section] of sections.entries()) {
    if (section.byteLength % 4 !== 0) {
      throw new RangeError(
        `cannot write rule image: section ${index} of ${section.byteLength} bytes, expected whole words`,
      );
    }
    header[SECTION_LENGTHS[index]!] = section.byteLength;
    new Uint8Array(buffer, at, section.byteLength).set(
      new Uint8Array(section.buffer, section.byteOffset, section.byteLength),
    );
    at += section.byteLength;
  }
  header[Header.CHECKSUM] = checksum(new Uint32Array(buffer));
  return buffer;
}

/**
 * Over every word but its own. Each step is a bijection of the running value for a given word, and of the word for a
 * given running value, so that any change within one word shows for certain; others show but for one in 2^32.
 */
function checksum(words: Uint32Array): number {
  let sum = 0x9e3779b9 | 0;
  for (let at = 0; at < Header.CHECKSUM; at++) sum = step(sum, words[at]!);
  const length = words.length;
  for (let at = Header.CHECKSUM + 1; at < length; at++) sum = step(sum, words[at]!);
  return sum >>> 0;
}

function step(sum: number, word: number): number {
  const mixed = Math.imul(sum ^ word, 0x85ebca6b);
  return (mixed << 13) | (mixed >>> 19);
}

function checkHeader(header: Uint32Array, byteLength: number): void {
  if (header[Header.MAGIC] !== IMAGE_MAGIC || header[Header.BYTE_ORDER] !== BYTE_ORDER_MARK) {
    throw new ImageError(
      'not-an-image',
      `cannot open rule image: it starts with ${hex(header[Header.MAGIC]!)} ${hex(header[Header.BYTE_ORDER]!)}, ` +
        `expected ${hex(IMAGE_MAGIC)} ${hex(BYTE_ORDER_MARK)}; it is another kind of file, ` +
        'or from a machine of the other byte order',
    );
  }
  if (header[Header.VERSION] !== IMAGE_VERSION) {
    throw new ImageError(
      'wrong-version',
      `cannot open rule image: version ${header[Header.VERSION]}, expected ${IMAGE_VERSION}; compile the lists again`,
    );
  }
  let expected = HEADER_WORDS * 4;
  let wholeWords = true;
  for (const lengthAt of SECTION_LENGTHS) {
    expected += header[lengthAt]!;
    wholeWords &&= header[lengthAt]! % 4 === 0;
  }
  if (!wholeWords || header[Header.IMAGE_BYTES] !== byteLength || expected !== byteLength) {
    throw new ImageError(
      'wrong-length',
      `cannot open rule image: ${byteLength} bytes, expected ${header[Header.IMAGE_BYTES]} by the header and ` +
        `${expected} by its sections; the file was cut or mixed up, compile the lists again`,
    );
  }
}

function encodeRuleSets(ruleSets: readonly (readonly number[])[]): Uint32Array {
  const words: number[] = [];
  for (const sources of ruleSets) words.push(sources.length, ...sources);
  return Uint32Array.from(words);
}

function decodeRuleSets(words: Uint32Array, count: number): number[][] {
  const ruleSets: number[][] = [];
  let at = 0;
  // The second bound keeps an unverified, broken image from filling the memory.
  while (ruleSets.length < count && at < words.length) {
    const length = words[at]!;
    ruleSets.push(Array.from(words.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  return ruleSets;
}

/** Octets above ASCII are escaped as JSON allows, since this side of the product has no text encoder to lean on. */
function encodeSources(sources: readonly Source[]): Uint8Array {
  const plain = sources.map(({ id, kind }) => ({ id, kind }));
  const json = JSON.stringify(plain).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const text = json.padEnd(Math.ceil(json.length / 4) * 4, ' ');
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function decodeSources(octets: Uint8Array): Source[] {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  try {
    return JSON.parse(text) as Source[];
  } catch (cause) {
    throw new ImageError('damaged', 'cannot open rule image: its table of sources is not readable', { cause });
  }
}

function hex(word: number): string {
  return `0x${word.toString(16).padStart(8, '0')}`;
}

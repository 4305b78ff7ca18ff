/**
 * Rules → rule image. Owns the trie while it grows and the decisions that are taken once at build time: which source
 * speaks of which name, what is superfluous, and whether names below differ. Leaves out parsing (lists/) and the layout
 * (image.ts).
 *
 * What is decided, source by source (NaiveMatcher says the same by definition, and a fuzz test compares them):
 * - The deepest node with a rule of the source that covers the name decides.
 * - At that node an exception beats a block, whatever their scopes. For a `host` block beside a `suffix` exception at
 *   one node this means that the host is open: lists are merged from several hands, and who wrote `@@||example.org^`
 *   meant to open example.org. Nothing becomes unsayable: "only the host is blocked, the names below are open" is a
 *   `host` block with a `below` exception. The other way about, a `host` exception beside a `suffix` block opens the
 *   host and nothing below it.
 *
 * A node's outcome is kept as two interned sets of sources, that of its own name and that of the names below without a
 * deeper node. A rule that changes neither is dropped, and so is a node that says what its parent said already.
 *
 * Memory: no object a rule. 1.85 million names take 150 MB while the trie grows and 270 MB at the end of `build`, which
 * is why lists are compiled in a child process.
 */
import type { RuleAction, RuleScope } from '../lists/rule.ts';
import { HashIndex } from './hash-index.ts';
import {
  bucketCount,
  CLASS_BELOW,
  CLASS_WORDS,
  DIRECT_CHILDREN,
  FINGERPRINT_SHIFT,
  INNER_BIT,
  INNER_DETAIL,
  INNER_WORDS,
  NODE_WORDS,
  VALUE_MASK,
  writeImage,
} from './image.ts';
import { FOLD, hashLabel } from './label-hash.ts';
import { grownOctets, LabelPool } from './label-pool.ts';
import { SetTable } from './set-table.ts';
import { EMPTY_RULE_SET, type Source } from './source.ts';

export interface BuildReport {
  /** Rules kept: distinct, and not said already by a broader one of the same source. */
  readonly rules: number;
  /** The same name, scope and action from the same source once more. */
  readonly duplicates: number;
  /**
   * Dropped, because the same source decides every name they cover in the same way without them: a block below a
   * block, an exception where nothing is blocked, a rule beaten or completed by another at the same node.
   * rules + duplicates + subsumed is the number of rules added.
   */
  readonly subsumed: number;
  /** With the root. */
  readonly nodes: number;
  readonly ruleSets: number;
  readonly bytes: number;
  /** The same three counts for each source, by its index. */
  readonly bySource: readonly SourceCounts[];
}

export interface SourceCounts {
  readonly rules: number;
  readonly duplicates: number;
  readonly subsumed: number;
}

/** A source index and its rules at one node fit one word: 26 bits and 6 bits. A setting has a few hundred sources. */
export const MAX_SOURCES = 4096;

const MAX_LABEL_OCTETS = 63;
const MAX_NAME_OCTETS = 253;
const ROOT = 0;

/** The six kinds of rule, as bits of a node's entry for a source. */
const Kind: Readonly<Record<RuleAction, Readonly<Record<RuleScope, number>>>> = {
  block: { suffix: 1, host: 2, below: 4 },
  allow: { suffix: 8, host: 16, below: 32 },
};
const KIND_BITS = 6;
const KIND_MASK = (1 << KIND_BITS) - 1;
const ALLOWS_OWN = Kind.allow.suffix | Kind.allow.host;
const ALLOWS_BELOW = Kind.allow.suffix | Kind.allow.below;
const BLOCKS_OWN = Kind.block.suffix | Kind.block.host;
const BLOCKS_BELOW = Kind.block.suffix | Kind.block.below;

/** With more children in one bucket another hash seed is tried, so that a list cannot be written to slow look-ups. */
const MAX_BUCKET = 48;
const MAX_SEEDS = 16;
const FIRST_SEED = 0;

export class TrieBuilder {
  readonly #sources: readonly Source[];

  /** Two words a node, as they are read together: its parent, which has a lower number, and where its label is. */
  #links = new Uint32Array(1 << 13);
  /** Node → the label's hash, and 1 + the first of the node's entries (0: none). */
  #labelHashes = new Uint32Array(1 << 12);
  #firstEntries = new Uint32Array(1 << 12);
  #nodeCount = 1;
  /** (parent, label) → node. */
  readonly #nodeIndex = new HashIndex();
  /** Each node's label as on the wire: length octet and octets. Behind them comes the label that is being sought. */
  #octets = new Uint8Array(1 << 16);
  #octetsUsed = 0;

  // Entry → source and rules, and 1 + the next entry of the node (0: none).
  #entries = new Uint32Array(1 << 12);
  #nextEntries = new Uint32Array(1 << 12);
  #entryCount = 0;

  // By source.
  readonly #added: Uint32Array;
  readonly #duplicates: Uint32Array;

  constructor(sources: readonly Source[]) {
    if (sources.length > MAX_SOURCES) {
      throw new RangeError(`cannot build rule image: ${sources.length} sources, expected at most ${MAX_SOURCES}`);
    }
    this.#sources = sources;
    this.#added = new Uint32Array(sources.length);
    this.#duplicates = new Uint32Array(sources.length);
  }

  /** @param name lower-case A-labels without a trailing dot; the empty name is the root, and speaks of all names. */
  addRule(sourceIndex: number, name: string, scope: RuleScope, action: RuleAction): void {
    if (this.#sources[sourceIndex] === undefined) {
      throw new RangeError(
        `cannot add rule for ${quoted(name)}: source ${sourceIndex}, expected 0 to ${this.#sources.length - 1}`,
      );
    }
    // The name is checked in whole before the trie grows, so that a refused rule leaves nothing behind.
    checkName(name);
    const node = this.#nodeOf(name);
    const bit = Kind[action][scope];
    this.#added[sourceIndex]!++;
    let entry = this.#firstEntries[node]!;
    while (entry !== 0 && this.#entries[entry - 1]! >>> KIND_BITS !== sourceIndex)
      entry = this.#nextEntries[entry - 1]!;
    if (entry === 0) this.#appendEntry(node, (sourceIndex << KIND_BITS) | bit);
    else if ((this.#entries[entry - 1]! & bit) !== 0) this.#duplicates[sourceIndex]!++;
    else this.#entries[entry - 1]! |= bit;
  }

  build(): { image: ArrayBuffer; report: BuildReport } {
    const sets = new SetTable();
    const { own, below, rules } = this.#decide(sets);
    const ruleCount = total(rules);
    const { keep, differs } = this.#compare(sets, own, below);
    const outcomes = new OutcomeTable(sets);
    const classes = new Uint32Array(this.#nodeCount);
    for (let node = 0; node < this.#nodeCount; node++) {
      if (keep[node] !== 0) classes[node] = outcomes.classOf(own[node]!, below[node]!, differs[node]!);
    }
    const layout = layOut({
      links: this.#links.subarray(0, this.#nodeCount * 2),
      octets: this.#octets,
      labelHashes: this.#labelHashes,
      keep,
      classes,
    });
    const image = writeImage({
      ...layout,
      sources: this.#sources,
      ruleSets: outcomes.ruleSets,
      ruleCount,
      classes: outcomes.words(),
    });
    const duplicates = total(this.#duplicates);
    const report: BuildReport = {
      rules: ruleCount,
      duplicates,
      subsumed: total(this.#added) - duplicates - ruleCount,
      nodes: layout.nodes.length / NODE_WORDS + 1,
      ruleSets: outcomes.ruleSets.length,
      bytes: image.byteLength,
      bySource: this.#sources.map((_, source) => ({
        rules: rules[source]!,
        duplicates: this.#duplicates[source]!,
        subsumed: this.#added[source]! - this.#duplicates[source]! - rules[source]!,
      })),
    };
    return { image, report };
  }

  #nodeOf(name: string): number {
    let node = ROOT;
    let end = name.length;
    while (end > 0) {
      const dot = name.lastIndexOf('.', end - 1);
      const length = end - dot - 1;
      if (this.#octetsUsed + 1 + MAX_LABEL_OCTETS > this.#octets.length) this.#octets = grownOctets(this.#octets);
      const octets = this.#octets;
      const labelAt = this.#octetsUsed;
      octets[labelAt] = length;
      for (let index = 1; index <= length; index++) octets[labelAt + index] = FOLD[name.charCodeAt(dot + index)]!;
      node = this.#child(node, hashLabel(octets, labelAt + 1, labelAt + 1 + length, FIRST_SEED) >>> 0);
      end = dot;
    }
    return node;
  }

  /** The child by the label that was put behind the others; it stays there if the child is new. */
  #child(parent: number, labelHash: number): number {
    const hash = hashPair(parent, labelHash);
    let slot = this.#nodeIndex.seek(hash, hash);
    for (let node = this.#nodeIndex.idAt(slot); node >= 0; node = this.#nodeIndex.idAt(slot)) {
      if (this.#links[node * 2] === parent && this.#isSought(this.#links[node * 2 + 1]!)) return node;
      slot = this.#nodeIndex.seek(hash, slot + 1);
    }
    const node = this.#nodeCount++;
    if (node === this.#firstEntries.length) {
      this.#links = grown(this.#links);
      this.#labelHashes = grown(this.#labelHashes);
      this.#firstEntries = grown(this.#firstEntries);
    }
    this.#links[node * 2] = parent;
    this.#links[node * 2 + 1] = this.#octetsUsed;
    this.#labelHashes[node] = labelHash;
    this.#nodeIndex.put(slot, hash, node);
    this.#octetsUsed += 1 + this.#octets[this.#octetsUsed]!;
    return node;
  }

  #isSought(labelAt: number): boolean {
    const octets = this.#octets;
    const sought = this.#octetsUsed;
    const length = octets[sought]!;
    for (let index = 0; index <= length; index++) {
      if (octets[labelAt + index] !== octets[sought + index]) return false;
    }
    return true;
  }

  #appendEntry(node: number, word: number): void {
    const entry = this.#entryCount++;
    if (entry === this.#entries.length) {
      this.#entries = grown(this.#entries);
      this.#nextEntries = grown(this.#nextEntries);
    }
    this.#entries[entry] = word;
    this.#nextEntries[entry] = this.#firstEntries[node]!;
    this.#firstEntries[node] = entry + 1;
  }

  /** From the root down: the two sets of each node, and how many rules of each source had a say in them. */
  #decide(sets: SetTable): { own: Uint32Array; below: Uint32Array; rules: Uint32Array } {
    const own = new Uint32Array(this.#nodeCount);
    const below = new Uint32Array(this.#nodeCount);
    const rules = new Uint32Array(this.#sources.length);
    for (let node = 0; node < this.#nodeCount; node++) {
      const inherited = node === ROOT ? EMPTY_RULE_SET : below[this.#links[node * 2]!]!;
      let ownSet = inherited;
      let belowSet = inherited;
      for (let entry = this.#firstEntries[node]!; entry !== 0; entry = this.#nextEntries[entry - 1]!) {
        const word = this.#entries[entry - 1]!;
        const source = word >>> KIND_BITS;
        const kinds = word & KIND_MASK;
        const ownBefore = ownSet;
        const belowBefore = belowSet;
        if ((kinds & ALLOWS_OWN) !== 0) ownSet = sets.remove(ownSet, source);
        else if ((kinds & BLOCKS_OWN) !== 0) ownSet = sets.add(ownSet, source);
        if ((kinds & ALLOWS_BELOW) !== 0) belowSet = sets.remove(belowSet, source);
        else if ((kinds & BLOCKS_BELOW) !== 0) belowSet = sets.add(belowSet, source);
        // Both sets came from one, so what an entry changes is always what one single rule would have changed.
        if (ownSet !== ownBefore || belowSet !== belowBefore) rules[source]!++;
      }
      own[node] = ownSet;
      below[node] = belowSet;
    }
    return { own, below, rules };
  }

  /**
   * From the leaves up: which nodes say something new, and below which of them the outcome differs. Names without a
   * node count too: below every node there are some, and they have its `below` set.
   */
  #compare(sets: SetTable, own: Uint32Array, below: Uint32Array): { keep: Uint8Array; differs: Uint8Array } {
    const keep = new Uint8Array(this.#nodeCount);
    const differs = new Uint8Array(this.#nodeCount);
    // Of all names strictly below a node: the sources in every one's set, and the sources in any one's set, but for
    // lists. Safe search opens and blocks nothing, so it makes no difference.
    const everywhere = below.slice();
    const anywhere = new Uint32Array(this.#nodeCount);
    const withoutSafeSearch = this.#without(sets, ['safe-search']);
    const withoutLists = this.#without(sets, ['list', 'safe-search']);
    for (let node = 0; node < this.#nodeCount; node++) anywhere[node] = withoutLists(below[node]!);
    for (let node = this.#nodeCount - 1; node >= 0; node--) {
      const set = own[node]!;
      const allHold = sets.holds(everywhere[node]!, withoutSafeSearch(set));
      differs[node] = allHold && sets.holds(set, anywhere[node]!) ? 0 : 1;
      if (node === ROOT) {
        keep[node] = 1;
        break;
      }
      const parent = this.#links[node * 2]!;
      if (set !== below[parent] || below[node] !== below[parent]) keep[node] = 1;
      if (keep[node] !== 0) keep[parent] = 1;
      everywhere[parent] = sets.intersection(everywhere[parent]!, sets.intersection(everywhere[node]!, set));
      anywhere[parent] = sets.union(anywhere[parent]!, sets.union(anywhere[node]!, withoutLists(set)));
    }
    return { keep, differs };
  }

  #without(sets: SetTable, kinds: readonly Source['kind'][]): (set: number) => number {
    const known: number[] = [];
    return (set) => {
      const found = known[set];
      if (found !== undefined) return found;
      const rest = sets.intern(sets.members(set).filter((source) => !kinds.includes(this.#sources[source]!.kind)));
      known[set] = rest;
      return rest;
    };
  }
}

function total(counts: Uint32Array): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/** Interns what a look-up can end in: classes of nodes, and the rule sets that they name. */
class OutcomeTable {
  readonly ruleSets: (readonly number[])[] = [[]];
  readonly #sets: SetTable;
  readonly #ruleSetIds = new Map<number, number>([[EMPTY_RULE_SET, EMPTY_RULE_SET]]);
  readonly #classIds = new Map<number, number>();
  readonly #words: number[] = [];
  #lastKey = -1;
  #lastClass = 0;

  constructor(sets: SetTable) {
    this.#sets = sets;
  }

  classOf(own: number, below: number, differs: number): number {
    const key = (own * 0x2000000 + below) * 2 + differs;
    if (key === this.#lastKey) return this.#lastClass;
    let id = this.#classIds.get(key);
    if (id === undefined) {
      id = this.#classIds.size;
      if (id > VALUE_MASK) {
        throw new RangeError(`cannot build rule image: more than ${id} outcomes, expected at most ${VALUE_MASK + 1}`);
      }
      this.#classIds.set(key, id);
      this.#words[id * CLASS_WORDS] = (this.#ruleSet(own) << 1) | differs;
      // A name without a node of its own has the same set as all names below it.
      this.#words[id * CLASS_WORDS + CLASS_BELOW] = this.#ruleSet(below) << 1;
    }
    this.#lastKey = key;
    this.#lastClass = id;
    return id;
  }

  words(): Uint32Array {
    return Uint32Array.from(this.#words);
  }

  #ruleSet(set: number): number {
    let id = this.#ruleSetIds.get(set);
    if (id === undefined) {
      id = this.ruleSets.length;
      this.ruleSets.push(this.#sets.members(set));
      this.#ruleSetIds.set(set, id);
    }
    return id;
  }
}

/** The trie as it grew, with what was decided of it. By node, but `links` with two words a node. */
interface GrownTrie {
  readonly links: Uint32Array;
  readonly octets: Uint8Array;
  readonly labelHashes: Uint32Array;
  readonly keep: Uint8Array;
  readonly classes: Uint32Array;
}

interface Layout {
  readonly inner: Uint32Array;
  readonly nodes: Uint32Array;
  readonly directory: Uint32Array;
  readonly labels: Uint8Array;
  readonly hashSeed: number;
}

/** Numbers the kept nodes breadth first, brothers together and by bucket, and gathers their labels in that order. */
function layOut({ links, octets, labelHashes, keep, classes }: GrownTrie): Layout {
  const family = gatherChildren(links, keep);
  let seed = FIRST_SEED;
  let hashes = labelHashes;
  while (seed < FIRST_SEED + MAX_SEEDS - 1 && longestBucket(family, hashes) > MAX_BUCKET) {
    hashes = hashAll(links, octets, ++seed);
  }
  const inner = new Uint32Array((family.innerCount + 1) * INNER_WORDS);
  const nodes = new Uint32Array(family.children.length * NODE_WORDS);
  const directory: number[] = [];
  const labels = new LabelPool();
  // The queue of nodes with children is also the numbering of their inner records.
  const queue = new Uint32Array(family.innerCount);
  let queued = 1;
  let placed = 0;
  for (let record = 0; record < queued; record++) {
    const node = queue[record]!;
    const brothers = family.children.subarray(family.starts[node]!, family.starts[node + 1]!);
    inner[record * INNER_WORDS] = placed;
    inner[record * INNER_WORDS + INNER_DETAIL] = classes[node]!;
    if (brothers.length > DIRECT_CHILDREN) {
      inner[record * INNER_WORDS + INNER_DETAIL] = directory.length;
      directory.push(classes[node]!);
      for (const start of sortByBucket(brothers, hashes)) directory.push(placed + start);
    }
    for (const child of brothers) {
      const hasChildren = family.starts[child + 1]! > family.starts[child]!;
      const value = hasChildren ? INNER_BIT | queued : classes[child]!;
      if (hasChildren) queue[queued++] = child;
      nodes[placed * NODE_WORDS] = labels.place(octets, links[child * 2 + 1]!, hashes[child]!);
      nodes[placed * NODE_WORDS + 1] = ((hashes[child]! >>> FINGERPRINT_SHIFT) << FINGERPRINT_SHIFT) | value;
      placed++;
    }
  }
  inner[family.innerCount * INNER_WORDS] = placed;
  return { inner, nodes, directory: Uint32Array.from(directory), labels: labels.octets(), hashSeed: seed };
}

interface Family {
  /** Kept nodes but the root, those of one parent together. */
  readonly children: Uint32Array;
  /** Node → where its children start; node + 1 → where they end. */
  readonly starts: Uint32Array;
  /** Nodes with children, and the root. */
  readonly innerCount: number;
}

function gatherChildren(links: Uint32Array, keep: Uint8Array): Family {
  const nodeCount = links.length / 2;
  const starts = new Uint32Array(nodeCount + 1);
  let total = 0;
  for (let node = 1; node < nodeCount; node++) {
    if (keep[node] === 0) continue;
    starts[links[node * 2]!]!++;
    total++;
  }
  let innerCount = starts[ROOT] === 0 ? 1 : 0;
  let end = 0;
  for (let node = 0; node < starts.length; node++) {
    if (starts[node]! > 0) innerCount++;
    end += starts[node]!;
    starts[node] = end;
  }
  // Filled from the back, so that each start ends up where its first child lies and the order of numbers is kept.
  const children = new Uint32Array(total);
  for (let node = nodeCount - 1; node > 0; node--) {
    if (keep[node] !== 0) children[--starts[links[node * 2]!]!] = node;
  }
  if (innerCount > VALUE_MASK) {
    throw new RangeError(`cannot build rule image: ${innerCount} nodes with children, expected at most ${VALUE_MASK}`);
  }
  return { children, starts, innerCount };
}

function hashAll(links: Uint32Array, octets: Uint8Array, seed: number): Uint32Array {
  const hashes = new Uint32Array(links.length / 2);
  for (let node = 1; node < hashes.length; node++) {
    const labelAt = links[node * 2 + 1]!;
    hashes[node] = hashLabel(octets, labelAt + 1, labelAt + 1 + octets[labelAt]!, seed);
  }
  return hashes;
}

function longestBucket(family: Family, hashes: Uint32Array): number {
  let longest = 0;
  for (let node = 0; node + 1 < family.starts.length; node++) {
    const from = family.starts[node]!;
    const to = family.starts[node + 1]!;
    if (to - from <= DIRECT_CHILDREN) continue;
    const counts = new Uint32Array(bucketCount(to - from));
    for (let at = from; at < to; at++) {
      const bucket = hashes[family.children[at]!]! & (counts.length - 1);
      counts[bucket]!++;
      if (counts[bucket]! > longest) longest = counts[bucket]!;
    }
  }
  return longest;
}

/** Orders the brothers in place; returns where each bucket starts, and the end of the last. */
function sortByBucket(brothers: Uint32Array, hashes: Uint32Array): Uint32Array {
  const starts = new Uint32Array(bucketCount(brothers.length) + 1);
  const mask = starts.length - 2;
  const unsorted = brothers.slice();
  for (const node of unsorted) starts[hashes[node]! & mask]!++;
  let end = 0;
  for (let bucket = 0; bucket < starts.length; bucket++) {
    end += starts[bucket]!;
    starts[bucket] = end;
  }
  for (let at = unsorted.length - 1; at >= 0; at--) {
    const node = unsorted[at]!;
    brothers[--starts[hashes[node]! & mask]!] = node;
  }
  return starts;
}

function checkName(name: string): void {
  if (name === '') return;
  if (name.length > MAX_NAME_OCTETS) {
    throw new RangeError(
      `cannot add rule for ${quoted(name)}: ${name.length} octets, expected a name of at most ${MAX_NAME_OCTETS}`,
    );
  }
  let labelStart = 0;
  for (let at = 0; at <= name.length; at++) {
    const code = at < name.length ? name.charCodeAt(at) : 0x2e;
    if (code > 0x7f) {
      throw new RangeError(`cannot add rule for ${quoted(name)}: character ${at + 1} is not ASCII, expected A-labels`);
    }
    if (code !== 0x2e) continue;
    const length = at - labelStart;
    if (length === 0) {
      throw new RangeError(
        `cannot add rule for ${quoted(name)}: an empty label before character ${at + 1}, ` +
          'expected single dots between labels and none at the end',
      );
    }
    if (length > MAX_LABEL_OCTETS) {
      throw new RangeError(
        `cannot add rule for ${quoted(name)}: a label of ${length} octets, expected at most ${MAX_LABEL_OCTETS}`,
      );
    }
    labelStart = at + 1;
  }
}

/** A name out of a hostile list must not break the log's lines, nor fill them. */
function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function hashPair(parent: number, labelHash: number): number {
  let hash = Math.imul(parent, 0x9e3779b1) ^ labelHash;
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}

/** Twice the room, the same content. */
function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(array.length * 2);
  more.set(array);
  return more;
}

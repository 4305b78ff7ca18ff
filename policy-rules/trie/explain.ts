/**
 * Why a name has its rule set: the rules that decide it, source by source. For `stairgate check`, the local site and
 * the record; off the hot path, it allocates.
 *
 * The image holds no rules, only what they lead to, and that is enough: where the sets of a node differ from what it
 * inherits, there is a rule, and which of the two sets differs says of what scope. What comes out is thus the broadest
 * rule that decides; one that the builder dropped as superfluous is not seen. A `suffix` block with a `host` exception
 * at one node, where nothing above is blocked, reads as the one `below` block that says the same.
 */
import type { Rule, RuleAction, RuleScope } from '../lists/rule.ts';
import { CLASS_BELOW, CLASS_WORDS, INNER_BIT, INNER_WORDS, innerClass, type RuleImage, VALUE_MASK } from './image.ts';
import { FOLD } from './label-hash.ts';
import { findChild, MAX_LABELS, NO_CHILD, ruleSetOf } from './match.ts';
import { decodeName } from './wire-name.ts';

export interface Explanation {
  /** Index into the image's sources. */
  readonly sourceIndex: number;
  /** A block of a source in the name's rule set, or the exception that keeps a source out of it. */
  readonly rule: Rule;
}

/**
 * One explanation for each source in the rule set of the wire-format name at `offset`, and for each source that blocks
 * a name above but is lifted at or above this one; by source index.
 */
export function explain(image: RuleImage, bytes: Uint8Array, offset: number): Explanation[] {
  const name = foldedName(bytes, offset);
  const starts = labelStarts(name);
  const decided = new Map<number, Rule>();
  let inherited: readonly number[] = [];
  let found = INNER_BIT;
  // From the root, which has no label, down to the whole name.
  for (let index = starts.length; index >= 0; index--) {
    if (index < starts.length) found = descend(image, found, name, starts[index]!);
    if (found === NO_CHILD) break;
    const at = classOf(image, found) * CLASS_WORDS;
    const own = image.ruleSets[ruleSetOf(image.classes[at]!)]!;
    const below = image.ruleSets[ruleSetOf(image.classes[at + CLASS_BELOW]!)]!;
    const isWhole = index === 0;
    const node = ruleName(name, starts[index] ?? name.length - 1);
    for (const sourceIndex of new Set([...inherited, ...own, ...below])) {
      const was = inherited.includes(sourceIndex);
      const changesOwn = own.includes(sourceIndex) !== was;
      const changesBelow = below.includes(sourceIndex) !== was;
      if (!(isWhole ? changesOwn : changesBelow)) continue;
      const action: RuleAction = was ? 'allow' : 'block';
      const scope: RuleScope = changesOwn && changesBelow ? 'suffix' : changesOwn ? 'host' : 'below';
      decided.set(sourceIndex, { name: node, scope, action });
    }
    inherited = below;
  }
  return [...decided]
    .map(([sourceIndex, rule]) => ({ sourceIndex, rule }))
    .sort((one, other) => one.sourceIndex - other.sourceIndex);
}

/** `found` as from findChild: a leaf has no children. */
function descend(image: RuleImage, found: number, name: Uint8Array, labelAt: number): number {
  if ((found & INNER_BIT) === 0) return NO_CHILD;
  return findChild(image, (found & VALUE_MASK) * INNER_WORDS, name, labelAt);
}

function classOf(image: RuleImage, found: number): number {
  if ((found & INNER_BIT) === 0) return found;
  return innerClass(image.inner, image.directory, (found & VALUE_MASK) * INNER_WORDS);
}

/** A copy in lower case, as rules are written. Length octets are below 64, where folding changes nothing. */
function foldedName(bytes: Uint8Array, offset: number): Uint8Array {
  let end = offset;
  for (let labels = 0; labels < MAX_LABELS && bytes[end] !== 0; labels++) end += bytes[end]! + 1;
  return bytes.slice(offset, end + 1).map((octet) => FOLD[octet]!);
}

function labelStarts(name: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at < name.length - 1; at += name[at]! + 1) starts.push(at);
  return starts;
}

function ruleName(name: Uint8Array, start: number): string {
  return name[start] === 0 ? '' : decodeName(name, start);
}

/** The trie and the naive matcher behind one face, so that one suite and one fuzz can run against both. */
import type { Rule } from '../../../policy-rules/lists/rule.ts';
import { TrieBuilder } from '../../../policy-rules/trie/builder.ts';
import { openImage, type RuleImage } from '../../../policy-rules/trie/image.ts';
import { differsBelow, match, ruleSetOf } from '../../../policy-rules/trie/match.ts';
import { type Labels, NaiveMatcher } from '../../../policy-rules/trie/naive-matcher.ts';
import type { Source } from '../../../policy-rules/trie/source.ts';

export interface SourcedRule extends Rule {
  readonly source: number;
}

export interface Matcher {
  ruleSet(labels: Labels): readonly number[];
  differsBelow(labels: Labels): boolean;
}

export function naiveMatcher(sources: readonly Source[], rules: readonly SourcedRule[]): NaiveMatcher {
  const naive = new NaiveMatcher(sources);
  for (const { source, name, scope, action } of rules) naive.addRule(source, name, scope, action);
  return naive;
}

export function trieMatcher(sources: readonly Source[], rules: readonly SourcedRule[]): Matcher {
  return matcherOf(openImage(buildTrie(sources, rules).image));
}

export function buildTrie(sources: readonly Source[], rules: readonly SourcedRule[]): ReturnType<TrieBuilder['build']> {
  const builder = new TrieBuilder(sources);
  for (const { source, name, scope, action } of rules) builder.addRule(source, name, scope, action);
  return builder.build();
}

export function matcherOf(image: RuleImage): Matcher {
  // The name lies amid other octets, as in a packet.
  const packet = new Uint8Array(1024);
  const offset = 13;
  const matched = (labels: Labels): number => {
    packet.fill(0xff);
    writeLabels(labels, packet, offset);
    return match(image, packet, offset);
  };
  return {
    ruleSet: (labels) => image.ruleSets[ruleSetOf(matched(labels))]!,
    differsBelow: (labels) => differsBelow(matched(labels)),
  };
}

/** Each character of a label is one octet. Apart from `encodeName`, so that neither hides the other's mistakes. */
export function writeLabels(labels: Labels, into: Uint8Array, offset: number): void {
  let at = offset;
  for (const label of labels) {
    into[at++] = label.length;
    for (let index = 0; index < label.length; index++) into[at++] = label.charCodeAt(index);
  }
  into[at] = 0;
}

/** The notation of `formatRule`, the source's index before it: "0 @@||example.org^". */
export function parseRule(text: string): SourcedRule {
  const found = /^(\d+) (@@)?(?:\|\|([^|^]*)\^|\|([^|^]*)\^|\*\.?([^|^]*))$/.exec(text);
  if (found === null) throw new Error(`cannot read test rule ${JSON.stringify(text)}`);
  const [, source, exception, suffix, host, below] = found;
  const scope = suffix !== undefined ? 'suffix' : host !== undefined ? 'host' : 'below';
  return {
    source: Number(source),
    name: suffix ?? host ?? below ?? '',
    scope,
    action: exception === undefined ? 'block' : 'allow',
  };
}

/**
 * Random rule sets and random names, on which the trie and the naive matcher must agree. Labels come from small
 * alphabets, so that rules nest, collide and overlap. STAIRGATE_FUZZ_SEED repeats a run.
 */
import { describe, expect, it } from 'vitest';
import { formatRule, type Rule, type RuleAction, type RuleScope } from '../../policy-rules/lists/rule.ts';
import { explain } from '../../policy-rules/trie/explain.ts';
import { openImage, type RuleImage } from '../../policy-rules/trie/image.ts';
import type { Labels, NaiveMatcher } from '../../policy-rules/trie/naive-matcher.ts';
import type { Source } from '../../policy-rules/trie/source.ts';
import { buildTrie, matcherOf, naiveMatcher, type SourcedRule, writeLabels } from '../policy-rules/trie/matchers.ts';

const seed = Number(process.env.STAIRGATE_FUZZ_SEED ?? Date.now() % 0x100000000);
const LOOK_UPS = 1_000_000;
const LOOK_UPS_A_WORLD = 4_000;

interface World {
  readonly sources: readonly Source[];
  readonly rules: readonly SourcedRule[];
  readonly labels: readonly string[];
}

describe(`trie against naive matcher, STAIRGATE_FUZZ_SEED=${seed}`, () => {
  it(`agrees on ${LOOK_UPS.toLocaleString('en-GB')} names`, () => {
    const random = randomFrom(seed);
    const seen = { blocked: 0, differing: 0, sets: new Set<string>() };
    for (let done = 0; done < LOOK_UPS; done += LOOK_UPS_A_WORLD) {
      const world = makeWorld(random);
      const { image, report } = buildTrie(world.sources, world.rules);
      expect(report.rules + report.duplicates + report.subsumed).toBe(world.rules.length);
      const trie = matcherOf(openImage(image));
      const expected = remembering(naiveMatcher(world.sources, world.rules));
      for (let index = 0; index < LOOK_UPS_A_WORLD; index++) {
        const labels = makeName(random, world);
        const want = expected(labels);
        const ruleSet = trie.ruleSet(labels).join();
        const differs = trie.differsBelow(labels);
        // `expect` costs a thousand times a look-up, so it is called only to report.
        if (ruleSet !== want.ruleSet || differs !== want.differs) {
          expect({ ...describeWorld(world), labels, ruleSet, differs }).toEqual({
            ...describeWorld(world),
            labels,
            ...want,
          });
        }
        if (ruleSet !== '') seen.blocked++;
        if (differs) seen.differing++;
        seen.sets.add(ruleSet);
      }
    }
    // A fuzz that hardly ever meets a rule proves nothing.
    expect(seen.blocked).toBeGreaterThan(LOOK_UPS / 10);
    expect(seen.differing).toBeGreaterThan(LOOK_UPS / 50);
    expect(seen.sets.size).toBeGreaterThan(20);
  });

  it('explains each name by rules that the naive matcher obeys', () => {
    const random = randomFrom(seed ^ 0x5bd1e995);
    let exceptions = 0;
    for (let round = 0; round < 150; round++) {
      const world = makeWorld(random);
      const image = openImage(buildTrie(world.sources, world.rules).image);
      const naive = naiveMatcher(world.sources, world.rules);
      const names = Array.from({ length: 30 }, () => makeName(random, world));
      const explanations = names.map((labels) => explainLabels(image, labels));
      for (const [index, labels] of names.entries()) {
        const found = explanations[index]!;
        const context = { ...describeWorld(world), labels };
        const bySource = (action: RuleAction): number[] =>
          found.filter(({ rule }) => rule.action === action).map(({ sourceIndex }) => sourceIndex);
        expect({ ...context, blocks: bySource('block'), lifted: bySource('allow') }).toEqual({
          ...context,
          blocks: naive.ruleSet(labels),
          lifted: liftedSources(naive, labels),
        });
        for (const { rule } of found)
          expect({ ...context, rule, covers: covers(rule, labels) }).toMatchObject({ covers: true });
        exceptions += bySource('allow').length;
      }
      // Rules that follow from the others change nothing when they are added to them.
      const withExplained = naiveMatcher(world.sources, [
        ...world.rules,
        ...explanations.flat().map(({ sourceIndex, rule }) => ({ source: sourceIndex, ...rule })),
      ]);
      const outcomes = (matcher: NaiveMatcher) =>
        names.map((labels) => [labels, matcher.ruleSet(labels), matcher.differsBelow(labels)]);
      expect({ ...describeWorld(world), outcomes: outcomes(withExplained) }).toEqual({
        ...describeWorld(world),
        outcomes: outcomes(naive),
      });
    }
    expect(exceptions).toBeGreaterThan(100);
  });
});

/** Names repeat in a small world: the naive matcher is asked once for each. */
function remembering(naive: NaiveMatcher): (labels: Labels) => { ruleSet: string; differs: boolean } {
  const known = new Map<string, { ruleSet: string; differs: boolean }>();
  return (labels) => {
    const key = asciiLowerCase(labels.join('\u0100'));
    let answer = known.get(key);
    if (answer === undefined) {
      answer = { ruleSet: naive.ruleSet(labels).join(), differs: naive.differsBelow(labels) };
      known.set(key, answer);
    }
    return answer;
  };
}

/** Sources that do not block the name, though they block what is below some name above it. */
function liftedSources(naive: NaiveMatcher, labels: Labels): number[] {
  const own = naive.ruleSet(labels);
  const above = labels.flatMap((_, index) => naive.ruleSet(['no-rule-has-this-label', ...labels.slice(index + 1)]));
  return [...new Set(above)].filter((source) => !own.includes(source)).sort((one, other) => one - other);
}

function covers(rule: Rule, labels: Labels): boolean {
  const ruleLabels = rule.name === '' ? [] : rule.name.split('.');
  const end = labels.slice(labels.length - ruleLabels.length).map(asciiLowerCase);
  if (ruleLabels.length > labels.length || end.join('.') !== ruleLabels.join('.')) return false;
  if (rule.scope === 'host') return ruleLabels.length === labels.length;
  return rule.scope === 'suffix' || ruleLabels.length < labels.length;
}

function explainLabels(image: RuleImage, labels: Labels): ReturnType<typeof explain> {
  const packet = new Uint8Array(600);
  writeLabels(labels, packet, 7);
  return explain(image, packet, 7);
}

function describeWorld({ sources, rules }: World): object {
  return {
    seed,
    sources: sources.map(({ kind }, index) => `${index} ${kind}`).join(', '),
    rules: rules.map((rule) => `${rule.source} ${formatRule(rule)}`),
  };
}

function makeWorld(random: Random): World {
  // Now and then many labels, so that nodes get children enough for a directory.
  const labelCount = random.below(8) === 0 ? 60 : 2 + random.below(5);
  const labels = Array.from({ length: labelCount }, () => makeLabel(random));
  const kinds = ['service', 'list', 'local', 'safe-search'] as const;
  const sources = Array.from({ length: 1 + random.below(6) }, (_, index) => {
    const kind = random.pick(kinds);
    return { id: `${kind}:${index}`, kind };
  });
  const scopes: readonly RuleScope[] = ['suffix', 'suffix', 'host', 'below'];
  const rules = Array.from({ length: random.below(labelCount > 10 ? 150 : 30) }, (): SourcedRule => {
    const depth = random.below(40) === 0 ? 0 : 1 + random.below(4);
    const name = Array.from({ length: depth }, () => random.pick(labels));
    while (wireOctets(name) > 255) name.shift();
    return {
      source: random.below(sources.length),
      name: name.join('.'),
      scope: random.pick(scopes),
      action: random.below(3) === 0 ? 'allow' : 'block',
    };
  });
  return { sources, rules, labels };
}

function makeLabel(random: Random): string {
  const length = random.below(30) === 0 ? 63 : 1 + random.below(3);
  return Array.from({ length }, () => random.pick(['a', 'b', '-', '0', '_'])).join('');
}

function makeName(random: Random, { rules, labels }: World): Labels {
  const base = rules.length > 0 && random.below(3) > 0 ? random.pick(rules).name.split('.').filter(Boolean) : [];
  const name = base.slice(random.below(6) === 0 ? 1 : 0);
  const more = name.length > 0 ? random.below(3) : random.below(6);
  for (let index = 0; index < more; index++) name.unshift(random.pick(labels));
  if (name.length > 0 && random.below(8) === 0) {
    const at = random.below(name.length);
    name[at] = mutated(random, name[at]!);
  }
  if (name.length > 1 && random.below(40) === 0) name.splice(0, 2, `${name[0]}.${name[1]}`.slice(0, 63));
  while (wireOctets(name) > 255) name.shift();
  return random.below(4) === 0 ? name.map(asciiUpperCase) : name;
}

function mutated(random: Random, label: string): string {
  const at = random.below(label.length);
  const octet = String.fromCharCode(random.pick([0, 0x2e, 0x40, 0x5b, 0x60, 0x7b, 0x61, 0xe1, random.below(256)]));
  const replaced = label.slice(0, at) + octet + label.slice(at + 1);
  return random.pick([replaced, (label + octet).slice(0, 63), label.slice(0, at) || octet]);
}

function wireOctets(labels: Labels): number {
  return labels.reduce((octets, label) => octets + 1 + label.length, 1);
}

/** Of octets above ASCII, JavaScript's own folding would make other characters. */
function asciiUpperCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

interface Random {
  below(bound: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** xorshift32, spread by a multiplication: small, and the same on every machine. */
function randomFrom(start: number): Random {
  let state = (start | 0) === 0 ? 1 : start | 0;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return Math.floor(((Math.imul(state, 0x2c1b3c6d) >>> 0) / 0x100000000) * bound);
  };
  return { below, pick: (items) => items[below(items.length)]! };
}

/**
 * "Would this be blocked, and why": the answer for one name and one client, with its rule, clauses and end.
 *
 * The rule set comes from the same match() on the same image as the hot path's, and the verdict from the same
 * combination that fills its matrix. Used by `stairgate check` and the local site; not on the hot path.
 */
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { explanationFor } from '../../policy-rules/explanation.ts';
import type { Rule } from '../../policy-rules/lists/rule.ts';
import { type Explanation, explain } from '../../policy-rules/trie/explain.ts';
import { match, ruleSetOf } from '../../policy-rules/trie/match.ts';
import { encodeName } from '../../policy-rules/trie/wire-name.ts';
import { isBlocked, Verdict } from '../../policy-rules/verdict-codes.ts';
import type { Client, Moment, SourceFacts } from '../../policy-rules/verdicts.ts';
import type { Rules } from './policy-keeper.ts';

export interface Judgement {
  readonly verdict: Verdict;
  /** What decided; null when no rule speaks of the name. For a name that an exception opens, whose exception it is. */
  readonly source: SourceFacts | null;
  /** As people call it: "Facebook". */
  readonly sourceName: string | null;
  readonly rule: Rule | null;
  /** The most telling first. */
  readonly clauses: readonly string[];
  /** When the verdict changes by itself, in ms; null when nothing that is known today changes it. */
  readonly untilMs: number | null;
  /** For people. */
  readonly sentence: string;
  /** Whether a grant could open it. */
  readonly grantable: boolean;
  /** The host that an allowed name is shown by, where safe search applies to it; null for the name itself. */
  readonly safeHost: string | null;
}

/** Throws a RangeError for what is no name; `name` is text as encodeName takes it. `deviceName`: for a reader elsewhere. */
export function judgeName(
  rules: Rules,
  catalogue: Catalogue,
  moment: Moment,
  client: Client,
  name: string,
  deviceName?: string,
): Judgement {
  const wire = encodeName(name);
  const members = rules.image.ruleSets[ruleSetOf(match(rules.image, wire, 0))]!;
  const sources = members.map((index) => rules.facts[index]!);
  const explained = explanationFor(moment, client, sources, catalogue, deviceName);
  const rulesOfName = explain(rules.image, wire, 0);
  // A name that only an exception speaks of is open, and it helps to hear whose exception.
  const source =
    explained.decider ??
    ruleSource(
      rules,
      rulesOfName.find(({ rule }) => rule.action === 'allow'),
    );
  const rule = rulesOfName.find(({ sourceIndex }) => rules.facts[sourceIndex] === source)?.rule ?? null;
  return {
    verdict: explained.verdict,
    source,
    sourceName: source === null ? null : nameOf(source, catalogue),
    rule,
    clauses: explained.clauses,
    untilMs: explained.until,
    sentence: explained.sentence,
    safeHost: explained.safeHost ?? null,
    grantable:
      isBlocked(explained.verdict) &&
      explained.verdict !== Verdict.BLOCK_PROTECTED &&
      sources.some((facts) => facts.kind === 'service' && !facts.protected),
  };
}

function ruleSource(rules: Rules, explanation: Explanation | undefined): SourceFacts | null {
  return explanation === undefined ? null : rules.facts[explanation.sourceIndex]!;
}

export function nameOf(source: SourceFacts, catalogue: Catalogue): string {
  if (source.kind === 'local') return 'Stairgate';
  if (source.kind === 'list') return source.name;
  if (source.kind === 'safe-search') return 'Safe search';
  return catalogue.services.find(({ id }) => id === source.service)?.name ?? source.service;
}

/** Protected lists that still block some names of a service: what a grant of it cannot open. */
export function overlapsOf(rules: Rules): { readonly service: string; readonly list: string }[] {
  const found = new Map<string, { service: string; list: string }>();
  for (const members of rules.image.ruleSets) {
    const sources = members.map((index) => rules.facts[index]!);
    for (const list of sources) {
      if (list.kind !== 'list' || !list.protected) continue;
      for (const service of sources) {
        if (service.kind !== 'service' || service.protected) continue;
        found.set(`${service.service}\n${list.name}`, { service: service.service, list: list.name });
      }
    }
  }
  return [...found.values()];
}

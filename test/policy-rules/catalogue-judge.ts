/** What a setting device would be told in opening hours, by the real trie, the real verdicts and the default policy. */
import { catalogue, catalogueRules, findCategory } from '../../policy-rules/catalogue/catalogue.ts';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Grant, GrantScope } from '../../policy-rules/grants.ts';
import type { Source } from '../../policy-rules/trie/source.ts';
import { isBlocked } from '../../policy-rules/verdict-codes.ts';
import { NO_DECIDER, type SourceFacts, verdictFor } from '../../policy-rules/verdicts.ts';
import { type Matcher, naiveMatcher, type SourcedRule, trieMatcher } from './trie/matchers.ts';

/** Monday 23 November 2026, 10:00 in London: no bank holiday, no break. */
export const openingHoursMs = Date.UTC(2026, 10, 23, 10);

export interface Judgement {
  readonly verdict: 'block' | 'allow';
  /** The service that decides, or that excepts the name; "-" when none speaks of it. */
  readonly service: string;
  /** Every service that blocks the name, whatever the policy makes of it. */
  readonly matched: readonly string[];
  /** Of a blocked name: some name below has another outcome, so the answer is NODATA, not NXDOMAIN. */
  readonly differsBelow: boolean;
}

export type Judge = (name: string) => Judgement;

export const judges: Readonly<Record<'trie' | 'naive matcher', (grants?: readonly Grant[]) => Judge>> = {
  trie: (grants = []) => judgeBy(trieMatcher, grants),
  'naive matcher': (grants = []) => judgeBy(naiveMatcher, grants),
};

/** In force for every setting device for the hour around `openingHoursMs`. */
export function grantOf(scope: GrantScope): Grant {
  return {
    id: '0d4f6c3a-8a51-4b0e-9f0e-3f1f5f0c2a10',
    target: { group: 'setting' },
    scope,
    from: openingHoursMs - 1_800_000,
    until: openingHoursMs + 1_800_000,
    purpose: 'personal',
    mode: 'verbal',
    reason: 'A test',
    askedBy: 'Sam',
    grantedBy: 'Jo',
    grantedAt: openingHoursMs - 1_800_000,
  };
}

function judgeBy(
  makeMatcher: (sources: readonly Source[], rules: readonly SourcedRule[]) => Matcher,
  grants: readonly Grant[],
): Judge {
  const sources = catalogue.services.map(({ id }): Source => ({ id: `service:${id}`, kind: 'service' }));
  const rules = catalogue.services.flatMap((service, source) =>
    catalogueRules(service).map((rule): SourcedRule => ({ ...rule, source })),
  );
  const matcher = makeMatcher(sources, rules);
  const facts = factsOf(catalogue);
  const moment = { policy: defaultPolicy('Test'), grants, nowMs: openingHoursMs, clockTrusted: true };
  return (name) => {
    const labels = name.split('.');
    const members = matcher.ruleSet(labels);
    // Most names that are tried are nobody's; the policy need not be asked about those.
    if (members.length === 0) return { verdict: 'allow', service: exceptedBy(name), matched: [], differsBelow: false };
    const { verdict, decider } = verdictFor(
      moment,
      { group: 'setting' },
      members.map((member) => facts[member]!),
    );
    return {
      verdict: isBlocked(verdict) ? 'block' : 'allow',
      service: decider === NO_DECIDER ? '-' : catalogue.services[members[decider]!]!.id,
      matched: members.map((member) => catalogue.services[member]!.id),
      differsBelow: matcher.differsBelow(labels),
    };
  };
}

const suffixOwner = new Map(catalogue.services.flatMap(({ id, suffixes }) => suffixes.map((suffix) => [suffix, id])));

/** For a name that no service blocks: the service below whose suffix it stands all the same. */
function exceptedBy(name: string): string {
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const owner = suffixOwner.get(name.slice(dot + 1));
    if (owner !== undefined) return owner;
  }
  return '-';
}

function factsOf({ services }: Catalogue): SourceFacts[] {
  return services.map((service) => {
    const category = findCategory(service.category)!;
    return {
      kind: 'service',
      service: service.id,
      category: category.id,
      protected: category.protected,
      social: category.social,
      inForceByDefault: category.inForceByDefault,
    };
  });
}

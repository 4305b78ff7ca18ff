/** One rule of a source (a service of the catalogue, or a list): the unit that parsers emit and the trie builder takes. */

/**
 * Which names a rule speaks of.
 * - `suffix`: the name and everything below it (`||example.org^`)
 * - `host`: the name alone (`|example.org^`, a hosts line)
 * - `below`: everything below the name, not the name itself (`*.example.org`)
 */
export type RuleScope = 'suffix' | 'host' | 'below';

/** `allow` is an exception: it undoes blocks of the same source only. */
export type RuleAction = 'block' | 'allow';

export interface Rule {
  /** Lower-case A-labels without a trailing dot, at most 253 octets. */
  readonly name: string;
  readonly scope: RuleScope;
  readonly action: RuleAction;
}

/** The rule as a person reads it, in the adblock notation that most lists use. */
export function formatRule(rule: Rule): string {
  const mark = rule.action === 'allow' ? '@@' : '';
  if (rule.scope === 'suffix') return `${mark}||${rule.name}^`;
  if (rule.scope === 'host') return `${mark}|${rule.name}^`;
  return `${mark}*.${rule.name}`;
}

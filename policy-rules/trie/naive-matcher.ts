/**
 * What the trie must do, said as plainly as possible and without regard for speed: the model that the tests hold it
 * against. Owns the definition of "which sources block a name" and of "names below differ".
 */
import type { RuleAction, RuleScope } from '../lists/rule.ts';
import type { Source } from './source.ts';

/** Labels of a name, the leftmost first; each character of a label is one octet. Dots and NUL are octets like others. */
export type Labels = readonly string[];

/** Above the octets, so that no label can hold it: labels "face.book" and labels "face", "book" stay two names. */
const SEPARATOR = '\u0100';

export class NaiveMatcher {
  readonly #sources: readonly Source[];
  /** By source: name → the rules that stand there, as "block suffix". */
  readonly #rules: Map<string, Set<string>>[];
  /** The rule sets of all names at which anything can change, and of one name without a rule below each. */
  #witnesses: { labels: Labels; ruleSet: readonly number[] }[] | undefined;

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
    this.#rules = sources.map(() => new Map());
  }

  addRule(sourceIndex: number, name: string, scope: RuleScope, action: RuleAction): void {
    const rules = this.#rules[sourceIndex];
    if (rules === undefined) throw new RangeError(`cannot add rule: no source ${sourceIndex}`);
    const key = keyOf(name === '' ? [] : name.split('.'));
    const atName = rules.get(key) ?? new Set();
    atName.add(`${action} ${scope}`);
    rules.set(key, atName);
    this.#witnesses = undefined;
  }

  /** The sources that block the name, as ascending indexes. */
  ruleSet(labels: Labels): number[] {
    return this.#sources.map((_, index) => index).filter((index) => this.#decide(index, labels) === 'block');
  }

  /**
   * Whether some name strictly below has a rule set that is not this name's with at most lists added: then a cached NXDOMAIN
   * for this name (RFC 8020) would take along a name that is, or by a grant can become, open while this one is not. (A
   * list can only block, and what a service decides is not known here.)
   */
  differsBelow(labels: Labels): boolean {
    const own = this.ruleSet(labels);
    this.#witnesses ??= this.#findWitnesses();
    const unruled = [this.#unruledLabel(), ...labels];
    return [...this.#witnesses, { labels: unruled, ruleSet: this.ruleSet(unruled) }]
      .filter((witness) => isBelow(witness.labels, labels))
      .some(({ ruleSet }) => {
        const missing = own.some((source) => !ruleSet.includes(source));
        const added = ruleSet.filter((source) => !own.includes(source));
        return missing || added.some((source) => this.#sources[source]!.kind !== 'list');
      });
  }

  /** Within a source: the longest name with a rule that covers the queried name; there, an exception beats a block. */
  #decide(sourceIndex: number, labels: Labels): RuleAction | undefined {
    const rules = this.#rules[sourceIndex]!;
    for (let skipped = 0; skipped <= labels.length; skipped++) {
      const atName = rules.get(keyOf(labels.slice(skipped)));
      const scopes = skipped === 0 ? ['suffix', 'host'] : ['suffix', 'below'];
      if (scopes.some((scope) => atName?.has(`allow ${scope}`))) return 'allow';
      if (scopes.some((scope) => atName?.has(`block ${scope}`))) return 'block';
    }
    return undefined;
  }

  #findWitnesses(): { labels: Labels; ruleSet: readonly number[] }[] {
    const names = new Map<string, Labels>();
    for (const rules of this.#rules) {
      for (const key of rules.keys()) {
        const labels = key === '' ? [] : key.split(SEPARATOR);
        for (let skipped = 0; skipped <= labels.length; skipped++) {
          const ancestor = labels.slice(skipped);
          const unruled = [this.#unruledLabel(), ...ancestor];
          names.set(keyOf(ancestor), ancestor);
          names.set(keyOf(unruled), unruled);
        }
      }
    }
    return [...names.values()].map((labels) => ({ labels, ruleSet: this.ruleSet(labels) }));
  }

  /** A label of 64 octets: no rule can hold it, as no name can. */
  #unruledLabel(): string {
    return '-'.repeat(64);
  }
}

function isBelow(labels: Labels, ancestor: Labels): boolean {
  return labels.length > ancestor.length && keyOf(labels.slice(labels.length - ancestor.length)) === keyOf(ancestor);
}

/** Upper and lower case of ASCII are the same (RFC 4343). */
function keyOf(labels: Labels): string {
  return labels.join(SEPARATOR).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * What the trie must do, said as plainly as possible and without regard for speed: the model that the tests hold it
 * against. Owns the definition of "which sources block a name" and of "names below differ".
 */
import type { RuleAction, RuleScope } from '../lists/rule.ts';
import type { Source } from './source.ts';

/** Labels of a name, the leftmost first; each character is one octet. Dots and NUL are octets like others. */
export type Labels = readonly string[];

/** Above the octets, so that no label can hold it: labels "face.book" and labels "face", "book" stay two names. */
const SEPARATOR = '\u0100';

/** A label of 64 octets: no rule can hold it, as no name can. */
const UNRULED_LABEL = '-'.repeat(64);

export class NaiveMatcher {
  readonly #sources: readonly Source[];
  /** By source: name → the rules that stand there, as "block suffix". */
  readonly #rules: Map<string, Set<string>>[];
  /** The rule sets of all names at which anything can change, and of one name without a rule below each. */
  #witnesses: Map<string, readonly number[]> | undefined;

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
    const suffixes = [...labels.map((_, skipped) => keyOf(labels.slice(skipped))), keyOf([])];
    return this.#sources.map((_, index) => index).filter((index) => this.#decide(index, suffixes) === 'block');
  }

  /**
   * Whether some name strictly below has a rule set that is not this name's with at most lists added: then a cached
   * NXDOMAIN for this name (RFC 8020) would take along a name that is, or by a grant can become, open while this one is
   * not. (A list can only block; what a service comes to is not known here. Safe search opens and blocks nothing.)
   */
  differsBelow(labels: Labels): boolean {
    const own = this.ruleSet(labels);
    this.#witnesses ??= this.#findWitnesses();
    const key = keyOf(labels);
    const unruled = [UNRULED_LABEL, ...labels];
    return [...this.#witnesses, [keyOf(unruled), this.ruleSet(unruled)] as const]
      .filter(([witness]) => isBelow(witness, key))
      .some(([, ruleSet]) => {
        const kindOf = (source: number) => this.#sources[source]!.kind;
        const missing = own.filter((source) => !ruleSet.includes(source));
        const added = ruleSet.filter((source) => !own.includes(source));
        return (
          missing.some((source) => kindOf(source) !== 'safe-search') ||
          added.some((source) => kindOf(source) !== 'list' && kindOf(source) !== 'safe-search')
        );
      });
  }

  /**
   * Within a source: the longest name with a rule that covers the queried name; there, an exception beats a block.
   * @param suffixes the keys of the name, of the name without its first label, and so on down to the root.
   */
  #decide(sourceIndex: number, suffixes: readonly string[]): RuleAction | undefined {
    for (const [skipped, suffix] of suffixes.entries()) {
      const atName = this.#rules[sourceIndex]!.get(suffix);
      if (atName === undefined) continue;
      const scopes = skipped === 0 ? ['suffix', 'host'] : ['suffix', 'below'];
      if (scopes.some((scope) => atName.has(`allow ${scope}`))) return 'allow';
      if (scopes.some((scope) => atName.has(`block ${scope}`))) return 'block';
    }
    return undefined;
  }

  #findWitnesses(): Map<string, readonly number[]> {
    const witnesses = new Map<string, readonly number[]>();
    for (const rules of this.#rules) {
      for (const key of rules.keys()) {
        const labels = key === '' ? [] : key.split(SEPARATOR);
        for (let skipped = 0; skipped <= labels.length; skipped++) {
          const ancestor = labels.slice(skipped);
          const unruled = [UNRULED_LABEL, ...ancestor];
          witnesses.set(keyOf(ancestor), this.ruleSet(ancestor));
          witnesses.set(keyOf(unruled), this.ruleSet(unruled));
        }
      }
    }
    return witnesses;
  }
}

function isBelow(key: string, ancestor: string): boolean {
  return ancestor === '' ? key !== '' : key.endsWith(SEPARATOR + ancestor);
}

/** Upper and lower case of ASCII are the same (RFC 4343). */
function keyOf(labels: Labels): string {
  return labels.join(SEPARATOR).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

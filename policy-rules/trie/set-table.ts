/** Interns sets of source indexes while an image is built: equal sets are one number, and 0 is the empty set. */
import { EMPTY_RULE_SET } from './source.ts';

export class SetTable {
  readonly #members: (readonly number[])[] = [[]];
  readonly #ids = new Map<string, number>([['', EMPTY_RULE_SET]]);
  readonly #unions = new Map<number, number>();
  readonly #intersections = new Map<number, number>();
  readonly #additions = new Map<number, number>();
  readonly #removals = new Map<number, number>();

  /** In ascending order. */
  members(set: number): readonly number[] {
    return this.#members[set]!;
  }

  has(set: number, source: number): boolean {
    return this.#members[set]!.includes(source);
  }

  add(set: number, source: number): number {
    return this.#remembered(this.#additions, set, source, () => {
      const members = this.members(set);
      return members.includes(source) ? members : [...members, source];
    });
  }

  remove(set: number, source: number): number {
    return this.#remembered(this.#removals, set, source, () => this.members(set).filter((member) => member !== source));
  }

  union(one: number, other: number): number {
    if (one === other || other === EMPTY_RULE_SET) return one;
    if (one === EMPTY_RULE_SET) return other;
    return this.#remembered(this.#unions, one, other, () => [
      ...new Set([...this.members(one), ...this.members(other)]),
    ]);
  }

  intersection(one: number, other: number): number {
    if (one === other) return one;
    if (one === EMPTY_RULE_SET || other === EMPTY_RULE_SET) return EMPTY_RULE_SET;
    return this.#remembered(this.#intersections, one, other, () =>
      this.members(one).filter((member) => this.has(other, member)),
    );
  }

  /** Every member of `inner` is one of `outer`. */
  holds(outer: number, inner: number): boolean {
    return this.intersection(outer, inner) === inner;
  }

  intern(members: readonly number[]): number {
    const sorted = [...members].sort((one, other) => one - other);
    const key = sorted.join(',');
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#members.length;
      this.#members.push(sorted);
      this.#ids.set(key, id);
    }
    return id;
  }

  #remembered(memory: Map<number, number>, left: number, right: number, members: () => readonly number[]): number {
    // Both are far below 2^26, so the key is an exact number.
    const key = left * 0x4000000 + right;
    let set = memory.get(key);
    if (set === undefined) {
      set = this.intern(members());
      memory.set(key, set);
    }
    return set;
  }
}

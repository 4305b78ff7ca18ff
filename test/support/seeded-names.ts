/** Names for tests that need many, the same ones for the same seed. */

/** A small generator of 32-bit numbers (mulberry32); tests print the seed they gave it. */
export function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** `count` distinct names under reserved top-level domains; about a fifth lie below another of them. */
export function seededNames(count: number, seed: number): string[] {
  const next = seededNumbers(seed);
  const tops = ['example', 'test', 'invalid'];
  const names = new Set<string>();
  const parents: string[] = [];
  while (names.size < count) {
    const label = `${next().toString(36)}${names.size.toString(36)}`;
    const parent = next() % 5 === 0 ? parents[next() % Math.max(1, parents.length)] : undefined;
    const name = `${label}.${parent ?? tops[next() % tops.length]!}`;
    if (parents.length < 1000) parents.push(name);
    names.add(name);
  }
  return [...names];
}

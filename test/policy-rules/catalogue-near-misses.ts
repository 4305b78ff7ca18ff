/** Names that look like a catalogued one and are somebody else's: what a careless matcher would catch. */

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
/** Names of two or three letters have the most look-alikes, so every one of them is tried. */
const SHORT_LABEL_LENGTH = 3;

/** @param name two labels or more. Nothing returned equals it or lies below it. */
export function nearMisses(name: string): ReadonlySet<string> {
  const [first, ...rest] = name.split('.') as [string, ...string[]];
  const tail = rest.join('.');
  const misses = new Set([
    `not${name}`,
    `my-${name}`,
    `${name}.example.org`,
    `www.${name}.example.org`,
    `${name}.com`,
    `${name}n`,
    `${first}-login.${tail}`,
    // The dots of the name are dots, not any character.
    `www-${name.replaceAll('.', '-')}.example.org`,
    ...(rest.length > 1 ? [tail, `sibling.${tail}`] : [`${first}${tail}.example`]),
    ...['com', 'co', 'net', 'org', 'com.co', 'men', 'example'].map((end) => `${first}.${end}`),
    ...labelMisses(first).map((label) => `${label}.${tail}`),
  ]);
  misses.delete(name);
  return misses;
}

/** One letter put before, put after, dropped or doubled; for a short label one letter put or changed anywhere. */
function labelMisses(label: string): string[] {
  const letters = label.length <= SHORT_LABEL_LENGTH ? [...LETTERS] : ['a', 'x', '1'];
  const positions = Array.from(label, (_, index) => index);
  const misses = [
    ...letters.flatMap((letter) => [letter + label, label + letter]),
    ...positions.map((at) => label.slice(0, at) + label.slice(at + 1)),
    ...positions.map((at) => label.slice(0, at) + label[at] + label.slice(at)),
  ];
  if (label.length <= SHORT_LABEL_LENGTH) {
    misses.push(
      ...positions.flatMap((at) => letters.map((letter) => label.slice(0, at) + letter + label.slice(at + 1))),
    );
  }
  return misses.filter((miss) => miss !== '' && miss !== label && !miss.startsWith('-') && !miss.endsWith('-'));
}

/** Words for findings in the settings: what was written, quoted safely, and what was probably meant. */

/** A value, or a sentence on what was expected. */
export type Parsed<T> = { value: T } | { expected: string };

/** Hostile or damaged text must not reach a terminal as it is. */
export function quoted(text: string): string {
  const short = text.length <= 60 ? text : `${text.slice(0, 57)}…`;
  return JSON.stringify(short).replace(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '?');
}

export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return `expected ${known.length > 1 ? 'one of ' : ''}${known.map((candidate) => `"${candidate}"`).join(', ')}`;
}

/** One slip in three letters is a slip; more is another word. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  return known
    .map((candidate) => ({ candidate, edits: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ edits }) => edits <= allowed)
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
}

/** Levenshtein's, over words of at most 60 letters. */
function editDistance(from: string, to: string): number {
  if (from.length > 60 || to.length > 60) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}

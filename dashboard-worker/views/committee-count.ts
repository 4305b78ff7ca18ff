/**
 * Counts as the committee may see them: never so small that they could point at one person.
 */

/** Counts of 1 to this are shown as "fewer than 5". None is none. */
const LARGEST_HIDDEN = 4;

export function isHidden(count: number): boolean {
  return count > 0 && count <= LARGEST_HIDDEN;
}

/**
 * A total is rounded to the nearest 5, so that a hidden count cannot be worked out by taking the shown ones from it.
 * Only where something under it is hidden: other totals stay exact.
 */
export function committeeTotal(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.some(isHidden) && !isHidden(total) ? Math.max(5, Math.round(total / 5) * 5) : total;
}

/**
 * The counts of a whole that is divided in more than one way (permissions by kind, by reason): where any part is
 * hidden, the others are rounded too, since the whole less the others would give it away.
 */
export function committeeRounding(parts: readonly number[]): (count: number) => number {
  return parts.some(isHidden)
    ? (count) => (isHidden(count) || count === 0 ? count : Math.max(5, Math.round(count / 5) * 5))
    : (count) => count;
}

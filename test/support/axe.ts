/**
 * What axe-core sees in the page that stands in a browser. Asked without its own driver: that puts the whole checker into
 * the page anew for each question, and carries off each element that was in order.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** WCAG 2.2 AA, and what is good practice beside it. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export interface SeenByAxe {
  /** The rules that something on the page came under and met. */
  readonly passed: readonly string[];
  /** A rule that was broken, with the first element that broke it. */
  readonly violations: readonly string[];
}

/** `rules`: only these; else all of the levels and good practice above. The page has no frames. */
export async function seenByAxe(page: Page, rules?: readonly string[]): Promise<SeenByAxe> {
  // A page keeps it until another is loaded.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const runOnly =
    rules === undefined ? { type: 'tag' as const, values: tags } : { type: 'rule' as const, values: [...rules] };
  return page.evaluate(
    async (options) => {
      const checker = (globalThis as unknown as { axe: typeof axe }).axe;
      const { passes, violations } = await checker.run(options);
      return {
        passed: passes.map(({ id }) => id),
        violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`),
      };
    },
    { runOnly, resultTypes: ['violations' as const] },
  );
}

/**
 * What axe sees in each page: in light and in dark, on a tablet and at 320 px, which is also what 400% zoom leaves of a
 * screen of 1280 (WCAG 1.4.10). A test for each page, so that one that is slow or wrong is named.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserArgs, browserIsPresent, executablePath, openPage, pages, seed, unfold } from './views-in-browser.ts';

/** The fullest state of each page. */
const fullest = [...Map.groupBy(pages, ([name]) => name.split('-')[0]).values()].map(
  (states) => states.toSorted(([, a], [, b]) => b.length - a.length)[0]![0],
);

/** What depends on colours and on where things come to stand; the others are the same in all four. */
const ofLooks = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

describe.skipIf(!browserIsPresent).each([
  ['light', 820, null, [...pages.keys()]],
  ['dark', 320, null, [...pages.keys()]],
  ['light', 320, ofLooks, fullest],
  ['dark', 820, ofLooks, fullest],
] as const)(`in %s at %d px (seed ${seed}), axe sees nothing wrong on the page`, (colorScheme, width, rules, names) => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: browserArgs });
    page = await openPage(browser, { viewport: { width, height: 1180 }, colorScheme });
  });
  afterAll(() => browser?.close());

  it.each(names)('%s', async (name) => {
    await unfold(page, name);
    // The whole page at once: what lies under a bar that stays at the foot can be scrolled from under it.
    await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
    const { violations, passes } = await axeOf(page, rules).analyze();
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
    await page.setViewportSize({ width, height: 1180 });
  });
});

/**
 * Of what passes only the rule is asked for, not each element, and no second page is opened to put the results of frames
 * together: the pages have none, and both cost five times what the rules themselves take.
 */
function axeOf(page: Page, rules: readonly string[] | null): AxeBuilder {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  // `options` takes the place of what was set before it.
  const builder = new AxeBuilder({ page }).options({ resultTypes: ['violations'] }).setLegacyMode();
  return rules === null ? builder.withTags(tags) : builder.withRules([...rules]);
}

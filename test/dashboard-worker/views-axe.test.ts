/**
 * What axe sees in each page: in light and in dark, on a tablet and at 320 px, which is also what 400% zoom leaves of a
 * screen of 1280 (WCAG 1.4.10). A test for each page, so that one that is slow or wrong is named.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seenByAxe } from '../support/axe.ts';
import { browserArgs, browserIsPresent, executablePath, openPage, pages, seed, unfold } from './views-in-browser.ts';

/** The fullest state of each page. */
const fullest = new Set(
  [...Map.groupBy(pages, ([name]) => name.split('-')[0]).values()].map(
    (states) => states.toSorted(([, a], [, b]) => b.length - a.length)[0]![0],
  ),
);

/** What depends on colours and on where things come to stand; the others are the same in all four. */
const ofLooks = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

/** In which order costs least: a page is loaded once, and made dark and narrow while it stands there. */
const looks = [
  { colorScheme: 'light', width: 820, everyRule: true },
  { colorScheme: 'light', width: 320, everyRule: false },
  { colorScheme: 'dark', width: 320, everyRule: true },
  { colorScheme: 'dark', width: 820, everyRule: false },
] as const;

describe.skipIf(!browserIsPresent)(
  `in light and dark, at 820 and 320 px (seed ${seed}), axe sees nothing wrong`,
  () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: browserArgs });
      page = await openPage(browser, { viewport: { width: 820, height: 1180 } });
    });
    afterAll(() => browser?.close());

    it.each([...pages.keys()])('on the page %s', async (name) => {
      await unfold(page, name);
      for (const { colorScheme, width, everyRule } of looks) {
        if (!everyRule && !fullest.has(name)) continue;
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 1180 });
        // The whole page at once: what lies under a bar that stays at the foot can be scrolled from under it.
        await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
        const { passed, violations } = await seenByAxe(page, everyRule ? undefined : ofLooks);
        const look = `${colorScheme}, ${width} px`;
        expect(passed, look).toContain('color-contrast');
        expect(violations, look).toEqual([]);
      }
    });
  },
);

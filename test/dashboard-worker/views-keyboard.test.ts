/**
 * Each page at 400% zoom of a screen of 1280 by 1024, with the keyboard alone: nothing has to be scrolled sideways
 * (WCAG 1.4.10), every control is come to (2.1.1), and where the focus is can be seen (1.4.11, 2.4.7, 2.4.11), measured
 * from the styles that the browser has computed.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserArgs, browserIsPresent, executablePath, openPage, pages, seed, unfold } from './views-in-browser.ts';

/** 1280 by 1024 at 400%. */
const zoomed = { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 };

describe.skipIf(!browserIsPresent)(`at 400% zoom, by keyboard alone (seed ${seed}), in order is the page`, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: browserArgs });
    page = await openPage(browser, zoomed);
    await page.addInitScript(watchTheFocus);
  });
  afterAll(() => browser?.close());

  it.each([...pages.keys()])('%s', async (name) => {
    await unfold(page, name);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(zoomed.viewport.width);
    const controls = await page.evaluate(() => window.focusWatch.controls());
    const stops = new Map<string, Stop>();
    // A date has three stops of its own, a time two; and the ring goes round once.
    for (let pressed = 0; pressed < 3 * controls.length + 20; pressed += 10) {
      for (let press = 0; press < 10; press += 1) await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => window.focusWatch.stops.splice(0));
      for (const stop of seen) stops.set(stop.control, stop);
      if (controls.every((control) => stops.has(control))) break;
    }
    expect(controls.filter((control) => !stops.has(control))).toEqual([]);
    expect(controls.length).toBeGreaterThan(0);
    const faults = [...stops.values()].filter(({ contrast, seen }) => contrast < 3 || !seen);
    expect(faults).toEqual([]);
  });
});

describe.skipIf(!browserIsPresent)(
  `in light and in dark (seed ${seed}), fields, buttons and the focus on each stand out by 3:1 from what they stand on`,
  () => {
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: browserArgs });
      page = await openPage(browser, { viewport: { width: 820, height: 1180 } });
      await page.addInitScript(watchTheFocus);
    });
    afterAll(() => browser?.close());

    it.each([...pages.keys()])('on the page %s', async (name) => {
      await unfold(page, name);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(() => window.focusWatch.faintEdges()), colorScheme).toEqual([]);
        // A key, so that the browser shows where the focus is; it goes on being shown when the focus is put elsewhere.
        await page.keyboard.press('Tab');
        expect(await page.evaluate(() => window.focusWatch.faintRings()), colorScheme).toEqual([]);
      }
    });
  },
);

interface Stop {
  readonly control: string;
  /** Of the ring, or of its outer line, with what it lies on. */
  readonly contrast: number;
  /** Whether any of it can be seen: a bar that stays at the foot may lie over the rest. */
  readonly seen: boolean;
}

declare global {
  interface Window {
    focusWatch: {
      /** Where the focus has been, as it stood when the next Tab was pressed. */
      readonly stops: Stop[];
      /** What has to be come to; of radio buttons one of each question. */
      controls(): string[];
      /** Fields, tiles and buttons whose edge is fainter than 3:1. */
      faintEdges(): string[];
      /** Whatever can have the focus, where it is fainter than 3:1 or not shown at all. */
      faintRings(): string[];
    };
  }
}

/** Runs in the browser, before the page does. Whole in itself, since only its text goes there. */
function watchTheFocus(): void {
  const stops: Stop[] = [];
  const luminanceOf = (colour: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  /** WCAG 2.2, "contrast ratio". */
  const contrastOf = (one: readonly number[], other: readonly number[]): number => {
    const [low = 0, high = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  /** Null where it lets through what is behind it: none of ours does by half. */
  const colourOf = (text: string): number[] | null => {
    const [red, green, blue, alpha = 1] = (text.match(/rgba?\(([^)]*)\)/)?.[1] ?? '0 0 0 0')
      .split(/[\s,/]+/)
      .map(Number);
    return alpha === 1 ? [red ?? 0, green ?? 0, blue ?? 0] : null;
  };
  const groundOf = (element: Element): number[] => {
    for (let behind = element.parentElement; behind !== null; behind = behind.parentElement) {
      const colour = colourOf(getComputedStyle(behind).backgroundColor);
      if (colour !== null) return colour;
    }
    return [255, 255, 255];
  };
  const nameOf = (element: Element): string => {
    if (element instanceof HTMLInputElement && element.type === 'radio') {
      const forms = [...document.forms];
      return `radio ${element.name} of form ${element.form === null ? '' : forms.indexOf(element.form)}`;
    }
    const index = [...document.querySelectorAll('*')].indexOf(element);
    return `${index} ${element.outerHTML.slice(0, 100)}`;
  };
  const pointsOf = ({ left, top, width, height }: DOMRect): [x: number, y: number][] =>
    Array.from({ length: 81 }, (_, index) => [
      left + 1 + ((width - 2) * (index % 9)) / 8,
      top + 1 + ((height - 2) * Math.floor(index / 9)) / 8,
    ]);

  // A radio button or a tick box shows it by its tile.
  const shownBy = (focused: Element) => focused.closest('.tile') ?? focused;
  const ringContrastOf = (shown: Element): number => {
    const style = getComputedStyle(shown);
    const ground = groundOf(shown);
    const lines = [style.outlineStyle === 'solid' ? style.outlineColor : '', style.boxShadow].map(colourOf);
    return Math.max(...lines.map((line) => (line === null ? 1 : contrastOf(line, ground))));
  };

  const look = (focused: Element): void => {
    const shown = shownBy(focused);
    const contrast = ringContrastOf(shown);
    const seen = [...shown.getClientRects()].some((line) =>
      pointsOf(line).some(([x, y]) => shown.contains(document.elementFromPoint(x, y))),
    );
    stops.push({ control: nameOf(focused), contrast, seen });
  };
  const lookAtFocus = () => {
    const focused = document.activeElement;
    if (focused !== null && focused !== document.body) look(focused);
  };
  addEventListener('keydown', ({ key }) => key === 'Tab' && lookAtFocus(), true);

  const reachable = (): HTMLElement[] => {
    const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll<HTMLElement>(all)].filter(
      (element) => !element.matches(':disabled') && element.checkVisibility(),
    );
  };

  window.focusWatch = {
    stops,
    controls() {
      return [...new Set(reachable().map(nameOf))];
    },
    faintRings() {
      return reachable()
        .map((element) => {
          element.focus({ preventScroll: true });
          return { element, contrast: ringContrastOf(shownBy(element)) };
        })
        .filter(({ contrast }) => contrast < 3)
        .map(({ element, contrast }) => `${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
    },
    faintEdges() {
      const edged = 'input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea, .tile, button, .button';
      return [...document.querySelectorAll(`:is(${edged}):not(.quiet, :disabled)`)]
        .map((element) => {
          const edge = colourOf(getComputedStyle(element).borderTopColor);
          return { element, contrast: edge === null ? 1 : contrastOf(edge, groundOf(element)) };
        })
        .filter(({ contrast }) => contrast < 3)
        .map(({ element, contrast }) => `${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 120)}`);
    },
  };
}

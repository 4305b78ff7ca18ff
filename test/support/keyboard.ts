/**
 * Somebody who has a keyboard and no mouse. Every stop on the way is looked at: the focus is somewhere, can be seen, and is on
 * the screen.
 */
import type { Page } from 'playwright-core';

/** More than any page has; what is not come to by then is not come to. */
const STOPS_MAX = 250;

export class Keyboard {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Presses Tab until the focus is on what the CSS selector matches; throws where it is lost, unseen or never there. */
  async to(selector: string): Promise<void> {
    const passed: string[] = [];
    for (let pressed = 0; pressed < STOPS_MAX; pressed += 1) {
      await this.page.keyboard.press('Tab');
      const stop = await this.page.evaluate<Stop>(`(${lookAtFocus})(${JSON.stringify(selector)})`);
      if (stop.fault !== null)
        throw new Error(`${this.page.url()}: ${stop.fault} at ${stop.at}, after ${passed.at(-1)}`);
      if (stop.isThere) return;
      passed.push(stop.at);
    }
    throw new Error(`${this.page.url()}: no Tab leads to ${selector}; it leads to\n${[...new Set(passed)].join('\n')}`);
  }

  /** Goes there and writes; what stands in a field of text is written over. */
  async write(selector: string, text: string): Promise<void> {
    await this.to(selector);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.type(text);
  }

  /** `date`: "2026-12-24". */
  async writeDate(selector: string, date: string): Promise<void> {
    const [year, month, day] = date.split('-');
    await this.#writeDigits(selector, date, [`${day}${month}${year}`, `${month}${day}${year}`]);
  }

  /** `time`: "20:00". */
  async writeTime(selector: string, time: string): Promise<void> {
    const [hour = '', minute = ''] = time.split(':');
    const half = Number(hour) < 12 ? 'a' : 'p';
    const twelve = String(Number(hour) % 12 || 12).padStart(2, '0');
    await this.#writeDigits(selector, time, [`${hour}${minute}`, `${twelve}${minute}${half}`]);
  }

  /** Digit by digit, in the order in which the language of the browser itself asks for them: British first, then American. */
  async #writeDigits(selector: string, value: string, orders: readonly string[]): Promise<void> {
    await this.to(selector);
    for (const digits of orders) {
      await this.page.keyboard.type(digits);
      if ((await this.page.evaluate<string>('document.activeElement.value')) === value) return;
      for (let part = 0; part < 3; part += 1) await this.page.keyboard.press('ArrowLeft');
    }
    throw new Error(`${this.page.url()}: ${selector} does not take ${value}`);
  }

  /** Ticks a box that may be ticked already. */
  async tick(selector: string): Promise<void> {
    await this.to(selector);
    if (!(await this.page.evaluate<boolean>('document.activeElement.checked'))) await this.page.keyboard.press('Space');
  }

  /** What is folded away. */
  async unfold(selector: string): Promise<void> {
    await this.to(selector);
    await this.page.keyboard.press('Enter');
  }

  /** One of several radio buttons: to the question by Tab, to the answer by the arrows. */
  async choose(name: string, value: string): Promise<void> {
    await this.to(`input[name="${name}"]`);
    const answers = await this.page.locator(`input[name="${name}"]`).count();
    for (let pressed = 0; pressed <= answers; pressed += 1) {
      const at = await this.page.evaluate<string>('document.activeElement.value');
      if (at === value) {
        await this.page.keyboard.press('Space');
        return;
      }
      await this.page.keyboard.press('ArrowDown');
    }
    throw new Error(`${this.page.url()}: the arrows do not lead to ${name}=${value}`);
  }

  /** A link or a button that leads to another page, which is waited for. */
  async follow(selector: string): Promise<void> {
    await this.to(selector);
    const loaded = this.page.waitForEvent('load');
    await this.page.keyboard.press('Enter');
    await loaded;
  }
}

interface Stop {
  readonly at: string;
  readonly isThere: boolean;
  readonly fault: string | null;
}

/** Runs in the browser; what it touches there is not of this side's types. */
const lookAtFocus = `(selector) => {
  const focused = document.activeElement;
  // Behind the last stop of a page comes the browser itself, where nothing has the focus; then the first again.
  if (focused === null || focused === document.body) return { at: 'the end of the page', isThere: false, fault: null };
  const shown = focused.closest('.tile') ?? focused;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const { top, bottom, left, right } = shown.getBoundingClientRect();
  const isRinged = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  const isOnScreen = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth;
  return {
    at: focused.outerHTML.slice(0, 120),
    isThere: focused.matches(selector),
    fault: isRinged ? (isOnScreen ? null : 'the focus is off the screen') : 'the focus cannot be seen',
  };
}`;

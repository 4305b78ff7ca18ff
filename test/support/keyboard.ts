/**
 * Somebody who has a keyboard and no mouse. Every stop on the way is looked at: the focus is somewhere, can be seen, and is on
 * the screen.
 */
import type { CDPSession, Page } from 'playwright-core';
import { focusWatch, type Stop } from './focus-watch.ts';

/** More than any page has; what is not come to by then is not come to. */
const STOPS_MAX = 500;
/** Sent off together: waiting for the browser after each takes six times as long. */
const PRESSED_AT_ONCE = 10;

/** As the browser's own protocol has it; `text` where it writes something. */
interface Key {
  readonly key: string;
  readonly code?: string;
  readonly windowsVirtualKeyCode?: number;
  readonly text?: string;
  readonly modifiers?: number;
  /** What the browser makes of it in a field. */
  readonly commands?: string[];
}

const [CONTROL, SHIFT] = [2, 8];
const TAB: Key = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
const ENTER: Key = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' };
const SPACE: Key = { key: ' ', code: 'Space', windowsVirtualKeyCode: 32, text: ' ' };
const ALL: Key = { key: 'a', code: 'KeyA', windowsVirtualKeyCode: 65, modifiers: CONTROL, commands: ['selectAll'] };
const DOWN: Key = { key: 'ArrowDown', code: 'ArrowDown', windowsVirtualKeyCode: 40 };

export class Keyboard {
  readonly page: Page;
  readonly #devtools: CDPSession;

  private constructor(page: Page, devtools: CDPSession) {
    this.page = page;
    this.#devtools = devtools;
  }

  /** At a page that nothing has been opened on yet. */
  static async at(page: Page): Promise<Keyboard> {
    await page.addInitScript({ content: focusWatch });
    return new Keyboard(page, await page.context().newCDPSession(page));
  }

  /** Presses Tab until the focus is on what the CSS selector matches; throws where it is lost, unseen or never there. */
  async to(selector: string): Promise<void> {
    const passed: string[] = [];
    await this.#seek(selector);
    while (passed.length < STOPS_MAX) {
      const seen = await this.#tab(TAB);
      for (const { at, fault } of seen.stops) {
        if (fault !== null) throw new Error(`${this.page.url()}: ${fault} at ${at}, after ${passed.at(-1)}`);
        passed.push(at);
      }
      if (seen.isThere) return;
    }
    throw new Error(`${this.page.url()}: no Tab leads to ${selector}; it leads to\n${[...new Set(passed)].join('\n')}`);
  }

  /**
   * All stops of a page that has just been opened, by Tab until it begins anew; throws where it never does, where a stop is
   * unseen, or where Shift+Tab does not lead back by the same ones.
   */
  async round(): Promise<readonly string[]> {
    const back: Key = { ...TAB, modifiers: SHIFT };
    const forth = await this.#toEdge(TAB, 'last');
    await this.#overTheEdge(TAB, forth[0]);
    await this.#overTheEdge(back, forth.at(-1));
    const returned = [...(await this.#toEdge(back, 'first')).reverse(), forth.at(-1)];
    const longer = forth.length < returned.length ? returned : forth;
    const differing = longer.findIndex((_, index) => forth[index] !== returned[index]);
    if (differing !== -1) {
      const [there, here] = [forth, returned].map((stops) => stops.slice(differing, differing + 3).join('\n'));
      throw new Error(`${this.page.url()}: Shift+Tab does not lead back: Tab leads to\n${there}\nand it to\n${here}`);
    }
    return forth;
  }

  /** What has several stops of its own, as a date, is one. */
  async #toEdge(key: Key, edge: 'first' | 'last'): Promise<string[]> {
    const passed: string[] = [];
    await this.page.evaluate(`focusWatch.seekEdge('${edge}')`);
    for (let pressed = 0; pressed < 2 * STOPS_MAX; pressed += PRESSED_AT_ONCE) {
      const seen = await this.#tab(key);
      for (const { at, fault } of seen.stops) {
        if (fault !== null) throw new Error(`${this.page.url()}: ${fault} at ${at}, after ${passed.at(-1)}`);
        if (at !== passed.at(-1)) passed.push(at);
      }
      if (seen.isThere) return passed;
    }
    throw new Error(`${this.page.url()}: no Tab leads to the ${edge} stop:\n${[...new Set(passed)].join('\n')}`);
  }

  /** Key by key: the browser itself comes in between, and takes its time. A last stop may have several of its own. */
  async #overTheEdge(key: Key, to: string | undefined): Promise<void> {
    const passed: (string | undefined)[] = [];
    await this.#seek(null);
    while (passed.length < 6) {
      passed.push((await this.#tab(key, 1)).stops[0]?.at);
      if (passed.at(-1) === to) return;
    }
    throw new Error(`${this.page.url()}: the page holds the focus: it is at\n${passed.join('\n')}\nnever at\n${to}`);
  }

  #seek(selector: string | null): Promise<void> {
    return this.page.evaluate(`focusWatch.seek(${JSON.stringify(selector)})`);
  }

  async #tab(key: Key, times = PRESSED_AT_ONCE): Promise<{ stops: Stop[]; isThere: boolean }> {
    await this.#press(Array.from({ length: times }, () => key));
    return await this.page.evaluate('focusWatch.look()');
  }

  async #press(keys: readonly Key[]): Promise<void> {
    const send = (type: 'keyDown' | 'rawKeyDown' | 'keyUp', key: Key) =>
      this.#devtools.send('Input.dispatchKeyEvent', { type, ...key });
    const sent = keys.flatMap((key) => [
      send(key.text === undefined ? 'rawKeyDown' : 'keyDown', key),
      send('keyUp', key),
    ]);
    await Promise.all(sent);
  }

  #type(text: string): Promise<void> {
    return this.#press([...text].map((sign) => (sign === '\n' ? ENTER : { key: sign, text: sign })));
  }

  /** Goes there and writes; what stands in a field of text is written over. */
  async write(selector: string, text: string): Promise<void> {
    await this.to(selector);
    await this.#press([ALL]);
    await this.#type(text);
    const written = await this.page.evaluate<string>('document.activeElement.value');
    if (written !== text) throw new Error(`${this.page.url()}: ${selector} has "${written}" in the place of "${text}"`);
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
  tick(selector: string): Promise<void> {
    return this.#setTick(selector, true);
  }

  untick(selector: string): Promise<void> {
    return this.#setTick(selector, false);
  }

  async #setTick(selector: string, isTicked: boolean): Promise<void> {
    await this.to(selector);
    const was = await this.page.evaluate<boolean>('document.activeElement.checked');
    if (was !== isTicked) await this.#press([SPACE]);
  }

  /** What may be folded away. */
  async unfold(selector: string): Promise<void> {
    await this.to(selector);
    if (!(await this.page.evaluate<boolean>('document.activeElement.parentElement.open'))) await this.#press([ENTER]);
  }

  /** One of several radio buttons: to the question by Tab, to the answer by the arrows. */
  async choose(name: string, value: string): Promise<void> {
    await this.to(`input[name="${name}"]`);
    const steps = await this.page.evaluate<number>(`focusWatch.stepsTo(${JSON.stringify(value)})`);
    await this.#press([...Array.from({ length: steps }, () => DOWN), SPACE]);
    const chosen = await this.page.evaluate<string>('document.activeElement.value');
    if (chosen !== value) throw new Error(`${this.page.url()}: the arrows do not lead to ${name}=${value}: ${chosen}`);
  }

  /** One line of a list that unfolds, by the letters that it begins with. */
  async pick(selector: string, label: string): Promise<void> {
    await this.to(selector);
    await this.#type(label);
    const picked = await this.page.evaluate<string>('document.activeElement.selectedOptions[0].text');
    if (!picked.startsWith(label)) throw new Error(`${this.page.url()}: ${selector} has "${picked}", not "${label}"`);
  }

  /** A button that leads nowhere by itself. */
  async use(selector: string): Promise<void> {
    await this.to(selector);
    await this.#press([ENTER]);
  }

  /** A link or a button that leads to another page, which is waited for. */
  async follow(selector: string): Promise<void> {
    await this.to(selector);
    const loaded = this.page.waitForEvent('load');
    await this.#press([ENTER]);
    await loaded;
  }
}

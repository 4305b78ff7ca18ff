/**
 * The pages in a real Chromium, served from memory under the content security policy that the dashboard can bear:
 * axe in both colour schemes, 320 px without sideways scrolling, targets as large as a finger, two pages of A4, and
 * the one script. STAIRGATE_SCREENSHOTS=FOLDER keeps pictures of each page at tablet and phone size.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page, WebSocketRoute } from 'playwright-core';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrantResultPage, liveScript, NowPage, stylesheet } from '../../dashboard-worker/views/pages.ts';
import { LIVE_HEADER, paths } from '../../dashboard-worker/views/paths.ts';
import { aGrant, busyNow, frame, nowMs } from './views-models.ts';
import { renderedPages } from './views-pages.ts';

const executablePath = '/usr/bin/chromium';
const present = existsSync(executablePath);
if (!present) console.warn('skipped: the pages in a browser (chromium is not installed: apt install chromium)');

const seed = 20261112;
const pages = renderedPages(seed);
/** Reserved for tests (RFC 6761), and answered from memory: nothing leaves the browser. */
const origin = 'http://dashboard.test';
const screenshots = process.env.STAIRGATE_SCREENSHOTS;

describe.skipIf(!present)(`the pages in a browser (seed ${seed})`, () => {
  let browser: Browser;
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser?.close());

  // 320 px is also what 400% zoom leaves of a screen of 1280 (WCAG 1.4.10).
  it.each([
    ['light', 820],
    ['dark', 320],
  ] as const)('have no violation that axe can see, in %s at %d px', async (colorScheme, width) => {
    const page = await open(browser, { viewport: { width, height: 1180 }, colorScheme });
    const found: string[] = [];
    for (const name of pages.keys()) {
      await page.goto(`${origin}/${name}`);
      await page.evaluate(openDetails);
      // The whole page at once: what lies under a bar that stays at the foot can be scrolled from under it.
      await page.setViewportSize({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const { violations, passes } = await new AxeBuilder({ page }).withTags(tags).analyze();
      expect(
        passes.map(({ id }) => id),
        name,
      ).toContain('color-contrast');
      for (const { id, nodes } of violations) found.push(`${name}: ${id}: ${nodes[0]?.html.slice(0, 200)}`);
      if (colorScheme === 'light') await keepPicture(page, `${name}-tablet`);
    }
    expect(found).toEqual([]);
    await page.context().close();
  });

  it('need no sideways scrolling at 320 px, and have targets of 44 px there', async () => {
    const page = await open(browser, { viewport: { width: 320, height: 700 } });
    const found: string[] = [];
    for (const name of pages.keys()) {
      await page.goto(`${origin}/${name}`);
      await page.evaluate(openDetails);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 320) found.push(`${name}: ${width} px wide`);
      // Links within a sentence are excepted (WCAG 2.5.8); a radio button or a tick box is hit through its tile.
      const small = await page.evaluate(() =>
        [
          ...document.querySelectorAll(
            'button, select, summary, .button, .tile, nav a, .touch, input:not(.tile input, [type=hidden])',
          ),
        ]
          .filter((target) => target.getBoundingClientRect().height < 44)
          .map((target) => target.outerHTML.slice(0, 120)),
      );
      for (const target of small) found.push(`${name}: less than 44 px: ${target}`);
      await keepPicture(page, `${name}-phone`);
    }
    expect(found).toEqual([]);
    await page.context().close();
  });

  it('show where the focus is on every stop of the keyboard', async () => {
    const page = await open(browser, { viewport: { width: 820, height: 1180 } });
    for (const name of ['now-busy', 'give-usual', 'hours', 'sign-in']) {
      await page.goto(`${origin}/${name}`);
      let stops = 0;
      for (; stops < 60; stops += 1) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => {
          const focused = document.activeElement;
          if (!focused || focused === document.body) return undefined;
          const shown = focused.closest('.tile') ?? focused;
          const { outlineStyle, outlineWidth } = getComputedStyle(shown);
          return { html: shown.outerHTML.slice(0, 120), outline: `${outlineStyle} ${outlineWidth}` };
        });
        if (stop === undefined) break;
        expect(stop.outline, `${name}: ${stop.html}`).toBe('solid 3px');
      }
      expect(stops, name).toBeGreaterThan(3);
    }
    await page.context().close();
  });

  it('print a busy year, and an empty one, on two pages of A4', async () => {
    const page = await open(browser, {});
    for (const name of ['year-busy', 'year-empty']) {
      await page.goto(`${origin}/${name}`);
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: false });
      expect(pdf.toString('latin1').match(/\/Type \/Page\n/g), name).toHaveLength(2);
      expect(pdf.toString('latin1'), name).toMatch(/\/MediaBox \[0 0 59[45]\.\d+ 84[12]\.\d+\]/);
    }
    await page.context().close();
  });

  it.each([
    ['told of it', 'sockets'],
    ['by itself, where no socket can be had', 'no sockets'],
  ] as const)('follow the box %s, and leave a part alone while somebody is in it', async (_, how) => {
    const page = await open(browser, {});
    const told: WebSocketRoute[] = [];
    if (how === 'sockets')
      await page.routeWebSocket(`${origin.replace('http', 'ws')}/live`, (route) => told.push(route));
    let state: 'sending' | 'in-force' = 'sending';
    await page.route(`${origin}/grant`, (route) => {
      const grant = aGrant({ state: state === 'sending' ? { kind: state } : { kind: state, since: nowMs } });
      return route.fulfill(asPage(String(GrantResultPage({ frame, grant, closesAt: null, overlaps: [] }))));
    });
    await page.goto(`${origin}/grant`);
    await page.getByRole('heading', { name: 'On its way to the box' }).waitFor();
    await page.getByRole('link', { name: 'Look again' }).focus();
    state = 'in-force';
    if (how === 'sockets') {
      // Longer than a page without a socket waits: there is no news yet.
      await expect(page.getByText('In force on the box').waitFor({ timeout: 3_000 })).rejects.toThrow('Timeout');
      told.at(-1)!.send('news');
    }
    await page.getByText('In force on the box since 10:32').waitFor({ timeout: how === 'sockets' ? 1_000 : 5_000 });
    expect(await page.title()).toContain('It is allowed');
    expect(await page.getByRole('link', { name: 'Look again' }).count()).toBe(1);
    await page.evaluate(() => (document.activeElement as unknown as { blur(): void }).blur());
    told.at(-1)?.send('news');
    await page.getByRole('link', { name: 'Look again' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('look anew when a permission ends by itself, though nobody tells them', async () => {
    const page = await open(browser, {});
    await page.routeWebSocket(/\/live$/, () => {});
    let grant = aGrant({ state: { kind: 'in-force', since: nowMs }, until: nowMs + 2_500 });
    let looks = 0;
    await page.route(`${origin}/grant`, (route) => {
      looks += 1;
      return route.fulfill(asPage(String(GrantResultPage({ frame, grant, closesAt: null, overlaps: [] }))));
    });
    await page.goto(`${origin}/grant`);
    // The visit, and the look when the socket is open.
    await expect.poll(() => looks).toBe(2);
    grant = aGrant({ state: { kind: 'ended', at: nowMs, early: null }, until: nowMs });
    await page.getByRole('heading', { name: 'This permission has ended' }).waitFor({ timeout: 10_000 });
    await page.context().close();
  });

  it('say since when they are old, and go to sign in once the session has ended', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    let answer: 'page' | 'error' | 'redirect' = 'page';
    const looks: (string | undefined)[] = [];
    await withoutSockets(context);
    await context.route('**', (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === paths.script) return route.fulfill({ contentType: 'text/javascript', body: liveScript });
      if (pathname === paths.signIn) return route.fulfill(asPage('<h1>Sign in</h1>'));
      if (pathname !== paths.now) return route.fulfill({ contentType: 'text/css', body: stylesheet });
      looks.push(route.request().headers()[LIVE_HEADER]);
      if (answer === 'error') return route.fulfill({ status: 500, body: '' });
      if (answer === 'redirect') return route.fulfill({ status: 303, headers: { location: paths.signIn } });
      return route.fulfill(asPage(String(NowPage(busyNow))));
    });
    await page.goto(`${origin}/`);
    const stale = page.getByText(/^Not up to date since \d\d:\d\d: /);
    expect(await stale.isVisible()).toBe(false);
    answer = 'error';
    await stale.waitFor({ state: 'visible' });
    answer = 'page';
    await stale.waitFor({ state: 'hidden' });
    // The person's own visit counts as use, what the script asks by itself does not.
    expect(looks[0]).toBeUndefined();
    expect(new Set(looks.slice(1))).toEqual(new Set(['1']));
    answer = 'redirect';
    await page.waitForURL(`${origin}${paths.signIn}?outcome=expired&next=%2F`);
    await context.close();
  });
});

/** A page whose every request is answered here; what it asks for elsewhere, or what its policy forbids, is an error. */
async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') throw new Error(`The browser complains: ${message.text()}`);
  });
  await withoutSockets(context);
  await context.route('**', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === paths.stylesheet) return route.fulfill({ contentType: 'text/css', body: stylesheet });
    if (pathname === paths.script) return route.fulfill({ contentType: 'text/javascript', body: liveScript });
    const html = pages.get(pathname.slice(1));
    return html === undefined ? route.fulfill({ status: 404, body: '' }) : route.fulfill(asPage(html));
  });
  return page;
}

/** As behind a proxy that ends them. */
function withoutSockets(context: BrowserContext): Promise<void> {
  return context.routeWebSocket(/\/live$/, (route) => void route.close());
}

function asPage(body: string) {
  const policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'";
  return { contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy }, body };
}

/** What is folded away has to be in order too. Runs in the browser. */
function openDetails(): void {
  for (const details of document.querySelectorAll('details')) details.setAttribute('open', '');
}

async function keepPicture(page: Page, name: string): Promise<void> {
  if (screenshots === undefined) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

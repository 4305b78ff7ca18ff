/**
 * The pages in a real Chromium: targets as large as a finger, two pages of A4, and the one script. Keeps a picture of each
 * page at phone and at tablet size for people to look at, in test/screenshots or in STAIRGATE_SCREENSHOTS.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Locator, type Page, type WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GrantResultPage, liveScript, NowPage, stylesheet } from '../../dashboard-worker/views/pages.ts';
import { LIVE_HEADER, paths } from '../../dashboard-worker/views/paths.ts';
import {
  asPage,
  browserArgs,
  browserIsPresent,
  executablePath,
  openPage,
  origin,
  pages,
  seed,
  unfold,
  withoutSockets,
} from './views-in-browser.ts';
import { aGrant, busyNow, frame, nowMs } from './views-models.ts';

/** For what the page's clock has already brought about. */
const SOON = { timeout: 10_000, interval: 20 };

const screenshots = process.env.STAIRGATE_SCREENSHOTS ?? join(import.meta.dirname, '../screenshots');

describe.skipIf(!browserIsPresent)(
  `on a phone and on a tablet (seed ${seed}), no sideways scrolling is needed and targets have 44 px`,
  () => {
    const devices = [
      ['phone', 360],
      ['tablet', 820],
    ] as const;
    let browser: Browser;
    let page: Page;
    beforeAll(async () => {
      mkdirSync(screenshots, { recursive: true });
      browser = await chromium.launch({ executablePath, args: browserArgs });
      page = await openPage(browser, {});
    });
    afterAll(() => browser?.close());

    it.each([...pages.keys()])('on the page %s', async (name) => {
      await unfold(page, name);
      for (const [device, width] of devices) {
        await page.setViewportSize({ width, height: 700 });
        await page.screenshot({ path: join(screenshots, `${name}-${device}.png`), fullPage: true });
        expect(await page.evaluate(() => document.documentElement.scrollWidth), device).toBe(width);
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
        expect(small, device).toEqual([]);
      }
    });
  },
);

describe.skipIf(!browserIsPresent)(`the pages in a browser (seed ${seed})`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: browserArgs });
  });
  afterAll(() => browser?.close());

  it('print a busy year, and an empty one, on two pages of A4', async () => {
    const page = await openPage(browser, {});
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
    const page = await openPage(browser, {});
    await page.clock.install();
    const told: WebSocketRoute[] = [];
    if (how === 'sockets')
      await page.routeWebSocket(`${origin.replace('http', 'ws')}/live`, (route) => told.push(route));
    let state: 'sending' | 'in-force' = 'sending';
    let looks = 0;
    await page.route(`${origin}/grant`, (route) => {
      looks += 1;
      const grant = aGrant({ state: state === 'sending' ? { kind: state } : { kind: state, since: nowMs } });
      return route.fulfill(
        asPage(String(GrantResultPage({ frame, grant, sessionEndsAt: null, closesAt: null, overlaps: [] }))),
      );
    });
    await page.goto(`${origin}/grant`);
    await page.getByRole('heading', { name: 'On its way to the box' }).waitFor();
    // The visit, and the look when the socket is open or was refused.
    await expect.poll(() => looks).toBe(2);
    await page.getByRole('link', { name: 'Look again' }).focus();
    state = 'in-force';
    if (how === 'sockets') {
      // Longer than a page without a socket waits: there is no news yet.
      const before = looks;
      await page.clock.runFor(3_000);
      expect(looks).toBe(before);
      told.at(-1)!.send('news');
    }
    const shown = page.getByText('In force on the box since 10:32');
    await expect.poll(() => tickUntil(page, how === 'sockets' ? 0 : 2_000, shown), SOON).toBe(true);
    expect(await page.title()).toContain('It is allowed');
    expect(await page.getByRole('link', { name: 'Look again' }).count()).toBe(1);
    await page.evaluate(() => (document.activeElement as unknown as { blur(): void }).blur());
    told.at(-1)?.send('news');
    await page.getByRole('link', { name: 'Look again' }).waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('look anew when a permission ends by itself, though nobody tells them', async () => {
    const page = await openPage(browser, {});
    await page.clock.install();
    await page.routeWebSocket(/\/live$/, () => {});
    let grant = aGrant({ state: { kind: 'in-force', since: nowMs }, until: nowMs + 2_500 });
    let looks = 0;
    await page.route(`${origin}/grant`, (route) => {
      looks += 1;
      return route.fulfill(
        asPage(String(GrantResultPage({ frame, grant, sessionEndsAt: null, closesAt: null, overlaps: [] }))),
      );
    });
    await page.goto(`${origin}/grant`);
    // The visit, and the look when the socket is open.
    await expect.poll(() => looks).toBe(2);
    grant = aGrant({ state: { kind: 'ended', at: nowMs, early: null }, until: nowMs });
    await page.clock.runFor(2_000);
    expect(looks).toBe(2);
    const ended = page.getByRole('heading', { name: 'This permission has ended' });
    await expect.poll(() => tickUntil(page, 500, ended), SOON).toBe(true);
    await page.context().close();
  });

  it('say since when they are old, and go to sign in once the session has ended', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    await page.clock.install();
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
    await expect.poll(() => tickUntil(page, 2_000, stale), SOON).toBe(true);
    answer = 'page';
    await expect.poll(() => tickUntil(page, 60_000, stale), SOON).toBe(false);
    // The person's own visit counts as use, what the script asks by itself does not.
    expect(looks[0]).toBeUndefined();
    expect(new Set(looks.slice(1))).toEqual(new Set(['1']));
    answer = 'redirect';
    await page.clock.runFor(30_000);
    await page.waitForURL(`${origin}${paths.signIn}?outcome=expired&next=%2F`);
    await context.close();
  });
});

/** Lets the page's clock go on, and says whether that can be seen by now. */
async function tickUntil(page: Page, ms: number, wanted: Locator): Promise<boolean> {
  await page.clock.runFor(ms);
  return await wanted.isVisible();
}

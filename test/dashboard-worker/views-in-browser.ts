/**
 * Every page in a real Chromium, served from memory under the content security policy that the dashboard can bear.
 * Nothing leaves the browser, and whatever it complains of is an error.
 */
import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { liveScript, passkeyScript, stylesheet } from '../../dashboard-worker/views/pages.ts';
import { paths } from '../../dashboard-worker/views/paths.ts';
import { renderedPages } from './views-pages.ts';

export const executablePath = '/usr/bin/chromium';
export const browserIsPresent = existsSync(executablePath);
if (!browserIsPresent) {
  console.warn('skipped: the pages in a browser (chromium is not installed: apt install chromium)');
}

export const seed = 20261112;
export const pages = renderedPages(seed);
/** Reserved for tests (RFC 6761), and answered from memory. */
export const origin = 'http://dashboard.test';

export const browserArgs = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'];

/** An empty page, from which each of `pages` is `${origin}/NAME`. */
export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  // Smooth scrolling is in the way of measuring where something stands.
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') throw new Error(`The browser complains: ${message.text()}`);
  });
  await withoutSockets(context);
  await context.route('**', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === paths.stylesheet) return route.fulfill({ contentType: 'text/css', body: stylesheet });
    if (pathname === paths.script) return route.fulfill({ contentType: 'text/javascript', body: liveScript });
    if (pathname === paths.passkeyScript) return route.fulfill({ contentType: 'text/javascript', body: passkeyScript });
    const html = pages.get(pathname.slice(1));
    return html === undefined ? route.fulfill({ status: 404, body: '' }) : route.fulfill(asPage(html));
  });
  return page;
}

/** As behind a proxy that ends them. */
export function withoutSockets(context: BrowserContext): Promise<void> {
  return context.routeWebSocket(/\/live$/, (route) => void route.close());
}

/** Goes there and unfolds what is folded away or waits for a script that only https may run: it has to be in order too. */
export async function unfold(page: Page, name: string): Promise<void> {
  await page.goto(`${origin}/${name}`);
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.setAttribute('open', '');
    for (const form of document.querySelectorAll('form[hidden]')) form.removeAttribute('hidden');
  });
}

export function asPage(body: string) {
  const policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'";
  return { contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': policy }, body };
}

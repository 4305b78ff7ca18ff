/** Debian's Chromium for browser tests, without any traffic of its own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CodesApp } from './codes-app.ts';

const CHROMIUM = '/usr/bin/chromium';

/** One line that says that there is no browser, or null. */
export function missingBrowser(): string | null {
  return existsSync(CHROMIUM) ? null : 'skipped: chromium not installed (apt-get install chromium)';
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** From the page that sets up the authenticator app, over the one with the recovery codes, to Now. */
export async function setUpAppOn(page: Page): Promise<void> {
  const app = CodesApp.ofPage(await page.content());
  await page.fill('[name=code]', await app.nextCode());
  await page.click('main button[type=submit]');
  await page.click('main a.primary');
}

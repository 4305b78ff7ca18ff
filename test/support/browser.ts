/** Debian's Chromium for browser tests, without any traffic of its own. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

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

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { html } from '../../../filter-agent/control/local-pages.ts';
import { createLocalSite, type LocalSite } from '../../../filter-agent/control/local-site.ts';
import { generalFacts, noticeSections } from '../../../policy-rules/monitoring-notice.ts';
import { seenByAxe } from '../../support/axe.ts';
import { createPaperBox, PAPER_CLOSING_MS, PAPER_NOW_MS, type PaperBox } from '../../support/paper-box.ts';

describe('html', () => {
  it.each([
    ['<b> & "it\'s"', '&lt;b&gt; &amp; &quot;it&#39;s&quot;'],
    ['a\u202eb\u0000c\u2066d', 'a\ufffdb\ufffdc\ufffdd'],
    ['two\nlines\tand a tab', 'two lines and a tab'],
    ['half \ud83d', 'half \ufffd'],
    ['Zoë’s café 😀', 'Zoë’s café 😀'],
  ])('escapes %j', (text, expected) => {
    expect(html`<p title="${text}">${text}</p>`.markup).toBe(`<p title="${expected}">${expected}</p>`);
  });

  it('keeps markup, joins lists, and leaves out what is not there', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
    expect(html`<ul>${items}</ul>${null}${false}${3}`.markup).toBe('<ul><li>a</li><li>&lt;</li></ul>3');
  });
});

const CHROMIUM = '/usr/bin/chromium';

describe.skipIf(!existsSync(CHROMIUM))('in a browser on a phone (needs chromium)', () => {
  const id = '11111111-1111-4111-8111-111111111111';
  const paths = [
    '/',
    '/why?name=facebook.com',
    '/why?name=nothing',
    '/ask',
    `/ask/${id}`,
    '/recorded',
    '/notice',
    '/notice/read',
    '/poster',
    '/none',
  ];
  let browser: Browser;
  let box: PaperBox;
  let site: LocalSite;
  let origin: string;

  beforeAll(async () => {
    box = createPaperBox();
    box.client.grants = [{ what: 'YouTube', untilMs: PAPER_CLOSING_MS, purpose: 'personal' }];
    const waiting = {
      what: 'Facebook',
      minutes: 30,
      askedAtMs: PAPER_NOW_MS,
      untilMs: null,
      reason: '',
      delivered: true,
    };
    box.requests.set(id, { ...waiting, state: 'waiting' });
    const sections = noticeSections(generalFacts(box.client.settingName));
    box.published = { version: 2, publishedAt: PAPER_NOW_MS, sections };
    site = createLocalSite(box, { name: 'stairgate.home.arpa', port: 80 });
    const [bound] = await site.listen([{ address: '127.0.0.1', port: 0 }]);
    origin = `http://127.0.0.1:${bound!.port}`;
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  it('meets WCAG 2.2 AA and fits the screen in light and in dark', async () => {
    // The checker is a script, which the site's own policy rightly forbids.
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP: true });
    const page = await context.newPage();
    for (const path of paths) {
      await page.goto(origin + path);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { passed, violations } = await seenByAxe(page);
        expect(passed, `${path} in ${colorScheme}`).toContain('color-contrast');
        expect(violations, `${path} in ${colorScheme}`).toEqual([]);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth'), path).toBe(true);
    }
    await context.close();
  }, 180_000);

  it('takes a request without scripts, and shows the answer when the page renews itself', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${origin}/why?name=facebook.com`);
    await page.getByRole('link', { name: 'Ask for permission' }).click();
    await page.getByLabel('What for?').fill('Photos of the outing');
    await page.getByLabel('Your name').fill('Sam');
    await page.getByRole('button', { name: 'Send the request' }).click();
    await page.getByText('The manager has your request.').waitFor();
    expect(box.submitted.at(-1)!.form).toEqual({
      askedBy: 'Sam',
      scope: { service: 'facebook' },
      minutes: 30,
      reason: 'Photos of the outing',
    });
    const asked = new URL(page.url()).pathname.split('/').at(-1)!;
    box.requests.set(asked, { ...box.requests.get(asked)!, state: 'granted', untilMs: PAPER_CLOSING_MS });
    await page.getByText('You have permission until 18:00.').waitFor({ timeout: 15_000 });
    await context.close();
  });

  it('prints the poster on one page of A4', async () => {
    const page = await browser.newPage();
    await page.goto(`${origin}/poster`);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
    expect(/\/Count (\d+)/.exec(pdf)?.[1]).toBe('1');
    // 210 × 297 mm in points.
    expect(/\/MediaBox \[0 0 (\d+)\S* (\d+)/.exec(pdf)?.slice(1)).toEqual(['594', '841']);
    await page.close();
  });
});

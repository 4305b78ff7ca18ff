/**
 * A permission from beginning to end as people meet it, in real Chromium with JavaScript and without it: the set-up link,
 * a deputy who is invited, a request from the local site, the yes, the wire, the end, and all of it on the record.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../support/box-process.ts';
import { launchBrowser, missingBrowser, setUpAppOn } from '../support/browser.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from '../support/dashboard-process.ts';
import { askUdp, dataOf } from '../support/dns-client.ts';
import { missing, type NameServer, startNsd } from '../support/name-servers.ts';
import { pair } from '../support/whole-setting.ts';

const absent = missingBrowser() ?? missing('nsd');
if (absent !== null) console.log(`test/e2e/permission-story: ${absent}`);

const SOCIAL = 'www.facebook.com';
/** Often enough for a middle. */
const ROUNDS = 5;
const GUESTS = '127.0.0.64/26';
const IN_FORCE = 'In force on the box since';
const DEPUTY = { name: 'Dee Deputy', email: 'dee@nursery.example', password: 'four words well remembered' };

const tablet: BrowserContextOptions = { viewport: { width: 820, height: 1180 }, locale: 'en-GB' };
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, locale: 'en-GB' };

describe.skipIf(absent !== null).each([
  ['with JavaScript', true],
  ['without JavaScript', false],
])('a permission, %s', (_, javaScriptEnabled) => {
  let nsd: NameServer;
  let dashboard: DashboardProcess;
  let ready: DashboardReady;
  let box: BoxProcess;
  let browser: Browser;
  let manager: Page;
  let deputy: Page;
  let staff: Page;
  let invitation = '';

  beforeAll(async () => {
    nsd = await startNsd();
    ({ dashboard, ready } = await startDashboardProcess());
    const devices = [{ id: 'office-pc', name: 'Office PC', group: 'setting', addresses: ['127.0.0.1'], macs: [] }];
    box = await prepareBox({
      upstreams: [`udp://${nsd.address}:${nsd.port}`],
      settings: {
        policy: alwaysOpenPolicy({
          devices,
          firstNames: ['Aisha', 'Sam O’Brien'],
          networks: [
            { name: 'Loopback', range: '127.0.0.0/8', group: 'setting' },
            { name: 'Guests', range: GUESTS, group: 'guest' },
          ],
        }),
      },
    });
    await pair(box, ready);
    await box.start();
    browser = await launchBrowser();
    const open = async (options: BrowserContextOptions) =>
      await (await browser.newContext({ ...options, javaScriptEnabled })).newPage();
    [manager, deputy, staff] = [await open(tablet), await open(tablet), await open(phone)];
  });

  afterAll(async () => {
    await browser?.close();
    await box?.remove();
    await dashboard?.remove();
    await nsd?.remove();
  });

  const main = async (page: Page) => (await page.textContent('main')) ?? '';
  const address = (path: string) => new URL(path, ready.url).href;

  async function onTheWire(wanted: 'blocked' | 'allowed'): Promise<void> {
    await vi.waitFor(
      async () => expect(dataOf(await askUdp(box.server, SOCIAL), 'A').length > 0 ? 'allowed' : 'blocked').toBe(wanted),
      { timeout: 5_000, interval: 10 },
    );
  }

  async function ask(reason: string): Promise<void> {
    await staff.goto(`http://127.0.0.1:${box.site.port}/ask?service=facebook`);
    await staff.selectOption('[name=minutes]', { index: 0 });
    await staff.fill('[name=reason]', reason);
    await staff.selectOption('[name=who]', 'Sam O’Brien');
    await staff.click('main button.primary');
    expect(await main(staff)).toContain('Waiting');
  }

  /** Now, as soon as it shows that request. */
  async function arrived(page: Page, reason: string): Promise<void> {
    const line = page.locator('.request', { hasText: reason });
    if (javaScriptEnabled) {
      await line.waitFor({ timeout: 5_000 });
      return;
    }
    await vi.waitFor(
      async () => {
        await page.click('a:has-text("Look again")');
        expect(await line.count()).toBe(1);
      },
      { timeout: 5_000, interval: 50 },
    );
  }

  /** From the moment at which the form leaves the browser until the text is there, in ms. */
  async function fromPostUntil(page: Page, button: string, words: string): Promise<number> {
    const posted = page.waitForRequest((request) => request.method() === 'POST').then(() => Date.now());
    await page.click(button);
    await page.getByText(words).first().waitFor({ timeout: 5_000 });
    const shownAt = Date.now();
    return shownAt - (await posted);
  }

  it('begins with the set-up link, the manager’s own account and its second factor', async () => {
    await manager.goto(ready.setupLink!);
    await manager.fill('[name=settingName]', 'Little Acorns');
    await manager.fill('[name=name]', 'Tracey');
    await manager.fill('[name=email]', 'tracey@nursery.example');
    await manager.fill('[name=password]', 'correct horse battery');
    await manager.click('main button[type=submit]');
    await manager.goto(ready.url);
    // The password alone opens nothing.
    expect(new URL(manager.url()).pathname).toBe('/account/second-factor');
    await setUpAppOn(manager);
    expect(await main(manager)).toContain('The gate is working');
  });

  it('a deputy is invited by the manager, and signs in with a second factor of her own', async () => {
    await manager.goto(address('people'));
    await manager.fill('[name=name]', DEPUTY.name);
    await manager.selectOption('form[action="/people/invitations"] [name=role]', 'deputy');
    await manager.click('form[action="/people/invitations"] button.primary');
    await manager.fill('[name=ownPassword]', 'correct horse battery');
    await manager.click('main form button.primary');
    invitation = (await manager.textContent('main code')) ?? '';
    await deputy.goto(invitation);
    await deputy.fill('[name=name]', DEPUTY.name);
    await deputy.fill('[name=email]', DEPUTY.email);
    await deputy.fill('[name=password]', DEPUTY.password);
    await deputy.click('main form button.primary');
    await deputy.fill('[name=email]', DEPUTY.email);
    await deputy.fill('[name=password]', DEPUTY.password);
    await deputy.click('main form button.primary');
    await setUpAppOn(deputy);
    expect(await main(deputy)).toContain('Nobody is waiting for an answer');
    expect((await staff.request.get(invitation)).status()).toBe(410);
  });

  it('the first names of staff are shown on a device of the setting, not to one without a name nor to a guest', async () => {
    const formOf = async (localAddress: string) => {
      const asked = get({ host: '127.0.0.1', port: box.site.port, path: '/ask', localAddress });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      return await text(response);
    };
    expect(await formOf('127.0.0.1')).toContain('<option value="Aisha">');
    expect(await formOf('127.0.0.2')).toContain('Your name');
    expect(await formOf('127.0.0.2')).not.toContain('Aisha');
    expect(await formOf('127.0.0.77')).not.toContain('Aisha');
  });

  it('a request reaches Now, and two taps later the wire obeys', async () => {
    await onTheWire('blocked');
    await ask('to answer a parent on our page');
    await arrived(deputy, 'to answer a parent');
    const arrivedAt = Date.now();
    await deputy.selectOption('.request [name=yesReason]', 'this-once');
    await fromPostUntil(deputy, '.request button[value="10"]', IN_FORCE);
    await onTheWire('allowed');
    console.log(`from the request on Now to the wire: ${Date.now() - arrivedAt} ms`);
    expect(await main(deputy)).toContain('Facebook on Office PC until');
    await staff.reload();
    expect(await main(staff)).toContain('The manager says: “Just this once”');
  });

  it('is ended early in one tap, and an open page follows where it can', async () => {
    await manager.goto(ready.url);
    await manager.locator('.grant', { hasText: IN_FORCE }).waitFor();
    const visits: string[] = [];
    manager.on('framenavigated', (frame) => void visits.push(frame.url()));
    await deputy.click('form[action$="/end"] button');
    expect(await main(deputy)).toContain(`by ${DEPUTY.name}`);
    if (!javaScriptEnabled) await manager.reload();
    await manager.locator('.grant', { hasText: `by ${DEPUTY.name}` }).waitFor({ timeout: 5_000 });
    expect(visits).toHaveLength(javaScriptEnabled ? 0 : 1);
  });

  it('ended early, the wire blocks again, and says so on the local site', async () => {
    await onTheWire('blocked');
    await staff.goto(`http://127.0.0.1:${box.site.port}/why?name=${SOCIAL}`);
    expect(await main(staff)).toContain('Facebook is blocked on this device during opening hours');
  });

  it('the page says that it is in force by itself, and how long that took is printed', async () => {
    const taken: number[] = [];
    while (taken.length < ROUNDS) {
      await deputy.goto(address('give'));
      await deputy.check('[name=target][value="device:office-pc"]');
      await deputy.check('[name=scope][value="service:tiktok"]');
      await deputy.check('[name=until][value="10"]');
      await deputy.check('[name=forWhom][value=me]');
      await deputy.check('[name=reason][value="setting-page"]');
      taken.push(await fromPostUntil(deputy, 'form[action="/give"] button.primary', IN_FORCE));
      await deputy.click('form[action$="/end"] button');
    }
    console.log(`from the post to the box’s word: ${taken.join(', ')} ms`);
  });

  it('is on the record, all of it, by name', async () => {
    await manager.goto(address('record'));
    const sentences = await manager.locator('main li, main td').allTextContents();
    const record = sentences.join('\n');
    for (const sentence of [
      'Tracey invited Dee Deputy',
      'Dee Deputy accepted the invitation as deputy manager',
      'Sam O’Brien asked for Facebook on Office PC for 10 minutes',
      'Dee Deputy said yes to Sam O’Brien, who asked for Facebook: Just this once',
      'Dee Deputy allowed Facebook on Office PC until',
      'The box confirmed Facebook on Office PC: in force since',
      'Dee Deputy ended Facebook on Office PC',
    ]) {
      expect(record).toContain(sentence);
    }
    await manager.goto(address('record/verify'));
    await manager.click('form[action="/record/verify"] button');
    expect(await main(manager)).toContain('The record is as it was written');
  });
});

/**
 * What people do from the first sign-in to the record, in real Chromium by the keyboard alone: no mouse, and at each stop the
 * focus is somewhere, is seen and is on the screen.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../support/box-process.ts';
import { launchBrowser, missingBrowser } from '../support/browser.ts';
import { CodesApp } from '../support/codes-app.ts';
import { manager } from '../support/dashboard-client.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from '../support/dashboard-process.ts';
import { Keyboard } from '../support/keyboard.ts';
import { pair } from '../support/whole-setting.ts';

const absent = missingBrowser();
if (absent !== null) console.log(`test/e2e/keyboard: ${absent}`);

const IN_FORCE = 'In force on the box since';
const SAVE = 'button[name=step][value=save]';

describe.skipIf(absent !== null)('by the keyboard alone', () => {
  let dashboard: DashboardProcess;
  let ready: DashboardReady;
  let box: BoxProcess;
  let browser: Browser;
  let page: Page;
  let keys: Keyboard;
  let staff: Keyboard;
  let app: CodesApp;

  beforeAll(async () => {
    ({ dashboard, ready } = await startDashboardProcess());
    const devices = [{ id: 'office-pc', name: 'Office PC', group: 'setting', addresses: ['127.0.0.1'], macs: [] }];
    box = await prepareBox({ settings: { policy: alwaysOpenPolicy({ devices }) } });
    await pair(box, ready);
    await box.start();
    browser = await launchBrowser();
    const open = async (width: number) =>
      await (
        await browser.newContext({ viewport: { width, height: 900 }, locale: 'en-GB', reducedMotion: 'reduce' })
      ).newPage();
    page = await open(820);
    keys = new Keyboard(page);
    staff = new Keyboard(await open(390));
  });

  afterAll(async () => {
    await browser?.close();
    await box?.remove();
    await dashboard?.remove();
  });

  const goTo = (path: string) => page.goto(new URL(path, ready.url).href);
  const main = async (of: Page = page) => (await of.textContent('main')) ?? '';
  /** Behind “More”, which is unfolded first. */
  async function goByMenu(path: string): Promise<void> {
    await keys.unfold('nav .more summary');
    await keys.follow(`nav .more a[href="${path}"]`);
  }

  it('the dashboard is set up, with the codes of an app', async () => {
    await page.goto(ready.setupLink!);
    await keys.write('[name=settingName]', manager.settingName);
    await keys.write('[name=name]', manager.name);
    await keys.write('[name=email]', manager.email);
    await keys.write('[name=password]', manager.password);
    await keys.follow('main button[type=submit]');
    await goTo('/');
    app = CodesApp.ofPage(await page.content());
    await keys.write('[name=code]', await app.nextCode());
    await keys.follow('main button[type=submit]');
    await keys.follow('main a.primary');
    expect(await main()).toContain('The gate is working');
  });

  it('one signs out, and in again with password and code', async () => {
    await keys.follow('form[action="/sign-out"] button');
    await keys.write('[name=email]', manager.email);
    await keys.write('[name=password]', manager.password);
    await keys.follow('main form[action="/sign-in"] button[type=submit]');
    await keys.write('[name=code]', await app.nextCode());
    await keys.follow('main button[type=submit]');
    expect(await main()).toContain('The gate is working');
  });

  it('permission is given, prolonged and ended', async () => {
    await keys.follow('nav a[href="/give"]');
    await keys.tick('input[name=target][value="device:office-pc"]');
    await keys.choose('scope', 'service:facebook');
    await keys.choose('until', '10');
    await keys.choose('reason', 'setting-page');
    await keys.choose('forWhom', 'me');
    await keys.follow('form[action="/give"] button.primary');
    await page.getByText(IN_FORCE).first().waitFor();
    await keys.follow('form[action$="/extend"] button[value="30"]');
    expect(await main()).toContain('gave more time');
    await keys.follow('form[action$="/end"] button');
    await page.getByText(`by ${manager.name}`).first().waitFor();
  });

  it('a member of staff asks on a device, and is answered', async () => {
    await staff.page.goto(`http://127.0.0.1:${box.site.port}/`);
    await staff.follow('main a[href="/ask"]');
    await staff.to('[name=what]');
    await staff.page.keyboard.type('Facebook');
    await staff.write('[name=reason]', 'to answer a parent');
    await staff.write('[name=askedBy]', 'Aisha');
    await staff.follow('main button.primary');
    expect(await main(staff.page)).toContain('Waiting');
    await keys.follow('nav a[href="/"]');
    await page.getByText('Aisha asks for Facebook').waitFor();
    await keys.follow('.request button[value="10"]');
    await page.getByText(IN_FORCE).first().waitFor();
    await staff.page.getByText('You have permission').waitFor({ timeout: 10_000 });
  });

  it('a device is named', async () => {
    await keys.follow('nav a[href="/devices"]');
    await keys.follow('main a[href="/devices/new"]');
    await keys.write('[name=name]', 'Toddler room tablet');
    await keys.choose('group', 'setting');
    await keys.choose('user', 'shared');
    await keys.write('[name=macs]', 'dc:a6:32:01:02:03');
    await keys.follow('main form[action="/devices"] button.primary');
    await keys.follow(SAVE);
    expect(await main()).toContain('The device has been saved.');
    expect(await main()).toContain('Toddler room tablet');
  });

  it('a closure is added', async () => {
    await keys.follow('nav a[href="/hours"]');
    await keys.unfold('details:has(#closures-name-0) > summary');
    await keys.write('#closures-name-0', 'Christmas');
    await keys.writeDate('#closures-first-0', '2026-12-24');
    await keys.writeDate('#closures-last-0', '2027-01-02');
    await keys.follow('form[action="/hours"] button.primary');
    expect(await main()).toContain('24 December 2026');
    await keys.follow(SAVE);
    expect(await main()).toContain('The opening hours have been saved');
  });

  it('opening hours are changed after a look at what changes, and the change is undone', async () => {
    await keys.writeTime('[name=week-monday-to]', '20:00');
    await keys.follow('form[action="/hours"] button.primary');
    expect(await main()).toContain('00:00 to 20:00');
    await keys.follow(SAVE);
    expect(await main()).toContain('The opening hours have been saved');
    await keys.follow('main a[href="/policy/last-change"]');
    await keys.follow('form[action="/policy/last-change"] button');
    expect(await main()).toContain('The change has been undone.');
  });

  it('the notice is published, and acknowledged on a device', async () => {
    await goByMenu('/notice');
    await keys.write('[name=contact]', 'Tracey in the office');
    await keys.follow('form[action="/notice"] button.primary');
    await keys.follow(SAVE);
    expect(await main()).toContain('The notice has been published');
    await vi.waitFor(
      async () => {
        await staff.page.goto(`http://127.0.0.1:${box.site.port}/notice`);
        expect(await main(staff.page)).toContain('Tracey in the office');
      },
      { timeout: 10_000, interval: 100 },
    );
    await staff.write('main [name=name]', 'Aisha Khan');
    await staff.follow('form#read button.primary');
    expect(await main(staff.page)).toContain('It is noted that you have read the notice.');
  });

  it('the record is read and verified', async () => {
    await goByMenu('/record');
    const record = await main();
    for (const words of ['allowed Facebook on Office PC', 'added the device Toddler room tablet', 'monitoring notice'])
      expect(record).toContain(words);
    await keys.follow('main a[href="/record/verify"]');
    await keys.follow('form[action="/record/verify"] button');
    expect(await main()).toContain('The record is as it was written');
  });
});

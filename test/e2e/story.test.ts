/**
 * The story of the product, on real parts: Chromium, the Worker on workerd, the box with its threads and SQLite, and
 * nsd behind unbound as the internet. The box runs in this process, so that its clock can be moved.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../filter-agent/config.ts';
import { enrol } from '../../filter-agent/control/box-identity.ts';
import { type Box, startBox } from '../../filter-agent/main.ts';
import { alwaysOpenPolicy } from '../support/box-process.ts';
import { launchBrowser, missingBrowser, setUpAppOn } from '../support/browser.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from '../support/dashboard-process.ts';
import { askUdp, dataOf, type Server } from '../support/dns-client.ts';
import { freePort } from '../support/free-port.ts';
import { missing, type NameServer, startNsd, startUnbound } from '../support/name-servers.ts';

const absent = missingBrowser() ?? missing('nsd', 'unbound');
if (absent !== null) console.log(`test/e2e/story: ${absent}`);

const SOCIAL = 'www.facebook.com';
const MINUTE_MS = 60_000;

describe.skipIf(absent !== null)('a day with Stairgate', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'stairgate-story-'));
  let nsd: NameServer;
  let unbound: NameServer;
  let dashboard: DashboardProcess;
  let ready: DashboardReady;
  let box: Box;
  let browser: Browser;
  let manager: Page;
  let staff: Page;
  let server: Server;
  let site: string;
  /** How far the box's clock is ahead of this machine's. */
  let aheadMs = 0;

  beforeAll(async () => {
    nsd = await startNsd();
    unbound = await startUnbound(nsd);
    ({ dashboard, ready } = await startDashboardProcess());
    const [port, sitePort] = [await freePort(), await freePort()];
    server = { address: '127.0.0.1', port };
    site = `http://127.0.0.1:${sitePort}`;
    const settings = {
      listen: [`127.0.0.1:${port}`],
      upstreams: [`udp://${unbound.address}:${unbound.port}`],
      stateDir,
      localSite: { name: 'stairgate.home.arpa', port: sitePort, listen: ['127.0.0.1'] },
      clock: { mode: 'trust-system' },
      policy: alwaysOpenPolicy({
        devices: [{ id: 'office-pc', name: 'Office PC', group: 'setting', addresses: ['127.0.0.1'], macs: [] }],
      }),
    };
    const config = parseConfig(JSON.stringify(settings), 'story.yaml');
    await enrol({ stateDir, dashboardUrl: ready.url, code: ready.pairingCode, boxName: 'Story box' });
    box = await startBox({
      config,
      version: 'test',
      log: () => {},
      systemNow: () => Date.now() + aheadMs,
      onFatal: (error) => {
        throw error;
      },
    });
    browser = await launchBrowser();
    // The manager's tablet and a member of staff's phone, each with cookies of its own, and without JavaScript.
    const tablet = await browser.newContext({ viewport: { width: 820, height: 1180 }, javaScriptEnabled: false });
    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, javaScriptEnabled: false });
    manager = await tablet.newPage();
    staff = await phone.newPage();
  });

  afterAll(async () => {
    await browser?.close();
    await box?.stop();
    await dashboard?.remove();
    await unbound?.remove();
    await nsd?.remove();
    rmSync(stateDir, { recursive: true, force: true });
  });

  const blocked = async (host = SOCIAL) => dataOf(await askUdp(server, host), 'A').length === 0;

  /** How long it takes until the wire says so. */
  async function untilOnTheWire(wanted: 'blocked' | 'allowed', sinceMs: number): Promise<number> {
    await vi.waitFor(async () => expect(await blocked()).toBe(wanted === 'blocked'), { timeout: 5_000, interval: 10 });
    return Date.now() - sinceMs;
  }

  it('sets the dashboard up by its one-time link', async () => {
    await manager.goto(ready.setupLink!);
    await manager.fill('[name=settingName]', 'Little Acorns');
    await manager.fill('[name=name]', 'Tracey');
    await manager.fill('[name=email]', 'tracey@nursery.example');
    await manager.fill('[name=password]', 'correct horse battery');
    await manager.click('main button[type=submit]');
    await setUpAppOn(manager);
    expect(await manager.textContent('body')).toContain('The gate is working');
    const again = await manager.request.get(ready.setupLink!);
    expect(await again.text()).not.toContain('name="password"');
  });

  it('blocks a social host in opening hours, and the local site says why', async () => {
    expect((await askUdp(server, 'www.example.org')).rcode).toBe('NOERROR');
    expect(await blocked()).toBe(true);
    await staff.goto(`${site}/why?name=${SOCIAL}`);
    const why = await staff.textContent('main');
    expect(why).toContain('Facebook is blocked on this device during opening hours');
    expect(why).toContain('7.1.6');
  });

  it('takes a request on the local site to the manager, who allows it in one tap, and the wire obeys within a second', async () => {
    await staff.goto(`${site}/ask`);
    await staff.selectOption('[name=what]', 'service:facebook');
    await staff.selectOption('[name=minutes]', { index: 0 });
    await staff.fill('[name=reason]', 'to answer a parent on our page');
    await staff.fill('[name=askedBy]', 'Sam O’Brien');
    await staff.click('main button.primary');

    await vi.waitFor(
      async () => {
        await manager.goto(ready.url);
        expect(await manager.textContent('main')).toContain('Sam O’Brien');
      },
      { timeout: 5_000, interval: 200 },
    );
    const tappedMs = Date.now();
    const [, allowedMs] = await Promise.all([
      manager.click('.request button[value="10"]'),
      untilOnTheWire('allowed', tappedMs),
    ]);
    expect(allowedMs).toBeLessThanOrEqual(1_000);
    expect(await manager.textContent('main')).toContain('In force on the box since');
    expect(dataOf(await askUdp(server, SOCIAL), 'A')).toEqual(['192.0.2.1']);
    await staff.reload();
    expect(await staff.textContent('main')).toMatch(/granted|allowed/i);
  });

  it('turns a group’s safe search on the manager’s tablet, and the wire obeys within a second', async () => {
    const safeHosts = async () => dataOf(await askUdp(server, 'www.google.co.uk'), 'CNAME');
    expect(await safeHosts()).toEqual(['forcesafesearch.google.com']);
    await staff.goto(`${site}/why?name=www.google.co.uk`);
    expect(await staff.textContent('main')).toContain('shown on this device with safe search');
    await manager.goto(`${ready.url}devices`);
    await manager.click('a[href="/groups/setting/safe-search"]');
    await manager.check('[name=search][value=off]');
    await manager.click('form.card button.primary');
    expect(await manager.textContent('main')).toContain('Search engines show what they are set to show');
    expect(await safeHosts()).toEqual(['forcesafesearch.google.com']);
    const savedMs = Date.now();
    await manager.click('button[name=step][value=save]');
    await vi.waitFor(async () => expect(await safeHosts()).toEqual([]), { timeout: 5_000, interval: 10 });
    expect(Date.now() - savedMs).toBeLessThanOrEqual(1_000);
    expect(await manager.textContent('main')).toContain('Safe search: off.');
    await staff.reload();
    expect(await staff.textContent('main')).toContain('no rule speaks of it');
    await manager.goto(`${ready.url}record`);
    expect(await manager.textContent('main')).toMatch(/Tracey set safe search for .+: searches are shown as they are/);
  });

  it('ends the permission on time with the dashboard stopped', async () => {
    await dashboard.stop();
    expect(await blocked()).toBe(false);
    aheadMs = 9 * MINUTE_MS;
    expect(await blocked()).toBe(false);
    aheadMs = 11 * MINUTE_MS;
    await untilOnTheWire('blocked', Date.now());
  });

  it('shows the use and the story once when the dashboard is back', async () => {
    // Use that the dashboard could not be told of while it was away.
    for (let i = 0; i < 5; i++) await askUdp(server, SOCIAL);
    ready = await dashboard.start();
    await vi.waitFor(
      async () => {
        await manager.goto(`${ready.url}usage`);
        const usage = await manager.textContent('main');
        expect(usage).toContain('Facebook');
      },
      { timeout: 50_000, interval: 500 },
    );
    await manager.goto(`${ready.url}record`);
    const record = (await manager.textContent('main')) ?? '';
    expect(record.match(/Tracey allowed Facebook on Office PC/g)).toHaveLength(1);
    expect(record).toContain('to answer a parent on our page');
  });

  async function give(service: string): Promise<void> {
    await manager.goto(`${ready.url}give`);
    await manager.check('[name=target][value="device:office-pc"]');
    await manager.check(`[name=scope][value="service:${service}"]`);
    await manager.check('[name=until][value="60"]');
    await manager.check('[name=forWhom][value=me]');
    await manager.check('[name=reason][value="setting-page"]');
    await manager.click('form[action="/give"] button.primary');
    expect(await manager.textContent('main')).toContain('In force on the box since');
  }

  it('gives more time in one tap, and ends all of it early: the wire obeys within a second', async () => {
    await give('tiktok');
    await give('facebook');
    await untilOnTheWire('allowed', Date.now());
    expect(await blocked('www.tiktok.com')).toBe(false);
    await manager.click('form[action$="/extend"] button[value="10"]');
    expect(await manager.textContent('main')).toContain('Tracey gave more time at');
    expect(await manager.textContent('main')).toContain('In force on the box since');
    // An hour is over for what got no more time.
    aheadMs = 65 * MINUTE_MS;
    await vi.waitFor(async () => expect(await blocked('www.tiktok.com')).toBe(true), { timeout: 5_000, interval: 10 });
    expect(await blocked()).toBe(false);
    const tappedMs = Date.now();
    const [, blockedMs] = await Promise.all([
      manager.click('form[action$="/end"] button'),
      untilOnTheWire('blocked', tappedMs),
    ]);
    expect(blockedMs).toBeLessThanOrEqual(1_000);
  });

  it('opens a booked slot when its time comes, with the dashboard stopped, and closes it', async () => {
    const [date = '', time = ''] = new Date(Date.now() + 120 * MINUTE_MS)
      .toLocaleString('sv-SE', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'short' })
      .split(' ');
    await manager.goto(`${ready.url}give`);
    await manager.check('[name=target][value="device:office-pc"]');
    await manager.check('[name=scope][value="service:facebook"]');
    await manager.check('[name=until][value="60"]');
    await manager.check('[name=forWhom][value=me]');
    await manager.check('[name=reason][value="setting-page"]');
    await manager.click('summary:has-text("Book it for later")');
    await manager.fill('[name=fromDate]', date);
    await manager.fill('[name=fromTime]', time);
    await manager.click('form[action="/give"] button.primary');
    expect(await manager.textContent('main')).toContain('The box has it already');
    await dashboard.stop();
    expect(await blocked()).toBe(true);
    aheadMs = 121 * MINUTE_MS;
    await untilOnTheWire('allowed', Date.now());
    aheadMs = 182 * MINUTE_MS;
    await untilOnTheWire('blocked', Date.now());
  });
});

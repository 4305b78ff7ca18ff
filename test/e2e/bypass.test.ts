/**
 * A device that tries to go round the filter, from the question on the wire to the words on the manager's telephone: the
 * box with its threads and SQLite (in this process, so that its clock can be moved), the Worker on workerd, Chromium.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Config, parseConfig } from '../../filter-agent/config.ts';
import { enrol } from '../../filter-agent/control/box-identity.ts';
import { type Box, startBox } from '../../filter-agent/main.ts';
import { alwaysOpenPolicy } from '../support/box-process.ts';
import { launchBrowser, missingBrowser, setUpAppOn } from '../support/browser.ts';
import { type DashboardProcess, type DashboardReady, startDashboardProcess } from '../support/dashboard-process.ts';
import { askTcp, askUdp, type Server } from '../support/dns-client.ts';
import { freePort } from '../support/free-port.ts';

const absent = missingBrowser();
if (absent !== null) console.log(`test/e2e/bypass: ${absent}`);

const MINUTE_MS = 60_000;
const TABLET = '127.0.0.51';
const PHONE = '127.0.0.52';
const UNNAMED = '127.0.0.53';
/** Noon by the box's clock: no midnight comes between the tries. */
const NOON_MS = Math.floor(Date.now() / 86_400_000) * 86_400_000 + 12 * 60 * MINUTE_MS;
const SAID =
  /“Baby room tablet” tried to go round the filter on \d+ \w+: VPN services, in at least 3 minutes of the day/;

describe.skipIf(absent !== null)('a device that tries to go round the filter', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'stairgate-bypass-'));
  const log: string[] = [];
  let dashboard: DashboardProcess;
  let ready: DashboardReady;
  let config: Config;
  let box: Box;
  let browser: Browser;
  let manager: Page;
  let server: Server;
  let boxMs = NOON_MS;

  const start = async (): Promise<void> => {
    box = await startBox({
      config,
      version: 'test',
      log: (line) => log.push(line),
      systemNow: () => boxMs,
      onFatal: (error) => {
        throw error;
      },
    });
  };

  beforeAll(async () => {
    ({ dashboard, ready } = await startDashboardProcess());
    const [port, sitePort] = [await freePort(), await freePort()];
    server = { address: '127.0.0.1', port };
    const settings = {
      listen: [`127.0.0.1:${port}`],
      upstreams: ['udp://127.0.0.1:9'],
      stateDir,
      localSite: { name: 'stairgate.home.arpa', port: sitePort, listen: ['127.0.0.1'] },
      clock: { mode: 'trust-system' },
      policy: alwaysOpenPolicy({
        groups: [
          { id: 'setting', name: 'Setting devices', kind: 'setting' },
          { id: 'own', name: 'Staff’s own', kind: 'personal', categories: { bypass: 'always' } },
        ],
        networks: [{ name: 'Loopback', range: '127.0.0.0/8', group: 'setting' }],
        devices: [
          { id: 'tablet', name: 'Baby room tablet', group: 'setting', addresses: [TABLET], macs: [] },
          { id: 'phone', name: 'Kim’s phone', group: 'own', addresses: [PHONE], macs: [] },
        ],
      }),
    };
    config = parseConfig(JSON.stringify(settings), 'bypass.yaml');
    await enrol({ stateDir, dashboardUrl: ready.url, code: ready.pairingCode, boxName: 'Box' });
    await start();
    browser = await launchBrowser();
    const phone = await browser.newContext({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
    manager = await phone.newPage();
    await manager.goto(ready.setupLink!);
    for (const [field, text] of Object.entries({
      settingName: 'Little Acorns',
      name: 'Tracey',
      email: 'tracey@nursery.example',
      password: 'correct horse battery',
    }))
      await manager.fill(`[name=${field}]`, text);
    await manager.click('main button[type=submit]');
    await setUpAppOn(manager);
  });

  afterAll(async () => {
    await browser?.close();
    await box?.stop();
    await dashboard?.remove();
    rmSync(stateDir, { recursive: true, force: true });
  });

  /** The names, in each of so many minutes of the box's clock. */
  async function ask(from: string, names: readonly string[], minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute++) {
      for (const name of names) {
        const reply = await (minute % 2 === 0 ? askUdp : askTcp)(server, name, { from });
        expect(reply.rcode, name).toBe('NXDOMAIN');
      }
      await box.flushUsage();
      boxMs += MINUTE_MS;
    }
  }

  const nowPage = async (): Promise<string> => {
    await manager.goto(ready.url);
    return (await manager.textContent('main')) ?? '';
  };

  it('is told to nobody where devices ask by themselves, or where the device is a personal or an unnamed one', async () => {
    await ask(TABLET, ['use-application-dns.net', 'mask.icloud.com', 'mask-h2.icloud.com', 'doh.dns.apple.com'], 5);
    await ask(PHONE, ['api.nordvpn.com'], 5);
    await ask(UNNAMED, ['api.nordvpn.com', 'www.torproject.org'], 5);
    // Later in the same queue as what the box would have told of.
    await ask(TABLET, ['api.nordvpn.com'], 2);
    expect(log.filter((line) => line.includes('bypass'))).toEqual([]);
    expect(await nowPage()).not.toContain('round the filter');
  });

  it('is told to the manager after the third minute, by its name, with what to do', async () => {
    await ask(TABLET, ['api.surfshark.com'], 1);
    await vi.waitFor(async () => expect(await nowPage()).toMatch(SAID), { timeout: 15_000, interval: 200 });
    const page = await nowPage();
    expect(page).toContain('it is no proof that somebody meant to');
    expect(page).not.toMatch(/nordvpn|surfshark/);
    const picture = process.env.STAIRGATE_SCREENSHOTS;
    for (const [name, width, height] of [
      ['tablet', 820, 1180],
      ['phone', 360, 740],
    ] as const) {
      await manager.setViewportSize({ width, height });
      if (picture !== undefined)
        await manager.screenshot({ path: join(picture, `bypass-now-${name}.png`), fullPage: true });
      expect(await manager.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
  });

  it('is in the log without its name', () => {
    expect(log.filter((line) => line.includes('bypass'))).toHaveLength(1);
    expect(log.join('\n')).not.toMatch(/Baby room|tablet|nordvpn|surfshark/);
  });

  it('is in the record once for whoever saw it, however long the page stands open', async () => {
    for (let look = 0; look < 5; look++) await nowPage();
    await manager.goto(`${ready.url}record`);
    expect((await manager.textContent('main'))?.split('Tracey saw an alert about “Baby room tablet”')).toHaveLength(2);
  });

  it('is still told after the box has been started again, and who saw it is in the record', async () => {
    await box.stop();
    await start();
    await vi.waitFor(async () => expect(await nowPage()).toMatch(SAID), { timeout: 15_000, interval: 200 });
    await manager.goto(`${ready.url}record`);
    expect(await manager.textContent('main')).toContain('Tracey saw an alert about “Baby room tablet”');
  });
});

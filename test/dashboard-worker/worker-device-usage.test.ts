/** The figures of one device: what they are, who may see them, and that the people concerned are told who did. In workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { deviceViews, noteDeviceUsageSeen } from '../../dashboard-worker/setting/who-looked.ts';
import { DEVICE_VIEWS_MAX, type DeviceViewsPayload, type UsageRow } from '../../policy-rules/agent-protocol.ts';
import {
  applyMigrations,
  Box,
  type Browser,
  bindings,
  colleague,
  device,
  eventually,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of today and of yesterday, both after people have been told. */
const nextHour = (Math.floor(Date.now() / HOUR_MS) + 1) * HOUR_MS;

let browser: Browser;
let dsl: Browser;
let staff: Browser;
let setting: string;
let remote: ReturnType<typeof settingOf>;
let box: Box;

beforeAll(async () => {
  await applyMigrations();
  browser = await setUpAndSignIn();
  setting = await browser.setting();
  remote = settingOf(bindings, setting);
  [dsl, staff] = [await colleague('dsl', setting), await colleague('staff', setting)];
  box = await Box.enrolled();
  const phone = { ...device('anna-phone', 'Anna’s phone', '192.168.1.77'), group: 'staff-personal' };
  const tablet = { ...device('tablet', 'Tablet', '192.168.1.30'), user: { kind: 'shared' } as const };
  box.policy = { ...box.policy, devices: [...box.policy.devices, tablet, phone] };
  await box.connect();
  await box.next('policy');
  expect(await toldToBox()).toMatchObject({ views: [], reportingSince: null });
});

describe('the figures of one device', () => {
  it('are not there before people have been told: nothing is shown, and so nothing seen', async () => {
    const page = await browser.page('/devices/office-pc/usage');
    expect(page).toContain('Figures of single devices are not kept yet');
    expect(page).not.toContain('is on the record');
    expect(await browser.page('/usage')).not.toContain('/devices/office-pc/usage');
    expect(await browser.page('/record?kind=view')).not.toContain('the device Office PC');
  });

  it('are a figure for each day and kind of service, and name no service', async () => {
    await remote.publishNotice({ seenBy: ['Us'], contact: 'us', more: [] }, 0, { id: 'x', name: 'X' });
    expect((await lastTold()).reportingSince).toBeNull();
    const begun = Date.now();
    await remote.dateAssessment('2026-10-01', { id: 'x', name: 'X' });
    const { reportingSince } = await lastTold();
    expect(reportingSince).toBeGreaterThanOrEqual(begun);
    // Another date, or a newer notice, tells nobody that it begins anew.
    await remote.dateAssessment('2026-10-02', { id: 'x', name: 'X' });
    await remote.publishNotice({ seenBy: ['Us'], contact: 'them', more: [] }, 1, { id: 'x', name: 'X' });
    expect((await lastTold()).reportingSince).toBe(reportingSince);
    const row: UsageRow = {
      ...{ device: 'office-pc', service: 'facebook', verdict: 'blocked', hourStart: nextHour },
      ...{ count: 5, minutesLow: 0b111, minutesHigh: 0b1 },
    };
    const rows: UsageRow[] = [
      row,
      { ...row, service: 'instagram' },
      { ...row, service: 'youtube', verdict: 'granted' },
      { ...row, device: 'tablet' },
      { ...row, device: '', minutesHigh: 0b111111 },
    ];
    box.send({ type: 'usage-batch', seq: 1, rows });
    await box.next('usage-ack');
    await run(`INSERT INTO usage_days VALUES ('office-pc', 'tiktok', 'blocked', '2026-10-05', 9, 7)`);
    await run(`INSERT INTO usage_days VALUES ('office-pc', 'facebook', 'blocked', '2026-10-11', 9, 4)`);
    const page = await browser.page('/devices/office-pc/usage');
    const text = page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
    // Two services of one kind.
    expect(text).toMatch(/Social networking 8 0/);
    expect(text).toMatch(/Video sharing 0 4/);
    // The newest week by day, and each by its sum; another one is a link away.
    expect(text).toMatch(/Week from 5 October 2026 11 0/);
    expect(text).not.toContain('Monday 5 October');
    const before = await browser.page('/devices/office-pc/usage?week=2026-10-05');
    expect(before.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')).toMatch(
      /Sunday 11 October 4 0 Social networking 4 0 Monday 5 October 7 0 Video sharing 7 0/,
    );
    expect(text).toMatch(/Active minutes in the last 90 days: 19 blocked, 4 allowed by permission/);
    expect(await browser.page('/devices/office-pc/usage?week=nonsense')).toContain('aria-current="page">Week from');
    for (const name of ['Facebook', 'Instagram', 'YouTube', 'TikTok', 'facebook.com']) expect(page).not.toContain(name);
    expect(text).toContain('Several people may use this device');
    expect(await browser.page('/usage')).toContain('href="/devices/office-pc/usage"');
  });

  it('are of the setting’s own devices alone', async () => {
    expect((await browser.get('/devices/anna-phone/usage')).status).toBe(404);
    expect((await browser.get('/devices/nobodys/usage')).status).toBe(404);
    expect(await browser.page('/usage')).not.toContain('anna-phone');
    expect((await staff.get('/devices/office-pc/usage')).status).toBe(403);
  });

  it('are seen by nobody unseen: each view is on the record once an hour, and the box is told at once', async () => {
    expect(await viewsOnRecord('Tracey Field looked at the usage figures of the device Office PC')).toBe(1);
    expect((await lastTold()).views).toMatchObject([{ device: 'office-pc', by: 'Tracey Field', what: 'figures' }]);
    await dsl.page('/devices/office-pc/usage');
    await dsl.page('/devices/office-pc/usage');
    expect(await viewsOnRecord('A dsl looked at the usage figures of the device Office PC')).toBe(1);
    const told = await lastTold();
    expect(told.views.map(({ by }) => by)).toEqual(['A dsl', 'Tracey Field']);
    expect(Object.keys(told.views[0]!).sort()).toEqual(['at', 'by', 'device', 'what']);
    // Whoever works there sees it without the box, too.
    expect(await staff.page('/account/record')).toContain('A dsl looked at the usage figures of the device Office PC');
  });

  it('are told of with the alerts about a device that somebody saw, again at every connect, and to no one else’s box', async () => {
    const since = Date.now() - 60_000;
    box.send(box.health({ alerts: [{ code: 'bypass:tablet:vpn', text: 'Tablet tries to go round', since }] }));
    await eventually(
      () => browser.page('/'),
      (page) => page.includes('tries to go round'),
    );
    const views = [
      { device: 'tablet', by: 'Tracey Field', what: 'alert' },
      { device: 'office-pc', by: 'A dsl', what: 'figures' },
      { device: 'office-pc', by: 'Tracey Field', what: 'figures' },
    ];
    expect((await lastTold()).views).toMatchObject(views);
    box.disconnect();
    await box.closed();
    await dsl.page('/devices/tablet/usage');
    await box.connect();
    expect((await toldToBox()).views).toMatchObject([{ device: 'tablet', by: 'A dsl', what: 'figures' }, ...views]);
  });

  it('are told of no further back than such figures are kept, and where there are too many not as if it were all', async () => {
    const stub = bindings.SETTING.get(bindings.SETTING.idFromName(setting));
    await runInDurableObject(stub, async (_: Setting, { storage }) => {
      const store = new Store(storage);
      const nowMs = Date.now();
      expect(deviceViews(store, nowMs).since).toBe(nowMs - 90 * DAY_MS);
      expect(deviceViews(store, nowMs + 91 * DAY_MS).views).toEqual([]);
    });
    await runInDurableObject(stub, async (_: Setting, { storage }) => {
      const store = new Store(storage);
      const seen = { id: 'office-pc', name: 'Office PC' };
      for (let nth = 0; nth < DEVICE_VIEWS_MAX; nth += 1) {
        noteDeviceUsageSeen(store, seen, { id: `reader-${nth}`, name: `Reader ${nth}` }, Date.now());
      }
      const { views, since } = deviceViews(store, Date.now());
      expect(views).toHaveLength(DEVICE_VIEWS_MAX);
      expect(since).toBe(views.at(-1)!.at);
    });
  });
});

/** The next that comes, as the setting signed it. */
async function toldToBox(): Promise<DeviceViewsPayload> {
  return await box.readViews(await box.next('device-views'));
}

/** After everything that has been sent. */
async function lastTold(): Promise<DeviceViewsPayload> {
  let told = await toldToBox();
  while (box.received.some(({ type }) => type === 'device-views')) told = await toldToBox();
  return told;
}

async function viewsOnRecord(sentence: string): Promise<number> {
  return (await browser.page('/record?kind=view')).split(sentence).length - 1;
}

async function run(sql: string): Promise<void> {
  const stub = bindings.SETTING.get(bindings.SETTING.idFromName(setting));
  await runInDurableObject(stub, (_: Setting, { storage }) => void storage.sql.exec(sql));
}

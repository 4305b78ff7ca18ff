/** Where each role arrives, what is recorded about oneself, and what the chair sees: in workerd, from real grants. */
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { type RoleId, roleIds } from '../../dashboard-worker/accounts/rights.ts';
import {
  applyMigrations,
  Box,
  type Browser,
  bindings,
  colleague,
  eventually,
  hostRequest,
  manager,
  setUpAndSignIn,
} from './worker-fixtures.ts';

let browser: Browser;
let setting: string;
let box: Box;
const them = {} as Record<RoleId, Browser>;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
  setting = await browser.setting();
  box = await Box.connected();
  await eventually(
    async () => box.policy.version,
    (version) => version === 1,
  );
  for (const role of roleIds) them[role] = await colleague(role, setting);
});

describe('the address of the dashboard', () => {
  it.each([
    ['manager', '/'],
    ['deputy', '/'],
    ['dsl', '/'],
    ['chair', '/record'],
    ['committee', '/year'],
    ['installer', '/devices'],
    ['staff', '/account'],
  ] as const)('leads a %s to %s, and no link there ends at a refusal', async (role, arrival) => {
    const first = await them[role].get('/');
    expect(first.headers.get('location') ?? '/').toBe(arrival);
    const page = await them[role].page(arrival);
    const links = new Set(
      [...page.matchAll(/<a [^>]*href="(\/[^"#]*)"/g)].map(([, href]) => href!.replaceAll('&amp;', '&')),
    );
    expect(links.size).toBeGreaterThan(2);
    for (const href of links) {
      const { status } = await them[role].get(href);
      expect({ href, allowed: status === 200 || status === 303 }).toEqual({ href, allowed: true });
    }
  });
});

describe('what is recorded about oneself', () => {
  it('is all that one did and nothing of others', async () => {
    await them.installer.post('/box/pairing-code', {});
    const own = await them.installer.page('/account/record');
    expect(own).toContain('A installer made a pairing code');
    expect(own).toContain('A installer set up an app that shows codes');
    expect(own).not.toContain(manager.name);
    expect(await them.staff.page('/account/record')).not.toContain('pairing code');
  });

  it('is also what others did to the account', async () => {
    const row = await bindings.ACCOUNTS.prepare("SELECT id FROM user WHERE name = 'A committee'").first<{
      id: string;
    }>();
    await browser.post(`/people/${row!.id}/role`, { role: 'staff' });
    await browser.post(`/people/${row!.id}/role`, { role: 'committee' });
    expect(await them.committee.page('/account/record')).toContain(
      'Tracey Field changed the role of A committee to member of staff',
    );
  });

  it('says to staff who looked at what a device did, and to the committee nothing of it', async () => {
    expect(await them.staff.page('/account/record')).toContain('Nobody did.');
    const since = Date.now() - 60_000;
    box.send(box.health({ alerts: [{ code: 'bypass:office-pc:vpn', text: 'Office PC tries to go round', since }] }));
    await eventually(
      () => browser.page('/'),
      (page) => page.includes('tries to go round'),
    );
    expect(await them.staff.page('/account/record')).toContain('Tracey Field saw an alert about “Office PC”');
    for (const role of ['chair', 'committee', 'installer'] as const) {
      expect(await them[role].page('/account/record')).not.toContain('Office PC');
    }
  });
});

describe('the chair', () => {
  it('sees what the manager allowed themselves, with the reason and without the device', async () => {
    expect(await them.chair.page('/year/self-grants')).toContain('There is none.');
    await give({ reason: 'other', reasonText: 'ordering craft paper', until: '60' });
    await give({ forWhom: 'other', askedBy: 'Jo', reason: 'training', reasonText: '' });
    const page = await them.chair.page('/year/self-grants');
    expect(page).toContain('Tracey Field allowed Facebook for themselves: Ordering craft paper');
    expect(page.split('allowed Facebook for themselves').length - 1).toBe(1);
    expect(page).not.toMatch(/Office PC|office-pc|Training/);
    expect(page).toMatch(/<dd>1<\/dd>/);
    expect((await them.committee.get('/year/self-grants')).status).toBe(403);
    expect(await them.chair.page('/year')).toContain('href="/year/self-grants"');
    expect(await them.committee.page('/year')).not.toContain('self-grants');
  });

  it('sees it as one line with its extension and its early end', async () => {
    const [story] = (await settingOf(bindings, setting).now({ id: 'x', name: 'x' })).grants.filter(
      ({ toSelf }) => toSelf,
    );
    await browser.post(`/grants/${story!.id}/extend`, { more: '10', ends: String(story!.until), back: 'now' });
    await browser.post(`/grants/${story!.id}/end`, { back: 'now' });
    const page = await them.chair.page('/year/self-grants');
    expect(page.split('allowed Facebook for themselves').length - 1).toBe(1);
    expect(page).toContain('Ended early, at');
  });

  it('sees it in a copy of the record, by the same words', async () => {
    const everything = { kind: '', from: '', to: '', person: '', device: '' };
    const copy = await (await browser.post('/record/export', { format: 'csv', ...everything })).text();
    expect(copy).toMatch(
      /Tracey Field allowed Facebook on Office PC until [^"]*: ordering craft paper \(For themselves\)/,
    );
    expect(copy).toMatch(/Tracey Field allowed Facebook on Office PC until [^"]*: training"/);
    for (const page of ['/record', '/year']) expect(await browser.page(page)).toContain('For themselves');
  });

  it('sees what was asked for by first name and answered by the same person', async () => {
    const request = { id: crypto.randomUUID(), device: 'office-pc', scope: { service: 'tiktok' } };
    const words = { minutes: 10, reason: 'a recipe', askedBy: 'Tracey F.', askedAt: Date.now() };
    box.send({ type: 'request', request: { ...request, ...words } });
    await box.next('request-ack');
    await browser.post(`/requests/${request.id}/answer`, { answer: '10', reason: 'ask-later', yesReason: 'none' });
    expect(await them.chair.page('/year/self-grants')).toContain(
      'Tracey Field allowed TikTok for themselves: A recipe',
    );
  });

  it('sees what somebody extended for themselves, but not what they extended for others', async () => {
    const remote = settingOf(bindings, setting);
    const wish = {
      ...{ targets: [{ device: 'office-pc' }], until: { minutes: 20 }, reason: 'by a colleague' },
      ...({ purpose: 'personal', mode: 'verbal' } as const),
    };
    for (const [askedBy, service] of [
      ['Tracey Field', 'pinterest'],
      ['Tracey Fisher', 'reddit'],
    ] as const) {
      const given = await remote.giveGrant(
        { ...wish, askedBy, scope: { service } },
        { id: 'other', name: 'Sam Deputy' },
      );
      if (!given.ok) throw new Error(given.problem);
      const { grant } = (await remote.grant(given.id))!;
      expect(grant.toSelf).toBe(false);
      await browser.post(`/grants/${given.id}/extend`, { more: '10', ends: String(grant.until), back: 'now' });
      expect((await remote.grant(given.id))!.grant.toSelf).toBe(askedBy === 'Tracey Field');
    }
    const page = await them.chair.page('/year/self-grants');
    expect(page).toContain('Tracey Field allowed Pinterest for themselves');
    expect(page).not.toMatch(/Sam Deputy allowed|Reddit/);
    const { grants } = await remote.year(null, null, false, { id: 'x', name: 'x' });
    expect(grants).toMatchObject({ total: 5, toSelf: 3 });
  });

  it('reads the record without devices, and without those who asked', async () => {
    const page = await them.chair.page('/record');
    expect(page).toContain('Tracey Field allowed Facebook on a device until');
    expect(page).toContain('training');
    expect(page).not.toMatch(/Office PC|office-pc|For Jo|craft paper/);
    expect(await them.dsl.page('/record')).toContain('Tracey Field allowed Facebook on Office PC until');
    // Looking for a name would say whether it is there.
    const found = (html: string) => /<p>([\d,]+ entries)<\/p>/.exec(html)?.[1];
    for (const query of ['device=Office', 'device=nothing', 'person=Jo', 'person=nobody']) {
      const searched = await them.chair.page(`/record?${query}`);
      expect({ query, found: found(searched) }).toEqual({ query, found: found(await them.chair.page('/record')) });
      expect(searched).not.toContain('name="device"');
    }
    expect((await them.chair.post('/record/export', { format: 'csv' })).status).toBe(403);
  });
});

async function give(fields: Record<string, string>): Promise<void> {
  const form = {
    ...{ target: 'device:office-pc', scope: 'service:facebook', until: '10', untilTime: '', reason: 'parent-reply' },
    ...{ reasonText: '', purpose: 'personal', mode: 'verbal', forWhom: 'me', askedBy: '', request: '' },
  };
  const response = await browser.post('/give', { ...form, ...fields });
  expect(response.status).toBe(303);
}

describe('the committee', () => {
  it('chooses whole months, so that no two periods differ by a single count', async () => {
    const page = (query: string) => them.committee.page(`/year?${query}`);
    const today = new Date().toISOString().slice(0, 10);
    const month = today.slice(0, 7);
    const whole = await page(`from=${month}&to=${month}`);
    expect(whole).toContain('<select id="from" name="from">');
    const shown = (html: string) => /<article.*<\/article>/s.exec(html)?.[0];
    // Days that are sent all the same mean their months.
    expect(shown(await page(`from=${today}&to=${today}`))).toBe(shown(whole));
    expect(shown(await page(`from=${month}-01&to=${month}-01`))).toBe(shown(whole));
    const lastYear = await page('from=2026-02-07&to=2026-02-08');
    expect(lastYear).toContain('1 February 2026 to 28 February 2026');
    expect(await page('from=2023-11-05&to=2024-02-02')).toContain('1 November 2023 to 29 February 2024');
    // Who reads the record has the days there.
    expect(await them.chair.page('/year?from=2026-02-07&to=2026-02-08')).toContain(
      '7 February 2026 to 8 February 2026',
    );
  });
});

describe('a right over the rules', () => {
  it('shows and takes back no change of devices without the right over devices', async () => {
    const held = 'SELECT user_id FROM memberships WHERE setting_id = ? AND role = ?';
    const { user_id } = (await bindings.ACCOUNTS.prepare(held).bind(setting, 'dsl').first<{ user_id: string }>())!;
    const delegate = (...rights: string[]) =>
      bindings.ACCOUNTS.prepare('UPDATE memberships SET extra_json = ? WHERE user_id = ?')
        .bind(JSON.stringify(rights), user_id)
        .run();
    const before = { name: 'Office PC', group: 'setting', addresses: ['192.168.1.20'], macs: [] };
    const user = { kind: 'person', name: 'Kimberley Hall' } as const;
    const remote = settingOf(bindings, setting);
    const actor = { id: 'user-1', name: 'Tracey Field' };
    await remote.changePolicy({ kind: 'save-device', id: 'office-pc', device: { ...before, user } }, actor);
    await delegate('policy.change');
    const page = await them.dsl.page('/policy/last-change');
    expect(page).toContain('The last change was of devices');
    expect(page).not.toContain('Kimberley');
    const { policy } = await remote.policy();
    const undo = () => them.dsl.post('/policy/last-change', { version: String(policy.version) });
    expect((await undo()).status).toBe(403);
    expect((await remote.policy()).policy).toEqual(policy);
    expect(await browser.page('/record?kind=account')).toContain(
      'A dsl was refused what they have no right to: changing devices',
    );
    await delegate('policy.change', 'device.change');
    expect(await them.dsl.page('/policy/last-change')).toContain('Kimberley Hall');
    expect((await undo()).status).toBe(303);
    expect((await remote.policy()).policy.devices).toMatchObject([{ id: 'office-pc' }]);
    expect(JSON.stringify((await remote.policy()).policy.devices)).not.toContain('Kimberley');
    await delegate();
  });
});

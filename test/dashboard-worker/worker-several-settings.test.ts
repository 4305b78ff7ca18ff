/** Somebody who belongs to two settings: coming to the second with the account of the first, and going to and fro. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { invite } from '../../dashboard-worker/accounts/invitations.ts';
import type { RoleId } from '../../dashboard-worker/accounts/rights.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { CodesApp } from '../support/codes-app.ts';
import {
  applyMigrations,
  Browser,
  bindings,
  colleague,
  hostRequest,
  manager,
  otherSetting,
  setUpAndSignIn,
} from './worker-fixtures.ts';

let browser: Browser;
let halstead: string;
let openshaw: string;
let theirManager: Browser;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
  halstead = await browser.setting();
  openshaw = (await otherSetting()).id;
  theirManager = await colleague('manager', openshaw);
});

describe('an invitation to a second setting', () => {
  it('leads through signing in, and is accepted without a second account', async () => {
    const path = await inviteTo(openshaw, 'Tracey', 'deputy');
    const visitor = new Browser();
    const link = /href="(\/sign-in\?next=[^"]+)"/.exec(await visitor.page(path))?.[1] ?? '';
    expect((await visitor.get(link)).status).toBe(200);
    const signedIn = await visitor.signIn(manager.email, manager.password, path);
    expect(signedIn.headers.get('location')).toBe(path);
    const page = await visitor.page(path);
    expect(page).toContain('Tracey Field, with tracey@nursery.example');
    expect(page).toContain('deputy manager');
    expect(page).not.toContain('type="password"');
    const accounts = await count('user');
    const accepted = await visitor.post(`${path}/accept`, {});
    expect(accepted.headers.get('location')).toBe('/');
    // At once in the setting that they have just joined.
    expect(await visitor.page('/')).toContain('Openshaw Nursery');
    expect((await visitor.get('/people')).status).toBe(403);
    expect(await count('user')).toBe(accounts);
    const record = await theirManager.page('/record');
    expect(record).toContain('Tracey Field accepted the invitation as deputy manager');
    expect(record).toContain('Tracey Field signed in');
    expect((await visitor.post(`${path}/accept`, {})).status).toBe(410);
  });

  it('is not taken from somebody who has not given both factors', async () => {
    const path = await inviteTo(openshaw, 'Nobody', 'manager');
    const stranger = new Browser();
    const half = new Browser();
    await half.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    for (const visitor of [stranger, half]) {
      const refused = await visitor.post(`${path}/accept`, {});
      expect(refused.headers.get('location')).toBe(`/sign-in?${new URLSearchParams({ next: path })}`);
      expect(await visitor.page(path)).toContain('Choose a password');
    }
    const elsewhere = await browser.post(`${path}/accept`, {}, 'http://elsewhere.example');
    expect(elsewhere.status).toBe(403);
    const managers = await bindings.ACCOUNTS.prepare(
      "SELECT count(*) AS n FROM memberships WHERE role = 'manager'",
    ).first<{ n: number }>();
    expect(managers).toEqual({ n: 2 });
  });

  it('is joined by nobody else than the page said, also where they signed in at the same browser meanwhile', async () => {
    const path = await inviteTo(openshaw, 'Tracey again', 'staff');
    const deputy = await colleague('deputy', halstead);
    const shown = /name="as" value="([^"]+)"/.exec(await deputy.page(path))![1]!;
    const before = await count('memberships');
    const answer = await browser.post(`${path}/accept`, { as: shown });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Tracey Field, with tracey@nursery.example');
    expect(await count('memberships')).toBe(before);
    expect((await deputy.post(`${path}/accept`, { as: shown })).status).toBe(303);
    await bindings.ACCOUNTS.exec("DELETE FROM user WHERE name = 'A deputy'");
  });

  it('is not spent by somebody who belongs there already', async () => {
    const path = await inviteTo(halstead, 'Other', 'staff');
    const refused = await browser.post(`${path}/accept`, {});
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain('You belong to Halstead Nursery already');
    expect(await new Browser().page(path)).toContain('Join Halstead Nursery');
  });
});

describe('going to another setting', () => {
  it('ends the session in the one before, and says in the other’s record that they came', async () => {
    expect(await browser.page('/')).toMatch(/<a class="touch" href="\/settings">/);
    const list = await browser.page('/settings');
    expect(list).toContain('Halstead Nursery');
    expect(list).toContain('Openshaw Nursery');
    const before = new Browser();
    await before.signIn();
    const old = before.cookies();
    expect((await before.post('/settings/switch', { to: openshaw })).headers.get('location')).toBe('/');
    expect(await before.page('/')).toContain('Openshaw Nursery');
    const dead = await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM session WHERE token = ?')
      .bind(tokenIn(old))
      .first<{ n: number }>();
    expect(dead).toEqual({ n: 0 });
    // And back again.
    await before.post('/settings/switch', { to: halstead, setting: openshaw });
    expect(await before.page('/people')).toContain('Halstead Nursery');
  });

  it('leaves a page that was open in the other without any effect, in both', async () => {
    const person = new Browser();
    await person.signIn();
    const form = { name: 'Invited from the wrong place', role: 'staff', setting: halstead };
    const grant = { target: 'group:setting', setting: halstead };
    await person.post('/settings/switch', { to: openshaw, setting: halstead });
    const before = await everything();
    for (const [path, fields] of [
      ['/people/invitations', form],
      ['/give/emergency', grant],
      ['/hours/open-today', { name: 'X', from: '18:00', to: '20:00', setting: halstead }],
      ['/settings/switch', { to: openshaw, setting: halstead }],
    ] as const) {
      const refused = await person.post(path, fields);
      expect({ path, status: refused.status }).toEqual({ path, status: 404 });
      expect(await refused.text()).toContain('That page was of another setting');
    }
    expect(await everything()).toEqual(before);
  });

  it('is for those who belong there', async () => {
    const before = await everything();
    for (const to of [halstead, crypto.randomUUID(), '']) {
      expect((await theirManager.post('/settings/switch', { to, setting: openshaw })).status).toBe(404);
    }
    expect(await everything()).toEqual(before);
    expect(await theirManager.page('/')).not.toContain('href="/settings"');
  });

  it('keeps nobody signed in for longer, also where the session was about to be prolonged', async () => {
    const person = new Browser();
    await person.signIn();
    const began = new Date(Date.now() - 5 * 3_600_000).toISOString();
    const expires = new Date(Date.now() + 7 * 3_600_000).toISOString();
    await bindings.ACCOUNTS.prepare('UPDATE session SET createdAt = ?, updatedAt = ?, expiresAt = ? WHERE token = ?')
      .bind(began, began, expires, tokenIn(person.cookies()))
      .run();
    await person.post('/settings/switch', { to: openshaw, setting: halstead });
    expect(await person.page('/')).toContain('Openshaw Nursery');
    const session = await bindings.ACCOUNTS.prepare(
      'SELECT createdAt, strength, settingId FROM session WHERE token = ?',
    )
      .bind(tokenIn(person.cookies()))
      .first();
    expect(session).toEqual({ createdAt: began, strength: 'two-factors', settingId: openshaw });
  });
});

it('what somebody changes of their account is on the record of each of their settings', async () => {
  const person = new Browser();
  await person.signIn();
  const before = await theirManager.page('/record');
  const seen = (page: string, words: string) => page.split(`Tracey Field ${words}`).length - 1;
  const other = new Browser();
  await other.signIn();
  expect((await person.post('/account/sessions/end-others', {})).status).toBe(303);
  expect((await person.post('/account/recovery-codes', { codesPassword: manager.password })).status).toBe(200);
  const app = CodesApp.ofPage(await person.page('/account/app'));
  const moved = await person.post('/account/app', { code: await app.nextCode(), password: manager.password });
  expect(moved.status).toBe(200);
  const newPassword = 'four words to remember';
  const change = { currentPassword: manager.password, newPassword };
  expect((await person.post('/account/password', change)).status).toBe(303);
  const after = await theirManager.page('/record');
  for (const words of [
    'signed out everywhere else',
    'made new recovery codes',
    'set up an app that shows codes',
    'changed their password',
  ]) {
    expect(seen(after, words), words).toBe(seen(before, words) + 1);
    expect(seen(await person.page('/record'), words), words).toBeGreaterThan(0);
  }
  await person.post('/account/password', { currentPassword: newPassword, newPassword: manager.password });
  await bindings.ACCOUNTS.exec('DELETE FROM codes_apps');
  browser = new Browser();
  await browser.signIn();
  await browser.setUpApp();
  expect(seen(await theirManager.page('/record'), 'set up an app that shows codes')).toBe(
    seen(after, 'set up an app that shows codes') + 1,
  );
});

it('who leaves one of two is signed out of that one only, and keeps the account', async () => {
  const [here, there] = [new Browser(), new Browser()];
  await here.signIn();
  await here.post('/settings/switch', { to: openshaw, setting: halstead });
  await here.post('/settings/switch', { to: halstead, setting: openshaw });
  await there.signIn();
  await there.post('/settings/switch', { to: openshaw, setting: halstead });
  const { id } = (await bindings.ACCOUNTS.prepare('SELECT id FROM user WHERE email = ?')
    .bind(manager.email)
    .first<{ id: string }>())!;
  expect((await theirManager.post(`/people/${id}/remove`, {})).status).toBe(303);
  expect((await there.get('/')).headers.get('location')).toMatch(/^\/sign-in/);
  expect(await here.page('/people')).toContain('Halstead Nursery');
  expect(await here.page('/')).not.toContain('href="/settings"');
  expect((await here.post('/settings/switch', { to: openshaw, setting: halstead })).status).toBe(404);
});

// The last one: it ends every session of the person.
it('the second factor of somebody who belongs to both is reset by whoever manages both, and by nobody else', async () => {
  const query = bindings.ACCOUNTS.prepare('SELECT id FROM user WHERE email = ?');
  const id = await query.bind(manager.email).first<string>('id');
  const join = (userId: string | null, setting: string, role: RoleId) =>
    bindings.ACCOUNTS.prepare(
      'INSERT OR REPLACE INTO memberships (user_id, setting_id, role, since) VALUES (?, ?, ?, 2)',
    )
      .bind(userId, setting, role)
      .run();
  await join(id, openshaw, 'deputy');
  browser = new Browser();
  await browser.signIn();
  const before = await everything();
  const page = await theirManager.page('/people');
  expect(page).not.toContain(`/people/${id}/second-factor`);
  expect(page).toContain('Tracey Field also belongs to a setting that you do not manage');
  // With the password, which a manager may have been told, it would open the other setting to them.
  const refused = await theirManager.post(`/people/${id}/second-factor`, { setting: openshaw });
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain('That was not done');
  expect((await browser.get('/')).status).toBe(200);
  expect(await everything()).toEqual(before);

  const theirId = await bindings.ACCOUNTS.prepare(
    "SELECT user_id FROM memberships WHERE setting_id = ? AND role = 'manager'",
  )
    .bind(openshaw)
    .first<string>('user_id');
  await join(theirId, halstead, 'deputy');
  expect((await theirManager.post(`/people/${id}/second-factor`, { setting: openshaw })).status).toBe(409);
  await join(theirId, halstead, 'manager');
  expect((await theirManager.post(`/people/${id}/second-factor`, { setting: openshaw })).status).toBe(201);
  expect((await browser.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
  const words = 'A manager let Tracey Field set up their second factor anew';
  expect(await theirManager.page('/record')).toContain(words);
  const manageress = await colleague('manager', halstead);
  expect(await manageress.page('/record')).toContain(words);
});

/** The path of the link. */
async function inviteTo(setting: string, name: string, role: RoleId): Promise<string> {
  const inviter = await bindings.ACCOUNTS.prepare(
    "SELECT user_id FROM memberships WHERE setting_id = ? AND role = 'manager'",
  )
    .bind(setting)
    .first<string>('user_id');
  const { token } = await invite(bindings, setting, { name, role }, { id: inviter!, name: 'Somebody' });
  return `/invitation/${token}`;
}

async function count(table: string): Promise<number> {
  return (await bindings.ACCOUNTS.prepare(`SELECT count(*) AS n FROM "${table}"`).first<{ n: number }>())!.n;
}

function tokenIn(cookies: string): string {
  return decodeURIComponent(/stairgate-session=([^;]+)/.exec(cookies)?.[1] ?? '').split('.')[0]!;
}

/** How many rows each table of both settings has, and each that they share. */
async function everything(): Promise<unknown> {
  const tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'";
  const inObject = (id: string) =>
    runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(id)), (_: Setting, { storage }) =>
      storage.sql
        .exec<{ name: string }>(tables)
        .toArray()
        .map(({ name }) => [name, storage.sql.exec(`SELECT count(*) AS n FROM "${name}"`).one().n]),
    );
  const { results } = await bindings.ACCOUNTS.prepare(tables).all<{ name: string }>();
  const shared = await Promise.all(results.map(async ({ name }) => [name, await count(name)]));
  return [await inObject(halstead), await inObject(openshaw), shared];
}

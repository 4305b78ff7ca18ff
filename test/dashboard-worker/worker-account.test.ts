/** Somebody's own account, in workerd: the password, where they are signed in, recovery codes, and another phone. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatDay } from '../../dashboard-worker/views/format.ts';
import { CodesApp } from '../support/codes-app.ts';
import {
  applyMigrations,
  Browser,
  bindings,
  colleague,
  hostRequest,
  manager,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const IPAD =
  'Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const newPassword = 'four words to remember';

let browser: Browser;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
});

beforeEach(() => bindings.ACCOUNTS.exec('DELETE FROM failures'));

describe('the password', () => {
  it('is changed by whoever knows the old one: every other session is dead at once, and this one goes on', async () => {
    const tablet = new Browser();
    await tablet.signIn();
    const half = await withPassword(manager.password);
    expect((await tablet.get('/account')).status).toBe(200);
    const changed = await change(manager.password, newPassword);
    expect(changed.headers.get('location')).toBe('/account?done=password-changed');
    expect((await tablet.get('/account')).headers.get('location')).toBe('/sign-in?next=%2Faccount');
    const given = await tablet.post('/give', { setting: await browser.setting() });
    expect(given.headers.get('location')).toBe('/sign-in?outcome=expired');
    expect((await half.get('/sign-in/code')).headers.get('location')).toBe('/sign-in?outcome=expired');
    expect((await browser.get('/')).status).toBe(200);
    expect(await browser.page('/record')).toContain('Tracey Field changed their password');
    expect(await outbox()).toBe(0);

    expect((await new Browser().signIn(manager.email, manager.password)).status).toBe(401);
    expect((await new Browser().signIn(manager.email, newPassword)).status).toBe(303);
    await change(newPassword, manager.password);
  });

  it('may begin and end with a space', async () => {
    const spaced = '  twelve and spaces ';
    expect((await change(manager.password, spaced)).status).toBe(303);
    expect((await new Browser().signIn(manager.email, spaced.trim())).status).toBe(401);
    expect((await change(spaced, manager.password)).status).toBe(303);
  });

  it('stays as it is when the old one is wrong, or the new one is too short', async () => {
    const tablet = new Browser();
    await tablet.signIn();
    const wrong = await change('not the password', newPassword);
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain('That is not your password.');
    const short = await change(manager.password, 'short');
    expect(short.status).toBe(422);
    expect(await short.text()).toContain('Use at least 12 characters.');
    expect((await tablet.get('/')).status).toBe(200);
  });

  it('is looked at five times in a quarter of an hour, in whichever form, and also once it is right', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async (_, at) =>
        at % 2 === 0
          ? (await change('a wrong password', newPassword)).status
          : (await browser.post('/account/recovery-codes', { codesPassword: 'a wrong password' })).status,
      ),
    );
    expect(statuses.toSorted()).toEqual([422, 422, 422, 422, 422, 429]);
    expect((await change(manager.password, newPassword)).status).toBe(429);
    expect((await replaceApp('000000', manager.password)).status).toBe(429);
  });
});

describe('sessions', () => {
  it('are listed with browser and strength, and ended one by one', async () => {
    await browser.post('/account/sessions/end-others', {});
    const tablet = new Browser({ 'user-agent': IPAD });
    await tablet.signIn();
    const half = await withPassword(manager.password, { 'user-agent': '<script>alert(1)</script>' });
    const page = await browser.page('/account');
    expect(page).toContain('Safari on iPad');
    expect(page).toContain('password only');
    expect(page).not.toContain('<script>');
    const ids = idsOn(page);
    expect(ids).toHaveLength(2);
    // Before this the page of the tablet shows the same, with itself as the one that is here.
    expect(idsOn(await tablet.page('/account'))).not.toEqual(ids);
    for (const id of ids) expect((await browser.post('/account/sessions/end', { session: id })).status).toBe(303);
    expect((await tablet.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
    expect((await half.get('/sign-in/code')).headers.get('location')).toBe('/sign-in?outcome=expired');
    expect(idsOn(await browser.page('/account'))).toEqual([]);
    expect(await browser.page('/record')).toContain('Tracey Field signed out everywhere else (1 session)');
  });

  it('are ended all at once, however many they are, and the one that asks stays', async () => {
    const owner = await bindings.ACCOUNTS.prepare('SELECT userId FROM session').first<string>('userId');
    const at = new Date().toISOString();
    const later = new Date(Date.now() + 3_600_000).toISOString();
    await bindings.ACCOUNTS.batch(
      Array.from({ length: 200 }, (_, nth) =>
        bindings.ACCOUNTS.prepare(
          'INSERT INTO session (id, expiresAt, token, createdAt, updatedAt, userId) VALUES (?, ?, ?, ?, ?, ?)',
        ).bind(`s${nth}`, later, `t${nth}`, at, at, owner),
      ),
    );
    expect(idsOn(await browser.page('/account')).length).toBeGreaterThan(40);
    await browser.post('/account/sessions/end-others', {});
    expect(await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM session').first('n')).toBe(1);
    expect((await browser.get('/')).status).toBe(200);
    expect(await browser.page('/record')).toContain('(200 sessions)');
  });

  it('of somebody else, and the own one, are not ended by that', async () => {
    const deputy = await colleague('deputy', await browser.setting());
    const theirs = await bindings.ACCOUNTS.prepare(
      "SELECT session.id FROM session JOIN user ON user.id = userId WHERE user.name = 'A deputy'",
    ).first<string>('id');
    const own = await bindings.ACCOUNTS.prepare(
      "SELECT session.id FROM session JOIN user ON user.id = userId WHERE user.name <> 'A deputy'",
    ).first<string>('id');
    const before = await entries();
    for (const session of [theirs!, own!, 'none', '']) {
      expect((await browser.post('/account/sessions/end', { session })).status).toBe(303);
    }
    expect((await deputy.get('/')).status).toBe(200);
    expect((await browser.get('/')).status).toBe(200);
    expect(await entries()).toBe(before);
  });
});

describe('recovery codes', () => {
  it('are made anew by whoever knows the password: the old are void', async () => {
    const refused = await browser.post('/account/recovery-codes', { codesPassword: 'not the password' });
    expect(refused.status).toBe(422);
    const old = await codesOf(await browser.post('/account/recovery-codes', { codesPassword: manager.password }));
    const fresh = await codesOf(await browser.post('/account/recovery-codes', { codesPassword: manager.password }));
    expect(fresh).toHaveLength(10);
    expect(await browser.page('/account')).toContain('10 are left');
    const visitor = await withPassword(manager.password);
    expect((await visitor.post('/sign-in/recovery-code', { code: old[0]!, next: '' })).status).toBe(401);
    expect((await visitor.post('/sign-in/recovery-code', { code: fresh[0]!, next: '' })).status).toBe(303);
    expect(await browser.page('/account')).toContain('9 are left');
    expect(await browser.page('/record')).toContain('Tracey Field made new recovery codes');
  });
});

describe('another phone', () => {
  it('takes the place of the one that is set up, with its code and the password', async () => {
    const tablet = new Browser();
    await tablet.signIn();
    await bindings.ACCOUNTS.prepare('UPDATE codes_apps SET set_up_at = ?')
      .bind(Date.UTC(2026, 2, 2, 12))
      .run();
    expect(await browser.page('/account')).toContain('was set up on Monday 2 March 2026');
    const app = CodesApp.ofPage(await browser.page('/account/app'));
    const code = await app.nextCode();
    expect((await replaceApp(code, 'not the password')).status).toBe(422);
    expect((await replaceApp('000000', manager.password)).status).toBe(422);
    // Nothing has changed until both are right.
    expect((await tablet.get('/')).status).toBe(200);
    await tablet.signIn();
    const codes = await codesOf(await replaceApp(code, manager.password));
    expect(codes).toHaveLength(10);
    expect((await browser.get('/')).status).toBe(200);
    expect(await browser.page('/account')).toContain(`was set up on ${formatDay(Date.now(), 'Europe/London')}`);
    expect((await tablet.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
    // Whoever finds this tablet open sees a key of their own, and none that opens anything.
    const shown = CodesApp.ofPage(await browser.page('/account/app'));
    expect(await shown.codeAt(Date.now())).not.toBe(await app.codeAt(Date.now()));

    const visitor = await withPassword(manager.password);
    // The code that set it up is spent, and the codes of the old phone, which `signIn` has, count no longer.
    expect((await visitor.post('/sign-in/code', { code, next: '' })).status).toBe(401);
    expect((await new Browser().signIn()).status).toBe(401);
    expect((await visitor.post('/sign-in/code', { code: await app.nextCode(), next: '' })).status).toBe(303);
  });
});

it('everybody has an account, whatever their role', async () => {
  const staff = await colleague('staff', await browser.setting());
  expect((await staff.get('/')).headers.get('location')).toBe('/account');
  expect(await staff.page('/account')).toContain('A staff');
});

function change(currentPassword: string, next: string): Promise<Response> {
  return browser.post('/account/password', { currentPassword, newPassword: next });
}

function replaceApp(code: string, password: string): Promise<Response> {
  return browser.post('/account/app', { code, password });
}

async function withPassword(password: string, headers: Record<string, string> = {}): Promise<Browser> {
  const visitor = new Browser(headers);
  const response = await visitor.post('/sign-in', { email: manager.email, password, next: '' });
  expect(response.status).toBe(303);
  return visitor;
}

function idsOn(page: string): string[] {
  return [...page.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id!);
}

async function codesOf(response: Response): Promise<string[]> {
  expect(response.status).toBe(200);
  return [...(await response.text()).matchAll(/<li class="code">([\w-]+)</g)].map(([, code]) => code!);
}

async function entries(): Promise<string> {
  return /[\d,]+ entr(y|ies)/.exec(await browser.page('/record'))?.[0] ?? '';
}

async function outbox(): Promise<number> {
  return (await bindings.ACCOUNTS.prepare('SELECT count(*) AS n FROM record_outbox').first<number>('n')) ?? -1;
}

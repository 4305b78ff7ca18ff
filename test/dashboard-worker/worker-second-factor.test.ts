/** The second factor, in workerd: setting up the app, sign-in's second step, and what the password alone opens. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { tellAllRecords } from '../../dashboard-worker/accounts/record-outbox.ts';
import { app } from '../../dashboard-worker/app.ts';
import { requireSession } from '../../dashboard-worker/routes/require-session.ts';
import { CodesApp } from '../support/codes-app.ts';
import { applyMigrations, Browser, bindings, hostRequest, manager, ORIGIN, phone } from './worker-fixtures.ts';

const STEP_MS = 30_000;

let settingId: string;
/** Signed in with both factors. */
let browser: Browser;
let recoveryCodes: string[];

beforeAll(async () => {
  await applyMigrations();
  ({ settingId } = (await (await hostRequest('/host/start')).json()) as { settingId: string });
  browser = new Browser();
});

beforeEach(() => bindings.ACCOUNTS.exec('DELETE FROM failures'));

describe('with the password alone', () => {
  it('a first manager reaches nothing but the page that sets up the app', async () => {
    const made = await browser.post(`/setup/${bindings.SETUP_TOKEN}`, manager);
    expect(made.headers.get('location')).toBe('/account/second-factor');
    await reachesNothing(browser, '/account/second-factor');
    expect((await browser.get('/sign-in/code')).headers.get('location')).toBe('/account/second-factor');
  });

  it('the page shows the same key for the whole session, and in every other session another one', async () => {
    const key = async (who: Browser) =>
      /class="code">([A-Z2-7 ]{39})</.exec(await who.page('/account/second-factor'))?.[1];
    const first = await key(browser);
    expect(first).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    expect(await key(browser)).toBe(first);
    const other = await withPassword();
    expect(await key(other)).not.toBe(first);
  });

  it('a code that the app does not show sets up nothing, and only five are looked at', async () => {
    const seen = CodesApp.ofPage(await browser.page('/account/second-factor'));
    const old = await seen.codeAt(Date.now() - 10 * STEP_MS);
    for (const code of [old, '', 'abcdef', `${old} 0`, '12345']) {
      const response = await browser.post('/account/second-factor', { code });
      expect({ code, status: response.status }).toEqual({ code, status: 401 });
    }
    const sixth = await browser.post('/account/second-factor', { code: await seen.codeAt(Date.now()) });
    expect(sixth.status).toBe(429);
    expect(await count('codes_apps')).toBe(0);
    expect(await count('recovery_codes')).toBe(0);
  });

  it('the right code sets it up once: the session becomes another one, and all others end', async () => {
    const rival = await withPassword();
    const rivalApp = CodesApp.ofPage(await rival.page('/account/second-factor'));
    const weakCookie = browser.cookies();
    recoveryCodes = await browser.setUpApp();
    expect(new Set(recoveryCodes).size).toBe(10);
    for (const code of recoveryCodes) expect(code).toMatch(/^[A-Z0-9]{5}-[A-Z0-9]{5}$/);
    expect(await browser.page('/')).toContain('Halstead Nursery');
    expect(browser.cookies()).not.toBe(weakCookie);
    const { results } = await bindings.ACCOUNTS.prepare('SELECT strength FROM session').all();
    expect(results).toEqual([{ strength: 'two-factors' }]);
    // Somebody else who knew the password had the page open.
    const late = await rival.post('/account/second-factor', { code: await rivalApp.nextCode() });
    expect(late.headers.get('location')).toBe('/sign-in?outcome=expired');
    expect(await count('codes_apps')).toBe(1);
    expect(await browser.page('/record')).toContain('Tracey Field set up an app that shows codes for signing in');
    expect((await browser.get('/account/second-factor')).headers.get('location')).toBe('/');
  });

  it('nobody reaches anything once the app is set up, nor sets up an app of theirs beside it', async () => {
    const visitor = await withPassword();
    await reachesNothing(visitor, '/sign-in/code');
    expect((await visitor.get('/year?from=2026-09-01')).headers.get('location')).toBe(
      '/sign-in/code?next=%2Fyear%3Ffrom%3D2026-09-01',
    );
    for (const response of [
      await visitor.get('/account/second-factor'),
      await visitor.post('/account/second-factor', { code: '000000' }),
    ]) {
      expect(response.headers.get('location')).toBe('/sign-in/code');
    }
  });

  it('of two sessions that set up an app at once, one does', async () => {
    const [one, two] = [await withPassword(), await withPassword()];
    const [own] = (await bindings.ACCOUNTS.prepare('SELECT * FROM codes_apps').all()).results;
    await bindings.ACCOUNTS.exec('DELETE FROM codes_apps');
    const codes = await Promise.all(
      [one, two].map(async (who) => CodesApp.ofPage(await who.page('/account/second-factor')).nextCode()),
    );
    const answers = await Promise.all(
      [one, two].map((who, at) => who.post('/account/second-factor', { code: codes[at]! })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 303]);
    expect(await count('codes_apps')).toBe(1);
    expect(await count('recovery_codes')).toBe(10);
    const { user_id, seed, last_step, set_up_at } = own!;
    await bindings.ACCOUNTS.prepare('REPLACE INTO codes_apps VALUES (?, ?, ?, ?)')
      .bind(user_id, seed, last_step, set_up_at)
      .run();
    const winner = answers[0]!.status === 200 ? answers[0]! : answers[1]!;
    recoveryCodes = [...(await winner.text()).matchAll(/<li class="code">([\w-]+)</g)].map(([, code]) => code!);
  });

  it('a session of before there were second factors is one of the password alone', async () => {
    const visitor = new Browser();
    await visitor.signIn();
    expect((await visitor.get('/')).status).toBe(200);
    await bindings.ACCOUNTS.exec('UPDATE session SET strength = NULL');
    expect((await visitor.get('/')).headers.get('location')).toBe('/sign-in/code?next=%2F');
  });
});

describe('the second step', () => {
  it('takes the code of the app, and leads to where somebody wanted to go', async () => {
    const visitor = new Browser();
    const response = await visitor.signIn(manager.email, manager.password, '/year?from=2026-09-01');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/year?from=2026-09-01']);
    expect((await visitor.get('/')).status).toBe(200);
    expect((await visitor.get('/sign-in/code')).headers.get('location')).toBe('/');
  });

  it('is written into the record when it was right, and not before', async () => {
    const signedIn = async () => (await record()).filter(({ event }) => event.type === 'signed-in').length;
    const before = await signedIn();
    const visitor = await withPassword();
    await visitor.post('/sign-in/code', { code: '000000', next: '' });
    expect(await signedIn()).toBe(before);
    await new Browser().signIn();
    expect(await signedIn()).toBe(before + 1);
  });

  it('is on the record also where the setting could not be reached at that moment: it is told later', async () => {
    const visitor = await withPassword();
    const before = (await record()).length;
    const unreachable = new Proxy(bindings.SETTING, {
      get: () => () => {
        throw new Error('the setting does not answer');
      },
    });
    const answer = await sendCode(visitor, await freshCode(), { SETTING: unreachable });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
    expect(await record()).toHaveLength(before);
    await tellAllRecords(bindings);
    const told = await record();
    expect(told).toHaveLength(before + 1);
    expect(told[0]).toMatchObject({ event: { type: 'signed-in' }, who: 'Tracey Field' });
  });

  it('lets nobody in of whom no note can be kept', async () => {
    const visitor = await withPassword();
    const old = visitor.cookies();
    await bindings.ACCOUNTS.exec(
      "CREATE TRIGGER full BEFORE INSERT ON record_outbox BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    );
    const answer = await sendCode(visitor, await freshCode());
    await bindings.ACCOUNTS.exec('DROP TRIGGER full');
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([500, []]);
    expect(visitor.cookies()).toBe(old);
    expect((await visitor.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
  });

  it('takes a code once, also of three who send it at the same moment', async () => {
    const code = await freshCode();
    const visitors = await Promise.all([1, 2, 3].map(withPassword));
    const answers = await Promise.all(visitors.map((visitor) => visitor.post('/sign-in/code', { code, next: '' })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 401, 401]);
    const later = await (await withPassword()).post('/sign-in/code', { code, next: '' });
    expect(later.status).toBe(401);
  });

  it('takes no code that is older than one that was taken', async () => {
    await freshCode();
    const now = Date.now();
    const [older, newer] = [await phone().codeAt(now - STEP_MS), await phone().codeAt(now)];
    expect((await (await withPassword()).post('/sign-in/code', { code: newer, next: '' })).status).toBe(303);
    expect((await (await withPassword()).post('/sign-in/code', { code: older, next: '' })).status).toBe(401);
  });

  it('does not take the code that set the app up', async () => {
    const visitor = new Browser();
    const kept = (await bindings.ACCOUNTS.prepare('SELECT * FROM codes_apps').all()).results[0]!;
    await bindings.ACCOUNTS.exec('DELETE FROM codes_apps');
    await visitor.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    const own = CodesApp.ofPage(await visitor.page('/account/second-factor'));
    const code = await own.codeAt(Date.now());
    const response = await visitor.post('/account/second-factor', { code });
    recoveryCodes = [...(await response.text()).matchAll(/<li class="code">([\w-]+)</g)].map(([, each]) => each!);
    expect((await (await withPassword()).post('/sign-in/code', { code, next: '' })).status).toBe(401);
    await bindings.ACCOUNTS.prepare('REPLACE INTO codes_apps VALUES (?, ?, ?, ?)')
      .bind(kept.user_id, kept.seed, kept.last_step, kept.set_up_at)
      .run();
  });

  it('keeps nobody out whose last code was taken while the clock was a year ahead', async () => {
    const code = await freshCode();
    const ahead = Math.floor((Date.now() + 365 * 86_400_000) / STEP_MS);
    await bindings.ACCOUNTS.prepare('UPDATE codes_apps SET last_step = ?').bind(ahead).run();
    expect((await (await withPassword()).post('/sign-in/code', { code, next: '' })).status).toBe(303);
  });

  it('looks at five codes of either kind in a quarter of an hour, however many are sent, and in whichever sessions', async () => {
    const code = await freshCode();
    const visitors: Browser[] = [];
    while (visitors.length < 8) visitors.push(await withPassword());
    const answers = await Promise.all(
      visitors.map((visitor, at) =>
        visitor.post(at % 2 === 0 ? '/sign-in/code' : '/sign-in/recovery-code', { code: '000000', next: '' }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const right = await visitors[0]!.post('/sign-in/code', { code, next: '' });
    expect(right.status).toBe(429);
    expect(await right.text()).toContain('too many attempts');
    expect((await visitors[1]!.post('/sign-in/recovery-code', { code: recoveryCodes[0]!, next: '' })).status).toBe(429);
    await bindings.ACCOUNTS.prepare('UPDATE failures SET first_at = first_at - ?')
      .bind(15 * 60_000)
      .run();
    expect((await visitors[0]!.post('/sign-in/code', { code, next: '' })).status).toBe(303);
    // A right one clears what was counted.
    const { results } = await bindings.ACCOUNTS.prepare(
      "SELECT * FROM failures WHERE subject LIKE 'second-step:%'",
    ).all();
    expect(results).toEqual([]);
  });

  it('takes each recovery code once, however it is written, and says so in the record', async () => {
    const [code = ''] = recoveryCodes;
    const visitor = await withPassword();
    expect(await visitor.page('/sign-in/recovery-code')).toContain('Your recovery code');
    const typed = ` ${code.toLowerCase().replace('-', ' ')} `;
    const answer = await visitor.post('/sign-in/recovery-code', { code: typed, next: '/hours' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/hours']);
    expect((await visitor.get('/hours')).status).toBe(200);
    expect(await count('recovery_codes')).toBe(9);
    const again = await withPassword();
    expect((await again.post('/sign-in/recovery-code', { code, next: '' })).status).toBe(401);
    expect((await again.post('/sign-in/recovery-code', { code: '', next: '' })).status).toBe(401);
    expect((await record())[0]).toMatchObject({ event: { type: 'signed-in-with-recovery-code' }, who: 'Tracey Field' });
  });

  it('asks for the password again after a quarter of an hour', async () => {
    const code = await freshCode();
    const visitor = await withPassword();
    await bindings.ACCOUNTS.prepare('UPDATE session SET createdAt = ?')
      .bind(new Date(Date.now() - 15 * 60_000 - 1000).toISOString())
      .run();
    const answer = await visitor.post('/sign-in/code', { code, next: '' });
    expect(answer.headers.get('location')).toBe('/sign-in?outcome=expired');
    expect((await visitor.get('/')).status).toBe(303);
  });

  it('leaves the session of the password alone dead behind it', async () => {
    const visitor = await withPassword();
    const weak = visitor.cookies();
    await visitor.post('/sign-in/code', { code: await freshCode(), next: '' });
    expect((await visitor.get('/')).status).toBe(200);
    expect((await visitor.get('/', { cookie: weak })).headers.get('location')).toBe('/sign-in?next=%2F');
  });
});

/** Every address behind the session leads there, and nothing is written. */
async function reachesNothing(visitor: Browser, instead: string): Promise<void> {
  const before = (await record()).length;
  const behind = app.routes.filter(({ handler }) => handler === requireSession);
  expect(behind.length).toBeGreaterThan(20);
  for (const { method, path } of behind) {
    const address = path.replaceAll(/:\w+/g, 'x');
    const response = method === 'GET' ? await visitor.get(address) : await visitor.post(address, {});
    const seen = `${method} ${path}: ${response.status} ${response.headers.get('location')?.split('?')[0]}`;
    expect(seen).toBe(`${method} ${path}: 303 ${instead}`);
    expect(await response.text()).not.toContain('Halstead');
  }
  expect((await record()).length).toBe(before);
}

async function withPassword(): Promise<Browser> {
  const visitor = new Browser();
  const response = await visitor.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
  expect(response.status).toBe(303);
  return visitor;
}

/** The present code, as if none had been used before. */
async function freshCode(): Promise<string> {
  await bindings.ACCOUNTS.exec('UPDATE codes_apps SET last_step = 0');
  return await phone().codeAt(Date.now());
}

async function record() {
  return (await settingOf(bindings, settingId).record({ kind: '', from: '', to: '' }, 1)).entries;
}

async function count(table: 'codes_apps' | 'recovery_codes' | 'session'): Promise<number> {
  return (await bindings.ACCOUNTS.prepare(`SELECT count(*) AS rows FROM ${table}`).first<number>('rows')) ?? 0;
}

/** As the browser would, to a dashboard whose bindings differ in that. */
async function sendCode(visitor: Browser, code: string, changed: Partial<typeof bindings> = {}): Promise<Response> {
  const init = {
    method: 'POST',
    body: new URLSearchParams({ code, next: '' }),
    headers: { origin: ORIGIN, cookie: visitor.cookies() },
  };
  return await app.request(`${ORIGIN}/sign-in/code`, init, { ...bindings, ...changed });
}

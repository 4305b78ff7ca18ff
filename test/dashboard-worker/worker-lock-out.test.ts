/** Guessing passwords, in workerd on a real D1: what is slowed, whom it keeps out, and what the record says of it. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countAttempt, countGrowing, forgetFailures } from '../../dashboard-worker/accounts/failures.ts';
import { app } from '../../dashboard-worker/app.ts';
import {
  applyMigrations,
  Browser,
  bindings,
  colleague,
  hostRequest,
  manager,
  ORIGIN,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let browser: Browser;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
});

beforeEach(() => bindings.ACCOUNTS.exec('DELETE FROM failures'));

describe('wrong passwords', () => {
  it('are slowed from the sixth on, also from changing addresses, and the page says until when', async () => {
    for (let at = 0; at < 5; at += 1) expect((await guess(`203.0.113.${at}`)).status).toBe(401);
    const sixth = await guess('203.0.113.99');
    expect(sixth.status).toBe(429);
    const seconds = Number(sixth.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(await sixth.text()).toContain('Try again in 1 minute, or now on a device');
    // Also the right one.
    expect((await guess('203.0.113.99', { password: manager.password })).status).toBe(429);
    await passes(MINUTE);
    expect((await guess('203.0.113.99', { password: manager.password })).status).toBe(303);
  });

  it('are slowed the same for an address that nobody signs in with, however it is written', async () => {
    for (let at = 0; at < 5; at += 1) expect((await guess('', { email: 'nobody@nursery.example' })).status).toBe(401);
    expect((await guess('', { email: ' Nobody@Nursery.example' })).status).toBe(429);
    expect((await guess('', { email: 'somebody@nursery.example' })).status).toBe(401);
  });

  it('are looked at five times when twenty are sent at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => guess(`203.0.113.${at}`)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15);
  });

  it('of one address slow it down after thirty, over however many accounts', async () => {
    const spray = (from: number, to: number, address: string) =>
      Promise.all(
        Array.from({ length: to - from }, (_, at) => guess(address, { email: `person-${from + at}@nursery.example` })),
      );
    const first = await spray(0, 30, '203.0.113.7');
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await spray(30, 31, '203.0.113.7'))[0]!.status).toBe(429);
    expect((await spray(30, 31, '203.0.113.8'))[0]!.status).toBe(401);
    // A machine of one's own, where nobody trustworthy says the address, slows nobody down for another's account.
    await spray(100, 130, '');
    expect((await spray(130, 131, ''))[0]!.status).toBe(401);
  });
});

describe('a stranger who guesses', () => {
  it('never keeps the manager’s own tablet out, whose own guesses count by themselves', async () => {
    for (let at = 0; at < 6; at += 1) await guess(`203.0.113.${at}`);
    expect((await guess('198.51.100.1', { password: manager.password })).status).toBe(429);
    const tablet = browser.cookies();
    expect((await guess('198.51.100.1', { cookie: tablet, password: manager.password })).status).toBe(303);
    for (let at = 0; at < 5; at += 1) expect((await guess('198.51.100.1', { cookie: tablet })).status).toBe(401);
    expect((await guess('198.51.100.1', { cookie: tablet, password: manager.password })).status).toBe(429);
  });

  it('gains nothing by a cookie of their own, of another person, or one that is made up', async () => {
    const deputy = await colleague('deputy', await browser.setting());
    const known = (cookies: string) => /stairgate-known=([^;]+)/.exec(cookies)![1]!;
    const [id = '', proof = ''] = known(browser.cookies()).split('.');
    const wrong = [
      `stairgate-known=${known(deputy.cookies())}`,
      `stairgate-known=${id}`,
      `stairgate-known=${'0'.repeat(32)}.${proof}`,
      `stairgate-known=${id}.${'0'.repeat(32)}`,
      `stairgate-known=${'.'.repeat(4000)}`,
    ];
    for (const cookie of wrong) expect((await guess('', { cookie })).status).toBe(401);
    for (const cookie of wrong) expect((await guess('', { cookie, password: manager.password })).status).toBe(429);
  });

  it('keeps nobody out of a tablet at which several have signed in', async () => {
    const email = await bindings.ACCOUNTS.prepare("SELECT email FROM user WHERE name = 'A deputy'").first<string>(
      'email',
    );
    const shared = new Browser();
    await shared.signIn();
    await shared.signIn(email!, 'another three words');
    for (let at = 0; at < 6; at += 1) {
      await guess(`203.0.113.${at}`);
      await guess(`203.0.113.${at}`, { email: email! });
    }
    const cookie = shared.cookies();
    expect((await guess('', { cookie, password: manager.password })).status).toBe(303);
    expect((await guess('', { cookie, email: email!, password: 'another three words' })).status).toBe(303);
  });

  it('who has got hold of the password keeps nobody out of the second step at a tablet of their own', async () => {
    const thief = new Browser();
    await thief.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    const before = await slowedSteps();
    for (let at = 0; at < 7; at += 1) await thief.post('/sign-in/code', { code: '000000', next: '' });
    expect(await slowedSteps()).toBe(before + 1);
    const elsewhere = new Browser();
    await elsewhere.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    expect((await elsewhere.post('/sign-in/code', { code: '000000', next: '' })).status).toBe(429);
    const tablet = new Browser();
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
    await tablet.signIn();
    await tablet.post('/sign-out', {});
    for (let at = 0; at < 6; at += 1) await thief.post('/sign-in/code', { code: '000000', next: '' });
    expect((await tablet.signIn()).status).toBe(303);
    // What is typed wrong at the tablet counts there.
    await tablet.post('/sign-out', {});
    await tablet.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    const codes = [];
    for (let at = 0; at < 6; at += 1)
      codes.push((await tablet.post('/sign-in/code', { code: '000000', next: '' })).status);
    expect(codes).toEqual([401, 401, 401, 401, 401, 429]);
  });

  it('keeps nobody out of the tablet at which they have just joined', async () => {
    const page = await (await browser.post('/people/invitations', { name: 'Nia', role: 'staff', id: '' })).text();
    const path = /\/invitation\/[\w-]{43}/.exec(page)![0];
    const nia = new Browser();
    const [email, password] = ['nia@nursery.example', 'five words of her own'];
    await nia.post(path, { name: 'Nia', email, password });
    for (let at = 0; at < 6; at += 1) await guess(`203.0.113.${at}`, { email });
    expect((await guess('203.0.113.99', { email, password })).status).toBe(429);
    expect((await nia.signIn(email, password)).headers.get('location')).toBe('/account/second-factor');
  });

  it('is not remembered for the password alone', async () => {
    const half = new Browser();
    await half.post('/sign-in', { email: manager.email, password: manager.password, next: '' });
    expect(half.cookies()).not.toContain('stairgate-known');
  });

  it('is on the record, once', async () => {
    const before = await slowed();
    for (let at = 0; at < 8; at += 1) await guess(`203.0.113.${at}`);
    expect(await slowed()).toBe(before + 1);
    await passes(MINUTE);
    expect((await guess('')).status).toBe(401);
    expect(await slowed()).toBe(before + 1);
  });
});

it('waits grow to a quarter of an hour, count only what is looked at, and are forgotten after a day', async () => {
  const limit = { kind: 'account', of: 'x', free: 5, forgottenAfterMs: DAY } as const;
  let now = 1_000 * DAY;
  const tried = () => countGrowing(bindings, limit, now);
  for (let count = 1; count <= 5; count += 1) expect(await tried()).toEqual({ count });
  for (const [at, minutes] of [1, 2, 4, 8, 15, 15].entries()) {
    expect(await tried()).toEqual({ waitUntil: now + minutes * MINUTE });
    now += minutes * MINUTE - 1;
    expect(await tried()).toEqual({ waitUntil: now + 1 });
    now += 1;
    expect(await tried()).toEqual({ count: 6 + at });
  }
  // Two that were sent in one order and counted in the other: the wait is after the later one.
  expect(await countGrowing(bindings, limit, now - 10_000)).toEqual({ waitUntil: now + 15 * MINUTE });
  now += 15 * MINUTE;
  expect(await countGrowing(bindings, limit, now + 30_000)).toEqual({ count: 12 });
  expect(await tried()).toEqual({ waitUntil: now + 30_000 + 15 * MINUTE });
  now += 15 * MINUTE + 30_000;
  expect(await tried()).toEqual({ count: 13 });
  // A clock that was set back: nobody waits for a year.
  now -= 365 * DAY;
  expect(await tried()).toEqual({ count: 14 });
  expect(await tried()).toEqual({ waitUntil: now + 15 * MINUTE });
  now += DAY;
  expect(await tried()).toEqual({ count: 1 });
});

it('of attempts at once, none that was sent a moment earlier passes by the wait of a later one', async () => {
  const limit = { kind: 'account', of: 'y', free: 5, forgottenAfterMs: DAY } as const;
  const now = 2_000 * DAY;
  for (let count = 1; count <= 5; count += 1) await countGrowing(bindings, limit, now);
  for (const early of [1, 5, 1000, 59_000]) {
    expect(await countGrowing(bindings, limit, now - early), String(early)).toEqual({ waitUntil: now + MINUTE });
  }
});

it('a window that a clock which was ahead has begun is over once the clock is right', async () => {
  const limit = { kind: 'own-password', of: 'z', attempts: 5 } as const;
  const now = 3_000 * DAY;
  for (let count = 1; count <= 6; count += 1) expect(await countAttempt(bindings, limit, now + DAY)).toBe(count);
  expect(await countAttempt(bindings, limit, now)).toBe(1);
  // Of two machines whose clocks differ a little both count in the same one.
  expect(await countAttempt(bindings, limit, now - 30_000)).toBe(2);
  expect(await countAttempt(bindings, limit, now + 15 * MINUTE)).toBe(1);
});

it('rows that make nobody wait go after an hour, however many addresses somebody makes up', async () => {
  const now = Date.now();
  const row = (subject: string, count: number, firstAgo: number, lastAgo: number | null) =>
    bindings.ACCOUNTS.prepare('INSERT INTO failures (subject, count, first_at, last_at) VALUES (?, ?, ?, ?)').bind(
      ...[subject, count, now - firstAgo, lastAgo === null ? 0 : now - lastAgo],
    );
  await bindings.ACCOUNTS.batch([
    row('account:made up', 1, 2 * HOUR, 2 * HOUR),
    row('account:mistyped just now', 4, 2 * HOUR, 30 * MINUTE),
    row('account:guessed at', 5, 2 * HOUR, 2 * HOUR),
    row('account:guessed at yesterday', 50, 3 * DAY, 25 * HOUR),
    row('own-password:in its window', 5, 5 * MINUTE, null),
    row('own-password:of before', 9, 2 * HOUR, null),
  ]);
  await forgetFailures(bindings, now);
  const { results } = await bindings.ACCOUNTS.prepare('SELECT subject FROM failures ORDER BY subject').all();
  expect(results.map(({ subject }) => subject)).toEqual([
    'account:guessed at',
    'account:mistyped just now',
    'own-password:in its window',
  ]);
});

/** One attempt, as it comes in where the dashboard is hosted. "" is an address that nobody says. */
async function guess(
  address: string,
  { email = manager.email, password = 'wrong password', cookie = '' } = {},
): Promise<Response> {
  const { HOST_SECRET, ...rest } = bindings;
  const headers = { origin: ORIGIN, cookie, ...(address === '' ? {} : { 'cf-connecting-ip': address }) };
  const body = new URLSearchParams({ email, password, next: '' });
  const context = createExecutionContext();
  const hosted = address === '' ? { ...rest, HOST_SECRET } : rest;
  const response = await app.request(`${ORIGIN}/sign-in`, { method: 'POST', body, headers }, hosted, context);
  await waitOnExecutionContext(context);
  return response;
}

async function passes(ms: number): Promise<void> {
  await bindings.ACCOUNTS.prepare('UPDATE failures SET last_at = last_at - ?').bind(ms).run();
}

async function slowed(): Promise<number> {
  return (await browser.page('/record')).split('Too many wrong attempts to sign in as Tracey Field').length - 1;
}

async function slowedSteps(): Promise<number> {
  return (await browser.page('/record')).split('Somebody who has the password of Tracey Field').length - 1;
}

/** A newer set-up link, which lets the first manager back in: in workerd, on a real D1. */
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
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

const password = 'five words nobody else has';

let browser: Browser;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  browser = await setUpAndSignIn();
});

beforeEach(() => bindings.ACCOUNTS.exec('DELETE FROM failures'));

it('lets the first manager set up a new password and a new app, once, and nobody else', async () => {
  const setting = await browser.setting();
  const second = await colleague('manager', setting);
  await bindings.ACCOUNTS.exec(
    'UPDATE memberships SET since = (SELECT max(since) + 1 FROM memberships) WHERE since = 1',
  );
  const page = await (await withToken('a newer token of chance, long enough')).text();
  expect(page).toContain('Let the manager back in');
  expect(page).toContain(manager.name);
  expect(page).toContain(manager.email);
  // Nothing has happened until a password is chosen.
  expect((await withToken('a newer token of chance, long enough', { password: 'short' })).status).toBe(422);
  expect((await browser.get('/')).status).toBe(200);

  const both = await Promise.all([1, 2].map(() => withToken('a newer token of chance, long enough', { password })));
  expect(both.map(({ status }) => status).toSorted()).toEqual([303, 410]);
  const back = both.find(({ status }) => status === 303)!;
  expect(back.headers.get('location')).toBe('/account/second-factor');
  expect((await browser.get('/')).headers.get('location')).toBe('/sign-in?next=%2F');
  expect((await second.get('/')).status).toBe(200);
  expect((await new Browser().signIn(manager.email, manager.password)).status).toBe(401);

  const returned = new Browser();
  expect((await returned.signIn(manager.email, password)).headers.get('location')).toBe('/account/second-factor');
  expect(await returned.setUpApp()).toHaveLength(10);
  expect(await returned.page('/record')).toContain('Tracey Field came back in with a new set-up link');

  // Neither this link nor the first one opens anything again.
  for (const token of ['a newer token of chance, long enough', bindings.SETUP_TOKEN!]) {
    expect((await withToken(token)).status).toBe(410);
    expect((await withToken(token, { ...manager, password })).status).toBe(410);
  }
  expect((await returned.get('/')).status).toBe(200);
});

it('does not open with a token that is not the one the dashboard was given', async () => {
  expect(
    (await withToken('another token of chance, long enough', undefined, 'the token of chance it was given')).status,
  ).toBe(410);
});

it('opens nothing with a token that could be guessed, and says why where its owner reads it', async () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  for (const token of ['123456', 'x'.repeat(23)]) {
    expect((await withToken(token)).status).toBe(410);
    expect((await withToken(token, { password })).status).toBe(410);
  }
  expect(told.mock.calls.flat().join()).toContain('expected at least 24 characters');
  told.mockRestore();
  expect((await withToken('y'.repeat(24))).status).toBe(200);
});

it('is not spent by being opened, as a scanner of mail opens every link in it', async () => {
  const before = await bindings.ACCOUNTS.prepare('SELECT * FROM setup_links').all();
  for (let time = 0; time < 3; time += 1) expect((await withToken('a link in a mail, of chance')).status).toBe(200);
  expect((await bindings.ACCOUNTS.prepare('SELECT * FROM setup_links').all()).results).toEqual(before.results);
});

it('is used where an older release did not keep which link it was set up by', async () => {
  await bindings.ACCOUNTS.exec('DELETE FROM setup_links');
  expect((await withToken('the first token of chance, long')).status).toBe(410);
  expect((await withToken('the first token of chance, long', { password })).status).toBe(410);
  expect((await withToken('a token of chance, after that')).status).toBe(200);
});

/** As a dashboard that was given that SETUP_TOKEN answers. */
async function withToken(token: string, fields?: Record<string, string>, given = token): Promise<Response> {
  const init =
    fields === undefined ? {} : { method: 'POST', body: new URLSearchParams(fields), headers: { origin: ORIGIN } };
  return await app.request(`${ORIGIN}/setup/${encodeURIComponent(token)}`, init, { ...bindings, SETUP_TOKEN: given });
}

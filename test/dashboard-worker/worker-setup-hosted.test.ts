/** Setting the dashboard up where no host has made a setting before: in workerd, on a real D1. */
import { beforeAll, expect, it } from 'vitest';
import { createSetting } from '../../dashboard-worker/accounts/directory.ts';
import { app } from '../../dashboard-worker/app.ts';
import { applyMigrations, Browser, bindings, manager, ORIGIN } from './worker-fixtures.ts';

const NEWER = 'a newer token of chance, long enough';

beforeAll(applyMigrations);

it('makes one setting and one manager, however often the form is sent at once, and the record says who did', async () => {
  const taps = await Promise.all([1, 2, 3].map(() => new Browser().post(`/setup/${bindings.SETUP_TOKEN}`, manager)));
  expect(taps.map(({ status }) => status).toSorted()).toEqual([303, 410, 410]);
  const { results } = await bindings.ACCOUNTS.prepare('SELECT id, name FROM settings').all<{ id: string }>();
  expect(results).toEqual([{ id: results[0]!.id, name: manager.settingName }]);
  expect(results[0]!.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const browser = new Browser();
  expect((await browser.signIn()).headers.get('location')).toBe('/account/second-factor');
  await browser.setUpApp();
  const record = await browser.page('/record');
  expect(record.split('Tracey Field set up the dashboard with the set-up link, as Nursery Manager').length - 1).toBe(1);
  expect(record).toContain('This record was begun');
});

it('a newer link finds the manager also where an older setting has none', async () => {
  const orphan = await createSetting(bindings, 'Made by a tap that came second');
  await bindings.ACCOUNTS.prepare('UPDATE settings SET created_at = 0 WHERE id = ?').bind(orphan).run();
  const ask = (init: RequestInit = {}) =>
    app.request(`${ORIGIN}/setup/${encodeURIComponent(NEWER)}`, init, { ...bindings, SETUP_TOKEN: NEWER });
  const page = await ask();
  expect(page.status).toBe(200);
  expect(await page.text()).toContain(manager.email);
  const body = new URLSearchParams({ password: 'five words nobody else has' });
  expect((await ask({ method: 'POST', body, headers: { origin: ORIGIN } })).status).toBe(303);
});

/** Where somebody was signed in when they did what is on the record. In workerd, with real sessions. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, expect, it } from 'vitest';
import { readRecord, writeRecord } from '../../dashboard-worker/setting/record.ts';
import { everyEntry } from '../../dashboard-worker/setting/record-filter.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { applyMigrations, Browser, bindings, colleague, setUpAndSignIn } from './worker-fixtures.ts';

const TABLET = {
  'user-agent': 'Mozilla/5.0 (Linux; Android 15; SM-X200) AppleWebKit/537.36 Chrome/141.0 Safari/537.36',
};
const STRANGE = { 'user-agent': 'secret-sounding-agent/1.0' };

let setting: string;

beforeAll(async () => {
  await applyMigrations();
  setting = await (await setUpAndSignIn()).setting();
});

it('is said beside each entry as on the account page, without the session’s id and what else the browser says of itself', async () => {
  const tablet = new Browser(TABLET);
  expect((await tablet.signIn()).status).toBe(303);
  await tablet.post('/box/pairing-code', {});
  const page = await tablet.page('/record');
  const text = page.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');
  expect(text).toMatch(/Tracey Field made a pairing code[^.]*? Chrome on Android\. Signed in since \d\d:\d\d\./);
  expect(text).toMatch(/Tracey Field signed in Chrome on Android\. Signed in since/);
  // On the account page in the same words.
  expect(await tablet.page('/account')).toContain('Chrome on Android');
  const { results } = await bindings.ACCOUNTS.prepare('SELECT id FROM session').all<{ id: string }>();
  expect(results.length).toBeGreaterThan(0);
  for (const { id } of results) expect(page).not.toContain(id);
  for (const word of ['SM-X200', 'AppleWebKit']) expect(page).not.toContain(word);
  expect(await tablet.page('/account/record')).toContain('Chrome on Android');
});

it('is a browser that does not say which it is where it does not, and is not for who sees no devices', async () => {
  const strange = new Browser(STRANGE);
  await strange.signIn();
  await strange.post('/box/pairing-code', {});
  const page = await strange.page('/record');
  expect(page).toContain('A browser that does not say which it is');
  expect(page).not.toContain('secret-sounding');
  const chair = await colleague('chair', setting);
  const outline = await chair.page('/record');
  expect(outline).toContain('Tracey Field made a pairing code');
  expect(outline).not.toMatch(/on Android|Signed in since|does not say which/);
});

it('goes with the other words, and is nobody’s where no such sign-in is on the record', async () => {
  const stub = bindings.SETTING.get(bindings.SETTING.idFromName(setting));
  await runInDurableObject(stub, (_: Setting, { storage }) => {
    const store = new Store(storage);
    const by = { id: 'user-9', name: 'Jo', sessionId: 'session-9' };
    const newest = () => readRecord(store, { ...everyEntry, about: 'user-9' }, 1).entries[0]!;
    const at = Date.now();
    writeRecord(store, { at, by, subject: '', event: { type: 'hours-changed' } });
    expect(newest().session).toBeNull();
    writeRecord(store, { at, by, subject: '', event: { type: 'signed-in', browser: 'Firefox', system: 'Windows' } });
    writeRecord(store, { at, by, subject: '', event: { type: 'hours-changed' } });
    expect(newest().session).toEqual({ at, browser: 'Firefox', system: 'Windows' });
    storage.sql.exec('DROP TRIGGER record_words_are_kept');
    storage.sql.exec('DELETE FROM record_words');
    expect(newest().session).toEqual({ at, browser: '', system: '' });
  });
});

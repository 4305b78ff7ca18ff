/** The monitoring notice: publishing it, who has read it, and what hangs on it. In workerd, with a real box's line. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { forgetReaders } from '../../dashboard-worker/setting/acknowledgements.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { applyMigrations, Box, type Browser, bindings, eventually, setUpAndSignIn } from './worker-fixtures.ts';

let browser: Browser;
let box: Box;

beforeAll(async () => {
  await applyMigrations();
  browser = await setUpAndSignIn();
  box = await Box.connected();
});

const wording = { seenBy: 'Tracey Field\r\nThe <deputy>', contact: 'Tracey, in the office', more: '' };

describe('the monitoring notice', () => {
  it('is shown before it is published, and reaches the box signed', async () => {
    expect(await browser.page('/notice')).toContain('No notice has been published yet');
    const preview = await (await browser.post('/notice', wording)).text();
    expect(preview).toContain('Speak to Tracey, in the office.');
    expect(preview).toContain('The &lt;deputy&gt;');
    expect(preview).toContain('which are those in “Setting devices”');
    expect(await publish(0)).toBe('/notice?done=notice-published');
    const sent = await box.readNotice(await box.next('notice'));
    expect(sent).toMatchObject({ version: 1 });
    expect(JSON.stringify(sent.sections)).toContain('The <deputy>');
    expect(await browser.page('/notice')).toContain('It is on its way to the box');
    box.send({ type: 'notice-ack', version: 1 });
    await eventually(
      () => browser.page('/notice'),
      (page) => page.includes('also while this dashboard is away'),
    );
    expect(await browser.page('/record')).toContain('Tracey Field published version 1 of the monitoring notice');
  });

  it('is published once by a form that is sent twice, and not over a newer one', async () => {
    expect(await publish(0)).toBe('/notice');
    expect(await browser.page('/notice')).toContain('Version 1, published');
  });

  it('comes back with what is missing, and as it was typed', async () => {
    const response = await browser.post('/notice', { ...wording, contact: '', seenBy: 'x'.repeat(301) });
    expect(response.status).toBe(422);
    const page = await response.text();
    expect(page).toContain('Say whom people may ask');
    expect(page).toContain('Write at most 20 lines of 300 characters each');
    expect(page).toContain('x'.repeat(301));
    expect(await (await browser.post('/notice', { ...wording, step: 'edit' })).text()).toContain('in the office');
  });

  it('is outdated once a fact in it has changed', async () => {
    expect(await browser.page('/notice')).not.toContain('so that the notice is true');
    await browser.post('/notice/assessment', { date: '2026-10-01' });
    const page = await browser.page('/notice');
    expect(page).toContain('so that the notice is true');
    expect(page).toContain('value="2026-10-01"');
    expect(await publish(1)).toBe('/notice?done=notice-published');
    expect(await box.readNotice(await box.next('notice'))).toMatchObject({ version: 2 });
    expect(await browser.page('/notice')).not.toContain('so that the notice is true');
  });

  it('takes no date of an assessment that lies ahead, or is none', async () => {
    const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    for (const date of [tomorrow, '2026-02-30', 'soon', '']) {
      expect((await browser.post('/notice/assessment', { date })).status).toBe(422);
    }
    expect(await browser.page('/notice')).toContain('value="2026-10-01"');
  });

  it('is not sent to a box of before notices, and again to one that does not have it', async () => {
    box.noticeVersion = null;
    await reconnect();
    // Messages leave one after the other: a notice would be there before these grants.
    await browser.post('/give/emergency', { target: 'group:setting' });
    await box.next('grants');
    expect(box.received.map(({ type }) => type)).not.toContain('notice');
    expect(await browser.page('/notice')).toContain('The box does not say that it can show it');
    box.noticeVersion = 1;
    await reconnect();
    expect(await box.readNotice(await box.next('notice'))).toMatchObject({ version: 2 });
    box.send({ type: 'notice-ack', version: 2 });
  });
});

describe('who has read it', () => {
  it('is seen by name: on the local site, on paper, outstanding, and under names that are on no list', async () => {
    await browser.post('/notice/readers', { names: 'Aisha Khan\nJo Hall\n\naisha khan\nSam Hill' });
    expect(await browser.page('/notice')).toContain('3 people are outstanding');
    await acknowledge('aisha  KHAN', 2);
    await acknowledge('Tracey’s cousin', 2);
    // Of a version that is not the newest, and of one that never was.
    await acknowledge('Jo Hall', 1);
    await acknowledge('Sam Hill', 9);
    expect((await browser.post('/notice/readers/noted', { what: 'paper' })).status).toBe(422);
    await noteReader('paper', await readerId('Jo Hall'));
    const { readers, strangers } = await settingOf(bindings, await browser.setting()).notice();
    expect(readers.map(({ name, acknowledged }) => [name, acknowledged?.how])).toEqual([
      ['Aisha Khan', 'site'],
      ['Jo Hall', 'paper'],
      ['Sam Hill', undefined],
    ]);
    expect(strangers.map(({ name }) => name)).toEqual(['Tracey’s cousin']);
    expect(await browser.page('/notice')).toContain('1 person is outstanding');
    const record = await browser.page('/record?kind=notice');
    for (const sentence of [
      'aisha KHAN acknowledged version 2 of the monitoring notice',
      'Tracey Field noted that Jo Hall acknowledged version 2 of the monitoring notice on paper',
      'Jo Hall acknowledged version 1 of the monitoring notice',
      'Tracey Field put Sam Hill on the list',
    ]) {
      expect(record).toContain(sentence);
    }
    expect(record).not.toContain('version 9');
  });

  it('counts once, however often it is sent, and is acknowledged to the box each time', async () => {
    const before = await count('acknowledgements');
    const id = await acknowledge('Aisha Khan', 2);
    await acknowledge('Aisha Khan', 2, id);
    expect(await count('acknowledgements')).toBe(before);
  });

  it('is asked again by a new version', async () => {
    expect(await publish(2)).toBe('/notice?done=notice-published');
    expect(await browser.page('/notice')).toContain('3 people are outstanding');
  });

  it('ends for somebody who has left, and goes on when they come back', async () => {
    const id = await readerId('Sam Hill');
    expect(await noteReader('left', id)).toBe(303);
    expect(await noteReader('left', id)).toBe(404);
    expect(await noteReader('paper', id)).toBe(404);
    expect(await browser.page('/notice')).toContain('2 people are outstanding');
    await browser.post('/notice/readers', { names: 'Sam Hill' });
    expect(await browser.page('/notice')).toContain('3 people are outstanding');
    expect(await browser.page('/record?kind=notice')).toContain('took Sam Hill, who has left, off the list');
  });

  it('is a list with a bound, of names with one', async () => {
    expect((await browser.post('/notice/readers', { names: 'x'.repeat(81) })).status).toBe(422);
    expect((await browser.post('/notice/readers', { names: ' \n ' })).status).toBe(422);
    const many = Array.from({ length: 498 }, (_, nth) => `P${nth}`).join('\n');
    expect((await browser.post('/notice/readers', { names: many })).status).toBe(422);
    expect(await count('notice_readers')).toBe(3);
  });

  it('cannot be filled by names that anybody on the network makes up', async () => {
    for (let nth = 0; nth < 210; nth++) {
      const made = { id: crypto.randomUUID(), version: 3, name: `Nobody ${nth}`, at: Date.now() };
      box.send({ type: 'acknowledgement', acknowledgement: made });
    }
    for (let nth = 0; nth < 210; nth++) await box.next('acknowledgement-ack');
    const { strangers } = await settingOf(bindings, await browser.setting()).notice();
    expect(strangers).toHaveLength(200);
    await acknowledge('Sam Hill', 3);
    const { readers } = await settingOf(bindings, await browser.setting()).notice();
    expect(readers.filter(({ acknowledged }) => acknowledged !== null)).toMatchObject([{ name: 'Sam Hill' }]);
  });

  it('forgets names of replaced versions and of people who have left, when their time is over', async () => {
    await acknowledge('Jo Hall', 3);
    await noteReader('left', await readerId('Sam Hill'));
    const setting = bindings.SETTING.get(bindings.SETTING.idFromName(await browser.setting()));
    await runInDurableObject(setting, (_: Setting, { storage }) => {
      const store = new Store(storage);
      const versions = () => storage.sql.exec('SELECT DISTINCT version FROM acknowledgements').toArray();
      forgetReaders(store, Date.now() - 60_000);
      expect(versions()).toHaveLength(3);
      forgetReaders(store, Date.now() + 60_000);
      // Of the newest version those on the list stay, and nobody who made a name up.
      expect(versions()).toEqual([{ version: 3 }]);
      const names = JSON.stringify(storage.sql.exec('SELECT * FROM acknowledgements, notice_readers').toArray());
      expect(names).not.toContain('Sam Hill');
      expect(names).not.toContain('Nobody');
      expect(names).toContain('Jo Hall');
    });
  });
});

describe('figures of single devices', () => {
  it('are said to be off, with what to do, on the pages of usage and devices, until both are there', async () => {
    for (const path of ['/usage', '/devices']) {
      expect(await browser.page(path)).not.toContain('Figures of single devices are not kept yet');
    }
    const setting = bindings.SETTING.get(bindings.SETTING.idFromName(await browser.setting()));
    await runInDurableObject(setting, (_: Setting, { storage }) => {
      storage.sql.exec('UPDATE setting SET assessed_on = NULL');
    });
    for (const path of ['/usage', '/devices', '/notice']) {
      const page = await browser.page(path);
      expect(page).toContain('Figures of single devices are not kept yet');
      expect(page).toContain('Do a data protection assessment, and enter its date.');
      expect(page).not.toContain('Publish the monitoring notice.');
    }
  });
});

async function publish(known: number): Promise<string | null> {
  const response = await browser.post('/notice', { ...wording, known: String(known), step: 'save' });
  return response.headers.get('location');
}

async function acknowledge(name: string, version: number, id: string = crypto.randomUUID()): Promise<string> {
  box.send({ type: 'acknowledgement', acknowledgement: { id, version, name, at: Date.now() } });
  expect(await box.next('acknowledgement-ack')).toEqual({ type: 'acknowledgement-ack', id });
  return id;
}

async function readerId(name: string): Promise<string> {
  const { readers } = await settingOf(bindings, await browser.setting()).notice();
  return readers.find((reader) => reader.name === name)?.id ?? '';
}

async function noteReader(what: 'paper' | 'left', id: string): Promise<number> {
  return (await browser.post('/notice/readers/noted', { what, reader: id })).status;
}

async function count(table: string): Promise<number> {
  const setting = bindings.SETTING.get(bindings.SETTING.idFromName(await browser.setting()));
  return await runInDurableObject(setting, (_: Setting, { storage }) =>
    Number(storage.sql.exec(`SELECT count(*) AS rows FROM ${table}`).one().rows),
  );
}

async function reconnect(): Promise<void> {
  box.disconnect();
  await box.closed();
  await box.connect();
  await box.next('grants');
}

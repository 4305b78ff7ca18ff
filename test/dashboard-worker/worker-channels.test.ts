/** Official channels: their register, and the permission that follows from it. In workerd, with a real box's line. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { bookChannels } from '../../dashboard-worker/setting/channels.ts';
import { addDays, calendarOf, instantOf } from '../../dashboard-worker/setting/opening.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { formatDate } from '../../dashboard-worker/views/format.ts';
import type { Grant } from '../../policy-rules/grants.ts';
import { applyMigrations, Box, type Browser, bindings, eventually, setUpAndSignIn } from './worker-fixtures.ts';

const zone = 'Europe/London';
const DAY_MS = 86_400_000;

let browser: Browser;
let box: Box;
let today: string;

beforeAll(async () => {
  await applyMigrations();
  browser = await setUpAndSignIn();
  box = await Box.connected();
  today = calendarOf(zone, Date.now()).date;
});

/** Not so long ago that the approval would have to be renewed. */
const [approvedOn, approvedAgainOn] = [-60, -30].map((days) => addDays(calendarOf(zone, Date.now()).date, days)) as [
  string,
  string,
];

const tracey = { id: 'user', name: 'Tracey Field' };
const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const form = {
  ...{ name: 'Our page', purpose: 'News for parents', approvedBy: 'Chair Lee' },
  ...{ approvedOn, assessedOn: approvedOn, firstPerson: 'Aisha Khan', secondPerson: 'Jo Hall' },
  ...{ device: 'office-pc', service: 'facebook', from: '00:00', to: '23:59' },
};

describe('an official channel', () => {
  it('opens its service on its device, on its days for two weeks, and the box has it', async () => {
    expect(await save(form)).toBe('/channels?done=channel-saved');
    const grants = await grantsOnBox();
    expect(grants).toHaveLength(14);
    for (const grant of grants) {
      expect(grant).toMatchObject({
        target: { device: 'office-pc' },
        scope: { service: 'facebook' },
        purpose: 'official',
        reason: 'Official channel “Our page”',
        grantedBy: 'Tracey Field',
      });
    }
    const tomorrow = addDays(today, 1);
    expect(grants.map(({ from }) => from)).toContain(instantOf(zone, tomorrow, '00:00'));
    expect(grants.map(({ until }) => until)).toContain(instantOf(zone, tomorrow, '23:59'));
    const page = await browser.page('/channels');
    for (const words of ['Our page', 'Facebook, on Office PC', 'Approved by Chair Lee', 'Aisha Khan and Jo Hall']) {
      expect(page).toContain(words);
    }
  });

  it('is on the record with those who look after it', async () => {
    const record = await browser.page('/record?kind=channel');
    expect(record).toContain(
      `Tracey Field entered the official channel “Our page” (News for parents), approved by Chair Lee on ${formatDate(approvedOn)}`,
    );
    expect(record).toContain('Tracey Field named Aisha Khan for the official channel “Our page”');
  });

  it('is on Now only as far as today goes, is no habit, and is counted apart in the year', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const now = await remote.now(tracey);
    expect(now.grants).toHaveLength(1);
    expect(now.grants[0]).toMatchObject({ purpose: 'official', toSelf: false });
    const give = await remote.give('');
    expect(give.usual).toEqual([]);
    const year = await remote.year(null, null, false, tracey);
    expect(year.channels).toEqual({ channels: 1, permissions: 1 });
    expect(year.grants.total).toBe(0);
  });

  it('is booked further each day, and not again where somebody has ended it', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const [current] = (await remote.now(tracey)).grants;
    await browser.post(`/grants/${current!.id}/end`, { back: 'now' });
    await inSetting((store) => {
      const count = () =>
        Number(store.select('SELECT count(*) AS slots FROM grants WHERE channel_id IS NOT NULL')[0]!.slots);
      expect(count()).toBe(14);
      bookChannels(store, Date.now());
      expect(count()).toBe(14);
      bookChannels(store, Date.now() + DAY_MS);
      expect(count()).toBe(15);
    });
    expect((await remote.now(tracey)).grants).toMatchObject([{ state: { kind: 'ended' } }]);
  });

  it('moves when its day, time or device does, and keeps what it has when its approval is renewed', async () => {
    const id = await channelId();
    const before = (await grantsOnBox()).map((grant) => grant.id);
    expect(await save({ ...form, approvedOn: approvedAgainOn }, id)).toBe('/channels?done=channel-saved');
    expect((await grantsOnBox()).map((grant) => grant.id)).toEqual(before);
    await save({ ...form, approvedOn: approvedAgainOn, from: '12:30', to: '13:30' }, id, ['monday']);
    const moved = await eventually(grantsOnBox, (grants) => grants.length < 5);
    expect(moved.map((grant) => grant.id).filter((grant) => before.includes(grant))).toEqual([]);
    for (const { from } of moved) expect(new Date(from).getUTCDay()).toBe(1);
    const record = await browser.page('/record?kind=channel');
    expect(record).toContain(
      `noted that Chair Lee approved the official channel “Our page” again on ${formatDate(approvedAgainOn)}`,
    );
    expect(record).toContain('changed the entry of the official channel “Our page”');
  });

  it('warns when one of its people has left, and is closed to all when both have', async () => {
    const id = await channelId();
    await save({ ...form, secondPerson: '' }, id);
    expect(await browser.page('/channels')).toContain('Only one of the two named people is left');
    expect(await browser.page('/')).toContain('Only one of the two named people is left');
    expect(await browser.page('/record?kind=channel')).toContain(
      'noted that Jo Hall no longer looks after the official channel “Our page”',
    );
    expect((await grantsOnBox()).length).toBeGreaterThan(0);
    await save({ ...form, firstPerson: '', secondPerson: '' }, id);
    await eventually(grantsOnBox, (grants) => grants.length === 0);
    expect(await browser.page('/channels')).toContain('Nobody looks after it any more');
  });

  it('is open again once two people are named anew, also on the days that had been booked before', async () => {
    const id = await channelId();
    await save(form, id);
    const grants = await eventually(grantsOnBox, (all) => all.length > 0);
    expect(grants).toHaveLength(14);
  });

  it('ends with what it was extended by, and both are one in the year', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const id = await channelId();
    const before = (await remote.year(null, null, false, tracey)).channels;
    const now = await remote.now(tracey);
    const current = now.grants.find(({ state }) => state.kind === 'in-force' || state.kind === 'sending')!;
    expect(await remote.extendGrant(current.id, { minutes: 10 }, current.until, tracey)).toMatchObject({ ok: true });
    expect(await grantsOnBox()).toHaveLength(15);
    expect((await remote.year(null, null, false, tracey)).channels).toEqual(before);
    expect((await remote.year(null, null, false, tracey)).grants.total).toBe(0);
    expect((await remote.give('')).usual).toEqual([]);
    await save({ ...form, firstPerson: '', secondPerson: '' }, id);
    expect(await eventually(grantsOnBox, (grants) => grants.length === 0)).toEqual([]);
    await save(form, id);
  });

  it('is not booked again today where somebody has ended it, though its people were named anew', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const id = await channelId();
    const current = (await remote.now(tracey)).grants.find(({ state }) => state.kind !== 'ended')!;
    await remote.endGrant(current.id, tracey);
    await save({ ...form, firstPerson: '', secondPerson: '' }, id);
    await save(form, id);
    expect(await eventually(grantsOnBox, (grants) => grants.length > 0)).toHaveLength(13);
  });

  it('is open again when the removal of its device is taken back', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const removed = await remote.changePolicy({ kind: 'remove-device', id: 'office-pc' }, tracey);
    expect(await grantsOnBox()).toEqual([]);
    if (!removed.ok) throw new Error('the device was not removed');
    expect(await remote.changePolicy({ kind: 'undo', version: removed.version }, tracey)).toMatchObject({ ok: true });
    expect(await grantsOnBox()).toHaveLength(13);
  });

  it('is a line of its own beside a permission for the same, and each says that the other stays', async () => {
    const remote = settingOf(bindings, await browser.setting());
    await inSetting((store) => store.script('UPDATE grants SET channel_slot = NULL WHERE revoked_at IS NOT NULL'));
    await inSetting((store) => bookChannels(store, Date.now()));
    const wish = { targets: [{ device: 'office-pc' }], scope: { service: 'facebook' }, until: { minutes: 600 } };
    const words = { purpose: 'personal', mode: 'verbal', reason: 'A recipe', askedBy: 'Jo' } as const;
    const given = await remote.giveGrant({ ...wish, ...words }, tracey);
    if (!given.ok) throw new Error(given.problem);
    const { also, told } = (await remote.grant(given.id))!.grant;
    expect(told).toHaveLength(1);
    expect(also).toMatchObject([{ scope: { name: 'Facebook' }, targets: [{ name: 'Office PC' }] }]);
    expect((await remote.grant(also[0]!.id))!.grant.also).toMatchObject([{ id: given.id }]);
    expect(await browser.page('/')).toContain('Facebook is also allowed on Office PC until');
    await remote.endGrant(given.id, tracey);
  });

  it('warns where its service can no longer be allowed, and the others are booked all the same', async () => {
    await save({ ...form, name: 'Another page', service: 'instagram' });
    await inSetting((store) => {
      store.script("UPDATE channels SET service = 'of-another-release' WHERE name = 'Our page'");
      expect(() => bookChannels(store, Date.now() + DAY_MS)).not.toThrow();
    });
    const { channels } = await settingOf(bindings, await browser.setting()).channels();
    expect(channels.map(({ name, warnings }) => [name, warnings])).toEqual([
      ['Another page', []],
      ['Our page', ['not-possible']],
    ]);
    expect(await browser.page('/')).toContain('Its service can no longer be allowed');
    expect(
      (await grantsOnBox()).filter(({ scope }) => 'service' in scope && scope.service === 'instagram'),
    ).toHaveLength(15);
    await inSetting((store) => store.script("UPDATE channels SET service = 'facebook' WHERE name = 'Our page'"));
    await browser.post(`/channels/${await channelId()}/close`, {});
  });

  it('warns when its approval is more than a year old, or its device is gone', async () => {
    const yearAgo = `${Number(today.slice(0, 4)) - 1}${today.slice(4)}`;
    const id = await channelId();
    await save({ ...form, approvedOn: yearAgo }, id);
    expect(await browser.page('/channels')).not.toContain('more than a year old');
    await save({ ...form, approvedOn: addDays(yearAgo, -1) }, id);
    expect(await browser.page('/channels')).toContain('more than a year old');
    await browser.post('/devices/office-pc/remove', { step: 'save' });
    await eventually(grantsOnBox, (grants) => grants.length === 0);
    expect(await browser.page('/channels')).toContain('Its device is gone');
    await inSetting((store) => bookChannels(store, Date.now()));
    expect(await grantsOnBox()).toEqual([]);
  });

  it('is gone from the register once it is closed, and its permission with it', async () => {
    const device = { name: 'Office PC', group: 'setting', addresses: '192.168.1.20', macs: '', user: 'shared' };
    const { policy } = await settingOf(bindings, await browser.setting()).policy();
    await browser.post('/devices', { ...device, userName: '', version: String(policy.version), step: 'save' });
    const id = await channelId();
    // Ids of devices that are gone do not come back.
    expect(await save({ ...form, device: 'office-pc-2' }, id)).toBe('/channels?done=channel-saved');
    await eventually(grantsOnBox, (grants) => grants.length > 0);
    expect((await browser.post(`/channels/${id}/close`, {})).status).toBe(303);
    await eventually(grantsOnBox, (grants) => grants.length === 0);
    expect(await browser.page('/channels')).toContain('No channel has been entered yet');
    expect((await browser.post(`/channels/${id}/close`, {})).status).toBe(404);
    expect((await browser.get(`/channels/${id}`)).status).toBe(404);
    expect(await browser.page('/record?kind=channel')).toContain('closed the official channel “Our page”');
  });
});

describe('the register of staff', () => {
  const names = async () =>
    (await settingOf(bindings, await browser.setting()).notice()).readers.map((reader) => reader.name);
  const leave = async (name: string) => {
    const { readers } = await settingOf(bindings, await browser.setting()).notice();
    const { id } = readers.find((reader) => reader.name === name)!;
    expect((await browser.post('/notice/readers/noted', { reader: id, what: 'left' })).status).toBe(303);
  };
  const save2 = (change: object, id = '') => save({ ...form, device: 'office-pc-2', ...change }, id);

  it('has everybody on it who is named for a channel, and is offered where people are named', async () => {
    expect(await save2({ firstPerson: 'Bea Young', secondPerson: 'Cy Adams' })).toBe('/channels?done=channel-saved');
    expect(await names()).toEqual(expect.arrayContaining(['Bea Young', 'Cy Adams']));
    for (const page of ['/channels/new', '/devices/new']) {
      expect(await browser.page(page)).toMatch(/<datalist id="staff">.*value="Bea Young"/s);
    }
  });

  it('takes who leaves off their channels, which close when nobody is left', async () => {
    await eventually(grantsOnBox, (grants) => grants.length > 0);
    await leave('Bea Young');
    expect(await browser.page('/')).toContain('Only one of the two named people is left');
    expect(await browser.page('/record?kind=channel')).toContain(
      'noted that Bea Young no longer looks after the official channel “Our page”',
    );
    expect((await grantsOnBox()).length).toBeGreaterThan(0);
    await leave('Cy Adams');
    await eventually(grantsOnBox, (grants) => grants.length === 0);
    expect(await browser.page('/channels')).toContain('Nobody looks after it any more');
    // Who comes back is named anew by somebody, and not by themselves.
    await browser.post('/notice/readers', { names: 'Bea Young' });
    expect(await browser.page('/channels')).toContain('Nobody looks after it any more');
    await browser.post(`/channels/${await channelId()}/close`, {});
  });

  it('has who uses a device, and says so where they have left, until somebody else is entered', async () => {
    const remote = settingOf(bindings, await browser.setting());
    const user = async (name: string) => {
      const { id, ...device } = (await remote.policy()).policy.devices.find((each) => each.id === 'office-pc-2')!;
      const change = { kind: 'save-device', id, device: { ...device, user: { kind: 'person', name } } } as const;
      expect(await remote.changePolicy(change, tracey)).toMatchObject({ ok: true });
    };
    await user('Dee Holt');
    expect(await names()).toContain('Dee Holt');
    expect(await browser.page('/')).not.toContain('has left and is still entered');
    await leave('Dee Holt');
    expect(await browser.page('/')).toContain('Dee Holt has left and is still entered as the one who uses Office PC');
    expect(await browser.page('/devices')).toContain('They have left');
    // Another change of the device does not bring them back.
    await user('Dee Holt');
    expect(await names()).not.toContain('Dee Holt');
    await user('Eve Marsh');
    expect(await browser.page('/')).not.toContain('has left and is still entered');
  });
});

describe('the form of a channel', () => {
  it('enters one channel however often it is sent, and another one when it was filled in otherwise', async () => {
    const names = async () =>
      (await settingOf(bindings, await browser.setting()).channels()).channels.map((row) => row.name);
    const shown = await browser.page('/channels/new');
    const id = /name="id" value="([^"]+)"/.exec(shown)![1]!;
    const tap = { ...form, device: 'office-pc-2', id };
    await Promise.all([save(tap), save(tap)]);
    expect(await names()).toEqual(['Our page']);
    await save({ ...tap, name: 'Our other page' });
    expect(await names()).toEqual(['Our other page', 'Our page']);
  });

  it.each([
    ['a name', { name: '' }, 'Give the channel a name'],
    ['two people', { secondPerson: '' }, 'Name two different people'],
    ['two different people', { secondPerson: 'Aisha Khan' }, 'Name two different people'],
    ['an approval that is over', { approvedOn: '2099-01-01' }, 'Approved on: Write a date that is not in the future'],
    ['a service that can be allowed', { service: 'vpn' }, 'Choose the service'],
    ['a device that there is', { device: 'nobodys' }, 'Choose the device'],
    ['an end after its beginning', { from: '14:00', to: '13:00' }, 'later than the beginning'],
  ])('asks for %s', async (_, change, words) => {
    const response = await post({ ...form, device: 'office-pc-2', ...change });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(words);
  });

  it('asks for a day', async () => {
    expect(await (await post(form, '', [])).text()).toContain('Choose at least one day');
  });
});

async function post(fields: Record<string, string>, id = '', days: readonly string[] = everyDay): Promise<Response> {
  const sent = [['setting', await browser.setting()], ...Object.entries(fields), ...days.map((day) => ['days', day])];
  return await browser.post(id === '' ? '/channels' : `/channels/${id}`, sent);
}

async function save(fields: Record<string, string>, id = '', days: readonly string[] = everyDay) {
  return (await post(fields, id, days)).headers.get('location');
}

async function channelId(): Promise<string> {
  const { channels } = await settingOf(bindings, await browser.setting()).channels();
  return channels[0]!.id;
}

/** What the newest message holds, once it is acknowledged: that of a connect has everything. */
async function grantsOnBox(): Promise<readonly Grant[]> {
  box.disconnect();
  await box.closed();
  await box.connect();
  return (await box.readGrants(await box.next('grants'))).grants;
}

async function inSetting(work: (store: Store) => void): Promise<void> {
  const setting = bindings.SETTING.get(bindings.SETTING.idFromName(await browser.setting()));
  await runInDurableObject(setting, (_: Setting, { storage }) => work(new Store(storage)));
}

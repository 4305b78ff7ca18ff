/** What other programs do through the API, matter by matter, as it then stands on the pages and on the box; in workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { makeKey } from '../../dashboard-worker/accounts/keys.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import { calendarOf, instantOf } from '../../dashboard-worker/setting/opening.ts';
import { forgetCalls } from '../../dashboard-worker/setting/repeated-calls.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { type KeyScope, keyScopes } from '../../dashboard-worker/views/models.ts';
import { type Device, OpeningHours } from '../../policy-rules/policy.ts';
import {
  applyMigrations,
  Box,
  type Browser,
  bindings,
  eventually,
  request,
  setUpAndSignIn,
} from './worker-fixtures.ts';

const actor = { id: 'user', name: 'Tracey Field' };

let browser: Browser;
let own: string;
let box: Box;
let key: string;

beforeAll(async () => {
  await applyMigrations();
  browser = await setUpAndSignIn();
  own = await browser.setting();
  box = await Box.connected((await makePairingCode(bindings, own, null)).code);
  await eventually(
    async () => box.policy.version,
    (version) => version === 1,
  );
  key = await keyOf(keyScopes);
});

const wish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 20 },
  purpose: 'personal',
  mode: 'written',
  reason: 'Reply to a parent',
  askedBy: 'Jo',
};

describe('a call that is sent again', () => {
  it('under the same Idempotency-Key is done once, and answered as it was', async () => {
    const send = () => call('POST', '/grants', { body: wish, headers: { 'idempotency-key': 'lost-answer-1' } });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    const given = (await first.json()) as { id: string };
    expect(await second.json()).toEqual(given);
    expect((await grants()).map(({ id }) => id)).toEqual([given.id]);
    await call('POST', `/grants/${given.id}/end`);
  });

  it('without one, or under another, is a call of its own', async () => {
    const ids = [];
    for (const headers of [{}, {}, { 'idempotency-key': 'a' }, { 'idempotency-key': 'b' }]) {
      const { id } = (await (await call('POST', '/grants', { body: wish, headers })).json()) as { id: string };
      ids.push(id);
      // The same again while it is in force would join it.
      await call('POST', `/grants/${id}/end`);
    }
    expect(new Set(ids).size).toBe(4);
  });

  it('at the same moment is done once, whichever comes first', async () => {
    const headers = { 'idempotency-key': 'at-once' };
    const body = { ...wish, reason: 'At once' };
    const answers = await Promise.all([1, 2, 3].map(() => call('POST', '/grants', { body, headers })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status !== 201 && status !== 409)).toEqual([]);
    expect(statuses).toContain(201);
    const made = (await grants()).filter(({ reason, state }) => reason === 'At once' && state.kind !== 'ended');
    expect(made).toHaveLength(1);
    await call('POST', `/grants/${made[0]!.id}/end`);
  });

  it('and asks for something else under the same key is refused', async () => {
    const headers = { 'idempotency-key': 'reused' };
    const first = await call('POST', '/grants', { body: wish, headers });
    await call('POST', `/grants/${((await first.json()) as { id: string }).id}/end`);
    const before = (await grants()).length;
    expect((await call('POST', '/grants', { body: { ...wish, reason: 'Another' }, headers })).status).toBe(422);
    expect((await call('POST', '/grants/noted', { body: wish, headers })).status).toBe(422);
    expect((await grants()).length).toBe(before);
  });

  it('of another program has nothing to do with it', async () => {
    const headers = { 'idempotency-key': 'shared-name' };
    const other = await keyOf(['grant.give', 'now.see']);
    const ids = [];
    for (const given of [key, other]) {
      const answered = await call('POST', '/grants', { body: wish, headers, key: given });
      expect(answered.headers.get('idempotent-replayed')).toBeNull();
      const { id } = (await answered.json()) as { id: string };
      ids.push(id);
      await call('POST', `/grants/${id}/end`);
    }
    expect(new Set(ids).size).toBe(2);
  });

  it('after a refusal, which wrote nothing, is looked at anew', async () => {
    const headers = { 'idempotency-key': 'mended' };
    const away = { ...wish, targets: [{ device: 'nobodys' }] };
    expect((await call('POST', '/grants', { body: away, headers })).status).toBe(422);
    const mended = await call('POST', '/grants', { body: wish, headers });
    expect(mended.status).toBe(201);
    await call('POST', `/grants/${((await mended.json()) as { id: string }).id}/end`);
  });

  it('while nobody knows whether it was done, is not done again', async () => {
    const headers = { 'idempotency-key': 'killed-meanwhile' };
    const given = (await (await call('POST', '/grants', { body: wish, headers })).json()) as { id: string };
    await call('POST', `/grants/${given.id}/end`);
    // As it is left by a dashboard that was killed before the answer was kept.
    await runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(own)), (_: Setting, { storage }) => {
      storage.sql.exec("UPDATE repeated_calls SET status = NULL, body_json = NULL WHERE name = 'killed-meanwhile'");
    });
    const again = await call('POST', '/grants', { body: wish, headers });
    expect(again.status).toBe(409);
    expect(again.headers.get('retry-after')).toBe('2');
    expect(await grants()).toEqual([]);
  });

  it('is kept for a day, and no longer', async () => {
    const headers = { 'idempotency-key': 'yesterday' };
    const first = (await (await call('POST', '/grants', { body: wish, headers })).json()) as { id: string };
    await runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(own)), (_: Setting, { storage }) => {
      storage.sql.exec('UPDATE repeated_calls SET claimed_at = claimed_at - 86400001');
      forgetCalls(new Store(storage), Date.now());
      expect(storage.sql.exec('SELECT name FROM repeated_calls').toArray()).toEqual([]);
    });
    await call('POST', `/grants/${first.id}/end`);
    const second = (await (await call('POST', '/grants', { body: wish, headers })).json()) as { id: string };
    expect(second.id).not.toBe(first.id);
    await call('POST', `/grants/${second.id}/end`);
  });

  it('needs a key that a header can hold', async () => {
    for (const name of ['', 'two words', 'x'.repeat(256)]) {
      const { status } = await call('POST', '/grants', { body: wish, headers: { 'idempotency-key': name } });
      expect({ name, status }).toEqual({ name, status: 400 });
    }
  });
});

describe('permission', () => {
  it('is booked, extended once whoever asks twice, repeated, and noted afterwards', async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const booked = await call('POST', '/grants', {
      body: { ...wish, from: { date: tomorrow, time: '10:00' }, until: { time: '11:00' } },
    });
    const { id, until } = (await booked.json()) as { id: string; until: number };
    const body = { more: { minutes: 10 }, knownEnd: until };
    const [once, twice] = [
      await call('POST', `/grants/${id}/extend`, { body }),
      await call('POST', `/grants/${id}/extend`, { body }),
    ];
    expect(await once.json()).toMatchObject({
      id,
      until: until + 600_000,
      story: [{ kind: 'given' }, { kind: 'extended' }],
    });
    expect(await twice.json()).toMatchObject({ until: until + 600_000 });
    const repeated = (await (await call('POST', `/grants/${id}/repeat`)).json()) as {
      id: string;
      from: number;
      until: number;
    };
    expect(repeated.until - repeated.from).toBe(70 * 60_000);
    for (const each of [id, repeated.id]) expect((await call('POST', `/grants/${each}/end`)).status).toBe(200);
    const { mode: _, until: _until, ...noted } = wish;
    const over = await call('POST', '/grants/noted', { body: { ...noted, from: '00:00', until: '00:01' } });
    expect(over.status).toBe(201);
    expect(await over.json()).toMatchObject({ state: { kind: 'noted' }, mode: 'verbal' });
  });
});

describe('what people see on their pages', () => {
  const json = async (path: string, given = key) =>
    (await (await call('GET', path, { key: given })).json()) as Record<string, never>;

  it('is read as Now says it, in its sentences', async () => {
    box.send(box.health({ alerts: [{ code: 'disk', text: 'The disk is nearly full.', since: Date.now() }] }));
    interface Now {
      readonly opening: { readonly sentence: string };
      readonly attention: readonly { readonly kind: string; readonly sentence: string }[];
    }
    const now = await eventually(
      async () => (await json('/now')) as unknown as Now,
      ({ attention }) => attention.length > 0,
    );
    expect(now).toMatchObject({ settingName: 'Halstead Nursery', timeZone: 'Europe/London', box: 'working' });
    expect(now.attention).toMatchObject([{ kind: 'alert', sentence: expect.stringContaining('nearly full. Since') }]);
    const text = (await browser.page('/')).replaceAll(/<[^>]*>/g, '');
    for (const { sentence } of [now.opening, ...now.attention]) expect(text).toContain(sentence);
    box.send(box.health());
  });

  it('says which address of a device is on none of the networks, until it is mended', async () => {
    const stray = async () => {
      const { attention } = (await json('/now')) as unknown as { attention: { kind: string; sentence: string }[] };
      return attention.filter(({ kind }) => kind === 'stray-addresses').map(({ sentence }) => sentence);
    };
    expect(await stray()).toEqual([]);
    const mistyped = { ...device('Mistyped', '192.168.1.77'), addresses: ['192.186.1.77', '192.168.1.0/28'] };
    expect((await call('POST', '/devices', { body: mistyped })).status).toBe(200);
    expect(await stray()).toEqual([expect.stringContaining('The address 192.186.1.77 of Mistyped is on none')]);
    expect(await browser.page('/')).toMatch(/192\.186\.1\.77.*href="\/devices\/mistyped"/s);
    await call('DELETE', '/devices/mistyped');
    expect(await stray()).toEqual([]);
  });

  it('is what is usual, which is repeated by its id', async () => {
    const given = (await (await call('POST', '/grants', { body: { ...wish, reason: 'As ever' } })).json()) as {
      id: string;
    };
    await call('POST', `/grants/${given.id}/end`);
    const { usual } = (await json('/grants/usual')) as unknown as { usual: { id: string; reason: string }[] };
    const one = usual.find(({ reason }) => reason === 'As ever');
    const repeated = await call('POST', `/grants/${one?.id}/repeat`);
    expect(await repeated.json()).toMatchObject({ reason: 'As ever', targets: [{ name: 'Office PC' }] });
    for (const { id } of await grants()) await call('POST', `/grants/${id}/end`);
  });

  it('is the notice before it is published', async () => {
    const words = { seenBy: ['Only the cook'], contact: 'Tracey', more: [] };
    const draft = await call('POST', '/notice/preview', { body: words });
    expect(await draft.text()).toContain('Only the cook');
    expect(await json('/notice')).toMatchObject({ published: null });
    expect((await call('POST', '/notice/preview', { body: { ...words, seenBy: [] } })).status).toBe(422);
  });

  it('is what the record says of oneself, and of nobody else', async () => {
    const small = await keyOf(['now.see']);
    interface Page {
      readonly entries: { readonly who: string; readonly sentence: string }[];
      readonly next: number | null;
    }
    const own = (await json('/record/own?limit=1', small)) as unknown as Page;
    expect(own).toMatchObject({
      entries: [{ who: actor.name, sentence: expect.stringContaining('Some') }],
      next: null,
    });
    await call('GET', '/record', { key: small });
    const after = (await json('/record/own?limit=1', small)) as unknown as Page;
    expect(after.entries).toHaveLength(1);
    expect(after.entries[0]!.sentence).toContain('Some');
    expect(after.next).not.toBeNull();
  });

  it('is a request that is answered with other words than were asked for, by a key that may answer', async () => {
    const id = crypto.randomUUID();
    const asked = { scope: { service: 'facebook' }, minutes: 10, reason: '', askedBy: 'Sam', askedAt: Date.now() };
    box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
    await box.next('request-ack');
    const body = { ...wish, scope: { service: 'instagram' }, reason: 'Instead', request: id };
    const half = await keyOf(['grant.give', 'now.see']);
    expect((await call('POST', '/grants', { body, key: half })).status).toBe(403);
    expect(await json('/requests')).toMatchObject({ requests: [{ id }] });
    expect((await call('POST', '/grants', { body })).status).toBe(201);
    expect(await json('/requests')).toEqual({ requests: [] });
    expect((await call('POST', '/grants', { body })).status).toBe(409);
    for (const each of await grants()) await call('POST', `/grants/${each.id}/end`);
  });
});

describe('what two may change', () => {
  it('is changed with the ETag that it was read with, and not once somebody else was faster', async () => {
    const made = await call('POST', '/devices', { body: device('Tablet', '192.168.1.31') });
    expect(await made.json()).toMatchObject({ version: expect.any(Number), onBox: true, changes: null });
    const read = await call('GET', '/devices/tablet');
    const tag = read.headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[0-9a-f]{32}"$/);
    const put = (name: string, headers: Record<string, string>) =>
      call('PUT', '/devices/tablet', { body: device(name, '192.168.1.31'), headers });
    expect((await put('Nobody has looked', {})).status).toBe(428);
    expect((await put('Of an older one', { 'if-match': '"0"' })).status).toBe(412);
    expect((await put('Weak', { 'if-match': `W/${tag}` })).status).toBe(412);
    // Another device is another thing.
    await call('POST', '/devices', { body: device('Laptop', '192.168.1.32') });
    expect((await put('Tablet of the kitchen', { 'if-match': `"0", ${tag}` })).status).toBe(200);
    expect((await put('Tablet of the hall', { 'if-match': tag })).status).toBe(412);
    const after = (await (await call('GET', '/devices/tablet')).json()) as Device;
    expect(after.name).toBe('Tablet of the kitchen');
    expect((await put('Whatever it is', { 'if-match': '*' })).status).toBe(200);
    expect(box.policy.devices.map(({ name }) => name)).toContain('Whatever it is');
    expect((await call('DELETE', '/devices/tablet', { headers: { 'if-match': tag } })).status).toBe(412);
    expect((await call('DELETE', '/devices/tablet')).status).toBe(200);
    expect((await call('DELETE', '/devices/tablet')).status).toBe(404);
    expect((await put('Gone', { 'if-match': '*' })).status).toBe(404);
  });

  it('has a problem where what was sent has it', async () => {
    const problems = async (body: object) => {
      const refused = await call('POST', '/devices', { body });
      expect(refused.status).toBe(422);
      return ((await refused.json()) as { errors: { at: string }[] }).errors.map(({ at }) => at);
    };
    expect(await problems({ ...device('No address', ''), addresses: [] })).toEqual(['/macs']);
    expect(await problems(device('Bad address', 'nowhere'))).toEqual(['/addresses/0']);
    expect(await problems({ ...device('Bad group', '192.168.1.44'), group: 'none' })).toEqual(['/group']);
  });

  it('may be looked at first: nothing is saved', async () => {
    const read = async () => await (await call('GET', '/devices')).json();
    const before = await read();
    const looked = await call('POST', '/devices?preview=true', { body: device('Preview', '192.168.1.45') });
    expect(await looked.json()).toEqual({
      ...{ version: null, onBox: false },
      changes: [expect.stringContaining('Preview')],
    });
    expect(await read()).toEqual(before);
  });
});

describe('rules', () => {
  it('of hours are read, changed, and taken back; closures and openings show in the calendar', async () => {
    const read = await call('GET', '/hours');
    const hours = OpeningHours.parse(await read.json());
    const closures = [{ name: 'Inset day', first: '2027-03-01', last: '2027-03-01' }];
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    const saved = await call('PUT', '/hours', { body: { ...hours, closures }, headers });
    const { version } = (await saved.json()) as { version: number };
    expect(box.policy.hours.closures).toEqual(closures);
    const month = await (await call('GET', '/calendar?month=2027-03')).json();
    expect(month).toMatchObject({ days: { 0: { date: '2027-03-01', shut: { cause: 'closure', name: 'Inset day' } } } });
    expect((await call('PUT', '/hours', { body: hours, headers })).status).toBe(412);
    const last = await (await call('GET', '/rules/last-change')).json();
    expect(last).toMatchObject({
      last: { version, who: 'All (a program)', changes: [expect.stringContaining('Inset day')] },
    });
    expect((await call('POST', '/rules/last-change/undo', { body: { version: version - 1 } })).status).toBe(412);
    expect((await call('POST', '/rules/last-change/undo', { body: { version } })).status).toBe(200);
    expect(box.policy.hours.closures).toEqual(hours.closures);
    const opening = { name: 'Parents’ evening', date: '2027-03-02', from: '18:00', to: '20:00' };
    expect((await call('POST', '/hours/openings', { body: opening })).status).toBe(200);
    expect(box.policy.hours.openings).toEqual([opening]);
    expect((await call('POST', '/hours/openings', { body: { ...opening, date: '2027-02-30' } })).status).toBe(422);
    expect((await call('GET', '/calendar?month=2027-13')).status).toBe(422);
  });

  it('of groups and networks are changed on the box, and protected ones by nobody', async () => {
    const change = async (path: string, body: object) => {
      const tag = (await call('GET', path)).headers.get('etag') ?? '';
      return await call('PUT', path, { body, headers: { 'if-match': tag } });
    };
    const rules = { categories: { games: 'always' }, services: { youtube: 'never' } };
    const { categories } = (await (await call('GET', '/services')).json()) as {
      categories: { id: string; services: { id: string }[] }[];
    };
    const games = categories.find(({ services }) => services.some(({ id }) => id === 'roblox'))!.id;
    expect((await change('/groups/setting/rules', { ...rules, categories: { [games]: 'always' } })).status).toBe(200);
    const group = box.policy.groups.find(({ id }) => id === 'setting')!;
    expect(group.categories[games]).toBe('always');
    expect(group.services.youtube).toBe('never');
    expect((await change('/groups/setting/rules', { categories: { bypass: 'never' }, services: {} })).status).toBe(422);
    expect((await change('/groups/setting/safe-search', { search: false, youtube: 'strict' })).status).toBe(200);
    expect(box.policy.groups.find(({ id }) => id === 'setting')!.safeSearch).toEqual({
      search: false,
      youtube: 'strict',
    });
    const [network] = box.policy.networks;
    const moved = { range: network!.range, group: 'setting' };
    expect((await change('/networks', { networks: [moved] })).status).toBe(200);
    expect(box.policy.networks[0]!.group).toBe('setting');
    expect((await change('/networks', { networks: [{ ...moved, range: '10.99.0.0/16' }] })).status).toBe(422);
  });
});

describe('first names', () => {
  it('are kept each once in the order of the alphabet, and reach the box', async () => {
    const read = await call('GET', '/first-names');
    expect(await read.json()).toEqual({ names: [] });
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    const names = ['Zoë', 'Aisha', 'Zoë', ' Ben\u202e '];
    expect((await call('PUT', '/first-names', { body: { names }, headers })).status).toBe(200);
    expect(box.policy.firstNames).toEqual(['Aisha', 'Ben', 'Zoë']);
    expect((await call('PUT', '/first-names', { body: { names }, headers })).status).toBe(412);
    const long = await call('PUT', '/first-names', { body: { names: ['x'.repeat(41)] }, headers: { 'if-match': '*' } });
    expect(long.status).toBe(422);
  });
});

describe('the year', () => {
  it('is read in whole months, and tells of fewer than five as the committee is told', async () => {
    const month = new Date().toISOString().slice(0, 7);
    const given = [];
    for (const part of [{ reason: 'One of a kind', mode: 'verbal' }, { reason: 'Reply to a parent on our page' }]) {
      given.push((await (await call('POST', '/grants', { body: { ...wish, ...part } })).json()) as { id: string });
    }
    for (const { id } of given) await call('POST', `/grants/${id}/end`);
    const read = async (span: string) => await call('GET', `/year?${span}`);
    const year = await (await read(`from=${month}&to=${month}`)).json();
    expect(year).toMatchObject({ first: `${month}-01`, months: [month], requests: { lapsed: 0 } });
    expect(JSON.stringify(year)).not.toContain('One of a kind');
    const counts = [...JSON.stringify(year).matchAll(/"count":(\d+)/g)].map(([, count]) => Number(count));
    for (const count of counts) expect(count === 0 || count >= 5).toBe(true);
    // By word of mouth once, or twice with what was noted afterwards.
    expect(year).toMatchObject({ grants: { byMode: { verbal: null } } });
    for (const span of ['from=2026-02&to=2026-01', 'from=2024-01&to=2026-01', 'from=2026-01-05&to=2026-01-06', '']) {
      expect((await read(span)).status, span).toBe(422);
    }
  });
});

describe('official channels', () => {
  it('are registered, changed by whoever has read them, and closed', async () => {
    const channel = {
      ...{ name: 'Our page', purpose: 'News', approvedBy: 'Chair', approvedOn: '2026-01-01', assessedOn: '2026-01-01' },
      ...{ firstPerson: 'Jo', secondPerson: 'Sam', device: 'office-pc', service: 'facebook' },
      ...{ days: ['monday'], from: '10:00', to: '11:00' },
    };
    expect((await call('POST', '/channels', { body: channel })).status).toBe(201);
    const { channels } = (await (await call('GET', '/channels')).json()) as { channels: { id: string }[] };
    const path = `/channels/${channels[0]!.id}`;
    const read = await call('GET', path);
    expect(await read.json()).toEqual(channel);
    const headers = { 'if-match': read.headers.get('etag') ?? '' };
    const changed = { ...channel, purpose: 'News for parents' };
    expect((await call('PUT', path, { body: changed, headers })).status).toBe(200);
    expect((await call('PUT', path, { body: channel, headers })).status).toBe(412);
    const wrong = await call('POST', '/channels', { body: { ...channel, to: '09:00', secondPerson: '' } });
    expect(wrong.status).toBe(422);
    const { errors } = (await wrong.json()) as { errors: { at: string }[] };
    expect(errors.map(({ at }) => at)).toEqual(['/secondPerson', '/to']);
    expect((await call('POST', `${path}/close`)).status).toBe(200);
    expect((await call('POST', `${path}/close`)).status).toBe(404);
    expect((await call('GET', path)).status).toBe(404);
  });

  it('are not overwritten by somebody who read one before it was changed, even at the last moment', async () => {
    const form = {
      ...{ name: 'Race', purpose: 'X', approvedBy: 'X', approvedOn: '2026-01-01', assessedOn: '2026-01-01' },
      ...{ firstPerson: 'Jo', secondPerson: 'Sam', device: 'office-pc', service: 'facebook' },
      ...{ days: ['monday' as const], from: '10:00', to: '11:00' },
    };
    const setting = settingOf(bindings, own);
    await setting.saveChannel(null, form, actor);
    const [{ id } = { id: '' }] = (await setting.channels()).channels;
    await setting.saveChannel(id, { ...form, purpose: 'Y' }, actor);
    const late = await setting.saveChannel(id, { ...form, purpose: 'Z' }, actor, form);
    expect(late).toEqual({ ok: false, problem: 'changed-meanwhile' });
    expect((await setting.channelForm(id))?.purpose).toBe('Y');
    await setting.closeChannel(id, actor);
  });
});

describe('the monitoring notice', () => {
  interface Reader {
    readonly id: string;
    readonly name: string;
    readonly acknowledged: unknown;
  }

  it('is published once, read on paper, and its people come and go', async () => {
    const words = { seenBy: ['The manager'], contact: 'Tracey', more: [] };
    expect((await call('POST', '/notice', { body: { ...words, seenBy: [], after: 0 } })).status).toBe(422);
    const published = await call('POST', '/notice', { body: { ...words, after: 0 } });
    expect(await published.json()).toEqual({ version: 1 });
    expect((await call('POST', '/notice', { body: { ...words, after: 0 } })).status).toBe(409);
    expect((await call('POST', '/notice/readers', { body: { names: ['Aisha', 'Ben', 'aisha'] } })).status).toBe(200);
    const readers = async () => {
      const all = ((await (await call('GET', '/notice')).json()) as { readers: Reader[] }).readers;
      // Beside whoever a channel has brought onto the list.
      return all.filter(({ name }) => ['Aisha', 'Ben'].includes(name));
    };
    const [aisha, ben] = await readers();
    expect([aisha!.name, ben!.name]).toEqual(['Aisha', 'Ben']);
    const noted = await call('POST', '/notice/readers/read-on-paper', { body: { readers: [aisha!.id, 'nobody'] } });
    expect(await noted.json()).toEqual({ noted: 1 });
    await call('POST', '/notice/readers/left', { body: { readers: [ben!.id] } });
    expect(await readers()).toMatchObject([{ name: 'Aisha', acknowledged: { how: 'paper' } }]);
    expect((await call('PUT', '/notice/assessment', { body: { date: '2099-01-01' } })).status).toBe(422);
    expect((await call('PUT', '/notice/assessment', { body: { date: '2026-02-01' } })).status).toBe(200);
    expect(await (await call('GET', '/notice')).json()).toMatchObject({
      ...{ assessedOn: '2026-02-01', reporting: { on: true, missing: [] } },
    });
  });
});

describe('the record', () => {
  interface Page {
    readonly entries: { readonly sequence: number; readonly sentence: string; readonly who: string | null }[];
    readonly total: number;
    readonly next: number | null;
  }
  const page = async (query: string, given = key) =>
    (await (await call('GET', `/record?${query}`, { key: given })).json()) as Page;

  it('is read page by page, each entry once, however many are written meanwhile', async () => {
    const read: number[] = [];
    let next: number | null = null;
    let pages = 0;
    do {
      const got: Page = await page(next === null ? 'limit=7' : `limit=7&before=${next}`);
      read.push(...got.entries.map(({ sequence }) => sequence));
      next = got.next;
      pages += 1;
      // Written while the program reads.
      await call('POST', '/record/verification');
    } while (next !== null);
    expect(pages).toBeGreaterThan(3);
    expect(read).toEqual(Array.from({ length: read[0]! }, (_, at) => read[0]! - at));
  });

  it('is asked for by kind, day and name', async () => {
    const all = await page('');
    const day = (ahead: number) => new Date(Date.now() + ahead * 86_400_000).toISOString().slice(0, 10);
    expect((await page(`kind=notice&from=${day(-1)}&to=${day(1)}`)).entries.length).toBeGreaterThan(3);
    expect((await page('from=2099-01-01')).total).toBe(0);
    const named = await page('device=Office');
    expect(named.total).toBeGreaterThan(0);
    expect(named.total).toBeLessThan(all.total);
  });

  it('names no device and nobody who asked to a key without that right, and cannot be searched for them', async () => {
    const small = await keyOf(['record.read']);
    const asked = {
      scope: { service: 'facebook' },
      minutes: 10,
      reason: 'Photos',
      askedBy: 'Sakura',
      askedAt: Date.now(),
    };
    box.send({ type: 'request', request: { id: crypto.randomUUID(), device: 'office-pc', ...asked } });
    await box.next('request-ack');
    const whole = JSON.stringify(await page('limit=200'));
    for (const word of ['Office PC', 'Sakura', 'Photos']) expect(whole).toContain(word);
    const outline = await page('limit=200', small);
    for (const word of ['Office PC', 'Sakura', 'Photos']) expect(JSON.stringify(outline.entries)).not.toContain(word);
    expect((await page('limit=200&device=nowhere&person=nobody', small)).total).toBe(outline.total);
  });

  it('is copied only by a key that may see all that a copy holds', async () => {
    const half = await keyOf(['record.read', 'record.export']);
    const refused = await call('GET', '/record/export?format=ndjson', { key: half });
    expect(refused.status).toBe(403);
    expect(await refused.text()).not.toContain('Office PC');
    expect((await page('kind=account&limit=1')).entries[0]).toMatchObject({ who: 'Some (a program)' });
    expect((await page('kind=record&limit=200')).entries.map(({ who }) => who)).not.toContain('Some (a program)');
  });

  it('is checked, and the check is on the record', async () => {
    const checked = (await (await call('POST', '/record/verification')).json()) as { verified: { count: number } };
    expect(checked).toMatchObject({ verified: { who: 'All (a program)', firstWrong: null } });
    expect(checked.verified.count).toBeGreaterThan(20);
    expect(await (await call('GET', '/record/verification')).json()).toEqual(checked);
  });

  it('is copied whole, and the copy is its last entry', async () => {
    const copied = await call('GET', '/record/export?format=ndjson');
    expect(copied.headers.get('content-disposition')).toMatch(/^attachment; filename="record-to-\d+\.ndjson"$/);
    const lines = new TextDecoder()
      .decode(await copied.arrayBuffer())
      .trim()
      .split('\n');
    const { total } = await page('');
    expect(lines.length - 1).toBe(total);
    const csv = await (await call('GET', '/record/export?format=csv&kind=notice')).text();
    expect(csv).toContain('Aisha');
    expect((await call('GET', '/record/export?format=pdf')).status).toBe(422);
    expect((await page('kind=record&limit=1')).entries[0]).toMatchObject({ who: 'All (a program)' });
  });
});

describe('people and the box', () => {
  it('are read without anything that lets somebody in', async () => {
    const invited = await browser.post('/people/invitations', { name: 'Deputy to be', role: 'deputy' });
    const token = /\/invitation\/([\w-]{20,})/.exec(await invited.text())?.[1] ?? 'none';
    const people = await (await call('GET', '/people')).text();
    expect(people).toContain('tracey@nursery.example');
    const invitations = await (await call('GET', '/invitations')).text();
    expect(invitations).toContain('Deputy to be');
    await settingOf(bindings, own).createPairingCode(actor);
    const boxes = await (await call('GET', '/boxes')).text();
    expect(JSON.parse(boxes)).toMatchObject({ boxes: [{ name: 'Office cupboard', working: true }] });
    const code = (await settingOf(bindings, own).box()).pairing!.code;
    for (const text of [people, invitations, boxes]) {
      for (const secret of [token, code]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/password|token|hash|secret|hasSecondFactor/i);
    }
  });

  it('are asked which devices have no name, and that somebody looked is recorded', async () => {
    expect(await (await call('GET', '/unnamed-devices')).json()).toMatchObject({ kind: 'too-old', devices: [] });
    expect((await call('GET', '/groups')).status).toBe(200);
  });
});

it('a request is answered until the end of the session that is running, here and on the page', async () => {
  const remote = settingOf(bindings, own);
  const { hours } = (await remote.policy()).policy;
  const day = [
    { from: '00:00', to: '12:00' },
    { from: '12:00', to: '24:00' },
  ];
  const week = Object.fromEntries(Object.keys(hours.week).map((name) => [name, day])) as typeof hours.week;
  const always = { ...hours, week, terms: [], closures: [], bankHolidays: 'none' as const };
  await remote.changePolicy({ kind: 'hours', hours: always }, actor);
  const asked = { scope: { service: 'facebook' }, minutes: 10, reason: '', askedBy: 'Sam', askedAt: Date.now() };
  const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
  for (const id of [first, second]) {
    box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
    await box.next('request-ack');
  }
  const noon = instantOf('Europe/London', calendarOf('Europe/London', Date.now()).date, '12:00');
  expect(await (await call('GET', '/now')).json()).toMatchObject({ sessionEndsAt: noon });
  expect(await browser.page('/')).toContain('name="answer" value="session"');
  const yes = await call('POST', `/requests/${first}/answer`, { body: { answer: 'yes', session: true } });
  const { grantId } = (await yes.json()) as { grantId: string };
  const answered = await browser.post(`/requests/${second}/answer`, {
    ...{ answer: 'session', reason: 'ask-later', yesReason: 'none' },
  });
  for (const id of [grantId, answered.headers.get('location')!.split('/').at(-1)!]) {
    const { grant } = (await remote.grant(id))!;
    expect(grant.until).toBe(noon);
  }
  const both = { answer: 'yes', session: true, close: true };
  expect((await call('POST', `/requests/${first}/answer`, { body: both })).status).toBe(422);
});

function device(name: string, address: string): Omit<Device, 'id'> {
  return { name, group: 'setting', addresses: [address], macs: [] };
}

async function grants(): Promise<{ id: string; reason: string; state: { kind: string } }[]> {
  const { grants: all } = (await (await call('GET', '/grants')).json()) as {
    grants: Awaited<ReturnType<typeof grants>>;
  };
  return all.filter(({ state }) => state.kind !== 'ended');
}

async function keyOf(scopes: readonly KeyScope[]): Promise<string> {
  return (await makeKey(bindings, own, { name: scopes === keyScopes ? 'All' : 'Some', scopes }, actor)) ?? '';
}

interface Sent {
  readonly key?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function call(method: string, path: string, { key: given = key, body, headers }: Sent = {}): Promise<Response> {
  return request(`/api/v1/settings/${own}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${given}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

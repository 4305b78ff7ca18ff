/** The pages and their forms, in workerd: who may come in, and what each form does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { app } from '../../dashboard-worker/app.ts';
import { weekDays } from '../../dashboard-worker/views/hours-form.ts';
import {
  applyMigrations,
  Box,
  Browser,
  bindings,
  colleague,
  eventually,
  hostRequest,
  manager,
  otherSetting,
  request,
  setUpAndSignIn,
} from './worker-fixtures.ts';

let browser: Browser;
let box: Box;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  box = await Box.connected();
  await eventually(
    async () => box.policy.version,
    (version) => version === 1,
  );
});

describe('the doors', () => {
  it('shows no set-up for a wrong token, and sets up once', async () => {
    const visitor = new Browser();
    expect((await visitor.get('/setup/wrong')).status).toBe(410);
    expect((await visitor.get(`/setup?token=${bindings.SETUP_TOKEN}`)).headers.get('location')).toBe(
      `/setup/${bindings.SETUP_TOKEN}`,
    );
    expect(await visitor.page(`/setup/${bindings.SETUP_TOKEN}`)).toContain('My nursery');
    const short = await visitor.post(`/setup/${bindings.SETUP_TOKEN}`, { ...manager, password: 'short' });
    expect(short.status).toBe(422);
    // What sign-in could never take must not spend the link.
    for (const email of ['tracey@nursery', 'trácey@nursery.example', 'a..b@nursery.example', '.a@nursery.example']) {
      const unusable = await visitor.post(`/setup/${bindings.SETUP_TOKEN}`, { ...manager, email });
      expect({ email, status: unusable.status }).toEqual({ email, status: 422 });
    }
    browser = await setUpAndSignIn();
    expect((await visitor.get(`/setup/${bindings.SETUP_TOKEN}`)).status).toBe(410);
    expect((await visitor.post(`/setup/${bindings.SETUP_TOKEN}`, manager)).status).toBe(410);
    expect(await browser.page('/')).toContain('Halstead Nursery');
  });

  it('tells the box the new name of the setting', async () => {
    await eventually(
      async () => box.policy.settingName,
      (name) => name === 'Halstead Nursery',
    );
  });

  it('leaves no page and no endpoint open without a session', async () => {
    const open = [
      '/sign-in',
      '/setup',
      '/setup/:token',
      '/invitation/:token',
      '/assets/passkeys.js',
      '/assets/stairgate.css',
      '/assets/stairgate.js',
      '/healthz',
      '/api/v1/openapi.json',
    ];
    const own = [
      '/sign-in/passkey',
      '/sign-in/passkey/options',
      '/box/enrol',
      '/box/connect',
      '/host/start',
      '/host/pairing-code',
      '/sign-out',
    ];
    const routes = app.routes.filter(({ method, path }) => method !== 'ALL' && !open.includes(path));
    expect(routes.length).toBeGreaterThan(25);
    for (const { method, path } of routes) {
      const response = await request(path.replaceAll(/:\w+/g, 'x'), {
        method,
        ...(method === 'GET' ? {} : { body: new URLSearchParams(), headers: { origin: 'http://127.0.0.1:8080' } }),
      });
      const body = await response.text();
      const seen = `${method} ${path}: ${response.status} ${response.headers.get('location') ?? ''}`;
      if (own.includes(path)) {
        expect(seen).toMatch(/: (404|415|426) |sign-out: 303 \/sign-in/);
      } else if (path.startsWith('/api/')) {
        expect(seen).toMatch(/: 401 $/);
      } else {
        expect(seen).toMatch(/: 303 \/sign-in\?/);
      }
      expect(body).not.toContain('Halstead');
    }
  });

  it('where it is hosted, answers nothing unencrypted but where it is encrypted', async () => {
    const { HOST_SECRET: _, ...hosted } = bindings;
    for (const method of ['GET', 'POST']) {
      const response = await app.request('http://dashboard.example/sign-in?next=%2Fyear', { method }, hosted);
      const seen = [response.status, response.headers.get('location')];
      expect(seen).toEqual([308, 'https://dashboard.example/sign-in?next=%2Fyear']);
      expect(await response.text()).toBe('');
    }
    expect((await app.request('https://dashboard.example/sign-in', {}, hosted)).status).toBe(200);
  });

  it('refuses every form from another site', async () => {
    for (const path of ['/sign-in', '/give', '/devices', '/box/remove', '/sign-out', '/hours/open-today']) {
      const response = await browser.post(path, {}, 'https://elsewhere.example');
      expect({ path, status: response.status }).toEqual({ path, status: 403 });
      expect(await response.text()).toContain('did not come from this dashboard');
    }
  });

  it('refuses a change from another site whatever its type, and one that is far too long', async () => {
    for (const type of ['application/json', 'application/octet-stream', 'text/plain']) {
      const headers = { 'content-type': type, origin: 'https://elsewhere.example' };
      const response = await request('/sign-out', { method: 'POST', body: '{}', headers });
      expect({ type, status: response.status }).toEqual({ type, status: 403 });
    }
    const long = await browser.post('/devices', { name: 'x'.repeat(300_000) });
    expect(long.status).toBe(413);
    const body = JSON.stringify({ code: 'x'.repeat(20_000) });
    const headers = { 'content-type': 'application/json' };
    expect((await request('/box/enrol', { method: 'POST', body, headers })).status).toBe(413);
  });

  it('sends somebody who signs in only to addresses of its own', async () => {
    for (const [next, location] of [
      ['/year?from=2026-09-01&to=2026-10-01', '/year?from=2026-09-01&to=2026-10-01'],
      ['//elsewhere.example/', '/'],
      ['/\\elsewhere.example/', '/'],
      ['/..//elsewhere.example/steal', '/'],
      ['/.\\/elsewhere.example/steal', '/'],
      ['https://elsewhere.example/', '/'],
      ['/sign-in', '/'],
      ['/sign-in/code?next=/year', '/'],
    ] as const) {
      const visitor = new Browser();
      const response = await visitor.signIn(manager.email, manager.password, next);
      expect({ next, location: response.headers.get('location') }).toEqual({ next, location });
    }
  });

  it('binds the cookie to this host on https, and lets no script read it', async () => {
    const body = new URLSearchParams({ email: manager.email, password: manager.password, next: '' });
    const origin = 'https://dashboard.example';
    const response = await request(`${origin}/sign-in`, { method: 'POST', body, headers: { origin } });
    const [cookie] = response.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-stairgate-session=/);
    for (const attribute of ['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']) expect(cookie).toContain(attribute);
    expect(cookie).not.toContain('Domain');
  });

  it('ends a session for good when somebody signs out', async () => {
    const visitor = new Browser();
    await visitor.signIn();
    expect((await visitor.get('/')).status).toBe(200);
    await visitor.post('/sign-out', {});
    expect((await visitor.get('/')).status).toBe(303);
  });

  it('prolongs a session by use, not by a page that is open, and never beyond a day', async () => {
    const visitor = new Browser();
    await visitor.signIn();
    const change = (column: string, hours: number) =>
      bindings.ACCOUNTS.prepare(
        `UPDATE session SET ${column} = ? WHERE createdAt = (SELECT max(createdAt) FROM session)`,
      )
        .bind(new Date(Date.now() + hours * 3_600_000).toISOString())
        .run();
    await change('expiresAt', 5);
    expect((await visitor.get('/', { 'x-stairgate-live': '1' })).headers.getSetCookie()).toEqual([]);
    expect((await visitor.get('/')).headers.getSetCookie()).not.toEqual([]);
    await change('createdAt', -25);
    const { results } = await bindings.ACCOUNTS.prepare('SELECT createdAt FROM session').all();
    expect(results.length).toBeGreaterThan(0);
    expect((await visitor.get('/')).status).toBe(303);
  });

  it('answers with strict headers and without a trace for caches', async () => {
    const { headers } = await browser.get('/');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'; script-src 'self'");
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    const missing = await browser.get('/no-such-page');
    expect(missing.status).toBe(404);
    expect(await missing.text()).toContain('This page does not exist');
  });
});

describe('another setting', () => {
  it('is nothing that this one’s people can see or change', async () => {
    const { remote } = await otherSetting();
    const actor = { id: 'user-2', name: 'Somebody else' };
    await remote.changePolicy({ kind: 'save-device', id: null, device: { ...theirs, name: 'Their PC' } }, actor);
    const given = await remote.giveGrant(
      {
        targets: [{ group: 'setting' }],
        scope: { allSocial: true },
        until: { minutes: 10 },
        purpose: 'official',
        mode: 'verbal',
        reason: 'Theirs',
        askedBy: 'Jo',
      },
      actor,
    );
    if (!given.ok) throw new Error(given.problem);
    const before = (await remote.record({ kind: '', from: '', to: '' }, 1)).total;
    expect((await browser.get(`/grants/${given.id}`)).status).toBe(404);
    expect((await browser.post(`/grants/${given.id}/end`, { back: 'now' })).status).toBe(404);
    expect((await browser.post('/give/repeat', { grant: given.id })).status).toBe(404);
    expect((await browser.get('/devices/their-pc')).status).toBe(404);
    expect((await browser.post('/devices/their-pc/remove', {})).status).toBe(404);
    expect(await browser.page('/')).not.toContain('Theirs');
    expect((await remote.record({ kind: '', from: '', to: '' }, 1)).total).toBe(before);
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'waiting' } }]);
  });

  it('is not opened by an account that belongs to none', async () => {
    const { id } = await otherSetting();
    const visitor = await colleague('installer', id);
    expect((await visitor.get('/box')).status).toBe(200);
    const setting = await visitor.setting();
    await bindings.ACCOUNTS.prepare('DELETE FROM memberships WHERE setting_id = ?').bind(id).run();
    for (const path of ['/', '/box']) expect((await visitor.get(path)).status, path).toBe(404);
    expect((await visitor.post('/box/remove', { setting })).status).toBe(404);
  });
});

describe('the pages', () => {
  it('are all there for somebody who is signed in', async () => {
    for (const path of [
      '/',
      '/give',
      '/devices',
      '/devices/new',
      '/devices/office-pc',
      '/groups/setting/rules',
      '/hours/calendar',
      '/networks',
      '/unnamed-devices',
      '/hours',
      '/policy/last-change',
      '/usage',
      '/usage?span=term',
      '/record',
      '/year',
      '/box',
    ]) {
      const page = await browser.page(path);
      expect(page, path).toContain('Halstead Nursery');
    }
  });

  it('gives permission, shows the box’s own word, and ends it early', async () => {
    const given = await browser.post('/give', { ...giveForm, target: 'device:office-pc', scope: 'service:facebook' });
    expect(given.status).toBe(303);
    const address = given.headers.get('location')!;
    expect(address).toMatch(/^\/grants\/[\w-]{36}$/);
    expect(await browser.page(address)).toContain('In force on the box since');
    expect(await browser.page('/')).toContain('In force on the box since');
    const ended = await browser.post(`${address}/end`, { back: 'now' });
    expect(ended.headers.get('location')).toBe('/?done=grant-ended');
    expect(await browser.page(address)).toContain('Ended early at');
    const repeated = await browser.post('/give/repeat', { grant: address.split('/').at(-1)! });
    expect(repeated.headers.get('location')).toMatch(/^\/grants\//);
    const emergency = await browser.post('/give/emergency', { target: 'group:setting' });
    expect(await browser.page(emergency.headers.get('location')!)).toContain('Emergency');
  });

  it('shows a form with errors again, and writes nothing', async () => {
    for (const [change, words] of [
      [{ target: 'device:no-such' }, 'not there any more'],
      [{ scope: 'category:malware' }, 'does not know'],
      [{ scope: 'service:no-such' }, 'does not know'],
      [{ until: 'time', untilTime: '' }, 'Write a time'],
      [{ until: 'time', untilTime: '00:00' }, 'That time is over'],
      [{ reason: 'other', reasonText: '' }, 'Write the reason in your own words'],
    ] as const) {
      const form = { ...giveForm, target: 'device:office-pc', scope: 'service:facebook', ...change };
      const response = await browser.post('/give', form);
      expect({ change, status: response.status }).toEqual({ change, status: 422 });
      expect(await response.text()).toContain(words);
    }
    const nobody = await browser.post('/give', { ...giveForm, target: 'device:office-pc', forWhom: '' });
    expect(nobody.status).toBe(422);
    expect(await nobody.text()).toContain('Choose who it is for.');
    const unnamed = await browser.post('/give', { ...giveForm, target: 'device:office-pc', askedBy: '' });
    expect(await unnamed.text()).toContain('Write the name of who it is for.');
    expect((await browser.post('/give', { until: 'for ever' })).status).toBe(400);
  });

  it('answers a request in one tap', async () => {
    const id = crypto.randomUUID();
    const asked = {
      scope: { service: 'instagram' },
      minutes: 10,
      reason: 'A picture',
      askedBy: 'Sam',
      askedAt: Date.now(),
    };
    box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
    await box.next('request-ack');
    expect(await browser.page('/')).toContain('Sam');
    expect(await browser.page(`/give?request=${id}`)).toContain('You are answering this request');
    const words = { reason: 'ask-later', yesReason: 'this-once' };
    const answered = await browser.post(`/requests/${id}/answer`, { answer: '10', ...words });
    expect(await browser.page(answered.headers.get('location')!)).toContain('In force on the box since');
    const twice = await browser.post(`/requests/${id}/answer`, { answer: '10', ...words });
    expect(twice.headers.get('location')).toBe(answered.headers.get('location'));
    const again = await browser.post(`/requests/${id}/answer`, { answer: 'no', ...words });
    expect(again.headers.get('location')).toBe('/?done=request-gone');
    const deputy = await colleague('deputy', await browser.setting());
    const late = await deputy.post(`/requests/${id}/answer`, { answer: '10', ...words });
    expect(late.headers.get('location')).toBe('/?done=request-gone');
  });

  it('adds, changes and removes a device, each a new version on the box', async () => {
    const before = box.policy.version;
    const form = {
      name: 'Toddler room tablet',
      group: 'setting',
      addresses: '',
      macs: 'DC-A6-32-01-02-03',
      user: 'unknown',
      userName: '',
      version: String(before),
    };
    const preview = await (await browser.post('/devices', form)).text();
    expect(preview).toContain(
      'Toddler room tablet comes into “Setting devices”. Its use of restricted services is counted.',
    );
    expect(box.policy.version).toBe(before);
    expect((await browser.post('/devices', asSaved(preview))).headers.get('location')).toBe(
      '/devices?done=device-saved',
    );
    expect(box.policy).toMatchObject({ version: before + 1 });
    expect(box.policy.devices.at(-1)).toMatchObject({ id: 'toddler-room-tablet', macs: ['dc:a6:32:01:02:03'] });
    const wrong = await browser.post('/devices', { ...form, name: 'Other', macs: '', addresses: '192.168.1.999' });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain('“192.168.1.999” is no address on the network. One looks like 192.168.1.20.');
    const misread = await browser.post('/devices', { ...form, name: 'Other', macs: 'DC-A6-32-01-02-0O' });
    expect(await misread.text()).toContain('“dc:a6:32:01:02:0o” is no MAC address. One looks like dc:a6:32:01:02:03.');
    const taken = await browser.post('/devices', {
      ...{ ...form, name: ' toddler  room TABLET', macs: 'dc:a6:32:01:02:04' },
      version: versionIn(await browser.page('/devices/new')),
    });
    expect(taken.status).toBe(422);
    expect(await taken.text()).toContain('There is a device called “Toddler room tablet” already');
    expect((await browser.post('/devices/no-such', form)).status).toBe(404);
    const seen = { version: versionIn(await browser.page('/devices/toddler-room-tablet')) };
    const renamed = { ...form, ...seen, name: 'Tablet', group: 'guest', addresses: '192.168.1.30' };
    const looked = await (await browser.post('/devices/toddler-room-tablet', renamed)).text();
    for (const words of ['will be called Tablet', 'moves from “Setting devices” to “Guests”. Nothing that it does']) {
      expect(looked).toContain(words);
    }
    const again = await browser.post('/devices/toddler-room-tablet', { ...sentAgain(looked), step: 'edit' });
    expect(again.status).toBe(200);
    expect(await again.text()).toMatch(/name="name" value="Tablet"|value="Tablet" id="name"/);
    expect(box.policy.devices.at(-1)).toMatchObject({ name: 'Toddler room tablet' });
    await browser.post('/devices/toddler-room-tablet', asSaved(looked));
    expect(box.policy.devices.at(-1)).toMatchObject({ name: 'Tablet', group: 'guest', addresses: ['192.168.1.30'] });
    const unchanged = { ...renamed, version: versionIn(await browser.page('/devices/toddler-room-tablet')) };
    const nameless = await browser.post('/devices/toddler-room-tablet', { ...unchanged, user: 'person' });
    expect(nameless.status).toBe(422);
    expect(await nameless.text()).toContain('id="userName-error"');
    const used = { ...unchanged, group: 'setting', user: 'person', userName: 'Aisha' };
    const usedBy = await (await browser.post('/devices/toddler-room-tablet', used)).text();
    expect(usedBy).toContain('Tablet is used by Aisha alone.');
    const nothing = await (await browser.post('/devices/toddler-room-tablet', unchanged)).text();
    expect(nothing).toContain('Nothing will change');
    expect(nothing).not.toContain('value="save"');
    const overtaken = await browser.post('/devices/toddler-room-tablet', { ...asSaved(looked), name: 'Overtaken' });
    expect(overtaken.status).toBe(409);
    const late = await browser.post('/devices/toddler-room-tablet', { ...form, ...seen, name: 'From another tab' });
    expect(late.status).toBe(409);
    const page = await late.text();
    expect(page).toContain('Somebody else changed this meanwhile');
    expect(page).toContain('From another tab');
    expect(versionIn(page)).toBe(String(box.policy.version));
    expect(box.policy.devices.at(-1)).toMatchObject({ name: 'Tablet' });
    const removal = await (await browser.post('/devices/toddler-room-tablet/remove', {})).text();
    expect(removal).toContain('Tablet goes from the list.');
    expect(box.policy.devices).toHaveLength(2);
    await browser.post('/devices/toddler-room-tablet/remove', asSaved(removal));
    expect(box.policy.devices.map(({ id }) => id)).toEqual(['office-pc']);
  });

  it('asks the box which devices have no name, and gives one of them a name', async () => {
    const looks = async () =>
      (await browser.page('/record?kind=view')).split('looked at which devices without a name').length - 1;
    expect(await browser.page('/unnamed-devices')).toContain('too old');
    expect(await looks()).toBe(0);
    box.seen = {
      devices: [
        { mac: 'dc:a6:32:01:02:04', addresses: ['192.168.1.40', 'fe80::4'], group: 'setting' },
        // A box that would tell of guests, or of a device that has just been named, is not shown.
        { mac: 'dc:a6:32:01:02:05', addresses: ['192.168.1.41'], group: 'guest' },
        { mac: 'dc:a6:32:01:02:06', addresses: ['192.168.1.42'], group: 'no-such-group' },
      ],
      total: 4,
    };
    box.disconnect();
    await eventually(
      () => browser.page('/unnamed-devices'),
      (page) => page.includes('cannot be reached'),
    );
    await box.connect();
    await box.next('grants');
    const list = await browser.page('/unnamed-devices');
    expect(list).toContain('192.168.1.40');
    expect(list).not.toMatch(/192\.168\.1\.4[12]/);
    expect(list).toContain('One more device without a name');
    await browser.page('/unnamed-devices');
    expect(await looks()).toBe(1);

    const asked = await browser.post('/unnamed-devices/name', { ...sentAgain(list), mac: 'dc:a6:32:01:02:04' });
    const form = await asked.text();
    expect([asked.status, asked.headers.get('location')]).toEqual([200, null]);
    expect(form).toContain('dc:a6:32:01:02:04</textarea>');
    expect(form).toMatch(/name="group" value="setting" checked/);
    const named = { name: 'Baby room tablet', group: 'setting', user: 'shared', userName: '', addresses: '' };
    const fields = { ...named, macs: 'dc:a6:32:01:02:04', version: versionIn(form) };
    await browser.post('/devices', asSaved(await (await browser.post('/devices', fields)).text()));
    expect(box.policy.devices.at(-1)).toMatchObject({ name: 'Baby room tablet', user: { kind: 'shared' } });
    // The box here says the same as before, as one would that has not read the new policy yet.
    expect(await browser.page('/unnamed-devices')).not.toContain('192.168.1.40');

    box.seen = { devices: null, total: 0 };
    expect(await browser.page('/unnamed-devices')).toContain('cannot read which devices');
    expect((await browser.post('/unnamed-devices/name', { mac: 'x', group: 'setting' })).status).toBe(400);
    await browser.post('/devices/baby-room-tablet/remove', { step: 'save' });
  });

  it('turns a group’s safe search, as a version on the box and a sentence in the record', async () => {
    const path = '/groups/setting/safe-search';
    const page = await browser.page(path);
    expect(page).toContain('Google, Bing, DuckDuckGo');
    const seen = { version: versionIn(page) };
    const before = box.policy.version;
    const preview = await (await browser.post(path, { search: 'off', youtube: 'strict', ...seen })).text();
    expect(preview).toContain('Search engines show what they are set to show on the devices of “Setting devices”');
    expect(preview).toContain('Setting devices”: strict. Before: moderate.');
    expect(box.policy.version).toBe(before);
    const back = await browser.post(path, { ...sentAgain(preview), step: 'edit' });
    expect(back.status).toBe(200);
    expect(await back.text()).toMatch(/value="strict" checked/);
    const saved = await browser.post(path, asSaved(preview));
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/devices?done=safe-search-saved']);
    expect(box.policy.version).toBe(before + 1);
    const group = () => box.policy.groups.find(({ id }) => id === 'setting');
    expect(group()).toMatchObject({ safeSearch: { search: false, youtube: 'strict' } });
    expect(await browser.page('/devices')).toContain('Safe search: off. YouTube, when it is open: strict.');
    expect(await browser.page('/record')).toMatch(
      /set safe search for .+: searches are shown as they are, YouTube is restricted \(strict\)/,
    );
    const late = await browser.post(path, { search: 'on', youtube: 'off', ...seen });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('Somebody else changed this meanwhile');
    expect(group()).toMatchObject({ safeSearch: { search: false, youtube: 'strict' } });
    expect((await browser.post('/groups/none/safe-search', { search: 'on', youtube: 'off', ...seen })).status).toBe(
      404,
    );
    expect((await browser.post(path, { search: 'on', youtube: 'perhaps', ...seen })).status).toBe(400);
  });

  it('keeps a list of first names for the box, each once, and puts no name of it on the record', async () => {
    const path = '/first-names';
    const seen = { version: versionIn(await browser.page(path)) };
    const names = ' Jo\r\nAisha\r\n\r\nJo;  Zoë ';
    const preview = await (await browser.post(path, { names, ...seen })).text();
    expect(preview).toContain('Whoever asks for permission can choose Aisha, Jo, Zoë.');
    expect(box.policy.firstNames).toBeUndefined();
    const saved = await browser.post(path, asSaved(preview));
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/devices?done=first-names-saved']);
    expect(box.policy.firstNames).toEqual(['Aisha', 'Jo', 'Zoë']);
    expect(await browser.page(path)).toContain('Aisha\nJo\nZoë</textarea>');
    const record = await browser.page('/record');
    expect(record).toContain('changed the list of first names, which now has 3 names');
    expect(record).not.toContain('Zoë');
    for (const [wrong, words] of [
      ['x'.repeat(41), 'is too long: use at most 40 characters'],
      [Array.from({ length: 101 }, (_, at) => `N${at}`).join('\n'), 'Use at most 100 names'],
    ] as const) {
      const response = await browser.post(path, { names: wrong, version: versionIn(await browser.page(path)) });
      expect([response.status, (await response.text()).includes(words)]).toEqual([422, true]);
    }
    const late = await browser.post(path, { names: 'Sam', ...seen, step: 'save' });
    expect([late.status, await late.text()]).toEqual([
      409,
      expect.stringContaining('Somebody else changed this meanwhile'),
    ]);
    expect(box.policy.firstNames).toHaveLength(3);
  });

  it('chooses for each network as whom its devices without a name are filtered, and warns of a laxer group', async () => {
    const page = await browser.page('/networks');
    const chosen = Object.fromEntries(
      box.policy.networks.map(({ range, group }): [string, string] => [`network-${range}`, group]),
    );
    for (const field of Object.keys(chosen)) expect(page).toContain(`name="${field}"`);
    const form = { ...chosen, version: versionIn(page), 'network-10.0.0.0/8': 'guest' };
    const preview = await (await browser.post('/networks', form)).text();
    expect(preview).toContain('are filtered as “Guests”. Before: as “Setting devices”.');
    const group = () => box.policy.networks.find(({ range }) => range === '10.0.0.0/8')?.group;
    expect(group()).toBe('setting');
    expect((await browser.post('/networks', asSaved(preview))).headers.get('location')).toBe(
      '/devices?done=networks-saved',
    );
    expect(group()).toBe('guest');
    expect(await browser.page('/record')).toMatch(/put the devices without a name on the network .+ into “Guests”/);
    expect((await browser.post('/networks', { ...form, 'network-::1/128': 'office' })).status).toBe(409);
    expect((await browser.post('/networks', { ...form, 'network-::1/128': 'no-such' })).status).toBe(404);
    await browser.post('/policy/last-change', { version: String(box.policy.version) });
    expect(group()).toBe('setting');
    expect(page).not.toContain('blocks more than');
    const rules = await browser.page('/groups/office/rules');
    const asItStands = Object.fromEntries(
      [...rules.matchAll(/<select id="([^"]+)"/g)].map(([, name = '']) => [name, '']),
    );
    const stricter = { ...asItStands, 'category-gaming': 'always', version: versionIn(rules), step: 'save' };
    expect((await browser.post('/groups/office/rules', stricter)).status).toBe(303);
    expect(await browser.page('/networks')).toContain('“Office” blocks more than “Setting devices”');
    const warning = 'are filtered as “Setting devices”, and “Office” blocks more';
    expect((await browser.page('/')).split(warning).length - 1).toBe(box.policy.networks.length);
    const asOffice = Object.fromEntries(Object.keys(chosen).map((field) => [field, 'office']));
    const heeded = { ...asOffice, version: String(box.policy.version), step: 'save' };
    expect((await browser.post('/networks', heeded)).status).toBe(303);
    expect(await browser.page('/')).not.toContain('blocks more');
    await browser.post('/policy/last-change', { version: String(box.policy.version) });
    await browser.post('/policy/last-change', { version: String(box.policy.version) });
  });

  it('changes what is blocked for a group, says so before, and takes it back', async () => {
    const path = '/groups/setting/rules';
    const page = await browser.page(path);
    const asItStands = Object.fromEntries(
      [...page.matchAll(/<select id="([^"]+)"/g)].map(([, name = '']) => [name, '']),
    );
    expect(Object.keys(asItStands)).toContain('category-social-networking');
    // What nobody may open is not offered.
    expect(page).not.toContain('category-bypass');
    const before = box.policy;
    const group = () => box.policy.groups.find(({ id }) => id === 'setting');
    const form = { ...asItStands, version: versionIn(page), 'category-gaming': 'always', another: 'youtube' };

    const half = await browser.post(path, form);
    expect(half.status).toBe(422);
    expect(await half.text()).toMatch(/<option value="youtube" selected/);
    const preview = await (await browser.post(path, { ...form, anotherWhen: 'never' })).text();
    expect(preview).toMatch(/For “Setting devices”, everything under “[^”]+”: always blocked. Before: as usual./);
    expect(preview).toContain('For “Setting devices”, YouTube: not blocked. Before: as usual.');
    expect(box.policy).toBe(before);
    const back = await browser.post(path, { ...sentAgain(preview), step: 'edit' });
    expect(await back.text()).toMatch(/id="service-youtube"/);
    const saved = await browser.post(path, asSaved(preview));
    expect(saved.headers.get('location')).toBe('/devices?done=group-rules-saved');
    expect(group()).toMatchObject({ categories: { gaming: 'always' }, services: { youtube: 'never' } });
    const record = await browser.page('/record');
    for (const words of ['is always blocked', 'YouTube is not blocked']) expect(record).toContain(words);

    // Somebody else still has the page of before.
    const late = await browser.post(path, { ...form, anotherWhen: 'never', step: 'save' });
    expect(late.status).toBe(409);
    const now = await browser.page(path);
    const usual = { ...asItStands, 'service-youtube': '', version: versionIn(now), step: 'save' };
    expect((await browser.post(path, usual)).status).toBe(303);
    expect(group()).toMatchObject({ categories: {}, services: {} });
    // Recorded as what holds again, which is the rule of its kind.
    expect(await browser.page('/record')).toContain('YouTube is blocked during opening hours');

    const undo = { version: versionIn(await browser.page('/policy/last-change')) };
    expect((await browser.post('/policy/last-change', undo)).status).toBe(303);
    expect(group()).toMatchObject({ categories: { gaming: 'always' }, services: { youtube: 'never' } });
    await browser.post('/policy/last-change', { version: String(box.policy.version) });
    expect(group()).toMatchObject({ categories: {}, services: {} });

    for (const [change, status] of [
      [{ 'category-gaming': 'sometimes' }, 400],
      [{ another: 'no-such', anotherWhen: 'never' }, 400],
      [{ 'service-malware': 'never' }, 400],
    ] as const) {
      const { step: _, ...look } = usual;
      const answer = await browser.post(path, { ...look, version: String(box.policy.version), ...change });
      expect({ change, status: answer.status }).toEqual({ change, status });
    }
    expect((await browser.post(path, { version: usual.version, another: '', anotherWhen: '' })).status).toBe(400);
    expect((await browser.get('/groups/none/rules')).status).toBe(404);
  });

  it('changes opening hours, and opens for one evening', async () => {
    const hours = {
      ...emptyHoursForm,
      'week-monday-from': '07:30',
      'week-monday-to': '18:00',
      bankHolidays: 'none',
      confirmWeek: 'yes',
      version: versionIn(await browser.page('/hours')),
    };
    const { confirmWeek: _, ...unsure } = hours;
    const asked = await browser.post('/hours', unsure);
    expect(asked.status).toBe(422);
    expect(await asked.text()).toContain('name="confirmWeek"');
    const { 'week-monday-to': _to, ...broken } = hours;
    expect((await browser.post('/hours', broken)).status).toBe(400);
    expect((await browser.post('/hours', { bankHolidays: 'none', version: '1' })).status).toBe(400);
    const preview = await (await browser.post('/hours', hours)).text();
    expect(preview).toContain('Tuesday to Friday: closed. Before: open 08:00 to 18:00.');
    expect(preview).toContain('You count as open on bank holidays.');
    expect(box.policy.hours.week.tuesday).toHaveLength(1);
    const back = await browser.post('/hours', { ...sentAgain(preview), step: 'edit' });
    expect(back.status).toBe(200);
    expect(await back.text()).toContain('value="07:30"');
    expect((await browser.post('/hours', asSaved(preview))).headers.get('location')).toBe('/hours?done=hours-saved');
    expect(box.policy.hours.week).toMatchObject({ monday: [{ from: '07:30', to: '18:00' }], tuesday: [] });
    const wrong = await browser.post('/hours', { ...hours, 'week-monday-to': '07:00' });
    expect(wrong.status).toBe(422);
    // Two taps: the page that every page leads to, and the button of the form as it stands there.
    expect(await browser.page('/')).toContain('href="/hours"');
    const card = /<form [^>]*action="\/hours\/open-today".*?<\/form>/s.exec(await browser.page('/hours'))?.[0] ?? '';
    const inputs = [...card.matchAll(/<input[^>]*>/g)].map(([input]) => input);
    const attribute = (input: string, name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(input)?.[1] ?? '';
    const asItStands = Object.fromEntries(inputs.map((one) => [attribute(one, 'name'), attribute(one, 'value')]));
    const opened = await browser.post('/hours/open-today', asItStands);
    expect(opened.headers.get('location')).toBe('/hours?done=opening-added');
    // From eight in the evening on it stands there until midnight.
    const to = expect.stringMatching(/^(?:20|24):00$/);
    expect(box.policy.hours.openings).toMatchObject([{ name: 'Parents’ evening', from: '18:00', to }]);
    expect(await browser.page('/hours/calendar')).toContain('Open for “Parents’ evening”');
    // Another tab still shows the hours from before.
    const late = await browser.post('/hours', { ...hours, 'week-monday-to': '17:00' });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('Somebody else changed this meanwhile');
    expect(box.policy.hours).toMatchObject({ week: { monday: [{ to: '18:00' }] }, openings: [{ from: '18:00' }] });
    const over = { 'openings-name': 'Over', 'openings-date': '2026-01-05', 'openings-from': '18:00' };
    const version = versionIn(await browser.page('/hours'));
    await browser.post('/hours', { ...hours, ...over, 'openings-to': '20:00', version, step: 'save' });
    expect(box.policy.hours.openings).toEqual([]);
    await browser.post('/hours/open-today', { name: 'Parents’ evening', from: '18:00', to: '00:00' });
    expect((await browser.post('/hours/open-today', { name: '', from: '20:00', to: '18:00' })).status).toBe(422);
  });

  it('shows a year of opening days from any month', async () => {
    const year = await browser.page('/hours/calendar?from=2026-12');
    expect(year).toContain('December 2026</h2>');
    expect(year).toContain('November 2027</h2>');
    expect(year).toContain('href="/hours/calendar?from=2027-12"');
    const edge = await browser.page('/hours/calendar?from=2099-06');
    expect(edge).not.toContain('2100');
    expect(edge).not.toContain('Later months');
    const now = await browser.page('/hours/calendar');
    for (const odd of ['1999-01', '2026-13', '%3Cb%3E', '2026-12-05']) {
      expect(await browser.page(`/hours/calendar?from=${odd}`), odd).toBe(now);
    }
  });

  it('shows the last change, and takes it back with one tap', async () => {
    const { version, hours } = box.policy;
    const page = await browser.page('/policy/last-change');
    expect(page).toContain('Tracey Field changed this');
    expect(page).toContain('Open for “Parents’ evening”');
    expect(page).toContain('No longer open for “Parents’ evening”');
    const undone = await browser.post('/policy/last-change', { version: versionIn(page) });
    expect(undone.headers.get('location')).toBe('/policy/last-change?done=change-undone');
    expect(box.policy).toMatchObject({ version: version + 1, hours: { ...hours, openings: [] } });
    expect(await browser.page('/record')).toContain(`took version ${version} of the rules back`);
    const late = await browser.post('/policy/last-change', { version: versionIn(page) });
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('nothing has been undone');
    const redo = versionIn(await browser.page('/policy/last-change'));
    expect((await browser.post('/policy/last-change', { version: redo })).status).toBe(303);
    expect(box.policy.hours).toEqual(hours);
  });

  it('shows usage to people, and writes down that they looked', async () => {
    const hourStart = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const row = { device: 'office-pc', service: 'tiktok', verdict: 'blocked' as const, hourStart, count: 9 };
    box.send({ type: 'usage-batch', seq: 1, rows: [{ ...row, minutesLow: 0b111111, minutesHigh: 0 }] });
    await box.next('usage-ack');
    expect(await browser.page('/usage')).toContain('TikTok');
    expect(await browser.page('/year')).toContain('TikTok');
    const record = await browser.page('/record');
    for (const words of ['Tracey Field', 'Parents’ evening', 'Office PC', 'Facebook']) expect(record).toContain(words);
    expect(await browser.page('/record?kind=view')).toContain('Tracey Field');
    expect(await browser.page('/record?kind=hours&from=2020-01-01&to=2020-01-02')).not.toContain('Parents’ evening');
    expect(await browser.page('/record?from=nonsense')).toContain('Write a date');
    expect(await browser.page('/year?from=9999-12-01&to=9999-12-31')).toContain('Write a date');
    expect(await browser.page('/year?from=2020-01-01&to=2026-01-01')).toContain('at most thirteen months');
  });

  it('makes a pairing code, shows it until it is used, and lets the box go', async () => {
    await browser.post('/box/pairing-code', {});
    // A code for another box is shown to who made it, not beside the box that is paired.
    expect(await browser.page('/box')).not.toContain('class="pairing-code"');
    const page = await browser.page('/box?done=pairing-code-made');
    const code = /class="pairing-code">([A-Z0-9 ]{9})</.exec(page)?.[1] ?? '';
    const next = await Box.connected(code);
    expect(await browser.page('/box')).not.toContain('class="pairing-code"');
    expect(await box.closed()).toBe(4401);
    expect((await browser.post('/box/remove', {})).status).toBe(303);
    expect(await next.closed()).toBe(4401);
    expect(await browser.page('/')).toContain('No box is paired with this dashboard');
  });
});

const theirs = { group: 'setting', addresses: ['192.168.1.77'], macs: [] };

/** The fields that the page of a change carries on. */
const sentAgain = (page: string): Record<string, string> => {
  const form = page.slice(page.indexOf('<main')).split('</form>')[0] ?? '';
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
};
const asSaved = (page: string): Record<string, string> => ({ ...sentAgain(page), step: 'save' });

const versionIn = (page: string): string => /name="version" value="(\d+)"/.exec(page)?.[1] ?? '';

/** Every field of the page, with nothing filled in. */
const emptyHoursForm = Object.fromEntries(
  [
    ...weekDays.flatMap((day) => ['week', 'breaks'].flatMap((part) => [`${part}-${day}-from`, `${part}-${day}-to`])),
    ...['terms', 'closures'].flatMap((part) => [`${part}-name`, `${part}-first`, `${part}-last`]),
    ...['name', 'date', 'from', 'to'].map((field) => `openings-${field}`),
  ].map((name) => [name, '']),
);

const giveForm = {
  target: '',
  scope: '',
  until: '10',
  untilTime: '',
  reason: 'parent-reply',
  reasonText: '',
  purpose: 'personal',
  mode: 'verbal',
  forWhom: 'other',
  askedBy: 'Jo',
  request: '',
};

/** The API for other programs: every operation, found from the router, as keys of two settings; in workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSetting } from '../../dashboard-worker/accounts/directory.ts';
import { makeKey } from '../../dashboard-worker/accounts/keys.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import { app } from '../../dashboard-worker/app.ts';
import type { Operation } from '../../dashboard-worker/routes/api/operation.ts';
import { operations } from '../../dashboard-worker/routes/api/operations.ts';
import { Problem } from '../../dashboard-worker/routes/api/problems.ts';
import { apiRoutes, requireKey } from '../../dashboard-worker/routes/api/router.ts';
import { rightOfGuard, scopeOfGuard } from '../../dashboard-worker/routes/guard.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { apiMatters, keyScopes } from '../../dashboard-worker/views/models.ts';
import { applyMigrations, Box, type Browser, bindings, colleague, request, setUpAndSignIn } from './worker-fixtures.ts';

const actor = { id: 'user', name: 'Tracey Field' };

let browser: Browser;
let own: string;
let other: string;
let key: string;
let box: Box;

beforeAll(async () => {
  await applyMigrations();
  browser = await setUpAndSignIn();
  own = await browser.setting();
  other = await createSetting(bindings, 'Openshaw Nursery');
  box = await Box.connected((await makePairingCode(bindings, own, null)).code);
  key = await keyOf(own, keyScopes);
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

describe('a key', () => {
  it('is made on its page, shown once, kept as a hash, and dead once it is revoked', async () => {
    const made = await browser.post('/keys', { name: 'The register', scopes: 'now.see' });
    expect(made.status).toBe(201);
    const shown = /<code>(stairgate_[0-9a-f]{64})<\/code>/.exec(await made.text())?.[1] ?? '';
    const page = await browser.page('/keys');
    expect(page).toContain('The register');
    expect(page).not.toContain(shown);
    const { results } = await bindings.ACCOUNTS.prepare('SELECT * FROM api_keys').all();
    expect(JSON.stringify(results)).not.toContain(shown.slice('stairgate_'.length));
    expect((await call('GET', '/devices', { key: shown })).status).toBe(200);
    const id = /\/keys\/([^/"]+)\/revoke/.exec(page.slice(page.indexOf('The register')))?.[1] ?? '';
    expect((await browser.post(`/keys/${id}/revoke`, {})).status).toBe(303);
    expect((await browser.post(`/keys/${id}/revoke`, {})).status).toBe(404);
    await refused(await call('GET', '/devices', { key: shown }), 401);
    const record = await browser.page('/record?kind=account');
    expect(record).toContain('made the key “The register” for another program');
    expect(record).toContain('withdrew the key “The register”');
  });

  it('is one for two taps on its form, at the same moment as well, and is not read again by anybody else or later', async () => {
    const shownTo = async (who: Browser, fields: Record<string, string>) =>
      /<code>(stairgate_[0-9a-f]{64})<\/code>/.exec(await (await who.post('/keys', fields)).text())?.[1] ?? '';
    const id = /<input type="hidden" name="id" value="([^"]+)"/.exec(await browser.page('/keys'))?.[1] ?? '';
    const form = { id, name: 'Tapped twice', scopes: 'now.see' };
    const both = await Promise.all([shownTo(browser, form), shownTo(browser, form)]);
    const keys = new Set([...both, await shownTo(browser, form)]);
    expect(keys.size).toBe(1);
    const [first = ''] = keys;
    expect(first).toMatch(/^stairgate_/);
    const count = async () =>
      (await bindings.ACCOUNTS.prepare("SELECT count(*) AS n FROM api_keys WHERE name = 'Tapped twice'").first<{
        n: number;
      }>())!.n;
    expect(await count()).toBe(1);
    // Whoever sees the id on the page, with the button that revokes it, gets another key by it.
    const colleagues = await colleague('manager', own);
    const theirs = await shownTo(colleagues, form);
    expect(theirs).toMatch(/^stairgate_/);
    expect(theirs).not.toBe(first);
    // Filled in otherwise it is another one.
    expect(await shownTo(browser, { ...form, scopes: 'usage.see' })).not.toBe(first);
    expect(await count()).toBe(3);
    // A key that was used is in its program, and a page that is loaded anew makes no way to it.
    expect((await call('GET', '/devices', { key: first })).status).toBe(200);
    expect(await shownTo(browser, form)).not.toBe(first);
    await bindings.ACCOUNTS.exec('UPDATE api_keys SET used_at = NULL, made_at = made_at - 600001');
    expect(await shownTo(browser, form)).not.toBe(first);
    await bindings.ACCOUNTS.exec("DELETE FROM api_keys WHERE name = 'Tapped twice'");
  });

  it('needs a name and a right, and there are twenty at most', async () => {
    expect((await browser.post('/keys', { name: 'X' })).status).toBe(422);
    expect((await browser.post('/keys', { name: '', scopes: 'now.see' })).status).toBe(422);
    const setting = await createSetting(bindings, 'Keys');
    for (let nth = 0; nth < 20; nth++) expect(await keyOf(setting, ['now.see'])).not.toBe('');
    expect(await makeKey(bindings, setting, { name: 'One more', scopes: ['now.see'] }, actor)).toBeNull();
  });

  it('may call six hundred times in a quarter of an hour', async () => {
    const busy = await keyOf(own, ['now.see']);
    expect((await call('GET', '/devices', { key: busy })).status).toBe(200);
    await bindings.ACCOUNTS.exec("UPDATE failures SET count = 600 WHERE subject LIKE 'key:%'");
    const late = await call('GET', '/devices', { key: busy });
    expect(late.headers.get('retry-after')).toBe('900');
    await refused(late, 429);
    await bindings.ACCOUNTS.exec("DELETE FROM failures WHERE subject LIKE 'key:%'");
  });
});

describe('wrong keys', () => {
  /** As it comes in where the dashboard is hosted: there the address is known. */
  const asked = async (given: string, address: string) => {
    const { HOST_SECRET: _, ...hosted } = bindings;
    const headers = { 'cf-connecting-ip': address, ...(given !== '' && { authorization: `Bearer ${given}` }) };
    return await app.request(`https://nursery.example/api/v1/settings/${own}/devices`, { headers }, hosted);
  };

  it('are slowed down by address, and a right one from there is taken all the while', async () => {
    const wrong = `stairgate_${'0'.repeat(64)}`;
    for (let nth = 0; nth < 30; nth++) await refused(await asked(wrong, '192.0.2.1'), 401);
    const counts = async () =>
      JSON.stringify(
        (await bindings.ACCOUNTS.prepare("SELECT * FROM failures WHERE subject LIKE 'wrong%'").all()).results,
      );
    const before = await counts();
    const slowed = await asked(wrong, '192.0.2.1');
    expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(55);
    expect(Number(slowed.headers.get('retry-after'))).toBeLessThanOrEqual(60);
    await refused(slowed, 429);
    // What has to wait costs no write.
    expect(await counts()).toBe(before);
    expect(before).not.toContain('192.0.2.1');
    expect((await asked(key, '192.0.2.1')).status).toBe(200);
    await refused(await asked(wrong, '192.0.2.2'), 401);
    await bindings.ACCOUNTS.exec("UPDATE failures SET last_at = last_at - 60000 WHERE subject LIKE 'wrong%'");
    await refused(await asked(wrong, '192.0.2.1'), 401);
    await bindings.ACCOUNTS.exec("DELETE FROM failures WHERE subject LIKE 'wrong%'");
  });

  it('and none are told how to send one, and that theirs is no good (RFC 6750)', async () => {
    const [none, wrong] = [await asked('', '192.0.2.3'), await asked('stairgate_wrong', '192.0.2.3')];
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    for (const answer of [none, wrong]) await refused(answer, 401);
  });
});

describe('every operation', () => {
  it('of the router is in the table, behind a key and one right', () => {
    const places = (routes: readonly { method: string; path: string }[], under: string) =>
      [
        ...new Set(
          routes
            .filter(({ method, path }) => method !== 'ALL' && path.startsWith(`${under}/settings/`))
            .map(({ method, path }) => `${method} ${path.slice(under.length)}`),
        ),
      ].sort();
    const inTable = operations.map(({ method, path }) => `${method} /settings/:setting${path}`).sort();
    expect(places(app.routes, '/api/v1')).toEqual(inTable);
    expect(places(apiRoutes.routes, '')).toEqual(inTable);
    for (const place of inTable) {
      const handlers = apiRoutes.routes.filter(({ method, path }) => `${method} ${path}` === place);
      expect(handlers[0]?.handler, place).toBe(requireKey);
      expect(handlers.map(({ handler }) => scopeOfGuard(handler) !== undefined)).toEqual([false, true, false]);
    }
  });

  it.each(operations)('$method $path: nothing without a key, and nothing is written', async (one) => {
    const before = await everything();
    // Each as if it came first.
    await bindings.ACCOUNTS.exec("DELETE FROM failures WHERE subject LIKE 'wrong%'");
    await refused(await send(one, own, ''), 401);
    await refused(await send(one, own, 'stairgate_wrong'), 401);
    await refused(await send(one, crypto.randomUUID(), key), 404);
    expect(await everything()).toEqual(before);
  });

  it('answers with a status that its description has, whatever is sent', async () => {
    const { paths } = (await (await request('/api/v1/openapi.json')).json()) as {
      paths: Record<string, Record<string, { responses: object }>>;
    };
    for (const one of operations) {
      const described = paths[`/settings/{setting}${one.path.replace(/:(\w+)/g, '{$1}')}`]![one.method.toLowerCase()]!;
      const answers = [await send(one, own, key), await send(one, own, ''), await send(one, other, key)];
      for (const { status } of answers) expect(Object.keys(described.responses), one.name).toContain(String(status));
    }
  });

  it('answers what its schema says', async () => {
    for (const one of operations.filter(({ method, path }) => method === 'GET' && !path.includes(':'))) {
      const response = await send(one, own, key);
      expect(response.status, one.name).toBe(200);
      if ('parse' in one.answer) one.answer.parse(await response.json());
      else expect(one.answer).toContain(response.headers.get('content-type')?.split(';')[0]);
    }
  });
});

/** What a person does on a page, and by which operation a program does the same. */
const operationOf: Readonly<Record<string, readonly string[]>> = {
  'GET /': ['readNow', 'listPermissions', 'listRequests'],
  'GET /give': ['listUsualPermissions', 'listDevices', 'listGroups', 'listServices'],
  'POST /give': ['givePermission'],
  'GET /give/note': ['listDevices', 'listGroups', 'listServices'],
  'POST /give/note': ['notePermission'],
  'POST /give/repeat': ['repeatPermission'],
  'POST /give/emergency': ['givePermission'],
  'GET /grants/:id': ['readPermission'],
  'POST /grants/:id/end': ['endPermission'],
  'POST /grants/:id/extend': ['extendPermission'],
  'POST /requests/:id/answer': ['answerRequest'],
  'GET /devices': ['listDevices'],
  'POST /devices': ['nameDevice'],
  'GET /devices/new': ['listGroups'],
  'GET /unnamed-devices': ['listUnnamedDevices'],
  'POST /unnamed-devices/name': ['nameDevice'],
  'GET /devices/:id': ['readDevice'],
  'POST /devices/:id': ['changeDevice'],
  'POST /devices/:id/remove': ['removeDevice'],
  'GET /groups/:id/rules': ['readGroupRules'],
  'POST /groups/:id/rules': ['changeGroupRules'],
  'GET /groups/:id/safe-search': ['readSafeSearch'],
  'POST /groups/:id/safe-search': ['changeSafeSearch'],
  'GET /networks': ['readNetworks'],
  'POST /networks': ['changeNetworks'],
  'GET /first-names': ['readFirstNames'],
  'POST /first-names': ['changeFirstNames'],
  'GET /hours': ['readHours'],
  'POST /hours': ['changeHours'],
  'POST /hours/open-today': ['addOpening'],
  'GET /hours/calendar': ['readCalendar'],
  'GET /policy/last-change': ['readLastChange'],
  'POST /policy/last-change': ['undoLastChange'],
  'GET /channels': ['listChannels'],
  'GET /channels/new': ['listDevices', 'listServices'],
  'POST /channels': ['registerChannel'],
  'GET /channels/:id': ['readChannel'],
  'POST /channels/:id': ['changeChannel'],
  'POST /channels/:id/close': ['closeChannel'],
  'GET /notice': ['readNotice'],
  'POST /notice': ['previewNotice', 'publishNotice'],
  'POST /notice/assessment': ['dateAssessment'],
  'POST /notice/readers': ['addReaders'],
  'POST /notice/readers/noted': ['noteReadOnPaper', 'noteReadersLeft'],
  'GET /usage': ['readUsage'],
  'GET /year': ['readYear'],
  'GET /year/self-grants': ['listSelfGrants'],
  'GET /account/record': ['readOwnRecord'],
  'GET /record': ['readRecord'],
  'GET /record/verify': ['readVerification'],
  'POST /record/verify': ['verifyRecord'],
  'POST /record/export': ['exportRecord'],
  'GET /people': ['listPeople', 'listInvitations'],
  'GET /box': ['listBoxes'],
};

/** What is left to people, for the reasons that the documentation gives. */
const ofPeople = [
  /^GET \/devices\/:id\/usage$/,
  /^(GET|POST) \/(account|settings|keys)(\/(?!record)|$)/,
  /^POST \/people\//,
  /^POST \/box\//,
  // Not to do anything, but to be told of news by an open page.
  /^GET \/live$/,
];

describe('what people can do', () => {
  const places = app.routes
    .filter(({ handler }) => rightOfGuard(handler) !== undefined)
    .map(({ method, path }) => `${method} ${path}`);

  it('programs can, but for what is left to people', () => {
    const left = places.filter((place) => ofPeople.some((pattern) => pattern.test(place)));
    expect(places.filter((place) => !left.includes(place)).sort()).toEqual(Object.keys(operationOf).sort());
    for (const pattern of ofPeople)
      expect(
        left.some((place) => pattern.test(place)),
        String(pattern),
      ).toBe(true);
    const known = operations.map(({ name }) => name);
    expect([...new Set(Object.values(operationOf).flat())].sort()).toEqual(known.sort());
  });

  it('and what is left to people is said where a program is told what it can ask', async () => {
    const page = await browser.page('/keys/documentation');
    for (const word of ['single device', 'second factors', 'inviting', 'Pairing the box']) expect(page).toContain(word);
  });
});

describe('a program', () => {
  it('gives permission that is in force on the box, sees it, and ends it; all of it on the record under its name', async () => {
    const given = await call('POST', '/grants', { body: wish });
    expect(given.status).toBe(201);
    const { id } = (await given.json()) as { id: string };
    const listed = (await (await call('GET', '/grants')).json()) as { grants: { id: string; state: object }[] };
    const shown = listed.grants.find((each) => each.id === id);
    expect(shown).toMatchObject({ state: { kind: 'in-force' }, grantedBy: 'A key (a program)', toSelf: false });
    expect((await call('POST', `/grants/${id}/end`)).status).toBe(200);
    await refused(await call('POST', `/grants/${id}/end`), 409);
    await refused(await call('POST', `/grants/${crypto.randomUUID()}/end`), 404);
    const record = (await (await call('GET', '/record?kind=permission')).json()) as { entries: { sentence: string }[] };
    expect(record.entries.map(({ sentence }) => sentence).join('\n')).toMatch(
      /A key \(a program\) allowed Facebook on Office PC until/,
    );
  });

  it('is told apart from people wherever what it did is read', async () => {
    // As somebody would name it who wants to be taken for the manager.
    const calendar = await keyOf(own, ['grant.give', 'now.see'], 'Tracey Field');
    const name = 'Tracey Field (a program)';
    const given = await call('POST', '/grants', { body: { ...wish, askedBy: 'Jo' }, key: calendar });
    const { id, until } = (await given.json()) as { id: string; until: number };
    const more = { more: { minutes: 5 }, knownEnd: until };
    expect((await call('POST', `/grants/${id}/extend`, { body: more, key: calendar })).status).toBe(200);
    await call('POST', `/grants/${id}/end`, { key: calendar });
    const text = async (path: string) => (await browser.page(path)).replaceAll(/<[^>]*>/g, '');
    const story = await text(`/grants/${id}`);
    for (const did of ['allowed it at', 'gave more time at', 'ended it at']) expect(story).toContain(`${name} ${did}`);
    expect(await text('/')).toContain(`by ${name}`);
    expect(await text('/record?kind=permission')).toContain(`${name} allowed Facebook`);
    const csv = await (await call('GET', '/record/export?format=csv')).text();
    expect(csv).toContain(`,"${name}",`);
  });

  it('cannot hide what somebody allows for themselves who could have done so on the dashboard', async () => {
    const deputy = 'A deputy';
    await colleague('deputy', own);
    const chair = async () => {
      const { grants } = (await (await call('GET', '/self-grants')).json()) as {
        grants: { by: string; person: string; reason: string }[];
      };
      return grants.map(({ by, person, reason }) => `${by} for ${person}: ${reason}`);
    };
    const give = async (askedBy: string, reason: string) => {
      const answer = await call('POST', '/grants', { body: { ...wish, askedBy, reason } });
      const permission = (await answer.json()) as { id: string; until: number; toSelf: boolean };
      await call('POST', `/grants/${permission.id}/end`);
      return permission.toSelf;
    };
    expect(await give('Tracey Field', 'By name')).toBe(true);
    expect(await give('tracey', 'By first name')).toBe(true);
    expect(await give(deputy, 'For the deputy')).toBe(true);
    expect(await give('Aisha', 'For staff')).toBe(false);
    const id = crypto.randomUUID();
    const asked = {
      scope: { service: 'facebook' },
      minutes: 10,
      reason: 'Asked',
      askedBy: 'Tracey',
      askedAt: Date.now(),
    };
    box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
    await box.next('request-ack');
    await call('POST', `/requests/${id}/answer`, { body: { answer: 'yes', minutes: 10 } });
    const listed = await chair();
    for (const line of [
      'Tracey Field: By name',
      'tracey: By first name',
      'A deputy: For the deputy',
      'Tracey: Asked',
    ]) {
      expect(listed).toContain(`A key (a program) for ${line}`);
    }
    expect(listed.join()).not.toContain('For staff');
    const page = (await browser.page('/year/self-grants')).replaceAll(/<[^>]*>/g, '');
    expect(page).toContain('A key (a program) allowed Facebook for Tracey Field');
  });

  it('answers requests', async () => {
    const ask = async () => {
      const id = crypto.randomUUID();
      const asked = {
        scope: { service: 'facebook' },
        minutes: 10,
        reason: 'Photos',
        askedBy: 'Sam',
        askedAt: Date.now(),
      };
      box.send({ type: 'request', request: { id, device: 'office-pc', ...asked } });
      await box.next('request-ack');
      return id;
    };
    const [first, second] = [await ask(), await ask()];
    const waiting = (await (await call('GET', '/requests')).json()) as { requests: { id: string }[] };
    expect(waiting.requests.map(({ id }) => id).sort()).toEqual([first, second].sort());
    const yes = await call('POST', `/requests/${first}/answer`, { body: { answer: 'yes', minutes: 10 } });
    expect(await yes.json()).toMatchObject({ grantId: expect.any(String) });
    const no = await call('POST', `/requests/${second}/answer`, { body: { answer: 'no', words: 'Ask later' } });
    expect(await no.json()).toEqual({ grantId: null });
    await refused(await call('POST', `/requests/${second}/answer`, { body: { answer: 'yes', minutes: 5 } }), 409);
    await refused(await call('POST', `/requests/none/answer`, { body: { answer: 'no', words: 'X' } }), 404);
  });

  it.each([
    ['a device that is not there', { ...wish, targets: [{ device: 'nobodys' }] }, 'That device or group is not there'],
    ['what is protected', { ...wish, scope: { category: 'bypass' } }, 'No permission can open it'],
    ['more than a day', { ...wish, until: { minutes: 1_441 } }, '/until'],
    ['the same device twice', { ...wish, targets: [...wish.targets, ...wish.targets] }, '/targets'],
    ['a device and its group in one', { ...wish, targets: [{ device: 'office-pc', group: 'setting' }] }, '/targets'],
    ['what it does not know of', { ...wish, surprise: true }, 'surprise'],
    ['no reason', { ...wish, reason: ' \u202e ' }, '/reason'],
    ['another shape', { permission: true }, '/targets'],
  ])('cannot allow %s', async (_, body, words) => {
    const response = await call('POST', '/grants', { body });
    const text = await refused(response, 422);
    expect(text).toContain(words);
  });

  it('is told what is wrong as problem+json, whatever it is', async () => {
    const post = (body: string, type: string) =>
      request(`/api/v1/settings/${own}/grants`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${key}`, 'content-type': type },
      });
    await refused(await post('{', 'application/json'), 400);
    await refused(await post('minutes=1', 'application/x-www-form-urlencoded'), 415);
    await refused(await post(`"${'x'.repeat(70_000)}"`, 'application/json'), 413);
    await refused(await call('GET', '/nothing'), 404);
    const notTaken = await request(`/api/v1/settings/${own}/devices`, { method: 'PATCH' });
    expect(notTaken.headers.get('allow')).toBe('GET, HEAD, POST');
    await refused(notTaken, 405);
    await refused(await request('/api/v1/openapi.json', { method: 'POST' }), 405);
    await refused(await request('/api/v1'), 404);
    await refused(await request('/api/v1/settings'), 404);
    await refused(await call('GET', '/record?before=0'), 422);
    await refused(await call('GET', '/record?page=2'), 422);
    await refused(await call('GET', '/usage?span=decade'), 422);
  });

  it('reads the record without devices and without those who asked, unless it may see what single devices did', async () => {
    const asked = { scope: { service: 'instagram' }, minutes: 5, reason: 'For my sister', askedBy: 'Zoe', askedAt: 1 };
    box.send({ type: 'request', request: { id: crypto.randomUUID(), device: 'office-pc', ...asked } });
    await box.next('request-ack');
    const told = async (...scopes: readonly (typeof keyScopes)[number][]) =>
      await (await call('GET', '/record?kind=request', { key: await keyOf(own, scopes, 'A reader') })).text();
    const abridged = await told('record.read');
    expect(abridged).toContain('Instagram');
    for (const word of ['Zoe', 'Office PC', 'sister']) expect(abridged).not.toContain(word);
    const whole = await told('record.read', 'device-usage.see');
    for (const word of ['Zoe', 'Office PC', 'sister']) expect(whole).toContain(word);
  });

  it('is not let in by a cookie', async () => {
    await refused(await browser.get(`/api/v1/settings/${own}/devices`), 401);
  });
});

describe('the description', () => {
  interface Described {
    readonly operationId: string;
    readonly summary: string;
    readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[];
    readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: object }>> };
    readonly responses: Readonly<Record<string, { readonly description: string; readonly content: object }>>;
  }
  interface Document {
    readonly openapi: string;
    readonly info: { readonly title: string; readonly version: string };
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    readonly components: object;
  }
  const read = async () => (await (await request('/api/v1/openapi.json')).json()) as Document;

  it('is OpenAPI 3.1 of every operation, each under its own name', async () => {
    const document = await read();
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'Stairgate', version: '1' });
    const described = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(operations.map(({ name }) => name).sort());
    expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(described.length);
    const give = document.paths['/settings/{setting}/grants']!.post!;
    expect(JSON.stringify(give.requestBody)).toContain('"maximum":1440');
    expect(JSON.stringify(give.requestBody)).toContain('"uniqueItems":true');
    expect(Object.keys(give.responses)).toContain('201');
  });

  it('has references that lead somewhere, and no second dialect', async () => {
    const document = await read();
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference!);
    expect(references.length).toBeGreaterThan(100);
    for (const reference of new Set(references)) {
      expect(reference).toMatch(/^#\//);
      const keys = reference.slice(2).split('/');
      const found = keys.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
      expect(found, reference).toBeTypeOf('object');
    }
    expect(text).not.toContain('$schema');
  });

  it('tells of every parameter in a path, every header that is read, and every answer', async () => {
    const { paths } = await read();
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, one] of Object.entries(methods)) {
        const place = `${method} ${path}`;
        expect(one.summary, place).not.toBe('');
        const named = (where: string) => one.parameters.filter((each) => each.in === where);
        const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(
          named('path').map(({ name }) => name),
          place,
        ).toEqual(inPath);
        expect(
          named('path').every(({ required }) => required),
          place,
        ).toBe(true);
        const headers = named('header').map(({ name, required }) => `${name}${required ? '' : '?'}`);
        const isRead = Object.hasOwn(methods, 'get');
        const expected = { post: ['Idempotency-Key?'], put: isRead ? ['If-Match'] : [], delete: ['If-Match?'] };
        expect(headers, place).toEqual(expected[method as keyof typeof expected] ?? []);
        for (const [status, { description, content }] of Object.entries(one.responses)) {
          expect(status, place).toMatch(/^[245]\d\d$/);
          expect(description, place).not.toBe('');
          expect(Object.keys(content).length, place).toBeGreaterThan(0);
        }
        const usual = ['401', '403', '404', '429', '500'];
        expect(Object.keys(one.responses), place).toEqual(expect.arrayContaining(usual));
      }
    }
  });

  it('is there for people too', async () => {
    const page = await browser.page('/keys/documentation');
    for (const { summary } of operations) expect(page).toContain(summary);
    for (const matter of apiMatters) expect(page).toContain(`<h2 id="${matter}">`);
    expect(page).toContain(`/api/v1/settings/${own}`);
    const packed = new Blob([page]).stream().pipeThrough(new CompressionStream('gzip'));
    expect((await new Response(packed).arrayBuffer()).byteLength).toBeLessThan(60 * 1024);
  });
});

async function keyOf(setting: string, scopes: readonly (typeof keyScopes)[number][], name = 'A key'): Promise<string> {
  return (await makeKey(bindings, setting, { name, scopes }, actor)) ?? '';
}

interface Sent {
  readonly key?: string;
  readonly body?: object;
}

function call(method: string, path: string, { key: given = key, body }: Sent = {}): Promise<Response> {
  return request(`/api/v1/settings/${own}${path}`, {
    method,
    headers: { authorization: `Bearer ${given}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** As it would be taken, but for who asks; of what needs more than that, at least as far as the key. */
function send({ name, method, path, body }: Operation, setting: string, given: string): Promise<Response> {
  const query: Readonly<Record<string, string>> = {
    readCalendar: '?month=2026-11',
    readYear: '?from=2026-01&to=2026-11',
    exportRecord: '?format=ndjson',
  };
  return request(`/api/v1/settings/${setting}${path.replace(':id', 'x')}${query[name] ?? ''}`, {
    method,
    headers: { 'content-type': 'application/json', ...(given !== '' && { authorization: `Bearer ${given}` }) },
    ...(body !== null && { body: JSON.stringify(wish) }),
  });
}

/** Answers the text of the problem. */
async function refused(response: Response, status: number): Promise<string> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const text = await response.text();
  expect(Problem.parse(JSON.parse(text))).toMatchObject({ status });
  return text;
}

/** Every row of both settings. */
async function everything(): Promise<unknown> {
  return await Promise.all(
    [own, other].map((id) =>
      runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(id)), (_: Setting, { storage }) => {
        const run = (sql: string) => storage.sql.exec(sql).toArray();
        const tables = run(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
        );
        return tables.map(({ name }) => [name, JSON.stringify(run(`SELECT * FROM "${name}"`))]);
      }),
    ),
  );
}

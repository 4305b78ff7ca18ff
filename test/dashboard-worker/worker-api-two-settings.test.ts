/**
 * Every operation of the API, found from the router, with a key of one setting and ids of the other: in its path and in
 * its body. What is of another setting does not exist, what is beyond a key is refused and recorded, and neither writes
 * anything else. In workerd, with two settings and their boxes.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { makeKey } from '../../dashboard-worker/accounts/keys.ts';
import type { Operation } from '../../dashboard-worker/routes/api/operation.ts';
import { operations } from '../../dashboard-worker/routes/api/operations.ts';
import { Problem } from '../../dashboard-worker/routes/api/problems.ts';
import { apiRoutes } from '../../dashboard-worker/routes/api/router.ts';
import { scopeOfGuard } from '../../dashboard-worker/routes/guard.ts';
import { type KeyScope, keyScopes } from '../../dashboard-worker/views/models.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { bindings, request } from './worker-fixtures.ts';
import {
  type Everything,
  everythingOf,
  makeTwoSettings,
  refusalsOf,
  theirChannel,
  theirs,
  withoutRecord,
  withTheirIds,
} from './worker-two-settings.ts';

const actor = { id: 'user', name: 'Tracey Field' };

const permission = {
  targets: [{ device: 'openshaw-pc' }],
  scope: { service: 'facebook' },
  purpose: 'personal',
  reason: 'Reply to a parent',
  askedBy: 'Jo',
};

/** Of this setting but for its group. */
const theirDevice = { name: 'Ours', group: 'openshaw-group', addresses: ['192.168.9.9'], macs: [] };

/**
 * What is sent, so that its ids are all that is wrong with it: every operation that takes a body is here. In `idless` are
 * those whose body cannot name anything of another setting, and that have no id in their path either.
 */
const bodies: Readonly<Record<string, () => object>> = {
  givePermission: () => ({ ...permission, until: { minutes: 10 }, mode: 'verbal' }),
  notePermission: () => ({ ...permission, from: '00:00', until: '00:01' }),
  extendPermission: () => ({ more: { minutes: 10 }, knownEnd: 0 }),
  answerRequest: () => ({ answer: 'yes', minutes: 10 }),
  nameDevice: () => theirDevice,
  changeDevice: () => ({ ...theirDevice, group: 'setting' }),
  changeGroupRules: () => ({ categories: {}, services: {} }),
  changeSafeSearch: () => ({ search: false, youtube: 'off' }),
  changeNetworks: () => ({
    networks: defaultPolicy('').networks.map(({ range }) => ({ range, group: 'openshaw-group' })),
  }),
  registerChannel: () => ({ ...theirChannel, days: ['monday'] }),
  changeChannel: () => ({ ...theirChannel, days: ['monday'] }),
  noteReadOnPaper: () => ({ readers: [theirs.readers] }),
  noteReadersLeft: () => ({ readers: [theirs.readers] }),
};

const idless = [
  'addOpening',
  'addReaders',
  'changeFirstNames',
  'changeHours',
  'dateAssessment',
  'previewNotice',
  'publishNotice',
  // Taking back a version of one's own that is not the newest, or none.
  'undoLastChange',
  'verifyRecord',
];

let own: string;
let other: string;
let ownChannel: string;
let key: string;

beforeAll(async () => {
  ({ own, other } = await makeTwoSettings());
  const setting = settingOf(bindings, own);
  await setting.saveChannel(null, { ...theirChannel, device: 'halstead-pc', days: ['monday'] }, actor);
  ownChannel = (await setting.channels()).channels[0]!.id;
  key = await keyOf(keyScopes, 'Of halstead');
  // That it is used is kept with it, to the hour.
  await request(`/api/v1/settings/${own}/grants`, { headers: { authorization: `Bearer ${key}` } });
});

const found = operationsOfRouter();

describe('every operation', () => {
  it('of the router is of the table, behind one right', () => {
    expect(found.map(({ name }) => name).sort()).toEqual(operations.map(({ name }) => name).sort());
    expect(found.length).toBeGreaterThan(30);
  });

  it('with ids in its path or body has some of another setting to be tried with here', () => {
    const inPath = found.filter(({ path }) => path.includes(':'));
    for (const { path } of inPath) expect(withTheirIds(path), path).not.toMatch(/:|\/$|\/\//);
    const withoutId = inPath.filter(({ body, method }) => body === null && method !== 'GET').map(({ name }) => name);
    const writing = found.filter(({ method }) => method !== 'GET').map(({ name }) => name);
    expect([...Object.keys(bodies), ...withoutId, ...idless].sort()).toEqual(writing.sort());
    for (const one of found.filter(({ name }) => idless.includes(name))) expect(one.path).not.toContain(':');
  });

  it.each(found)('$method $path: of another setting nothing exists, and nothing is written', async (one) => {
    const before = await everything();
    if (one.path.includes(':')) await refused(await send(one, key), 404);
    else if (bodies[one.name] !== undefined) {
      const text = await refused(await send(one, key), 422);
      expect(text).not.toMatch(/PC, openshaw|Group, openshaw|Reader of openshaw/);
    }
    // The right ids, of the wrong setting.
    await refused(await send(one, key, other), 404);
    expect(await everything()).toEqual(before);
  });

  it.each(found.filter(({ scope }) => scope !== 'self'))(
    '$method $path: beyond a key it is refused, recorded once, and nothing else is written',
    async (one) => {
      const name = `Without ${one.name}`;
      const small = await keyOf(
        keyScopes.filter((scope) => scope !== one.scope),
        name,
      );
      // The first use of a key is kept with it.
      await refused(await send(one, small), 403);
      const before = await everything();
      await refused(await send(one, small), 403);
      expect(await refusalsOf(own, `${name} (a program)`)).toEqual([one.scope]);
      expect(withoutRecord(await everything())).toEqual(withoutRecord(before));
    },
  );

  it('that reads shows nothing of another setting', async () => {
    for (const one of found.filter(({ method, path }) => method === 'GET' && !path.includes(':'))) {
      const response = await send(one, key);
      expect(response.status, one.name).toBe(200);
      expect(await response.text(), one.name).not.toContain('openshaw');
    }
  });

  it.each([
    ['changeDevice', () => '/devices/halstead-pc', () => theirDevice],
    ['changeChannel', () => `/channels/${ownChannel}`, () => ({ ...theirChannel, days: ['monday'] })],
  ])('%s: of one’s own, to something of theirs, is refused, and nothing is written', async (name, path, body) => {
    const one = found.find((each) => each.name === name)!;
    const before = await everything();
    const text = await refused(await sendTo(one, key, own, path(), body()), 422);
    expect(text).not.toMatch(/PC, openshaw|Group, openshaw/);
    expect(await everything()).toEqual(before);
  });
});

function operationsOfRouter(): Operation[] {
  const under = '/settings/:setting';
  const places = apiRoutes.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith(under));
  const guarded = places.filter(({ handler }) => scopeOfGuard(handler) !== undefined);
  expect(new Set(guarded.map(({ method, path }) => `${method} ${path}`)).size).toBe(guarded.length);
  return guarded.map(({ method, path, handler }) => {
    const one = operations.find((each) => each.method === method && `${under}${each.path}` === path);
    if (one === undefined || one.scope !== scopeOfGuard(handler))
      throw new Error(`${method} ${path} is not in the table`);
    return one;
  });
}

async function keyOf(scopes: readonly KeyScope[], name: string): Promise<string> {
  // There are only so many at a time.
  await bindings.ACCOUNTS.prepare('DELETE FROM api_keys WHERE name LIKE ?').bind('Without%').run();
  const made = await makeKey(bindings, own, { name, scopes }, actor);
  if (made === null) throw new Error(`the key ${name} was not made`);
  return made;
}

/** With what is theirs in the path and the body. */
function send(one: Operation, given: string, setting = own): Promise<Response> {
  const query: Readonly<Record<string, string>> = {
    readCalendar: '?month=2026-11',
    readYear: '?from=2026-01&to=2026-11',
    exportRecord: '?format=csv',
  };
  const path = `${withTheirIds(one.path)}${query[one.name] ?? ''}`;
  return sendTo(one, given, setting, path, bodies[one.name]?.() ?? {});
}

function sendTo(one: Operation, given: string, setting: string, path: string, body: object): Promise<Response> {
  return request(`/api/v1/settings/${setting}${path}`, {
    method: one.method,
    headers: {
      authorization: `Bearer ${given}`,
      // Of whatever is there, so that this is not what it is refused for.
      ...(one.method !== 'GET' && { 'if-match': '*' }),
      ...(one.body !== null && { 'content-type': 'application/json' }),
    },
    ...(one.body !== null && { body: JSON.stringify(body) }),
  });
}

/** Answers the text of the problem. */
async function refused(response: Response, status: number): Promise<string> {
  const text = await response.text();
  expect({ status: response.status, text }).toEqual({ status, text });
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(Problem.parse(JSON.parse(text))).toMatchObject({ status });
  return text;
}

/** But for the counts of calls. */
async function everything(): Promise<Everything> {
  const { settings, accounts } = await everythingOf([own, other]);
  const { failures: _, ...others } = accounts;
  return { settings, accounts: others };
}

/**
 * Every route of the dashboard, found from the router, as each role: what is of another setting does not exist, what is
 * beyond a role is refused and recorded, and neither writes anything else. In workerd, with two settings and their boxes.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type RightId, type RoleId, roleIds } from '../../dashboard-worker/accounts/rights.ts';
import { rightsOf } from '../../dashboard-worker/accounts/roles.ts';
import { app } from '../../dashboard-worker/app.ts';
import { rightOfGuard } from '../../dashboard-worker/routes/guard.ts';
import { requireSession } from '../../dashboard-worker/routes/require-session.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { type Browser, colleague, ORIGIN, request } from './worker-fixtures.ts';
import {
  everythingOf,
  makeTwoSettings,
  refusalsOf,
  theirChannel,
  theirs,
  withoutRecord,
  withTheirIds,
} from './worker-two-settings.ts';

interface Route {
  readonly method: string;
  readonly path: string;
  readonly permission: RightId;
}

/** The doors: what each of them asks for instead of a session is tested beside it. */
const open = [
  'GET /account/second-factor',
  'GET /api/v1/openapi.json',
  'GET /assets/passkeys.js',
  'GET /assets/stairgate.css',
  'GET /assets/stairgate.js',
  'GET /box/connect',
  'GET /healthz',
  'GET /invitation/:token',
  'GET /setup',
  'GET /setup/:token',
  'GET /sign-in',
  'GET /sign-in/code',
  'GET /sign-in/recovery-code',
  'POST /account/second-factor',
  'POST /account/second-factor/code',
  'POST /box/enrol',
  'POST /host/pairing-code',
  'POST /host/start',
  'POST /invitation/:token',
  'POST /invitation/:token/accept',
  'POST /setup/:token',
  'POST /sign-in',
  'POST /sign-in/code',
  'POST /sign-in/passkey',
  'POST /sign-in/passkey/options',
  'POST /sign-in/recovery-code',
  'POST /sign-out',
];

const theirGroups = Object.fromEntries(
  defaultPolicy('').networks.map(({ range }) => [`network-${range}`, 'openshaw-group']),
);

/** One field sent once is one day. */
const channelForm = { ...theirChannel, days: 'monday' };

/** As it is sent to be saved, not only looked at. */
const deviceForm = {
  ...{ name: 'Ours now', group: 'setting', addresses: '192.168.9.9', macs: '', user: 'shared', userName: '' },
  ...{ version: '1', step: 'save' },
};

/**
 * What a form sends, so that its ids are all that is wrong with it. Every form that names something by its id is here, in
 * its path or its body; all others are in `idless`.
 */
const forms: Readonly<Record<string, () => Record<string, string>>> = {
  'POST /settings/switch': () => ({ to: other }),
  'POST /account/passkeys/remove': () => ({ passkey: theirs.people }),
  'POST /account/sessions/end': () => ({ session: theirs.sessions }),
  'POST /devices/:id': () => deviceForm,
  'POST /devices/:id/remove': () => ({ step: 'save' }),
  'POST /groups/:id/safe-search': () => ({ search: 'off', youtube: 'off', version: '1', step: 'save' }),
  'POST /groups/:id/rules': () => ({ version: '1', step: 'save' }),
  'POST /grants/:id/end': () => ({ back: 'now' }),
  'POST /grants/:id/extend': () => ({ more: '10', ends: '0', back: 'now' }),
  'POST /requests/:id/answer': () => ({ answer: '10', reason: 'ask-later', yesReason: 'none' }),
  'POST /people/invitations/:id/withdraw': () => ({}),
  'POST /people/:id/role': () => ({ role: 'staff' }),
  'POST /people/:id/rights': () => ({ right: 'record.export' }),
  'POST /people/:id/remove': () => ({}),
  'POST /people/:id/second-factor': () => ({}),
  'POST /give/repeat': () => ({ grant: theirs.grants }),
  'POST /give/emergency': () => ({ target: 'group:openshaw-group' }),
  'POST /give': () => ({
    ...{ target: 'device:openshaw-pc', scope: 'service:facebook', until: '10', untilTime: '', reason: 'parent-reply' },
    ...{ reasonText: '', purpose: 'personal', mode: 'verbal', forWhom: 'me', askedBy: '', request: theirs.requests },
  }),
  'POST /give/note': () => ({
    ...{ target: 'device:openshaw-pc', scope: 'service:facebook', until: 'time', fromTime: '00:00' },
    ...{ untilTime: '00:01', reason: 'parent-reply', reasonText: '', purpose: 'personal', mode: 'verbal' },
    ...{ forWhom: 'me', askedBy: '', request: '' },
  }),
  'POST /channels/:id': () => channelForm,
  'POST /channels/:id/close': () => ({}),
  'POST /channels': () => channelForm,
  'POST /keys/:id/revoke': () => ({}),
  'POST /notice/readers/noted': () => ({ what: 'paper', reader: theirs.readers }),
  'POST /devices': () => ({ ...deviceForm, group: 'openshaw-group' }),
  'POST /networks': () => ({ ...theirGroups, version: '1', step: 'save' }),
  'POST /unnamed-devices/name': () => ({ mac: 'dc:a6:32:01:02:03', group: 'openshaw-group' }),
};

/** Forms about the setting as a whole, or the account that sends them: they cannot mean anything of another one. */
const idless = [
  'POST /account/password',
  // At the address of these tests there are no passkeys.
  'POST /account/passkeys',
  'POST /account/passkeys/options',
  'POST /account/recovery-codes',
  'POST /account/app',
  'POST /account/sessions/end-others',
  'POST /box/pairing-code',
  'POST /box/remove',
  'POST /first-names',
  'POST /keys',
  'POST /hours',
  'POST /hours/open-today',
  'POST /policy/last-change',
  'POST /notice',
  'POST /notice/assessment',
  'POST /notice/readers',
  'POST /people/invitations',
  'POST /record/export',
  'POST /record/verify',
];

/** Where a form leads that was about something that does not exist here, when it is not refused. */
const nothingDone: Readonly<Record<string, string>> = {
  'POST /give': '/?done=request-gone',
  // Ending a session that has ended already is no mistake.
  'POST /account/passkeys/remove': '/account?done=passkey-removed',
  'POST /account/sessions/end': '/account?done=session-ended',
};

let own: string;
let other: string;

beforeAll(async () => {
  ({ own, other } = await makeTwoSettings());
});

const routes = guardedRoutes();

describe('every route', () => {
  it('stands behind a session and one permission, or is a door that is named here', () => {
    expect(routes.length).toBeGreaterThan(20);
    const doors = places().filter((place) => handlersOf(place).every((handler) => handler !== requireSession));
    expect(doors.sort()).toEqual(open);
    for (const place of places().filter((one) => !doors.includes(one))) {
      const handlers = handlersOf(place);
      const guards = handlers.filter((handler) => rightOfGuard(handler) !== undefined);
      expect({ place, first: handlers[0] === requireSession, guards: guards.length }).toEqual({
        place,
        first: true,
        guards: 1,
      });
      // The last is the one that answers.
      expect(rightOfGuard(handlers.at(-1)!), place).toBeUndefined();
    }
  });

  it('with ids in its path has some of another setting to be tried with here', () => {
    for (const { path } of routes.filter((route) => route.path.includes(':'))) {
      expect(withTheirIds(path), path).not.toMatch(/:|\/$|\/\//);
    }
    const writing = routes.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
    expect([...Object.keys(forms), ...idless].sort()).toEqual(writing.sort());
    for (const place of idless) expect(place).not.toContain(':');
  });

  it('takes what a form sends and nothing else: no JSON, no form that does not say of which setting it is', async () => {
    const browser = await colleague('manager', own);
    const send = (method: string, address: string, type: string, body: string) =>
      request(address, { method, body, headers: { cookie: browser.cookies(), origin: ORIGIN, 'content-type': type } });
    const before = await everythingOf([own, other]);
    for (const { method, path } of routes) {
      const address = withTheirIds(path);
      const fields = { ...forms[`${method} ${path}`]?.(), setting: own };
      if (method !== 'GET') {
        const { setting: _, ...withoutSetting } = fields;
        const unnamed = new URLSearchParams(withoutSetting).toString();
        for (const [type, body] of [
          ['application/json', JSON.stringify(fields)],
          ['text/plain', new URLSearchParams(fields).toString()],
          ['application/x-www-form-urlencoded', unnamed],
        ] as const) {
          const { status } = await send(method, address, type, body);
          expect({ method, path, type, status }).toEqual({ method, path, type, status: 400 });
        }
      }
      for (const another of ['PUT', 'PATCH', 'DELETE']) {
        const { status } = await send(another, address, 'application/json', JSON.stringify(fields));
        expect({ another, path, status }).toEqual({ another, path, status: 404 });
      }
    }
    expect(await everythingOf([own, other])).toEqual(before);
  });
});

describe.each(roleIds)('as %s', (role: RoleId) => {
  const may = rightsOf(role);
  let browser: Browser;
  beforeAll(async () => {
    browser = await colleague(role, own);
  });

  it('what is of another setting does not exist, and nothing is written', async () => {
    const before = await everythingOf([own, other]);
    for (const { method, path } of routes.filter(({ permission }) => may.has(permission))) {
      const place = `${method} ${path}`;
      const fields = forms[place]?.() ?? {};
      const address = withTheirIds(path);
      if (method === 'GET') {
        if (path.includes(':'))
          expect({ place, ...(await seen(browser.get(address))) }).toEqual({ place, status: 404 });
        continue;
      }
      const elsewhere = await seen(browser.post(address, { ...fields, setting: other }));
      expect({ place, ...elsewhere }).toEqual({ place, status: 404 });
      if (path.includes(':')) {
        const here = await seen(browser.post(address, { ...fields, setting: own }));
        expect({ place, ...here }).toEqual({ place, status: 404 });
      } else if (forms[place] !== undefined) {
        // Ids within the form: the page may come back with what is wrong, and says nothing of what they are there.
        const response = await browser.post(address, { ...fields, setting: own });
        expect([404, 409, 422, 303], place).toContain(response.status);
        if (response.status === 303) expect(response.headers.get('location'), place).toBe(nothingDone[place]);
      }
    }
    expect(await everythingOf([own, other])).toEqual(before);
  });

  it('what is beyond the role is refused, and recorded once for each permission', async () => {
    const refused = routes.filter(({ permission }) => !may.has(permission));
    const before = await everythingOf([own, other]);
    for (const { method, path, permission } of refused) {
      const fields = { ...forms[`${method} ${path}`]?.(), setting: own };
      const address = withTheirIds(path);
      const response = await (method === 'GET' ? browser.get(address) : browser.post(address, fields));
      const place = `${method} ${path}`;
      if (path === '/' && response.status === 303) {
        // Everybody arrives there, and is led to a page of their own.
        expect(permission).toBe('now.see');
        expect((await browser.get(response.headers.get('location')!)).status).toBe(200);
      } else {
        expect({ place, status: response.status }).toEqual({ place, status: 403 });
      }
    }
    const expected = [...new Set(refused.map(({ permission }) => permission))].sort();
    expect(await refusalsOf(own, `A ${role}`)).toEqual(expected);
    const after = await everythingOf([own, other]);
    expect(withoutRecord(after)).toEqual(withoutRecord(before));
  });

  it('what is within it is shown, and in the navigation', async () => {
    const shown = routes.filter(
      ({ method, path, permission }) => method === 'GET' && !path.includes(':') && may.has(permission),
    );
    const pages = await Promise.all(shown.map(async ({ path }) => ({ path, response: await browser.get(path) })));
    for (const { path, response } of pages) {
      const html = await response.text();
      // No page, but an upgrade; worker-live.test.ts asks for it as a browser does.
      expect({ path, status: response.status }).toEqual({ path, status: path === '/live' ? 426 : 200 });
      expect(html).not.toContain('openshaw');
      const nav = /<nav class="wide".*?<\/nav>/s.exec(html)?.[0] ?? '';
      const linked = [...nav.matchAll(/href="([^"]+)"/g)].map(([, href]) => href!);
      const allowed = new Set(shown.map((route) => route.path));
      expect(linked.filter((href) => !allowed.has(href))).toEqual([]);
    }
  });
});

/** What stands behind a key instead of a session is walked in worker-api.test.ts. */
function places(): string[] {
  const routes = app.routes.filter(({ method, path }) => method !== 'ALL' && !path.startsWith('/api/v1/settings/'));
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))];
}

function handlersOf(place: string): object[] {
  return app.routes.filter(({ method, path }) => `${method} ${path}` === place).map(({ handler }) => handler);
}

function guardedRoutes(): Route[] {
  return places().flatMap((place) => {
    const permission = handlersOf(place)
      .map(rightOfGuard)
      .find((found) => found !== undefined);
    const [method = '', path = ''] = place.split(' ');
    return permission === undefined ? [] : [{ method, path, permission }];
  });
}

async function seen(answer: Promise<Response>): Promise<{ status: number }> {
  const response = await answer;
  expect(await response.text()).not.toContain('openshaw');
  return { status: response.status };
}

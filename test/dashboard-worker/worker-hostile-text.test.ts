/**
 * Text that somebody typed, or that a box sent, to do harm: on every page of the dashboard it is text, and were it not,
 * the page's own policy would not run it.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { app } from '../../dashboard-worker/app.ts';
import {
  applyMigrations,
  Box,
  Browser,
  bindings,
  eventually,
  hostRequest,
  manager,
  pairingCode,
  request,
} from './worker-fixtures.ts';

const SCRIPT = '<script>alert(1)</script>';
/** Ends an attribute, a tag and a line; turns the direction of writing; a bell and an escape; a formula. */
const HOSTILE = `=1+1\u0007\u001b[2J\u202e"'>${SCRIPT}\r\n<img src=x onerror=alert(1)>`;
const HARMFUL =
  /<script(?! type="module" src="\/assets\/)|<img|(?![\n\r\t])\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;
const ESCAPED = '&lt;script&gt;alert(1)&lt;/script&gt;';

let browser: Browser;
let grantPath: string;

beforeAll(async () => {
  await applyMigrations();
  await hostRequest('/host/start');
  const code = await pairingCode();
  const box = await Box.enrolled(code);
  // As a box of before would send it: what is in its policy was not cleaned there.
  box.policy = {
    ...box.policy,
    groups: box.policy.groups.map((group) => ({ ...group, name: `${group.id} ${SCRIPT}\u202e` })),
    devices: box.policy.devices.map((device) => ({ ...device, name: `Office ${SCRIPT}\u202e` })),
  };
  await box.connect();
  await box.next('grants');
  browser = new Browser();
  const hostileManager = { ...manager, name: `T ${SCRIPT}`, settingName: `H ${SCRIPT}\u202e` };
  expect((await browser.post(`/setup/${bindings.SETUP_TOKEN}`, hostileManager)).status).toBe(303);
  await browser.setUpApp();
  box.send(
    box.health({
      upstreams: [{ name: HOSTILE, healthy: false }],
      overlaps: [{ service: 'facebook', list: HOSTILE }],
      alerts: [{ code: 'hostile', text: HOSTILE, since: Date.now() }],
    }),
  );
  box.send({
    type: 'request',
    request: {
      id: '5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c10',
      device: 'office-pc',
      scope: { service: 'facebook' },
      minutes: 30,
      reason: HOSTILE,
      askedBy: HOSTILE,
      askedAt: Date.now(),
    },
  });
  const given = await browser.post('/give', {
    target: 'group:setting',
    scope: 'service:facebook',
    until: '30',
    untilTime: '',
    reason: 'other',
    reasonText: HOSTILE,
    purpose: 'official',
    mode: 'verbal',
    forWhom: 'other',
    askedBy: HOSTILE.slice(0, 70),
    request: '',
  });
  expect(given.status).toBe(303);
  grantPath = given.headers.get('location') ?? '';
  await browser.post('/hours/open-today', { name: HOSTILE.slice(0, 70), from: '06:00', to: '00:00' });
  const words = HOSTILE.slice(0, 70);
  await browser.post('/notice', { seenBy: HOSTILE, contact: HOSTILE, more: HOSTILE, known: '0', step: 'save' });
  await browser.post('/notice/readers', { names: words });
  await browser.post('/channels', {
    ...{ name: words, purpose: words, approvedBy: words, approvedOn: '2026-01-01', assessedOn: '2026-01-01' },
    ...{ firstPerson: words, secondPerson: 'Jo', device: 'office-pc', service: 'facebook', days: 'monday' },
    ...{ from: '10:00', to: '11:00' },
  });
  await browser.post('/keys', { name: words, scopes: 'now.see' });
  await eventually(
    () => browser.page('/'),
    (page) => page.includes('onerror'),
  );
});

describe('what somebody typed to do harm', () => {
  it.each([
    '/',
    '/give',
    '/devices',
    '/devices/new',
    '/devices/office-pc',
    '/hours',
    '/usage',
    '/record',
    '/year',
    '/channels',
    '/notice',
    '/keys',
    '/box',
  ])('is text on %s', async (path) => {
    const page = await browser.page(path);
    expect(page).not.toMatch(HARMFUL);
    expect(page).toContain(ESCAPED);
  });

  it('is text where a permission is shown, and where a form comes back with it', async () => {
    expect(await browser.page(grantPath)).not.toMatch(HARMFUL);
    const wrong = {
      name: HOSTILE,
      group: HOSTILE,
      addresses: HOSTILE,
      macs: HOSTILE,
      user: 'person',
      userName: HOSTILE,
      version: '1',
    };
    const refused = await browser.post('/devices', wrong);
    expect(refused.status).toBe(422);
    expect(await refused.text()).not.toMatch(HARMFUL);
  });
});

describe('every answer of the dashboard', () => {
  it('would run no script but its own file, load nothing from elsewhere and stand in no frame', async () => {
    const own = new Set(['/box/connect', '/box/enrol']);
    const paths = app.routes.filter(({ method, path }) => method !== 'ALL' && !own.has(path));
    expect(paths.length).toBeGreaterThan(25);
    const plain = [
      { method: 'GET', path: '/no-such-page' },
      { method: 'GET', path: grantPath },
      // From another site: refused before any route.
      { method: 'POST', path: '/devices' },
    ];
    for (const { method, path } of [...paths, ...plain]) {
      const concrete = path.replaceAll(/:\w+/g, 'x');
      const response =
        method === 'GET'
          ? await browser.get(concrete)
          : await request(concrete, {
              method,
              body: new URLSearchParams(),
              headers: { origin: 'https://elsewhere.example' },
            });
      const policy = new Map(
        (response.headers.get('content-security-policy') ?? '').split(';').map((part) => {
          const [directive = '', ...values] = part.trim().split(' ');
          return [directive, values.join(' ')];
        }),
      );
      expect({ path, policy: Object.fromEntries(policy) }).toEqual({
        path,
        policy: {
          'default-src': "'none'",
          'script-src': "'self'",
          'style-src': "'self'",
          'connect-src': "'self'",
          'img-src': "'self' data:",
          'form-action': "'self'",
          'base-uri': "'none'",
          'frame-ancestors': "'none'",
        },
      });
      expect({ path, sniffing: response.headers.get('x-content-type-options') }).toEqual({ path, sniffing: 'nosniff' });
      expect(response.headers.get('referrer-policy')).toBe('same-origin');
      const text = await response.text();
      // What that policy would not run or draw must not be there either.
      expect(text).not.toMatch(/<script(?![^>]* src="\/assets\/)|\sstyle="|\son[a-z]+="|javascript:/i);
    }
  });
});

/** What leaves a whole box for the cloud when devices ask for permission on its local site: a setting's own by their ids, no other. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { enrol } from '../../../filter-agent/control/box-identity.ts';
import { openStore } from '../../../filter-agent/control/usage-store.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { type ProtocolDashboard, startProtocolDashboard } from '../control/protocol-dashboard.ts';

const ADDRESS = { tablet: '127.0.0.41', phone: '127.0.0.44', visitor: '127.0.43.77' };
const WITHIN = { timeout: 25_000, interval: 50 };

let box: BoxProcess;
let dashboard: ProtocolDashboard;
afterEach(async () => {
  await box?.remove();
  await dashboard?.close();
});

it('names the device that asks when it is the setting’s own, and is silent of staff’s own and guests’', async () => {
  dashboard = await startProtocolDashboard();
  // They stay in the box, to be looked for there.
  dashboard.acknowledges = false;
  const device = (id: string, name: string, group: string, address: string) => {
    return { id, name, group, addresses: [address], macs: [] };
  };
  box = await prepareBox({
    settings: {
      policy: alwaysOpenPolicy({
        groups: [
          { id: 'setting', name: 'Setting devices', kind: 'setting' },
          { id: 'own', name: 'Staff’s own', kind: 'personal', categories: { 'video-sharing': 'always' } },
          { id: 'guest', name: 'Guests', kind: 'guest', categories: { 'video-sharing': 'always' } },
        ],
        devices: [
          device('tablet-7', 'Toddler tablet', 'setting', ADDRESS.tablet),
          device('phone-of-kim', 'Kimberley phone', 'own', ADDRESS.phone),
          device('visitor-ed', 'Edmund laptop', 'guest', ADDRESS.visitor),
        ],
      }),
    },
  });
  const { stateDir } = box;
  await enrol({ stateDir, dashboardUrl: dashboard.url, code: String(dashboard.code), boxName: 'hall cupboard' });
  await box.start();
  await vi.waitFor(() => expect(dashboard.ofType('hello')).toHaveLength(1), WITHIN);
  for (const [who, from] of Object.entries(ADDRESS)) expect(await ask(from, `for ${who}`)).toBe(303);
  await vi.waitFor(() => expect(asked()).toHaveLength(3), WITHIN);
  expect(asked()).toEqual([
    ['for phone', ''],
    ['for tablet', 'tablet-7'],
    ['for visitor', ''],
  ]);
  expect(wordsOf(dashboard.received.filter(({ type }) => type !== 'hello'))).toEqual([]);

  // One that became somebody's own after it had asked, when the dashboard was away.
  await box.stop();
  const store = await openStore({ stateDir });
  expect(wordsOf(await store.pendingRequests())).toEqual([]);
  const id = '5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c02';
  const scope = { service: 'youtube' };
  const before = { id, device: 'phone-of-kim', scope, minutes: 10, reason: 'for before', askedBy: '', askedAt: 1 };
  await store.saveRequest(before);
  await store.close();
  await box.start();
  await vi.waitFor(() => expect(asked()).toContainEqual(['for before', '']), WITHIN);
  expect(wordsOf(dashboard.received.filter(({ type }) => type !== 'hello'))).toEqual([]);
  expect(dashboard.violations).toEqual([]);
});

/** Reason and device of each request that has come, once. */
function asked(): string[][] {
  const requests = dashboard.ofType('request').map(({ request: { id, reason, device } }) => [id, [reason, device]]);
  return (Object.values(Object.fromEntries(requests)) as string[][]).sort();
}

function wordsOf(told: unknown): string[] {
  const written = JSON.stringify(told);
  return ['phone-of-kim', 'Kimberley', 'visitor-ed', 'Edmund', ADDRESS.phone, ADDRESS.visitor].filter((word) =>
    written.includes(word),
  );
}

/** As the form of the local site is filled in on the device with that address. */
async function ask(from: string, reason: string): Promise<number> {
  const form = await visit(from, 'GET', '/ask?service=youtube');
  const token = /name="token" value="([^"]+)"/.exec(form.body)?.[1] ?? '';
  const fields = { token, what: 'service:youtube', minutes: '10', reason, who: '', askedBy: 'Somebody' };
  return (await visit(from, 'POST', '/ask', new URLSearchParams(fields).toString())).status;
}

async function visit(from: string, method: string, path: string, body = ''): Promise<{ status: number; body: string }> {
  const { address: host, port } = box.site;
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: `http://${host}:${port}` };
  return await new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path, headers, localAddress: from }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

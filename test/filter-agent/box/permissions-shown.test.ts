/** What a whole box shows on its local site of permissions that the dashboard sent: the same use until two times once. */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { enrol } from '../../../filter-agent/control/box-identity.ts';
import type { Grant } from '../../../policy-rules/grants.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { type ProtocolDashboard, startProtocolDashboard } from '../control/protocol-dashboard.ts';

const TABLET = '127.0.0.41';
const WITHIN = { timeout: 25_000, interval: 50 };
const MINUTE_MS = 60_000;

let box: BoxProcess;
let dashboard: ProtocolDashboard;
afterEach(async () => {
  await box?.remove();
  await dashboard?.close();
});

it('is one line with the later end for the same use, and a line each for other uses', async () => {
  dashboard = await startProtocolDashboard();
  box = await prepareBox({
    settings: {
      policy: alwaysOpenPolicy({
        groups: [{ id: 'setting', name: 'Setting devices', kind: 'setting' }],
        devices: [{ id: 'tablet-7', name: 'Toddler tablet', group: 'setting', addresses: [TABLET], macs: [] }],
      }),
    },
  });
  const { stateDir } = box;
  await enrol({ stateDir, dashboardUrl: dashboard.url, code: String(dashboard.code), boxName: 'hall cupboard' });
  await box.start();
  await vi.waitFor(() => expect(dashboard.ofType('hello')).toHaveLength(1), WITHIN);
  const nowMs = Date.now();
  const given = (nth: number, minutes: number, change: Partial<Grant> = {}): Grant => ({
    ...{
      id: `a8098c1a-f86e-41da-bd1a-00112444be1${nth}`,
      target: { device: 'tablet-7' },
      scope: { service: 'youtube' },
    },
    ...{ from: nowMs - MINUTE_MS, until: nowMs + minutes * MINUTE_MS, purpose: 'personal', mode: 'verbal' },
    ...{ reason: '', askedBy: '', grantedBy: 'Jo', grantedAt: nowMs - MINUTE_MS },
    ...change,
  });
  const grants = [
    given(1, 30),
    given(2, 50),
    given(3, 40, { target: { group: 'setting' } }),
    given(4, 20, { purpose: 'official' }),
    given(5, 20, { scope: { service: 'facebook' } }),
  ];
  dashboard.sendSigned('grants', { version: 2, grants });
  await vi.waitFor(() => expect(dashboard.ofType('grants-ack')).toHaveLength(1), WITHIN);
  const lines = [...(await front()).matchAll(/<li><strong>([^<]+)<\/strong> until (.+?), for ([^<]+)<\/li>/g)].map(
    ([, what = '', until = '', purpose = '']) => [what, until.replaceAll(/<[^>]+>/g, ''), purpose],
  );
  const time = (minutes: number) =>
    new Date(nowMs + minutes * MINUTE_MS).toLocaleTimeString('en-GB', {
      timeZone: 'Europe/London',
      timeStyle: 'short',
    });
  expect(lines.map(([what, , purpose]) => [what, purpose])).toEqual([
    ['YouTube', 'personal use'],
    ['YouTube', 'the setting’s own channel'],
    ['Facebook', 'personal use'],
  ]);
  expect(lines[0]?.[1]).toContain(time(50));
  expect(lines[1]?.[1]).toContain(time(20));
});

async function front(): Promise<string> {
  const { address: host, port } = box.site;
  return await new Promise((resolve, reject) => {
    const sent = request({ host, port, path: '/', localAddress: TABLET }, (response) => {
      text(response).then(resolve, reject);
    });
    sent.once('error', reject);
    sent.end();
  });
}

/** A whole box holds its dashboard to the record that it has countersigned, also after a restart. */
import { afterEach, expect, it, vi } from 'vitest';
import { enrol, isSignedBy } from '../../../filter-agent/control/box-identity.ts';
import { headText, type RecordHead } from '../../../policy-rules/agent-protocol.ts';
import { alwaysOpenPolicy, type BoxProcess, prepareBox } from '../../support/box-process.ts';
import { type ProtocolDashboard, startProtocolDashboard } from '../control/protocol-dashboard.ts';

let box: BoxProcess;
let dashboard: ProtocolDashboard;
afterEach(async () => {
  await box?.remove();
  await dashboard?.close();
});

it('keeps what it has countersigned over a kill, refuses a shorter record and tells of it until it goes on', async () => {
  dashboard = await startProtocolDashboard();
  box = await prepareBox({ settings: { policy: alwaysOpenPolicy() } });
  const { stateDir } = box;
  const { settingId, boxId } = await enrol({
    stateDir,
    dashboardUrl: dashboard.url,
    code: String(dashboard.code),
    boxName: 'hall cupboard',
  });
  await box.start();
  await connected(1);
  dashboard.sendSigned('record-head', { head: head(10), since: null });
  await vi.waitFor(() => expect(dashboard.ofType('head-signed')).toHaveLength(1), WITHIN);
  const { signature, ...signed } = dashboard.ofType('head-signed')[0]!.head;
  expect(signed).toEqual(head(10));
  expect(isSignedBy(String(dashboard.boxes.get(boxId)), headText(settingId, signed), signature)).toBe(true);

  await box.kill();
  await box.start();
  await connected(2);
  expect(dashboard.ofType('hello').at(-1)).toMatchObject({ recordSeq: 10 });
  dashboard.sendSigned('record-head', { head: head(5), since: null });
  await vi.waitFor(() => expect(dashboard.ofType('head-refused')).toHaveLength(1), WITHIN);
  expect(dashboard.ofType('head-refused')[0]).toMatchObject({ known: head(10) });
  await vi.waitFor(() => expect(contradiction()?.text).toContain('entry no. 10 was countersigned here'), WITHIN);
  expect((await box.ask('www.tiktok.com')).rcode).toBe('NXDOMAIN');

  dashboard.sendSigned('record-head', { head: head(12), since: head(10) });
  await vi.waitFor(() => expect(dashboard.ofType('head-signed').at(-1)?.head).toMatchObject(head(12)), WITHIN);
  await vi.waitFor(() => expect(contradiction()).toBeUndefined(), WITHIN);
  expect(dashboard.violations).toEqual([]);
});

/** The box tells how it is every 15 s. */
const WITHIN = { timeout: 25_000, interval: 50 };

function connected(times: number): Promise<void> {
  return vi.waitFor(() => expect(dashboard.ofType('hello')).toHaveLength(times), WITHIN);
}

/** As the box told its health last. */
function contradiction() {
  return dashboard
    .ofType('health')
    .at(-1)
    ?.alerts.find(({ code }) => code === 'record-contradicted');
}

function head(seq: number): RecordHead {
  return { seq, hash: seq.toString(16).padStart(64, '0') };
}

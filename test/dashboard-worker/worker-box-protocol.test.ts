/** The line between a box and its setting, in workerd: real WebSockets, real keys, real SQLite. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import type { GrantWish } from '../../dashboard-worker/setting/grants.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { recordSentence } from '../../dashboard-worker/views/pages.ts';
import { CLOSE_NOT_ENROLLED, PROTOCOL_VERSION, type UsageRow } from '../../policy-rules/agent-protocol.ts';
import {
  applyMigrations,
  Box,
  bindings,
  device,
  enrol,
  eventually,
  makeBoxKeys,
  otherSetting,
  pairingCode,
  request,
} from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field' };
const facebook: GrantWish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 10 },
  purpose: 'official',
  mode: 'verbal',
  reason: 'Reply to a parent on our page',
  askedBy: 'Jo',
};

beforeAll(applyMigrations);

describe('pairing', () => {
  it('takes a box with a good code and says whose it is', async () => {
    const box = await Box.enrolled();
    expect(box.identity.settingName).toBe('My nursery');
    expect(box.identity.settingPublicKey).toMatch(/^[\w-]{43}$/);
  });

  it('takes the code in any spelling of people', async () => {
    const code = await pairingCode();
    const { publicKey } = await makeBoxKeys();
    const response = await enrol(` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)} `, publicKey);
    expect(response.status).toBe(200);
  });

  it('refuses a wrong code, a used one, and one that a newer one has replaced', async () => {
    const { publicKey } = await makeBoxKeys();
    expect((await enrol('AAAAAAAA', publicKey)).status).toBe(403);
    const used = await pairingCode();
    expect((await enrol(used, publicKey)).status).toBe(200);
    expect((await enrol(used, publicKey)).status).toBe(403);
    const replaced = await pairingCode();
    await pairingCode();
    expect((await enrol(replaced, publicKey)).status).toBe(403);
  });

  it('refuses a key that is none, and keeps the code good', async () => {
    const code = await pairingCode();
    expect((await enrol(code, 'c2hvcnQ')).status).toBe(403);
    expect((await enrol(code, (await makeBoxKeys()).publicKey)).status).toBe(200);
  });

  it('takes a second box in the place of the first, whose line is closed', async () => {
    const first = await Box.connected();
    await Box.enrolled();
    expect(await first.closed()).toBe(CLOSE_NOT_ENROLLED);
  });
});

describe('the line', () => {
  it('closes with 4401 for an unknown box, and for a wrong signature', async () => {
    const stranger = new Box(await makeBoxKeys(), {
      boxId: crypto.randomUUID(),
      settingId: crypto.randomUUID(),
      settingName: '',
      settingPublicKey: '',
    });
    const connecting = stranger.connect().catch(() => undefined);
    expect(
      await eventually(
        async () => stranger.closeCode,
        (code) => code !== null,
      ),
    ).toBe(CLOSE_NOT_ENROLLED);
    void connecting;
    const box = await Box.enrolled();
    await box.connect((await makeBoxKeys()).privateKey);
    expect(await box.closed()).toBe(CLOSE_NOT_ENROLLED);
  });

  it('takes nothing of a box that has not said hello', async () => {
    const { box, remote } = await connectedSetting();
    const impostor = new Box(await makeBoxKeys(), box.identity);
    impostor.saysHello = false;
    await impostor.connect();
    impostor.send({ type: 'grants-ack', version: 1_000, inForceAt: Date.now() });
    expect(await impostor.closed()).toBe(CLOSE_NOT_ENROLLED);
    expect((await remote.now(actor)).box.kind).toBe('working');
    expect(box.closeCode).toBeNull();
  });

  it('adopts the policy of the first box as version 1 and sends it back signed', async () => {
    const { id } = await otherSetting();
    const remote = settingOf(bindings, id);
    const box = await boxOf(id);
    await box.connect();
    const policy = await box.readPolicy(await box.next('policy'));
    expect(policy.version).toBe(1);
    expect(policy.settingName).toBe('Openshaw Nursery');
    expect(policy.devices.map(({ name }) => name)).toEqual(['Office PC']);
    expect((await remote.policy()).policy).toEqual(policy);
  });

  it('delivers a signed grant, and the page shows it in force once the box has said so', async () => {
    const { box, remote } = await connectedSetting();
    const given = await remote.giveGrant(facebook, actor);
    expect(given).toMatchObject({ ok: true, acknowledged: true });
    const { grants } = await eventually(
      async () => box.readGrants(await box.next('grants')),
      (payload) => payload.grants.length > 0,
    );
    expect(grants).toMatchObject([{ scope: { service: 'facebook' }, grantedBy: 'Tracey Field' }]);
    const now = await remote.now(actor);
    expect(now.box.kind).toBe('working');
    expect(now.grants).toMatchObject([{ targets: [{ name: 'Office PC' }], state: { kind: 'in-force' } }]);
  });

  it('says "sending" until the acknowledgement, and "ending" until the end is confirmed', async () => {
    const { box, remote } = await connectedSetting();
    box.acknowledges = false;
    const given = await remote.giveGrant(facebook, actor);
    expect(given).toMatchObject({ ok: true, acknowledged: false });
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'sending' } }]);
    const id = (await remote.now(actor)).grants[0]!.id;
    expect(await remote.endGrant(id, actor)).toEqual({ acknowledged: false });
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'ending' } }]);
    box.send({ type: 'grants-ack', version: 2, inForceAt: Date.now() });
    await eventually(
      () => remote.now(actor),
      ({ grants }) => grants[0]?.state.kind === 'ended',
    );
  });

  it('shows what the box refused, with its words', async () => {
    const { box, remote } = await connectedSetting();
    box.acknowledges = false;
    const giving = remote.giveGrant(facebook, actor);
    await eventually(
      async () => box.readGrants(await box.next('grants')),
      (payload) => payload.grants.length > 0,
    );
    box.send({ type: 'refusal', of: 'grants', version: 1, reason: 'the disk is full' });
    expect(await giving).toMatchObject({ acknowledged: false });
    const now = await remote.now(actor);
    expect(now.grants).toMatchObject([{ state: { kind: 'refused', reason: 'the disk is full' } }]);
    expect(now.attention).toContainEqual({ kind: 'refusal', of: 'grants', reason: 'the disk is full' });
  });

  it('sends at the next connect what was given while the box was away', async () => {
    const { box, remote } = await connectedSetting();
    box.disconnect();
    await eventually(
      () => remote.now(actor),
      (now) => now.box.kind === 'away',
    );
    expect(await remote.giveGrant(facebook, actor)).toMatchObject({ acknowledged: false });
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'waiting' } }]);
    await box.connect();
    const { version, grants } = await box.readGrants(await box.next('grants'));
    expect({ version, count: grants.length }).toEqual({ version: 1, count: 1 });
    await eventually(
      () => remote.now(actor),
      (now) => now.grants[0]?.state.kind === 'in-force',
    );
  });

  it('survives hibernation: the socket is still known, and a grant still goes out', async () => {
    const { box, remote, id } = await connectedSetting();
    await evictDurableObject(stubOf(id));
    const given = await remote.giveGrant(facebook, actor);
    expect(given).toMatchObject({ ok: true, acknowledged: true });
    box.sendText('ping');
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { kind: 'in-force' } }]);
  });

  it('gives its numbers anew to a box that has higher ones', async () => {
    const { box, remote } = await connectedSetting();
    await remote.giveGrant(facebook, actor);
    box.disconnect();
    box.policy = { ...box.policy, version: 70 };
    box.grantsVersion = 90;
    await box.connect();
    expect((await box.readPolicy(await box.next('policy'))).version).toBe(71);
    expect(await box.readGrants(await box.next('grants'))).toMatchObject({
      version: 91,
      grants: [{ reason: facebook.reason }],
    });
  });

  it('sends its own policy to a new box that has another setting’s under the same number, and only then', async () => {
    const { id, remote } = await connectedSetting();
    const next = await boxOf(id);
    next.policy = { ...next.policy, version: 1, settingName: 'Highfield Nursery' };
    await next.connect();
    expect(await next.readPolicy(await next.next('policy'))).toMatchObject({
      version: 2,
      settingName: 'Openshaw Nursery',
    });
    await eventually(
      async () => next.policy.version,
      (version) => version === 2,
    );
    next.disconnect();
    await next.connect();
    await next.next('grants');
    expect(next.received.filter(({ type }) => type === 'policy')).toEqual([]);
    expect((await remote.policy()).policy.version).toBe(2);
  });

  it('says to a box of another version that it cannot be read, not that it is unknown', async () => {
    const { box } = await connectedSetting();
    const newer = new Box(box.keys, box.identity);
    newer.policy = { ...box.policy, timeZone: undefined as unknown as string };
    await newer.connect();
    expect(await newer.closed()).toBe(1002);
  });

  it('keeps one live line: the newer replaces the older only after its hello', async () => {
    const { box, remote } = await connectedSetting();
    const again = new Box(box.keys, box.identity);
    again.policy = box.policy;
    await again.connect();
    expect(await box.closed()).toBe(1000);
    expect((await remote.now(actor)).box.kind).toBe('working');
  });
});

describe('usage', () => {
  const row = usageRow();

  it('applies a batch once when it comes twice, and acknowledges it both times', async () => {
    const { box, remote } = await connectedSetting();
    for (const _ of [1, 2]) {
      box.send({ type: 'usage-batch', seq: 1, rows: [row] });
      expect(await box.next('usage-ack')).toEqual({ type: 'usage-ack', seq: 1 });
    }
    expect((await remote.usage('week', actor)).byService).toEqual([
      { serviceName: 'Facebook', blocked: 4, granted: 0 },
    ]);
  });

  it('adds counts and joins minutes of the same hour', async () => {
    const { box, remote, id } = await connectedSetting();
    box.send({ type: 'usage-batch', seq: 1, rows: [row, { ...row, minutesLow: 0b110, minutesHigh: 0 }] });
    box.send({ type: 'usage-batch', seq: 2, rows: [{ ...row, minutesLow: 0b1100, minutesHigh: 0 }] });
    await box.next('usage-ack');
    await box.next('usage-ack');
    expect((await remote.usage('week', actor)).byService).toMatchObject([{ blocked: 5 }]);
    expect(await rows(id, 'SELECT count, minutes_low, minutes_high FROM usage_hours')).toEqual([
      { count: 15, minutes_low: 0b1111, minutes_high: 1 },
    ]);
  });
});

describe('usage that is not the setting’s', () => {
  it('is kept for each device only once people have been told, and the assessment is done', async () => {
    const { box, remote, id } = await connectedSetting();
    const devices = async () =>
      (await rows(id, 'SELECT device, count FROM usage_days ORDER BY device')) as { device: string; count: number }[];
    let seq = 1;
    // Of the hour that begins next: nothing of it is from before what happens here.
    const row = { ...usageRow(), hourStart: usageRow().hourStart + 3_600_000 };
    const use = async (hours: readonly UsageRow[] = [row]) => {
      box.send({ type: 'usage-batch', seq, rows: [...hours] });
      await box.next('usage-ack');
      seq += 1;
    };
    await use();
    expect(await devices()).toEqual([{ device: '', count: 5 }]);
    await remote.publishNotice({ seenBy: ['Us'], contact: 'us', more: [] }, 0, actor);
    await use();
    expect(await devices()).toEqual([{ device: '', count: 10 }]);
    expect(await remote.dateAssessment('2026-10-01', actor)).toBe(true);
    await use();
    expect(await devices()).toEqual([
      { device: '', count: 10 },
      { device: 'office-pc', count: 5 },
    ]);
    // Neither is asked about before the figures of the setting as a whole.
    expect(await rows(id, 'SELECT count FROM usage_months')).toEqual([{ count: 15 }]);
    // What the box brings late is from before, the hour that was running included; a newer version begins nothing anew.
    await remote.publishNotice({ seenBy: ['Us'], contact: 'us', more: [] }, 1, actor);
    await use([usageRow(), { ...row, hourStart: row.hourStart - 24 * 3_600_000 }]);
    await use();
    const byDevice = await rows(id, 'SELECT device, sum(count) AS count FROM usage_hours GROUP BY device');
    expect(byDevice).toEqual([
      { device: '', count: 20 },
      { device: 'office-pc', count: 10 },
    ]);
  });

  it('is acknowledged and not kept: people’s own devices, unknown devices, and what the catalogue does not name', async () => {
    const { id } = await otherSetting();
    const box = await boxOf(id);
    await settingOf(bindings, id).publishNotice({ seenBy: ['Us'], contact: 'us', more: [] }, 0, actor);
    await settingOf(bindings, id).dateAssessment('2026-10-01', actor);
    const own = { ...device('anna-phone', 'Anna’s phone', '192.168.1.77'), group: 'staff-personal' };
    box.policy = { ...box.policy, devices: [...box.policy.devices, own] };
    await box.connect();
    await box.next('policy');
    const good = { ...usageRow(), device: '', hourStart: usageRow().hourStart + 3_600_000 };
    const others = [
      { ...good, device: 'anna-phone' },
      { ...good, device: '192.168.1.99' },
      { ...good, service: 'private-clinic.example' },
    ];
    box.send({ type: 'usage-batch', seq: 1, rows: [...others, good, { ...good, device: 'office-pc' }] });
    await box.next('usage-ack');
    for (const table of ['usage_hours', 'usage_days']) {
      expect(await rows(id, `SELECT device, service FROM ${table} ORDER BY device`)).toEqual([
        { device: '', service: 'facebook' },
        { device: 'office-pc', service: 'facebook' },
      ]);
    }
    expect(await rows(id, 'SELECT service, count FROM usage_months')).toEqual([{ service: 'facebook', count: 10 }]);
  });
});

describe('requests', () => {
  const ask = () => ({
    id: crypto.randomUUID(),
    device: 'office-pc',
    scope: { service: 'facebook' },
    minutes: 10,
    reason: 'Photos of the summer fair',
    askedBy: 'Jo',
    askedAt: Date.now(),
  });

  it('takes a request once, acknowledges it, and sends the answer with the grant', async () => {
    const { box, remote } = await connectedSetting();
    const request = ask();
    for (const _ of [1, 2]) {
      box.send({ type: 'request', request });
      expect(await box.next('request-ack')).toEqual({ type: 'request-ack', id: request.id });
    }
    expect((await remote.now(actor)).requests).toMatchObject([{ deviceName: 'Office PC', askedBy: 'Jo' }]);
    const answered = await remote.answerRequest(request.id, { grant: { minutes: 10 }, words: 'Just this once' }, actor);
    expect(answered).toMatchObject({ ok: true });
    const answer = { type: 'request-answer', id: request.id, answer: 'granted', reason: 'Just this once' };
    expect(await box.next('request-answer')).toEqual(answer);
    const { entries } = await remote.record({ kind: 'request', from: '', to: '' }, 1);
    expect(recordSentence(entries[0]!, 'Europe/London')).toBe(
      'Tracey Field said yes to Jo, who asked for Facebook: Just this once',
    );
    expect((await remote.now(actor)).grants).toMatchObject([{ askedBy: 'Jo', state: { kind: 'in-force' } }]);
    expect(await remote.answerRequest(request.id, { refuse: 'Later' }, actor)).toEqual({ ok: false, problem: 'gone' });
  });

  it('says the answer again at the next connect', async () => {
    const { box, remote } = await connectedSetting();
    const request = ask();
    box.send({ type: 'request', request });
    await box.next('request-ack');
    box.disconnect();
    await eventually(
      () => remote.now(actor),
      (now) => now.box.kind === 'away',
    );
    await remote.answerRequest(request.id, { refuse: 'Please use your break' }, actor);
    await box.connect();
    expect(await box.next('request-answer')).toEqual({
      type: 'request-answer',
      id: request.id,
      answer: 'refused',
      reason: 'Please use your break',
    });
  });

  it('asks the manager to choose when nobody has named the device', async () => {
    const { box, remote } = await connectedSetting();
    const request = { ...ask(), device: '' };
    box.send({ type: 'request', request });
    await box.next('request-ack');
    expect(await remote.answerRequest(request.id, { grant: { minutes: 10 }, words: 'Just this once' }, actor)).toEqual({
      ok: false,
      problem: 'no-device',
    });
  });
});

describe('two settings', () => {
  it('have nothing of each other', async () => {
    const one = await connectedSetting();
    const two = await connectedSetting();
    await one.remote.giveGrant(facebook, actor);
    const grantId = (await one.remote.now(actor)).grants[0]!.id;
    expect((await two.remote.now(actor)).grants).toEqual([]);
    expect(await two.remote.grant(grantId)).toBeNull();
    expect(await two.remote.endGrant(grantId, actor)).toBeNull();
    expect((await one.remote.now(actor)).grants).toMatchObject([{ state: { kind: 'in-force' } }]);
    expect(one.box.identity.settingPublicKey).not.toBe(two.box.identity.settingPublicKey);
  });
});

describe('time', () => {
  const DAY_MS = 86_400_000;

  it('keeps each thing as long as PRODUCT.md says, and no longer', async () => {
    const { id } = await connectedSetting();
    const now = Date.now();
    const daysAgo = (days: number) => now - days * DAY_MS;
    const date = (days: number) => new Date(daysAgo(days)).toISOString().slice(0, 10);
    for (const days of [29, 32])
      await rows(id, `INSERT INTO usage_hours VALUES ('pc', 'x', 'blocked', ${daysAgo(days)}, 1, 1, 0)`);
    for (const days of [89, 92])
      await rows(id, `INSERT INTO usage_days VALUES ('pc', 'x', 'blocked', '${date(days)}', 1, 1)`);
    for (const days of [750, 800]) {
      await rows(id, `INSERT INTO usage_weeks VALUES ('x', 'blocked', '${date(days)}', 9, 1, 1)`);
      await rows(id, `INSERT INTO usage_months VALUES ('x', 'blocked', '${date(days).slice(0, 7)}', 1, 1)`);
    }
    for (const days of [390, 420, 800]) {
      await rows(
        id,
        `INSERT INTO grants (id, target_json, scope_json, from_at, until_at, purpose, mode, reason, asked_by, granted_by,
          granted_at, to_self, version, story, granted_by_id)
          VALUES ('${crypto.randomUUID()}', '{"device":"pc"}', '{"allSocial":true}', ${daysAgo(days + 1)}, ${daysAgo(days)},
          'personal', 'verbal', 'Anna asked', 'Jo', 'Tracey Field', ${daysAgo(days + 1)}, 0, 1, 'story-${days}', 'user-1')`,
      );
    }
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
    const count = async (table: string) => (await rows(id, `SELECT 1 FROM ${table}`)).length;
    for (const table of ['usage_hours', 'usage_days', 'usage_weeks', 'usage_months']) {
      expect({ table, rows: await count(table) }).toEqual({ table, rows: 1 });
    }
    expect(await rows(id, 'SELECT reason, asked_by, granted_by, revoked_by FROM grants ORDER BY until_at')).toEqual([
      { reason: '', asked_by: '', granted_by: '', revoked_by: null },
      { reason: 'Anna asked', asked_by: 'Jo', granted_by: 'Tracey Field', revoked_by: null },
    ]);
  });

  it('lapses what nobody answered, tells the box, and records it', async () => {
    const { id, remote, box } = await connectedSetting();
    const request = { id: crypto.randomUUID(), device: 'office-pc', scope: { service: 'facebook' }, minutes: 10 };
    box.send({ type: 'request', request: { ...request, reason: '', askedBy: '', askedAt: Date.now() } });
    await box.next('request-ack');
    await rows(id, `UPDATE requests SET lapses_at = ${Date.now() - 1}`);
    await runDurableObjectAlarm(stubOf(id));
    expect(await box.next('request-answer')).toMatchObject({ id: request.id, answer: 'lapsed' });
    expect((await remote.now(actor)).requests).toEqual([]);
    const { entries } = await remote.record({ kind: 'request', from: '', to: '' }, 1);
    expect(entries.map(({ event }) => event.type)).toEqual(['request-lapsed', 'request-made']);
  });

  it('counts a year without a device or a name', async () => {
    const { remote, box } = await connectedSetting();
    for (const reason of ['Training', 'Training', 'Activity']) await remote.giveGrant({ ...facebook, reason }, actor);
    const { months, grants, requests, policyChanges, daysWithoutReport } = await remote.year(null, null, false, actor);
    expect(months).toHaveLength(12);
    expect(grants).toMatchObject({
      total: 3,
      toSelf: 0,
      endedEarly: 0,
      byPurpose: { official: 3 },
      byMode: { verbal: 3 },
    });
    expect(grants.reasons).toEqual([
      { reason: 'Training', count: 2 },
      { reason: 'Activity', count: 1 },
    ]);
    expect(requests).toEqual({ made: 0, refused: 0, lapsed: 0 });
    expect(policyChanges.map(({ event }) => event.type)).toEqual(['policy-adopted']);
    expect(daysWithoutReport).toBe(0);
    expect(box.closeCode).toBeNull();
  });
});

describe('the record', () => {
  it('is written with what it tells of', async () => {
    const { remote } = await connectedSetting();
    const given = await remote.giveGrant(facebook, actor);
    if (!given.ok) throw new Error(given.problem);
    await remote.endGrant(given.id, actor);
    const { entries } = await remote.record({ kind: '', from: '', to: '' }, 1);
    expect(entries.map(({ event }) => event.type)).toEqual([
      'grant-ended-early',
      'grant-in-force',
      'grant-given',
      'policy-adopted',
      'box-enrolled',
      'setting-created',
    ]);
    expect(entries[2]).toMatchObject({ who: 'Tracey Field', event: { reason: facebook.reason, askedBy: 'Jo' } });
  });
});

describe('guessing pairing codes', () => {
  it('slows down after thirty wrong ones, takes a right one all the same, and is over at the ceiling', async () => {
    const { publicKey } = await makeBoxKeys();
    for (let tries = 0; tries < 30; tries += 1) await enrol('AAAAAAAA', publicKey);
    const response = await enrol('AAAAAAAA', publicKey);
    expect(response.status).toBe(429);
    expect(await response.text()).toContain('too many wrong codes');
    // Others on the network who guess must not keep a box from being paired; an address that anybody can write counts
    // for nothing beside the host.
    const forged = await request('/box/enrol', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'cf-connecting-ip': '203.0.113.9' },
      body: JSON.stringify({ protocol: PROTOCOL_VERSION, code: 'AAAAAAAA', publicKey, boxName: 'Guesser' }),
    });
    expect(forged.status).toBe(429);
    expect((await enrol(await pairingCode(), publicKey)).status).toBe(200);
    // At the ceiling no code is looked at any more.
    await bindings.ACCOUNTS.exec('UPDATE failures SET count = 10000');
    expect((await enrol(await pairingCode(), publicKey)).status).toBe(429);
    await bindings.ACCOUNTS.exec('DELETE FROM failures');
  });
});

/** Four active minutes of this hour. */
function usageRow(): UsageRow {
  return {
    device: 'office-pc',
    service: 'facebook',
    verdict: 'blocked',
    hourStart: Math.floor(Date.now() / 3_600_000) * 3_600_000,
    count: 5,
    minutesLow: 0b111,
    minutesHigh: 0b1,
  };
}

function stubOf(id: string): DurableObjectStub<Setting> {
  return bindings.SETTING.get(bindings.SETTING.idFromName(id));
}

function rows(id: string, sql: string): Promise<unknown[]> {
  return runInDurableObject(stubOf(id), (_: Setting, state) => state.storage.sql.exec(sql).toArray());
}

async function boxOf(settingId: string): Promise<Box> {
  const { makePairingCode } = await import('../../dashboard-worker/accounts/pairing.ts');
  return await Box.enrolled((await makePairingCode(bindings, settingId, null)).code);
}

/** A setting of its own with a box on the line that has taken policy and grants. */
async function connectedSetting() {
  const { id, remote } = await otherSetting();
  const box = await boxOf(id);
  await box.connect();
  await box.next('policy');
  await box.next('grants');
  return { id, remote, box };
}

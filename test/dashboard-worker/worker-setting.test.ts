/** What a setting keeps right when its box, its people or its own work go wrong: in workerd, with a box on the line. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import type { GrantWish } from '../../dashboard-worker/setting/grants.ts';
import { adoptPolicy, policyOf } from '../../dashboard-worker/setting/policies.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import type { FromBox } from '../../policy-rules/agent-protocol.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { applyMigrations, Box, bindings, device, eventually, otherSetting } from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field' };
const facebook: GrantWish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 10 },
  purpose: 'personal',
  mode: 'verbal',
  reason: 'Reply to a parent on our page',
  askedBy: 'Jo',
};
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

beforeAll(applyMigrations);

describe('the first box of a setting whose policy somebody has edited before', () => {
  it('brings its networks and groups; the devices that were written here stay', async () => {
    const { id } = await otherSetting();
    const remote = settingOf(bindings, id);
    const { id: _, ...tablet } = device('', 'Tablet', '192.168.1.30');
    await remote.changePolicy({ kind: 'save-device', id: null, device: tablet }, actor);
    const box = await boxOf(id);
    box.policy = {
      ...box.policy,
      networks: [
        { name: 'Nursery', range: '192.168.1.0/24', group: 'setting' },
        { name: 'Guests', range: '192.168.50.0/24', group: 'guest' },
      ],
    };
    await box.connect();
    const sent = await box.readPolicy(await box.next('policy'));
    expect(sent.networks.map(({ name, group }) => [name, group])).toEqual([
      ['Nursery', 'setting'],
      ['Guests', 'guest'],
    ]);
    expect(sent.devices.map(({ name }) => name)).toEqual(['Office PC', 'Tablet']);
    expect(sent).toMatchObject({ version: 2, settingName: 'Openshaw Nursery' });
  });

  it('leaves what was chosen here for a group and a network that it has as well', async () => {
    const { id } = await otherSetting();
    const remote = settingOf(bindings, id);
    const rules = { categories: { gaming: 'always' }, services: { facebook: 'never' } } as const;
    await remote.changePolicy({ kind: 'group-rules', group: 'office', rules }, actor);
    await remote.changePolicy(
      { kind: 'safe-search', group: 'guest', safeSearch: { search: true, youtube: 'strict' } },
      actor,
    );
    await remote.changePolicy({ kind: 'networks', groups: { '10.0.0.0/8': 'guest' } }, actor);
    const box = await boxOf(id);
    const own = { categories: { video: 'never' }, services: { youtube: 'always' } } as const;
    const groups = box.policy.groups.map((group) => ({ ...group, ...own }));
    // Of another kind than the guests of here.
    const guests = groups.map((group) => (group.id === 'guest' ? { ...group, kind: 'personal' as const } : group));
    box.policy = { ...box.policy, groups: guests };
    await box.connect();
    const sent = await box.readPolicy(await box.next('policy'));
    const group = (wanted: string) => sent.groups.find((each) => each.id === wanted);
    expect(group('office')).toMatchObject(rules);
    expect(group('setting')).toMatchObject(own);
    expect(group('guest')).toMatchObject({ ...own, kind: 'personal' });
    expect(group('guest')).not.toHaveProperty('safeSearch');
    const groupOf = (wanted: string) => sent.networks.find(({ range }) => range === wanted)?.group;
    expect([groupOf('10.0.0.0/8'), groupOf('172.16.0.0/12')]).toEqual(['guest', 'setting']);
  });

  it('takes away who uses a device that is not the setting’s own by the groups of the box', async () => {
    const { id } = await otherSetting();
    const remote = settingOf(bindings, id);
    const { id: _, ...tablet } = {
      ...device('', 'Tablet', '192.168.1.30'),
      user: { kind: 'person', name: 'Jo' } as const,
    };
    await remote.changePolicy({ kind: 'save-device', id: null, device: tablet }, actor);
    expect((await remote.policy()).policy.devices).toMatchObject([{ name: 'Tablet', user: { name: 'Jo' } }]);
    const box = await boxOf(id);
    const groups = box.policy.groups.map((group) => ({ ...group, kind: 'personal' as const }));
    box.policy = { ...box.policy, groups };
    await box.connect();
    const sent = await box.readPolicy(await box.next('policy'));
    expect(sent.devices.find(({ name }) => name === 'Tablet')).not.toHaveProperty('user');
  });
});

describe('numbers of a box that cannot be right', () => {
  it('do not stop the line: the batch is acknowledged, the good rows stay, and the page says so', async () => {
    const { id, box, remote } = await connectedSetting();
    const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
    const row = {
      device: 'office-pc',
      service: 'facebook',
      verdict: 'blocked',
      count: 1,
      minutesLow: 1,
      minutesHigh: 0,
    };
    const hours = [8.6e15, hour + 2 * DAY_MS, hour + 1, -HOUR_MS, hour];
    send(box, { type: 'usage-batch', seq: 1, rows: hours.map((hourStart) => ({ ...row, hourStart })) });
    expect(await box.next('usage-ack')).toMatchObject({ seq: 1 });
    send(box, { type: 'usage-batch', seq: 2, rows: [{ ...row, hourStart: hour, count: -1 }] });
    expect(await box.next('usage-ack')).toMatchObject({ seq: 2 });
    expect(await rows(id, 'SELECT hour_start FROM usage_hours')).toEqual([{ hour_start: hour }]);
    expect((await remote.now(actor)).attention).toMatchObject([
      { kind: 'alert', text: expect.stringContaining('figures') },
    ]);
  });

  it('are not counted on from: a version or an instant beyond all reason is not taken', async () => {
    const { box, remote } = await connectedSetting();
    send(box, { ...box.health(), at: 9e15, alerts: [{ code: 'x', text: 'x', since: 9e15 }] });
    send(box, { type: 'policy-ack', version: Number.MAX_SAFE_INTEGER, inForceAt: 1 });
    send(box, { type: 'grants-ack', version: 1, inForceAt: 9e15 });
    // Frames take their turn: what is answered last came after the others.
    box.send({ type: 'usage-batch', seq: 1, rows: [] });
    await box.next('usage-ack');
    const { id: _, ...tablet } = device('', 'Tablet', '192.168.1.30');
    const changed = await remote.changePolicy({ kind: 'save-device', id: null, device: tablet }, actor);
    expect(changed).toMatchObject({ ok: true, version: 2 });
    expect((await remote.now(actor)).attention).toEqual([]);
  });

  it('show a grant in force when the clock of the box is ahead', async () => {
    const { box, remote } = await connectedSetting();
    box.acknowledges = false;
    await remote.giveGrant(facebook, actor);
    box.send({ type: 'grants-ack', version: 1, inForceAt: Date.now() + 2 * HOUR_MS });
    const { grants } = await eventually(
      () => remote.now(actor),
      (now) => now.grants[0]?.state.kind === 'in-force',
    );
    expect(grants).toHaveLength(1);
  });
});

describe('giving permission', () => {
  it('is once for a form that is sent twice, and again for one that is filled in otherwise', async () => {
    const { remote } = await connectedSetting();
    const form = crypto.randomUUID();
    const both = await Promise.all([1, 2].map(() => remote.giveGrant(facebook, actor, '', form)));
    expect(both).toMatchObject([
      { ok: true, id: form },
      { ok: true, id: form },
    ]);
    expect((await remote.now(actor)).grants).toHaveLength(1);
    const other = await remote.giveGrant({ ...facebook, scope: { service: 'tiktok' } }, actor, '', form);
    expect(other).toMatchObject({ ok: true });
    expect((await remote.now(actor)).grants).toHaveLength(2);
    await remote.endGrant(form, actor);
    expect(await remote.giveGrant(facebook, actor, '', form)).not.toMatchObject({ id: form });
  });

  it('does not grant a request that a colleague has refused meanwhile', async () => {
    const { box, remote } = await connectedSetting();
    const request = ask();
    box.send({ type: 'request', request });
    await box.next('request-ack');
    await remote.answerRequest(request.id, { refuse: 'Later' }, actor);
    expect(await remote.giveGrant(facebook, actor, request.id)).toEqual({ ok: false, problem: 'gone' });
    expect((await remote.now(actor)).grants).toEqual([]);
  });

  it('again is for the same person, not the manager’s own', async () => {
    const { remote } = await connectedSetting();
    const given = await remote.giveGrant(facebook, actor);
    if (!given.ok) throw new Error(given.problem);
    await remote.repeatGrant(given.id, actor);
    const again = { kind: 'joined', person: 'Jo' };
    expect((await remote.now(actor)).grants).toMatchObject([
      { askedBy: 'Jo', toSelf: false, told: [{ kind: 'given' }, again] },
    ]);
  });
});

describe('asking again and again', () => {
  it('is refused at once, and leaves what others have asked', async () => {
    const { box, remote } = await connectedSetting();
    const genuine = { ...ask(), device: '', askedBy: 'Sam' };
    box.send({ type: 'request', request: genuine });
    for (let times = 0; times < 4; times += 1) box.send({ type: 'request', request: { ...ask(), askedAt: times } });
    expect(await box.next('request-answer')).toMatchObject({
      answer: 'refused',
      reason: expect.stringContaining('Too many'),
    });
    const { requests } = await remote.now(actor);
    expect(requests.map(({ askedBy }) => askedBy).toSorted()).toEqual(['Jo', 'Jo', 'Jo', 'Sam']);
    const { entries } = await remote.record({ kind: 'request', from: '', to: '' }, 1);
    expect(entries[0]).toMatchObject({ who: null, event: { type: 'request-refused', askedBy: 'Jo' } });
  });
});

describe('the daily work', () => {
  it('comes again after it has failed', async () => {
    const { id } = await connectedSetting();
    await rows(id, 'ALTER TABLE usage_hours RENAME TO away');
    await runDurableObjectAlarm(stubOf(id));
    const next = await runInDurableObject(stubOf(id), (_: Setting, state) => state.storage.getAlarm());
    expect(next).toBeGreaterThan(Date.now());
    await rows(id, 'ALTER TABLE away RENAME TO usage_hours');
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
  });

  it('forgets old policies, and the addresses and first names of those before the one in force', async () => {
    const { id, remote } = await connectedSetting();
    for (const [version, days] of [
      [2, 800],
      [3, 100],
      [4, 80],
      [5, 800],
    ]) {
      await rows(
        id,
        `INSERT INTO policy_versions (version, saved_at, document_json) SELECT ${version}, ${Date.now() - days! * DAY_MS},
          json_set(document_json, '$.version', ${version}, '$.firstNames', json_array('Aisha')) FROM policy_versions WHERE version = 1`,
      );
    }
    await runDurableObjectAlarm(stubOf(id));
    const kept =
      "SELECT version, document_json LIKE '%192.168.1.20%' AS addresses, document_json LIKE '%Aisha%' AS names FROM policy_versions ORDER BY version";
    expect(await rows(id, kept)).toEqual([
      { version: 1, addresses: 1, names: 0 },
      { version: 3, addresses: 0, names: 0 },
      { version: 4, addresses: 1, names: 1 },
      { version: 5, addresses: 1, names: 1 },
    ]);
    expect((await remote.policy()).policy.devices[0]?.addresses).toEqual(['192.168.1.20']);
  });
});

describe('taking the last change back', () => {
  const tablet = { name: 'Tablet', group: 'setting', addresses: ['192.168.1.30'], macs: [] };
  const add = { kind: 'save-device', id: null, device: tablet } as const;

  it('brings back what was before, as a version on the box and a line in the record; again, what was after', async () => {
    const { id, box, remote } = await connectedSetting();
    await remote.changePolicy(add, actor);
    const { last } = await remote.lastChange();
    expect(last).toMatchObject({
      version: 2,
      who: actor.name,
      isUndo: false,
      facts: [{ fact: 'device', before: null, after: { name: 'Tablet' } }],
      undoing: { facts: [{ fact: 'device', before: { name: 'Tablet' }, after: null }] },
    });
    expect(await remote.changePolicy({ kind: 'undo', version: 2 }, actor)).toMatchObject({
      ok: true,
      version: 3,
      acknowledged: true,
    });
    expect(box.policy).toMatchObject({ version: 3, devices: [{ id: 'office-pc' }] });
    expect(await rows(id, 'SELECT version, saved_by, undoes FROM policy_versions ORDER BY version')).toEqual([
      { version: 1, saved_by: null, undoes: null },
      { version: 2, saved_by: actor.id, undoes: null },
      { version: 3, saved_by: actor.id, undoes: 2 },
    ]);
    const { entries } = await remote.record({ kind: 'policy', from: '', to: '' }, 1);
    expect(entries[0]).toMatchObject({ who: actor.name, event: { type: 'policy-undone', version: 3, undone: 2 } });
    expect((await remote.lastChange()).last).toMatchObject({ version: 3, isUndo: true });
    await remote.changePolicy({ kind: 'undo', version: 3 }, actor);
    expect(box.policy.devices.map(({ name }) => name)).toEqual(['Office PC', 'Tablet']);
  });

  it('is of the newest only: one that a colleague has followed up is not undone', async () => {
    const { box, remote } = await connectedSetting();
    await remote.changePolicy(add, actor);
    await remote.changePolicy({ kind: 'opening', opening: openDay }, { id: 'user-2', name: 'Sam' });
    const outcome = await remote.changePolicy({ kind: 'undo', version: 2 }, actor);
    expect(outcome).toEqual({ ok: false, reason: 'changed-meanwhile' });
    expect(box.policy).toMatchObject({ version: 3, hours: { openings: [openDay] } });
    expect(box.policy.devices).toHaveLength(2);
  });

  it('ends the permission of a device that goes with it', async () => {
    const { remote } = await connectedSetting();
    await remote.changePolicy(add, actor);
    await remote.giveGrant({ ...facebook, targets: [{ device: 'tablet' }] }, actor);
    await remote.changePolicy({ kind: 'undo', version: 2 }, actor);
    expect((await remote.now(actor)).grants).toMatchObject([{ state: { early: actor.name } }]);
  });

  it('is not offered of what came with the box, of a new name, or of what is older than 30 days', async () => {
    const { id, remote } = await connectedSetting();
    const refused = { ok: false, reason: 'nothing-to-undo' };
    expect((await remote.lastChange()).last).toBeNull();
    expect(await remote.changePolicy({ kind: 'undo', version: 1 }, actor)).toEqual(refused);
    await remote.changePolicy(add, actor);
    await rows(id, `UPDATE policy_versions SET saved_at = ${Date.now() - 31 * DAY_MS} WHERE version = 2`);
    expect((await remote.lastChange()).last).toBeNull();
    expect(await remote.changePolicy({ kind: 'undo', version: 2 }, actor)).toEqual(refused);
    await remote.rename('Halstead Day Nursery', actor);
    expect((await remote.lastChange()).last).toBeNull();
  });

  it('has the addresses still, though the version before the change is old', async () => {
    const { id, box, remote } = await connectedSetting();
    await rows(id, `UPDATE policy_versions SET saved_at = ${Date.now() - 800 * DAY_MS} WHERE version = 1`);
    await remote.changePolicy({ kind: 'remove-device', id: 'office-pc' }, actor);
    expect(await runDurableObjectAlarm(stubOf(id))).toBe(true);
    await remote.changePolicy({ kind: 'undo', version: 2 }, actor);
    expect(box.policy.devices).toMatchObject([{ id: 'office-pc', addresses: ['192.168.1.20'] }]);
  });
});

const openDay = { name: 'Open day', date: '2026-12-05', from: '10:00', to: '14:00' };

describe('who uses a device', () => {
  const fields = { name: 'Office PC', group: 'office', addresses: ['192.168.1.20'], macs: [] };
  const aisha = { kind: 'person', name: 'Aisha' } as const;

  it('is kept and recorded of the setting’s own, and of no other: whoever moves it away takes the name with it', async () => {
    const { box, remote } = await connectedSetting();
    const save = (device: typeof fields & { user?: typeof aisha | { kind: 'shared' } }) =>
      remote.changePolicy({ kind: 'save-device', id: 'office-pc', device }, actor);
    await save({ ...fields, user: aisha });
    expect(box.policy.devices).toMatchObject([{ user: aisha }]);
    await save({ ...fields, name: 'Desk', user: aisha });
    await save({ ...fields, user: { kind: 'shared' } });
    await save({ ...fields, group: 'staff-personal', user: aisha });
    expect(box.policy.devices[0]).not.toHaveProperty('user');
    const { entries } = await remote.record({ kind: 'device', from: '', to: '' }, 1);
    const told = entries.map(({ event }) => event).toReversed();
    expect(told).toMatchObject([
      { type: 'device-changed' },
      { type: 'device-user-entered', deviceName: 'Office PC', userName: 'Aisha' },
      { type: 'device-changed', deviceName: 'Desk' },
      { type: 'device-changed' },
      { type: 'device-shared', deviceName: 'Office PC' },
      { type: 'device-changed' },
    ]);
  });
});

describe('the id of a new device', () => {
  it('is neither the address of the form, nor that of a device that was removed', async () => {
    const { remote } = await connectedSetting();
    const save = async (name: string, address: string) => {
      const { id: _, ...fields } = device('', name, address);
      await remote.changePolicy({ kind: 'save-device', id: null, device: fields }, actor);
      return (await remote.policy()).policy.devices.at(-1)!.id;
    };
    expect(await save('New', '192.168.1.30')).toBe('new-2');
    expect(await save('Tablet', '192.168.1.31')).toBe('tablet');
    await remote.changePolicy({ kind: 'remove-device', id: 'tablet' }, actor);
    expect(await save('Tablet', '192.168.1.32')).toBe('tablet-2');
  });
});

function ask() {
  const id = crypto.randomUUID();
  const scope = { service: 'facebook' };
  return { id, device: 'office-pc', scope, minutes: 10, reason: 'Photos', askedBy: 'Jo', askedAt: Date.now() };
}

/** Also what no box of ours sends. */
function send(box: Box, message: { type: FromBox['type']; [field: string]: unknown }): void {
  box.sendText(JSON.stringify(message));
}

function stubOf(id: string): DurableObjectStub<Setting> {
  return bindings.SETTING.get(bindings.SETTING.idFromName(id));
}

function rows(id: string, sql: string): Promise<unknown[]> {
  return runInDurableObject(stubOf(id), (_: Setting, state) => state.storage.sql.exec(sql).toArray());
}

async function boxOf(settingId: string): Promise<Box> {
  return await Box.enrolled((await makePairingCode(bindings, settingId, null)).code);
}

async function connectedSetting() {
  const { id, remote } = await otherSetting();
  const box = await boxOf(id);
  await box.connect();
  await box.next('policy');
  await box.next('grants');
  return { id, remote, box };
}

describe('sockets of others in the same object', () => {
  it('are none of the box’s: they are neither closed nor taken for it', async () => {
    const { id, remote } = await otherSetting();
    const box = await boxOf(id);
    const pages = () =>
      runInDurableObject(stubOf(id), (_: Setting, state) =>
        state.getWebSockets('page').map(({ readyState }) => readyState),
      );
    await runInDurableObject(stubOf(id), (_: Setting, state) => {
      for (let index = 0; index < 6; index += 1) {
        const { 0: client, 1: server } = new WebSocketPair();
        state.acceptWebSocket(server, ['page']);
        server.serializeAttachment({ nonce: index === 0 ? null : 'of a page', since: index, heardAt: Date.now() });
        client.accept();
      }
    });
    expect((await remote.now(actor)).box.kind).toBe('away');
    await box.connect();
    await box.next('grants');
    expect((await remote.now(actor)).box.kind).toBe('working');
    expect(await pages()).toEqual(Array.from({ length: 6 }, () => WebSocket.OPEN));
  });
});

describe('the policy that pages read', () => {
  it('is never one that was taken back, though the next one has its number', async () => {
    const { id } = await otherSetting();
    await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const store = new Store(storage);
      const adopt = (name: string) => {
        const policy = { ...defaultPolicy('Nursery'), devices: [device('tablet', name, '192.168.1.30')] };
        expect(adoptPolicy(store, policy, 'Nursery', Date.now())).toBe(true);
        expect(policyOf(store).devices.map((kept) => kept.name)).toEqual([name]);
      };
      expect(() =>
        store.transaction(() => {
          adopt('Taken back');
          throw new Error('killed here');
        }),
      ).toThrow('killed here');
      adopt('Tablet');
    });
  });

  it('is read from the database once for each version, and cannot be changed by who reads it', async () => {
    const { id } = await connectedSetting();
    await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const store = new Store(storage);
      const first = policyOf(store);
      expect(policyOf(store)).toBe(first);
      expect(() => first.devices.pop()).toThrow(TypeError);
      expect(() => Object.assign(first.hours.week, { monday: [] })).toThrow(TypeError);
    });
  });
});

describe('an alert that says what one device did', () => {
  const alert = { code: 'bypass:office-pc:vpn', text: '“Office PC” tried to go round the filter.', since: 1 };
  const views = (id: string) => rows(id, "SELECT subject FROM record WHERE action = 'alert-viewed' ORDER BY subject");
  const shown = (remote: ReturnType<typeof settingOf>, ...texts: readonly string[]) =>
    eventually(
      () => remote.now(actor),
      ({ attention }) => texts.every((text) => attention.some((item) => item.kind === 'alert' && item.text === text)),
    );

  it('is shown, and whoever sees it is recorded, once for each device', async () => {
    const { id, box, remote } = await connectedSetting();
    const clock = { code: 'clock', text: 'The clock.', since: 1 };
    send(box, { ...box.health(), alerts: [clock] });
    await shown(remote, clock.text);
    expect(await views(id)).toEqual([]);
    const more = [alert, { ...alert, code: 'bypass:office-pc:tor', text: 'The same device.' }];
    send(box, { ...box.health(), alerts: more });
    const { attention } = await shown(remote, ...more.map(({ text }) => text));
    expect(attention).toEqual(more.map(({ text, since }) => ({ kind: 'alert', text, since })));
    for (let look = 0; look < 20; look++) await remote.now(actor);
    expect(await views(id)).toEqual([{ subject: 'office-pc' }]);
    await remote.now({ id: 'user-2', name: 'Deputy' });
    expect(await views(id)).toEqual([{ subject: 'office-pc' }, { subject: 'office-pc' }]);
  });

  it('fills no record, whatever devices and times a box tells of', async () => {
    const { id, box, remote } = await connectedSetting();
    for (let round = 0; round < 3; round++) {
      const alerts = Array.from({ length: 100 }, (_, index) => ({
        code: [`bypass:none-${round}-${index}:vpn`, 'bypass:', 'bypass::', 'bypass:x', 'bypass:office-pc:vpn'][
          index % 5
        ]!,
        text: `${round}-${index}`,
        since: [Date.now() + DAY_MS, 0, Date.now()][index % 3]!,
      }));
      send(box, { ...box.health(), alerts });
      await shown(remote, `${round}-99`);
    }
    expect(await views(id)).toEqual([{ subject: '' }, { subject: 'office-pc' }]);
  });
});

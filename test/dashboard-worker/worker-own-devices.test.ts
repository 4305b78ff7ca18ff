/**
 * Staff's own and guests' devices are told of by nobody: not in a request, a permission or a channel, whatever the box or
 * a form says. In workerd, with a box on the line, and every table of the setting searched afterwards.
 */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { settingOf } from '../../dashboard-worker/accounts/directory.ts';
import { makePairingCode } from '../../dashboard-worker/accounts/pairing.ts';
import type { GrantWish } from '../../dashboard-worker/setting/grants.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import type { ChannelForm } from '../../dashboard-worker/views/models.ts';
import { applyMigrations, Box, bindings, colleague, device, otherSetting } from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field' };
const phone = { ...device('anna-phone', 'Anna’s phone', '192.168.1.77'), group: 'staff-personal' };
const wish: GrantWish = {
  targets: [{ device: phone.id }],
  scope: { service: 'youtube' },
  until: { minutes: 30 },
  purpose: 'personal',
  mode: 'verbal',
  reason: 'A song for the circle',
  askedBy: 'Anna',
};
const channel: ChannelForm = {
  ...{ name: 'Our page', purpose: 'News', approvedBy: 'Chair', approvedOn: '2026-09-01', assessedOn: '2026-09-01' },
  ...{ firstPerson: 'Jo', secondPerson: 'Sam', device: phone.id, service: 'facebook' },
  ...{ days: ['monday', 'thursday'], from: '10:00', to: '11:00' },
};

let id: string;
let remote: ReturnType<typeof settingOf>;
let box: Box;

beforeAll(applyMigrations);
beforeEach(async () => {
  ({ id, remote } = await otherSetting());
  box = await Box.enrolled((await makePairingCode(bindings, id, null)).code);
  const groups = box.policy.groups.map((group) =>
    group.id === phone.group ? { ...group, categories: { 'video-sharing': 'always' as const } } : group,
  );
  box.policy = { ...box.policy, groups, devices: [...box.policy.devices, phone] };
  await box.connect();
  await box.next('policy');
  await box.next('grants');
});

describe('a device that is not the setting’s own', () => {
  it('asks without being named, also through a box that still names it', async () => {
    const request = { id: crypto.randomUUID(), device: phone.id, scope: wish.scope, minutes: 10 };
    box.send({ type: 'request', request: { ...request, reason: 'A song', askedBy: '', askedAt: Date.now() } });
    await box.next('request-ack');
    expect(await remote.requests()).toMatchObject([{ id: request.id, deviceName: null }]);
    const yes = { grant: { minutes: 10 }, words: '' };
    expect(await remote.answerRequest(request.id, yes, actor)).toEqual({ ok: false, problem: 'no-device' });
    // Its group can be given what was asked for.
    const group = { ...wish, targets: [{ group: phone.group }] };
    expect(await remote.giveGrant(group, actor, request.id)).toMatchObject({ ok: true });
    expect(await box.next('request-answer')).toMatchObject({ id: request.id, answer: 'granted' });
    expect(await toldOf()).toEqual([]);
  });

  it('is not cut off by three others that wait, as one device of the setting is', async () => {
    const ask = async (of: string) => {
      const request = { id: crypto.randomUUID(), device: of, scope: wish.scope, minutes: 10 };
      box.send({ type: 'request', request: { ...request, reason: '', askedBy: 'Anna', askedAt: Date.now() } });
      await box.next('request-ack');
    };
    for (let nth = 0; nth < 4; nth += 1) await ask(phone.id);
    expect(await remote.requests()).toHaveLength(4);
    for (let nth = 0; nth < 4; nth += 1) await ask('office-pc');
    expect(await remote.requests()).toHaveLength(7);
    for (let nth = 0; nth < 15; nth += 1) await ask('');
    expect(await remote.requests()).toHaveLength(3 + 15);
  });

  it('is offered by no form, and given no permission by itself, now, booked or noted', async () => {
    const { devices, groups } = await remote.give('');
    expect(devices.map(({ name }) => name)).toEqual(['Office PC']);
    // What a group is not restricted in needs no permission.
    expect(groups.map(({ key }) => key)).toContain(`group:${phone.group}`);
    expect(groups.map(({ key }) => key)).not.toContain('group:guest');
    const refused = { ok: false, problem: 'not-own-device' };
    expect(await remote.giveGrant(wish, actor)).toEqual(refused);
    const both = [{ device: 'office-pc' }, { device: phone.id }];
    expect(await remote.giveGrant({ ...wish, targets: both }, actor)).toEqual(refused);
    const midnight = { date: null, time: '00:00' };
    const noted = { ...wish, from: midnight, until: { minutes: 1 } };
    expect(await remote.noteGrant(noted, actor, crypto.randomUUID())).toEqual(refused);
    expect(await rows('SELECT id FROM grants')).toEqual([]);
    expect(await toldOf()).toEqual([]);
    const browser = await colleague('manager', id);
    const sent = { target: `device:${phone.id}`, scope: 'service:youtube', until: '10', untilTime: '' };
    const words = { reason: 'parent-reply', reasonText: '', purpose: 'personal', mode: 'verbal', forWhom: 'other' };
    const response = await browser.post('/give', { ...sent, ...words, askedBy: 'Anna', request: '' });
    expect(response.status).toBe(422);
    expect(await response.text()).toContain('That is somebody’s own device');
  });

  it('is the device of no channel', async () => {
    expect(await remote.saveChannel(null, channel, actor)).toEqual({ ok: false, problem: 'no-such-device' });
    expect(await toldOf()).toEqual([]);
  });
});

describe('a device that stops being the setting’s own', () => {
  const tablet = { device: 'office-pc' };
  const handOver = () =>
    remote.changePolicy(
      {
        kind: 'save-device',
        id: tablet.device,
        device: { name: 'Kim’s laptop', group: phone.group, addresses: ['192.168.1.20'], macs: [] },
      },
      actor,
    );

  it('keeps no permission, and the record tells of it under the name that it had', async () => {
    const given = await remote.giveGrant({ ...wish, targets: [tablet] }, actor);
    if (!given.ok) throw new Error(given.problem);
    expect(await handOver()).toMatchObject({ ok: true });
    expect(await remote.grants()).toMatchObject([{ state: { kind: 'ended' } }]);
    const ended = await rows(`SELECT details_json FROM record WHERE action = 'grant-ended-early'`);
    expect(JSON.stringify(ended)).toContain('Office PC');
    expect(JSON.stringify(ended)).not.toContain('Kim');
    // Nor is it given again: not longer, not once more, and not as a habit.
    const more = { minutes: 10 };
    expect(await remote.extendGrant(given.id, more, 0, actor)).toMatchObject({ ok: false });
    expect(await remote.repeatGrant(given.id, actor)).toEqual({ ok: false, problem: 'not-own-device' });
    expect((await remote.give('')).usual).toEqual([]);
  });

  it('opens nothing for its channel any more, which says so', async () => {
    expect(await remote.saveChannel(null, { ...channel, device: tablet.device }, actor)).toEqual({ ok: true });
    expect(await rows('SELECT id FROM grants WHERE revoked_at IS NULL')).not.toEqual([]);
    await handOver();
    expect(await rows('SELECT id FROM grants WHERE revoked_at IS NULL')).toEqual([]);
    const { channels } = await remote.channels();
    expect(channels).toMatchObject([{ deviceName: null, warnings: ['no-device'] }]);
    expect(JSON.stringify(channels)).not.toContain('Kim');
  });
});

/** Where the phone's id or name stands, beside the policy, which has to know it. */
async function toldOf(): Promise<string[]> {
  const tables = (await rows(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'`,
  )) as { name: string }[];
  const found: string[] = [];
  for (const { name } of tables.filter((table) => table.name !== 'policy_versions')) {
    const text = JSON.stringify(await rows(`SELECT * FROM "${name}"`));
    if ([phone.id, 'Anna’s phone', '192.168.1.77'].some((word) => text.includes(word))) found.push(name);
  }
  return found;
}

function rows(sql: string): Promise<unknown[]> {
  const stub = bindings.SETTING.get(bindings.SETTING.idFromName(id));
  return runInDurableObject(stub, (_: Setting, { storage }) => storage.sql.exec(sql).toArray());
}

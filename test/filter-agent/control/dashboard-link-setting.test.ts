/** The link against the dashboard's real Durable Object on workerd. */
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enrol, type Identity } from '../../../filter-agent/control/box-identity.ts';
import {
  createDashboardLink,
  type DashboardLink,
  type LinkHooks,
} from '../../../filter-agent/control/dashboard-link.ts';
import type { Neighbour } from '../../../filter-agent/control/neighbour-table.ts';
import { seenDevices } from '../../../filter-agent/control/seen-devices.ts';
import { openStore, type Store } from '../../../filter-agent/control/usage-store.ts';
import type { GrantsPayload, RecordHead, UsageRow } from '../../../policy-rules/agent-protocol.ts';
import type { Policy } from '../../../policy-rules/policy.ts';
import { bundleSettingWorker, type SettingProcess, startSettingProcess } from './setting-process.ts';
import { seededRandom } from './store-ledger.ts';

const HOUR = 3_600_000;
const today = Math.floor(Date.now() / (24 * HOUR)) * 24 * HOUR;
const manager = { id: 'user-1', name: 'Jo', role: 'manager' };

let folder: string;
let setting: SettingProcess;
let identity: Identity;
let store: Store;
let link: DashboardLink;
let policy: Policy;
let applied: GrantsPayload;
let contradicted: boolean | null;
let neighbours: readonly Neighbour[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dashboard-link-setting-'));
  await bundleSettingWorker(join(folder, 'worker.mjs'));
  setting = await startSetting(0);
  await setting.call('create', randomUUID(), 'Halstead Nursery');
  const { code } = (await setting.call('createPairingCode', null)) as { code: string };
  const stateDir = join(folder, 'box');
  store = await openStore({ stateDir });
  identity = await enrol({ stateDir, dashboardUrl: setting.url, code, boxName: 'hall cupboard' });
  policy = ownPolicy();
  applied = { version: 0, grants: [] };
  contradicted = null;
  neighbours = [];
  link = linkOf();
  link.start();
});
afterEach(async () => {
  await link.stop();
  await store.close();
  await setting.kill();
  await rm(folder, { recursive: true, force: true });
});

function linkOf(): DashboardLink {
  return createDashboardLink({
    dashboardUrl: setting.url,
    identity,
    store,
    hooks,
    softwareVersion: '0.1.0',
    timing: { uploadPauseMs: 1, firstRetryMs: 20, maxRetryMs: 100, pingIntervalMs: 200, resendMs: 2_000 },
  });
}

const hooks: LinkHooks = {
  currentPolicy: () => policy,
  applyPolicy: async (newer) => {
    policy = newer;
    return Date.now();
  },
  applyGrants: async (newer) => {
    applied = newer;
    return Date.now();
  },
  health: () => ({
    type: 'health',
    at: Date.now(),
    startedAt: 1,
    clockTrusted: true,
    open: true,
    rules: 1_000,
    upstreams: [],
    overlaps: [],
    unnamedDevices: 0,
    queriesTotal: 0,
    blockedTotal: 0,
    alerts: [],
  }),
  seenDevices: async () => seenDevices(policy, neighbours),
  onRecordShown: (contradicts) => {
    contradicted = contradicts;
  },
  onRequestAnswer: () => undefined,
};

describe('the box and its setting', () => {
  it('agree on a policy, and a grant for a request is in force on the box when the manager is told so', async () => {
    await eventually(() => expect(policy.version).toBe(1));
    const id = randomUUID();
    const scope = { service: 'facebook' };
    await store.saveRequest({
      id,
      device: 'tablet-1',
      scope,
      minutes: 10,
      reason: 'photos',
      askedBy: 'Sam',
      askedAt: Date.now(),
    });
    link.requestSaved();
    await eventually(async () => expect(await store.pendingRequests()).toEqual([]));
    expect(await giveGrant(id)).toMatchObject({ ok: true, acknowledged: true });
    expect(applied.grants).toMatchObject([{ target: { device: 'tablet-1' }, scope, grantedBy: 'Jo' }]);
    expect(await store.loadGrants()).toEqual(applied);
    await eventually(async () => expect(await store.requestById(id)).toMatchObject({ state: 'granted' }));
  });

  it('part when the box is removed: it keeps what it has, and says what to do', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    await giveGrant();
    await setting.call('removeBox', manager);
    await eventually(() => expect(link.state().lastError).toContain('pair it again'));
    expect((await store.loadGrants()).grants).toHaveLength(1);
  });

  it('agree on a grant that was written and not yet sent when the dashboard was killed', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    await link.stop();
    const port = Number(new URL(setting.url).port);
    const given = (await giveGrant()) as { ok: boolean; id: string; acknowledged: boolean };
    await setting.kill();
    expect(given).toMatchObject({ ok: true, acknowledged: false });
    expect(applied.grants).toEqual([]);
    setting = await startSetting(port);
    // It is on the record from the moment it was written.
    expect(await recorded('grant-given', 'permission')).toHaveLength(1);
    expect(await recorded('grant-in-force', 'permission')).toEqual([]);
    link = linkOf();
    link.start();
    await eventually(() => expect(applied.grants).toMatchObject([{ id: given.id }]));
    await eventually(async () => expect(await recorded('grant-in-force', 'permission')).toHaveLength(1));
  });

  it('lose nothing and count nothing twice when the dashboard is killed twenty times in the middle of uploads', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seededRandom(seed);
    const port = Number(new URL(setting.url).port);
    const given: string[] = [];
    let added = 0;
    for (let time = 0; time < 20; time++) {
      await eventually(() => expect(link.state().connected).toBe(true));
      if (time % 4 === 0) {
        const grant = (await giveGrant()) as { ok: boolean; id: string };
        if (grant.ok) given.push(grant.id);
      }
      // Two batches, the second of which leaves when the first one is acknowledged: the kill falls before, in or between.
      added += 600;
      await store.addUsage(Array.from({ length: 600 }, (_, index) => usage(index)));
      link.usageAdded();
      await new Promise((resolve) => setTimeout(resolve, random() * 60));
      await setting.kill();
      setting = await startSetting(port);
    }
    await eventually(async () => expect(await store.nextBatch()).toBeNull());
    await eventually(() => expect(link.state().connected).toBe(true));
    await setting.call('frame');
    await link.stop();
    await setting.kill();

    expect(await countedByTheSetting(), `seed ${seed}`).toEqual({ look_ups: added, hours: 600, integrity: 'ok' });
    const kept = (await store.loadGrants()).grants.map((grant) => grant.id);
    expect(kept.sort(), `seed ${seed}`).toEqual(given.sort());
    setting = await startSetting(port);
  }, 180_000);
});

describe('devices without a name', () => {
  it('are told while somebody looks: kept nowhere, that somebody looked is recorded, and guests’ never leave the box', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    const [own, guest] = ['0a:1b:2c:3d:4e:5f', '0a:1b:2c:3d:4e:60'];
    const [ownAddress, guestAddress] = ['192.168.1.77', '192.168.50.78'];
    neighbours = [neighbour(ownAddress, own), neighbour(guestAddress, guest)];
    const look = () => setting.call('unnamedDevices', manager);
    expect(await look()).toMatchObject({
      seen: { kind: 'seen', devices: [{ mac: own, addresses: [ownAddress], groupName: 'Setting' }], more: 0 },
    });
    expect(seenDevices(policy, neighbours).devices).toHaveLength(1);
    await look();
    expect(await recorded('unnamed-devices-viewed', 'view')).toHaveLength(1);

    await link.stop();
    await eventually(async () => expect(await look()).toMatchObject({ seen: { kind: 'away' } }));
    await setting.kill();
    const kept = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => readFileSync(join(parentPath, name)).toString('latin1'));
    // The folder holds what the box and the setting have kept, and the box's name is there to be found.
    expect(kept.filter((bytes) => bytes.includes('hall cupboard'))).not.toEqual([]);
    for (const word of [own, guest, ownAddress, guestAddress]) {
      expect(
        kept.filter((bytes) => bytes.includes(word)),
        word,
      ).toEqual([]);
    }
    setting = await startSetting(0);
  });
});

describe('who looked at a device', () => {
  it('is known on the box as soon as somebody has, and of a look while it was away when it is back', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    await eventually(async () => expect(await store.deviceViews('tablet-1')).toMatchObject({ views: [] }));
    await setting.call('publishNotice', { seenBy: ['The manager'], contact: 'Jo', more: [] }, 0, manager);
    expect(store.reportingSince()).toBeNull();
    expect(await setting.call('dateAssessment', '2026-10-01', manager)).toBe(true);
    // From then on the box may keep figures of single devices, and it is told at once.
    await eventually(() => expect(store.reportingSince()).toBeGreaterThan(Date.now() - 60_000));
    await setting.call('deviceUsage', 'tablet-1', '', manager);
    await eventually(async () =>
      expect((await store.deviceViews('tablet-1'))?.views).toMatchObject([{ by: 'Jo', what: 'figures' }]),
    );
    await link.stop();
    await setting.call('deviceUsage', 'tablet-1', '', { id: 'user-2', name: 'Dee' });
    link = linkOf();
    link.start();
    await eventually(async () =>
      expect((await store.deviceViews('tablet-1'))?.views.map(({ by }) => by)).toEqual(['Dee', 'Jo']),
    );
    expect(await store.deviceViews('office-pc')).toMatchObject({ views: [] });
  });
});

describe('the monitoring notice', () => {
  const wording = { seenBy: ['The manager'], contact: 'Jo, in the office', more: [] };

  it('reaches the box when it is published, and who has read it reaches the setting, also after a kill of either', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    expect(await setting.call('publishNotice', wording, 0, manager)).toBe(true);
    await eventually(async () => expect(await store.notice()).toMatchObject({ version: 1 }));
    const text = JSON.stringify((await store.notice())?.sections);
    expect(text).toContain('Speak to Jo, in the office');
    expect(text).toContain('which are those in “Setting”');
    await eventually(async () => expect(await notice()).toMatchObject({ published: { onBox: 'shown' } }));

    const port = Number(new URL(setting.url).port);
    await setting.kill();
    // With the cloud away it is still shown, and what is noted waits.
    expect(await store.notice()).toMatchObject({ version: 1 });
    await store.saveAcknowledgement({ id: randomUUID(), version: 1, name: 'Sam Hill', at: Date.now() });
    link.acknowledgementSaved();
    await link.stop();
    await store.close();
    store = await openStore({ stateDir: join(folder, 'box') });
    expect(await store.pendingAcknowledgements()).toMatchObject([{ name: 'Sam Hill' }]);
    link = linkOf();
    link.start();
    setting = await startSetting(port);
    await eventually(async () => expect(await store.pendingAcknowledgements()).toEqual([]));
    expect(await notice()).toMatchObject({ strangers: [{ name: 'Sam Hill' }] });
  });

  it('that was published while the box was away is sent when it is back', async () => {
    await eventually(() => expect(link.state().connected).toBe(true));
    await link.stop();
    await setting.call('publishNotice', wording, 0, manager);
    link = linkOf();
    link.start();
    await eventually(async () => expect(await store.notice()).toMatchObject({ version: 1 }));
  });

  const notice = () => setting.call('notice');
});

describe('the record, once the box has countersigned it', () => {
  it('goes on without a word', async () => {
    await countersignedRecord();
    await restartSetting(() => undefined);
    await eventually(() => expect(contradicted).toBe(false));
    expect(await verified()).toMatchObject({ last: { event: { firstWrong: null } } });
    expect(await recorded('record-contradicted')).toEqual([]);
  });

  it('cannot lose its last ten entries: the box says so by itself, and verifying does', async () => {
    const { seq } = await countersignedRecord();
    await restartSetting((file) => {
      file.exec(`DELETE FROM record WHERE seq > ${seq - 10}; DELETE FROM record_words WHERE seq > ${seq - 10}`);
    });
    await eventually(() => expect(contradicted).toBe(true));
    await eventually(async () => expect(await recorded('record-contradicted')).toMatchObject([{ sequence: seq }]));
    // Until as many are written anew, the number after the last one is the first that is missing.
    expect(await verified()).toMatchObject({
      countersigned: null,
      last: { event: { firstWrong: expect.any(Number) } },
    });
    expect(await store.recordHead(identity.boxId)).toMatchObject({ seq });
  });

  it('cannot be computed anew after a change, though its chain is whole and the signatures beside it are gone', async () => {
    const { seq } = await countersignedRecord();
    await restartSetting((file) => {
      file.exec("UPDATE record SET subject = 'another' WHERE seq = 2; DELETE FROM record_heads");
      computeAnew(file);
    });
    await eventually(() => expect(contradicted).toBe(true));
    await eventually(async () => expect(await recorded('record-contradicted')).toMatchObject([{ sequence: seq }]));
    // The box has brought its signature back.
    expect(await verified()).toMatchObject({ countersigned: null, last: { event: { firstWrong: seq } } });
  });
});

/** A dozen entries and more, the last of which the box has countersigned. */
async function countersignedRecord(): Promise<RecordHead> {
  for (let times = 0; times < 12; times++) await setting.call('createPairingCode', manager);
  await restartSetting(() => undefined);
  let head: RecordHead | null = null;
  await eventually(async () => {
    head = await store.recordHead(identity.boxId);
    expect(head?.seq).toBeGreaterThan(12);
    expect(await setting.call('recordVerified')).toMatchObject({ countersigned: { sequence: head?.seq } });
  });
  return head!;
}

/** Killed, its file worked on with a database tool, and started again. */
async function restartSetting(meddle: (file: SqliteDatabase.Database) => void): Promise<void> {
  const port = Number(new URL(setting.url).port);
  await eventually(() => expect(link.state().connected).toBe(true));
  await setting.kill();
  contradicted = null;
  await withSettingFile((file) => {
    const triggers = file.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all() as Trigger[];
    for (const { name } of triggers) file.exec(`DROP TRIGGER ${name}`);
    meddle(file);
    for (const { sql } of triggers) file.exec(sql);
  });
  setting = await startSetting(port);
}

interface Trigger {
  readonly name: string;
  readonly sql: string;
}

/** As somebody would who knows the format: every commitment kept, every hash from the first entry on. */
function computeAnew(file: SqliteDatabase.Database): void {
  let before = Buffer.alloc(32);
  for (const row of file.prepare('SELECT * FROM record ORDER BY seq').all() as Record<
    string,
    string | number | null
  >[]) {
    const text = [
      1,
      row.seq,
      row.at,
      row.kind,
      row.action,
      row.subject,
      row.actor_id,
      row.session_id,
      row.details_json,
    ];
    const commitment = Buffer.from(String(row.commitment), 'hex');
    before = createHash('sha256').update(before).update(JSON.stringify(text)).update(commitment).digest();
    file.prepare('UPDATE record SET hash = ? WHERE seq = ?').run(before.toString('hex'), row.seq);
  }
}

async function verified(): Promise<unknown> {
  await setting.call('verifyRecord', manager);
  return await setting.call('recordVerified');
}

async function recorded(type: string, kind = 'record'): Promise<unknown[]> {
  const page = (await setting.call('record', { kind, from: '', to: '' }, 1)) as {
    entries: { event: { type: string } }[];
  };
  return page.entries.map(({ event }) => event).filter((event) => event.type === type);
}

function neighbour(address: string, mac: string): Neighbour {
  return { address, mac, interfaceName: 'eth0', active: true };
}

function startSetting(port: number): Promise<SettingProcess> {
  return startSettingProcess(join(folder, 'worker.mjs'), join(folder, 'storage'), port);
}

function giveGrant(requestId = ''): Promise<unknown> {
  const wish = {
    targets: [{ device: 'tablet-1' }],
    scope: { service: 'facebook' },
    until: { minutes: 60 },
    purpose: 'personal',
    mode: 'verbal',
    reason: 'photos for the newsletter',
    askedBy: 'Sam',
  };
  return setting.call('giveGrant', wish, manager, requestId);
}

/** Read from the Durable Object's own file, which must open clean after a kill. */
async function countedByTheSetting(): Promise<unknown> {
  return await withSettingFile((file) => {
    const sums = file.prepare('select sum(count) as look_ups, count(*) as hours from usage_hours').get() as object;
    return { ...sums, integrity: file.pragma('integrity_check', { simple: true }) };
  });
}

async function withSettingFile<Result>(work: (file: SqliteDatabase.Database) => Result): Promise<Result> {
  for (const entry of await readdir(join(folder, 'storage'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.sqlite')) continue;
    const file = new SqliteDatabase(join(entry.parentPath, entry.name));
    try {
      const found = file.prepare("select 1 from sqlite_master where name = 'usage_hours'").get();
      if (found === undefined) continue;
      return work(file);
    } finally {
      file.close();
    }
  }
  throw new Error('no file in the storage holds a setting');
}

function usage(index: number): UsageRow {
  return {
    device: 'tablet-1',
    service: index % 2 === 0 ? 'facebook' : 'tiktok',
    verdict: 'blocked',
    hourStart: today - Math.floor(index / 2) * HOUR,
    count: 1,
    minutesLow: 1,
    minutesHigh: 0,
  };
}

function ownPolicy(): Policy {
  const closed = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  return {
    version: 0,
    settingName: 'Demo',
    timeZone: 'Europe/London',
    groups: [
      { id: 'setting', name: 'Setting', kind: 'setting', categories: {}, services: {} },
      { id: 'guest', name: 'Guests', kind: 'guest', categories: {}, services: {} },
    ],
    networks: [
      { name: 'LAN', range: '192.168.1.0/24', group: 'setting' },
      { name: 'Guests', range: '192.168.50.0/24', group: 'guest' },
    ],
    devices: [{ id: 'tablet-1', name: 'Tablet', group: 'setting', addresses: ['192.168.1.9'], macs: [] }],
    hours: { week: closed, breaks: closed, terms: [], closures: [], bankHolidays: 'none', openings: [] },
  };
}

function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 30_000, interval: 10 });
}

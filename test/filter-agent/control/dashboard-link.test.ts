import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enrol, type Identity } from '../../../filter-agent/control/box-identity.ts';
import {
  createDashboardLink,
  type DashboardLink,
  type LinkHooks,
  type LinkTiming,
} from '../../../filter-agent/control/dashboard-link.ts';
import type { SeenDevices } from '../../../filter-agent/control/seen-devices.ts';
import { openStore, type Store } from '../../../filter-agent/control/usage-store.ts';
import type { GrantsPayload, HealthReport, UsageRow } from '../../../policy-rules/agent-protocol.ts';
import type { Grant, PermissionRequest } from '../../../policy-rules/grants.ts';
import type { Policy } from '../../../policy-rules/policy.ts';
import { type ProtocolDashboard, startProtocolDashboard } from './protocol-dashboard.ts';

const nine = Date.UTC(2026, 8, 1, 9);
const HOUR = 3_600_000;

let stateDir: string;
let dashboard: ProtocolDashboard;
let store: Store;
let identity: Identity;
let link: DashboardLink;
let box: Box;

/** What main gives to the link, and what the link did with it. */
class Box implements LinkHooks {
  policy: Policy = policyOf(0);
  readonly appliedGrants: GrantsPayload[] = [];
  /** The version that the store held when the grants were put in force. */
  readonly storedWhenApplied: number[] = [];
  readonly answers: string[] = [];
  alerts = 0;

  currentPolicy(): Policy {
    return this.policy;
  }
  async applyPolicy(policy: Policy): Promise<number> {
    if (policy.settingName === 'Broken') throw new Error('its groups name no network');
    this.policy = policy;
    return nine + policy.version;
  }
  async applyGrants(payload: GrantsPayload): Promise<number> {
    this.storedWhenApplied.push((await store.loadGrants()).version);
    this.appliedGrants.push(payload);
    return nine + 100 + payload.version;
  }
  health(): HealthReport {
    const alerts = Array.from({ length: this.alerts }, (_, index) => ({
      code: `a-${index}`,
      text: 'words',
      since: nine,
    }));
    return {
      type: 'health',
      at: nine,
      startedAt: nine,
      clockTrusted: true,
      open: true,
      rules: 1_000,
      upstreams: [{ name: 'resolver', healthy: true }],
      overlaps: [],
      unnamedDevices: 0,
      queriesTotal: 5,
      blockedTotal: 2,
      alerts,
    };
  }
  async seenDevices(): Promise<SeenDevices> {
    return { devices: [{ mac: 'dc:a6:32:01:02:03', addresses: ['192.168.1.20'], group: 'setting' }], total: 3 };
  }
  onRecordShown(): void {}
  onRequestAnswer(id: string, answer: string, reason: string): void {
    this.answers.push(`${id} ${answer} ${reason}`);
  }
}

/** As in life, only sooner. */
const timing: Partial<LinkTiming> = {
  pingIntervalMs: 20,
  deadAfterPings: 15,
  healthIntervalMs: 60_000,
  uploadPauseMs: 10,
  firstRetryMs: 20,
  maxRetryMs: 40,
  acceptanceMs: 50,
  notEnrolledPauseMs: 60_000,
};

function startLink(changes: Partial<LinkTiming> = {}): DashboardLink {
  link = createDashboardLink({
    dashboardUrl: dashboard.url,
    identity,
    store,
    hooks: box,
    softwareVersion: '0.1.0',
    timing: { ...timing, ...changes },
  });
  link.start();
  return link;
}

function eventually(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 10_000, interval: 5 });
}

async function connect(changes: Partial<LinkTiming> = {}): Promise<void> {
  startLink(changes);
  await eventually(() => expect(link.state().connected).toBe(true));
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'dashboard-link-'));
  dashboard = await startProtocolDashboard();
  store = await openStore({ stateDir });
  identity = await enrol({ stateDir, dashboardUrl: dashboard.url, code: 'ABCD-2345', boxName: 'box' });
  box = new Box();
});
afterEach(async () => {
  await link.stop();
  await store.close();
  await dashboard.close();
  await rm(stateDir, { recursive: true, force: true });
  expect(dashboard.violations).toEqual([]);
});

describe('a connect', () => {
  it('proves the key, tells what the box has, and reports its health', async () => {
    await store.saveGrants({ version: 4, grants: [] });
    box.policy = policyOf(3);
    await connect();
    expect(dashboard.ofType('hello')).toMatchObject([
      { boxId: identity.boxId, softwareVersion: '0.1.0', policyVersion: 3, grantsVersion: 4, policy: policyOf(3) },
    ]);
    await eventually(() => expect(dashboard.ofType('health')).toHaveLength(1));
    expect(dashboard.received.map((message) => message.type)).toEqual(['hello', 'health']);
    expect(link.state()).toMatchObject({ connected: true, lastError: null });
  });

  it('is tried again when the dashboard was away, and again after it has gone', async () => {
    await dashboard.goAway();
    startLink();
    await eventually(() => expect(link.state().lastError).toContain('the line to the dashboard failed'));
    await dashboard.comeBack();
    await eventually(() => expect(link.state().connected).toBe(true));
    await dashboard.goAway();
    await eventually(() => expect(link.state().connected).toBe(false));
    await dashboard.comeBack();
    await eventually(() => expect(link.state()).toMatchObject({ connected: true, lastError: null }));
    expect(dashboard.ofType('hello')).toHaveLength(2);
  });

  it('is noticed to be dead when the other side falls silent on an open line', async () => {
    await connect();
    dashboard.fallSilent();
    await eventually(() => expect(link.state().lastError).toContain('15 pings without an answer'));
    await eventually(() => expect(link.state().connected).toBe(true));
    expect(dashboard.connections).toHaveLength(2);
  });

  it('stays up while the dashboard has nothing to say', async () => {
    await connect({ deadAfterPings: 8 });
    await eventually(() => expect(dashboard.pings).toBeGreaterThan(40));
    expect(dashboard.connections).toHaveLength(1);
    expect(dashboard.received.map((message) => message.type)).toEqual(['hello', 'health']);
  });

  it('of a box that is not known any more is not repeated for a minute, and says what to do', async () => {
    dashboard.boxes.clear();
    startLink();
    await eventually(() => expect(link.state().lastError).toContain('pair it again with a new code'));
    // Beside it a link with a short pause, at a dashboard that has never heard of the box: it has tried five times.
    const elsewhere = await startProtocolDashboard();
    const impatient = createDashboardLink({
      dashboardUrl: elsewhere.url,
      identity,
      store,
      hooks: box,
      softwareVersion: '0.1.0',
      timing: { ...timing, notEnrolledPauseMs: 20 },
    });
    impatient.start();
    await eventually(() => expect(elsewhere.connections.length).toBeGreaterThanOrEqual(5));
    expect(dashboard.connections).toHaveLength(1);
    expect(link.state().connected).toBe(false);
    await impatient.stop();
    await elsewhere.close();
  });

  it('of a box that is not known any more is repeated after the pause', async () => {
    const publicKey = dashboard.boxes.get(identity.boxId)!;
    dashboard.boxes.clear();
    startLink({ notEnrolledPauseMs: 100 });
    await eventually(() => expect(link.state().lastError).toContain('pair it again'));
    dashboard.boxes.set(identity.boxId, publicKey);
    await eventually(() => expect(link.state().connected).toBe(true));
  });

  it('over plain http beyond loopback is refused before a byte is sent', () => {
    const options = { identity, store, hooks: box, softwareVersion: '0.1.0' };
    startLink();
    expect(() => createDashboardLink({ ...options, dashboardUrl: 'http://192.168.1.9' })).toThrow('plain http');
    expect(() =>
      createDashboardLink({ ...options, dashboardUrl: 'http://192.168.1.9', allowPlainHttp: true }),
    ).not.toThrow();
  });

  it('is not made after a stop, also while one is being waited for', async () => {
    await dashboard.goAway();
    startLink();
    await eventually(() => expect(link.state().lastError).not.toBeNull());
    await link.stop();
    await dashboard.comeBack();
    // Another link connects, waits out its acceptance, and is alone.
    await connect({ acceptanceMs: 200 });
    expect(dashboard.connections).toHaveLength(1);
  });
});

describe('the question which devices have no name', () => {
  it('is one that the box says it knows, and is answered under its number', async () => {
    await connect();
    expect(dashboard.ofType('hello')).toMatchObject([{ tellsSeen: true }]);
    const id = randomUUID();
    dashboard.send({ type: 'seen-request', id });
    await eventually(async () =>
      expect(dashboard.ofType('seen')).toEqual([{ type: 'seen', id, ...(await box.seenDevices()) }]),
    );
  });
});

describe('a policy', () => {
  it('that the setting signed is put in force and acknowledged with the instant', async () => {
    await connect();
    dashboard.sendSigned('policy', policyOf(1));
    await eventually(() =>
      expect(dashboard.ofType('policy-ack')).toEqual([{ type: 'policy-ack', version: 1, inForceAt: nine + 1 }]),
    );
    expect(box.policy).toEqual(policyOf(1));
  });

  it.each([
    ['signed by another key', () => sendForged('policy', policyOf(9)), 0, "not from the setting's own key"],
    ['that is none', () => dashboard.sendSigned('policy', { version: 9 }), 9, 'cannot be used'],
    ['without a version', () => dashboard.sendSigned('policy', 'policy'), 0, 'cannot be used'],
    ['whose network names no group', () => dashboard.sendSigned('policy', groupless()), 9, 'group'],
    ['older than the one in force', () => dashboard.sendSigned('policy', policyOf(4)), 4, 'has version 5 already'],
    ['that the box cannot take', () => dashboard.sendSigned('policy', policyOf(9, 'Broken')), 9, 'name no network'],
  ])('%s is refused with the reason, and the last good one stays', async (_, send, version, words) => {
    box.policy = policyOf(5);
    await connect();
    send();
    await eventually(() =>
      expect(dashboard.ofType('refusal')).toMatchObject([
        { of: 'policy', version, reason: expect.stringContaining(words) },
      ]),
    );
    expect(box.policy).toEqual(policyOf(5));
  });

  it('cannot be passed off as grants: the signature covers which of the two it is', async () => {
    await connect();
    const { privateKey } = generateKeyPairSync('ed25519');
    dashboard.sendSigned('grants', { version: 9, grants: [] }, privateKey);
    await eventually(() => expect(dashboard.ofType('refusal')).toMatchObject([{ of: 'grants', version: 0 }]));
    expect(box.appliedGrants).toEqual([]);
  });
});

describe('grants', () => {
  it('are stored before they are in force, and in force before they are acknowledged', async () => {
    await connect();
    const payload = { version: 2, grants: [grant()] };
    dashboard.sendSigned('grants', payload);
    await eventually(() =>
      expect(dashboard.ofType('grants-ack')).toEqual([{ type: 'grants-ack', version: 2, inForceAt: nine + 102 }]),
    );
    expect(box.storedWhenApplied).toEqual([2]);
    expect(box.appliedGrants).toEqual([payload]);
    expect(await store.loadGrants()).toEqual(payload);
  });

  it('that come twice are acknowledged twice', async () => {
    await connect();
    dashboard.sendSigned('grants', { version: 2, grants: [grant()] });
    dashboard.sendSigned('grants', { version: 2, grants: [grant()] });
    await eventually(() => expect(dashboard.ofType('grants-ack')).toHaveLength(2));
  });

  it('older than the stored ones are refused and not put in force', async () => {
    await store.saveGrants({ version: 7, grants: [] });
    await connect();
    dashboard.sendSigned('grants', { version: 6, grants: [grant()] });
    await eventually(() =>
      expect(dashboard.ofType('refusal')).toMatchObject([
        { of: 'grants', version: 6, reason: 'the box has version 7 already' },
      ]),
    );
    expect(box.appliedGrants).toEqual([]);
  });

  it('that cannot be stored are refused, but what they end is ended', async () => {
    const kept = grant();
    const ended = grant({ id: 'b8098c1a-f86e-41da-bd1a-00112444be1e' });
    const gone = grant({ id: 'c8098c1a-f86e-41da-bd1a-00112444be1e' });
    const added = grant({ id: 'd8098c1a-f86e-41da-bd1a-00112444be1e' });
    await store.saveGrants({ version: 1, grants: [kept, ended, gone] });
    await connect();
    await store.close();
    await rm(stateDir, { recursive: true });
    await writeFile(stateDir, 'a file stands where the folder was');
    dashboard.sendSigned('grants', {
      version: 2,
      grants: [kept, { ...ended, revokedAt: nine + 5, revokedBy: 'Jo' }, added],
    });
    await eventually(() => expect(dashboard.ofType('refusal')).toMatchObject([{ of: 'grants', version: 2 }]));
    expect(box.appliedGrants.at(-1)).toMatchObject({
      version: 1,
      grants: [
        { id: kept.id, revokedAt: kept.until },
        { id: ended.id, revokedAt: nine + 5 },
      ],
    });
  });
});

describe('usage', () => {
  it('is uploaded batch after batch, each once', async () => {
    await store.addUsage(Array.from({ length: 1_100 }, (_, index) => usage({ service: `s-${index}` })));
    await connect();
    // Only then is the store asked: asking seals a batch, and the link must have said first under which enrolment.
    await eventually(() => expect(dashboard.ofType('usage-batch')).toHaveLength(3));
    await eventually(async () => expect(await store.nextBatch()).toBeNull());
    const batches = dashboard.ofType('usage-batch');
    expect(batches.map((batch) => [batch.seq, batch.rows.length])).toEqual([
      [1, 500],
      [2, 500],
      [3, 100],
    ]);
    await store.addUsage([usage({ count: 9 })]);
    link.usageAdded();
    await eventually(() =>
      expect(dashboard.ofType('usage-batch').at(-1)).toMatchObject({ seq: 4, rows: [usage({ count: 9 })] }),
    );
  });

  it('that was not acknowledged is sent again at the next connect, the same', async () => {
    dashboard.acknowledges = false;
    await store.addUsage([usage()]);
    await connect();
    await eventually(() => expect(dashboard.ofType('usage-batch')).toHaveLength(1));
    await dashboard.goAway();
    await store.addUsage([usage({ count: 5 })]);
    dashboard.acknowledges = true;
    await dashboard.comeBack();
    await eventually(async () => expect(await store.nextBatch()).toBeNull());
    expect(dashboard.ofType('usage-batch').map((batch) => [batch.seq, batch.rows[0]?.count])).toEqual([
      [1, 1],
      [1, 1],
      [2, 5],
    ]);
  });

  it('whose acknowledgement was lost on an open line is sent again', async () => {
    dashboard.acknowledges = false;
    await store.addUsage([usage()]);
    await connect({ healthIntervalMs: 50, resendMs: 100 });
    await eventually(() => expect(dashboard.ofType('usage-batch').length).toBeGreaterThan(1));
    expect(new Set(dashboard.ofType('usage-batch').map((batch) => batch.seq))).toEqual(new Set([1]));
  });
});

describe('requests', () => {
  it('made while the dashboard is away are forwarded when it is back, until acknowledged', async () => {
    dashboard.acknowledges = false;
    await store.saveRequest(request());
    await connect({ healthIntervalMs: 30 });
    await eventually(() => expect(dashboard.ofType('request').length).toBeGreaterThan(1));
    dashboard.send({ type: 'request-ack', id: request().id });
    await eventually(async () => expect(await store.pendingRequests()).toEqual([]));
    expect(dashboard.ofType('request')[0]).toEqual({ type: 'request', request: request() });
  });

  it('are forwarded at once on an open line, and their answer is kept for the asker', async () => {
    await connect();
    await store.saveRequest(request());
    link.requestSaved();
    await eventually(() => expect(dashboard.ofType('request')).toHaveLength(1));
    dashboard.send({ type: 'request-answer', id: request().id, answer: 'refused', reason: 'after closing' });
    await eventually(() => expect(box.answers).toEqual([`${request().id} refused after closing`]));
    expect(await store.requestById(request().id)).toMatchObject({ state: 'refused', answerReason: 'after closing' });
  });
});

describe('health', () => {
  it('is repeated, and a change is told at once but not in a flood', async () => {
    await connect({ healthPauseMs: 100 });
    await eventually(() => expect(dashboard.ofType('health')).toHaveLength(1));
    for (let change = 1; change <= 50; change++) {
      box.alerts = change;
      link.healthChanged();
    }
    await eventually(() => expect(dashboard.ofType('health').at(-1)?.alerts).toHaveLength(50));
    expect(dashboard.ofType('health')).toHaveLength(2);
  });
});

describe('who looked at a device', () => {
  const told = {
    since: nine - HOUR,
    toldAt: nine,
    views: [{ device: 'tablet-1', at: nine, by: 'Jo', what: 'figures' }],
  };
  const kept = { sinceMs: nine - HOUR, toldAtMs: nine, views: [{ at: nine, by: 'Jo', what: 'figures' }] };

  it('is kept when the setting has signed it, and not what anybody else says, or what is no list', async () => {
    await connect();
    dashboard.sendSigned('device-views', told);
    await eventually(async () => expect(await store.deviceViews('tablet-1')).toEqual(kept));
    const { privateKey } = generateKeyPairSync('ed25519');
    dashboard.sendSigned('device-views', { ...told, views: [] }, privateKey);
    dashboard.sendSigned('device-views', { ...told, views: [{ device: 'tablet-1' }] });
    // Messages take their turn: when this one is answered, those before it have been dealt with.
    dashboard.sendSigned('policy', policyOf(1));
    await eventually(() => expect(dashboard.ofType('policy-ack')).toHaveLength(1));
    expect(await store.deviceViews('tablet-1')).toEqual(kept);
    dashboard.sendSigned('device-views', { ...told, views: [] });
    await eventually(async () => expect(await store.deviceViews('tablet-1')).toMatchObject({ views: [] }));
    expect(link.state()).toMatchObject({ connected: true, lastError: null });
  });
});

describe('a message that the box does not know', () => {
  it.each(['not JSON', '{}', '{"type":"from-the-future"}', '[]', '{"type":"usage-ack","seq":"one"}'])(
    '(%s) is passed over, and the line stays',
    async (text) => {
      await connect();
      dashboard.connections[0]?.send(text);
      dashboard.connections[0]?.send(Buffer.from([1, 2, 3]));
      dashboard.sendSigned('policy', policyOf(1));
      await eventually(() => expect(dashboard.ofType('policy-ack')).toHaveLength(1));
      expect(link.state()).toMatchObject({ connected: true, lastError: null });
      expect(dashboard.connections).toHaveLength(1);
    },
  );
});

function sendForged(kind: 'policy' | 'grants', document: unknown): void {
  dashboard.sendSigned(kind, document, generateKeyPairSync('ed25519').privateKey);
}

function policyOf(version: number, settingName = 'Halstead Nursery'): Policy {
  const week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  return {
    version,
    settingName,
    timeZone: 'Europe/London',
    groups: [{ id: 'setting', name: 'Setting', kind: 'setting', categories: {}, services: {} }],
    networks: [{ name: 'LAN', range: '192.168.1.0/24', group: 'setting' }],
    devices: [{ id: 'tablet-1', name: 'Tablet', group: 'setting', addresses: ['192.168.1.21'], macs: [] }],
    hours: { week, breaks: week, terms: [], closures: [], bankHolidays: 'none', openings: [] },
  };
}

function groupless(): Policy {
  const policy = policyOf(9);
  return { ...policy, networks: [{ name: 'LAN', range: '192.168.1.0/24', group: 'nobody' }] };
}

function usage(parts: Partial<UsageRow> = {}): UsageRow {
  const row: UsageRow = {
    device: 'tablet-1',
    service: 'facebook',
    verdict: 'blocked',
    hourStart: nine,
    count: 1,
    minutesLow: 1,
    minutesHigh: 0,
  };
  return { ...row, ...parts };
}

function grant(parts: Partial<Grant> = {}): Grant {
  return {
    id: 'a8098c1a-f86e-41da-bd1a-00112444be1e',
    target: { device: 'tablet-1' },
    scope: { service: 'facebook' },
    from: nine,
    until: nine + HOUR,
    purpose: 'personal',
    mode: 'verbal',
    reason: 'lunch break moved',
    askedBy: 'Sam',
    grantedBy: 'Jo',
    grantedAt: nine,
    ...parts,
  };
}

function request(): PermissionRequest {
  return {
    id: 'e8098c1a-f86e-41da-bd1a-00112444be1e',
    device: 'tablet-1',
    scope: { service: 'facebook' },
    minutes: 30,
    reason: 'photos for the newsletter',
    askedBy: 'Sam',
    askedAt: nine,
  };
}

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, open as openFile, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStore, type Store, type StoreOptions } from '../../../filter-agent/control/usage-store.ts';
import { UsageBatch, type UsageRow } from '../../../policy-rules/agent-protocol.ts';
import type { Grant, PermissionRequest } from '../../../policy-rules/grants.ts';
import { StoreLedger, seededRandom } from './store-ledger.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const nine = Date.UTC(2026, 8, 1, 9);

let stateDir: string;
const opened: Store[] = [];

async function open(options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ stateDir, ...options });
  opened.push(store);
  return store;
}

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'usage-store-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await rm(stateDir, { recursive: true, force: true });
});

function usage(parts: Partial<UsageRow> = {}): UsageRow {
  return {
    device: 'tablet-1',
    service: 'facebook',
    verdict: 'blocked',
    hourStart: nine,
    count: 1,
    minutesLow: 1,
    minutesHigh: 0,
    ...parts,
  };
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

function request(number: number): PermissionRequest {
  return {
    id: `a8098c1a-f86e-41da-bd1a-${String(number).padStart(12, '0')}`,
    device: 'tablet-1',
    scope: { service: 'facebook' },
    minutes: 30,
    reason: 'photos for the newsletter',
    askedBy: 'Sam',
    askedAt: nine + number,
  };
}

describe('usage', () => {
  it('adds up per device, service, verdict and hour, and is sealed into a batch of the protocol', async () => {
    const store = await open();
    await store.addUsage([usage(), usage({ service: 'tiktok', count: 4 })]);
    await store.addUsage([usage({ count: 2, minutesLow: 0b110 }), usage({ hourStart: nine + HOUR })]);
    const batch = await store.nextBatch();
    expect(UsageBatch.parse({ type: 'usage-batch', ...batch }).rows).toEqual([
      usage({ count: 3, minutesLow: 0b111 }),
      usage({ service: 'tiktok', count: 4 }),
      usage({ hourStart: nine + HOUR }),
    ]);
  });

  it('is sent again as the same batch until it is acknowledged, whatever is counted meanwhile', async () => {
    const before = await open();
    await before.addUsage([usage({ count: 5 })]);
    const batch = await before.nextBatch();
    await before.addUsage([usage({ count: 7 })]);
    expect(await before.nextBatch()).toEqual(batch);
    await before.close();

    const store = await open();
    expect(await store.nextBatch()).toEqual(batch);
    await store.acknowledgeBatch(2);
    expect(await store.nextBatch()).toEqual(batch);
    await store.acknowledgeBatch(1);
    await store.acknowledgeBatch(1);
    expect(await store.nextBatch()).toEqual({ seq: 2, rows: [usage({ count: 7 })] });
    await store.acknowledgeBatch(2);
    expect(await store.nextBatch()).toBeNull();
  });

  it('leaves in batches of at most 500 rows, the oldest hours first, each row once', async () => {
    const store = await open();
    const rows = Array.from({ length: 1_201 }, (_, index) =>
      usage({ service: `s-${index}`, hourStart: nine + (index % 3) * HOUR }),
    );
    await store.addUsage(rows);
    const seen: UsageRow[] = [];
    const sizes: number[] = [];
    for (let batch = await store.nextBatch(); batch !== null; batch = await store.nextBatch()) {
      seen.push(...batch.rows);
      sizes.push(batch.rows.length);
      await store.acknowledgeBatch(batch.seq);
    }
    expect(sizes).toEqual([500, 500, 201]);
    expect(seen.map((row) => row.hourStart)).toEqual(seen.map((row) => row.hourStart).sort((a, b) => a - b));
    expect(new Set(seen.map((row) => row.service)).size).toBe(1_201);
  });

  it('stays on the box for what is recorded about a device, after it was uploaded', async () => {
    const store = await open();
    await store.addUsage([
      usage({ minutesLow: 0b11 }),
      usage({ hourStart: nine + HOUR, count: 2, minutesHigh: 1 }),
      usage({ verdict: 'granted', hourStart: nine + HOUR }),
      usage({ device: 'office-pc', count: 9 }),
      usage({ hourStart: nine - HOUR }),
    ]);
    await store.acknowledgeBatch((await store.nextBatch())!.seq);
    expect(await store.usageOfDevice('tablet-1', nine)).toEqual([
      usage({ hourStart: nine + HOUR, count: 2, minutesHigh: 1 }),
      usage({ verdict: 'granted', hourStart: nine + HOUR }),
      usage({ minutesLow: 0b11 }),
    ]);
    expect(await store.usageTotals(nine)).toEqual([
      { service: 'facebook', verdict: 'blocked', count: 12, activeMinutes: 5 },
      { service: 'facebook', verdict: 'granted', count: 1, activeMinutes: 1 },
    ]);
  });

  it('is deleted as retention says: hours on the box after 30 days, waiting ones after 90', async () => {
    const store = await open();
    await store.saveDeviceViews('a-setting', { since: 0, toldAt: nine, reportingSince: 0, views: [] });
    const now = nine + 100 * DAY;
    await store.addUsage(
      [5, 29, 31, 89, 91].map((days) => usage({ service: `d-${days}`, hourStart: now - days * DAY })),
    );
    await store.prune(now);
    const kept = (await store.usageOfDevice('tablet-1', 0)).map((row) => row.service);
    expect(kept).toEqual(['d-5', 'd-29']);
    expect((await store.nextBatch())!.rows.map((row) => row.service)).toEqual(['d-89', 'd-31', 'd-29', 'd-5']);
    expect(store.troubles()).toMatchObject([{ code: 'usage-dropped' }]);
  });

  it('keeps the number of a batch that retention has emptied', async () => {
    const store = await open();
    await store.addUsage([usage()]);
    await store.nextBatch();
    await store.prune(nine + 91 * DAY);
    await store.addUsage([usage({ hourStart: nine + 90 * DAY })]);
    expect(await store.nextBatch()).toEqual({ seq: 1, rows: [] });
    await store.acknowledgeBatch(1);
    expect((await store.nextBatch())!.seq).toBe(2);
  });
});

describe('an enrolment', () => {
  const first = { boxId: 'box-1', settingId: 'setting-1', enrolledAtMs: Date.now() + HOUR };

  it('numbers its batches from 1, and takes along what was counted before it', async () => {
    const store = await open();
    await store.addUsage([usage()]);
    await store.adoptEnrolment(first);
    expect(await store.nextBatch()).toEqual({ seq: 1, rows: [usage()] });
    await store.acknowledgeBatch(1);
    await store.adoptEnrolment(first);
    await store.addUsage([usage()]);
    expect((await store.nextBatch())!.seq).toBe(2);
  });

  it('of the same setting keeps what waits, but not the batch that may have arrived', async () => {
    const store = await open();
    await store.adoptEnrolment(first);
    await store.addUsage([usage({ count: 3 })]);
    await store.nextBatch();
    await store.addUsage([usage({ count: 4 })]);
    await store.adoptEnrolment({ ...first, boxId: 'box-2' });
    expect(await store.nextBatch()).toEqual({ seq: 1, rows: [usage({ count: 4 })] });
  });

  it('of another setting hands it nothing of the one before', async () => {
    const store = await open();
    await store.adoptEnrolment(first);
    await store.addUsage([usage()]);
    await store.saveRequest(request(1));
    await store.adoptEnrolment({ ...first, boxId: 'box-2', settingId: 'setting-2' });
    expect(await store.nextBatch()).toBeNull();
    expect(await store.pendingRequests()).toEqual([]);
  });

  it('whose database was lost never uses a number again', async () => {
    const store = await open();
    await store.adoptEnrolment({ ...first, enrolledAtMs: Date.now() - 400 * DAY });
    await store.addUsage([usage()]);
    // A batch a second for all of its life would not have reached this.
    expect((await store.nextBatch())!.seq).toBeGreaterThan(400 * 86_400);
  });
});

describe('grants', () => {
  it('are none at version 0 on a new box', async () => {
    expect(await (await open()).loadGrants()).toEqual({ version: 0, grants: [] });
  });

  it('survive a restart, and an older version is refused before and after it', async () => {
    const payload = { version: 5, grants: [grant()] };
    const before = await open();
    expect(await before.saveGrants(payload)).toBe('saved');
    expect(await before.saveGrants({ version: 4, grants: [] })).toBe('older');
    await before.close();
    const store = await open();
    expect(await store.loadGrants()).toEqual(payload);
    expect(await store.saveGrants({ version: 4, grants: [] })).toBe('older');
    expect(await store.saveGrants(payload)).toBe('saved');
  });

  it('saved at once in any order end at the newest', async () => {
    const store = await open();
    await Promise.all([3, 1, 7, 2, 6].map((version) => store.saveGrants({ version, grants: [] })));
    expect((await store.loadGrants()).version).toBe(7);
  });

  it.each([
    ['the database', 'box.sqlite'],
    ['the durable file', 'grants.json'],
  ])('survive the loss of %s, which is then mended', async (_, lost) => {
    const payload = { version: 5, grants: [grant()] };
    const before = await open();
    await before.saveGrants(payload);
    await before.close();
    await writeFile(join(stateDir, lost), 'no longer what it was');

    const store = await open();
    expect(await store.loadGrants()).toEqual(payload);
    expect(store.troubles()).toMatchObject([{ code: 'store-damaged' }]);
    await store.close();
    const other = lost === 'box.sqlite' ? 'grants.json' : 'box.sqlite';
    await rm(join(stateDir, other));
    expect(await (await open()).loadGrants()).toEqual(payload);
  });

  it('that ended long ago leave the box with their names, without a new version', async () => {
    const store = await open();
    const running = grant({ until: nine + 40 * DAY });
    await store.saveGrants({ version: 5, grants: [grant(), running] });
    await store.prune(nine + 32 * DAY);
    expect(await store.loadGrants()).toEqual({ version: 5, grants: [running] });
  });
});

describe('requests', () => {
  it('wait until they are acknowledged, then for their answer', async () => {
    const before = await open();
    await before.saveRequest(request(2));
    await before.saveRequest(request(1));
    await before.saveRequest(request(1));
    await before.close();

    const store = await open();
    expect(await store.pendingRequests()).toEqual([request(1), request(2)]);
    await store.acknowledgeRequest(request(1).id);
    expect(await store.pendingRequests()).toEqual([request(2)]);
    await store.answerRequest(request(1).id, 'refused', 'after the inspection');
    await store.acknowledgeRequest(request(1).id);
    expect(await store.requestById(request(1).id)).toEqual({
      request: request(1),
      state: 'refused',
      answerReason: 'after the inspection',
    });
    expect(await store.requestById(request(9).id)).toBeNull();
  });

  it('are bounded: a machine that asks without end is told so', async () => {
    const store = await open();
    for (let number = 0; number < 200; number++) await store.saveRequest(request(number));
    await expect(store.saveRequest(request(200))).rejects.toMatchObject({ code: 'too-many' });
    await store.answerRequest(request(0).id, 'lapsed', '');
    await store.saveRequest(request(200));
  });
});

describe('the newest trusted time', () => {
  it.each(['box.sqlite', 'trusted-time.json'])('only grows, and survives the loss of %s', async (lost) => {
    const before = await open();
    expect(await before.newestTrustedTimeMs()).toBe(0);
    await before.saveTrustedTime(nine + 0.7);
    await before.saveTrustedTime(nine - DAY);
    await before.close();
    await rm(join(stateDir, lost));
    expect(await (await open()).newestTrustedTimeMs()).toBe(nine);
  });
});

describe('a database that is damaged', () => {
  async function filledDatabase(): Promise<string> {
    const store = await open();
    await store.addUsage(Array.from({ length: 3_000 }, (_, index) => usage({ service: `service-${index}` })));
    await store.close();
    return join(stateDir, 'box.sqlite');
  }

  it.each([
    ['in its header', async (path: string) => writeFile(path, Buffer.alloc(100, 0x55), { flag: 'r+' })],
    ['all over', async (path: string) => writeFile(path, Buffer.alloc((await readFile(path)).length, 0xa5))],
    ['in the middle', async (path: string) => overwrite(path, 3 * 4096, Buffer.alloc(20 * 4096, 0xa5))],
    ['by a cut', async (path: string) => truncate(path, 5 * 4096 + 17)],
  ])('%s is moved aside with a notice, and the box counts on', async (_, damage) => {
    const path = await filledDatabase();
    await damage(path);
    const store = await open();
    expect(store.startReport).toEqual({ fresh: true, damagedMovedTo: `${path}.damaged` });
    expect(store.troubles()).toMatchObject([{ code: 'store-damaged' }]);
    await store.addUsage([usage()]);
    expect((await store.nextBatch())!.rows).toEqual([usage()]);
  });

  it('while it is open is found out, moved aside and begun anew, and grants stay', async () => {
    const before = await open();
    // Four times SQLite's page cache of 2 MB, so that reading it all goes to the disk.
    for (let part = 0; part < 8; part++) {
      await before.addUsage(
        Array.from({ length: 10_000 }, (_, index) => usage({ service: `service-${part}-${index}` })),
      );
    }
    await before.saveGrants({ version: 3, grants: [grant()] });
    await before.close();
    const store = await open();
    await store.adoptEnrolment({ boxId: 'box-1', settingId: 'setting-1', enrolledAtMs: Date.now() - DAY });
    const path = join(stateDir, 'box.sqlite');
    const bytes = (await readFile(path)).length;
    const file = await openFile(path, 'r+');
    await file.write(Buffer.alloc(bytes - 20 * 4096, 0xa5), 0, null, 10 * 4096);
    await file.close();

    await expect(store.usageTotals(0)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await store.usageTotals(0)).toEqual([]);
    expect(store.troubles()).toMatchObject([{ code: 'store-damaged' }]);
    await store.addUsage([usage()]);
    const batch = await store.nextBatch();
    expect(batch!.rows).toEqual([usage()]);
    expect(batch!.seq, 'a number that cannot have been used').toBeGreaterThan(1_000_000_000);
    await store.close();
    await rm(join(stateDir, 'grants.json'));
    expect(await (await open()).loadGrants()).toEqual({ version: 3, grants: [grant()] });
  });

  it('is not kept longer than the rows in it may be', async () => {
    const path = await filledDatabase();
    await truncate(path, 5 * 4096 + 17);
    const store = await open();
    await store.prune(Date.now() + 29 * DAY);
    expect(await readdir(stateDir)).toContain('box.sqlite.damaged');
    await store.prune(Date.now() + 31 * DAY);
    expect((await readdir(stateDir)).filter((name) => name.includes('damaged'))).toEqual([]);
  });

  it('of a newer program is left alone, and said so', async () => {
    const path = await filledDatabase();
    const file = new SqliteDatabase(path);
    file.exec('insert into schema_version values (99)');
    file.close();
    const store = await open();
    expect(store.startReport.damagedMovedTo).toBeNull();
    expect(store.troubles()).toMatchObject([{ code: 'store-unwritable', text: expect.stringContaining('version 99') }]);
  });
});

async function overwrite(path: string, at: number, bytes: Buffer): Promise<void> {
  const whole = await readFile(path);
  bytes.copy(whole, at);
  await writeFile(path, whole);
}

describe('a disk that cannot be written', () => {
  it('does not stop the box: it counts in memory, says so, and writes when the disk is back', async () => {
    const blocker = join(stateDir, 'not-a-folder');
    await writeFile(blocker, 'a file stands where the folder belongs');
    const store = await open({ stateDir: join(blocker, 'state'), flushIntervalMs: 20 });
    expect(store.troubles()).toMatchObject([{ code: 'store-unwritable' }]);
    await store.addUsage([usage({ count: 2 })]);
    await store.addUsage([usage({ count: 3 }), usage({ service: 'tiktok' })]);
    await expect(store.saveGrants({ version: 1, grants: [] })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect((await store.loadGrants()).version).toBe(0);

    await rm(blocker);
    await vi.waitFor(() => expect(store.troubles()).toEqual([]), { timeout: 10_000, interval: 20 });
    expect((await store.nextBatch())!.rows).toEqual([usage({ count: 5 }), usage({ service: 'tiktok' })]);
    expect(await store.saveGrants({ version: 1, grants: [] })).toBe('saved');
  });

  it('because it is full loses nothing that fits into memory', async () => {
    const small = await open({ maxDatabaseBytes: 40 * 4096, flushIntervalMs: 20 });
    const rows = Array.from({ length: 4_000 }, (_, index) => usage({ service: `s-${index}` }));
    await small.addUsage(rows);
    expect(small.troubles()).toMatchObject([{ code: 'store-unwritable', text: expect.stringContaining('full') }]);
    await small.addUsage([usage()]);
    expect(await small.nextBatch()).toBeNull();
    // What is small still finds room: the manager's grants and the staff's requests go on.
    expect(await small.saveGrants({ version: 1, grants: [grant()] })).toBe('saved');
  });

  it('drops what the memory cannot hold, counted and reported', async () => {
    const small = await open({ maxDatabaseBytes: 40 * 4096, flushIntervalMs: 60_000 });
    for (let part = 0; part < 3; part++) {
      await small.addUsage(Array.from({ length: 10_000 }, (_, index) => usage({ service: `s-${part}-${index}` })));
    }
    expect(small.troubles().map((trouble) => trouble.code)).toEqual(['store-unwritable', 'usage-dropped']);
    expect(small.troubles()[1]?.text).toContain('10000 look-ups are missing');
  });
});

// ---- kill -9 ---------------------------------------------------------------------------------------------------

/** Starts the writer, answers its batches, and resolves with its errors when it has ended, by itself or by `onLine`. */
async function runWriter(
  ledger: StoreLedger,
  onLine: (child: ChildProcessWithoutNullStreams) => void,
  stopAfter?: number,
): Promise<string> {
  const script = join(import.meta.dirname, 'store-writer-process.ts');
  const stop = stopAfter === undefined ? [] : [String(stopAfter)];
  const child = spawn(process.execPath, [script, stateDir, String(ledger.adding + 1), ...stop]);
  let errors = '';
  child.stderr.on('data', (data) => {
    errors += String(data);
  });
  // A killed writer takes no more acknowledgements.
  child.stdin.on('error', () => undefined);
  for await (const line of createInterface({ input: child.stdout })) {
    const batch = ledger.read(line);
    if (batch !== null) child.stdin.write(`ack ${batch.seq}\n`);
    onLine(child);
  }
  return errors;
}

describe('kill -9', () => {
  it('twenty times in the middle of writes and uploads loses nothing acknowledged and counts nothing twice', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = seededRandom(seed);
    const ledger = new StoreLedger();
    for (let time = 0; time < 20; time++) {
      // At a random moment after a random line.
      let linesLeft = 3 + Math.floor(random() * 40);
      await runWriter(ledger, (child) => {
        if (--linesLeft === 0) setTimeout(() => child.kill('SIGKILL'), random() * 8);
      });
    }
    const errors = await runWriter(ledger, () => undefined, ledger.adding + 3);
    ledger.checkUsage();
    expect(ledger.problems, `seed ${seed} ${errors}`).toEqual([]);

    const file = new SqliteDatabase(join(stateDir, 'box.sqlite'), { readonly: true });
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    file.close();
  }, 120_000);
});

describe('who looked at the figures of a device', () => {
  const settingId = 'a8098c1a-f86e-41da-bd1a-0000000000aa';
  const views = [
    { device: 'tablet-1', at: nine, by: 'Tracey', what: 'figures' as const },
    { device: 'tablet-1', at: nine + HOUR, by: 'Jo', what: 'alert' as const },
    { device: 'office-pc', at: nine, by: 'Tracey', what: 'figures' as const },
  ];
  const told = { since: nine - 80 * DAY, toldAt: nine + 2 * HOUR, views };

  it('is not known until it is told, stays over a restart, and is replaced by what is told next', async () => {
    const store = await open();
    expect(await store.deviceViews('tablet-1')).toBeNull();
    await store.saveDeviceViews(settingId, told);
    await store.close();
    const again = await open();
    expect(await again.deviceViews('tablet-1')).toEqual({
      sinceMs: told.since,
      toldAtMs: told.toldAt,
      views: [
        { at: nine + HOUR, by: 'Jo', what: 'alert' },
        { at: nine, by: 'Tracey', what: 'figures' },
      ],
    });
    // Of this one nobody looked, and that is known.
    expect(await again.deviceViews('tablet-9')).toMatchObject({ views: [] });
    await again.saveDeviceViews(settingId, { ...told, views: [] });
    expect(await again.deviceViews('tablet-1')).toMatchObject({ views: [] });
  });

  it('goes after ninety days, and nothing is said of the time before', async () => {
    const store = await open();
    await store.saveDeviceViews(settingId, told);
    await store.prune(nine + 90 * DAY + 1);
    expect(await store.deviceViews('tablet-1')).toMatchObject({ sinceMs: nine + 1, views: [{ by: 'Jo' }] });
  });

  it('does not go with the box to another setting, nor is it taken for what that one said', async () => {
    const store = await open();
    const enrolment = { boxId: 'one', settingId, enrolledAtMs: nine };
    await store.adoptEnrolment(enrolment);
    await store.saveDeviceViews(settingId, told);
    await store.adoptEnrolment({ ...enrolment, boxId: 'two' });
    expect(await store.deviceViews('tablet-1')).not.toBeNull();
    await store.adoptEnrolment({ boxId: 'three', settingId: 'another', enrolledAtMs: nine });
    expect(await store.deviceViews('tablet-1')).toBeNull();
    // The new setting may have told its own before the box reports for the first time.
    await store.saveDeviceViews('a-third', told);
    await store.adoptEnrolment({ boxId: 'four', settingId: 'a-third', enrolledAtMs: nine });
    expect(await store.deviceViews('tablet-1')).not.toBeNull();
  });
});

describe('figures of single devices', () => {
  const settingId = 'a8098c1a-f86e-41da-bd1a-0000000000aa';
  const told = { since: nine - 80 * DAY, toldAt: nine + 2 * HOUR, views: [] };
  const watchedServices = ['vpn'];
  const rows = [
    usage({ count: 2, minutesLow: 0b11 }),
    usage({ device: 'office-pc', count: 3, minutesLow: 0b110 }),
    usage({ device: '', count: 5, minutesHigh: 1 }),
    usage({ hourStart: nine + HOUR, count: 7 }),
    usage({ service: 'vpn', count: 11 }),
    usage({ service: 'vpn', verdict: 'granted', count: 13 }),
  ];
  const summary = async (store: Store, device: string) =>
    (await store.usageOfDevice(device, 0)).map(({ service, verdict, hourStart, count }) => {
      return `${service} ${verdict} ${(hourStart - nine) / HOUR} ${count}`;
    });

  it('are counted together once the dashboard says that people have not been told, in what waits for it too', async () => {
    const store = await open({ watchedServices });
    await store.addUsage(rows);
    const before = await store.usageTotals(0);
    await store.saveDeviceViews(settingId, { ...told, reportingSince: null });
    expect(store.reportingSince()).toBeNull();
    // An alert comes of it, whatever people have been told.
    expect(await summary(store, 'tablet-1')).toEqual(['vpn blocked 0 11']);
    expect(await summary(store, 'office-pc')).toEqual([]);
    expect(await summary(store, '')).toEqual(['facebook blocked 1 7', 'facebook blocked 0 10', 'vpn granted 0 13']);
    const [together] = (await store.usageOfDevice('', nine)).filter(({ count }) => count === 10);
    expect(together).toMatchObject({ minutesLow: 0b111, minutesHigh: 1 });
    const counts = (totals: typeof before) =>
      totals.map(({ service, verdict, count }) => [service, verdict, count]).sort();
    expect(counts(await store.usageTotals(0))).toEqual(counts(before));
    const batch = await store.nextBatch();
    expect(batch?.rows.filter(({ device }) => device !== '')).toMatchObject([{ service: 'vpn', verdict: 'blocked' }]);
    expect(batch?.rows.reduce((sum, { count }) => sum + count, 0)).toBe(41);
  });

  it('stay as they are from the hour on in which people had been told, over a restart', async () => {
    const store = await open({ watchedServices });
    await store.addUsage(rows);
    await store.saveDeviceViews(settingId, { ...told, reportingSince: nine + 1 });
    await store.close();
    const again = await open({ watchedServices });
    expect(again.reportingSince()).toBe(nine + 1);
    expect(await summary(again, 'tablet-1')).toEqual(['facebook blocked 1 7', 'vpn blocked 0 11']);
    await again.prune(nine + 2 * HOUR);
    expect(await summary(again, 'tablet-1')).toEqual(['facebook blocked 1 7', 'vpn blocked 0 11']);
    // A newer version of the notice is of no matter; that there is none any more is.
    await again.saveDeviceViews(settingId, { ...told, reportingSince: nine + 1 });
    expect(await summary(again, 'tablet-1')).toContain('facebook blocked 1 7');
    await again.saveDeviceViews(settingId, { ...told, reportingSince: null });
    expect(await summary(again, 'tablet-1')).toEqual(['vpn blocked 0 11']);
  });

  it('are counted together where nobody has said, and what alerts come of after two days', async () => {
    const store = await open({ watchedServices });
    expect(store.reportingSince()).toBeNull();
    await store.addUsage(rows);
    await store.prune(nine + 2 * DAY);
    expect(await summary(store, 'tablet-1')).toEqual(['vpn blocked 0 11']);
    await store.prune(nine + 2 * DAY + 1);
    expect(await summary(store, 'tablet-1')).toEqual([]);
  });

  it('are not kept by what another setting has told its people', async () => {
    const store = await open();
    await store.adoptEnrolment({ boxId: 'one', settingId, enrolledAtMs: nine });
    await store.saveDeviceViews(settingId, { ...told, reportingSince: nine });
    expect(store.reportingSince()).toBe(nine);
    await store.adoptEnrolment({ boxId: 'two', settingId: 'another', enrolledAtMs: nine });
    expect(store.reportingSince()).toBeNull();
  });
});

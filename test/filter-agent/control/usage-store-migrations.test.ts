/** The box's database from version to version, with data in it: nothing is lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore, STORE_FILE } from '../../../filter-agent/control/usage-store.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'usage-store-migrations-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

/** The first version as it was released. Never edited: boxes have it. */
const firstVersion = `
  CREATE TABLE schema_version (version integer primary key);
  CREATE TABLE usage_pending (device text not null, service text not null, verdict text not null, hour_start integer not null, lookups integer not null, minutes_low integer not null, minutes_high integer not null, constraint usage_pending_key primary key (hour_start, device, service, verdict)) without rowid;
  CREATE TABLE usage_hour (device text not null, service text not null, verdict text not null, hour_start integer not null, lookups integer not null, minutes_low integer not null, minutes_high integer not null, constraint usage_hour_key primary key (hour_start, device, service, verdict)) without rowid;
  CREATE TABLE sealed_row (device text not null, service text not null, verdict text not null, hour_start integer not null, lookups integer not null, minutes_low integer not null, minutes_high integer not null, constraint sealed_row_key primary key (hour_start, device, service, verdict)) without rowid;
  CREATE TABLE sealed_batch (seq integer primary key);
  CREATE TABLE upload (last_seq integer not null, last_write text not null, box_id text not null, setting_id text not null, database_made_at integer not null);
  CREATE TABLE saved_grants (only integer primary key, version integer not null, payload text not null);
  CREATE TABLE request (id text primary key, asked_at integer not null, state text not null, answer_reason text not null, payload text not null);
  CREATE TABLE trusted_time (only integer primary key, newest integer not null);
  INSERT INTO schema_version VALUES (1);`;

const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
const boxId = '6f2b1a52-7c3b-4f0e-8a64-1f2b3c4d5e6f';
const request = {
  id: 'a8098c1a-f86e-41da-bd1a-00112444be1e',
  device: 'tablet-1',
  scope: { service: 'facebook' },
  minutes: 10,
  reason: 'photos of the "harvest" festival',
  askedBy: 'Zoë',
  askedAt: hour,
};

it('takes what the first version holds, row for row, and has a place for heads beside it', async () => {
  const file = new SqliteDatabase(join(stateDir, STORE_FILE));
  file.pragma('journal_mode = WAL');
  file.exec(firstVersion);
  for (const table of ['usage_pending', 'usage_hour', 'sealed_row']) {
    const insert = file.prepare(`INSERT INTO ${table} VALUES (?, ?, ?, ?, ?, ?, ?)`);
    for (let row = 0; row < 50; row += 1) {
      insert.run(`tablet-${row}`, 'facebook', row % 2 === 0 ? 'blocked' : 'granted', hour, row + 1, 2 ** 29, row);
    }
  }
  file.exec('INSERT INTO sealed_batch VALUES (41)');
  file.prepare('INSERT INTO upload VALUES (?, ?, ?, ?, ?)').run(41, '', boxId, 'a-setting', hour);
  file.prepare('INSERT INTO saved_grants VALUES (1, 7, ?)').run(JSON.stringify({ version: 7, grants: [] }));
  file
    .prepare('INSERT INTO request VALUES (?, ?, ?, ?, ?)')
    .run(request.id, hour, 'pending', '', JSON.stringify(request));
  file.prepare('INSERT INTO trusted_time VALUES (1, ?)').run(hour);
  const before = rowsOf(file);
  file.close();

  const store = await openStore({ stateDir });
  expect(store.startReport).toEqual({ fresh: false, damagedMovedTo: null });
  expect(store.troubles()).toEqual([]);
  expect(await store.loadGrants()).toEqual({ version: 7, grants: [] });
  expect(await store.pendingRequests()).toEqual([request]);
  expect(await store.nextBatch()).toMatchObject({ seq: 41, rows: { length: 50 } });
  expect(await store.newestTrustedTimeMs()).toBe(hour);
  expect(await store.recordHead(boxId)).toBeNull();
  const head = { seq: 12, hash: 'a'.repeat(64) };
  await store.saveRecordHead(boxId, head);
  expect(await store.recordHead(boxId)).toEqual(head);
  await store.close();

  const migrated = new SqliteDatabase(join(stateDir, STORE_FILE));
  expect(rowsOf(migrated)).toMatchObject(before);
  const versions = migrated.prepare('SELECT version FROM schema_version ORDER BY version').pluck().all();
  expect(versions.slice(0, 2)).toEqual([1, 2]);
  migrated.close();
  // A start after it finds nothing more to do.
  const again = await openStore({ stateDir });
  expect(await again.recordHead(boxId)).toEqual(head);
  await again.close();
});

/** What each further version added, as it was released. Never edited either. */
const laterVersions: readonly string[] = [
  `CREATE TABLE record_head (only integer primary key, box_id text not null, seq integer not null, hash text not null);`,
  `CREATE TABLE notice (only integer primary key, setting_id text not null, version integer not null, payload text not null);
   CREATE TABLE acknowledgement (id text primary key, at integer not null, payload text not null);`,
];

it.each([2, 3])('takes what version %i holds, row for row, and serves it', async (version) => {
  const schema = [firstVersion, ...laterVersions.slice(0, version - 1)].join('\n');
  const file = new SqliteDatabase(join(stateDir, STORE_FILE));
  file.pragma('journal_mode = WAL');
  file.exec(schema);
  for (let done = 2; done <= version; done += 1) file.prepare('INSERT INTO schema_version VALUES (?)').run(done);
  for (const table of ['usage_pending', 'usage_hour', 'sealed_row']) {
    file.prepare(`INSERT INTO ${table} VALUES ('tablet-7', 'facebook', 'blocked', ?, 5, 3, 0)`).run(hour);
  }
  file.exec('INSERT INTO sealed_batch VALUES (41)');
  file.prepare('INSERT INTO upload VALUES (?, ?, ?, ?, ?)').run(41, '', boxId, 'a-setting', hour);
  file.prepare('INSERT INTO saved_grants VALUES (1, 7, ?)').run(JSON.stringify({ version: 7, grants: [] }));
  file.prepare('INSERT INTO request VALUES (?, ?, ?, ?, ?)').run(request.id, hour, 'sent', '', JSON.stringify(request));
  file.prepare('INSERT INTO trusted_time VALUES (1, ?)').run(hour);
  const head = { seq: 12, hash: 'a'.repeat(64) };
  file.prepare('INSERT INTO record_head VALUES (1, ?, ?, ?)').run(boxId, head.seq, head.hash);
  const notice = { version: 2, publishedAt: hour, sections: [] };
  const acknowledgement = { id: request.id, version: 2, name: 'Zoë', at: hour };
  if (version >= 3) {
    file.prepare('INSERT INTO notice VALUES (1, ?, 2, ?)').run('a-setting', JSON.stringify(notice));
    const payload = JSON.stringify(acknowledgement);
    file.prepare('INSERT INTO acknowledgement VALUES (?, ?, ?)').run(acknowledgement.id, hour, payload);
  }
  const before = rowsOf(file, schema);
  for (const [table, rows] of Object.entries(before)) expect(rows.length, `rows of ${table} to lose`).toBe(1);
  file.close();

  const store = await openStore({ stateDir });
  expect(store.startReport).toEqual({ fresh: false, damagedMovedTo: null });
  expect(store.troubles()).toEqual([]);
  expect(await store.recordHead(boxId)).toEqual(head);
  expect(await store.requestById(request.id)).toMatchObject({ state: 'sent', request });
  expect(await store.nextBatch()).toMatchObject({ seq: 41, rows: { length: 1 } });
  expect(await store.usageOfDevice('tablet-7', hour)).toHaveLength(1);
  expect(await store.notice()).toEqual(version >= 3 ? notice : null);
  expect(await store.pendingAcknowledgements()).toEqual(version >= 3 ? [acknowledgement] : []);
  // What the new version has a place for, nobody has told yet.
  expect(await store.deviceViews('tablet-7')).toBeNull();
  await store.close();
  const migrated = new SqliteDatabase(join(stateDir, STORE_FILE));
  expect(rowsOf(migrated, schema)).toEqual(before);
  migrated.close();
});

/** Every row of every table of that version. */
function rowsOf(file: SqliteDatabase.Database, schema = firstVersion): Record<string, unknown[]> {
  const tables = [...schema.matchAll(/CREATE TABLE (\w+)/g)].map(([, name]) => name!);
  return Object.fromEntries(
    tables
      .filter((name) => name !== 'schema_version')
      .map((name) => [name, file.prepare(`SELECT * FROM ${name} ORDER BY 1`).all()]),
  );
}

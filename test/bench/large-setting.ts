/**
 * A setting that has been in use for years, written into the database of a dashboard that does not run: 200 devices,
 * 50,000 rows of use, 2,000 permissions, and a record of 20,000 entries whose chain is whole.
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { CHAIN_START, type ChainHead, chainEntry, type Sha256 } from '../../policy-rules/record-chain.ts';

export const SIZE = { devices: 200, usageRows: 50_000, grants: 2_000, recordEntries: 20_000 };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Device-level hours are kept for 30 days, and so many hours of a day are filled here. */
const USAGE_DAYS = 28;
const USAGE_HOURS = [9, 10, 11, 12, 13, 14, 15, 16];

/** `stateDir`: of a host that has been set up and stopped. */
export function fillSetting(stateDir: string, nowMs: number): void {
  const file = openSetting(stateDir);
  try {
    file.transaction(() => {
      const devices = addDevices(file, nowMs);
      addUsage(file, devices, nowMs);
      const grants = addGrants(file, devices, nowMs);
      addEntries(file, grants, nowMs);
    })();
  } finally {
    file.close();
  }
}

function openSetting(stateDir: string): SqliteDatabase.Database {
  for (const entry of readdirSync(join(stateDir, 'storage'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.sqlite')) continue;
    const file = new SqliteDatabase(join(entry.parentPath, entry.name));
    if (file.prepare("SELECT 1 FROM sqlite_master WHERE name = 'record_words'").get() !== undefined) return file;
    file.close();
  }
  throw new Error(`${stateDir} holds no setting: set it up first`);
}

function addDevices(file: SqliteDatabase.Database, nowMs: number): { id: string; name: string }[] {
  const { name } = file.prepare('SELECT name FROM setting').get() as { name: string };
  const devices = Array.from({ length: SIZE.devices }, (_, index) => ({
    id: `device-${index + 1}`,
    name: `Toddler room tablet ${index + 1}`,
    group: 'setting',
    addresses: [`192.168.${1 + Math.floor(index / 200)}.${20 + (index % 200)}`],
    macs: [`02:00:00:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`],
  }));
  const policy: Policy = { ...defaultPolicy(name), version: 1, devices };
  file
    .prepare('INSERT INTO policy_versions (version, saved_at, document_json) VALUES (1, ?, ?)')
    .run(nowMs, JSON.stringify(policy));
  return devices;
}

/** The coarser figures are the sums of the finer ones, as they are where use comes in from a box. */
function addUsage(file: SqliteDatabase.Database, devices: readonly { id: string }[], nowMs: number): void {
  const services = catalogue.services.map(({ id }) => id);
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const insert = file.prepare('INSERT INTO usage_hours VALUES (?, ?, ?, ?, ?, ?, ?)');
  const perDevice = SIZE.usageRows / devices.length;
  for (const { id } of devices) {
    for (let row = 0; row < perDevice; row += 1) {
      const hour = USAGE_HOURS[row % USAGE_HOURS.length]!;
      const day = 1 + (Math.floor(row / USAGE_HOURS.length) % USAGE_DAYS);
      const service = services[Math.floor(row / (USAGE_HOURS.length * USAGE_DAYS)) % services.length]!;
      const verdict = row % 5 === 0 ? 'granted' : 'blocked';
      insert.run(
        id,
        service,
        verdict,
        today - day * DAY_MS + hour * HOUR_MS,
        1 + (row % 40),
        0b1011 << (row % 20),
        row % 8,
      );
    }
  }
  const date = "date(hour_start / 1000, 'unixepoch')";
  file.exec(`
    INSERT INTO usage_days SELECT device, service, verdict, ${date}, sum(count), 3 * count(*)
      FROM usage_hours GROUP BY 1, 2, 3, 4;
    INSERT INTO usage_weeks SELECT service, verdict, date(hour_start / 1000, 'unixepoch', '-6 days', 'weekday 1'),
      cast(strftime('%H', hour_start / 1000, 'unixepoch') AS INTEGER), sum(count), 3 * count(*)
      FROM usage_hours GROUP BY 1, 2, 3, 4;
    INSERT INTO usage_months SELECT service, verdict, substr(${date}, 1, 7), sum(count), 3 * count(*)
      FROM usage_hours GROUP BY 1, 2, 3;
    INSERT INTO reporting_days SELECT DISTINCT ${date} FROM usage_hours;`);
}

interface GrantFacts {
  readonly id: string;
  readonly at: number;
  readonly until: number;
  readonly device: string;
}

/** Over the last twelve months; the newest twenty are in force. */
function addGrants(
  file: SqliteDatabase.Database,
  devices: readonly { id: string; name: string }[],
  nowMs: number,
): GrantFacts[] {
  const insert = file.prepare(
    `INSERT INTO grants (id, story, target_json, scope_json, from_at, until_at, purpose, mode, reason, asked_by,
      granted_by, granted_by_id, granted_at, to_self, after_the_fact, version, in_force_at)
     VALUES (?, ?, ?, ?, ?, ?, 'official', 'verbal', 'reply to a parent on our page', ?, 'Tracey Field', 'user-1', ?, 0, 0,
      ?, ?)`,
  );
  const step = (360 * DAY_MS) / SIZE.grants;
  return Array.from({ length: SIZE.grants }, (_, index) => {
    const id = randomUUID();
    const device = devices[index % devices.length]!;
    const isRunning = index >= SIZE.grants - 20;
    const at = Math.round(isRunning ? nowMs - 60_000 : nowMs - (SIZE.grants - index) * step);
    const until = at + HOUR_MS;
    const scope = JSON.stringify({ service: index % 2 === 0 ? 'facebook' : 'youtube' });
    const target = JSON.stringify({ device: device.id });
    insert.run(id, id, target, scope, at, until, `Jo ${index % 30}`, at, index + 1, at + 200);
    return { id, at, until, device: device.name };
  });
}

/** Goes on from what setting it up has written. */
function addEntries(file: SqliteDatabase.Database, grants: readonly GrantFacts[], nowMs: number): void {
  const last = 'SELECT seq, hash FROM record ORDER BY seq DESC LIMIT 1';
  let head = (file.prepare(last).get() as ChainHead | undefined) ?? CHAIN_START;
  const insert = file.prepare(
    `INSERT INTO record (seq, at, kind, action, subject, actor_id, session_id, details_json, commitment, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const words = file.prepare('INSERT INTO record_words (seq, who, words_json, salt) VALUES (?, ?, ?, ?)');
  const write = (at: number, kind: string, subject: string, details: { type: string }, personal: object) => {
    const facts = {
      ...{ at, kind, action: details.type, subject, actorId: 'user-1', sessionId: 'session-1' },
      detailsJson: JSON.stringify(details),
    };
    const kept = { who: 'Tracey Field', wordsJson: JSON.stringify(personal), salt: randomBytes(16).toString('hex') };
    const entry = chainEntry(head, facts, kept, sha256);
    const { seq, action, actorId, sessionId, detailsJson, commitment, hash } = entry;
    insert.run(seq, at, kind, action, subject, actorId, sessionId, detailsJson, commitment, hash);
    words.run(seq, kept.who, kept.wordsJson, kept.salt);
    head = entry;
  };
  const views = SIZE.recordEntries - grants.length;
  for (let index = 0; index < views; index += 1) {
    const at = Math.round(nowMs - ((views - index) * 700 * DAY_MS) / views);
    write(at, 'view', '', { type: 'usage-viewed' }, {});
  }
  for (const [index, { id, at, until, device }] of grants.entries()) {
    const facts = { from: at, until, purpose: 'official', mode: 'verbal', toSelf: false };
    const names = { target: { kind: 'device', name: device }, scope: { kind: 'service', name: 'Facebook' } };
    const personal = { reason: 'reply to a parent on our page', askedBy: `Jo ${index % 30}` };
    write(at, 'permission', id, { type: 'grant-given', ...names, ...facts } as { type: string }, personal);
  }
}

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

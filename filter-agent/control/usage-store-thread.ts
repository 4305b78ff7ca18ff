/**
 * The store's own thread: the SQLite database of the box, its tables, and every statement that runs on it.
 *
 * Owns migrations, transactions, and the moving aside of a damaged database. Bounds, retries and the durable copies of
 * what filtering hangs on are `usage-store.ts`'s. There is no column for a domain name, and none may be added.
 *
 * WAL with synchronous=FULL: a transaction that was answered survives a power cut. secure_delete: what retention
 * deletes is overwritten, not merely unlinked.
 */
import { existsSync, renameSync, rmSync } from 'node:fs';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, type SelectQueryBuilder, SqliteDialect, sql, type Transaction } from 'kysely';
import type {
  DeviceView,
  DeviceViewsPayload,
  GrantsPayload,
  RecordHead,
  UsageRow,
} from '../../policy-rules/agent-protocol.ts';
import type { PermissionRequest } from '../../policy-rules/grants.ts';
import type { Acknowledgement, MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import { activeMinutes } from './usage-counter.ts';

/** What the thread is started with. */
export interface StoreThreadOptions {
  readonly databasePath: string;
  /** The most that the file may grow to; SQLite answers SQLITE_FULL beyond it. */
  readonly maxDatabaseBytes: number;
  /** Set after SQLite reported damage while running: look at every page and index, not only at the structure. */
  readonly suspectDamage: boolean;
  /** Blocked use of these is kept by device for a while whatever people have been told, since alerts come of it. */
  readonly watchedServices: readonly string[];
  readonly nowMs: number;
}

/** The thread's first message. */
export type StoreOpened =
  | { readonly opened: true; readonly fresh: boolean; readonly damagedMovedTo: string | null }
  | { readonly opened: false; readonly reason: string };

/** A row of `request`, in the shape that usage-store.ts hands on. */
export interface StoredRequest {
  readonly request: PermissionRequest;
  /** `sent` is acknowledged by the dashboard and not answered yet. */
  readonly state: 'pending' | 'sent' | 'granted' | 'refused' | 'lapsed';
  /** The manager's words, once answered. */
  readonly answerReason: string;
}

/** All uses of one service, over all devices. */
export interface UsageTotal {
  readonly service: string;
  readonly verdict: UsageRow['verdict'];
  readonly count: number;
  /** Summed over devices and hours. */
  readonly activeMinutes: number;
}

/** One enrolment of the box: sequence numbers of usage batches count from 1 within it. */
export interface Enrolment {
  readonly boxId: string;
  readonly settingId: string;
  readonly enrolledAtMs: number;
}

/** Who looked at the figures of one device, as the dashboard has told: none but these between the two instants. */
export interface ToldViews {
  readonly sinceMs: number;
  readonly toldAtMs: number;
  /** Newest first. */
  readonly views: readonly Omit<DeviceView, 'device'>[];
}

/** What prune() deletes, as instants computed by the caller from the retention periods. */
export interface PruneLimits {
  readonly hoursBefore: number;
  readonly pendingBefore: number;
  readonly requestsBefore: number;
  readonly viewsBefore: number;
  readonly watchedBefore: number;
  readonly maxPendingRows: number;
}

export interface SealedBatch {
  readonly seq: number;
  readonly rows: UsageRow[];
}

/** The calls that the thread answers, one at a time in the order of their arrival. */
export interface StoreCalls {
  loadGrants(): Promise<GrantsPayload | null>;
  saveGrants(payload: GrantsPayload): Promise<void>;
  adoptEnrolment(enrolment: Enrolment): Promise<void>;
  /** A repeated `writeId` is a retry whose first try may have been committed: it is applied once. */
  addUsage(writeId: string, rows: readonly UsageRow[]): Promise<void>;
  nextBatch(): Promise<SealedBatch | null>;
  acknowledgeBatch(seq: number): Promise<void>;
  usageOfDevice(device: string, sinceMs: number): Promise<UsageRow[]>;
  usageTotals(sinceMs: number): Promise<UsageTotal[]>;
  /** Resolves with false when too many wait already. */
  saveRequest(request: PermissionRequest, maxWaiting: number): Promise<boolean>;
  pendingRequests(): Promise<PermissionRequest[]>;
  acknowledgeRequest(id: string): Promise<void>;
  answerRequest(id: string, answer: 'granted' | 'refused' | 'lapsed', reason: string): Promise<void>;
  requestById(id: string): Promise<StoredRequest | null>;
  /** The newest head of the setting's record that was countersigned under this enrolment. */
  recordHead(boxId: string): Promise<RecordHead | null>;
  saveRecordHead(boxId: string, head: RecordHead): Promise<void>;
  notice(): Promise<MonitoringNotice | null>;
  /** Resolves with the version that is kept now: this one, unless the setting has sent a newer one before. */
  saveNotice(settingId: string, notice: MonitoringNotice): Promise<number>;
  /** Resolves with false when too many wait already. */
  saveAcknowledgement(acknowledgement: Acknowledgement, maxWaiting: number): Promise<boolean>;
  pendingAcknowledgements(): Promise<Acknowledgement[]>;
  deleteAcknowledgement(id: string): Promise<void>;
  /** Also counts together what may not be kept by device, as it says. */
  saveDeviceViews(settingId: string, told: DeviceViewsPayload, watchedBefore: number): Promise<void>;
  /** From when on figures of single devices may be kept; null while they may not, or nobody has said. */
  reportingSince(): Promise<number | null>;
  deviceViews(device: string): Promise<ToldViews | null>;
  newestTrustedTimeMs(): Promise<number>;
  saveTrustedTime(ms: number): Promise<void>;
  /** Resolves with the look-ups that were dropped because too much waited for a dashboard. */
  prune(limits: PruneLimits): Promise<number>;
  close(): Promise<void>;
}

export type StoreRequest = {
  [Name in keyof StoreCalls]: { id: number; call: Name; args: Parameters<StoreCalls[Name]> };
}[keyof StoreCalls];

export type StoreReply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly code: string; readonly message: string };

/** Rows of one batch; the protocol takes no more (agent-protocol.ts). */
const MAX_BATCH_ROWS = 500;
/** Rows of one INSERT: 500 × 7 columns = 3,500 parameters; SQLite takes 32,766. */
const MAX_INSERT_ROWS = 500;

interface UsageColumns {
  device: string;
  service: string;
  verdict: UsageRow['verdict'];
  hour_start: number;
  lookups: number;
  minutes_low: number;
  minutes_high: number;
}

interface Tables {
  schema_version: { version: number };
  /** Not yet in a batch. */
  usage_pending: UsageColumns;
  /** Kept for the local site's "what is recorded about this device". */
  usage_hour: UsageColumns;
  /** At most one row: the batch that waits for its acknowledgement. */
  sealed_batch: { seq: number };
  sealed_row: UsageColumns;
  /** One row. `last_seq` is the newest sequence number that was ever sealed in this enrolment. */
  upload: {
    last_seq: number;
    last_write: string;
    box_id: string;
    setting_id: string;
    database_made_at: number;
  };
  saved_grants: { only: 1; version: number; payload: string };
  request: { id: string; asked_at: number; state: StoredRequest['state']; answer_reason: string; payload: string };
  trusted_time: { only: 1; newest: number };
  record_head: { only: 1; box_id: string; seq: number; hash: string };
  notice: { only: 1; setting_id: string; version: number; payload: string };
  /** Until the dashboard has them. */
  acknowledgement: { id: string; at: number; payload: string };
  device_view: { device: string; at: number; by: string; what: DeviceView['what'] };
  /** At most one row: that the dashboard has told who looked, and what of. */
  device_views_told: { only: 1; setting_id: string; since: number; told_at: number; reporting_since: number | null };
}

type Database = Kysely<Tables>;

async function run(channel: MessagePort, options: StoreThreadOptions): Promise<void> {
  try {
    const { db, report } = await openDatabase(options);
    channel.postMessage(report);
    serve(storeCalls(db, options.watchedServices), channel);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    channel.postMessage({ opened: false, reason } satisfies StoreOpened);
    channel.close();
  }
}

function serve(calls: StoreCalls, channel: MessagePort): void {
  let queue: Promise<void> = Promise.resolve();
  channel.on('message', (message: StoreRequest) => {
    queue = queue.then(async () => {
      channel.postMessage(await answer(calls, message));
      if (message.call === 'close') channel.close();
    });
  });
}

async function answer(calls: StoreCalls, message: StoreRequest): Promise<StoreReply> {
  try {
    // The pairing of name and arguments was checked where the request was made.
    const call = calls[message.call] as (...args: readonly unknown[]) => Promise<unknown>;
    return { id: message.id, ok: true, value: await call(...message.args) };
  } catch (cause) {
    const code = cause instanceof SqliteDatabase.SqliteError ? cause.code : 'STORE_BUG';
    return { id: message.id, ok: false, code, message: cause instanceof Error ? cause.message : String(cause) };
  }
}

// ---- opening ---------------------------------------------------------------------------------------------------

async function openDatabase(options: StoreThreadOptions): Promise<{ db: Database; report: StoreOpened }> {
  const existed = existsSync(options.databasePath);
  try {
    return { db: await openChecked(options), report: { opened: true, fresh: !existed, damagedMovedTo: null } };
  } catch (cause) {
    if (!existed || !isDamage(cause)) throw cause;
  }
  const damagedMovedTo = moveDatabaseAside(options.databasePath);
  return { db: await openChecked(options), report: { opened: true, fresh: true, damagedMovedTo } };
}

async function openChecked(options: StoreThreadOptions): Promise<Database> {
  const file = new SqliteDatabase(options.databasePath);
  try {
    file.pragma('journal_mode = WAL');
    file.pragma('synchronous = FULL');
    file.pragma('secure_delete = ON');
    // 2 MB of pages: what is written is the hour that is running, and the box has little memory to spare.
    file.pragma('cache_size = -2000');
    // Another process (`stairgate status`) may be reading.
    file.pragma('busy_timeout = 5000');
    const pageBytes = Number(file.pragma('page_size', { simple: true }));
    file.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxDatabaseBytes / pageBytes))}`);
    const check = file.pragma(options.suspectDamage ? 'integrity_check(1)' : 'quick_check(1)', { simple: true });
    if (check !== 'ok') throw new DamageError(`SQLite's own check says: ${String(check)}`);
    const db: Database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) });
    await migrate(db, options.nowMs);
    return db;
  } catch (cause) {
    file.close();
    throw cause;
  }
}

class DamageError extends Error {}

function isDamage(cause: unknown): boolean {
  if (cause instanceof DamageError) return true;
  return cause instanceof SqliteDatabase.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code);
}

/** One specimen is kept. The log must go with its database: replayed into a new one it would damage that too. */
function moveDatabaseAside(databasePath: string): string {
  const target = `${databasePath}.damaged`;
  for (const suffix of ['', '-wal', '-shm']) {
    rmSync(`${target}${suffix}`, { force: true });
    if (existsSync(`${databasePath}${suffix}`)) {
      renameSync(`${databasePath}${suffix}`, `${target}${suffix}`);
    }
  }
  return target;
}

// ---- migrations ------------------------------------------------------------------------------------------------

/**
 * In order, each in one transaction with its version, so that a power cut leaves the one before or the one after.
 * (kysely's own Migrator runs outside a transaction on SQLite.) Never edit one that was released; add another.
 */
const migrations: readonly ((trx: Transaction<Tables>, nowMs: number) => Promise<void>)[] = [
  createFirstTables,
  createRecordHead,
  createNotice,
  createDeviceViews,
  createReportingSince,
];

async function migrate(db: Database, nowMs: number): Promise<void> {
  await db.schema
    .createTable('schema_version')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .execute();
  const newest = await db.selectFrom('schema_version').select('version').orderBy('version', 'desc').executeTakeFirst();
  const done = newest?.version ?? 0;
  if (done > migrations.length) {
    throw new Error(
      `the database has version ${done}, this program knows up to ${migrations.length}: install the newer program again`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index < done) continue;
    await db.transaction().execute(async (trx) => {
      await step(trx, nowMs);
      await trx
        .insertInto('schema_version')
        .values({ version: index + 1 })
        .execute();
    });
  }
}

async function createFirstTables(trx: Transaction<Tables>, nowMs: number): Promise<void> {
  for (const name of ['usage_pending', 'usage_hour', 'sealed_row'] as const) {
    await trx.schema
      .createTable(name)
      .addColumn('device', 'text', (column) => column.notNull())
      .addColumn('service', 'text', (column) => column.notNull())
      .addColumn('verdict', 'text', (column) => column.notNull())
      .addColumn('hour_start', 'integer', (column) => column.notNull())
      .addColumn('lookups', 'integer', (column) => column.notNull())
      .addColumn('minutes_low', 'integer', (column) => column.notNull())
      .addColumn('minutes_high', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint(`${name}_key`, ['hour_start', 'device', 'service', 'verdict'])
      .modifyEnd(sql`without rowid`)
      .execute();
  }
  await trx.schema
    .createTable('sealed_batch')
    .addColumn('seq', 'integer', (column) => column.primaryKey())
    .execute();
  await trx.schema
    .createTable('upload')
    .addColumn('last_seq', 'integer', (column) => column.notNull())
    .addColumn('last_write', 'text', (column) => column.notNull())
    .addColumn('box_id', 'text', (column) => column.notNull())
    .addColumn('setting_id', 'text', (column) => column.notNull())
    .addColumn('database_made_at', 'integer', (column) => column.notNull())
    .execute();
  await trx
    .insertInto('upload')
    .values({ last_seq: 0, last_write: '', box_id: '', setting_id: '', database_made_at: nowMs })
    .execute();
  await trx.schema
    .createTable('saved_grants')
    .addColumn('only', 'integer', (column) => column.primaryKey())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .execute();
  await trx.schema
    .createTable('request')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('asked_at', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('answer_reason', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .execute();
  await trx.schema
    .createTable('trusted_time')
    .addColumn('only', 'integer', (column) => column.primaryKey())
    .addColumn('newest', 'integer', (column) => column.notNull())
    .execute();
}

async function createRecordHead(trx: Transaction<Tables>): Promise<void> {
  await trx.schema
    .createTable('record_head')
    .addColumn('only', 'integer', (column) => column.primaryKey())
    .addColumn('box_id', 'text', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
}

async function createNotice(trx: Transaction<Tables>): Promise<void> {
  await trx.schema
    .createTable('notice')
    .addColumn('only', 'integer', (column) => column.primaryKey())
    .addColumn('setting_id', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .execute();
  await trx.schema
    .createTable('acknowledgement')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .execute();
}

async function createDeviceViews(trx: Transaction<Tables>): Promise<void> {
  await trx.schema
    .createTable('device_view')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('at', 'integer', (column) => column.notNull())
    .addColumn('by', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .execute();
  await trx.schema
    .createTable('device_views_told')
    .addColumn('only', 'integer', (column) => column.primaryKey())
    .addColumn('setting_id', 'text', (column) => column.notNull())
    .addColumn('since', 'integer', (column) => column.notNull())
    .addColumn('told_at', 'integer', (column) => column.notNull())
    .execute();
}

/** What is there by device stays until the dashboard has said whether it may, or until the next pruning. */
async function createReportingSince(trx: Transaction<Tables>): Promise<void> {
  await trx.schema.alterTable('device_views_told').addColumn('reporting_since', 'integer').execute();
}

// ---- the calls -------------------------------------------------------------------------------------------------

function storeCalls(db: Database, watchedServices: readonly string[]): StoreCalls {
  return {
    async loadGrants() {
      const row = await db.selectFrom('saved_grants').select('payload').executeTakeFirst();
      return row === undefined ? null : JSON.parse(row.payload);
    },
    async saveGrants(payload) {
      const row = { version: payload.version, payload: JSON.stringify(payload) };
      await db
        .insertInto('saved_grants')
        .values({ only: 1, ...row })
        .onConflict((conflict) =>
          conflict.column('only').doUpdateSet(row).where('saved_grants.version', '<=', payload.version),
        )
        .execute();
    },
    adoptEnrolment: (enrolment) => db.transaction().execute((trx) => adoptEnrolment(trx, enrolment)),
    addUsage: (writeId, rows) => db.transaction().execute((trx) => addUsage(trx, writeId, rows)),
    nextBatch: () => db.transaction().execute(nextBatch),
    acknowledgeBatch: (seq) => db.transaction().execute((trx) => acknowledgeBatch(trx, seq)),
    async usageOfDevice(device, sinceMs) {
      const rows = await db
        .selectFrom('usage_hour')
        .selectAll()
        .where('device', '=', device)
        .where('hour_start', '>=', sinceMs)
        .orderBy('hour_start', 'desc')
        .orderBy('service')
        .orderBy('verdict')
        .execute();
      return rows.map(fromColumns);
    },
    usageTotals: (sinceMs) => usageTotals(db, sinceMs),
    saveRequest: (request, maxWaiting) => db.transaction().execute((trx) => saveRequest(trx, request, maxWaiting)),
    async pendingRequests() {
      const rows = await db
        .selectFrom('request')
        .select('payload')
        .where('state', '=', 'pending')
        .orderBy('asked_at')
        .execute();
      return rows.map((row) => JSON.parse(row.payload));
    },
    async acknowledgeRequest(id) {
      await db
        .updateTable('request')
        .set({ state: 'sent' })
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .execute();
    },
    async answerRequest(id, state, reason) {
      await db.updateTable('request').set({ state, answer_reason: reason }).where('id', '=', id).execute();
    },
    async requestById(id) {
      const row = await db.selectFrom('request').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined) return null;
      return { request: JSON.parse(row.payload), state: row.state, answerReason: row.answer_reason };
    },
    async recordHead(boxId) {
      const query = db.selectFrom('record_head').select(['seq', 'hash']).where('box_id', '=', boxId);
      return (await query.executeTakeFirst()) ?? null;
    },
    async saveRecordHead(boxId, { seq, hash }) {
      const row = { box_id: boxId, seq, hash };
      await db
        .insertInto('record_head')
        .values({ only: 1, ...row })
        .onConflict((conflict) => conflict.column('only').doUpdateSet(row))
        .execute();
    },
    async notice() {
      const row = await db.selectFrom('notice').select('payload').executeTakeFirst();
      return row === undefined ? null : JSON.parse(row.payload);
    },
    saveNotice: (settingId, notice) => db.transaction().execute((trx) => saveNotice(trx, settingId, notice)),
    saveAcknowledgement: (acknowledgement, maxWaiting) =>
      db.transaction().execute((trx) => saveAcknowledgement(trx, acknowledgement, maxWaiting)),
    async pendingAcknowledgements() {
      const rows = await db.selectFrom('acknowledgement').select('payload').orderBy('at').execute();
      return rows.map((row) => JSON.parse(row.payload));
    },
    async deleteAcknowledgement(id) {
      await db.deleteFrom('acknowledgement').where('id', '=', id).execute();
    },
    saveDeviceViews: (settingId, told, watchedBefore) =>
      db.transaction().execute(async (trx) => {
        await saveDeviceViews(trx, settingId, told);
        await countUntoldTogether(trx, watchedServices, watchedBefore);
      }),
    reportingSince: () => reportingSince(db),
    deviceViews: (device) => db.transaction().execute((trx) => deviceViews(trx, device)),
    async newestTrustedTimeMs() {
      const row = await db.selectFrom('trusted_time').select('newest').executeTakeFirst();
      return row?.newest ?? 0;
    },
    async saveTrustedTime(ms) {
      await db
        .insertInto('trusted_time')
        .values({ only: 1, newest: ms })
        .onConflict((conflict) =>
          conflict.column('only').doUpdateSet({ newest: ms }).where('trusted_time.newest', '<', ms),
        )
        .execute();
    },
    prune: (limits) =>
      db.transaction().execute(async (trx) => {
        await countUntoldTogether(trx, watchedServices, limits.watchedBefore);
        return prune(trx, limits);
      }),
    close: () => db.destroy(),
  };
}

/**
 * Rows that another setting's box gathered never go to a new setting, and a batch that an earlier enrolment may have
 * delivered is not sent under a new number: it would be counted twice.
 */
async function adoptEnrolment(trx: Transaction<Tables>, enrolment: Enrolment): Promise<void> {
  const upload = await trx.selectFrom('upload').selectAll().executeTakeFirstOrThrow();
  if (upload.box_id === enrolment.boxId) return;
  const neverEnrolled = upload.box_id === '';
  if (!neverEnrolled) {
    await deleteSealed(trx);
    if (upload.setting_id !== enrolment.settingId) {
      await trx.deleteFrom('usage_pending').execute();
      await trx.deleteFrom('request').execute();
      await trx.deleteFrom('acknowledgement').execute();
      // The new setting may have sent its own already.
      await trx.deleteFrom('notice').where('setting_id', '<>', enrolment.settingId).execute();
      const told = await trx.selectFrom('device_views_told').select('setting_id').executeTakeFirst();
      if (told?.setting_id !== enrolment.settingId) {
        await trx.deleteFrom('device_views_told').execute();
        await trx.deleteFrom('device_view').execute();
      }
    }
  }
  // An enrolment that is older than this database has numbered batches in one that is lost. Numbers must not come
  // again, since the dashboard would take them for repetitions: seconds since the epoch are ahead of any count.
  const lostCount = neverEnrolled && enrolment.enrolledAtMs < upload.database_made_at;
  const lastSeq = lostCount ? Math.floor(upload.database_made_at / 1000) : 0;
  await trx
    .updateTable('upload')
    .set({ box_id: enrolment.boxId, setting_id: enrolment.settingId, last_seq: lastSeq })
    .execute();
}

async function addUsage(trx: Transaction<Tables>, writeId: string, rows: readonly UsageRow[]): Promise<void> {
  const upload = await trx.selectFrom('upload').select('last_write').executeTakeFirstOrThrow();
  if (upload.last_write === writeId) return;
  await trx.updateTable('upload').set({ last_write: writeId }).execute();
  for (const table of ['usage_pending', 'usage_hour'] as const) await addRows(trx, table, rows.map(toColumns));
}

async function addRows(
  trx: Transaction<Tables>,
  table: 'usage_pending' | 'usage_hour',
  rows: readonly UsageColumns[],
): Promise<void> {
  for (let first = 0; first < rows.length; first += MAX_INSERT_ROWS) {
    await trx
      .insertInto(table)
      .values(rows.slice(first, first + MAX_INSERT_ROWS))
      .onConflict((conflict) =>
        conflict.columns(['hour_start', 'device', 'service', 'verdict']).doUpdateSet({
          lookups: sql<number>`${sql.table(table)}.lookups + excluded.lookups`,
          minutes_low: sql<number>`${sql.table(table)}.minutes_low | excluded.minutes_low`,
          minutes_high: sql<number>`${sql.table(table)}.minutes_high | excluded.minutes_high`,
        }),
      )
      .execute();
  }
}

/**
 * Seals the oldest rows under the next number. What is sealed never changes, so a batch that is sent again after a
 * restart is the same batch; what is counted meanwhile goes to `usage_pending` and waits for the next number.
 */
async function nextBatch(trx: Transaction<Tables>): Promise<SealedBatch | null> {
  const sealed = await trx.selectFrom('sealed_batch').select('seq').executeTakeFirst();
  if (sealed !== undefined)
    return { seq: sealed.seq, rows: await oldestRows(trx.selectFrom('sealed_row').selectAll()) };

  const rows = await oldestRows(trx.selectFrom('usage_pending').selectAll());
  if (rows.length === 0) return null;
  const { last_seq } = await trx.selectFrom('upload').select('last_seq').executeTakeFirstOrThrow();
  const seq = last_seq + 1;
  await trx.updateTable('upload').set({ last_seq: seq }).execute();
  await trx.insertInto('sealed_batch').values({ seq }).execute();
  await trx.insertInto('sealed_row').values(rows.map(toColumns)).execute();
  for (const row of rows) {
    await trx
      .deleteFrom('usage_pending')
      .where('hour_start', '=', row.hourStart)
      .where('device', '=', row.device)
      .where('service', '=', row.service)
      .where('verdict', '=', row.verdict)
      .execute();
  }
  return { seq, rows };
}

async function oldestRows(
  query: SelectQueryBuilder<Tables, 'usage_pending' | 'sealed_row', UsageColumns>,
): Promise<UsageRow[]> {
  const rows = await query
    .orderBy('hour_start')
    .orderBy('device')
    .orderBy('service')
    .orderBy('verdict')
    .limit(MAX_BATCH_ROWS)
    .execute();
  return rows.map(fromColumns);
}

/** An acknowledgement of any other number is a repetition, or none of ours. */
async function acknowledgeBatch(trx: Transaction<Tables>, seq: number): Promise<void> {
  const sealed = await trx.selectFrom('sealed_batch').select('seq').executeTakeFirst();
  if (sealed?.seq === seq) await deleteSealed(trx);
}

async function deleteSealed(trx: Transaction<Tables>): Promise<void> {
  await trx.deleteFrom('sealed_row').execute();
  await trx.deleteFrom('sealed_batch').execute();
}

/** Added up here rather than in SQL, which cannot count bits. */
async function usageTotals(db: Database, sinceMs: number): Promise<UsageTotal[]> {
  const rows = await db.selectFrom('usage_hour').selectAll().where('hour_start', '>=', sinceMs).execute();
  const totals = new Map<string, UsageTotal>();
  for (const row of rows.map(fromColumns)) {
    const key = `${row.service}\n${row.verdict}`;
    const total = totals.get(key);
    totals.set(key, {
      service: row.service,
      verdict: row.verdict,
      count: (total?.count ?? 0) + row.count,
      activeMinutes: (total?.activeMinutes ?? 0) + activeMinutes(row),
    });
  }
  return [...totals.values()].sort((a, b) => b.activeMinutes - a.activeMinutes || (a.service < b.service ? -1 : 1));
}

async function saveRequest(trx: Transaction<Tables>, request: PermissionRequest, maxWaiting: number): Promise<boolean> {
  const waiting = await trx
    .selectFrom('request')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .where('state', 'in', ['pending', 'sent'])
    .executeTakeFirstOrThrow();
  if (waiting.rows >= maxWaiting) return false;
  await trx
    .insertInto('request')
    .values({
      id: request.id,
      asked_at: request.askedAt,
      state: 'pending',
      answer_reason: '',
      payload: JSON.stringify(request),
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return true;
}

async function saveNotice(trx: Transaction<Tables>, settingId: string, notice: MonitoringNotice): Promise<number> {
  const kept = await trx.selectFrom('notice').select(['setting_id', 'version']).executeTakeFirst();
  if (kept !== undefined && kept.setting_id === settingId && kept.version > notice.version) return kept.version;
  const row = { setting_id: settingId, version: notice.version, payload: JSON.stringify(notice) };
  await trx
    .insertInto('notice')
    .values({ only: 1, ...row })
    .onConflict((conflict) => conflict.column('only').doUpdateSet(row))
    .execute();
  return notice.version;
}

async function saveAcknowledgement(
  trx: Transaction<Tables>,
  acknowledgement: Acknowledgement,
  maxWaiting: number,
): Promise<boolean> {
  const waiting = await trx
    .selectFrom('acknowledgement')
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  if (waiting.rows >= maxWaiting) return false;
  const { id, at } = acknowledgement;
  await trx
    .insertInto('acknowledgement')
    .values({ id, at, payload: JSON.stringify(acknowledgement) })
    .execute();
  return true;
}

async function saveDeviceViews(
  trx: Transaction<Tables>,
  settingId: string,
  { since, toldAt, reportingSince = null, views }: DeviceViewsPayload,
): Promise<void> {
  await trx.deleteFrom('device_view').execute();
  if (views.length > 0) {
    await trx
      .insertInto('device_view')
      .values(views.map(({ device, at, by, what }) => ({ device, at, by, what })))
      .execute();
  }
  const row = { setting_id: settingId, since, told_at: toldAt, reporting_since: reportingSince };
  await trx
    .insertInto('device_views_told')
    .values({ only: 1, ...row })
    .onConflict((conflict) => conflict.column('only').doUpdateSet(row))
    .execute();
}

async function reportingSince(db: Database): Promise<number | null> {
  const told = await db.selectFrom('device_views_told').select('reporting_since').executeTakeFirst();
  return told?.reporting_since ?? null;
}

/**
 * Adds what is there by device and may not be to what is counted together, which changes no count: hours that had begun
 * before people were told, and all of them while they are not. What waits in a sealed batch never changes; the dashboard
 * judges it as well.
 */
async function countUntoldTogether(
  trx: Transaction<Tables>,
  watchedServices: readonly string[],
  watchedBefore: number,
): Promise<void> {
  const before = (await reportingSince(trx)) ?? Number.MAX_SAFE_INTEGER;
  for (const table of ['usage_hour', 'usage_pending'] as const) {
    const rows = await trx
      .deleteFrom(table)
      .where('device', '<>', '')
      .where('hour_start', '<', before)
      .where((eb) =>
        eb.or([
          eb('hour_start', '<', watchedBefore),
          eb('verdict', '<>', 'blocked'),
          eb('service', 'not in', watchedServices),
        ]),
      )
      .returningAll()
      .execute();
    await addRows(
      trx,
      table,
      rows.map((row) => ({ ...row, device: '' })),
    );
  }
}

async function deviceViews(trx: Transaction<Tables>, device: string): Promise<ToldViews | null> {
  const told = await trx.selectFrom('device_views_told').select(['since', 'told_at']).executeTakeFirst();
  if (told === undefined) return null;
  const views = await trx
    .selectFrom('device_view')
    .select(['at', 'by', 'what'])
    .where('device', '=', device)
    .orderBy('at', 'desc')
    .execute();
  return { sinceMs: told.since, toldAtMs: told.told_at, views };
}

/** A sealed batch keeps its number, even when retention leaves it empty: numbers may not come again. */
async function prune(trx: Transaction<Tables>, limits: PruneLimits): Promise<number> {
  await trx.deleteFrom('usage_hour').where('hour_start', '<', limits.hoursBefore).execute();
  await trx.deleteFrom('sealed_row').where('hour_start', '<', limits.pendingBefore).execute();
  await trx.deleteFrom('request').where('asked_at', '<', limits.requestsBefore).execute();
  await trx.deleteFrom('acknowledgement').where('at', '<', limits.pendingBefore).execute();
  await trx.deleteFrom('device_view').where('at', '<', limits.viewsBefore).execute();
  // What is gone from the list must not read as if nobody had looked.
  await trx
    .updateTable('device_views_told')
    .set({ since: limits.viewsBefore })
    .where('since', '<', limits.viewsBefore)
    .execute();
  const firstKept = await trx
    .selectFrom('usage_pending')
    .select('hour_start')
    .orderBy('hour_start', 'desc')
    .offset(limits.maxPendingRows)
    .limit(1)
    .executeTakeFirst();
  const before = Math.max(limits.pendingBefore, (firstKept?.hour_start ?? -1) + 1);
  const dropped = await trx
    .selectFrom('usage_pending')
    .select((eb) => eb.fn.sum<number | null>('lookups').as('lookups'))
    .where('hour_start', '<', before)
    .executeTakeFirstOrThrow();
  await trx.deleteFrom('usage_pending').where('hour_start', '<', before).execute();
  return dropped.lookups ?? 0;
}

function toColumns(row: UsageRow): UsageColumns {
  return {
    device: row.device,
    service: row.service,
    verdict: row.verdict,
    hour_start: row.hourStart,
    lookups: row.count,
    minutes_low: row.minutesLow,
    minutes_high: row.minutesHigh,
  };
}

function fromColumns(row: UsageColumns): UsageRow {
  return {
    device: row.device,
    service: row.service,
    verdict: row.verdict,
    hourStart: row.hour_start,
    count: row.lookups,
    minutesLow: row.minutes_low,
    minutesHigh: row.minutes_high,
  };
}

// Last in the file, since what it calls reads the constants above.
if (parentPort === null) throw new Error('usage-store-thread.ts is started as a worker thread by usage-store.ts');
await run(parentPort, workerData);

/**
 * The box's memory: usage until the dashboard has acknowledged it, grants, requests, the newest trusted time.
 *
 * Owns the line to the store's thread (a bounded queue of calls with ids), what waits in memory while the disk fails,
 * and the second copies that filtering hangs on. The database itself is `usage-store-thread.ts`.
 *
 * Grants and the newest trusted time are kept twice, in SQLite and in a durable file of their own, and the newer copy
 * counts: so a damaged or unopenable database costs usage that was not yet uploaded, but neither revives a revoked
 * grant nor lets the clock run back. One copy is enough for a save to count as done.
 *
 * The store never stops the box: it opens even where the disk cannot be written, says so in `troubles()`, keeps
 * counting in memory up to a bound, and tries again.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import * as z from 'zod/mini';
import {
  type DeviceViewsPayload,
  GrantsPayload,
  type RecordHead,
  type UsageRow,
} from '../../policy-rules/agent-protocol.ts';
import { grantEnd, type PermissionRequest } from '../../policy-rules/grants.ts';
import type { Acknowledgement, MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import { type DurableRead, readDurableJson, writeDurableJson } from './durable-file.ts';
import { UsageCounter } from './usage-counter.ts';
import type {
  Enrolment,
  StoreCalls,
  StoredRequest,
  StoreOpened,
  StoreReply,
  StoreRequest,
  StoreThreadOptions,
  ToldViews,
  UsageTotal,
} from './usage-store-thread.ts';

export type { Enrolment, StoredRequest, ToldViews, UsageTotal } from './usage-store-thread.ts';

export interface StoreOptions {
  /** Made when it is missing. Holds `box.sqlite` and the durable files `grants.json` and `trusted-time.json`. */
  readonly stateDir: string;
  /** How long usage that could not be written (disk full) waits in memory before the next try. */
  readonly flushIntervalMs?: number;
  /** The most that the database may take of the disk. */
  readonly maxDatabaseBytes?: number;
  /** Blocked use of these is kept by device for two days whatever people have been told, since alerts come of it. */
  readonly watchedServices?: readonly string[];
}

/** What stands in the way of the disk, in words for the manager. */
export interface StoreTrouble {
  readonly code: 'store-unwritable' | 'store-damaged' | 'usage-dropped';
  readonly text: string;
  readonly sinceMs: number;
}

export interface Store {
  /** `fresh`: the database was begun anew. `damagedMovedTo`: because the one before was damaged, and is kept there. */
  readonly startReport: { readonly fresh: boolean; readonly damagedMovedTo: string | null };
  /** Standing troubles; empty while all is well. */
  troubles(): readonly StoreTrouble[];

  /** The newest grants that were saved, or version 0 and none. */
  loadGrants(): Promise<GrantsPayload>;
  /** Resolves once they survive a power cut; an older version than the saved one is refused. */
  saveGrants(payload: GrantsPayload): Promise<'saved' | 'older'>;

  /** Says under which enrolment batches are numbered from now on. Repeating it changes nothing. */
  adoptEnrolment(enrolment: Enrolment): Promise<void>;
  /** Adds to what was counted before, in one transaction. Never rejects: what cannot be written waits in memory. */
  addUsage(deltas: readonly UsageRow[]): Promise<void>;
  /** The batch that waits for its acknowledgement, or a newly sealed one; null when there is nothing to send. */
  nextBatch(): Promise<{ seq: number; rows: UsageRow[] } | null>;
  acknowledgeBatch(seq: number): Promise<void>;
  /** Hour rows of one device, newest first, for "what is recorded about this device". */
  usageOfDevice(device: string, sinceMs: number): Promise<UsageRow[]>;
  usageTotals(sinceMs: number): Promise<UsageTotal[]>;

  saveRequest(request: PermissionRequest): Promise<void>;
  /** Requests that the dashboard has not acknowledged, oldest first. */
  pendingRequests(): Promise<PermissionRequest[]>;
  acknowledgeRequest(id: string): Promise<void>;
  answerRequest(id: string, answer: 'granted' | 'refused' | 'lapsed', reason: string): Promise<void>;
  requestById(id: string): Promise<StoredRequest | null>;

  /** The newest head of the setting's record that was countersigned under this enrolment; null before the first. */
  recordHead(boxId: string): Promise<RecordHead | null>;
  /** Resolves once it survives a power cut. */
  saveRecordHead(boxId: string, head: RecordHead): Promise<void>;

  /** The newest monitoring notice that the setting has sent; null before the first. */
  notice(): Promise<MonitoringNotice | null>;
  /** Resolves, once it survives a power cut, with the version that is kept now: this one, unless there is a newer one. */
  saveNotice(settingId: string, notice: MonitoringNotice): Promise<number>;
  saveAcknowledgement(acknowledgement: Acknowledgement): Promise<void>;
  /** Those that the dashboard does not have yet, oldest first. */
  pendingAcknowledgements(): Promise<Acknowledgement[]>;
  /** The dashboard has it: nothing of it stays here. */
  deleteAcknowledgement(id: string): Promise<void>;

  /** In the place of what was told before. What is there by device and may not be is counted together. */
  saveDeviceViews(settingId: string, told: DeviceViewsPayload): Promise<void>;
  /**
   * From when on figures of single devices may be kept, milliseconds since the epoch; null while they may not, or no
   * dashboard has said so.
   */
  reportingSince(): number | null;
  /** Who looked at the figures of that device; null while the dashboard has not told of any device. */
  deviceViews(device: string): Promise<ToldViews | null>;

  /** Milliseconds since the epoch, or 0 when none was ever stored. */
  newestTrustedTimeMs(): Promise<number>;
  /** Keeps the larger of the two. */
  saveTrustedTime(ms: number): Promise<void>;

  /** Deletes what is older than PRODUCT.md allows. To be called about once an hour, with a trusted time. */
  prune(nowMs: number): Promise<void>;
  /** Writes what waits in memory, as far as the disk lets it, and ends the thread. */
  close(): Promise<void>;
}

/** `store-unavailable`: the disk or the thread; `too-many`: a bound was reached. */
export class StoreError extends Error {
  readonly code: 'store-unavailable' | 'too-many';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

/** In the box's state folder. */
export const STORE_FILE = 'box.sqlite';

const DEFAULT_FLUSH_INTERVAL_MS = 5_000;
/**
 * 30 days of hours, twice (kept and pending), for 100 devices with 50 services in 10 hours a day are 3 million rows of
 * about 80 bytes: 240 MB. Twice that is the bound.
 */
const DEFAULT_MAX_DATABASE_BYTES = 512 * 1024 * 1024;
/** Calls that may wait for the thread. The box makes a few a second; more than this means that the disk has stalled. */
const MAX_WAITING_CALLS = 1_000;
/** Requests without an answer. A nursery has tens of staff; more is a machine that asks. */
const MAX_OPEN_REQUESTS = 200;
/** Acknowledgements of a notice that wait for a dashboard: everybody who works in a large setting, once. */
const MAX_WAITING_ACKNOWLEDGEMENTS = 500;
/** Rows that wait for a dashboard: 1,000,000 × 80 bytes = 80 MB, some months without one. */
const MAX_PENDING_ROWS = 1_000_000;

const MS_PER_DAY = 86_400_000;
/** PRODUCT.md, privacy: device-level hours 30 days by default, at most 90. */
const KEEP_HOURS_DAYS = 30;
const KEEP_PENDING_DAYS = 90;
/** What the asker's page can show of an old request, and an ended grant's names on the box. */
const KEEP_REQUESTS_DAYS = 30;
const KEEP_ENDED_GRANTS_DAYS = 30;
const KEEP_DAMAGED_DAYS = 30;
/** As long as the dashboard keeps what there was to be looked at. */
const KEEP_VIEWS_DAYS = 90;
/** As long as an alert tells of it (bypass-watch.ts). */
const KEEP_WATCHED_DAYS = 2;

export async function openStore(options: StoreOptions): Promise<Store> {
  const store = new UsageStore(options);
  await store.open();
  return store;
}

const TrustedTime = z.object({ newestMs: z.int().check(z.minimum(0)) });

class UsageStore implements Store {
  startReport = { fresh: false, damagedMovedTo: null as string | null };

  readonly #options: Required<StoreOptions>;
  readonly #troubles = new Map<StoreTrouble['code'], StoreTrouble>();
  #line: StoreLine | null = null;
  #opening: Promise<StoreLine> | null = null;
  #everOpened = false;
  /** Told again to a database that was begun anew while the box ran. */
  #enrolment: Enrolment | null = null;
  #suspectDamage = false;
  #lastRefusal: { atMs: number; failure: StoreError } | null = null;
  #closed = false;

  #grants: GrantsPayload = { version: 0, grants: [] };
  #newestTrustedMs = 0;
  #reportingSince: number | null = null;
  /** Of this run; a database that was begun anew is told again. */
  #told: { readonly settingId: string; readonly views: DeviceViewsPayload } | null = null;
  /** One save after the other, so that two versions cannot overtake each other. */
  #savingGrants: Promise<unknown> = Promise.resolve();

  readonly #held = new UsageCounter();
  /** A write that failed may have been committed all the same: it is repeated under its own id before anything newer. */
  #attempt: { writeId: string; rows: UsageRow[] } | null = null;
  #flushing: Promise<void> | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #reportedDrops = 0;

  constructor(options: StoreOptions) {
    this.#options = {
      flushIntervalMs: DEFAULT_FLUSH_INTERVAL_MS,
      maxDatabaseBytes: DEFAULT_MAX_DATABASE_BYTES,
      watchedServices: [],
      ...options,
    };
  }

  async open(): Promise<void> {
    // A failure stands in troubles(); the copies below are read all the same.
    await this.#thread().catch(() => undefined);
    await this.#readGrants();
    await this.#readTrustedTime();
    await this.#readReportingSince();
  }

  troubles(): readonly StoreTrouble[] {
    return [...this.#troubles.values()];
  }

  // ---- grants and time, kept twice -----------------------------------------------------------------------------

  async loadGrants(): Promise<GrantsPayload> {
    return this.#grants;
  }

  saveGrants(payload: GrantsPayload): Promise<'saved' | 'older'> {
    const save = this.#savingGrants.then(async () => {
      if (payload.version < this.#grants.version) return 'older';
      // The dashboard repeats the newest version at every connect.
      if (isDeepStrictEqual(payload, this.#grants)) return 'saved';
      await this.#inEitherCopy(
        `save grants version ${payload.version}`,
        writeDurableJson(this.#path('grants.json'), payload),
        this.#call('saveGrants', payload),
      );
      this.#grants = payload;
      return 'saved';
    });
    this.#savingGrants = save.catch(() => undefined);
    return save;
  }

  async newestTrustedTimeMs(): Promise<number> {
    return this.#newestTrustedMs;
  }

  async saveTrustedTime(ms: number): Promise<void> {
    const newestMs = Math.floor(ms);
    if (newestMs <= this.#newestTrustedMs) return;
    this.#newestTrustedMs = newestMs;
    await this.#inEitherCopy(
      'save the newest trusted time',
      writeDurableJson(this.#path('trusted-time.json'), { newestMs }),
      this.#call('saveTrustedTime', newestMs),
    );
  }

  async #readGrants(): Promise<void> {
    const read = await readDurableJson(this.#path('grants.json'), (value) => GrantsPayload.parse(value));
    this.#noteDamage(read);
    const inFile = read.state === 'read' ? read.value : null;
    const inDatabase = await this.#call('loadGrants').catch(() => null);
    const newest = [inFile, inDatabase].reduce(newerGrants, null);
    if (newest === null) return;
    this.#grants = newest;
    // The copy that is behind or gone is mended at once: the next damage may be to the other.
    if ((inDatabase?.version ?? -1) < newest.version) await this.#call('saveGrants', newest).catch(() => undefined);
    if ((inFile?.version ?? -1) < newest.version) {
      await writeDurableJson(this.#path('grants.json'), newest).catch((cause) => this.#noteUnwritable(cause));
    }
  }

  async #readTrustedTime(): Promise<void> {
    const read = await readDurableJson(this.#path('trusted-time.json'), (value) => TrustedTime.parse(value));
    this.#noteDamage(read);
    const inFile = read.state === 'read' ? read.value.newestMs : 0;
    const inDatabase = await this.#call('newestTrustedTimeMs').catch(() => 0);
    this.#newestTrustedMs = Math.max(inFile, inDatabase);
  }

  async #inEitherCopy(action: string, ...copies: Promise<unknown>[]): Promise<void> {
    const failures = (await Promise.allSettled(copies)).flatMap((copy) =>
      copy.status === 'rejected' ? [copy.reason] : [],
    );
    for (const failure of failures) this.#noteUnwritable(failure);
    if (failures.length === copies.length) {
      throw new StoreError('store-unavailable', `cannot ${action}: ${messageOf(failures[0])}`, { cause: failures[0] });
    }
  }

  // ---- usage ---------------------------------------------------------------------------------------------------

  addUsage(deltas: readonly UsageRow[]): Promise<void> {
    for (const row of deltas) this.#held.addRow(row);
    return this.#flush();
  }

  #flush(): Promise<void> {
    this.#flushing ??= this.#writeHeld().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  async #writeHeld(): Promise<void> {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    while (this.#attempt !== null || this.#held.size > 0) {
      this.#attempt ??= { writeId: randomUUID(), rows: this.#held.drain() };
      try {
        await this.#call('addUsage', this.#attempt.writeId, this.#attempt.rows);
        this.#attempt = null;
      } catch (cause) {
        this.#holdUntilRetry(cause);
        return;
      }
    }
  }

  #holdUntilRetry(cause: unknown): void {
    this.#noteUnwritable(cause);
    if (this.#held.dropped > this.#reportedDrops) {
      this.#reportedDrops = this.#held.dropped;
      this.#noteDropped(this.#held.dropped, 'the disk could not be written and the memory set aside for it is full');
    }
    if (this.#closed) return;
    this.#retryTimer = setTimeout(() => void this.#flush(), this.#options.flushIntervalMs);
    this.#retryTimer.unref();
  }

  nextBatch(): Promise<{ seq: number; rows: UsageRow[] } | null> {
    return this.#call('nextBatch');
  }

  acknowledgeBatch(seq: number): Promise<void> {
    return this.#call('acknowledgeBatch', seq);
  }

  async adoptEnrolment({ boxId, settingId, enrolledAtMs }: Enrolment): Promise<void> {
    // Field by field: an identity is an Enrolment too, and its signing function cannot cross to the thread.
    this.#enrolment = { boxId, settingId, enrolledAtMs };
    await this.#call('adoptEnrolment', this.#enrolment);
    // What another setting has told its people is not what this one has.
    await this.#readReportingSince();
  }

  usageOfDevice(device: string, sinceMs: number): Promise<UsageRow[]> {
    return this.#call('usageOfDevice', device, sinceMs);
  }

  usageTotals(sinceMs: number): Promise<UsageTotal[]> {
    return this.#call('usageTotals', sinceMs);
  }

  // ---- requests ------------------------------------------------------------------------------------------------

  async saveRequest(request: PermissionRequest): Promise<void> {
    if (await this.#call('saveRequest', request, MAX_OPEN_REQUESTS)) return;
    throw new StoreError(
      'too-many',
      `cannot save the request: ${MAX_OPEN_REQUESTS} already wait for an answer; the manager answers them on the dashboard`,
    );
  }

  pendingRequests(): Promise<PermissionRequest[]> {
    return this.#call('pendingRequests');
  }

  acknowledgeRequest(id: string): Promise<void> {
    return this.#call('acknowledgeRequest', id);
  }

  answerRequest(id: string, answer: 'granted' | 'refused' | 'lapsed', reason: string): Promise<void> {
    return this.#call('answerRequest', id, answer, reason);
  }

  requestById(id: string): Promise<StoredRequest | null> {
    return this.#call('requestById', id);
  }

  // ---- the record ----------------------------------------------------------------------------------------------

  recordHead(boxId: string): Promise<RecordHead | null> {
    return this.#call('recordHead', boxId);
  }

  saveRecordHead(boxId: string, head: RecordHead): Promise<void> {
    return this.#call('saveRecordHead', boxId, head);
  }

  // ---- the monitoring notice -----------------------------------------------------------------------------------

  notice(): Promise<MonitoringNotice | null> {
    return this.#call('notice');
  }

  saveNotice(settingId: string, notice: MonitoringNotice): Promise<number> {
    return this.#call('saveNotice', settingId, notice);
  }

  async saveAcknowledgement(acknowledgement: Acknowledgement): Promise<void> {
    if (await this.#call('saveAcknowledgement', acknowledgement, MAX_WAITING_ACKNOWLEDGEMENTS)) return;
    throw new StoreError(
      'too-many',
      `cannot save that the notice was read: ${MAX_WAITING_ACKNOWLEDGEMENTS} already wait for the dashboard`,
    );
  }

  pendingAcknowledgements(): Promise<Acknowledgement[]> {
    return this.#call('pendingAcknowledgements');
  }

  deleteAcknowledgement(id: string): Promise<void> {
    return this.#call('deleteAcknowledgement', id);
  }

  // ---- who looked ----------------------------------------------------------------------------------------------

  async saveDeviceViews(settingId: string, told: DeviceViewsPayload): Promise<void> {
    this.#told = { settingId, views: told };
    // Also while the disk fails: nothing more is counted by device than may be.
    this.#reportingSince = told.reportingSince ?? null;
    await this.#call('saveDeviceViews', settingId, told, watchedBefore(told.toldAt));
  }

  reportingSince(): number | null {
    return this.#reportingSince;
  }

  async #readReportingSince(): Promise<void> {
    this.#reportingSince = await this.#call('reportingSince').catch(() => null);
  }

  deviceViews(device: string): Promise<ToldViews | null> {
    return this.#call('deviceViews', device);
  }

  // ---- retention and the end -----------------------------------------------------------------------------------

  async prune(nowMs: number): Promise<void> {
    const dropped = await this.#call('prune', {
      hoursBefore: nowMs - KEEP_HOURS_DAYS * MS_PER_DAY,
      pendingBefore: nowMs - KEEP_PENDING_DAYS * MS_PER_DAY,
      requestsBefore: nowMs - KEEP_REQUESTS_DAYS * MS_PER_DAY,
      viewsBefore: nowMs - KEEP_VIEWS_DAYS * MS_PER_DAY,
      watchedBefore: watchedBefore(nowMs),
      maxPendingRows: MAX_PENDING_ROWS,
    });
    if (dropped > 0) this.#noteDropped(dropped, 'it waited for the dashboard longer than it may be kept');
    const endedBefore = nowMs - KEEP_ENDED_GRANTS_DAYS * MS_PER_DAY;
    const kept = this.#grants.grants.filter((grant) => grantEnd(grant) >= endedBefore);
    if (kept.length < this.#grants.grants.length) {
      await this.saveGrants({ version: this.#grants.version, grants: kept });
    }
    await this.#deleteOldSpecimens(nowMs - KEEP_DAMAGED_DAYS * MS_PER_DAY);
  }

  /** A damaged file that was moved aside holds device-level rows too, and retention knows no exception for it. */
  async #deleteOldSpecimens(beforeMs: number): Promise<void> {
    const { stateDir } = this.#options;
    for (const name of await readdir(stateDir)) {
      if (!/\.damaged(-wal|-shm)?$/.test(name)) continue;
      // The time of the last change of the entry itself: the renaming.
      const { ctimeMs } = await stat(join(stateDir, name));
      if (ctimeMs < beforeMs) await rm(join(stateDir, name), { force: true });
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#flush();
    await this.#savingGrants;
    this.#closed = true;
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    await this.#line?.close();
  }

  // ---- the thread ----------------------------------------------------------------------------------------------

  async #call<Name extends keyof StoreCalls>(
    name: Name,
    ...args: Parameters<StoreCalls[Name]>
  ): Promise<Awaited<ReturnType<StoreCalls[Name]>>> {
    const line = await this.#thread();
    try {
      const value = await line.call(name, args);
      if (changesTheDisk.has(name)) this.#troubles.delete('store-unwritable');
      return value;
    } catch (cause) {
      if (cause instanceof ThreadFailure && /^SQLITE_(CORRUPT|NOTADB)/.test(cause.code)) this.#suspectDamage = true;
      // A thread whose database is damaged, or whose disk failed under it, is replaced by one that opens it anew.
      if (cause instanceof ThreadFailure && cause.needsNewThread && this.#line === line) {
        this.#line = null;
        await line.end();
      }
      throw new StoreError('store-unavailable', `the box's store could not ${name}: ${messageOf(cause)}`, { cause });
    }
  }

  async #thread(): Promise<StoreLine> {
    if (this.#closed) throw new StoreError('store-unavailable', 'the store is closed');
    if (this.#line !== null && !this.#line.ended) return this.#line;
    // A database that does not open is not tried again at every call: each try starts a thread.
    const refusal = this.#lastRefusal;
    if (refusal !== null && performance.now() - refusal.atMs < this.#options.flushIntervalMs) throw refusal.failure;
    this.#opening ??= this.#openThread().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openThread(): Promise<StoreLine> {
    // What is wrong with the folder is said by the thread, which tries to open a file in it.
    await mkdir(this.#options.stateDir, { recursive: true, mode: 0o750 }).catch(() => undefined);
    const { line, report } = await StoreLine.open({
      databasePath: this.#path(STORE_FILE),
      maxDatabaseBytes: this.#options.maxDatabaseBytes,
      suspectDamage: this.#suspectDamage,
      watchedServices: this.#options.watchedServices,
      nowMs: Date.now(),
    });
    if (!report.opened) throw this.#refusedToOpen(report.reason);
    try {
      if (report.fresh) await this.#remind(line);
    } catch (cause) {
      await line.end();
      throw this.#refusedToOpen(messageOf(cause));
    }
    this.#suspectDamage = false;
    if (!this.#everOpened) this.startReport = { fresh: report.fresh, damagedMovedTo: report.damagedMovedTo };
    this.#everOpened = true;
    this.#line = line;
    if (report.damagedMovedTo !== null) {
      this.#note(
        'store-damaged',
        `The box's database was damaged and has been begun anew. Usage that had not reached the dashboard is lost; grants and policy are not. The damaged file is kept as ${report.damagedMovedTo}.`,
      );
    }
    return line;
  }

  /** What a database that was begun anew has to know before its first call; at the start of the box nothing yet. */
  async #remind(line: StoreLine): Promise<void> {
    if (this.#enrolment !== null) await line.call('adoptEnrolment', [this.#enrolment]);
    if (this.#grants.version > 0) await line.call('saveGrants', [this.#grants]);
    if (this.#newestTrustedMs > 0) await line.call('saveTrustedTime', [this.#newestTrustedMs]);
    if (this.#told !== null) {
      const { settingId, views } = this.#told;
      await line.call('saveDeviceViews', [settingId, views, watchedBefore(views.toldAt)]);
    }
  }

  #refusedToOpen(reason: string): StoreError {
    const failure = new StoreError('store-unavailable', `cannot open ${this.#path('box.sqlite')}: ${reason}`);
    this.#noteUnwritable(failure);
    this.#lastRefusal = { atMs: performance.now(), failure };
    return failure;
  }

  // ---- troubles ------------------------------------------------------------------------------------------------

  #noteUnwritable(cause: unknown): void {
    this.#note(
      'store-unwritable',
      `The box cannot write to its disk (${messageOf(cause)}). Filtering goes on; usage is counted in memory and would be lost at a restart.`,
    );
  }

  #noteDamage(read: DurableRead<unknown>): void {
    if (read.state !== 'damaged') return;
    const kept = read.movedTo === null ? '' : ` It is kept as ${read.movedTo}.`;
    this.#note('store-damaged', `${read.reason}. Only what the other copy holds is used.${kept}`);
  }

  #noteDropped(lookups: number, why: string): void {
    this.#note('usage-dropped', `${lookups} look-ups are missing from the usage figures: ${why}.`);
  }

  #note(code: StoreTrouble['code'], text: string): void {
    this.#troubles.set(code, { code, text, sinceMs: this.#troubles.get(code)?.sinceMs ?? Date.now() });
  }

  #path(name: string): string {
    return join(this.#options.stateDir, name);
  }
}

/** A success of these shows that the disk can be written again. */
const changesTheDisk: ReadonlySet<keyof StoreCalls> = new Set([
  'saveGrants',
  'addUsage',
  'saveTrustedTime',
  'saveRequest',
  'saveRecordHead',
  'saveNotice',
  'saveAcknowledgement',
  'saveDeviceViews',
]);

class ThreadFailure extends Error {
  /** SQLite's code ("SQLITE_FULL"), or `STORE_BUSY`, `STORE_ENDED`, `STORE_BUG`. */
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'ThreadFailure';
    this.code = code;
  }

  get needsNewThread(): boolean {
    return /^(SQLITE_(CORRUPT|NOTADB|IOERR|READONLY|CANTOPEN)|STORE_ENDED)/.test(this.code);
  }
}

/** One thread and the calls that wait for its answers. */
class StoreLine {
  ended = false;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(cause: ThreadFailure): void }>();
  readonly #exited: Promise<void>;
  #nextId = 1;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#fail('the store thread has ended');
        resolve();
      });
    });
    worker.on('error', (cause) => this.#fail(`the store thread failed: ${messageOf(cause)}`));
  }

  static async open(options: StoreThreadOptions): Promise<{ line: StoreLine; report: StoreOpened }> {
    const worker = new Worker(new URL('./usage-store-thread.ts', import.meta.url), { workerData: options });
    const line = new StoreLine(worker);
    const report = await new Promise<StoreOpened>((resolve) => {
      worker.once('message', resolve);
      worker.once('error', (cause) => resolve({ opened: false, reason: messageOf(cause) }));
    });
    if (report.opened) worker.on('message', (reply: StoreReply) => line.#settle(reply));
    // The box lives as long as its sockets do; a store alone does not keep the process.
    worker.unref();
    return { line, report };
  }

  call<Name extends keyof StoreCalls>(
    name: Name,
    args: Parameters<StoreCalls[Name]>,
  ): Promise<Awaited<ReturnType<StoreCalls[Name]>>> {
    if (this.ended) return Promise.reject(new ThreadFailure('STORE_ENDED', 'the store thread has ended'));
    if (this.#waiting.size >= MAX_WAITING_CALLS) {
      return Promise.reject(new ThreadFailure('STORE_BUSY', `${MAX_WAITING_CALLS} calls wait for the disk already`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // First, since it throws when an argument cannot be cloned. The pairing of name and arguments is the signature's.
      this.#worker.postMessage({ id, call: name, args } as StoreRequest);
      // The reply to this id is the result of this call: the one cast where the thread's types are joined again.
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.ref();
    });
  }

  async close(): Promise<void> {
    if (!this.ended) await this.call('close', []).catch(() => undefined);
    // Nothing else may keep the process alive until the thread is gone.
    this.#worker.ref();
    await this.#exited;
  }

  async end(): Promise<void> {
    this.ended = true;
    await this.#worker.terminate();
  }

  #settle(reply: StoreReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(new ThreadFailure(reply.code, reply.message));
  }

  #fail(reason: string): void {
    this.ended = true;
    for (const { reject } of this.#waiting.values()) reject(new ThreadFailure('STORE_ENDED', reason));
    this.#waiting.clear();
  }
}

function watchedBefore(nowMs: number): number {
  return nowMs - KEEP_WATCHED_DAYS * MS_PER_DAY;
}

function newerGrants(one: GrantsPayload | null, other: GrantsPayload | null): GrantsPayload | null {
  if (one === null || other === null) return one ?? other;
  return other.version > one.version ? other : one;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

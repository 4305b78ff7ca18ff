/**
 * The box's memory: usage until the dashboard has acknowledged it, grants, requests, the newest trusted time.
 */
import type { GrantsPayload, UsageRow } from '../../policy-rules/agent-protocol.ts';
import type { PermissionRequest } from '../../policy-rules/grants.ts';

export interface StoreOptions {
  /** Made when it is missing. Holds `box.sqlite` and the durable files `grants.json` and `trusted-time.json`. */
  readonly stateDir: string;
  /** How long usage that could not be written (disk full) waits in memory before the next try. */
  readonly flushIntervalMs?: number;
}

export type RequestState = 'pending' | 'sent' | 'granted' | 'refused' | 'lapsed';

export interface StoredRequest {
  readonly request: PermissionRequest;
  /** `sent` is acknowledged by the dashboard and not answered yet. */
  readonly state: RequestState;
  /** The manager's words, once answered. */
  readonly answerReason: string;
}

/** What stands in the way of the disk, in words for the manager. */
export interface StoreTrouble {
  readonly code: 'store-unwritable' | 'store-damaged' | 'usage-dropped';
  readonly text: string;
  readonly sinceMs: number;
}

/** All uses of one service, over all devices. */
export interface UsageTotal {
  readonly service: string;
  readonly verdict: UsageRow['verdict'];
  readonly count: number;
  readonly activeMinutes: number;
}

/** One enrolment of the box: sequence numbers of usage batches count from 1 within it. */
export interface Enrolment {
  readonly boxId: string;
  readonly settingId: string;
  readonly enrolledAtMs: number;
}

export interface Store {
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

  /** Milliseconds since the epoch, or 0 when none was ever stored. */
  newestTrustedTimeMs(): Promise<number>;
  /** Keeps the larger of the two. */
  saveTrustedTime(ms: number): Promise<void>;

  /** Deletes what is older than PRODUCT.md allows. To be called about once an hour with a trusted time. */
  prune(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

export function openStore(options: StoreOptions): Promise<Store> {
  return Promise.reject(new Error(`cannot open the store in ${options.stateDir}: not written yet`));
}

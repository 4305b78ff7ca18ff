/**
 * From the hot path's events to counted use (4.2): what was blocked and what was opened by a grant, of catalogued
 * services, on the setting's own devices. Allowed use is not counted, nor is anything of personal and guest devices. Of
 * which device it was is kept where people have been told; all else is counted together.
 */
import type { UsageRow } from '../../policy-rules/agent-protocol.ts';
import { isBlocked, Verdict } from '../../policy-rules/verdict-codes.ts';
import { EVENT_SLOT_BYTES, EVENT_SLOTS, SlotRing } from '../shared-memory.ts';
import type { KeeperClock, PolicyKeeper } from './policy-keeper.ts';
import { hourStartOf, UsageCounter } from './usage-counter.ts';

export interface UsageRecorderOptions {
  /** One ring for each thread that answers. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly keeper: PolicyKeeper;
  readonly clock: KeeperClock;
  /** Whether use of the service in that hour (its start) may be counted for its device by itself. */
  readonly mayCountByDevice: (service: string, verdict: UsageRow['verdict'], hourStart: number) => boolean;
  /** Takes what was counted; called every `flushIntervalMs` when there is something. */
  readonly save: (rows: readonly UsageRow[]) => Promise<void>;
  readonly drainIntervalMs?: number;
  readonly flushIntervalMs?: number;
}

/** The rings hold 65,000 events a second at this pace. */
const DRAIN_INTERVAL_MS = 250;
/** What a power cut may lose, against writes to an SD card. */
const FLUSH_INTERVAL_MS = 5_000;

export class UsageRecorder {
  readonly #options: UsageRecorderOptions;
  readonly #rings: readonly SlotRing[];
  readonly #counter = new UsageCounter();
  #drainTimer: NodeJS.Timeout | undefined;
  #flushTimer: NodeJS.Timeout | undefined;

  constructor(options: UsageRecorderOptions) {
    this.#options = options;
    this.#rings = options.rings.map((ring) => new SlotRing(ring, EVENT_SLOT_BYTES));
  }

  start(): void {
    const { drainIntervalMs = DRAIN_INTERVAL_MS, flushIntervalMs = FLUSH_INTERVAL_MS } = this.#options;
    this.#drainTimer = setInterval(() => this.#drain(), drainIntervalMs);
    this.#flushTimer = setInterval(() => void this.flush(), flushIntervalMs);
  }

  /** Saves what was counted until now. */
  async flush(): Promise<void> {
    this.#drain();
    const rows = this.#counter.drain();
    if (rows.length > 0) await this.#options.save(rows);
  }

  async stop(): Promise<void> {
    clearInterval(this.#drainTimer);
    clearInterval(this.#flushTimer);
    await this.flush();
  }

  /** While the clock is not trusted nobody can say in which hour something was used: then it is not counted. */
  #drain(): void {
    const { clock } = this.#options;
    const atMs = clock.nowMs();
    const counts = clock.trusted();
    for (const ring of this.#rings) {
      // A ring that fills while it is drained is left for the next time.
      for (let taken = 0; taken < EVENT_SLOTS; taken++) {
        const offset = ring.peek();
        if (offset < 0) break;
        const at = offset >>> 2;
        const { words } = ring;
        if (counts) this.#count(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!, words[at + 4]!, atMs);
        ring.release();
      }
    }
  }

  #count(generation: number, profile: number, client: number, ruleSet: number, verdict: number, atMs: number): void {
    const outcome = isBlocked(verdict) ? 'blocked' : verdict === Verdict.ALLOW_GRANTED ? 'granted' : null;
    if (outcome === null) return;
    const decoded = this.#options.keeper.decode(generation, profile, client, ruleSet);
    if (decoded === null || decoded.device === null) return;
    const { device, service } = decoded;
    const byDevice = this.#options.mayCountByDevice(service, outcome, hourStartOf(atMs));
    this.#counter.add(byDevice ? device : '', service, outcome, atMs);
  }
}

/**
 * What stands outside a store that is killed or cut off: the dashboard's view of the uploads, and what the store has
 * said was done (the lines of store-writer-process.ts).
 */
import type { UsageRow } from '../../../policy-rules/agent-protocol.ts';

export interface BatchContent {
  seq: number;
  rows: UsageRow[];
}

export class StoreLedger {
  /** The last round that was begun. */
  adding = 0;
  readonly problems: string[] = [];
  readonly #added = new Set<number>();
  readonly #attempted = new Set<number>();
  #saved = 0;
  #saving = 0;
  #lastSeq = 0;
  #lastBatch: BatchContent | null = null;
  readonly #applied: UsageRow[] = [];

  /** Takes in one line of the writer; a batch is returned, to be acknowledged. */
  read(line: string): BatchContent | null {
    const space = line.indexOf(' ');
    const [word, rest] = [line.slice(0, space), line.slice(space + 1)];
    if (word === 'adding') {
      this.adding = Number(rest);
      this.#attempted.add(this.adding);
    }
    if (word === 'added') this.#added.add(Number(rest));
    if (word === 'saved') this.#saved = Number(rest);
    if (word === 'saving') this.#saving = Number(rest);
    if (word === 'open' && JSON.parse(rest).damagedMovedTo !== null) this.problems.push(`damaged: ${rest}`);
    if (word === 'grants') this.checkGrants(Number(rest));
    if (word !== 'batch') return null;
    const batch: BatchContent = JSON.parse(rest);
    this.take(batch);
    return batch;
  }

  /** Applies a batch as the dashboard does: once by its number. A repeated number must bring the same rows. */
  take(batch: BatchContent): void {
    if (batch.seq === this.#lastSeq) {
      if (JSON.stringify(batch) !== JSON.stringify(this.#lastBatch))
        this.problems.push(`batch ${batch.seq} has changed`);
    } else if (batch.seq === this.#lastSeq + 1) {
      this.#lastSeq = batch.seq;
      this.#lastBatch = batch;
      this.#applied.push(...batch.rows);
    } else {
      this.problems.push(`batch ${batch.seq} after ${this.#lastSeq}`);
    }
  }

  /** What was acknowledged is there; what was begun may be; nothing else is. */
  checkGrants(version: number): void {
    if (version >= this.#saved && version <= this.#saving) return;
    this.problems.push(`grants ${version}, expected ${this.#saved} to ${this.#saving}`);
  }

  /** To be called when everything has been uploaded. */
  checkUsage(): void {
    const once = this.#applied.filter((row) => row.device === 'only-once');
    const rounds = once.map((row) => Number(row.service.slice(2)));
    const lost = [...this.#added].filter((round) => !rounds.includes(round));
    const twice = rounds.filter((round, index) => rounds.indexOf(round) !== index || once[index]?.count !== 1);
    const invented = rounds.filter((round) => !this.#attempted.has(round));
    const shared = this.#applied.filter((row) => row.device === 'shared').reduce((sum, row) => sum + row.count, 0);
    if (lost.length > 0) this.problems.push(`rounds lost: ${lost}`);
    if (twice.length > 0) this.problems.push(`rounds counted twice: ${twice}`);
    if (invented.length > 0) this.problems.push(`rounds that never were: ${invented}`);
    // Both rows of a round were one transaction.
    if (shared !== rounds.length) this.problems.push(`${shared} shared uses in ${rounds.length} rounds`);
  }
}

/** A small seeded generator (mulberry32), so that a failure can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

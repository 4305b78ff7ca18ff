/**
 * Counts uses per device, service, verdict and hour, in memory, between two writes to the store.
 *
 * Owns the arithmetic of an hour: look-ups and the 60-bit mask of active minutes as two halves of 30. Knows neither
 * names nor addresses, so nothing that is counted here can tell what was looked up beyond the catalogued service.
 */
import type { UsageRow } from '../../policy-rules/agent-protocol.ts';

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;
const MINUTES_PER_HALF = 30;

/**
 * Rows kept at once. 100 devices × 50 services × 2 verdicts = 10,000 rows in the hour that is running, more than any
 * nursery reaches between two writes; at about 200 bytes a row that is 2 MB.
 */
export const MAX_COUNTED_ROWS = 10_000;

export class UsageCounter {
  /** Look-ups that found no room. They were answered all the same: counting gives way, filtering does not. */
  dropped = 0;
  readonly #rows = new Map<string, UsageRow>();
  readonly #maxRows: number;

  constructor(maxRows: number = MAX_COUNTED_ROWS) {
    this.#maxRows = maxRows;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** `device` is a device id of the policy, or "" for all unnamed devices of setting networks together. */
  add(device: string, service: string, verdict: UsageRow['verdict'], atMs: number, count = 1): void {
    const hourStart = hourStartOf(atMs);
    const minute = Math.floor((atMs - hourStart) / MS_PER_MINUTE);
    this.addRow({ device, service, verdict, hourStart, count, ...minuteBit(minute) });
  }

  /** Adds a whole row, as it came from another counter that could not be written. */
  addRow(row: UsageRow): void {
    const key = rowKey(row);
    const known = this.#rows.get(key);
    if (known !== undefined) {
      this.#rows.set(key, mergeUsageRows(known, row));
    } else if (this.#rows.size < this.#maxRows) {
      this.#rows.set(key, row);
    } else {
      this.dropped += row.count;
    }
  }

  /** Everything counted since the last drain, which begins anew. */
  drain(): UsageRow[] {
    const rows = [...this.#rows.values()];
    this.#rows.clear();
    return rows;
  }
}

export function hourStartOf(atMs: number): number {
  return Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR;
}

/** Two rows of one device, service, verdict and hour as one. A minute is active once however often it was counted. */
export function mergeUsageRows(one: UsageRow, other: UsageRow): UsageRow {
  return {
    ...one,
    count: one.count + other.count,
    minutesLow: one.minutesLow | other.minutesLow,
    minutesHigh: one.minutesHigh | other.minutesHigh,
  };
}

/** Minutes of the hour in which the device asked for the service at least once: 0 to 60. */
export function activeMinutes(row: Pick<UsageRow, 'minutesLow' | 'minutesHigh'>): number {
  return bitsSet(row.minutesLow) + bitsSet(row.minutesHigh);
}

function minuteBit(minute: number): { minutesLow: number; minutesHigh: number } {
  return minute < MINUTES_PER_HALF
    ? { minutesLow: 1 << minute, minutesHigh: 0 }
    : { minutesLow: 0, minutesHigh: 1 << (minute - MINUTES_PER_HALF) };
}

function bitsSet(half: number): number {
  let count = 0;
  for (let rest = half; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Ids hold no line feed (policy.ts), so the parts cannot run into each other. */
function rowKey(row: UsageRow): string {
  return `${row.device}\n${row.service}\n${row.verdict}\n${row.hourStart}`;
}

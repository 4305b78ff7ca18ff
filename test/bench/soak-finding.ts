/** What the parts of the soak are given, and what they find. */
import type { WorkloadName } from './options.ts';
import type { SoakBox } from './soak-box.ts';
import type { Workload } from './workloads.ts';

export interface Finding {
  readonly what: string;
  readonly figure: string;
  /** In words; "" where a figure only explains another. */
  readonly bar: string;
  /** Whether the bar is met; null without one. */
  readonly met: boolean | null;
  /** Queries without an answer, or with a wrong one, that this figure tells of. */
  readonly lost?: number;
  /** The same figure for machines. */
  readonly data?: unknown;
}

export interface PartOptions {
  /** Of each of the runs at full rate, of the disturbed ones, and of the idle time. */
  readonly seconds: number;
  /** Of the loads that memory is watched under. */
  readonly minutes: number;
  /** Queries a second while latency is measured. */
  readonly rate: number;
  /** What is asked while latency is measured. */
  readonly workload: WorkloadName;
  readonly seed: number;
}

export interface Ground {
  readonly soak: SoakBox;
  readonly workloads: Readonly<Record<WorkloadName, Workload>>;
  /** The compiled paced-client.c; null without a compiler. */
  readonly pacedClient: string | null;
  readonly options: PartOptions;
  /** One line of progress. */
  readonly say: (line: string) => void;
}

/** Tells each finding as soon as it is one: what comes later may fail. */
export type Part = (ground: Ground) => AsyncGenerator<Finding, void, undefined>;

export function explain(what: string, figure: string, data?: unknown): Finding {
  return { what, figure, bar: '', met: null, ...(data === undefined ? {} : { data }) };
}

export function noneLost(what: string, lost: number, sent: number, data?: unknown): Finding {
  const figure = `${lost} of ${sent}`;
  return { what, figure, bar: '0', met: lost === 0, lost, ...(data === undefined ? {} : { data }) };
}

export function describe(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}

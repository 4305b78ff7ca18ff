/** What the bench found, as tables for people or as one JSON object: medians, ratios, and the bars of the hot path. */
import { STEADY_RATE } from './load.ts';
import { type MatchCost, printMatch } from './match.ts';
import type { Measurement, Sample } from './measure.ts';
import { type BenchOptions, type ServerName, serverNames, type WorkloadName } from './options.ts';
import type { Memory } from './process-accounting.ts';

export interface Report extends Measurement {
  readonly machine: string;
  readonly inputs: string;
  readonly names: number;
  readonly rules: number;
  readonly options: BenchOptions;
  readonly servers: readonly (Memory & { readonly name: ServerName; readonly version: string })[];
  readonly notes: readonly string[];
  /** One entry for each number of rules; empty when left out. */
  readonly match: readonly MatchCost[];
}

/** The medians over the rounds of one server under one workload; losses are those of all rounds together. */
interface Row {
  readonly server: ServerName;
  readonly workload: WorkloadName;
  readonly fullUs: number;
  readonly fullRate: number;
  readonly steadyUs: number;
  readonly lost: number;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly p999Us: number | null;
}

interface Bar {
  readonly workload: WorkloadName;
  readonly figure: 'fullUs' | 'steadyUs' | 'p99Us';
  readonly against: ServerName;
  readonly most: number;
}

/**
 * Stairgate's figure divided by the other's must not exceed `most`. Losses over a minute, memory over ten, the start and
 * latency while lists are swapped are soak.ts's.
 */
const bars: readonly Bar[] = [
  { workload: 'blocked', figure: 'fullUs', against: 'floor', most: 1.25 },
  { workload: 'blocked', figure: 'fullUs', against: 'dnsdist', most: 0.75 },
  { workload: 'blocked', figure: 'fullUs', against: 'unbound', most: 0.65 },
  { workload: 'blocked', figure: 'fullUs', against: 'dnsmasq', most: 0.2 },
  { workload: 'cached', figure: 'fullUs', against: 'floor', most: 1.4 },
  { workload: 'cached', figure: 'fullUs', against: 'dnsdist', most: 0.85 },
  { workload: 'cached', figure: 'fullUs', against: 'unbound', most: 0.85 },
  ...(['blocked', 'cached'] as const).flatMap((workload): Bar[] => [
    { workload, figure: 'steadyUs', against: 'floor', most: 1.5 },
    { workload, figure: 'steadyUs', against: 'unbound', most: 0.9 },
    { workload, figure: 'p99Us', against: 'unbound', most: 1 },
  ]),
];
const figureNames = { fullUs: 'CPU at full rate', steadyUs: 'CPU at 20,000/s', p99Us: 'p99 at 20,000/s' } as const;

export function printReport(report: Report, json: boolean): void {
  const rows = rowsOf(report.samples);
  const compared = [...compareWithBars(rows), ...compareMatch(report.match)];
  if (json) {
    console.log(JSON.stringify({ ...report, medians: rows, bars: compared }, null, 2));
    return;
  }
  const { machine, inputs, names, rules, options, servers, wrong, notes } = report;
  console.log(`\n${machine}\n${inputs}: ${thousands(names)} names, ${thousands(rules)} rules`);
  console.log(`medians of ${options.rounds} rounds of ${options.seconds} s, ${options.edns ? 'with' : 'without'} EDNS`);
  for (const note of notes) console.log(note);
  for (const { server, workload, what } of wrong) console.log(`NO FIGURES for ${server}, ${workload}: ${what}`);
  for (const workload of options.workloads) {
    const own = rows.filter((row) => row.workload === workload);
    if (own.length > 0) printWorkload(workload, own);
  }
  console.log('\nmemory, MB after the load       resident     peak');
  for (const { name, version, residentMegabytes, peakMegabytes } of servers) {
    const figures = `${residentMegabytes.toFixed(0).padStart(9)}${peakMegabytes.toFixed(0).padStart(9)}`;
    console.log(`${name.padEnd(31)}${figures}   ${version}`);
  }
  if (report.match.length > 0) printMatch(report.match);
  if (compared.length > 0) console.log(`\n${'Stairgate against the bars'.padEnd(48)}  found      bar`);
  for (const { what, found, most, met } of compared) {
    console.log(
      `${what.padEnd(48)}${shortly(found).padStart(7)}${`≤ ${shortly(most)}`.padStart(9)}  ${met ? 'ok' : 'short'}`,
    );
  }
}

function printWorkload(workload: WorkloadName, rows: readonly Row[]): void {
  const floor = rows.find(({ server }) => server === 'floor');
  const stairgate = rows.find(({ server }) => server === 'stairgate');
  console.log(
    `\n${workload.padEnd(11)}    µs/query  × floor  Stairgate ÷      queries/s  ${thousands(STEADY_RATE)}/s: ` +
      'µs/query  × floor  Stairgate ÷      p50      p99    p99.9   lost',
  );
  const ratio = (one: number | undefined, other: number | undefined) =>
    one === undefined || other === undefined ? '–' : (one / other).toFixed(2);
  const latency = (value: number | null) => (value === null ? '–' : value.toFixed(0)).padStart(9);
  for (const row of rows) {
    console.log(
      row.server.padEnd(11) +
        row.fullUs.toFixed(2).padStart(12) +
        ratio(row.fullUs, floor?.fullUs).padStart(9) +
        ratio(stairgate?.fullUs, row.fullUs).padStart(13) +
        thousands(Math.round(row.fullRate)).padStart(15) +
        row.steadyUs.toFixed(2).padStart(20) +
        ratio(row.steadyUs, floor?.steadyUs).padStart(9) +
        ratio(stairgate?.steadyUs, row.steadyUs).padStart(13) +
        latency(row.p50Us) +
        latency(row.p99Us) +
        latency(row.p999Us) +
        thousands(row.lost).padStart(7),
    );
  }
}

interface Compared {
  readonly what: string;
  readonly found: number;
  readonly most: number;
  readonly met: boolean;
}

function compareWithBars(rows: readonly Row[]): Compared[] {
  return bars.flatMap(({ workload, figure, against, most }) => {
    const figureOf = (name: ServerName) =>
      rows.find((row) => row.server === name && row.workload === workload)?.[figure] ?? null;
    const own = figureOf('stairgate');
    const other = figureOf(against);
    if (own === null || other === null) return [];
    return [compare(`${workload}, ${figureNames[figure]}, × ${against}`, own / other, most)];
  });
}

function compareMatch(costs: readonly MatchCost[]): Compared[] {
  const whole = costs.find(({ times }) => times === 1);
  const tenth = costs.find(({ times }) => times < 1);
  if (whole === undefined || tenth === undefined) return [];
  return [
    compare('match(), ns a name', whole.trieNs, 180),
    compare('match(), bytes a rule', whole.bytesPerRule, 24),
    compare('match(), a tenth of the rules, × all', tenth.trieNs / whole.trieNs, 1),
    compare('building the image, ms', whole.buildMs, 4000),
    compare('opening the image, ms', whole.openMs, 150),
  ];
}

function compare(what: string, found: number, most: number): Compared {
  return { what, found, most, met: found <= most };
}

/** Ratios with two places, larger figures with fewer. */
function shortly(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0);
}

function rowsOf(samples: readonly Sample[]): Row[] {
  const groups = Map.groupBy(samples, ({ server, workload }) => `${workload} ${server}`);
  return [...groups.values()].map(rowOf).sort((a, b) => serverNames.indexOf(a.server) - serverNames.indexOf(b.server));
}

function rowOf(samples: readonly Sample[]): Row {
  const paced = samples.flatMap((sample) => (sample.paced === null ? [] : [sample.paced]));
  const lostOf = ({ full, steady, paced: run }: Sample) =>
    full.lost + steady.lost + (run === null ? 0 : run.sent - run.answered);
  const latency = (figure: 'p50Us' | 'p99Us' | 'p999Us') =>
    paced.length === 0 ? null : median(paced.map((run) => run[figure]));
  return {
    server: samples[0]!.server,
    workload: samples[0]!.workload,
    fullUs: median(samples.map(({ full }) => full.cpuUs)),
    fullRate: median(samples.map(({ full }) => full.queriesPerSecond)),
    steadyUs: median(samples.map(({ steady }) => steady.cpuUs)),
    lost: samples.reduce((sum, sample) => sum + lostOf(sample), 0),
    p50Us: latency('p50Us'),
    p99Us: latency('p99Us'),
    p999Us: latency('p999Us'),
  };
}

/** Of an even number the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function thousands(value: number): string {
  return value.toLocaleString('en-GB');
}

/** The parts of the soak: what each of them does to the box, and its figures beside their bars. */
import { readdirSync, readFileSync } from 'node:fs';
import { setInterval, setTimeout } from 'node:timers/promises';
import { askTcp, askUdp } from '../support/dns-client.ts';
import { type PacedRun, runDnsperf, runPaced } from './load.ts';
import { cpuNanoseconds, memoryOf } from './process-accounting.ts';
import type { CompileCore, SoakBox, Swap } from './soak-box.ts';
import { describe, explain, type Finding, type Ground, noneLost, type Part } from './soak-finding.ts';
import { fuzz } from './soak-fuzz.ts';
import { steadyOverTcp, steadyOverUdp } from './soak-steady.ts';

export const parts: Readonly<Record<string, Part>> = {
  idle,
  'full-rate': fullRate,
  disturbed,
  memory,
  'udp-2000': steadyOverUdp,
  'tcp-2000': steadyOverTcp,
  start,
  fuzz,
};

const WARM_UP_SECONDS = 5;
/** Until the day's mix is in the caches and the engine has compiled what it will. */
const LONG_WARM_UP_SECONDS = 15;
const wordsFor: Readonly<Record<CompileCore, string>> = { server: 'answering core', client: 'client’s core' };
const MAX_P999_MS = 5;
const MAX_CONTROL_RATIO = 2;
const MIN_SWAPS = 2;
const GRANT_INTERVAL_MS = 1_000;
/** Between two swaps of one run. */
const SWAP_PAUSE_MS = 3_000;
/** A few times what the largest nursery asks. */
const MODERATE_RATE = 5_000;
/** The kernel counts in the larger ones, the bars are in the smaller. */
const MEBIBYTE_MEGABYTES = 1.048576;
const MEMORY_INTERVAL_MS = 10_000;
const MAX_RESIDENT_MEGABYTES = 150;
/** "Flat": what a garbage collection leaves now and then, beside what leaks. */
const MAX_GROWTH_MEGABYTES = 3;
const STARTS = 7;
const START_PAUSE_MS = 2;
/** After the first block, so that a thread or transport that came up without its rules would be seen. */
const START_WATCHED_MS = 300;
const MAX_START_MS = 1_000;
/** A start's own work is over by then: the look for changed lists, the link, and collecting the garbage of both. */
const SETTLE_MS = 60_000;
const MAX_IDLE_PERCENT = 0.5;

/** What it costs to have the box, when nobody asks anything. */
async function* idle({ soak, options, say }: Ground): AsyncGenerator<Finding> {
  await soak.restart();
  await setTimeout(SETTLE_MS);
  say(`idle: ${options.seconds} s without a query`);
  const before = threadsOf(soak.box.pid);
  const startedAtMs = performance.now();
  await setTimeout(options.seconds * 1000);
  const elapsedMs = performance.now() - startedAtMs;
  const byThread: Record<string, number> = {};
  let percent = 0;
  for (const [id, { name, nanoseconds }] of threadsOf(soak.box.pid)) {
    const share = (nanoseconds - (before.get(id)?.nanoseconds ?? 0)) / 1e4 / elapsedMs;
    byThread[name] = (byThread[name] ?? 0) + share;
    percent += share;
  }
  const shares = Object.entries(byThread)
    .toSorted(([, a], [, b]) => b - a)
    .filter(([, share]) => share >= 0.01);
  yield* [
    {
      what: `idle for ${options.seconds} s, share of a core`,
      figure: `${percent.toFixed(2)}%`,
      bar: `under ${MAX_IDLE_PERCENT}%`,
      met: percent < MAX_IDLE_PERCENT,
      data: { percent, byThread },
    },
    explain('  of it', shares.map(([name, share]) => `${name} ${share.toFixed(2)}%`).join(', ')),
  ];
}

/** Each thread's name, and its time on a core so far. */
function threadsOf(pid: number): Map<string, { readonly name: string; readonly nanoseconds: number }> {
  const folder = `/proc/${pid}/task`;
  return new Map(
    readdirSync(folder).map((id) => {
      const name = readFileSync(`${folder}/${id}/comm`, 'utf8').trim();
      return [id, { name, nanoseconds: Number(readFileSync(`${folder}/${id}/schedstat`, 'utf8').split(' ')[0]) }];
    }),
  );
}

/** As much as the box takes, for long. */
async function* fullRate({ soak, workloads, options: { seconds }, say }: Ground): AsyncGenerator<Finding> {
  await soak.restart();
  for (const name of ['blocked', 'cached'] as const) {
    await runDnsperf(soak.box.server, workloads[name], { seconds: WARM_UP_SECONDS, edns: true });
    say(`full rate: ${name} for ${seconds} s`);
    const counted = await counters(soak, ['pending_full', 'servfail', 'events_dropped']);
    const before = cpuNanoseconds(soak.box.pid);
    const run = await runDnsperf(soak.box.server, workloads[name], { seconds, edns: true });
    const microseconds = (cpuNanoseconds(soak.box.pid) - before) / 1000 / run.completed;
    const happened = await counted();
    yield noneLost(`lost at full rate, all ${name}, ${seconds} s`, run.lost, run.completed + run.lost, {
      ...run,
      cpuMicrosecondsPerQuery: microseconds,
      ...happened,
    });
    yield explain(
      `  rate, CPU of the box a query, answers`,
      `${Math.round(run.queriesPerSecond)}/s, ${microseconds.toFixed(2)} µs, ${describe(run.rcodes)}`,
    );
    yield explain('  counted by the box', describe(happened));
  }
}

/**
 * Latency while lists are compiled and swapped, grants come in and use is saved, between two runs without all that: the
 * second tells whether the first was slow only because the box had just begun, and the better one sets the bar.
 */
async function* disturbed(ground: Ground): AsyncGenerator<Finding> {
  const { soak, workloads, pacedClient, options, say } = ground;
  if (pacedClient === null) {
    yield explain('latency', 'not measured: no C compiler to build the client with (apt-get install gcc)');
    return;
  }
  const { seconds, rate } = options;
  const workload = workloads[options.workload];
  await soak.restart();
  await runDnsperf(soak.box.server, workload, { seconds: LONG_WARM_UP_SECONDS, edns: true });
  const measure = () => runPaced(pacedClient, soak.box.server, workload, { seconds, rate });
  say(`control: ${options.workload} at ${rate}/s for ${seconds} s`);
  const before = await measure();
  yield* latencies(`control before, ${options.workload} at ${rate}/s`, before);
  const disturbances: { readonly core: CompileCore; readonly run: PacedRun }[] = [];
  for (const core of ['server', 'client'] as const) {
    say(`disturbed: the same, with swaps compiled on the ${wordsFor[core]} and a grant a second`);
    const { run, swaps, grants, usageBatches } = await disturb(soak, core, measure);
    disturbances.push({ core, run });
    yield* latencies(`swaps compiled on the ${wordsFor[core]}, grants, usage`, run);
    yield {
      what: '  swaps, changed file → in force',
      figure: `${swaps.length}: ${swaps.map(({ inForceAfterMs }) => seconds1(inForceAfterMs)).join(', ') || '-'} s`,
      bar: `${MIN_SWAPS} or more`,
      met: swaps.length >= MIN_SWAPS,
      data: swaps,
    };
    yield explain('  grants, sent → in force', `${grants.length}: at most ${Math.max(0, ...grants)} ms`, grants);
    yield explain('  batches of use at the dashboard', String(usageBatches));
  }
  say('control: once more');
  const after = await measure();
  yield* latencies('control after', after);
  const controlMs = Math.min(before.p999Us, after.p999Us) / 1000;
  for (const { core, run } of disturbances) {
    const p999Ms = run.p999Us / 1000;
    yield {
      what: `p99.9, swaps compiled on the ${wordsFor[core]}`,
      figure: `${p999Ms.toFixed(2)} ms`,
      bar: `≤ ${MAX_P999_MS} ms or ≤ ${MAX_CONTROL_RATIO} × ${controlMs.toFixed(2)} ms`,
      met: p999Ms <= Math.max(MAX_P999_MS, MAX_CONTROL_RATIO * controlMs),
    };
  }
}

async function disturb(
  soak: SoakBox,
  core: CompileCore,
  measure: () => Promise<PacedRun>,
): Promise<{ run: PacedRun; swaps: Swap[]; grants: number[]; usageBatches: number }> {
  const swaps: Swap[] = [];
  const grantsBefore = soak.grantsInForce().length;
  const batchesBefore = soak.usageBatches();
  const ended = new AbortController();
  const measured = async () => {
    try {
      return await measure();
    } finally {
      ended.abort();
    }
  };
  const give = async () => {
    for await (const _ of setInterval(GRANT_INTERVAL_MS)) {
      if (ended.signal.aborted) return;
      soak.giveGrant();
    }
  };
  const swap = async () => {
    while (!ended.signal.aborted) {
      await setTimeout(SWAP_PAUSE_MS);
      const swapped = await soak.swapList(core);
      // One that ends after the measurement has disturbed it only in part.
      if (!ended.signal.aborted) swaps.push(swapped);
    }
  };
  const [run] = await Promise.all([measured(), give(), swap()]);
  const grants = soak.grantsInForce().slice(grantsBefore);
  return {
    run,
    swaps,
    grants: grants.map(({ inForceAfterMs }) => inForceAfterMs),
    usageBatches: soak.usageBatches() - batchesBefore,
  };
}

function latencies(what: string, run: PacedRun): Finding[] {
  return [
    explain(what, `p50 ${ms(run.p50Us)}, p99 ${ms(run.p99Us)}, p99.9 ${ms(run.p999Us)}, max ${ms(run.maxUs)} ms`, run),
    noneLost('  lost', run.sent - run.answered, run.sent),
    explain('  the client ran behind its timetable', `p99 ${ms(run.behindP99Us)}, max ${ms(run.behindMaxUs)} ms`),
  ];
}

/** Resident memory under a moderate load, with one swap in the middle. */
async function* memory({ soak, workloads, options: { minutes }, say }: Ground): AsyncGenerator<Finding> {
  await soak.restart();
  const seconds = minutes * 60;
  say(`memory: the mix at ${MODERATE_RATE}/s for ${minutes} minutes, one swap in the middle`);
  const samples: { readonly atSeconds: number; readonly megabytes: number }[] = [];
  const startedAtMs = performance.now();
  const atSeconds = () => (performance.now() - startedAtMs) / 1000;
  const sample = async () => {
    while (atSeconds() < seconds) {
      const megabytes = soak.box.rssMegabytes() * MEBIBYTE_MEGABYTES;
      samples.push({ atSeconds: atSeconds(), megabytes });
      say(`memory: ${Math.round(atSeconds())} s, ${megabytes.toFixed(1)} MB`);
      await setTimeout(Math.min(MEMORY_INTERVAL_MS, Math.max(1, (seconds - atSeconds()) * 1000)));
    }
  };
  const [run, swap] = await Promise.all([
    runDnsperf(soak.box.server, workloads.mixed, { seconds, edns: true, rate: MODERATE_RATE }),
    setTimeout((seconds / 2) * 1000).then(() => soak.swapList('server')),
    sample(),
  ]);
  // The compiler has ended, so this is the box by itself.
  const { residentMegabytes, peakMegabytes } = memoryOf(soak.box.pid);
  const settledAt = seconds / 2 + swap.inForceAfterMs / 1000;
  const megabytesPerSecond = slope(samples.filter((sample) => sample.atSeconds > settledAt));
  const growth = megabytesPerSecond * (seconds - settledAt);
  yield* [
    {
      what: `resident after ${minutes} minutes and one swap`,
      figure: `${residentMegabytes.toFixed(1)} MB`,
      bar: `≤ ${MAX_RESIDENT_MEGABYTES} MB`,
      met: residentMegabytes <= MAX_RESIDENT_MEGABYTES,
      data: { samples, swap },
    },
    {
      what: '  growth from the swap to the end',
      figure: `${growth.toFixed(1)} MB, ${(megabytesPerSecond * 3600).toFixed(0)} MB an hour`,
      bar: `≤ ${MAX_GROWTH_MEGABYTES} MB`,
      met: growth <= MAX_GROWTH_MEGABYTES,
    },
    explain(
      '  peak of the box, of the process that compiles',
      `${peakMegabytes.toFixed(1)} MB, ${swap.compilerPeakMegabytes.toFixed(0)} MB`,
    ),
    noneLost('  lost', run.lost, run.completed + run.lost),
  ];
}

/**
 * After a power cut: from the new process to the first name of the list that is blocked, with all cores. From the first
 * moment on it is asked without a pause, over UDP and TCP: nothing but a block may come, or silence.
 */
async function* start({ soak, workloads, say }: Ground): AsyncGenerator<Finding> {
  const { box } = soak;
  const listed = workloads.blocked.questions[0]!.name;
  soak.unite();
  const tookMs: number[] = [];
  let answers = 0;
  const wrong: string[] = [];
  for (let round = 0; round < STARTS; round++) {
    await box.kill();
    const spawnedAtMs = performance.now();
    await box.startWithoutWaiting();
    let blockedAfterMs = Number.POSITIVE_INFINITY;
    const watch = async (ask: typeof askUdp) => {
      while (performance.now() - spawnedAtMs < blockedAfterMs + START_WATCHED_MS) {
        const reply = await ask(box.server, listed, { timeoutMs: 50 }).catch(() => null);
        if (reply === null) {
          await setTimeout(START_PAUSE_MS);
          if (!box.running || performance.now() - spawnedAtMs > 60_000) throw new Error(`no start:\n${box.stderr}`);
          continue;
        }
        answers++;
        if (reply.rcode === 'NXDOMAIN') blockedAfterMs = Math.min(blockedAfterMs, performance.now() - spawnedAtMs);
        else if (reply.rcode !== 'REFUSED') wrong.push(`${reply.rcode} with ${reply.answers?.length} records`);
      }
    };
    await Promise.all([watch(askUdp), watch(askTcp)]);
    tookMs.push(blockedAfterMs);
    say(`start: ${blockedAfterMs.toFixed(0)} ms`);
  }
  const medianMs = tookMs.toSorted((a, b) => a - b)[STARTS >> 1]!;
  yield {
    what: `start → first correct blocked answer, median of ${STARTS}`,
    figure: `${medianMs.toFixed(0)} ms (${Math.min(...tookMs).toFixed(0)} to ${Math.max(...tookMs).toFixed(0)})`,
    bar: `≤ ${MAX_START_MS} ms`,
    met: medianMs <= MAX_START_MS,
    data: { tookMs },
  };
  yield noneLost('  answers before the rules were there', wrong.length, answers, wrong.slice(0, 3));
}

/** Resolves, when called again, to how much each counter of the box has gone up. */
async function counters(soak: SoakBox, names: readonly string[]): Promise<() => Promise<Record<string, number>>> {
  const read = () => Promise.all(names.map((name) => soak.box.metric(`stairgate_${name}_total`)));
  const before = await read();
  return async () => {
    const after = await read();
    return Object.fromEntries(names.map((name, index) => [name, after[index]! - before[index]!]));
  };
}

/** Of the line through the samples that has the least squares, in megabytes a second. */
function slope(samples: readonly { readonly atSeconds: number; readonly megabytes: number }[]): number {
  if (samples.length < 2) return 0;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanAt = mean(samples.map(({ atSeconds }) => atSeconds));
  const meanMegabytes = mean(samples.map(({ megabytes }) => megabytes));
  let along = 0;
  let spread = 0;
  for (const { atSeconds, megabytes } of samples) {
    along += (atSeconds - meanAt) * (megabytes - meanMegabytes);
    spread += (atSeconds - meanAt) ** 2;
  }
  return along / spread;
}

function ms(microseconds: number): string {
  return (microseconds / 1000).toFixed(2);
}

function seconds1(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

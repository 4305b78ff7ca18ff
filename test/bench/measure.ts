/**
 * Rounds: every server under every workload in turn, then all again in another order, so that a slow minute of the
 * machine falls on all of them. Owns what is measured and when a figure is not to be trusted; report.ts prints it.
 */
import { type LoadRun, type PacedRun, runDnsperf, runPaced, STEADY_RATE } from './load.ts';
import type { ServerName, WorkloadName } from './options.ts';
import { cpuNanoseconds } from './process-accounting.ts';
import type { BenchServer, Upstream } from './servers.ts';
import type { Workload } from './workloads.ts';

/** One server under one workload in one round. */
export interface Sample {
  readonly server: ServerName;
  readonly workload: WorkloadName;
  readonly round: number;
  /** As many queries as it takes, 200 of them outstanding. */
  readonly full: Cost;
  /** At 20,000 queries a second. */
  readonly steady: Cost;
  /** At 20,000 queries a second, evenly spaced; null without a C compiler. */
  readonly paced: PacedRun | null;
}

export interface Cost {
  /** The server's processor time for each query that it answered, user and system. */
  readonly cpuUs: number;
  readonly queriesPerSecond: number;
  readonly lost: number;
  /** The upstream's processor time as a share of one core: how much was not answered by the server itself. */
  readonly upstreamShare: number;
}

export interface Measurement {
  readonly samples: readonly Sample[];
  /** Servers that answered wrongly under a workload, with the first wrong answer; they have no figures for it. */
  readonly wrong: readonly { readonly server: ServerName; readonly workload: WorkloadName; readonly what: string }[];
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly edns: boolean;
  /** The compiled paced-client.c. */
  readonly pacedProgram: string | null;
  readonly upstream: Upstream | null;
  readonly say: (line: string) => void;
}

const WARM_UP_SECONDS = 1;
/** What nsd may use while everything should come from caches: a few dozen queries a second, for whoever looks after it. */
const IDLE_UPSTREAM_SHARE = 0.002;

export async function measure(
  servers: readonly BenchServer[],
  workloads: readonly Workload[],
  options: MeasureOptions,
): Promise<Measurement> {
  const samples: Sample[] = [];
  const wrong = new Map<string, Measurement['wrong'][number]>();
  for (let round = 0; round < options.rounds; round++) {
    for (const workload of workloads) {
      for (const server of rotated(servers, round)) {
        const key = `${server.name} ${workload.name}`;
        if (wrong.has(key)) continue;
        try {
          if (round === 0 && server.name !== 'floor') await settle(server, workload, options);
          const sample = await measureOnce(server, workload, round, options);
          samples.push(sample);
          options.say(
            `round ${round + 1}, ${key}: ${sample.full.cpuUs.toFixed(2)} µs at full rate, ` +
              `${sample.steady.cpuUs.toFixed(2)} at ${STEADY_RATE}/s`,
          );
        } catch (error) {
          if (!(error instanceof WrongAnswer)) throw error;
          wrong.set(key, { server: server.name, workload: workload.name, what: error.message });
          options.say(`round ${round + 1}, ${key}: WRONG, ${error.message}`);
        }
      }
    }
  }
  const isRight = ({ server, workload }: Sample) => !wrong.has(`${server} ${workload}`);
  return { samples: samples.filter(isRight), wrong: [...wrong.values()] };
}

class WrongAnswer extends Error {}

/** Asks for everything once, so that caches are full and code is compiled, and looks at the answers. */
async function settle(server: BenchServer, workload: Workload, { edns }: MeasureOptions): Promise<void> {
  await runDnsperf(server.server, workload, { seconds: 2 * WARM_UP_SECONDS, edns });
  const problem = await workload.check(server);
  if (problem !== null) throw new WrongAnswer(problem);
}

async function measureOnce(
  server: BenchServer,
  workload: Workload,
  round: number,
  options: MeasureOptions,
): Promise<Sample> {
  const { seconds, edns, pacedProgram } = options;
  await runDnsperf(server.server, workload, { seconds: WARM_UP_SECONDS, edns });
  const full = await costOf(server, workload, options);
  const steady = await costOf(server, workload, options, STEADY_RATE);
  const paced = pacedProgram === null ? null : await runPaced(pacedProgram, server.server, workload, { seconds });
  return { server: server.name, workload: workload.name, round, full, steady, paced };
}

async function costOf(
  server: BenchServer,
  workload: Workload,
  { seconds, edns, upstream }: MeasureOptions,
  rate?: number,
): Promise<Cost> {
  const upstreamBefore = upstream === null ? 0 : cpuNanoseconds(upstream.pid);
  const before = cpuNanoseconds(server.pid);
  const run = await runDnsperf(server.server, workload, { seconds, edns, ...(rate === undefined ? {} : { rate }) });
  const spent = cpuNanoseconds(server.pid) - before;
  const upstreamSpent = upstream === null ? 0 : cpuNanoseconds(upstream.pid) - upstreamBefore;
  const cost = {
    cpuUs: spent / 1000 / run.completed,
    queriesPerSecond: run.queriesPerSecond,
    lost: run.lost,
    upstreamShare: upstreamSpent / 1e9 / seconds,
  };
  const problem = server.name === 'floor' ? null : problemOf(workload.name, run, cost);
  if (problem !== null) throw new WrongAnswer(problem);
  return cost;
}

/** The whole run's codes, where a workload has only one that is right. */
function problemOf(workload: WorkloadName, { completed, rcodes }: LoadRun, { upstreamShare }: Cost): string | null {
  if (workload === 'mixed') return rcodes.SERVFAIL === undefined ? null : `${rcodes.SERVFAIL} times SERVFAIL`;
  const right = workload === 'blocked' ? 'NXDOMAIN' : 'NOERROR';
  if ((rcodes[right] ?? 0) !== completed) return `${JSON.stringify(rcodes)}, expected only ${right}`;
  if (upstreamShare <= IDLE_UPSTREAM_SHARE) return null;
  return `the upstream was busy for ${(100 * upstreamShare).toFixed(2)}% of the time, expected it idle`;
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  return items.map((_, index) => items[(index + by) % items.length]!);
}

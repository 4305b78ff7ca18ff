/** The bench's command line. */
import { parseArgs } from 'node:util';

export const workloadNames = ['blocked', 'cached', 'mixed'] as const;
export type WorkloadName = (typeof workloadNames)[number];
export const serverNames = ['floor', 'stairgate', 'dnsdist', 'unbound', 'dnsmasq'] as const;
export type ServerName = (typeof serverNames)[number];

export interface BenchOptions {
  readonly json: boolean;
  readonly servers: readonly ServerName[];
  readonly workloads: readonly WorkloadName[];
  readonly rounds: number;
  /** Of each single measurement. */
  readonly seconds: number;
  readonly edns: boolean;
  /** The box's answering threads. */
  readonly threads: number;
  /** Whether match() is measured by itself as well. */
  readonly match: boolean;
  readonly seed: number;
}

const help = `npm run bench -- [options]

Stairgate beside the floor of the socket interface (a C echo) and whichever of dnsdist, unbound and dnsmasq is
installed: one run, the same rules, the same questions. Linux; needs dnsperf, and nsd for the cached and mixed
workloads; with a C compiler also the floor and the latencies. Everything stays on loopback.

  --workload NAME[,NAME]   of ${workloadNames.join(', ')}; all unless told
  --only NAME[,NAME]       of ${serverNames.join(', ')}; all that can run unless told
  --peers NAME[,NAME]      of dnsdist, unbound, dnsmasq, or "none": those beside the floor and Stairgate
  --rounds N               rounds, of which each figure is the median (3)
  --seconds S              length of each single measurement (3); 60 for a look at losses
  --edns                   ask with EDNS
  --threads N              Stairgate's answering threads (1); the peers always have one
  --no-match               leave out match() by itself
  --seed N                 of whatever is drawn or made up (20261121)
  --json                   print one JSON object in place of the tables; progress goes to the standard error
  --help

All of it takes about 12 minutes; "--workload blocked --peers unbound --no-match" about two.
`;

/** Prints and ends the process for --help; throws on an option that it does not know. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      peers: { type: 'string' },
      workload: { type: 'string', default: workloadNames.join(',') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      edns: { type: 'boolean', default: false },
      threads: { type: 'string', default: '1' },
      'no-match': { type: 'boolean', default: false },
      seed: { type: 'string', default: '20261121' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    process.exit(0);
  }
  const peers = values.peers === 'none' ? [] : values.peers === undefined ? null : names(values.peers, serverNames);
  const beside: readonly ServerName[] = peers === null ? serverNames : ['floor', 'stairgate', ...peers];
  const only = values.only === undefined ? beside : names(values.only, serverNames);
  return {
    json: values.json,
    servers: serverNames.filter((name) => only.includes(name)),
    workloads: names(values.workload, workloadNames),
    rounds: whole('--rounds', values.rounds, 1, 100),
    seconds: whole('--seconds', values.seconds, 1, 3600),
    edns: values.edns,
    threads: whole('--threads', values.threads, 1, 64),
    match: !values['no-match'],
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1),
  };
}

function names<Name extends string>(text: string, known: readonly Name[]): Name[] {
  return text.split(',').map((word) => {
    const name = known.find((one) => one === word.trim());
    if (name === undefined) throw new Error(`got "${word}", expected some of ${known.join(', ')}`);
    return name;
  });
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${option}: got "${text}", expected a whole number from ${least} to ${most}`);
}

/** The limit of look-ups is on, and the client of a bench, which asks for a thousand devices, is exempt as a router would be. */
export const ONE_FOR_ALL = { exempt: ['127.0.0.0/8', '::1'] };

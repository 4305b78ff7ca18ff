/**
 * The bench: `npm run bench -- --help`. Stairgate, the floor of the socket interface and every other resolver that is
 * installed, in one run on the same rules and questions; a table of what each costs, and the ratios between them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { missing } from '../support/name-servers.ts';
import { compileC } from './compile-c.ts';
import { type Inputs, readInputs, withoutSubsumed } from './inputs.ts';
import { measureMatch } from './match.ts';
import { measure } from './measure.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { allowedCores, memoryOf, pin, pinOne } from './process-accounting.ts';
import { printReport, type Report } from './report.ts';
import { type BenchServer, type Ground, lackOf, startServer, startUpstream, type Upstream } from './servers.ts';
import { makeWorkloads, type Workload } from './workloads.ts';

const options = readOptions(process.argv.slice(2));
const lacking = process.platform === 'linux' ? missing('dnsperf') : 'the bench reads /proc: it runs on Linux only';
if (lacking !== null) {
  process.stderr.write(`${lacking}\n`);
  process.exit(1);
}
await using cleanUp = new AsyncDisposableStack();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void cleanUp.disposeAsync().finally(() => process.exit(1)));
}
printReport(await bench(options), options.json);

async function bench(options: BenchOptions): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'stairgate-bench-'));
  cleanUp.defer(() => rmSync(folder, { recursive: true, force: true }));
  const notes: string[] = [];
  const inputs = readInputs(folder, options.seed);
  const rules = withoutSubsumed(inputs.names);
  say(`${inputs.origin}: ${inputs.names.length} names, ${rules.length} rules`);
  const floorProgram = compileC('floor', folder);
  const pacedProgram = compileC('paced-client', folder);
  if (pacedProgram === null) notes.push('no C compiler: no floor and no latencies (apt-get install gcc)');

  const upstream = await prepareUpstream(notes);
  const ground = { folder, rules, listPath: inputs.listPath, threads: options.threads, floorProgram };
  const servers = await startAll(options, { ...ground, upstream: upstream ?? NO_UPSTREAM }, notes);
  const cores = placeOnCores(servers, upstream, options.threads, notes);
  const workloads = chooseWorkloads(inputs, rules, folder, upstream !== null, notes);
  const measurement = await measure(servers, workloads, { ...options, pacedProgram, upstream, say });
  const memory = servers.map(({ name, version, pid }) => ({ name, version, ...memoryOf(pid) }));
  // The servers' memory is needed for ten times the rules, and their work would disturb it.
  for (const server of servers) await server.stop();
  return {
    machine: `${cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    inputs: inputs.origin,
    names: inputs.names.length,
    rules: rules.length,
    options,
    servers: memory,
    ...measurement,
    match: options.match ? measureMatch(options.seed, say) : [],
    notes,
  };
}

/** RFC 6335: the discard port, on which nothing answers. */
const NO_UPSTREAM = { address: '127.0.0.1', port: 9 };

async function prepareUpstream(notes: string[]): Promise<Upstream | null> {
  const lacking = missing('nsd');
  if (lacking !== null) {
    notes.push(`${lacking}; without it only the blocked workload`);
    return null;
  }
  const upstream = await startUpstream();
  cleanUp.defer(() => upstream.stop());
  return upstream;
}

/** All at once, since each reads the list for many seconds; in the order in which they were named. */
async function startAll({ servers }: BenchOptions, ground: Ground, notes: string[]): Promise<BenchServer[]> {
  const wanted = servers.filter((name) => {
    const lack = lackOf(name, ground);
    if (lack !== null) notes.push(`${name} left out: ${lack}`);
    return lack === null;
  });
  say(`starting ${wanted.join(', ')} with ${ground.rules.length} rules`);
  return Promise.all(
    wanted.map(async (name) => {
      const server = await startServer(name, ground);
      cleanUp.defer(() => server.stop());
      say(`${name} answers`);
      return server;
    }),
  );
}

/** Servers on the first cores, as many as the box has answering threads; the client and the upstream on the last. */
function placeOnCores(
  servers: readonly BenchServer[],
  upstream: Upstream | null,
  threads: number,
  notes: string[],
): number {
  const cores = allowedCores();
  if (cores.length < 2) {
    notes.push('one core only: servers and client share it, so that full rate says little');
    return cores.length;
  }
  const serverCores = cores.slice(0, Math.min(threads, cores.length - 1));
  const clientCore = cores.slice(-1);
  for (const { pid } of servers) pin(pid, serverCores);
  if (upstream !== null) pin(upstream.pid, clientCore);
  // The load that this process begins from now on inherits it.
  pinOne(process.pid, clientCore);
  notes.push(`servers on core ${serverCores.join(', ')}; client and upstream on core ${clientCore[0]}`);
  return cores.length;
}

function chooseWorkloads(
  inputs: Inputs,
  rules: readonly string[],
  folder: string,
  resolves: boolean,
  notes: string[],
): Workload[] {
  const all = makeWorkloads(inputs, rules, { ...options, folder });
  const wanted = resolves ? options.workloads : options.workloads.filter((name) => name === 'blocked');
  if (options.workloads.includes('mixed')) notes.push('mixed: after a first pass, so that misses are few');
  return wanted.map((name) => all[name]);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

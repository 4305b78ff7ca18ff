/**
 * The long run, by hand: a box with every name of a large list, nsd with a wildcard root as its upstream, and dnsperf
 * that replays a day's mix of queries at a steady rate. Says what was lost, how long answers took, what the box used,
 * and whether every single rcode was the one that `stairgate check` predicts.
 *
 *   node test/bench/replay.ts [--seconds 60] [--rate 5000] [--list FILE] [--queries FILE]
 *
 * Without ../shared/data a seeded list and mix of the same proportions stand in. Exit code 1 when a query was lost or
 * an answer was not as predicted. Takes about two minutes; not part of the tests.
 */
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import { alwaysOpenPolicy, type BoxProcess, commandPath, startBoxProcess } from '../support/box-process.ts';
import { missing, pathOf, startNsd } from '../support/name-servers.ts';
import { seededNames, seededNumbers } from '../support/seeded-names.ts';
import { ONE_FOR_ALL } from './options.ts';

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '5000' },
    list: { type: 'string', default: join(data, 'lists/union-all.txt.gz') },
    queries: { type: 'string', default: join(data, 'queries/mixed-100k.txt.gz') },
    seed: { type: 'string', default: '20261121' },
  },
});
/** As the stand-in's list: large enough that the trie does not fit a processor's cache. */
const SYNTHETIC_NAMES = 1_000_000;
const SYNTHETIC_QUERIES = 100_000;
/** Compiling two million names takes a minute on a slow machine. */
const COMPILE_TIMEOUT_MS = 5 * 60_000;

const lacking = missing('nsd', 'dnsperf');
if (lacking !== null) {
  process.stderr.write(`${lacking}\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'stairgate-replay-'));
try {
  process.exitCode = await replay();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function replay(): Promise<number> {
  const { list, queries } = await inputs();
  const nsd = await startNsd();
  const box = await startBoxProcess({
    upstreams: [`udp://127.0.0.1:${nsd.port}`],
    settings: { policy: alwaysOpenPolicy(), lists: [{ id: 'large', path: list }], lookUps: ONE_FOR_ALL },
  });
  try {
    const compiledInMs = await waitForRules(box);
    say(`list            ${await box.metric('stairgate_rules')} rules in force after ${seconds(compiledInMs)} s`);
    const rssBefore = box.rssMegabytes();
    const cpuBefore = box.cpuSeconds();
    const run = await dnsperf(box, queries);
    const cpu = box.cpuSeconds() - cpuBefore;
    for (const line of run.summary) say(line.trim());
    say(`box             ${rssBefore.toFixed(0)} MB before, ${box.rssMegabytes().toFixed(0)} MB after`);
    const perQuery = ((1e6 * cpu) / run.answered).toFixed(1);
    say(`box             ${cpu.toFixed(1)} s of processor time, ${perQuery} µs a query, on ${cpus()[0]?.model ?? '?'}`);
    for (const name of ['cache_hits', 'forwarded', 'blocked', 'servfail', 'pending_full', 'events_dropped']) {
      say(`box             ${name} ${await box.metric(`stairgate_${name}_total`)}`);
    }
    const wrong = await compare(box, run.rcodes);
    return run.lost === 0 && wrong === 0 ? 0 : 1;
  } finally {
    await box.remove();
    await nsd.remove();
  }
}

async function waitForRules(box: BoxProcess): Promise<number> {
  const startedAtMs = performance.now();
  const builtIn = await box.metric('stairgate_rules');
  while ((await box.metric('stairgate_rules')) === builtIn) {
    if (performance.now() - startedAtMs > COMPILE_TIMEOUT_MS)
      throw new Error(`the list is not in force:\n${box.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return performance.now() - startedAtMs;
}

interface Run {
  readonly summary: readonly string[];
  readonly lost: number;
  readonly answered: number;
  /** Every rcode that a "name TYPE" was answered with. */
  readonly rcodes: ReadonlyMap<string, ReadonlySet<string>>;
}

async function dnsperf({ server }: BoxProcess, queries: string): Promise<Run> {
  const args = ['-s', server.address, '-p', String(server.port), '-d', queries];
  // -q: far more may wait than do at this rate, so that dnsperf itself holds nothing back.
  args.push('-Q', values.rate, '-l', values.seconds, '-q', '5000', '-c', '20', '-e', '-v');
  const child = spawn(pathOf('dnsperf') ?? 'dnsperf', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const rcodes = new Map<string, Set<string>>();
  const summary: string[] = [];
  let lost = -1;
  let answered = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const reply = /^> (\S+) (\S+ \S+)/.exec(line);
    if (reply === null) {
      const loss = /Queries lost:\s+(\d+)/.exec(line);
      if (loss !== null) lost = Number(loss[1]);
      if (/^ {2}\w/.test(line)) summary.push(line);
      continue;
    }
    answered++;
    const [, rcode = '', question = ''] = reply;
    const seen = rcodes.get(question);
    if (seen === undefined) rcodes.set(question, new Set([rcode]));
    else seen.add(rcode);
  }
  return { summary, lost, answered, rcodes };
}

/** How many answers differ from what `check` says of their names, with the same settings at the same time. */
async function compare(box: BoxProcess, rcodes: Run['rcodes']): Promise<number> {
  const names = new Set([...rcodes.keys()].map((question) => question.slice(0, question.indexOf(' '))));
  const verdicts = await check(box, [...names]);
  let blocked = 0;
  let wrong = 0;
  for (const [question, seen] of rcodes) {
    const verdict = verdicts.get(question.slice(0, question.indexOf(' ')));
    if (verdict === 'block') blocked++;
    for (const rcode of seen) {
      if (await isAsPredicted(box, question, rcode, verdict)) continue;
      wrong++;
      if (wrong <= 10) say(`WRONG           ${question}: check says ${verdict}, the box answered ${rcode}`);
    }
  }
  say(
    `compared        ${rcodes.size} questions, ${blocked} of them blocked; ${wrong} answered otherwise than predicted`,
  );
  return wrong;
}

/** nsd has every name, so an open one is NOERROR. A blocked one is NXDOMAIN, or NODATA where open names lie below it. */
async function isAsPredicted(box: BoxProcess, question: string, rcode: string, verdict?: string): Promise<boolean> {
  if (verdict === 'allow') return rcode === 'NOERROR';
  if (verdict !== 'block') return false;
  if (rcode === 'NXDOMAIN') return true;
  const [name = '', type = 'A'] = question.split(' ');
  const reply = await box.ask(name, { type });
  const soa = reply.authorities?.[0];
  return (
    rcode === 'NOERROR' && reply.answers?.length === 0 && soa?.type === 'SOA' && soa.data.mname === 'stairgate.invalid'
  );
}

async function check(box: BoxProcess, names: readonly string[]): Promise<Map<string, string>> {
  const child = spawn(process.execPath, [commandPath, 'check', '--config', box.configPath, '-'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(`${names.join('\n')}\n`);
  const lines = (await text(child.stdout)).trim().split('\n');
  return new Map(lines.map((line) => line.split('\t').slice(0, 2) as [string, string]));
}

async function inputs(): Promise<{ list: string; queries: string }> {
  const seed = Number(values.seed);
  const names = existsSync(values.list) && existsSync(values.queries) ? [] : seededNames(SYNTHETIC_NAMES, seed);
  const queries = join(folder, 'queries.txt');
  if (existsSync(values.queries)) {
    const lines = await text(readable(values.queries));
    writeFileSync(queries, lines);
  } else {
    say(`queries         synthetic, seed ${seed}`);
    writeFileSync(queries, syntheticQueries(names, seed));
  }
  if (existsSync(values.list)) return { list: values.list, queries };
  say(`list            synthetic, seed ${seed}`);
  const list = join(folder, 'list.txt');
  writeFileSync(list, `${names.join('\n')}\n`);
  return { list, queries };
}

function readable(path: string): NodeJS.ReadableStream {
  const file = createReadStream(path);
  return path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
}

/** Few names often and many seldom, a tenth of them listed; types as browsers ask. */
function syntheticQueries(listed: readonly string[], seed: number): string {
  const next = seededNumbers(seed);
  const types = [...Array<string>(51).fill('A'), ...Array<string>(32).fill('AAAA'), ...Array<string>(15).fill('HTTPS')];
  const lines = Array.from({ length: SYNTHETIC_QUERIES }, () => {
    const rank = Math.floor(20_000 * (next() / 2 ** 32) ** 4);
    const name = rank % 10 === 0 ? listed[rank] : `host-${rank}.site-${rank % 977}.example.net`;
    return `${name} ${types[next() % types.length]}`;
  });
  return `${lines.join('\n')}\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

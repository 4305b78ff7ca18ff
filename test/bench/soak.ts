/**
 * The long run, by hand: whether the box loses a query, keeps its latency while it is disturbed, keeps its memory and
 * descriptors, starts quickly, costs nothing when nobody asks, and survives what nobody should send. Each figure stands
 * beside its bar, and is printed as soon as it is known: a part that fails or is interrupted takes no other's with it.
 *
 *   npm run soak -- [--part idle,full-rate,disturbed,memory,udp-2000,tcp-2000,start,fuzz] [--seconds 60] [--minutes 10]
 *                   [--rate 20000] [--workload blocked|cached|mixed] [--seed N] [--json]
 *
 * Linux; needs nsd and dnsperf, and a C compiler for latencies. Everything stays on loopback. Without ../shared/data a
 * seeded list and mix of the same shape stand in. --json prints a line of JSON for the setting and one for each figure.
 * Exit code 1 when a query was lost, an answer was wrong, a fuzz run failed or a part could not be run to its end. All
 * of it takes about 45 minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missing } from '../support/name-servers.ts';
import { compileC } from './compile-c.ts';
import { readInputs, withoutSubsumed } from './inputs.ts';
import { workloadNames } from './options.ts';
import { SoakBox } from './soak-box.ts';
import type { Finding } from './soak-finding.ts';
import { parts } from './soak-parts.ts';
import { makeWorkloads } from './workloads.ts';

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: Object.keys(parts).join(',') },
    seconds: { type: 'string', default: '60' },
    minutes: { type: 'string', default: '10' },
    rate: { type: 'string', default: '20000' },
    workload: { type: 'string', default: 'mixed' },
    seed: { type: 'string', default: '20261121' },
    json: { type: 'boolean', default: false },
  },
});

const lacking = missing('nsd', 'dnsperf');
if (lacking !== null) {
  process.stderr.write(`${lacking}\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'stairgate-soak-'));
try {
  process.exitCode = await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<number> {
  const chosen = values.part.split(',').map((name) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`--part: got "${name}", expected some of ${Object.keys(parts).join(', ')}`);
    return { name, part };
  });
  const workload = workloadNames.find((name) => name === values.workload);
  if (workload === undefined) throw new Error(`--workload: got "${values.workload}", expected one of ${workloadNames}`);
  const options = {
    seconds: positive('--seconds', values.seconds),
    minutes: positive('--minutes', values.minutes),
    rate: positive('--rate', values.rate),
    workload,
    seed: positive('--seed', values.seed),
  };
  const { seed } = options;

  const inputs = readInputs(folder, seed);
  const workloads = makeWorkloads(inputs, withoutSubsumed(inputs.names), { folder, seed, edns: true });
  say(`list: ${inputs.names.length} names, ${inputs.origin}; compiled by the box at its start`);
  const soak = await SoakBox.start(folder, inputs.listPath);
  // The box has a process group of its own, which a Ctrl-C does not reach.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      await soak.remove();
      rmSync(folder, { recursive: true, force: true });
      process.exit(1);
    });
  }
  try {
    const ground = { soak, workloads, pacedClient: compileC('paced-client', folder), options, say };
    const rules = await soak.box.metric('stairgate_rules');
    const { server, client } = soak.cores;
    const setting = `${rules} rules; ${cpus()[0]?.model}; the box on core ${server}, and on core ${client} the load, nsd and the dashboard`;
    tell(values.json ? JSON.stringify({ setting, options }) : `${setting}\n`);
    let isSound = true;
    for (const { name, part } of chosen) {
      try {
        for await (const finding of part(ground)) {
          if ((finding.lost ?? 0) > 0) isSound = false;
          tell(values.json ? JSON.stringify({ part: name, ...finding }) : row(finding));
        }
      } catch (error) {
        isSound = false;
        const figure = error instanceof Error ? error.message : String(error);
        const failed: Finding = { what: `${name} could not be run to its end`, figure, bar: '', met: false };
        tell(values.json ? JSON.stringify({ part: name, ...failed }) : row(failed));
      }
      if (!values.json) tell('');
    }
    return isSound ? 0 : 1;
  } finally {
    await soak.remove();
  }
}

function row({ what, figure, bar, met }: Finding): string {
  const judged = met === null ? '' : `${bar.padEnd(32)}${met ? 'ok' : 'SHORT'}`;
  return `${what.padEnd(52)}${figure.padEnd(60)}${judged}`.trimEnd();
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < 2 ** 32) return value;
  throw new Error(`${option}: got "${text}", expected a number above 0`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

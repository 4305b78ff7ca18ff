/** The load: dnsperf for full rate and a steady rate, paced-client for latencies. One run each, and what it reported. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { Server } from '../support/dns-client.ts';
import { pathOf } from '../support/name-servers.ts';
import type { Workload } from './workloads.ts';

/** A day's worst second in the largest nursery is a hundredth of it; the issue of the hot path names it. */
export const STEADY_RATE = 20_000;
const CLIENTS = 8;
const OUTSTANDING = 200;

export interface LoadRun {
  readonly completed: number;
  readonly lost: number;
  readonly queriesPerSecond: number;
  /** "NXDOMAIN" → how many. */
  readonly rcodes: Readonly<Record<string, number>>;
}

export interface LoadOptions {
  readonly seconds: number;
  readonly edns: boolean;
  /** Queries a second; as many as the server takes unless told. */
  readonly rate?: number;
  /** UDP unless told. Over TCP each client keeps one connection, and pipelines. */
  readonly transport?: Transport;
}

export type Transport = 'udp' | 'tcp';

export async function runDnsperf(server: Server, workload: Workload, options: LoadOptions): Promise<LoadRun> {
  const { seconds, edns, rate, transport = 'udp' } = options;
  const args = ['-m', transport, '-s', server.address, '-p', String(server.port), '-d', workload.dnsperfFile];
  args.push('-c', String(CLIENTS), '-q', String(OUTSTANDING), '-l', String(seconds));
  if (rate !== undefined) args.push('-Q', String(rate));
  if (edns) args.push('-e');
  const report = await output(pathOf('dnsperf') ?? 'dnsperf', args);
  const figure = (label: string) => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(report)?.[1] ?? Number.NaN);
  const completed = figure('Queries completed');
  if (Number.isNaN(completed)) throw new Error(`dnsperf reported nothing that can be read:\n${report}`);
  const codes = /Response codes:\s+(.*)/.exec(report)?.[1] ?? '';
  return {
    completed,
    lost: figure('Queries lost'),
    queriesPerSecond: figure('Queries per second'),
    rcodes: Object.fromEntries([...codes.matchAll(/([A-Z]+) (\d+)/g)].map(([, code, count]) => [code, Number(count)])),
  };
}

/** As paced-client.c prints it: microseconds; `behind` is how late its own sending was. */
export interface PacedRun {
  readonly sent: number;
  readonly answered: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  readonly behindP99Us: number;
  readonly behindMaxUs: number;
  /** How many answers had each code, by its number. */
  readonly rcodes: readonly number[];
}

export async function runPaced(
  program: string,
  server: Server,
  workload: Workload,
  { seconds, rate = STEADY_RATE }: { readonly seconds: number; readonly rate?: number },
): Promise<PacedRun> {
  const args = [String(server.port), String(rate), String(seconds), workload.wireFile];
  return JSON.parse(await output(program, args)) as PacedRun;
}

async function output(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [printed, problems, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${printed}${problems}`);
  return printed;
}

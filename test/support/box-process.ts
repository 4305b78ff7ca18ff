/**
 * A real box for tests: writes a settings file, starts the command line as a child process on loopback, waits for the
 * line that says it is ready, asks it, kills it.
 *
 * Owns the process and its folder. What it is asked goes through dns-client.ts.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment as measuredEnvironment, nodeFlags } from '../../filter-agent/commands/node-flags.ts';
import { type AskOptions, askTcp, askUdp, type Reply, type Server } from './dns-client.ts';
import { freePort } from './free-port.ts';

export const commandPath = fileURLToPath(new URL('../../filter-agent/commands/stairgate.mjs', import.meta.url));

/** What a test may say of a box; the rest is made up so that no two boxes meet. */
export interface BoxOptions {
  readonly upstreams?: readonly string[];
  /** More settings, as in the file: lists, policy, cache, dashboard. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** A folder of an earlier box; a fresh one unless told. It is not deleted by remove() when it was given. */
  readonly folder?: string;
  readonly stateDir?: string;
  /** Also listen on ::1, on the same port. */
  readonly ipv6?: boolean;
  readonly port?: number;
  readonly sitePort?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Take root's way past file permissions away, so that what is unreadable is so for a test that root runs. */
  readonly obeysPermissions?: boolean;
}

/** No upstream answers here (RFC 6335: the discard port, closed on loopback). */
const NO_UPSTREAM = 'udp://127.0.0.1:9';
/** A start takes well under a second; a machine that also runs a build takes longer. */
const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

export class BoxProcess {
  readonly folder: string;
  readonly stateDir: string;
  readonly configPath: string;
  readonly server: Server;
  readonly server6: Server;
  readonly site: Server;
  /** All that it wrote, over all its starts. */
  stdout = '';
  stderr = '';
  readonly #options: BoxOptions;
  #child: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);

  constructor(options: BoxOptions, folder: string, port: number, sitePort: number) {
    this.#options = options;
    this.folder = folder;
    this.stateDir = options.stateDir ?? join(folder, 'state');
    this.configPath = join(folder, 'box.yaml');
    this.server = { address: '127.0.0.1', port };
    this.server6 = { address: '::1', port };
    this.site = { address: '127.0.0.1', port: sitePort };
    this.configure();
  }

  /** Writes the settings file; `settings` go over those of the start. JSON is YAML. */
  configure(settings: Readonly<Record<string, unknown>> = {}): void {
    const { upstreams = [NO_UPSTREAM], ipv6 = false, settings: own } = this.#options;
    const { port } = this.server;
    const file = {
      listen: [`127.0.0.1:${port}`, ...(ipv6 ? [`[::1]:${port}`] : [])],
      upstreams,
      stateDir: this.stateDir,
      localSite: { name: 'stairgate.home.arpa', port: this.site.port, listen: ['127.0.0.1'] },
      clock: { mode: 'trust-system' },
      ...own,
      ...settings,
    };
    writeFileSync(this.configPath, JSON.stringify(file, null, 2));
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the box does not run');
    return pid;
  }

  /** Resolves with what the ready line said; rejects with all output when the process ends before. */
  async start(): Promise<void> {
    await this.startWithoutWaiting();
    const before = this.stdout.length;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => settle(`is not ready after ${READY_TIMEOUT_MS} ms`), READY_TIMEOUT_MS);
      const settle = (problem: string | null) => {
        clearTimeout(timer);
        this.#child?.stdout?.off('data', look);
        if (problem === null) resolve();
        else reject(new Error(`the box ${problem}:\n${this.stdout}${this.stderr}`));
      };
      const look = () => {
        if (/filters at .*ready in/.test(this.stdout.slice(before))) settle(null);
      };
      this.#child?.stdout?.on('data', look);
      void this.#exited.then((code) => settle(`ended with code ${code}`));
      look();
    });
  }

  /** Only starts the process: for tests that watch how it comes up, or that it does not. */
  async startWithoutWaiting(args: readonly string[] = []): Promise<void> {
    const { environment = {}, obeysPermissions = false } = this.#options;
    const own = [...nodeFlags, commandPath, 'run', '--config', this.configPath, ...args];
    const [command = '', ...rest] =
      obeysPermissions && process.getuid?.() === 0
        ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--', process.execPath, ...own]
        : [process.execPath, ...own];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that kill() reaches the process that compiles its lists as well.
      detached: true,
      env: { PATH: process.env.PATH ?? '', ...measuredEnvironment, ...environment },
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', (code) => {
        if (this.#child === child) this.#child = null;
        resolve(code);
      });
    });
  }

  get running(): boolean {
    return this.#child !== null;
  }

  /** The exit code once the process has ended; null when a signal ended it. */
  exited(): Promise<number | null> {
    return this.#exited;
  }

  /** As the service manager stops it; resolves with the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === null) return this.#exited;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  /** As a power cut ends it, as far as the process is concerned. */
  async kill(): Promise<void> {
    const pid = this.#child?.pid;
    if (pid !== undefined) {
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has ended by itself, and is about to be told so.
      }
    }
    await this.#exited;
  }

  ask(name: string, options?: AskOptions): Promise<Reply> {
    return askUdp(this.server, name, options);
  }

  askTcp(name: string, options?: AskOptions): Promise<Reply> {
    return askTcp(this.server, name, options);
  }

  /** A page of the local site. */
  async get(path: string): Promise<string> {
    const response = await fetch(`http://${this.site.address}:${this.site.port}${path}`);
    return response.text();
  }

  /** A figure of /metrics: "stairgate_queries_total". */
  async metric(name: string): Promise<number> {
    const line = (await this.get('/metrics')).split('\n').find((text) => text.startsWith(`${name} `));
    if (line === undefined) throw new Error(`/metrics has no ${name}`);
    return Number(line.slice(name.length + 1));
  }

  async health(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.get('/healthz')) as Record<string, unknown>;
  }

  /** Resident memory, from the kernel. */
  rssMegabytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  /** Processor time of all threads so far, user and system. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticksPerSecond = 100;
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Ends the process and deletes its folder. */
  async remove(): Promise<void> {
    await this.kill();
    if (this.#options.folder === undefined) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A box that is set up and not yet started: a test may put things into its state folder. */
export async function prepareBox(options: BoxOptions = {}): Promise<BoxProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'stairgate-box-'));
  mkdirSync(folder, { recursive: true });
  const port = options.port ?? (await freePort());
  return new BoxProcess(options, folder, port, options.sitePort ?? (await freePort()));
}

export async function startBoxProcess(options: BoxOptions = {}): Promise<BoxProcess> {
  for (let attempt = 1; ; attempt++) {
    const box = await prepareBox(options);
    try {
      await box.start();
      return box;
    } catch (error) {
      await box.remove();
      // Somebody else took the port between the look and the start.
      if (attempt === 3 || !box.stderr.includes('Another program already answers')) throw error;
    }
  }
}

const everyDay = [{ from: '00:00', to: '24:00' }];

/** A policy that is in opening hours whenever a test runs. Further groups, networks and devices go over its own. */
export function alwaysOpenPolicy(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    version: 0,
    settingName: 'Test nursery',
    timeZone: 'Europe/London',
    groups: [
      { id: 'setting', name: 'Setting devices', kind: 'setting' },
      { id: 'guest', name: 'Guests', kind: 'guest' },
    ],
    networks: [
      { name: 'Loopback', range: '127.0.0.0/8', group: 'setting' },
      { name: 'Loopback (IPv6)', range: '::1/128', group: 'setting' },
    ],
    devices: [],
    hours: {
      week: {
        monday: everyDay,
        tuesday: everyDay,
        wednesday: everyDay,
        thursday: everyDay,
        friday: everyDay,
        saturday: everyDay,
        sunday: everyDay,
      },
      bankHolidays: 'none',
    },
    ...over,
  };
}

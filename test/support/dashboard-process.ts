/**
 * A real dashboard for tests: the Worker on workerd, as a process of its own, with a folder and a port of its own.
 * Stopped, killed and started again it keeps its folder, as the one in a nursery's office does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

export const hostPath = fileURLToPath(new URL('../../dashboard-worker/host/main.ts', import.meta.url));
/** workerd's start and the bundling of the Worker, on a machine that also runs the other tests. */
const READY_TIMEOUT_MS = 60_000;

/** What the host prints when it is ready. */
export interface DashboardReady {
  readonly url: string;
  readonly setupLink: string | null;
  readonly pairingCode: string;
}

export class DashboardProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'stairgate-dashboard-'));
  readonly port: number;
  output = '';
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();

  constructor(port: number) {
    this.port = port;
  }

  /** `environment`: beside what this process has. `options`: of the command line, beside folder and port. */
  async start(
    environment: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
  ): Promise<DashboardReady> {
    const child = spawn(process.execPath, [hostPath, '--state', this.folder, '--port', String(this.port), ...options], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the dashboard is not ready:\n${this.output}`)),
        READY_TIMEOUT_MS,
      );
      void this.#exited.then(() => reject(new Error(`the dashboard ended:\n${this.output}`)));
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.output += `${line}\n`;
        if (!line.startsWith('{')) return;
        clearTimeout(timer);
        resolve(JSON.parse(line) as DashboardReady);
      });
    });
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    this.#child?.kill(signal);
    await this.#exited;
    this.#child = null;
  }

  /** Ends the process and deletes its folder. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startDashboardProcess(): Promise<{ dashboard: DashboardProcess; ready: DashboardReady }> {
  const dashboard = new DashboardProcess(await freePort());
  return { dashboard, ready: await dashboard.start() };
}

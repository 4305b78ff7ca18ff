/**
 * `npm start`: the box and the dashboard on one machine, as two processes, paired without anybody's help. For trying it,
 * and for a setting that keeps everything on site. No account, no internet, loopback only.
 *
 * The dashboard is another program: it is started by its path, spoken to over its own address, and known here by the one
 * line that it prints when it is ready.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inForce } from '../../policy-rules/schedule.ts';
import { showLine } from '../../policy-rules/show-text.ts';
import { enrol, loadIdentity } from '../control/box-identity.ts';
import { formatAddress } from '../control/listen-addresses.ts';
import { startBox } from '../main.ts';
import { ExitCode, safeOutput } from './command.ts';
import { readSettings } from './settings.ts';
import { softwareVersion } from './software-version.ts';

/** What the dashboard's host prints when it is ready. */
interface DashboardReady {
  readonly url: string;
  /** Null once the first user was made. */
  readonly setupLink: string | null;
  /** Pairs a box with the setting that the host made. */
  readonly pairingCode: string;
}

const DASHBOARD_PORT = '8080';
const DASHBOARD_HOST = fileURLToPath(new URL('../../dashboard-worker/host/main.ts', import.meta.url));
/** workerd's first start on a slow disk. */
const DASHBOARD_TIMEOUT_MS = 60_000;

const stdout = safeOutput(process.stdout);
const stderr = safeOutput(process.stderr);
const stop = Promise.withResolvers<number>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.resolve(ExitCode.OK));

process.exitCode = await main();

async function main(): Promise<number> {
  const options = { 'dashboard-port': { type: 'string', default: DASHBOARD_PORT } } as const;
  const { values } = parseArgs({ options });
  const config = readSettings({});
  mkdirSync(config.stateDir, { recursive: true });
  const dashboard = startDashboard(join(config.stateDir, 'dashboard'), values['dashboard-port']);
  try {
    const ready = await dashboard.ready;
    await pair(config.stateDir, ready);
    const box = await startBox({
      config,
      version: softwareVersion,
      log: (line) => stderr.write(`${showLine(line)}\n`),
      onFatal: (error) => {
        stderr.write(`${error.message}\n`);
        stop.resolve(ExitCode.FAILED);
      },
    });
    const [first] = box.listening.udp;
    stdout.write(welcome(ready, first ?? { address: '127.0.0.1', port: 0 }, box.localSite));
    const code = await Promise.race([stop.promise, dashboard.ended]);
    await box.stop();
    return code;
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return ExitCode.FAILED;
  } finally {
    await dashboard.stop();
  }

  function welcome(
    ready: DashboardReady,
    box: { readonly address: string; readonly port: number },
    localSite: readonly { readonly address: string; readonly port: number }[],
  ): string {
    const { policy } = config;
    const { open } = inForce(policy.hours, policy.timeZone, Date.now());
    const lines = [
      '',
      `Stairgate ${softwareVersion} is ready.`,
      '',
      `  Ask it a name      dig @${box.address} -p ${box.port} www.facebook.com`,
      `  Or without dig     npm run -s stairgate -- check www.facebook.com`,
      ready.setupLink === null
        ? `  Dashboard          ${named(ready.url)}`
        : `  Dashboard, set up  ${named(ready.setupLink)}`,
      ...localSite.slice(0, 1).map((at) => `  What staff see     http://${formatAddress(at)}/`),
      '',
      open
        ? '  The setting is open now: social media is blocked on its devices until you give permission.'
        : '  The setting is closed now, so nothing but protected names is blocked. Change "Opening hours" on the dashboard to see it at work.',
      '  Ctrl-C ends it. Its state is in .stairgate; delete that folder to start anew.',
      '',
    ];
    return `${lines.join('\n')}\n`;
  }
}

/** For people: browsers know passkeys under the name of this machine, and not under its address. */
function named(url: string): string {
  return url.replace('//127.0.0.1', '//localhost');
}

function startDashboard(
  stateDir: string,
  port: string,
): {
  readonly ready: Promise<DashboardReady>;
  /** Resolves with an exit code when the dashboard ends by itself. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
} {
  const args = [DASHBOARD_HOST, '--state', stateDir, '--port', port, '--with-parent'];
  const child = spawn(process.execPath, args, {
    // Its standard input is never written to: it ends with this process, and tells the dashboard to end as well.
    stdio: ['pipe', 'pipe', 'pipe'],
    // A Ctrl-C at the terminal goes to the whole group: the dashboard is ended by us, after the box.
    detached: true,
  });
  // What the dashboard says may quote others: it goes through the same gate as what we say.
  child.stderr!.setEncoding('utf8').on('data', (text: string) => stderr.write(text));
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? ExitCode.FAILED)));
  return { ready: readReadyLine(child, exited), ended: exited, stop: () => endChild(child, exited) };
}

function readReadyLine(child: ChildProcess, exited: Promise<number>): Promise<DashboardReady> {
  const line = new Promise<DashboardReady>((resolve, reject) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (text) => {
      if (!text.startsWith('{')) {
        stderr.write(`dashboard: ${text}\n`);
        return;
      }
      resolve(JSON.parse(text) as DashboardReady);
    });
    const timer = setTimeout(() => reject(new Error('The dashboard did not become ready.')), DASHBOARD_TIMEOUT_MS);
    timer.unref();
  });
  const early = exited.then((code) => {
    const mend = 'if its port is taken, choose another: npm start -- --dashboard-port 8090';
    throw new Error(`The dashboard ended with code ${code} before it was ready; ${mend}.`);
  });
  // Its end after the ready line is the caller's to notice.
  early.catch(() => undefined);
  return Promise.race([line, early]);
}

async function endChild(child: ChildProcess, exited: Promise<number>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(timer);
}

/** The box keeps its pairing; a state folder of which only the dashboard's half was deleted is paired anew. */
async function pair(stateDir: string, ready: DashboardReady): Promise<void> {
  const { identity } = await loadIdentity(stateDir);
  if (identity !== null && identity.dashboardUrl === ready.url) return;
  await enrol({ stateDir, dashboardUrl: ready.url, code: ready.pairingCode, boxName: 'This machine' });
}

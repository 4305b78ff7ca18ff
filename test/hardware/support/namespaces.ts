/** Network namespaces of a test's own making: nothing in them reaches the machine's network. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { PATH } from './requirements.ts';

const env = { ...process.env, PATH };
const run = promisify(execFile);

export interface Namespace {
  readonly name: string;
  /** `ip` within it, a line of arguments each. */
  ip(...lines: readonly string[]): void;
  /** Runs a program to its end; throws when it fails. */
  exec(program: string, ...args: readonly string[]): string;
  /** The same without holding up the test's process. */
  execAsync(program: string, args: readonly string[], timeoutMs?: number): Promise<{ stdout: string; stderr: string }>;
  /** Starts a program that stays. */
  spawn(program: string, args: readonly string[], extraEnv?: NodeJS.ProcessEnv): ChildProcess;
}

/** A set that is taken down as one: its programs are ended first. */
export class Namespaces {
  readonly #names: string[] = [];
  readonly #children: ChildProcess[] = [];

  constructor() {
    removeLeftovers();
  }

  add(role: string): Namespace {
    const name = `sg${process.pid}${role}`;
    execFileSync('ip', ['netns', 'add', name], { env });
    this.#names.push(name);
    const within = (program: string, args: readonly string[]) => ['netns', 'exec', name, program, ...args];
    const namespace: Namespace = {
      name,
      ip: (...lines) => {
        for (const line of lines) {
          execFileSync('ip', ['-n', name, ...line.split(' ')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
        }
      },
      exec: (program, ...args) => execFileSync('ip', within(program, args), { env, encoding: 'utf8', timeout: 20_000 }),
      execAsync: (program, args, timeout = 20_000) => run('ip', within(program, args), { env, timeout }),
      spawn: (program, args, extraEnv = {}) => {
        const child = spawn('ip', within(program, args), { env: { ...env, ...extraEnv } });
        this.#children.push(child);
        return child;
      },
    };
    // An address is usable at once, without a second of asking who else has it.
    namespace.exec('sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0');
    namespace.ip('link set lo up');
    return namespace;
  }

  /** A cable: one end in each, each end with its addresses. */
  cable(a: CableEnd, b: CableEnd): void {
    const mac = (end: CableEnd) => (end.mac === undefined ? [] : ['address', end.mac]);
    const args = [
      'link',
      'add',
      a.name,
      ...mac(a),
      'netns',
      a.in.name,
      'type',
      'veth',
      'peer',
      'name',
      b.name,
      ...mac(b),
    ];
    execFileSync('ip', [...args, 'netns', b.in.name], { env });
    for (const end of [a, b]) {
      for (const address of end.addresses) end.in.ip(`address add ${address} dev ${end.name}`);
      end.in.ip(`link set ${end.name} up`);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map(endProcess));
    for (const name of this.#names) {
      try {
        execFileSync('ip', ['netns', 'delete', name], { env });
      } catch {
        // The others must go all the same.
      }
    }
  }
}

export interface CableEnd {
  readonly in: Namespace;
  readonly name: string;
  readonly mac?: string;
  readonly addresses: readonly string[];
}

/** Asks it to stop, and does not wait for ever. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  // A stopped process takes no other signal.
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 4_000);
  await ended;
  clearTimeout(timer);
}

/** Namespaces of a test run that was killed: named after a process that is no more. */
function removeLeftovers(): void {
  const listed = execFileSync('ip', ['netns', 'list'], { env, encoding: 'utf8' });
  for (const [, name, pid] of listed.matchAll(/^(sg(\d+)[a-z]+)\b/gm)) {
    if (!existsSync(`/proc/${pid}`)) execFileSync('ip', ['netns', 'delete', name!], { env });
  }
}

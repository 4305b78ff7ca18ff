/** The real programs of these tests: the box, an authoritative server, a client's dig, and something behind other ports. */
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Namespace } from './namespaces.ts';

export const repository = fileURLToPath(new URL('../../..', import.meta.url));
export const stairgate = join(repository, 'filter-agent/commands/stairgate.mjs');

/** Everything below the root has these addresses: a blocked name that leaks shows at once. */
export const WILDCARD_A = '203.0.113.99';

/** NSD with a wildcard root, on each of the addresses. */
export async function startAuthority(
  namespace: Namespace,
  folder: string,
  addresses: readonly string[],
): Promise<void> {
  const zone = join(folder, 'root.zone');
  const config = join(folder, 'nsd.conf');
  await writeFile(
    zone,
    `$ORIGIN .\n$TTL 60\n@ SOA ns. hostmaster. 1 3600 600 86400 60\n@ NS ns.\n* A ${WILDCARD_A}\n* AAAA 2001:db8:99::99\n`,
  );
  const server = [
    'username: ""',
    'database: ""',
    'zonelistfile: ""',
    `zonesdir: "${folder}"`,
    `pidfile: "${join(folder, 'nsd.pid')}"`,
    `xfrdfile: "${join(folder, 'xfrd.state')}"`,
    `xfrdir: "${folder}"`,
    'server-count: 1',
    'hide-version: yes',
    ...addresses.map((address) => `ip-address: ${address}`),
  ];
  await writeFile(
    config,
    `server:\n${server.map((line) => `  ${line}\n`).join('')}remote-control:\n  control-enable: no\nzone:\n  name: "."\n  zonefile: "${zone}"\n`,
  );
  const nsd = namespace.spawn('nsd', ['-d', '-c', config]);
  await saidBy(nsd, /nsd started/);
}

export interface StartedBox {
  readonly process: ChildProcess;
  readonly said: () => string;
}

/** The box as it is run: its own process, its own settings file. Resolves when it says that it filters. */
export async function startBoxProcess(
  namespace: Namespace,
  settings: string,
  extraEnv?: NodeJS.ProcessEnv,
): Promise<StartedBox> {
  const child = namespace.spawn(process.execPath, [stairgate, 'run', '--config', settings], extraEnv);
  const said = await saidBy(child, /filters at/);
  return { process: child, said };
}

/** Resolves when a program has written what is awaited; rejects with all it wrote when it ends before, or in 30 s. */
export function saidBy(child: ChildProcess, awaited: RegExp): Promise<() => string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${child.spawnargs.join(' ')} ${why}; it said:\n${text}`));
    const timer = setTimeout(() => fail('took longer than 30 s'), 30_000);
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!awaited.test(text)) return;
      clearTimeout(timer);
      resolve(() => text);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal}`);
    });
  });
}

export interface Answer {
  /** "NOERROR", "NXDOMAIN", or "none" when nothing came from the address that was asked. */
  readonly status: string;
  readonly addresses: readonly string[];
  /** RFC 8914's EDE 15. */
  readonly saysBlocked: boolean;
}

/** One question, asked once. dig takes no answer from another address or port than it asked. */
export async function dig(
  namespace: Namespace,
  server: string,
  name: string,
  options: { readonly tcp?: boolean; readonly type?: 'A' | 'AAAA'; readonly timeoutSeconds?: number } = {},
): Promise<Answer> {
  const { tcp = false, type = 'A', timeoutSeconds = 5 } = options;
  const flags = [tcp ? '+tcp' : '+notcp', `+time=${timeoutSeconds}`, '+tries=1', '+noall', '+comments', '+answer'];
  const args = [`@${server}`, name, type, ...flags];
  const { stdout } = await namespace.execAsync('dig', args).catch((failed: { stdout?: string }) => failed);
  const text = stdout ?? '';
  return {
    status: /status: (\w+)/.exec(text)?.[1] ?? 'none',
    addresses: [...text.matchAll(/\sIN\s+(?:A|AAAA)\s+(\S+)/g)].map(([, address]) => address!),
    saysBlocked: /EDE: 15 /.test(text),
  };
}

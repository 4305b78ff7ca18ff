/**
 * Real name servers from Debian's packages, on loopback: nsd with one root zone, and unbound as the resolver in front.
 * Where they are not installed `lacks()` says so, and the tests that need them are skipped.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askUdp, type Server } from './dns-client.ts';
import { freePort } from './free-port.ts';

export interface NameServer extends Server {
  /** Ends it as a crash would; `start()` brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and deletes its folder. */
  remove(): Promise<void>;
}

const folders = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];

/** Which of the programs are not installed, and how to mend it; null when all are there. */
export function missing(...programs: readonly string[]): string | null {
  const absent = programs.filter((program) => pathOf(program) === undefined);
  return absent.length === 0 ? null : `${absent.join(' and ')} not installed: apt-get install ${absent.join(' ')}`;
}

/** For `describe.skipIf`: whether one is missing, with one line that says so. */
export function lacks(...programs: readonly string[]): boolean {
  const reason = missing(...programs);
  if (reason !== null) process.stderr.write(`skipped: ${reason}\n`);
  return reason !== null;
}

export function pathOf(program: string): string | undefined {
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

/** Every name has the address 192.0.2.1 and 2001:db8::1; other types are NODATA. */
export const wildcardZone = ['* A 192.0.2.1', '* AAAA 2001:db8::1'];

/** nsd, authoritative for the root with these records (master file lines, names relative to the root). */
export async function startNsd(records: readonly string[] = wildcardZone): Promise<NameServer> {
  const { folder, port } = await place('nsd');
  const zone = [
    '$ORIGIN .',
    '$TTL 300',
    '@ SOA ns.root-test. admin.root-test. 1 3600 600 86400 60',
    '@ NS ns.root-test.',
    'ns.root-test. A 127.0.0.1',
    ...records,
  ];
  writeFileSync(join(folder, 'root.zone'), `${zone.join('\n')}\n`);
  writeFileSync(
    join(folder, 'nsd.conf'),
    `server:
  ip-address: 127.0.0.1@${port}
  username: ""
  chroot: ""
  server-count: 1
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  zonelistfile: "${folder}/zone.list"
  xfrdfile: "${folder}/xfrd.state"
  xfrdir: "${folder}"
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: root.zone
`,
  );
  return serve('nsd', ['-d', '-c', join(folder, 'nsd.conf')], folder, port, 'ns.root-test');
}

/** What unbound needs to speak encrypted as well; paths of PEM files. */
export interface Encryption {
  readonly key: string;
  readonly certificate: string;
  /** Where it does so; the port for plain DNS is its own. */
  readonly address: string;
  readonly tlsPort: number;
  readonly httpsPort: number;
}

/** unbound, a resolver that takes the given server for the root of the tree; over TLS and HTTPS too when told how. */
export async function startUnbound(root: Server, encryption?: Encryption): Promise<NameServer> {
  const { folder, port } = await place('unbound');
  const encrypted =
    encryption === undefined
      ? ''
      : `  interface: ${encryption.address}@${encryption.tlsPort}
  interface: ${encryption.address}@${encryption.httpsPort}
  tls-port: ${encryption.tlsPort}
  https-port: ${encryption.httpsPort}
  tls-service-key: "${encryption.key}"
  tls-service-pem: "${encryption.certificate}"
  incoming-num-tcp: 100
`;
  writeFileSync(
    join(folder, 'unbound.conf'),
    `server:
  interface: 127.0.0.1@${port}
${encrypted}  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: "${folder}/unbound.log"
  num-threads: 1
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "iterator"
  qname-minimisation: no
  do-ip6: no
remote-control:
  control-enable: no
stub-zone:
  name: "."
  stub-addr: ${root.address}@${root.port}
`,
  );
  return serve('unbound', ['-d', '-c', join(folder, 'unbound.conf')], folder, port, 'ns.root-test');
}

async function place(program: string): Promise<{ folder: string; port: number }> {
  return { folder: mkdtempSync(join(tmpdir(), `stairgate-${program}-`)), port: await freePort() };
}

async function serve(
  program: string,
  args: readonly string[],
  folder: string,
  port: number,
  probe: string,
): Promise<NameServer> {
  let child: ChildProcess | null = null;
  let exited: Promise<void> = Promise.resolve();
  let stderr = '';
  const server = { address: '127.0.0.1', port };
  const start = async () => {
    const path = pathOf(program);
    if (path === undefined) throw new Error(`${program} is not installed: look at missing() first`);
    // A group of its own: nsd forks, and a kill must reach all of it.
    const started = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    child = started;
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    exited = new Promise((resolve) => {
      started.once('error', () => resolve());
      started.once('exit', () => {
        if (child === started) child = null;
        resolve();
      });
    });
    await answering(
      server,
      probe,
      () => child !== null,
      () => stderr,
    );
  };
  const kill = async () => {
    if (child?.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await exited;
  };
  await start();
  return {
    ...server,
    start,
    kill,
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answering(server: Server, probe: string, alive: () => boolean, stderr: () => string): Promise<void> {
  const deadlineMs = performance.now() + 15_000;
  for (;;) {
    const reply = await askUdp(server, probe, { timeoutMs: 250 }).catch(() => null);
    if (reply?.rcode === 'NOERROR') return;
    if (!alive() || performance.now() > deadlineMs) throw new Error(`the name server does not answer:\n${stderr()}`);
  }
}

/**
 * The servers of the bench, each started once with the same rules and the same upstream, one thread each, and kept
 * until the end. Settings of the peers are such that their caches hold everything asked and nothing is logged.
 */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alwaysOpenPolicy, startBoxProcess } from '../support/box-process.ts';
import { askUdp, type Server } from '../support/dns-client.ts';
import { freePort } from '../support/free-port.ts';
import { missing, pathOf, startNsd } from '../support/name-servers.ts';
import { ONE_FOR_ALL, type ServerName } from './options.ts';
import { childrenOf, commandName } from './process-accounting.ts';

export interface BenchServer {
  readonly name: ServerName;
  /** "unbound 1.17.1". */
  readonly version: string;
  readonly server: Server;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Upstream extends Server {
  readonly pid: number;
  stop(): Promise<void>;
}

export interface Ground {
  readonly folder: string;
  /** Without the names that lie below another. */
  readonly rules: readonly string[];
  readonly listPath: string;
  readonly upstream: Server;
  /** The box's answering threads. */
  readonly threads: number;
  /** The compiled floor.c, or null without a compiler. */
  readonly floorProgram: string | null;
}

/** Reading 1.33 million rules takes unbound about ten seconds, and much longer while others start beside it. */
const START_TIMEOUT_MS = 5 * 60_000;
/** The box's own rules are a few thousand; that many of the list's names say that the list is in force. */
const LIST_IN_FORCE_SHARE = 0.9;
/** Longer than any run, so that what is cached stays so. */
const ANSWER_TTL_SECONDS = 86_400;
const ENTRIES = 200_000;

/** Why it cannot be started here, or null. */
export function lackOf(name: ServerName, { floorProgram }: Ground): string | null {
  if (name === 'stairgate') return null;
  if (name === 'floor') return floorProgram === null ? 'no C compiler: apt-get install gcc' : null;
  return missing(name);
}

export function startServer(name: ServerName, ground: Ground): Promise<BenchServer> {
  switch (name) {
    case 'floor':
      return startFloor(ground);
    case 'stairgate':
      return startStairgate(ground);
    case 'dnsdist':
      return startDnsdist(ground);
    case 'unbound':
      return startUnbound(ground);
    case 'dnsmasq':
      return startDnsmasq(ground);
  }
}

/** nsd, for which every name exists. */
export async function startUpstream(): Promise<Upstream> {
  const nsd = await startNsd([`* ${ANSWER_TTL_SECONDS} A 192.0.2.1`, `* ${ANSWER_TTL_SECONDS} AAAA 2001:db8::1`]);
  const pid = childrenOf(process.pid).find((child) => commandName(child).startsWith('nsd'));
  if (pid === undefined) throw new Error('nsd answers and is no child of this process');
  return { address: nsd.address, port: nsd.port, pid, stop: () => nsd.remove() };
}

async function startFloor({ floorProgram }: Ground): Promise<BenchServer> {
  const port = await freePort();
  return serve('floor', 'C, recvmmsg and sendmmsg', port, floorProgram ?? 'floor', [String(port)]);
}

/** As it runs at a nursery: the list, the catalogue, a schedule, networks, groups, named devices, usage and events on. */
async function startStairgate({ listPath, rules, upstream, threads }: Ground): Promise<BenchServer> {
  const box = await startBoxProcess({
    upstreams: [`udp://${upstream.address}:${upstream.port}`],
    settings: {
      policy: benchPolicy(),
      lists: [{ id: 'large', path: listPath }],
      answeringThreads: threads,
      lookUps: ONE_FOR_ALL,
    },
  });
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while ((await box.metric('stairgate_rules')) < LIST_IN_FORCE_SHARE * rules.length) {
    if (!box.running || performance.now() > deadlineMs) {
      await box.remove();
      throw new Error(`the box has not taken the list:\n${box.stdout}${box.stderr}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return {
    name: 'stairgate',
    version: `${threads} answering thread${threads === 1 ? '' : 's'}, Node ${process.versions.node}`,
    server: box.server,
    pid: box.pid,
    stop: () => box.remove(),
  };
}

/** 200 named devices in four groups and three networks; the one that asks is a named device of the setting. */
function benchPolicy(): Record<string, unknown> {
  const groups = ['setting', 'office', 'staff-personal', 'guest'];
  return alwaysOpenPolicy({
    groups: [
      { id: 'setting', name: 'Setting devices', kind: 'setting' },
      { id: 'office', name: 'Office', kind: 'setting', categories: { messaging: 'never' } },
      { id: 'staff-personal', name: 'Staff’s own devices', kind: 'personal' },
      { id: 'guest', name: 'Guests', kind: 'guest' },
    ],
    networks: [
      { name: 'Loopback', range: '127.0.0.0/8', group: 'guest' },
      { name: 'Rooms', range: '10.1.0.0/16', group: 'setting' },
      { name: 'Guests', range: '10.2.0.0/16', group: 'guest' },
    ],
    devices: [
      { id: 'bench', name: 'The bench', group: 'setting', addresses: ['127.0.0.1'] },
      ...Array.from({ length: 199 }, (_, index) => ({
        id: `device-${index}`,
        name: `Device ${index}`,
        group: groups[index % groups.length],
        addresses: [`10.1.0.${index + 1}`, `fd00::${(index + 1).toString(16)}`],
      })),
    ],
  });
}

async function startDnsmasq({ folder, rules, upstream }: Ground): Promise<BenchServer> {
  const port = await freePort();
  const config = join(folder, 'dnsmasq.conf');
  const settings = `port=${port}
listen-address=127.0.0.1
bind-interfaces
no-resolv
no-hosts
server=${upstream.address}#${upstream.port}
cache-size=${ENTRIES}
dns-forward-max=1000
cache-rr=HTTPS
`;
  writeFileSync(config, settings + rules.map((name) => `address=/${name}/\n`).join(''));
  const args = ['--keep-in-foreground', '--log-facility=-', `--conf-file=${config}`, '--pid-file='];
  return serve('dnsmasq', versionOf('dnsmasq', '--version', /version (\S+)/), port, pathOf('dnsmasq')!, args);
}

async function startUnbound({ folder, rules, upstream }: Ground): Promise<BenchServer> {
  const port = await freePort();
  const config = join(folder, 'unbound.conf');
  const zones = rules.map((name) => `  local-zone: "${name}" always_nxdomain\n`).join('');
  writeFileSync(
    config,
    `server:
  interface: 127.0.0.1@${port}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "iterator"
  do-ip6: no
  so-rcvbuf: 1m
  outgoing-range: 4096
  num-queries-per-thread: 2048
  msg-cache-size: 128m
  rrset-cache-size: 256m
${zones}remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: ${upstream.address}@${upstream.port}
`,
  );
  return serve('unbound', versionOf('unbound', '-V', /Version (\S+)/), port, pathOf('unbound')!, ['-d', '-c', config]);
}

async function startDnsdist({ folder, rules, upstream }: Ground): Promise<BenchServer> {
  const port = await freePort();
  const list = join(folder, 'dnsdist.names');
  const config = join(folder, 'dnsdist.conf');
  writeFileSync(list, `${rules.join('\n')}\n`);
  writeFileSync(
    config,
    `setLocal('127.0.0.1:${port}')
setSecurityPollSuffix('')
setMaxUDPOutstanding(65535)
newServer({address='${upstream.address}:${upstream.port}', healthCheckMode='up'})
getPool(''):setCache(newPacketCache(${ENTRIES}, {maxTTL=${ANSWER_TTL_SECONDS}}))
local listed = newSuffixMatchNode()
for name in io.lines('${list}') do listed:add(name) end
addAction(SuffixMatchNodeRule(listed, true), RCodeAction(DNSRCode.NXDOMAIN))
`,
  );
  const args = ['--supervised', '--disable-syslog', '-C', config];
  return serve('dnsdist', versionOf('dnsdist', '--version', /dnsdist (\S+)/), port, pathOf('dnsdist')!, args);
}

function versionOf(program: string, flag: string, version: RegExp): string {
  const { stdout, stderr } = spawnSync(pathOf(program)!, [flag], { encoding: 'utf8' });
  return version.exec(stdout + stderr)?.[1] ?? 'of unknown version';
}

/** Resolves as soon as it answers anything at all. */
async function serve(
  name: ServerName,
  version: string,
  port: number,
  program: string,
  args: readonly string[],
): Promise<BenchServer> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  const exited = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      resolve();
    });
    child.once('exit', () => resolve());
  });
  let running = true;
  void exited.then(() => {
    running = false;
  });
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const server = { address: '127.0.0.1', port };
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  while ((await askUdp(server, 'ns.root-test', { timeoutMs: 250 }).catch(() => null)) === null) {
    if (running && performance.now() < deadlineMs) continue;
    await stop();
    throw new Error(`${name} does not answer:\n${stderr}`);
  }
  return { name, version, server, pid: child.pid!, stop };
}

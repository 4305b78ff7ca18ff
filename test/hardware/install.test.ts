/**
 * The installer into a root folder of this test's own, without network; and the program that it installed, run as the
 * unit says: another user, one capability, the unit's filter of system calls.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Namespace, Namespaces } from './support/namespaces.ts';
import { dig, repository, saidBy } from './support/programs.ts';
import { lacks, PATH } from './support/requirements.ts';
import { readUnit } from './support/unit-file.ts';

const installer = join(repository, 'hardware/install.sh');
const UNIT_USER = 64_999;
/** A copy of 500 MB on a slow disk. */
const INSTALL_TIMEOUT_MS = 180_000;

const needs = ['root', 'namespaces', 'dig', 'systemd-analyze', 'setpriv', 'libseccomp'] as const;

describe.skipIf(lacks('the installer', needs))('the installer', () => {
  let folder: string;
  let root: string;
  let namespaces: Namespaces | undefined;
  let machine: Namespace;
  let before: string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stairgate-install-'));
    chmodSync(folder, 0o755);
    root = join(folder, 'root');
    for (const usual of ['opt', 'etc/systemd/system', 'usr/local/bin', 'var/lib']) {
      mkdirSync(join(root, usual), { recursive: true });
    }
    before = await everythingIn(root);
    namespaces = new Namespaces();
    machine = namespaces.add('machine');
    const beyond = namespaces.add('beyond');
    namespaces.cable(
      { in: machine, name: 'eth0', addresses: ['192.0.2.10/24', '2001:db8:7::10/64'] },
      { in: beyond, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:7::1/64'] },
    );
    namespaces.cable(
      { in: machine, name: 'eth1', addresses: ['10.20.0.1/16', 'fd00:20::1/64'] },
      { in: beyond, name: 'eth1', addresses: ['10.20.0.2/16'] },
    );
    machine.ip('route add default via 192.0.2.1');
  });

  afterAll(async () => {
    await namespaces?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const install = (args: readonly string[], extraPath = '') => {
    const { status, stdout, stderr } = spawnSync(
      'ip',
      ['netns', 'exec', machine.name, 'sh', installer, '--root', root, ...args],
      { encoding: 'utf8', env: { PATH: `${extraPath}:${PATH}`, HOME: folder, LC_ALL: 'C' } },
    );
    return { status, stdout, stderr };
  };
  const inRoot = (path: string) => join(root, path);
  const routerConf = () => readFileSync(inRoot('etc/stairgate/router.conf'), 'utf8');
  const settings = () => readFileSync(inRoot('etc/stairgate/stairgate.yaml'), 'utf8');
  const installed = (...args: readonly string[]) =>
    spawnSync(
      inRoot('opt/stairgate/node_modules/.bin/node'),
      [inRoot('opt/stairgate/filter-agent/commands/stairgate.mjs'), ...args],
      { encoding: 'utf8' },
    );

  /** Programs that say something else about the machine. */
  const pretend = (programs: Readonly<Record<string, string>>): string => {
    const bin = join(folder, `bin-${Object.keys(programs).join('-')}-${Object.values(programs).join('-')}`);
    mkdirSync(bin, { recursive: true });
    for (const [name, says] of Object.entries(programs)) {
      writeFileSync(join(bin, name), `#!/bin/sh\necho ${says}\n`, { mode: 0o755 });
    }
    return bin;
  };

  it.each([
    ['a 32-bit processor', { uname: 'armv7l' }, 'this machine is armv7l, expected x86_64 or aarch64'],
    ['a 32-bit system on a 64-bit kernel', { uname: 'aarch64', getconf: '32' }, 'this system is 32-bit'],
  ])('refuses %s with a sentence, and leaves nothing', async (_, programs, sentence) => {
    const { status, stderr } = install([], pretend(programs));
    expect(stderr).toContain(`Not installed: ${sentence}`);
    expect(status).toBe(1);
    expect(await everythingIn(root)).toEqual(before);
  });

  it.each([
    [['--lan', 'eth7'], 'there is no interface eth7 here'],
    [['--purge'], '--purge goes with --uninstall'],
    [['--fast'], 'the option "--fast" is not known'],
  ])('refuses %j with a sentence, and leaves nothing', async (args, sentence) => {
    const { status, stderr } = install(args);
    expect(stderr).toContain(sentence);
    expect(status).toBe(1);
    expect(await everythingIn(root)).toEqual(before);
  });

  it('installs program, unit, command and settings for this machine’s own network', {
    timeout: INSTALL_TIMEOUT_MS,
  }, async () => {
    const { status, stdout, stderr } = install([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('stairgate enrol');
    expect(readlinkSync(inRoot('opt/stairgate'))).toBe('stairgate.a');
    expect(readlinkSync(inRoot('etc/systemd/system/multi-user.target.wants/stairgate.service'))).toBe(
      '/etc/systemd/system/stairgate.service',
    );
    expect(existsSync(inRoot('etc/systemd/system/stairgate-router.service'))).toBe(false);
    expect(settings()).toContain('{ name: Nursery network, range: "192.0.2.0/24", group: setting }');
    expect(settings()).toContain('range: "2001:db8:7::/64"');
    expect(settings()).not.toContain('192.168.0.0/16');
    expect(settings()).not.toContain('10.20.0.0/16');
    // Neither what only developers need, nor the tests.
    for (const left of ['.git', 'test', 'node_modules/vitest', 'node_modules/wrangler']) {
      expect(existsSync(inRoot(`opt/stairgate/${left}`))).toBe(false);
    }
  });

  it('filled the cache of compiled modules, which root alone may change', () => {
    const cache = inRoot('opt/stairgate/node_modules/.cache');
    const entries = readdirSync(cache, { recursive: true, encoding: 'utf8' }).map((path) =>
      statSync(join(cache, path)),
    );
    expect(entries.filter((entry) => entry.isFile()).length).toBeGreaterThan(60);
    for (const entry of entries) expect([entry.uid, entry.mode & 0o022, entry.mode & 0o044]).toEqual([0, 0, 0o044]);
  });

  it('installed a program that judges by these settings', () => {
    const checked = installed(
      'check',
      '--config',
      inRoot('etc/stairgate/stairgate.yaml'),
      '--at',
      '2026-11-23T10:00',
      'facebook.com',
    );
    expect(checked.stdout).toMatch(/^facebook\.com\tblock\t/);
  });

  describe('and the program, run as the unit says', () => {
    const under = (...command: readonly string[]): string[] => [
      `--reuid=${UNIT_USER}`,
      `--regid=${UNIT_USER}`,
      '--clear-groups',
      '--inh-caps=-all,+net_bind_service',
      '--ambient-caps=-all,+net_bind_service',
      '--bounding-set=-all,+net_bind_service',
      '--no-new-privs',
      inRoot('opt/stairgate/node_modules/.bin/node'),
      join(folder, 'under-filter.ts'),
      inRoot('opt/stairgate/package.json'),
      join(folder, 'allowed-calls'),
      ...command,
    ];

    beforeAll(() => {
      cpSync(join(repository, 'test/hardware/support/under-filter.ts'), join(folder, 'under-filter.ts'));
      const words = readUnit(inRoot('etc/systemd/system/stairgate.service')).get('SystemCallFilter')!;
      writeFileSync(join(folder, 'allowed-calls'), words.flatMap(callsOf).join('\n'));
      mkdirSync(join(folder, 'state'));
      const own = join(folder, 'own.yaml');
      writeFileSync(own, settings().replace('stateDir: /var/lib/stairgate', `stateDir: ${join(folder, 'state')}`));
      for (const path of [join(folder, 'state'), own]) chownSync(path, UNIT_USER, UNIT_USER);
    });

    it('answers on port 53, keeps its state, and opens the local site on port 80', async () => {
      const node = inRoot('opt/stairgate/node_modules/.bin/node');
      const program = inRoot('opt/stairgate/filter-agent/commands/stairgate.mjs');
      const child = machine.spawn('setpriv', under(node, program, 'run', '--config', join(folder, 'own.yaml')));
      const said = await saidBy(child, /Local site: .*192\.0\.2\.10/);
      expect(said()).not.toMatch(/EPERM|EACCES|Not allowed|CANNOT|neighbour/);
      expect(await dig(machine, '192.0.2.10', 'stairgate.home.arpa')).toMatchObject({ addresses: ['192.0.2.10'] });
      expect(await dig(machine, '192.0.2.10', 'stairgate.home.arpa', { tcp: true })).toMatchObject({
        status: 'NOERROR',
      });
      expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^CapEff:\t0000000000000400$/m);
      expect(readFileSync(`/proc/${child.pid}/status`, 'utf8')).toMatch(/^Seccomp:\t2$/m);
      expect((await readdir(join(folder, 'state'))).length).toBeGreaterThan(0);
    });

    it('may read the neighbour table', async () => {
      // Nobody answers there, but somebody is met on the way.
      await dig(machine, '192.0.2.1', 'gov.example', { tcp: true, timeoutSeconds: 1 });
      const table = machine.exec('setpriv', ...under('/usr/bin/env', `PATH=${PATH}`, 'ip', '-json', 'neigh', 'show'));
      expect(JSON.parse(table)).toContainEqual(expect.objectContaining({ dst: '192.0.2.1', dev: 'eth0' }));
    });

    it('may read the state of the clock, and not set it', () => {
      const script = `
        const koffi = require(${JSON.stringify(inRoot('opt/stairgate/node_modules/koffi'))});
        const adjtimex = koffi.load(null).func('int adjtimex(_Inout_ uint8_t *timex)');
        const read = adjtimex(Buffer.alloc(208));
        // ADJ_TICK, with the tick that every machine has.
        const timex = Buffer.alloc(208);
        timex.writeUInt32LE(0x4000, 0);
        timex.writeBigInt64LE(10000n, 88);
        process.stdout.write(JSON.stringify({ read: read >= 0, set: adjtimex(timex) >= 0 }));`;
      const node = inRoot('opt/stairgate/node_modules/.bin/node');
      expect(JSON.parse(machine.exec('setpriv', ...under(node, '-e', script)))).toEqual({ read: true, set: false });
    });
  });

  it('run again, upgrades by one rename, adds the router’s rules, and keeps settings and data', {
    timeout: INSTALL_TIMEOUT_MS,
  }, () => {
    writeFileSync(inRoot('etc/stairgate/stairgate.yaml'), `${settings()}\n# by hand\n`);
    writeFileSync(inRoot('var/lib/stairgate/data'), 'kept');
    const { status, stderr } = install(['--router']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readlinkSync(inRoot('opt/stairgate'))).toBe('stairgate.b');
    expect(existsSync(inRoot('opt/stairgate.a'))).toBe(false);
    expect(settings()).toContain('# by hand');
    // The default route leads through eth0, so the LAN is the other.
    expect(routerConf()).toMatch(/^LAN_INTERFACES="eth1"$/m);
    expect(routerConf()).toMatch(/^ALLOWED_RESOLVERS=""$/m);
    expect(readlinkSync(inRoot('etc/systemd/system/multi-user.target.wants/stairgate-router.service'))).toBe(
      '/etc/systemd/system/stairgate-router.service',
    );
  });

  it('leaves the old program in place when the new one does not work with the settings', {
    timeout: INSTALL_TIMEOUT_MS,
  }, async () => {
    const good = settings();
    const untouched = await everythingIn(root);
    writeFileSync(inRoot('etc/stairgate/stairgate.yaml'), `${good}\nupstream: oops\n`);
    const { status, stderr } = install([]);
    expect(status).toBe(1);
    expect(stderr).toContain('there is no such key in settings; did you mean "upstreams"?');
    expect(stderr).toContain('nothing that runs was changed');
    writeFileSync(inRoot('etc/stairgate/stairgate.yaml'), good);
    expect(await everythingIn(root)).toEqual(untouched);
  });

  it('takes everything away but data and settings', async () => {
    const { status, stdout, stderr } = install(['--uninstall']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Kept: its data in /var/lib/stairgate and its settings in /etc/stairgate');
    const left = (await everythingIn(root)).filter((path) => !before.includes(path));
    expect(left).toEqual([
      'etc/stairgate',
      'etc/stairgate/router.conf',
      'etc/stairgate/stairgate.yaml',
      'var/lib/stairgate',
      'var/lib/stairgate/data',
    ]);
  });

  it('takes these too when asked to, and may be asked twice', async () => {
    expect(install(['--uninstall', '--purge']).status).toBe(0);
    expect(await everythingIn(root)).toEqual(before);
    expect(install(['--uninstall', '--purge']).status).toBe(0);
    expect(await everythingIn(root)).toEqual(before);
  });

  it('keeps what was written in the router’s settings, save for the interfaces, which it is told', {
    timeout: INSTALL_TIMEOUT_MS,
  }, () => {
    mkdirSync(inRoot('etc/stairgate'));
    const written = '# by hand\nALLOWED_RESOLVERS="9.9.9.9 2620:fe::fe"\n';
    writeFileSync(inRoot('etc/stairgate/router.conf'), `LAN_INTERFACES="old0"\n${written}`);
    expect(install(['--lan', 'eth1', '--lan', 'eth0'])).toMatchObject({ status: 0, stderr: '' });
    expect(routerConf()).toBe(`LAN_INTERFACES="eth1 eth0"\n${written}`);
    expect(install(['--uninstall', '--purge']).status).toBe(0);
  });

  it('writes settings for a router that listen inside only', { timeout: INSTALL_TIMEOUT_MS }, () => {
    const { status, stderr } = install(['--router']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(settings()).toMatch(/^listen:\n {2}- eth1:53\n {2}- lo:53\n/m);
    expect(settings()).toContain('{ name: Nursery network, range: "10.20.0.0/16", group: setting }');
    expect(settings()).not.toContain('192.0.2.0/24');
  });
});

async function everythingIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).toSorted();
}

/** The calls of a set such as "@system-service", with the sets in it, as this machine's systemd knows them. */
function callsOf(word: string): string[] {
  if (!word.startsWith('@')) return [word];
  const { stdout } = spawnSync('systemd-analyze', ['syscall-filter', '--no-pager', word], { encoding: 'utf8' });
  const lines = stdout
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(callsOf);
}

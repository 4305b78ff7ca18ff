/**
 * A box that is the router, in namespaces of this test's own: two clients – box – internet. The box, NSD, nft and dig
 * are the real ones; the "internet" answers every name, so that a question which goes past the box shows.
 */
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Namespace, Namespaces } from './support/namespaces.ts';
import { dig, repository, saidBy, startAuthority, startBoxProcess, WILDCARD_A } from './support/programs.ts';
import { lacks } from './support/requirements.ts';
import { readUnit } from './support/unit-file.ts';

const BLOCKED = { status: 'NXDOMAIN', addresses: [], saysBlocked: true };
const RESOLVED = { status: 'NOERROR', addresses: [WILDCARD_A], saysBlocked: false };
const SILENT = { status: 'none', addresses: [], saysBlocked: false };

const routerRules = join(repository, 'hardware/nftables/router-rules');
const probe = join(repository, 'test/hardware/support/probe.ts');
const echo = join(repository, 'test/hardware/support/echo.ts');
const ping = join(repository, 'test/hardware/support/ping.ts');
const burst = join(repository, 'test/hardware/support/burst.ts');

const KNOWN = ['8.8.8.8', '2001:4860:4860::8888'] as const;
/** A public resolver inside a prefix of which each customer has an address. */
const OF_A_PREFIX = '45.90.28.77';
const ALLOWED = ['9.9.9.9', '2620:fe::fe'] as const;
const ELSEWHERE = ['203.0.113.80', '2001:db8:80::80'] as const;
const overBoth = (addresses: readonly string[]): [string, string][] =>
  addresses.flatMap((address): [string, string][] => [
    ['tcp', address],
    ['udp', address],
  ]);

const OFFICE_MAC = '02:00:5e:00:53:02';

const settings = (stateDir: string) => `
listen: [all:53]
upstreams: [udp://198.51.100.2]
stateDir: ${stateDir}
clock: { mode: trust-system }
policy:
  settingName: Test nursery
  timeZone: Europe/London
  groups:
    - { id: setting, name: Setting devices, kind: setting, categories: { social-networking: always } }
    - { id: office, name: Office, kind: setting, categories: { social-networking: never } }
  networks:
    - { name: Playroom, range: 192.168.77.0/24, group: setting }
    - { name: Playroom (IPv6), range: "fd77::/64", group: setting }
    - { name: Office, range: 192.168.78.0/24, group: setting }
    - { name: Office (IPv6), range: "fd78::/64", group: setting }
    - { name: Links, range: "fe80::/10", group: setting }
    - { name: The box, range: 127.0.0.0/8, group: setting }
  devices:
    - { id: office-pc, name: Office PC, group: office, macs: ["${OFFICE_MAC}"] }
  hours:
    week: {}
    bankHolidays: none
`;

describe.skipIf(lacks('the box as a router', ['root', 'namespaces', 'nft', 'nsd', 'dig', 'setpriv']))(
  'the box as a router',
  () => {
    let folder: string;
    let namespaces: Namespaces | undefined;
    let playroom: Namespace;
    let office: Namespace;
    let router: Namespace;
    let internet: Namespace;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'stairgate-router-'));
      const made = new Namespaces();
      namespaces = made;
      [playroom, office, router, internet] = ['playroom', 'office', 'router', 'internet'].map((role) =>
        made.add(role),
      ) as [Namespace, Namespace, Namespace, Namespace];
      made.cable(
        { in: router, name: 'lan0', addresses: ['192.168.77.1/24', '192.168.77.2/24', 'fd77::1/64', 'fd77::2/64'] },
        { in: playroom, name: 'eth0', addresses: ['192.168.77.20/24', 'fd77::20/64'] },
      );
      made.cable(
        { in: router, name: 'lan1', addresses: ['192.168.78.1/24', 'fd78::1/64'] },
        { in: office, name: 'eth0', mac: OFFICE_MAC, addresses: ['192.168.78.20/24', 'fd78::20/64'] },
      );
      made.cable(
        { in: router, name: 'wan0', addresses: ['198.51.100.1/24', '2001:db8:1::1/64'] },
        { in: internet, name: 'eth0', addresses: ['198.51.100.2/24', '2001:db8:1::2/64'] },
      );
      playroom.ip('route add default via 192.168.77.1', '-6 route add default via fd77::1');
      office.ip('route add default via 192.168.78.1', '-6 route add default via fd78::1');
      const outside = [...KNOWN, OF_A_PREFIX, ...ALLOWED, ...ELSEWHERE];
      internet.ip(...outside.map((address) => `address add ${address}/${address.includes(':') ? 128 : 32} dev lo`));
      internet.ip('route add default via 198.51.100.1', '-6 route add default via 2001:db8:1::1');
      router.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
      // A kernel tells one peer of so many refusals a second (icmp(7)), and this one peer asks for a whole network's.
      router.exec('sysctl', '-qw', 'net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0');
      router.ip('route add default via 198.51.100.2', '-6 route add default via 2001:db8:1::2');
      router.ip('route add unreachable 198.18.0.0/15', '-6 route add unreachable 2001:db8:dead::/48');

      // As the VLANs of one card have it: the same link-local address on each.
      router.ip('address add fe80::1/64 dev lan0 nodad', 'address add fe80::1/64 dev lan1 nodad');

      await startAuthority(internet, folder, ['198.51.100.2', '8.8.8.8', '2001:4860:4860::8888']);
      const behind = outside.flatMap((address) => [address, '853', address, '443']);
      await saidBy(internet.spawn(process.execPath, [echo, ...behind]), /listening/);
      await writeFile(join(folder, 'stairgate.yaml'), settings(join(folder, 'state')));
      await startBoxProcess(router, join(folder, 'stairgate.yaml'));
    });

    afterAll(async () => {
      await namespaces?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const knock = async (protocol: string, address: string, port: number, from = playroom) =>
      JSON.parse((await from.execAsync(process.execPath, [probe, protocol, address, String(port)])).stdout) as {
        outcome: string;
        afterMs: number;
      };

    describe('without the rules', () => {
      it.each(['192.168.77.1', '192.168.77.2', '198.51.100.1', 'fd77::1', 'fd77::2', '2001:db8:1::1'])(
        'answers at each of its addresses from that address: %s',
        async (address) => {
          expect(await dig(playroom, address, 'www.facebook.com')).toEqual(BLOCKED);
          expect(await dig(playroom, address, 'www.facebook.com', { tcp: true })).toEqual(BLOCKED);
          expect(await dig(playroom, address, 'gov.example')).toEqual(RESOLVED);
        },
      );

      it.each(['192.168.78.1', 'fd78::1'])(
        'gives a device that is named by its MAC address its own group’s verdicts, asked at %s',
        async (address) => {
          // The first packet of all brings the device into the kernel's table, from where the box learns of it.
          await vi.waitFor(async () => expect(await dig(office, address, 'www.facebook.com')).toEqual(RESOLVED), {
            timeout: 15_000,
            interval: 200,
          });
          expect(await dig(playroom, address, 'www.facebook.com')).toEqual(BLOCKED);
        },
      );

      it('tells each network its own address of the local site, where both ask the same link-local address', async () => {
        const site = async (from: Namespace) => dig(from, 'fe80::1%eth0', 'stairgate.home.arpa');
        expect(await site(playroom)).toMatchObject({ addresses: ['192.168.77.1'] });
        expect(await site(office)).toMatchObject({ addresses: ['192.168.78.1'] });
      });

      it.each(KNOWN)('lets a client go past it to %s, over plain and encrypted DNS', async (address) => {
        expect(await dig(playroom, address, 'www.facebook.com')).toEqual(RESOLVED);
        expect((await knock('tcp', address, 853)).outcome).toBe('echo');
        expect((await knock('udp', address, 853)).outcome).toBe('echo');
      });

      it('answers one network while the answers to another’s absent client lie about', async () => {
        // It asks, and then does not say which card its address belongs to.
        const lan1 = JSON.parse(router.exec('ip', '-json', 'link', 'show', 'lan1'))[0].address as string;
        office.ip('address add 192.168.78.99/24 dev eth0', `neighbour replace 192.168.78.1 dev eth0 lladdr ${lan1}`);
        office.exec('sysctl', '-qw', 'net.ipv4.conf.eth0.arp_ignore=8');
        await office.execAsync(process.execPath, [burst, '192.168.78.99', '192.168.78.1', '1000']);
        expect(router.exec('ip', 'neighbour', 'show', '192.168.78.99')).toContain('INCOMPLETE');
        expect(await dig(playroom, '192.168.77.1', 'www.facebook.com', { timeoutSeconds: 1 })).toEqual(BLOCKED);
        office.exec('sysctl', '-qw', 'net.ipv4.conf.eth0.arp_ignore=0');
        office.ip('address del 192.168.78.99/24 dev eth0', 'neighbour del 192.168.78.1 dev eth0');
      });

      it('answers nobody beyond its networks', async () => {
        expect(await dig(internet, '198.51.100.1', 'gov.example')).toMatchObject({ status: 'REFUSED', addresses: [] });
      });
    });

    describe('with the rules', () => {
      beforeAll(() => {
        router.exec(routerRules, 'load', 'lan0', 'lan1');
      });

      const asked: [string, string][] = [
        ['the box', '192.168.77.1'],
        ['the box’s other address', '192.168.77.2'],
        ['the box’s address on the other side', '198.51.100.1'],
        ['another network’s address of the box', '192.168.78.1'],
        ['a public resolver', '8.8.8.8'],
        ['an address that nothing is routed to', '198.18.0.53'],
        ['an address with nobody behind it', '198.51.100.77'],
        ['the box (IPv6)', 'fd77::1'],
        ['the box’s other address (IPv6)', 'fd77::2'],
        ['the box’s address on the other side (IPv6)', '2001:db8:1::1'],
        ['a public resolver (IPv6)', '2001:4860:4860::8888'],
        ['an address that nothing is routed to (IPv6)', '2001:db8:dead::53'],
      ];

      describe.each(asked)('a client that asks %s (%s)', (_, address) => {
        it.each([
          ['UDP', false],
          ['TCP', true],
        ])('gets the box’s answer from there over %s', async (_protocol, tcp) => {
          expect(await dig(playroom, address, 'www.facebook.com', { tcp })).toEqual(BLOCKED);
          expect(await dig(playroom, address, 'www.facebook.com', { tcp, type: 'AAAA' })).toEqual(BLOCKED);
          expect(await dig(playroom, address, 'gov.example', { tcp })).toEqual(RESOLVED);
        });
      });

      it('brings a second LAN’s questions to the box too, and knows the device that asks', async () => {
        expect(await dig(office, '8.8.8.8', 'www.facebook.com')).toEqual(RESOLVED);
        expect(await dig(office, '8.8.8.8', 'stairgate.home.arpa')).toMatchObject({ addresses: ['192.168.78.1'] });
      });

      it.each([...overBoth(KNOWN), ...overBoth(ELSEWHERE)])(
        'rejects port 853 at once over %s at %s',
        async (protocol, address) => {
          const { outcome, afterMs } = await knock(protocol, address, 853);
          expect(outcome).toBe('ECONNREFUSED');
          expect(afterMs).toBeLessThan(1_000);
        },
      );

      it.each(overBoth([...KNOWN, OF_A_PREFIX]))(
        'rejects DNS inside HTTPS at once over %s at the public resolver %s',
        async (protocol, address) => {
          const { outcome, afterMs } = await knock(protocol, address, 443);
          expect(outcome).toBe('ECONNREFUSED');
          expect(afterMs).toBeLessThan(1_000);
        },
      );

      it.each(overBoth(ELSEWHERE))('lets other ports through over %s at %s', async (protocol, address) => {
        expect((await knock(protocol, address, 443)).outcome).toBe('echo');
      });

      it.each([...KNOWN, ...ELSEWHERE])('lets a device ask %s whether it is online', async (address) => {
        playroom.exec('sysctl', '-qw', 'net.ipv4.ping_group_range=0 0');
        expect((await playroom.execAsync(process.execPath, [ping, address])).stdout).toBe('echo');
      });

      it.each(overBoth(KNOWN))('leaves the box’s own questions alone, over %s at %s', async (protocol, address) => {
        expect((await knock(protocol, address, 443, router)).outcome).toBe('echo');
        expect((await knock(protocol, address, 853, router)).outcome).toBe('echo');
        const asked = await dig(router, address, 'www.facebook.com', { tcp: protocol === 'tcp' });
        expect(asked).toEqual(RESOLVED);
      });

      it('leaves the internet’s side as it was: refused, not redirected', async () => {
        expect(await dig(internet, '198.51.100.1', 'gov.example')).toMatchObject({ status: 'REFUSED' });
        expect(await dig(internet, '192.168.77.20', 'gov.example', { timeoutSeconds: 1 })).toEqual(SILENT);
      });

      it('replaces its rules when loaded again, and leaves other tables alone', () => {
        router.exec('nft', 'add table inet somebody_else');
        const before = router.exec('nft', 'list', 'ruleset').length;
        router.exec(routerRules, 'load', 'lan0');
        router.exec(routerRules, 'load', 'lan0', 'lan1');
        expect(Math.abs(router.exec('nft', 'list', 'ruleset').length - before)).toBeLessThan(100);
        expect(router.exec('nft', 'list', 'tables').trim().split('\n').toSorted()).toEqual([
          'table inet somebody_else',
          'table inet stairgate_router',
        ]);
      });

      it.each([[[]], [['lo']], [['eth0; flush ruleset']], [['eth"0']]])(
        'keeps the rules it has when the interfaces are %j',
        (interfaces) => {
          expect(() => router.exec(routerRules, 'load', ...interfaces)).toThrow(/router-rules: /);
          expect(router.exec(routerRules, 'show')).toContain('"lan0", "lan1"');
        },
      );

      describe('and resolvers that router.conf allows', () => {
        const load = (allowed: string, ...interfaces: readonly string[]) =>
          router.exec('env', `ALLOWED_RESOLVERS=${allowed}`, routerRules, 'load', ...interfaces);
        const ruleset = () => router.exec(routerRules, 'show').replaceAll(/packets \d+ bytes \d+/g, '');

        it.each(overBoth(ALLOWED))('are rejected over %s at %s while they are not named', async (protocol, address) => {
          expect((await knock(protocol, address, 443)).outcome).toBe('ECONNREFUSED');
          expect((await knock(protocol, address, 853)).outcome).toBe('ECONNREFUSED');
        });

        it('are let through when they are, they alone, and their plain DNS still comes to the box', async () => {
          load(ALLOWED.join(' '), 'lan0', 'lan1');
          for (const [protocol, address] of overBoth(ALLOWED)) {
            expect((await knock(protocol, address, 443)).outcome).toBe('echo');
            expect((await knock(protocol, address, 853)).outcome).toBe('echo');
          }
          for (const [protocol, address] of overBoth(KNOWN)) {
            expect((await knock(protocol, address, 443)).outcome).toBe('ECONNREFUSED');
          }
          for (const address of ALLOWED) expect(await dig(playroom, address, 'www.facebook.com')).toEqual(BLOCKED);
        });

        it.each([
          'dns.google',
          '300.1.1.1',
          '1.2.3',
          '1.2.3.4.5',
          '1.2.3.4.',
          '01.2.3.4',
          '9.9.9.0/24',
          '9.9.9.9,8.8.8.8',
          '*',
          ':',
          '1::2::3',
          '::1:',
          '12345::1',
          '1:2:3:4:5:6:7',
          '1:2:3:4:5:6:7:8:9',
          '9.9.9.9 }; flush ruleset; #',
          '$(flush)',
        ])('are refused with a sentence where one is %j, and the rules stay as they were', (wrong) => {
          const before = ruleset();
          const found = wrong.split(' ').find((word) => word !== '9.9.9.9');
          expect(() => load(`149.112.112.112 ${wrong}`, 'lan0')).toThrow(
            `router-rules: ALLOWED_RESOLVERS: got "${found}", expected addresses such as 192.0.2.53 or 2001:db8::53`,
          );
          expect(ruleset()).toBe(before);
        });

        it('may be written in each form of an address', () => {
          load(
            ':: ::1 1:: 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 2620:FE::fe 0.0.0.0 255.255.255.255',
            'lan0',
          );
          expect(ruleset()).toContain('2620:fe::fe');
          expect(ruleset()).toContain('255.255.255.255');
        });

        it('are rejected again when they are named no more', async () => {
          load('', 'lan0', 'lan1');
          expect((await knock('tcp', ALLOWED[0], 443)).outcome).toBe('ECONNREFUSED');
        });
      });

      it('are loaded as the unit does it: installed, with its settings, its one capability, and nothing to write', async () => {
        const installed = join(folder, 'opt/stairgate.a/hardware/nftables');
        await mkdir(join(folder, 'opt/stairgate.a/hardware'), { recursive: true });
        await cp(join(repository, 'hardware/nftables'), installed, { recursive: true });
        await symlink('stairgate.a', join(folder, 'opt/stairgate'));
        // nft looks in /etc for files that are named without their folder.
        const wrong = join(folder, 'wrong');
        await mkdir(wrong);
        for (const name of ['router.nft', 'resolver-addresses.nft']) {
          await writeFile(join(wrong, name), 'table inet wrong_file {}\n');
        }
        const unit = readUnit(join(installed, 'stairgate-router.service'));
        const [program = '', ...words] = unit.get('ExecStart')!;
        const capabilities = unit
          .get('CapabilityBoundingSet')!
          .map((name) => `+${name.replace(/^CAP_/, '').toLowerCase()}`);
        expect(capabilities).toEqual(['+net_admin']);
        expect(unit.get('ProtectSystem')).toEqual(['strict']);
        router.exec(routerRules, 'unload');
        const started = [
          'env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
          `LAN_INTERFACES="lan0 lan1" ALLOWED_RESOLVERS="${ALLOWED.join(' ')}"`,
          `setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,${capabilities.join()}`,
          ...[join(folder, program), ...words],
        ].join(' ');
        const confined = `cd ${wrong}; mount --bind ${wrong} /etc; mount -o remount,bind,ro /; ! touch /etc/x /x; exec ${started}`;
        router.exec('unshare', '--mount', 'sh', '-ec', confined);
        expect(router.exec('nft', 'list', 'tables')).not.toContain('wrong_file');
        expect((await knock('udp', KNOWN[0], 443)).outcome).toBe('ECONNREFUSED');
        expect((await knock('udp', ALLOWED[0], 443)).outcome).toBe('echo');
        router.exec(routerRules, 'load', 'lan0', 'lan1');
      });

      it('is gone without a trace when unloaded, and unloading twice is no failure', async () => {
        router.exec(routerRules, 'unload');
        router.exec(routerRules, 'unload');
        expect(router.exec('nft', 'list', 'tables').trim()).toBe('table inet somebody_else');
        expect(await dig(playroom, '8.8.8.8', 'www.facebook.com')).toEqual(RESOLVED);
        expect((await knock('tcp', '8.8.8.8', 853)).outcome).toBe('echo');
      });
    });
  },
);

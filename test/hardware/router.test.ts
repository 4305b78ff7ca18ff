/**
 * A box that is the router, in namespaces of this test's own: two clients – box – internet. The box, NSD, nft and dig
 * are the real ones; the "internet" answers every name, so that a question which goes past the box shows.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Namespace, Namespaces } from './support/namespaces.ts';
import { dig, repository, saidBy, startAuthority, startBoxProcess, WILDCARD_A } from './support/programs.ts';
import { lacks } from './support/requirements.ts';

const BLOCKED = { status: 'NXDOMAIN', addresses: [], saysBlocked: true };
const RESOLVED = { status: 'NOERROR', addresses: [WILDCARD_A], saysBlocked: false };
const SILENT = { status: 'none', addresses: [], saysBlocked: false };

const routerRules = join(repository, 'hardware/nftables/router-rules');
const probe = join(repository, 'test/hardware/support/probe.ts');
const echo = join(repository, 'test/hardware/support/echo.ts');
const burst = join(repository, 'test/hardware/support/burst.ts');

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

describe.skipIf(lacks('the box as a router', ['root', 'namespaces', 'nft', 'nsd', 'dig']))(
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
      internet.ip('address add 8.8.8.8/32 dev lo', 'address add 2001:4860:4860::8888/128 dev lo');
      internet.ip('route add default via 198.51.100.1', '-6 route add default via 2001:db8:1::1');
      router.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
      router.ip('route add default via 198.51.100.2', '-6 route add default via 2001:db8:1::2');
      router.ip('route add unreachable 198.18.0.0/15', '-6 route add unreachable 2001:db8:dead::/48');

      // As the VLANs of one card have it: the same link-local address on each.
      router.ip('address add fe80::1/64 dev lan0 nodad', 'address add fe80::1/64 dev lan1 nodad');

      await startAuthority(internet, folder, ['198.51.100.2', '8.8.8.8', '2001:4860:4860::8888']);
      const behind = ['8.8.8.8', '2001:4860:4860::8888'].flatMap((address) => [address, '853', address, '443']);
      await saidBy(internet.spawn(process.execPath, [echo, ...behind]), /listening/);
      await writeFile(join(folder, 'stairgate.yaml'), settings(join(folder, 'state')));
      await startBoxProcess(router, join(folder, 'stairgate.yaml'));
    });

    afterAll(async () => {
      await namespaces?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const knock = async (protocol: string, address: string, port: number) =>
      JSON.parse((await playroom.execAsync(process.execPath, [probe, protocol, address, String(port)])).stdout) as {
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

      it.each(['8.8.8.8', '2001:4860:4860::8888'])(
        'lets a client go past it to %s, over plain and encrypted DNS',
        async (address) => {
          expect(await dig(playroom, address, 'www.facebook.com')).toEqual(RESOLVED);
          expect((await knock('tcp', address, 853)).outcome).toBe('echo');
          expect((await knock('udp', address, 853)).outcome).toBe('echo');
        },
      );

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

      it.each([
        ['tcp', '8.8.8.8'],
        ['udp', '8.8.8.8'],
        ['tcp', '2001:4860:4860::8888'],
        ['udp', '2001:4860:4860::8888'],
      ])('rejects port 853 at once over %s at %s', async (protocol, address) => {
        const { outcome, afterMs } = await knock(protocol, address, 853);
        expect(outcome).toBe('ECONNREFUSED');
        expect(afterMs).toBeLessThan(1_000);
      });

      it.each([
        ['tcp', '8.8.8.8'],
        ['udp', '8.8.8.8'],
        ['tcp', '2001:4860:4860::8888'],
        ['udp', '2001:4860:4860::8888'],
      ])('lets other ports through over %s at %s', async (protocol, address) => {
        expect((await knock(protocol, address, 443)).outcome).toBe('echo');
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

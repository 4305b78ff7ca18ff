import * as fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import {
  addressToBits,
  clientRanges,
  countUnnamed,
  findClient,
  identifyClients,
  macAt,
  namedMacs,
  plainAddress,
} from '../../../filter-agent/control/devices.ts';
import type { Neighbour } from '../../../filter-agent/control/neighbour-table.ts';
import type { Device, Network, Policy } from '../../../policy-rules/policy.ts';

const MAC_A = '02:00:00:00:00:0a';
const MAC_B = '02:00:00:00:00:0b';

function policyOf(devices: Partial<Device>[], networks: Partial<Network>[]): Policy {
  const week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  return {
    version: 0,
    settingName: 'Test nursery',
    timeZone: 'Europe/London',
    groups: [
      { id: 'setting', name: 'Setting', kind: 'setting', categories: {}, services: {} },
      { id: 'personal', name: 'Staff phones', kind: 'personal', categories: {}, services: {} },
      { id: 'guest', name: 'Guests', kind: 'guest', categories: {}, services: {} },
    ],
    networks: networks.map((network) => ({ name: 'LAN', range: '192.168.1.0/24', group: 'setting', ...network })),
    devices: devices.map((device, index) => ({
      id: `device-${index}`,
      name: `Device ${index}`,
      group: 'setting',
      addresses: [],
      macs: [],
      ...device,
    })),
    hours: { week, breaks: week, terms: [], closures: [], bankHolidays: 'none', openings: [] },
  };
}

function neighbour(address: string, mac: string, active = true): Neighbour {
  return { address, interfaceName: 'eth0', mac, active };
}

describe('addressToBits', () => {
  it.each([
    ['192.168.1.20', 0xffff_c0a8_0114n],
    ['::ffff:192.168.1.20', 0xffff_c0a8_0114n],
    ['::1', 1n],
    ['fe80::1%eth0', (0xfe80n << 112n) | 1n],
  ])('reads %s', (text, bits) => {
    expect(addressToBits(text)).toBe(bits);
  });

  it.each(['', '10.1', '0x7f000001', '1.2.3.256', 'example.org', '1.2.3.4/33', '1.2.3.4/8/8', '::g', '1.2.3.4/'])(
    'refuses %j',
    (text) => {
      expect(addressToBits(text)).toBeNull();
    },
  );
});

describe('identifyClients', () => {
  it('puts an exact address before a device range, that before a network, and the longest of each first', () => {
    const policy = policyOf(
      [
        { addresses: ['192.168.1.16/28'] },
        { addresses: ['192.168.1.16/29'] },
        { addresses: ['192.168.1.17'], group: 'personal' },
        { macs: [MAC_A], group: 'guest' },
      ],
      [{ range: '192.168.0.0/16', group: 'guest' }, { range: '192.168.1.0/24' }, { range: 'fd00::/8' }],
    );
    const { ranges, problems } = identifyClients(policy, [
      neighbour('192.168.1.18', MAC_A),
      neighbour('fe80::18', MAC_A),
    ]);
    expect(problems).toEqual([]);
    const who = (address: string) => {
      const found = findClient(ranges, address);
      return found === null ? 'outside' : `${found.device} ${found.group} ${found.counted}`;
    };
    expect(who('192.168.1.17')).toBe('2 personal never');
    expect(who('192.168.1.18')).toBe('3 guest never');
    expect(who('fe80::18%eth0')).toBe('3 guest never');
    expect(who('192.168.1.19')).toBe('1 setting device');
    expect(who('192.168.1.24')).toBe('0 setting device');
    expect(who('192.168.1.32')).toBe('-1 setting together');
    expect(who('192.168.2.1')).toBe('-1 guest never');
    expect(who('fd00::1')).toBe('-1 setting together');
    expect(who('fe80::19')).toBe('outside');
    expect(who('10.0.0.1')).toBe('outside');
  });

  it('does not take an IPv6 range as wide as ::/0 to speak of IPv4 clients', () => {
    const ranges = clientRanges(policyOf([], [{ range: '::/0' }]), []);
    expect(findClient(ranges, '8.8.8.8')).toBeNull();
    expect(findClient(ranges, '::1')).not.toBeNull();
    expect(findClient(ranges, '2001:db8::1')).not.toBeNull();
  });

  it('reports an address that two devices claim, and gives it to the first', () => {
    const policy = policyOf([{ macs: [MAC_A] }, { addresses: ['192.168.1.5'] }, { addresses: ['192.168.1.5'] }], [{}]);
    const { ranges, problems } = identifyClients(policy, [neighbour('192.168.1.5', MAC_A)]);
    expect(findClient(ranges, '192.168.1.5')?.device).toBe(0);
    expect(problems.map(({ code }) => code)).toEqual(['address-claimed-twice', 'address-claimed-twice']);
    expect(problems[0]!.text).toBe(
      'The address 192.168.1.5 (in the policy) belongs to "Device 0" and to "Device 1": it is treated as "Device 0" until one of them gives it up.',
    );
  });

  it('reports a MAC address that two devices claim, and gives it to the first', () => {
    const policy = policyOf([{ macs: [MAC_B, MAC_A] }, { macs: [MAC_A] }], [{}]);
    const { ranges, problems } = identifyClients(policy, [neighbour('192.168.1.5', MAC_A)]);
    expect(findClient(ranges, '192.168.1.5')?.device).toBe(0);
    expect(problems.map(({ code }) => code)).toEqual(['mac-claimed-twice']);
  });

  it('is silent when a device has one address both by MAC and in the policy, and when the wire shows it twice', () => {
    const policy = policyOf([{ macs: [MAC_A], addresses: ['192.168.1.5'] }], [{}]);
    const table = [neighbour('192.168.1.5', MAC_A), { ...neighbour('192.168.1.5', MAC_A), interfaceName: 'wlan0' }];
    expect(identifyClients(policy, table).problems).toEqual([]);
  });

  it('goes on with the rest when a claim cannot be read or its group does not exist', () => {
    const policy = policyOf(
      [{ addresses: ['192.168.1.300', '192.168.1.4'] }, { group: 'gone', addresses: ['192.168.1.6'] }],
      [{}, { range: 'here' }, { range: '10.0.0.0/8', group: 'gone' }],
    );
    const { ranges, problems } = identifyClients(policy, []);
    expect(problems.map(({ code }) => code)).toEqual([
      'unreadable-address',
      'unknown-group',
      'unreadable-address',
      'unknown-group',
    ]);
    expect(findClient(ranges, '192.168.1.4')?.device).toBe(0);
    expect(findClient(ranges, '192.168.1.6')?.device).toBe(-1);
    expect(findClient(ranges, '10.1.1.1')).toBeNull();
  });

  it('joins neighbouring ranges that mean the same', () => {
    const ranges = clientRanges(policyOf([{ addresses: ['10.0.0.0', '10.0.0.1'] }], [{ range: '10.0.0.2/31' }]), []);
    expect(ranges.map(({ device }) => device)).toEqual([0, -1]);
  });

  it('agrees with a naive reading of the rule for any policy and address', () => {
    // A small corner of each family, so that claims meet; the oracle tests each claim by itself with ipaddr.js.
    const v4 = fc.integer({ min: 0, max: 63 }).map((host) => `10.0.0.${host}`);
    const v6 = fc.integer({ min: 0, max: 63 }).map((host) => `fd00::${host.toString(16)}`);
    const address = fc.oneof(v4, v6);
    const range = fc.oneof(
      fc.tuple(v4, fc.integer({ min: 24, max: 32 })).map(([base, bits]) => `${base}/${bits}`),
      fc.tuple(v6, fc.integer({ min: 118, max: 128 })).map(([base, bits]) => `${base}/${bits}`),
    );
    const mac = fc.integer({ min: 1, max: 4 }).map((n) => `02:00:00:00:00:0${n}`);
    const group = fc.constantFrom('setting', 'personal', 'guest');
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            addresses: fc.array(fc.oneof(address, range), { maxLength: 3 }),
            macs: fc.array(mac, { maxLength: 2 }),
            group,
          }),
          { maxLength: 6 },
        ),
        fc.array(fc.record({ range, group }), { maxLength: 5 }),
        fc.array(fc.tuple(address, mac), { maxLength: 6 }),
        fc.array(address, { minLength: 1, maxLength: 20 }),
        (devices, networks, table, clients) => {
          const policy = policyOf(devices, networks);
          const neighbours = table.map(([at, who]) => neighbour(at, who));
          const ranges = clientRanges(policy, neighbours);
          for (let i = 1; i < ranges.length; i++) expect(ranges[i]!.first).toBeGreaterThan(ranges[i - 1]!.last);
          for (const client of clients) {
            const found = findClient(ranges, client);
            expect(found === null ? null : [found.device, found.group]).toEqual(naive(policy, neighbours, client));
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

/** The precedence rule word by word, per address. */
function naive(policy: Policy, neighbours: readonly Neighbour[], client: string): [number, string] | null {
  const at = ipaddr.parse(client);
  const match = (text: string): number => {
    const range = text.includes('/')
      ? ipaddr.parseCIDR(text)
      : ([ipaddr.parse(text), text.includes(':') ? 128 : 32] as const);
    if (range[0].kind() !== at.kind()) return -1;
    if (!at.match([range[0], range[1]])) return -1;
    return at.kind() === 'ipv4' ? range[1] + 96 : range[1];
  };
  let best: { bits: number; device: number } | null = null;
  policy.devices.forEach((device, index) => {
    const owned = device.macs.filter((mac) => policy.devices.findIndex((other) => other.macs.includes(mac)) === index);
    const wire = neighbours.filter(({ mac }) => owned.includes(mac)).map(({ address }) => address);
    for (const text of [...device.addresses, ...wire]) {
      const bits = match(text);
      if (bits >= 0 && (best === null || bits > best.bits)) best = { bits, device: index };
    }
  });
  const found = best as { bits: number; device: number } | null;
  if (found !== null) return [found.device, policy.devices[found.device]!.group];
  let network: { bits: number; group: string } | null = null;
  for (const { range, group } of policy.networks) {
    const bits = match(range);
    if (bits >= 0 && (network === null || bits > network.bits)) network = { bits, group };
  }
  return network === null ? null : [-1, network.group];
}

describe('macAt', () => {
  it('finds who is at an address however it is written, who is there now before who was', () => {
    const table = [
      { ...neighbour('192.168.1.5', MAC_B), active: false },
      neighbour('192.168.1.5', MAC_A),
      { ...neighbour('fe80::5', MAC_B), active: false },
    ];
    expect(macAt(table, '::ffff:192.168.1.5')).toBe(MAC_A);
    expect(macAt(table, 'fe80::5%eth0')).toBe(MAC_B);
    expect(macAt(table, '192.168.1.6')).toBeNull();
    expect(macAt(table, 'nowhere')).toBeNull();
  });
});

describe('plainAddress', () => {
  it.each([
    ['192.168.1.20', '192.168.1.20'],
    ['::ffff:192.168.1.20', '192.168.1.20'],
    ['fe80::1%eth0', 'fe80::1'],
    ['nowhere', 'nowhere'],
  ])('writes %s as %s', (address, plain) => {
    expect(plainAddress(address)).toBe(plain);
  });
});

describe('countUnnamed', () => {
  it('counts machines, not addresses, that are active on the networks and that nobody has named', () => {
    const policy = policyOf([{ macs: [MAC_A] }, { addresses: ['192.168.1.9'] }], [{}, { range: 'fe80::/10' }]);
    const count = countUnnamed(policy, [
      neighbour('192.168.1.2', MAC_A),
      neighbour('192.168.1.3', '02:00:00:00:00:03'),
      neighbour('fe80::3', '02:00:00:00:00:03'),
      neighbour('192.168.1.4', '02:00:00:00:00:04', false),
      neighbour('10.9.9.9', '02:00:00:00:00:05'),
      neighbour('fe80::9', '02:00:00:00:00:09'),
      neighbour('192.168.1.9', '02:00:00:00:00:09'),
    ]);
    expect(count).toBe(1);
  });
});

describe('namedMacs', () => {
  it('gathers the MAC addresses of all devices', () => {
    expect(namedMacs(policyOf([{ macs: [MAC_A] }, { macs: [MAC_B, MAC_A] }], []))).toEqual(new Set([MAC_A, MAC_B]));
  });
});

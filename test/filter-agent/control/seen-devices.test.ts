import { describe, expect, it } from 'vitest';
import { countUnnamed } from '../../../filter-agent/control/devices.ts';
import type { Neighbour } from '../../../filter-agent/control/neighbour-table.ts';
import { seenDevices } from '../../../filter-agent/control/seen-devices.ts';
import { SEEN_ADDRESSES_MAX, SEEN_MAX, Seen } from '../../../policy-rules/agent-protocol.ts';
import { defaultPolicy } from '../../../policy-rules/default-policy.ts';
import type { Policy } from '../../../policy-rules/policy.ts';

const policy: Policy = {
  ...defaultPolicy('Test nursery'),
  networks: [
    { name: 'Nursery', range: '192.168.1.0/24', group: 'setting' },
    { name: 'Nursery (IPv6)', range: 'fe80::/10', group: 'setting' },
    { name: 'Staff', range: '192.168.40.0/24', group: 'staff-personal' },
    { name: 'Guests', range: '192.168.50.0/24', group: 'guest' },
  ],
  devices: [
    { id: 'office-pc', name: 'Office PC', group: 'setting', addresses: ['192.168.1.9'], macs: [] },
    { id: 'tablet', name: 'Tablet', group: 'setting', addresses: [], macs: [mac(10)] },
  ],
};

describe('the devices without a name that the box tells of', () => {
  it('are those on the setting’s own networks, with all their addresses there, IPv4 first', () => {
    const table = [
      neighbour('fe80::5', mac(5)),
      neighbour('192.168.1.20', mac(5)),
      neighbour('192.168.1.3', mac(3)),
      neighbour('192.168.1.100', mac(100)),
      neighbour('192.168.1.4', mac(4), false),
      neighbour('192.168.1.9', mac(9)),
      neighbour('192.168.1.10', mac(10)),
      neighbour('172.16.0.1', mac(16)),
    ];
    expect(seenDevices(policy, table)).toEqual({
      devices: [
        { mac: mac(3), addresses: ['192.168.1.3'], group: 'setting' },
        { mac: mac(5), addresses: ['192.168.1.20', 'fe80::5'], group: 'setting' },
        { mac: mac(100), addresses: ['192.168.1.100'], group: 'setting' },
      ],
      total: 3,
    });
    expect(countUnnamed(policy, table)).toBe(3);
  });

  it('are never staff’s own or guests’, also not when one has been on a network of the setting', () => {
    const table = [
      neighbour('192.168.40.2', mac(40)),
      neighbour('192.168.50.2', mac(50)),
      neighbour('192.168.1.60', mac(60)),
      neighbour('192.168.50.60', mac(60)),
    ];
    expect(seenDevices(policy, table)).toEqual({ devices: [], total: 0 });
    // The number that the dashboard is told says nothing about anybody.
    expect(countUnnamed(policy, table)).toBe(3);
  });

  it('fit into one message, however many they are and however many addresses one has', () => {
    const many = Array.from({ length: SEEN_MAX + 50 }, (_, at) =>
      neighbour(`fe80::${(at + 1).toString(16)}`, mac(at + 1000)),
    );
    const crowd = Array.from({ length: 40 }, (_, at) => neighbour(`192.168.1.${at + 100}`, mac(7)));
    const seen = seenDevices(policy, [...many, ...crowd]);
    expect(seen.total).toBe(SEEN_MAX + 51);
    expect(seen.devices).toHaveLength(SEEN_MAX);
    expect(seen.devices?.[0]?.addresses).toHaveLength(SEEN_ADDRESSES_MAX);
    const message = { type: 'seen', id: '5d0a7a3e-0f57-4c6c-9a55-0f0f5a3d7c02', ...seen };
    expect(Seen.parse(message)).toEqual(message);
  });
});

function mac(nth: number): string {
  const octets = [0xdc, 0xa6, 0x32, nth >> 16, (nth >> 8) & 0xff, nth & 0xff];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function neighbour(address: string, macAddress: string, active = true): Neighbour {
  return { address, interfaceName: 'eth0', mac: macAddress, active };
}

/**
 * Which machines without a name are on the setting's own networks: told while somebody looks, so that they can be given
 * one. Nothing of it is kept, and of a machine on a network for staff's own or guests' devices nothing is told.
 */
import { SEEN_ADDRESSES_MAX, SEEN_MAX, type Seen } from '../../policy-rules/agent-protocol.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { addressToBits, unnamedMachines } from './devices.ts';
import type { Neighbour } from './neighbour-table.ts';

export type SeenDevices = Pick<Seen, 'devices' | 'total'>;

/** In the order of their addresses. A machine that was met on a guest network too is left out: it may be a guest's. */
export function seenDevices(policy: Policy, neighbours: readonly Neighbour[]): SeenDevices {
  const own = [...unnamedMachines(policy, neighbours)]
    .filter(([, met]) => met.every(({ range }) => range.counted === 'together'))
    .map(([mac, met]) => ({ mac, met: met.toSorted((a, b) => byAddress(a.address, b.address)) }))
    .sort((a, b) => byAddress(a.met[0]!.address, b.met[0]!.address));
  const devices = own.slice(0, SEEN_MAX).map(({ mac, met }) => ({
    mac,
    addresses: met.slice(0, SEEN_ADDRESSES_MAX).map(({ address }) => address),
    group: met[0]!.range.group,
  }));
  return { devices, total: own.length };
}

/** IPv4 first: it is what people see of a device. */
function byAddress(a: string, b: string): number {
  const [isLater, isEarlier] = [a.includes(':'), b.includes(':')];
  if (isLater !== isEarlier) return isLater ? 1 : -1;
  const [left, right] = [addressToBits(a) ?? 0n, addressToBits(b) ?? 0n];
  return left < right ? -1 : left > right ? 1 : 0;
}

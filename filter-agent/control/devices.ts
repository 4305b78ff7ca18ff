/**
 * Who is which device: from the policy and the neighbour table to the ranges of addresses that the hot path searches.
 *
 * Owns the precedence between devices and networks. Packing the ranges into shared memory is the snapshot's matter.
 */
import ipaddr from 'ipaddr.js';
import type { GroupKind, Policy } from '../../policy-rules/policy.ts';
import type { Neighbour } from './neighbour-table.ts';

export interface ClientRange {
  /** 128-bit addresses, both included; IPv4 as ::ffff:a.b.c.d. */
  first: bigint;
  last: bigint;
  /** Index into policy.devices, or -1 for a client that nobody has named. */
  device: number;
  /** A group's id. */
  group: string;
  counted: Counting;
}

/**
 * How blocked and granted use is counted: per device (a named device of a setting group), together (an unnamed client
 * of one), or never (personal and guest groups: South Woodham).
 */
export type Counting = 'device' | 'together' | 'never';

export interface DeviceProblem {
  /** Stable. */
  code: 'address-claimed-twice' | 'mac-claimed-twice' | 'unreadable-address' | 'unknown-group';
  /** A sentence for the manager. */
  text: string;
}

/**
 * Ranges sorted by `first`, without overlap; an address in none is outside the configured networks. An exact address
 * (by MAC or by IP) goes before a device's range, a longer device range before a shorter, and any device before the
 * longest network range; between equals the policy's order decides.
 *
 * A claim that cannot be honoured is reported and left out: the rest goes on.
 */
export function identifyClients(
  policy: Policy,
  neighbours: readonly Neighbour[],
): { ranges: ClientRange[]; problems: DeviceProblem[] } {
  const problems: DeviceProblem[] = [];
  const claims = [...deviceClaims(policy, neighbours, problems), ...networkClaims(policy, problems)];
  return { ranges: flatten(claims), problems };
}

/** The ranges alone. */
export function clientRanges(policy: Policy, neighbours: readonly Neighbour[]): readonly ClientRange[] {
  return identifyClients(policy, neighbours).ranges;
}

/** The range that holds the address, or null for a client outside the configured networks. */
export function findClient(ranges: readonly ClientRange[], address: string): ClientRange | null {
  const bits = addressToBits(address);
  if (bits === null) return null;
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (bits < range.first) high = middle - 1;
    else if (bits > range.last) low = middle + 1;
    else return range;
  }
  return null;
}

export function countingOf(kind: GroupKind, named: boolean): Counting {
  if (kind !== 'setting') return 'never';
  return named ? 'device' : 'together';
}

/** Where a machine was met. */
export interface Meeting {
  address: string;
  range: ClientRange;
}

/**
 * The machines that are on the configured networks now and that nobody has named, by MAC address. A router on the
 * network is one of them until it is named.
 *
 * @param ranges those of this policy and these neighbours, where they are at hand: making them reads every address.
 */
export function unnamedMachines(
  policy: Policy,
  neighbours: readonly Neighbour[],
  ranges = clientRanges(policy, neighbours),
): Map<string, Meeting[]> {
  const named = new Set(policy.devices.flatMap((device) => device.macs));
  const unnamed = new Map<string, Meeting[]>();
  for (const { address, mac, active } of neighbours) {
    if (!active || named.has(mac)) continue;
    const range = findClient(ranges, address);
    if (range === null) continue;
    // A machine with one named address is named, whatever its other addresses are.
    if (range.device >= 0) named.add(mac);
    else unnamed.set(mac, [...(unnamed.get(mac) ?? []), { address, range }]);
  }
  for (const mac of named) unnamed.delete(mac);
  return unnamed;
}

/** How many they are: a number, no identities. */
export function countUnnamed(
  policy: Policy,
  neighbours: readonly Neighbour[],
  ranges?: readonly ClientRange[],
): number {
  return unnamedMachines(policy, neighbours, ranges).size;
}

/** The MAC addresses that the policy names; without any, the neighbour table need not be watched. */
export function namedMacs(policy: Policy): Set<string> {
  return new Set(policy.devices.flatMap((device) => device.macs));
}

/** The MAC address behind an address, of those that are there now before those that were; null when it is not known. */
export function macAt(neighbours: readonly Neighbour[], address: string): string | null {
  const bits = addressToBits(address);
  const met = neighbours.filter((neighbour) => addressToBits(neighbour.address) === bits);
  return (met.find(({ active }) => active) ?? met[0])?.mac ?? null;
}

/** "::ffff:192.168.1.20" → "192.168.1.20", "fe80::1%eth0" → "fe80::1"; what is no address comes back as it is. */
export function plainAddress(address: string): string {
  const [withoutZone = address] = address.split('%');
  return ipaddr.isValid(withoutZone) ? ipaddr.process(withoutZone).toString() : address;
}

/** "192.168.1.20", "::ffff:192.168.1.20", "fe80::1%eth0" → 128 bits; null for what is no address. */
export function addressToBits(address: string): bigint | null {
  return parseRange(address)?.first ?? null;
}

/** One source's say about a range; the least `rank` wins. */
interface Claim extends ClientRange {
  /** Precedence as a tuple in one number: kind, then prefix length (longer first), then order. */
  rank: number;
}

/** A policy holds far fewer claims than this; it keeps `order` out of the digits of the prefix length. */
const MAX_CLAIMS = 1 << 24;

function rankOf(kind: 'exact' | 'device' | 'network', prefixBits: number, order: number): number {
  if (order >= MAX_CLAIMS) throw new RangeError(`cannot rank claim ${order}: expected fewer than ${MAX_CLAIMS}`);
  const kindRank = { exact: 0, device: 1, network: 2 }[kind];
  // An exact address ranks by the policy's order alone, whether it came by MAC or by IP.
  return (kindRank * 129 + (128 - prefixBits)) * MAX_CLAIMS + order;
}

function deviceClaims(policy: Policy, neighbours: readonly Neighbour[], problems: DeviceProblem[]): Claim[] {
  const kinds = new Map(policy.groups.map((group) => [group.id, group.kind]));
  const byMac = Map.groupBy(neighbours, (neighbour) => neighbour.mac);
  const claims: Claim[] = [];
  const owners = new Map<string, number>();
  const macOwners = new Map<string, number>();

  policy.devices.forEach((device, index) => {
    const kind = kinds.get(device.group);
    if (kind === undefined) {
      problems.push({
        code: 'unknown-group',
        text: `The device "${device.name}" belongs to the group "${device.group}", which does not exist: choose another group for it.`,
      });
      return;
    }
    const claim = (text: string, range: ParsedRange, how: string) => {
      const owner = owners.get(range.key);
      if (owner !== undefined && owner !== index) {
        problems.push({
          code: 'address-claimed-twice',
          text: `The address ${text} (${how}) belongs to "${policy.devices[owner]!.name}" and to "${device.name}": it is treated as "${policy.devices[owner]!.name}" until one of them gives it up.`,
        });
        return;
      }
      owners.set(range.key, index);
      const exact = range.prefixBits === 128;
      const rank = rankOf(exact ? 'exact' : 'device', range.prefixBits, claims.length);
      const counted = countingOf(kind, true);
      for (const { first, last } of range.parts) {
        claims.push({ first, last, device: index, group: device.group, counted, rank });
      }
    };

    for (const text of device.addresses) {
      const range = parseRange(text);
      if (range !== null) claim(text, range, 'in the policy');
      else {
        problems.push({
          code: 'unreadable-address',
          text: `The device "${device.name}" has the address "${text}", which is no IP address or range: expected one like 192.168.1.20 or 192.168.1.0/28.`,
        });
      }
    }
    for (const mac of device.macs) {
      const owner = macOwners.get(mac);
      if (owner !== undefined && owner !== index) {
        problems.push({
          code: 'mac-claimed-twice',
          text: `The MAC address ${mac} belongs to "${policy.devices[owner]!.name}" and to "${device.name}": it is treated as "${policy.devices[owner]!.name}" until one of them gives it up.`,
        });
        continue;
      }
      macOwners.set(mac, index);
      for (const { address } of byMac.get(mac) ?? []) {
        const range = parseRange(address);
        if (range !== null) claim(address, range, `by its MAC address ${mac}`);
      }
    }
  });
  return claims;
}

function networkClaims(policy: Policy, problems: DeviceProblem[]): Claim[] {
  const kinds = new Map(policy.groups.map((group) => [group.id, group.kind]));
  return policy.networks.flatMap((network, order) => {
    const range = parseRange(network.range);
    const kind = kinds.get(network.group);
    if (range === null) {
      problems.push({
        code: 'unreadable-address',
        text: `The network "${network.name}" has the range "${network.range}", which is no range of IP addresses: expected one like 192.168.1.0/24.`,
      });
      return [];
    }
    if (kind === undefined) {
      problems.push({
        code: 'unknown-group',
        text: `The network "${network.name}" belongs to the group "${network.group}", which does not exist: choose another group for it.`,
      });
      return [];
    }
    const rank = rankOf('network', range.prefixBits, order);
    const counted = countingOf(kind, false);
    return range.parts.map(({ first, last }) => ({ first, last, device: -1, group: network.group, counted, rank }));
  });
}

/** Sweeps over the ends of all claims, keeping those that hold at the sweep; few hold at once, since ranges nest. */
function flatten(claims: readonly Claim[]): ClientRange[] {
  const byFirst = claims.toSorted((a, b) => compare(a.first, b.first));
  const cuts = [...new Set(claims.flatMap(({ first, last }) => [first, last + 1n]))].sort(compare);
  const ranges: ClientRange[] = [];
  let holding: Claim[] = [];
  let next = 0;
  cuts.forEach((first, index) => {
    holding = holding.filter((claim) => claim.last >= first);
    while (next < byFirst.length && byFirst[next]!.first === first) holding.push(byFirst[next++]!);
    let best = holding[0];
    if (best === undefined) return;
    for (const claim of holding) if (claim.rank < best.rank) best = claim;
    // Something holds here, and it ends at a later cut.
    const last = cuts[index + 1]! - 1n;
    const before = ranges.at(-1);
    if (
      before !== undefined &&
      before.last + 1n === first &&
      before.device === best.device &&
      before.group === best.group
    ) {
      before.last = last;
    } else {
      const { device, group, counted } = best;
      ranges.push({ first, last, device, group, counted });
    }
  });
  return ranges;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

interface ParsedRange {
  first: bigint;
  /** Of 128, so IPv4's /24 is 120. */
  prefixBits: number;
  parts: { first: bigint; last: bigint }[];
  /** The same for two spellings of one range. */
  key: string;
}

const MAPPED_FIRST = 0xffff_0000_0000n;
const MAPPED_LAST = 0xffff_ffff_ffffn;

/** An address or a CIDR range; bits below the prefix are ignored. Short IPv4 forms ("10.1") are refused as mistakes. */
function parseRange(text: string): ParsedRange | null {
  const [addressText = '', prefixText, ...rest] = text.replace(/%[^/]*/, '').split('/');
  if (rest.length > 0) return null;
  const isV4 = ipaddr.IPv4.isValidFourPartDecimal(addressText);
  if (!isV4 && !ipaddr.IPv6.isValid(addressText)) return null;
  const width = isV4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return null;
  const prefix = prefixText === undefined ? width : Number(prefixText);
  if (prefix > width) return null;

  const bits = bytesToBits(ipaddr.parse(addressText).toByteArray()) | (isV4 ? MAPPED_FIRST : 0n);
  const prefixBits = prefix + (128 - width);
  const hostMask = (1n << BigInt(128 - prefixBits)) - 1n;
  const first = bits & ~hostMask;
  const last = first | hostMask;
  return { first, prefixBits, parts: withoutMapped(first, last, prefixBits), key: `${first}/${prefixBits}` };
}

/** A wide IPv6 range such as ::/0 speaks of IPv6 clients: the IPv4 addresses mapped within it are not meant. */
function withoutMapped(first: bigint, last: bigint, prefixBits: number): { first: bigint; last: bigint }[] {
  if (prefixBits >= 96 || last < MAPPED_FIRST || first > MAPPED_LAST) return [{ first, last }];
  return [
    { first, last: MAPPED_FIRST - 1n },
    { first: MAPPED_LAST + 1n, last },
  ].filter((part) => part.first <= part.last);
}

function bytesToBits(bytes: readonly number[]): bigint {
  return bytes.reduce((bits, byte) => (bits << 8n) | BigInt(byte), 0n);
}

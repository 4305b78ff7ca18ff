/**
 * Who is which device: from the policy and the neighbour table to ranges of addresses that the hot path searches.
 *
 * Owns precedence between devices and networks. Packing the ranges into shared memory is the snapshot's matter.
 */
import type { Policy } from '../../policy-rules/policy.ts';
import type { Neighbour } from './neighbours.ts';

export interface ClientRange {
  /** 128-bit addresses, both included; IPv4 as ::ffff:a.b.c.d. */
  first: bigint;
  last: bigint;
  /** Index into policy.devices, or -1 for a client that nobody has named. */
  device: number;
  /** A group's id. */
  group: string;
  /**
   * How blocked and granted use is counted: per device (a named device of a setting group), together (an unnamed
   * client of one), or never (personal and guest groups).
   */
  counted: 'device' | 'together' | 'never';
}

export interface DeviceProblem {
  /** Stable. */
  code: 'address-claimed-twice' | 'mac-claimed-twice' | 'unreadable-address' | 'unknown-group';
  /** A sentence for the manager. */
  text: string;
}

/** Sorted by `first`, without overlap; an address in none is outside the configured networks. */
export declare function clientRanges(policy: Policy, neighbours: readonly Neighbour[]): ClientRange[];
/** The same, with what could not be honoured. */
export declare function identifyClients(
  policy: Policy,
  neighbours: readonly Neighbour[],
): { ranges: ClientRange[]; problems: DeviceProblem[] };
/** How many active neighbours nobody has named: a number, no identities. */
export declare function countUnnamed(policy: Policy, neighbours: readonly Neighbour[]): number;
/** "192.168.1.20", "::ffff:192.168.1.20", "fe80::1%eth0" → 128 bits; null for what is no address. */
export declare function addressToBits(address: string): bigint | null;

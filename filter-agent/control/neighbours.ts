/**
 * The kernel's neighbour table: which MAC address is behind which IP address on the wire.
 *
 * Owns reading it and noticing changes. Which device that makes is in devices.ts.
 */

export interface Neighbour {
  /** As the kernel writes it, without a zone: "192.168.1.20", "fe80::1". */
  address: string;
  /** "eth0". */
  interfaceName: string;
  /** Lower-case, colon-separated. */
  mac: string;
  /** The kernel confirmed, lately, that it is there. */
  active: boolean;
}

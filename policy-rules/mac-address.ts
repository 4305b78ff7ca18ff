/** What a MAC address says of itself. */

/**
 * Whether the device made it up for this network, as phones and tablets do, instead of having it from its maker (IEEE 802's
 * "locally administered" bit): it may change. `mac`: "dc:a6:32:01:02:03".
 */
export function isMadeUpMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
}

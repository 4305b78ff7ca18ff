/** A client's address as the hot path takes it: 16 octets in network order, IPv4 as ::ffff:a.b.c.d. */
import ipaddr from 'ipaddr.js';

/** Devices on a site, and a margin for scans: past that the memory of spellings starts anew. */
const KNOWN_LIMIT = 4096;
const known = new Map<string, Uint8Array>();

/** The octets of an address in text, its zone ("%eth0") left off. Remembers the last few thousand; do not write to it. */
export function addressOctets(text: string): Uint8Array {
  const found = known.get(text);
  if (found !== undefined) return found;
  const zone = text.indexOf('%');
  const address = ipaddr.parse(zone < 0 ? text : text.slice(0, zone));
  const mapped = address.kind() === 'ipv4' ? (address as ipaddr.IPv4).toIPv4MappedAddress() : address;
  const octets = Uint8Array.from(mapped.toByteArray());
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(text, octets);
  return octets;
}

/** The octets as text, IPv4 in its own form. */
export function addressText(octets: Uint8Array): string {
  const address = ipaddr.fromByteArray(Array.from(octets));
  const isMapped = address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress();
  return (isMapped ? (address as ipaddr.IPv6).toIPv4Address() : address).toString();
}

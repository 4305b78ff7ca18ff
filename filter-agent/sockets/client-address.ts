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

/** Whether they are an IPv4 address: ::ffff:0:0/96. Allocates nothing. */
export function isIPv4(octets: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (octets[i] !== 0) return false;
  return octets[10] === 0xff && octets[11] === 0xff;
}

/** The octets as text, IPv4 in its own form. */
export function addressText(octets: Uint8Array): string {
  const address = ipaddr.fromByteArray(Array.from(octets));
  const isMapped = address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress();
  return (isMapped ? (address as ipaddr.IPv6).toIPv4Address() : address).toString();
}

/** Both ends of an address or CIDR range in text, each 16 octets, IPv4 as ::ffff:a.b.c.d. Throws for what is neither. */
export function addressRange(text: string): { first: Uint8Array; last: Uint8Array } {
  const [address, prefixBits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), Infinity];
  const isV4 = address.kind() === 'ipv4';
  const first = addressOctets(address.toString()).slice();
  const last = first.slice();
  for (let bit = Math.min(128, prefixBits + (isV4 ? 96 : 0)); bit < 128; bit++) {
    const mask = 0x80 >>> (bit & 7);
    first[bit >>> 3]! &= ~mask;
    last[bit >>> 3]! |= mask;
  }
  return { first, last };
}

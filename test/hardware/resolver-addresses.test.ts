/** The addresses that a router rejects: the file it loads is the catalogue's, and none of them is wider than one resolver. */
import { readFileSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { resolverAddressesFile, resolverAddressesText } from '../../hardware/resolver-addresses.ts';
import { resolverAddresses } from '../../policy-rules/catalogue/bypass-addresses.ts';

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const ranges = resolverAddresses.flatMap(({ operator, ipv4, ipv6 }) =>
  (['ipv4', 'ipv6'] as const).flatMap((kind) =>
    wordsOf(kind === 'ipv4' ? ipv4 : ipv6).map((text) => ({ operator, kind, text })),
  ),
);
const read = (text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] => {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
};

describe('the addresses of the public resolvers', () => {
  it('stand in the router’s file as the catalogue has them', () => {
    expect(readFileSync(resolverAddressesFile, 'utf8')).toBe(resolverAddressesText());
  });

  it('are of the internet, each of its family', () => {
    const wrong = ranges.filter(({ kind, text }) => {
      const [address] = read(text);
      return address.kind() !== kind || address.range() !== 'unicast';
    });
    expect(wrong).toEqual([]);
  });

  it('are single ones, save where each customer has one of his own', () => {
    const wide = ranges.filter(({ text }) => text.includes('/'));
    expect([...new Set(wide.map(({ operator }) => operator))]).toEqual([
      'NextDNS (an address for each profile)',
      'Control D (an address for each device)',
    ]);
    for (const { text } of wide) {
      const [address, bits] = read(text);
      expect({ text, bits }).toEqual({ text, bits: address.kind() === 'ipv4' ? 24 : 64 });
    }
  });

  it('stand there once', () => {
    const overlapping = ranges.filter(({ text, kind }) => {
      const [address] = read(text);
      return ranges.some((other) => other.text !== text && other.kind === kind && address.match(read(other.text)));
    });
    expect(overlapping).toEqual([]);
    expect(new Set(ranges.map(({ text }) => text)).size).toBe(ranges.length);
  });
});

/**
 * Writes nftables/resolver-addresses.nft from the catalogue's addresses: `node hardware/resolver-addresses.ts`. The file is
 * kept in the repository, since a router loads its rules before Node can be counted on; a test holds the two together.
 */
import { writeFileSync } from 'node:fs';
import { resolverAddresses } from '../policy-rules/catalogue/bypass-addresses.ts';

export const resolverAddressesFile = new URL('nftables/resolver-addresses.nft', import.meta.url);

/** The file's text: two definitions, an operator a line. */
export function resolverAddressesText(): string {
  const lines = (family: 'ipv4' | 'ipv6') =>
    resolverAddresses.flatMap(({ operator, [family]: text }) => {
      const addresses = text.split(/\s+/).filter((address) => address !== '');
      return addresses.length === 0 ? [] : [`  # ${operator}`, ...addresses.map((address) => `  ${address},`)];
    });
  return [
    '# Made by "node hardware/resolver-addresses.ts" from policy-rules/catalogue/bypass-addresses.ts: change it there.',
    `define resolver_addresses4 = {`,
    ...lines('ipv4'),
    '}',
    'define resolver_addresses6 = {',
    ...lines('ipv6'),
    '}',
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(resolverAddressesFile, resolverAddressesText());

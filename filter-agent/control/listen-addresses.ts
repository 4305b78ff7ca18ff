/**
 * From the settings' listen addresses to the addresses of this machine: whoever cannot tell which address was asked
 * opens a socket for each, since one on 0.0.0.0 would answer from another. Pure: the machine's interfaces are an argument.
 */
import type { NetworkInterfaceInfo } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { ListenAddress } from '../config.ts';

/** An address to open, and the box's own addresses that its clients reach the local site under. */
export interface ListenPlace {
  readonly address: string;
  readonly port: number;
  /** 4 octets. */
  readonly site4: Uint8Array | null;
  /** 16 octets. */
  readonly site6: Uint8Array | null;
  /** The settings ask for every address: this one of its family stands for all. */
  readonly shared: '0.0.0.0' | '::' | null;
}

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Without doubles, in the settings' order. An interface that does not exist (yet) gives none. */
export function listenPlaces(listen: readonly ListenAddress[], interfaces: Interfaces): ListenPlace[] {
  const places = new Map<string, ListenPlace>();
  const own = Object.entries(interfaces).flatMap(([name, infos = []]) =>
    infos.map((info) => ({ name, family: info.family, address: zoned(info, name) })),
  );
  for (const wanted of listen) {
    const addresses =
      wanted.kind === 'address'
        ? [wanted.address]
        : own
            .filter(({ name, family }) =>
              wanted.kind === 'interface' ? name === wanted.name : wanted.address === '::' || family === 'IPv4',
            )
            .map(({ address }) => address);
    for (const address of addresses) {
      const key = `${address} ${wanted.port}`;
      const shared = wanted.kind !== 'every' ? null : address.includes(':') ? '::' : '0.0.0.0';
      if (!places.has(key)) places.set(key, { address, port: wanted.port, shared, ...sitesOf(address, interfaces) });
    }
  }
  return [...places.values()];
}

/** The interfaces of the settings that have no address, or do not exist (yet). */
export function withoutAddress(listen: readonly ListenAddress[], interfaces: Interfaces): string[] {
  const names = listen.flatMap((wanted) => {
    if (listenPlaces([wanted], interfaces).length > 0) return [];
    return wanted.kind === 'interface' ? [wanted.name] : ['This machine'];
  });
  return [...new Set(names)];
}

/** "192.168.1.2:53" or "[fd00::2%eth0]:53", for messages. */
export function formatAddress({ address, port }: { readonly address: string; readonly port: number }): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address itself for its own family; for the other, the first that can stand in a record of the same interface. */
function sitesOf(address: string, interfaces: Interfaces): Pick<ListenPlace, 'site4' | 'site6'> {
  const [asked = '', zone] = address.split('%');
  const holder = Object.keys(interfaces).find((name) => interfaces[name]?.some((info) => info.address === asked));
  // A link-local address may be that of several interfaces.
  const infos = interfaces[zone ?? holder ?? ''] ?? [];
  const candidates = [asked, ...infos.map((info) => info.address)].filter((candidate) => !isLinkLocal(candidate));
  return { site4: firstOf('ipv4', candidates), site6: firstOf('ipv6', candidates) };
}

function firstOf(kind: 'ipv4' | 'ipv6', candidates: readonly string[]): Uint8Array | null {
  const found = candidates.map((text) => ipaddr.parse(text)).find((address) => address.kind() === kind);
  return found === undefined ? null : Uint8Array.from(found.toByteArray());
}

/** A link-local address means nothing without its zone, which an AAAA record cannot carry. */
function isLinkLocal(address: string): boolean {
  return ipaddr.parse(address).range() === 'linkLocal';
}

function zoned(info: NetworkInterfaceInfo, interfaceName: string): string {
  return info.family === 'IPv6' && isLinkLocal(info.address) ? `${info.address}%${interfaceName}` : info.address;
}

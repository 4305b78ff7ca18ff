/**
 * Whom the box asks, as the settings say it: a URL, a URL with addresses, or a preset → Upstream. Owns the forms and
 * what is wrong with one, in words; leaves out how a wire is spoken (resolving/upstream-*.ts).
 *
 * An encrypted upstream is asked by its name and found by its addresses: looking the name up would need an upstream, and
 * a plain one at that.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { findUpstreamPreset, upstreamPresets } from '../policy-rules/upstream-presets.ts';
import { nearest, type Parsed, quoted } from './config-words.ts';

export type UpstreamProtocol = 'udp' | 'tcp' | 'tls' | 'https';

export interface Upstream {
  /** As it was written; "preset:quad9" for a preset. */
  url: string;
  /** What people read: the preset's name, else the URL. */
  name: string;
  /** The preset's id. */
  preset: string | null;
  protocol: UpstreamProtocol;
  /** IP addresses without brackets, at least one, in the order in which they are tried; one alone for udp and tcp. */
  addresses: string[];
  port: number;
  /** tls, https: the name (or address) that the certificate must be for; null for the others. */
  serverName: string | null;
  /** https: where the queries are posted, "/dns-query"; null for the others. */
  path: string | null;
  /** tls, https: the certificates (PEM) that are trusted in place of the system's; null for the system's. */
  ca: string | null;
}

/** One entry of `upstreams` as it stands in the file. */
export type UpstreamEntry =
  | string
  | {
      preset?: string | undefined;
      url?: string | undefined;
      addresses?: string[] | undefined;
      ca?: string | undefined;
    };

/** Tells a mistake at a key below the entry; no keys: the entry itself. */
export type RefuseUpstream = (keys: readonly (string | number)[], text: string) => void;

const DEFAULT_PORTS = { udp: 53, tcp: 53, tls: 853, https: 443 } as const;
/** RFC 8484 leaves the path to the server; this is the one that all use. */
const USUAL_PATH = '/dns-query';
/** More than any resolver has; each is tried in turn when one does not answer. */
const ADDRESSES_LIMIT = 8;
const CA_LIMIT_BYTES = 1 << 20;
const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const presetIds = upstreamPresets.map(({ id }) => id);

/** An entry of the file; nothing is returned for one that was refused. `folder`: where relative paths start. */
export function readUpstream(entry: UpstreamEntry, folder: string, refuse: RefuseUpstream): Upstream[] {
  if (typeof entry === 'string') {
    const parsed = parseUpstream(entry);
    if ('value' in parsed) return parsed.value;
    refuse([], parsed.expected);
    return [];
  }
  const { preset, url, addresses: texts, ca: caPath } = entry;
  if ((preset === undefined) === (url === undefined)) {
    refuse([], `got ${preset === undefined ? 'neither' : 'both'}, expected either preset or url`);
    return [];
  }
  const addresses = texts === undefined ? null : readAddresses(texts, refuse);
  if (addresses !== null && addresses.length !== texts?.length) return [];
  if (preset !== undefined) {
    if (caPath !== undefined) refuse(['ca'], 'a preset has its own; remove it, or write url and addresses');
    const found = fromPreset(preset, addresses);
    if ('value' in found) return caPath === undefined ? found.value : [];
    refuse(found.key, found.expected);
    return [];
  }
  const parsed = parseUrl(url!, addresses);
  if (!('value' in parsed)) {
    refuse(['url'], parsed.expected);
    return [];
  }
  if (caPath === undefined) return [parsed.value];
  if (parsed.value.serverName === null) {
    refuse(['ca'], `got ${quoted(caPath)}, but ${parsed.value.protocol}:// has no certificate; remove it`);
    return [];
  }
  const ca = readCa(resolve(folder, caPath));
  if ('value' in ca) return [{ ...parsed.value, ca: ca.value }];
  refuse(['ca'], ca.expected);
  return [];
}

/** One text, as after --upstream: a URL, or "preset:quad9". */
export function parseUpstream(text: string): Parsed<Upstream[]> {
  const preset = /^preset:(.*)$/.exec(text)?.[1];
  if (preset !== undefined) {
    const found = fromPreset(preset, null);
    return 'value' in found ? found : { expected: found.expected };
  }
  const parsed = parseUrl(text, null);
  return 'value' in parsed ? { value: [parsed.value] } : parsed;
}

export function plainUdp(address: string): Upstream {
  const url = `udp://${address.includes(':') ? `[${address}]` : address}`;
  return { ...plain, url, name: url, protocol: 'udp', addresses: [address], port: DEFAULT_PORTS.udp };
}

const plain = { preset: null, serverName: null, path: null, ca: null };

function fromPreset(
  id: string,
  addresses: string[] | null,
): { value: Upstream[] } | { expected: string; key: string[] } {
  const preset = findUpstreamPreset(id);
  if (preset === undefined) {
    const near = nearest(id, presetIds);
    const known = `expected one of ${presetIds.map((each) => `"${each}"`).join(', ')}`;
    return {
      key: ['preset'],
      expected: `got ${quoted(id)}, ${known}${near === undefined ? '' : `; did you mean "${near}"?`}`,
    };
  }
  const { name, resolver } = preset;
  const url = `preset:${id}`;
  if (resolver === null) {
    if (addresses === null || addresses.length === 0) {
      const mend = `write { preset: ${id}, addresses: [192.0.2.1] } with the addresses that your provider names`;
      return { key: [], expected: `got ${quoted(url)} without addresses; ${mend}` };
    }
    const each = (address: string) => (addresses.length === 1 ? name : `${name} (${address})`);
    return {
      value: addresses.map((address) => ({ ...plainUdp(address), url, name: each(address), preset: id })),
    };
  }
  if (addresses !== null) {
    return { key: ['addresses'], expected: `the preset ${quoted(id)} has its own addresses; remove these` };
  }
  const { serverName, addresses: own } = resolver;
  const tls = { protocol: 'tls' as const, port: DEFAULT_PORTS.tls, serverName, path: null, ca: null };
  return { value: [{ url, name, preset: id, addresses: [...own], ...tls }] };
}

/**
 * "udp://9.9.9.9", "tcp://[2620:fe::fe]:53", "tls://dns.quad9.net", "https://dns.quad9.net/dns-query"; with the addresses
 * in the text as "tls://dns.quad9.net@9.9.9.9,[2620:fe::fe]:853".
 */
function parseUrl(text: string, given: string[] | null): Parsed<Upstream> {
  const refused = (expected: string) => ({ expected: `got ${quoted(text)}, expected ${expected}` });
  if (isIP(text) !== 0) return refused(`a URL; write "udp://${text.includes(':') ? `[${text}]` : text}"`);
  const match = /^(udp|tcp|tls|https):\/\/(?:([^@/?#]*)@)?([^@/?#]*)(\/[^?#\s]*)?$/.exec(text);
  if (match === null) {
    return refused('a URL such as "udp://9.9.9.9", "tcp://[2620:fe::fe]:53" or "tls://dns.quad9.net@9.9.9.9"');
  }
  const [, scheme, nameBefore, authority, path = ''] = match as unknown as [
    string,
    UpstreamProtocol,
    string?,
    string?,
    string?,
  ];
  const isEncrypted = scheme === 'tls' || scheme === 'https';
  const split = /^(.*?)(?::(\d{1,5}))?$/.exec(authority!)!;
  const hosts = split[1]!.split(',');
  const port = split[2] === undefined ? DEFAULT_PORTS[scheme] : Number(split[2]);
  if (port < 1 || port > 65_535) return refused('a port from 1 to 65535');
  if (scheme !== 'https' && path !== '' && path !== '/') {
    return refused(`a URL such as "${scheme}://9.9.9.9", without a path`);
  }
  if (!isEncrypted) {
    const address = nameBefore === undefined && hosts.length === 1 ? addressOf(hosts[0]!) : null;
    // The box would need an upstream to find the upstream's address.
    if (address === null) return refused(`an IP address after ${scheme}://, not a name: "${scheme}://9.9.9.9"`);
    if (given !== null) return refused('no addresses beside it: the one in the URL is asked');
    return { value: { ...plain, url: text, name: text, protocol: scheme, addresses: [address], port } };
  }
  const inText = nameBefore === undefined ? null : hosts.map(addressOf);
  if (inText?.includes(null)) return refused(`IP addresses after the @: "${scheme}://dns.quad9.net@9.9.9.9"`);
  const serverName = nameBefore ?? (hosts.length === 1 ? (addressOf(hosts[0]!) ?? hosts[0]!) : '');
  if (isIP(serverName) === 0 && !isServerName(serverName)) {
    return refused(`the name in its certificate after ${scheme}://, such as "${scheme}://dns.quad9.net"`);
  }
  if (inText !== null && given !== null) return refused('its addresses once: after the @, or under addresses');
  const addresses = (inText as string[] | null) ?? given ?? (isIP(serverName) === 0 ? [] : [serverName]);
  if (addresses.length === 0) {
    const written = `{ url: "${text}", addresses: [9.9.9.9] }`;
    return refused(
      `its addresses too, so that the box need not look the name up; write ${written}, or "${scheme}://${serverName}@9.9.9.9${path}"`,
    );
  }
  return {
    value: {
      url: text,
      name: text,
      preset: null,
      protocol: scheme,
      addresses,
      port,
      serverName: serverName.toLowerCase(),
      path: scheme === 'https' ? (path === '' || path === '/' ? USUAL_PATH : path) : null,
      ca: null,
    },
  };
}

/** The address that is written so in a URL, IPv6 in brackets and IPv4 without; null for anything else. */
function addressOf(host: string): string | null {
  const inner = /^\[(.*)\]$/.exec(host)?.[1];
  if (inner !== undefined) return isIP(inner) === 6 ? inner : null;
  return isIP(host) === 4 ? host : null;
}

function isServerName(name: string): boolean {
  return (
    name.length <= 253 &&
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name) &&
    !/^[\d.]+$/.test(name)
  );
}

function readAddresses(texts: readonly string[], refuse: RefuseUpstream): string[] {
  if (texts.length > ADDRESSES_LIMIT) {
    refuse(['addresses'], `got ${texts.length} addresses, expected at most ${ADDRESSES_LIMIT}`);
    return [];
  }
  return texts.flatMap((text, index) => {
    const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
    if (isIP(address) !== 0) return [address];
    refuse(['addresses', index], `got ${quoted(text)}, expected an IP address such as "9.9.9.9" or "2620:fe::fe"`);
    return [];
  });
}

function readCa(path: string): Parsed<string> {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    return { expected: `the file ${quoted(path)} cannot be read (${(cause as NodeJS.ErrnoException).code})` };
  }
  const certificates = text.length > CA_LIMIT_BYTES ? null : text.match(PEM_CERTIFICATE);
  if (certificates === null) {
    return { expected: `the file ${quoted(path)} holds no certificate, expected PEM: "-----BEGIN CERTIFICATE-----"` };
  }
  const damaged = certificates.findIndex((certificate) => !isCertificate(certificate));
  if (damaged >= 0) return { expected: `certificate ${damaged + 1} of the file ${quoted(path)} cannot be read` };
  return { value: text };
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

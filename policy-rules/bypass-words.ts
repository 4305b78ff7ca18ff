/**
 * What the manager reads when a device of the setting tried to go round the filter: which device, what it tried, what it
 * may mean, and what to do. Owns the sentences and which services are told of; counting is the box's matter.
 *
 * What devices ask for of their own accord (the catalogue's `byItself`) is never told of: an alert that always stands is
 * read by nobody. No sentence holds a domain name.
 */
import type { Catalogue, Service } from './catalogue/service.ts';

/** Of the catalogue's protected services those whose look-ups somebody, or some app, must have brought about. */
export function toldOf(catalogue: Catalogue): ReadonlyMap<string, Service> {
  const ways = new Set(catalogue.categories.filter((category) => category.protected).map(({ id }) => id));
  return new Map(
    catalogue.services
      .filter((service) => ways.has(service.category) && !service.byItself)
      .map((service) => [service.id, service]),
  );
}

export interface BypassTry {
  readonly deviceName: string;
  readonly service: Pick<Service, 'id' | 'name'>;
  /** A lower bound: the text is not made anew with every minute. */
  readonly minutes: number;
  /** As people say it: "23 November". */
  readonly day: string;
}

/** One paragraph of plain text. */
export function describeBypassTry({ deviceName, service, minutes, day }: BypassTry): string {
  const { cause, mend } = advice[service.id] ?? otherwise;
  return (
    `“${deviceName}” tried to go round the filter on ${day}: ${service.name}, in at least ${minutes} minutes of the day. ` +
    `The filter blocked this. ${cause} What to do: ${mend}`
  );
}

interface Advice {
  /** What may lie behind it, the harmless included. */
  readonly cause: string;
  /** Goes on after a colon. */
  readonly mend: string;
}

const otherwise: Advice = {
  cause: 'An app may do so by itself, so it is no proof that somebody meant to.',
  mend: 'ask who uses the device, and look through its apps together.',
};

const advice: Readonly<Record<string, Advice>> = {
  'public-dns': {
    cause: 'Some apps and browsers bring such a setting along, so it is no proof that somebody meant to.',
    mend: 'on the device, turn “Private DNS” off in the network settings, and “secure DNS” in the browser’s.',
  },
  vpn: {
    cause: 'A virus scanner may bring a VPN along, so it is no proof that somebody meant to.',
    mend: 'look on the device for a VPN app or a browser extension, ask who put it there, and remove it.',
  },
  'browser-vpn': {
    cause: 'The browser does so once its VPN is switched on, or where it sends all pages through its maker’s servers.',
    mend: 'switch the VPN off in the browser’s settings, or use another browser on this device.',
  },
  'cloudflare-warp': {
    cause: 'The app does so for as long as it is installed.',
    mend: 'look on the device for the app “1.1.1.1” or “WARP”, ask who put it there, and remove it.',
  },
  circumvention: {
    cause: 'Such tools come onto a device only when somebody installs them.',
    mend: 'ask who uses the device, and remove the app.',
  },
  'web-proxies': {
    cause: 'Somebody, or a link in a page, opened a site that shows other sites.',
    mend: 'ask who used the device at that time.',
  },
  tor: {
    cause: 'The Tor browser comes onto a device only when somebody installs it.',
    mend: 'ask who uses the device, remove the app, and tell the Designated Safeguarding Lead.',
  },
};

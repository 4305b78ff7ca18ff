/**
 * The filtering resolvers that a setting can name in one word, and what each does and does not do, in words for the
 * person who answers for the choice. Addresses are pinned, so that no look-up is needed to find one; all but the
 * broadband provider's are asked over TLS (RFC 7858), by the name in their certificate.
 *
 * Owns facts as their owners publish them (November 2026) and nothing measured. Leaves out resolvers that filter
 * nothing, and those whose free service is closed to organisations. No preset makes a setting compliant with anything.
 */

export interface UpstreamPreset {
  /** What is written in the settings: "quad9". */
  readonly id: string;
  /** What people read: "Quad9". */
  readonly name: string;
  /** One sentence: what it filters. */
  readonly filters: string;
  /** One or two sentences: what it does not, and what is known of illegal content. */
  readonly doesNot: string;
  /** Null: the setting gives its provider's addresses, and they are asked over plain UDP. */
  readonly resolver: {
    /** In its certificate. */
    readonly serverName: string;
    readonly addresses: readonly string[];
  } | null;
}

const NOT_KNOWN_TO_HOLD = 'It is not known to hold the lists of illegal content (IWF, CTIRU).';
const NO_MORE_THAN_HARM = `It does not filter adult content, gambling or anything else by subject. ${NOT_KNOWN_TO_HOLD}`;

export const upstreamPresets: readonly UpstreamPreset[] = [
  {
    id: 'quad9',
    name: 'Quad9',
    filters: 'Filters sites known for malware, phishing and other attacks.',
    doesNot: NO_MORE_THAN_HARM,
    resolver: {
      serverName: 'dns.quad9.net',
      addresses: ['9.9.9.9', '149.112.112.112', '2620:fe::fe', '2620:fe::9'],
    },
  },
  {
    id: 'cloudflare-malware',
    name: 'Cloudflare for Families (malware)',
    filters: 'Filters sites known for malware and phishing.',
    doesNot: NO_MORE_THAN_HARM,
    resolver: {
      serverName: 'security.cloudflare-dns.com',
      addresses: ['1.1.1.2', '1.0.0.2', '2606:4700:4700::1112', '2606:4700:4700::1002'],
    },
  },
  {
    id: 'cloudflare-family',
    name: 'Cloudflare for Families (malware and adult content)',
    filters: 'Filters sites known for malware and phishing, and adult content.',
    doesNot: `It does not filter gambling, violence or self-harm, and does not by itself switch safe search on everywhere. ${NOT_KNOWN_TO_HOLD}`,
    resolver: {
      serverName: 'family.cloudflare-dns.com',
      addresses: ['1.1.1.3', '1.0.0.3', '2606:4700:4700::1113', '2606:4700:4700::1003'],
    },
  },
  {
    id: 'cleanbrowsing-security',
    name: 'CleanBrowsing Security Filter',
    filters: 'Filters sites known for malware, phishing and spam.',
    doesNot: `${NO_MORE_THAN_HARM} Its free service is meant for homes and is slowed under load.`,
    resolver: {
      serverName: 'security-filter-dns.cleanbrowsing.org',
      addresses: ['185.228.168.9', '185.228.169.9', '2a0d:2a00:1::2', '2a0d:2a00:2::2'],
    },
  },
  {
    id: 'cleanbrowsing-adult',
    name: 'CleanBrowsing Adult Filter',
    filters:
      'Filters adult content and sites known for malware and phishing, and switches safe search on at Google and Bing.',
    doesNot: `It does not filter gambling, sites of mixed content such as Reddit, or ways round a filter. ${NOT_KNOWN_TO_HOLD} Its free service is meant for homes and is slowed under load.`,
    resolver: {
      serverName: 'adult-filter-dns.cleanbrowsing.org',
      addresses: ['185.228.168.10', '185.228.169.11', '2a0d:2a00:1::1', '2a0d:2a00:2::1'],
    },
  },
  {
    id: 'cleanbrowsing-family',
    name: 'CleanBrowsing Family Filter',
    filters:
      'Filters adult content, sites of mixed content such as Reddit, proxies and other ways round a filter, and sites known for malware and phishing; switches safe search on at Google, Bing and YouTube.',
    doesNot: `It does not filter gambling or violence as such. ${NOT_KNOWN_TO_HOLD} Its free service is meant for homes and is slowed under load.`,
    resolver: {
      serverName: 'family-filter-dns.cleanbrowsing.org',
      addresses: ['185.228.168.168', '185.228.169.168', '2a0d:2a00:1::', '2a0d:2a00:2::'],
    },
  },
  {
    id: 'adguard-default',
    name: 'AdGuard DNS',
    filters: 'Filters advertisements, trackers, and sites known for malware and phishing.',
    doesNot: `It does not filter adult content, gambling or anything else by subject, and a site that lives by advertisements may not work. ${NOT_KNOWN_TO_HOLD}`,
    resolver: {
      serverName: 'dns.adguard-dns.com',
      addresses: ['94.140.14.14', '94.140.15.15', '2a10:50c0::ad1:ff', '2a10:50c0::ad2:ff'],
    },
  },
  {
    id: 'adguard-family',
    name: 'AdGuard DNS Family Protection',
    filters:
      'Filters adult content, advertisements, trackers, and sites known for malware and phishing; switches safe search and the safe mode of YouTube on.',
    doesNot: `It does not filter gambling or violence as such, and a site that lives by advertisements may not work. ${NOT_KNOWN_TO_HOLD}`,
    resolver: {
      serverName: 'family.adguard-dns.com',
      addresses: ['94.140.14.15', '94.140.15.16', '2a10:50c0::bad1:ff', '2a10:50c0::bad2:ff'],
    },
  },
  {
    id: 'opendns-familyshield',
    name: 'OpenDNS FamilyShield',
    filters:
      'Filters adult content, proxies and other ways round a filter, and sites known for phishing and some malware.',
    doesNot: `It does not filter gambling or violence as such, and does not switch safe search on. ${NOT_KNOWN_TO_HOLD}`,
    resolver: {
      serverName: 'familyshield.opendns.com',
      addresses: ['208.67.222.123', '208.67.220.123', '2620:119:35::123', '2620:119:53::123'],
    },
  },
  {
    id: 'mullvad-family',
    name: 'Mullvad DNS (family)',
    filters: 'Filters adult content, gambling, advertisements, trackers, and sites known for malware.',
    doesNot: `It does not filter violence or self-harm, and does not switch safe search on; a site that lives by advertisements may not work. ${NOT_KNOWN_TO_HOLD}`,
    resolver: { serverName: 'family.dns.mullvad.net', addresses: ['194.242.2.6', '2a07:e340::6'] },
  },
  {
    id: 'dns4eu-protective',
    name: 'DNS4EU (protective)',
    filters: 'Filters sites known for malware, phishing and other attacks.',
    doesNot: `${NO_MORE_THAN_HARM} It is run for people in the European Union.`,
    resolver: {
      serverName: 'protective.joindns4.eu',
      addresses: ['86.54.11.1', '86.54.11.201', '2a13:1001::86:54:11:1', '2a13:1001::86:54:11:201'],
    },
  },
  {
    id: 'dns4eu-child',
    name: 'DNS4EU (protective, with child protection)',
    filters: 'Filters adult content and other content unfit for children, and sites known for malware and phishing.',
    doesNot: `It does not switch safe search on. ${NOT_KNOWN_TO_HOLD} It is run for people in the European Union.`,
    resolver: {
      serverName: 'child.joindns4.eu',
      addresses: ['86.54.11.12', '86.54.11.212', '2a13:1001::86:54:11:12', '2a13:1001::86:54:11:212'],
    },
  },
  {
    id: 'broadband-provider',
    name: 'The broadband provider’s own',
    filters:
      'Filters what your provider filters: many providers for UK schools filter illegal content (IWF, CTIRU) and more at their own resolvers, and some let no other resolver be asked. Ask yours, and keep its answer.',
    doesNot:
      'A home or business line’s resolver may filter nothing at all. Questions travel unencrypted, within the provider’s network.',
    resolver: null,
  },
];

export function findUpstreamPreset(id: string): UpstreamPreset | undefined {
  return upstreamPresets.find((preset) => preset.id === id);
}

/** The preset whose name (or its name and an address, for one that has several) a box tells of its upstream. */
export function upstreamPresetNamed(name: string): UpstreamPreset | undefined {
  return upstreamPresets.find((preset) => preset.name === name || name.startsWith(`${preset.name} (`));
}

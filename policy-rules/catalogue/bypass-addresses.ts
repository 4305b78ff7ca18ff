/**
 * Addresses of public resolvers, for a box that is the router (hardware/nftables): a device that carries them with it asks
 * no name that could be blocked. The names are in bypass-resolvers.ts.
 *
 * Only addresses that serve DNS and nothing else anybody needs, since the router rejects every TCP and UDP port of theirs:
 * DNS over HTTPS stands at 443, DNSCrypt at 443 and 5443, early DNS over QUIC at 784 and 8853. Whole prefixes only where an
 * operator gives every customer an address of his own within. Left out: resolvers on addresses that they share with pages
 * (most that stand behind a content network, Apple's, that of a provider), addresses that change, and 162.159.36.1 and
 * 162.159.46.1, which the filter that councils' laptops bring along (Cloudflare Gateway) asks too.
 * Read from the operators' own pages, and held against what their names resolved to, in November 2026.
 */

export interface ResolverAddresses {
  readonly operator: string;
  /** Addresses and prefixes (RFC 4632, 4291), separated by white space. */
  readonly ipv4: string;
  readonly ipv6: string;
}

export const resolverAddresses: readonly ResolverAddresses[] = [
  {
    operator: 'Google Public DNS',
    ipv4: '8.8.8.8 8.8.4.4',
    ipv6: `2001:4860:4860::8888 2001:4860:4860::8844 2001:4860:4860::64 2001:4860:4860::6464`,
  },
  {
    operator: 'Cloudflare 1.1.1.1, for everybody and for single browsers',
    ipv4: `
      1.1.1.1 1.0.0.1 1.1.1.2 1.0.0.2 1.1.1.3 1.0.0.3 104.16.248.249 104.16.249.249
      162.159.61.3 162.159.61.4 162.159.61.5 162.159.61.8 162.159.62.1 162.159.62.2
      172.64.41.3 172.64.41.4 172.64.41.5 172.64.41.8 172.64.42.1 172.64.42.2`,
    ipv6: `
      2606:4700:4700::1111 2606:4700:4700::1001 2606:4700:4700::1112 2606:4700:4700::1002 2606:4700:4700::1113
      2606:4700:4700::1003 2606:4700:4700::64 2606:4700:4700::6400 2606:4700::6810:f8f9 2606:4700::6810:f9f9
      2803:f800:53::3 2803:f800:53::4 2803:f800:53::5 2803:f800:53::8 2803:f800:54::1 2803:f800:54::2
      2a06:98c1:52::3 2a06:98c1:52::4 2a06:98c1:52::5 2a06:98c1:52::8 2a06:98c1:53::1 2a06:98c1:53::2`,
  },
  {
    operator: 'Quad9',
    ipv4: '9.9.9.9 9.9.9.10 9.9.9.11 9.9.9.12 9.9.9.13 149.112.112.9 149.112.112.10 149.112.112.11 149.112.112.12 149.112.112.13 149.112.112.112',
    ipv6: `
      2620:fe::fe 2620:fe::9 2620:fe::10 2620:fe::11 2620:fe::12 2620:fe::13 2620:fe::fe:9 2620:fe::fe:10 2620:fe::fe:11
      2620:fe::fe:12 2620:fe::fe:13`,
  },
  {
    operator: 'OpenDNS and Cisco Umbrella',
    ipv4: `
      208.67.222.222 208.67.220.220 208.67.222.220 208.67.220.222 208.67.222.123 208.67.220.123 208.67.222.2 208.67.220.2
      146.112.41.2 146.112.41.3 146.112.41.4 146.112.41.5`,
    ipv6: `
      2620:119:35::35 2620:119:53::53 2620:119:35::123 2620:119:53::123 2620:0:ccc::2 2620:0:ccd::2 2620:119:fc::2
      2620:119:fc::3 2620:119:fc::4 2620:119:fc::5`,
  },
  {
    operator: 'NextDNS (an address for each profile)',
    ipv4: '45.90.28.0/24 45.90.30.0/24',
    ipv6: '2a07:a8c0::/64 2a07:a8c1::/64',
  },
  {
    operator: 'Control D (an address for each device)',
    ipv4: '76.76.2.0/24 76.76.10.0/24',
    ipv6: '2606:1a40::/64 2606:1a40:1::/64',
  },
  {
    operator: 'AdGuard DNS',
    ipv4: '94.140.14.14 94.140.15.15 94.140.14.15 94.140.15.16 94.140.14.140 94.140.14.141 94.140.14.49 94.140.14.59',
    ipv6: `
      2a10:50c0::ad1:ff 2a10:50c0::ad2:ff 2a10:50c0::bad1:ff 2a10:50c0::bad2:ff 2a10:50c0::1:ff 2a10:50c0::2:ff
      2a10:50c0::ded:ff 2a10:50c0::dad:ff`,
  },
  {
    operator: 'CleanBrowsing',
    ipv4: '185.228.168.9 185.228.169.9 185.228.168.10 185.228.169.11 185.228.168.168 185.228.169.168',
    ipv6: '2a0d:2a00:1:: 2a0d:2a00:2:: 2a0d:2a00:1::1 2a0d:2a00:2::1 2a0d:2a00:1::2 2a0d:2a00:2::2',
  },
  {
    operator: 'Mullvad DNS',
    ipv4: '194.242.2.2 194.242.2.3 194.242.2.4 194.242.2.5 194.242.2.6 194.242.2.9',
    ipv6: '2a07:e340::2 2a07:e340::3 2a07:e340::4 2a07:e340::5 2a07:e340::6 2a07:e340::9',
  },
  {
    operator: 'DNS4EU',
    ipv4: `
      86.54.11.1 86.54.11.11 86.54.11.12 86.54.11.13 86.54.11.100 86.54.11.200 86.54.11.201 86.54.11.211 86.54.11.212
      86.54.11.213`,
    ipv6: `
      2a13:1001::86:54:11:1 2a13:1001::86:54:11:11 2a13:1001::86:54:11:12 2a13:1001::86:54:11:13
      2a13:1001::86:54:11:100 2a13:1001::86:54:11:200 2a13:1001::86:54:11:201 2a13:1001::86:54:11:211
      2a13:1001::86:54:11:212 2a13:1001::86:54:11:213`,
  },
  { operator: 'DNS.SB', ipv4: '185.222.222.222 45.11.45.11', ipv6: '2a09:: 2a11::' },
  { operator: 'Surfshark DNS', ipv4: '194.169.169.169', ipv6: '2a09:a707:169::' },
  { operator: 'Wikimedia DNS', ipv4: '185.71.138.138', ipv6: '2001:67c:930::1' },
  {
    operator: 'CIRA Canadian Shield',
    ipv4: '149.112.121.10 149.112.121.20 149.112.121.30 149.112.122.10 149.112.122.20 149.112.122.30',
    ipv6: `
      2620:10a:80bb::10 2620:10a:80bb::20 2620:10a:80bb::30 2620:10a:80bc::10 2620:10a:80bc::20 2620:10a:80bc::30`,
  },
  { operator: 'Andrews & Arnold', ipv4: '217.169.20.22 217.169.20.23', ipv6: '2001:8b0::2022 2001:8b0::2023' },
  { operator: 'Hurricane Electric', ipv4: '74.82.42.42', ipv6: '2001:470:20::2' },
  { operator: 'CZ.NIC ODVR', ipv4: '193.17.47.1 185.43.135.1', ipv6: '2001:148f:ffff::1 2001:148f:fffe::1' },
  { operator: 'UncensoredDNS', ipv4: '91.239.100.100 89.233.43.71', ipv6: '2001:67c:28a4:: 2a01:3a0:53:53::' },
  { operator: 'Digitale Gesellschaft', ipv4: '185.95.218.42 185.95.218.43', ipv6: '2a05:fc84::42 2a05:fc84::43' },
  { operator: 'Applied Privacy', ipv4: '146.255.56.98', ipv6: '2a02:1b8:10:234::2' },
  { operator: 'Freifunk München', ipv4: '185.150.99.255 5.1.66.255', ipv6: '2001:678:ed0:f000:: 2001:678:e68:f000::' },
  { operator: 'IIJ', ipv4: '103.2.57.5 103.2.57.6', ipv6: '2001:300::5 2001:300::6' },
  { operator: 'TWNIC Quad101', ipv4: '101.101.101.101 101.102.103.104', ipv6: '2001:de4::101 2001:de4::102' },
  {
    operator: 'Yandex DNS',
    ipv4: '77.88.8.8 77.88.8.1 77.88.8.88 77.88.8.2 77.88.8.7 77.88.8.3',
    ipv6: `
      2a02:6b8::feed:ff 2a02:6b8:0:1::feed:ff 2a02:6b8::feed:bad 2a02:6b8:0:1::feed:bad 2a02:6b8::feed:a11
      2a02:6b8:0:1::feed:a11`,
  },
  { operator: 'AliDNS', ipv4: '223.5.5.5 223.6.6.6', ipv6: '2400:3200::1 2400:3200:baba::1' },
  { operator: 'DNSPod', ipv4: '1.12.12.12 120.53.53.53', ipv6: '' },
  { operator: 'Comodo', ipv4: '8.26.56.26 8.20.247.20', ipv6: '' },
];

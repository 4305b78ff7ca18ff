/**
 * Ways round the filter: other people's DNS, tunnels and relays. A careful start: the ones that a browser, a telephone or
 * an app shop puts before everybody.
 *
 * The names that a program asks in order to learn whether the network filters are suffixes, not hosts: then nothing can
 * be open below them, and the answer is the NXDOMAIN that the program waits for.
 */
import { defineCategory } from './define-category.ts';

export const bypass = defineCategory(
  {
    id: 'bypass',
    name: 'Ways round the filter',
    clauses: ['7.1.5'],
    social: false,
    inForceByDefault: true,
    defaultReason:
      'What goes round the filter is neither filtered nor counted, so the setting could not keep its own policy.',
    protected: true,
  },
  [
    {
      id: 'browser-canary',
      name: 'Browsers’ own encrypted DNS (Firefox asks first)',
      suffixes: 'use-application-dns.net',
      notes: ['Firefox turns its own DNS off by itself when this name does not exist.'],
    },
    {
      id: 'private-relay',
      name: 'iCloud Private Relay',
      suffixes: `
        mask.icloud.com mask-h2.icloud.com mask-canary.icloud.com mask-api.icloud.com mask.apple-dns.net
        mask-t.apple-dns.net mask-api.fe.apple-dns.net`,
      notes: [
        'The device tells its user that Private Relay is off on this network, and goes on without it.',
        'icloud.com and apple-dns.net are left out as a whole: mail, backups and all of Apple’s services.',
      ],
    },
    {
      id: 'public-dns',
      name: 'Public encrypted DNS',
      suffixes: `
        dns.google dns.google.com 8888.google cloudflare-dns.com one.one.one.one dns.cloudflare.com
        dns.quad9.net dns9.quad9.net dns10.quad9.net dns11.quad9.net dns12.quad9.net
        doh.opendns.com doh.familyshield.opendns.com doh.umbrella.com
        dns.nextdns.io dns.adguard.com dns.adguard-dns.com family.adguard-dns.com unfiltered.adguard-dns.com
        doh.cleanbrowsing.org dns.controld.com freedns.controld.com
        doh.dns.apple.com doh.dns.apple.com.v.aaplimg.com doh-dns-apple-com.v.aaplimg.com
        doh.libredns.gr dns.sb doh.sb doh.pub dns.alidns.com
        dnsforge.de dns.digitale-gesellschaft.ch doh.ffmuc.net dns0.eu
        wikimedia-dns.org dns.aa.net.uk blahdns.com pi-dns.com ahadns.net ahadns.com`,
      notes: [
        'opendns.com, quad9.net, nextdns.io and adguard.com are left out as a whole: pages, and filters that settings buy.',
        'The box’s own upstream is not asked through the filter, so it may be one of these.',
      ],
    },
    {
      id: 'vpn',
      name: 'VPN services',
      suffixes: `
        nordvpn.com nordcdn.com expressvpn.com surfshark.com protonvpn.com protonvpn.net cyberghostvpn.com
        privateinternetaccess.com ipvanish.com windscribe.com tunnelbear.com hotspotshield.com hide.me hidemyass.com
        mullvad.net purevpn.com vyprvpn.com strongvpn.com airvpn.org ivpn.net torguard.net privadovpn.com
        atlasvpn.com turbovpn.com urban-vpn.com hola.org betternet.co zenmate.com touchvpn.net x-vpn.com
        psiphon.ca psiphon3.com getlantern.org getoutline.org adguard-vpn.com vpnbook.com vpngate.net
        vpnunlimited.com browsec.com setupvpn.com veepn.com planetvpn.com speedify.com`,
      hosts: 'vpn.mozilla.org',
      notes: [
        'tailscale.com, openvpn.net and wireguard.com are left out: settings and their suppliers work with them.',
        'opera.com is left out: a browser; its built-in tunnel is listed with the proxies.',
        'proton.me is left out: mail.',
      ],
    },
    {
      id: 'cloudflare-warp',
      name: 'Cloudflare WARP (1.1.1.1 app)',
      suffixes: 'cloudflareclient.com',
      notes: [
        'cloudflare.com and cloudflare-gateway.com are left out: half of the web, and a filter that schools buy.',
      ],
    },
    {
      id: 'web-proxies',
      name: 'Web proxies',
      suffixes: `
        croxyproxy.com croxyproxy.rocks croxyproxy.net croxy.network proxysite.com kproxy.com hidester.com
        4everproxy.com proxyium.com blockaway.net filterbypass.me anonymouse.org megaproxy.com
        zend2.com proxfree.com unblockit.one unblockvideos.com sec-tunnel.com opera-proxy.net ultrasurf.us`,
      notes: [
        'translate.goog is left out: Google’s translator, in daily use with parents, though it shows other pages.',
      ],
    },
    {
      id: 'tor',
      name: 'Tor',
      suffixes: 'torproject.org onion.ly onion.ws onion.pet onion.to onion.cab tor2web.org',
      hosts: 'tor.bravesoftware.com',
    },
  ],
);

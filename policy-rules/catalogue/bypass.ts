/**
 * Ways round the filter: other people's DNS, tunnels and relays, as far as people meet them: what a browser, a telephone,
 * an app shop or a school-yard tip puts before everybody. Owns the services other than resolvers (bypass-resolvers.ts).
 *
 * - The names that a program asks in order to learn whether the network filters are suffixes, not hosts: then nothing can
 *   be open below them, and the answer is the NXDOMAIN that the program waits for.
 * - A service's own registered name stands as a suffix, with the other names under which its app finds its servers. What
 *   an app carries as addresses only meets the router's rules (hardware/nftables), not this file.
 * - Left out: pages that only write about tunnels; remote work and virtual networks that suppliers and councils use; what
 *   only shares a line with others; private resolvers at somebody's home, which come and go by the week.
 */
import { publicDns } from './bypass-resolvers.ts';
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
      byItself: true,
      suffixes: 'use-application-dns.net',
      notes: [
        'Firefox turns its own DNS off by itself when this name does not exist. Every Firefox asks it: nobody’s attempt.',
      ],
    },
    {
      id: 'private-relay',
      name: 'iCloud Private Relay',
      byItself: true,
      suffixes: `
        mask.icloud.com mask-h2.icloud.com mask-canary.icloud.com mask-api.icloud.com mask.apple-dns.net
        mask-t.apple-dns.net mask-api.fe.apple-dns.net mask-api.fe2.apple-dns.net apple-native-relay.apple.com
        apple-relay.cloudflare.com apple-relay.fastly-edge.com`,
      notes: [
        'The device tells its user that Private Relay is off on this network, and goes on without it.',
        'Apple’s devices ask for it in the background: nobody’s attempt.',
        'icloud.com and apple-dns.net are left out as a whole: mail, backups and all of Apple’s services.',
        'safebrowsing.apple is left out: Safari’s warning against fraudulent pages.',
      ],
    },
    {
      id: 'apple-dns',
      name: 'Apple’s own encrypted DNS',
      byItself: true,
      suffixes: 'doh.dns.apple.com doh.dns.apple.com.v.aaplimg.com doh-dns-apple-com.v.aaplimg.com',
      notes: ['Apple’s devices ask for it in the background: nobody’s attempt.'],
    },
    publicDns,
    {
      id: 'vpn',
      name: 'VPN services',
      suffixes: `
        nordvpn.com nordvpn.net nordcdn.com expressvpn.com surfshark.com surfshark.app protonvpn.com protonvpn.net
        protonvpn.ch cyberghostvpn.com cg-dialup.net privateinternetaccess.com privacy.network piaservers.net
        piaproxy.net ipvanish.com wlvpn.com strongvpn.com windscribe.com windscribe.net whiskergalaxy.com
        staticnetcontent.com totallyacdn.com tunnelbear.com polargrizzly.com lazerpenguin.com hotspotshield.com
        northghost.com anchorfree.com anchorfree.net betternet.co touchvpn.net hide.me hidemyass.com hidemy.name
        mullvad.net purevpn.com purevpn-tools.com ivacy.com ivacyvpn.com fastestvpn.com vyprvpn.com goldenfrog.com
        airvpn.org vpn.airdns.org ivpn.net torguard.net torguard.com privadovpn.com atlasvpn.com turbovpn.com turbovpn.co
        urban-vpn.com hola.org h-vpn.org holavpn.net holax.io zspeed-cdn.com su89-cdn.net zenmate.com x-vpn.com xvpn.io
        adguard-vpn.com adguard-vpn.online vpnbook.com vpngate.net opengw.net vpnazure.net vpnunlimited.com
        vpnunlimitedapp.com browsec.com setupvpn.com veepn.com veepn.co planetvpn.com freevpnplanet.com speedify.com
        1clickvpn.com 1clickvpn.net hoxx.com tuxlervpn.com astrill.com letsvpn.world potatovpn.io supervpn.im
        vpnproxymaster.com vpnproxymaster.app vpnsuper.com vpnsuper.app ultravpn.com ufovpn.io itopvpn.com avira-vpn.com
        freedome-vpn.net surfeasy.com trust.zone ovpn.com ovpn.to perfect-privacy.com azirevpn.com cryptostorm.is
        anonine.com privatevpn.com privatix.com le-vpn.com limevpn.com goosevpn.com safervpn.com smartdnsproxy.com
        unlocator.com overplay.net zoogvpn.com symlexvpn.com vpn.ac vpn.ht vpnsecure.me vpnarea.com vpntunnel.com
        vpnjantit.com vpnhub.com nymvpn.com mysteriumvpn.com mysterium.network black.riseup.net vpn.riseup.net
        netp.duckduckgo.com freevpn.zone yogavpn.com skyvpn.net pandavpnpro.com dotvpn.com redshieldvpn.com
        rusvpn.com earthvpn.com boxpn.com cactusvpn.com flowvpn.com flyvpn.com hideipvpn.com ibvpn.com slickvpn.com
        vpnreactor.com wevpn.com shieldvpn.org totalvpn.com virtualshield.com encrypt.me`,
      hosts: 'vpn.mozilla.org vpn-api.proton.me vpn-sd.ff.avast.com vpn.avg.tools.avast.com',
      notes: [
        'tailscale.com, zerotier.com, vpn.net (Hamachi), openvpn.net and wireguard.com are left out: suppliers work with them.',
        'The VPNs of councils and employers (AnyConnect, GlobalProtect, FortiClient, Zscaler, NordLayer) are left out: work.',
        'opera.com is left out: a browser; its built-in tunnel is listed with the browsers’.',
        'proton.me, riseup.net, duckduckgo.com, avast.com and airdns.org are left out as a whole: mail, search, virus scanners.',
        'nordpass.com and keepsolid.com are left out: passwords and office tools.',
        'Pages that compare VPNs (vpnmentor.com, top10vpn.com) are left out: who reads there goes round nothing.',
        'zspeed-cdn.com and su89-cdn.net serve Hola’s extension; staticnetcontent.com and totallyacdn.com Windscribe’s app.',
      ],
    },
    {
      id: 'browser-vpn',
      name: 'VPNs and proxies inside browsers',
      suffixes: `
        sec-tunnel.com opera-proxy.net opera-mini.net guardianapp.com sudosecuritygroup.com ikev2.network
        cloudmosa.com cloudmosa.net puffinbrowser.com epicbrowser.com alohabrowser.com`,
      notes: [
        'Opera’s VPN and Opera Mini, Brave’s VPN (Guardian), Puffin, Epic and Aloha.',
        'opera.com, opera-api.com, opera.software, brave.com and bravesoftware.com are left out: the browsers, and their updates.',
        'Edge’s Secure Network has no published names of its own: it is switched off by a policy of the device.',
        'Samsung’s Secure Wi-Fi has none either: it is switched off on the device.',
      ],
    },
    {
      id: 'google-vpn',
      name: 'Google’s VPN and relays',
      byItself: true,
      suffixes: 'g-tun.com cupronickel.goog googlezip.net',
      hosts: 'phosphor-pa.googleapis.com',
      notes: [
        'The VPN of Pixel telephones and of Google One, Chrome’s IP protection, and its proxy for pages fetched beforehand.',
        'Chrome asks for them in the background, and goes on without them: nobody’s attempt.',
        'The relays that Google’s and Mozilla’s safe browsing use (fastly-edge.com) are left out: they carry no pages.',
      ],
    },
    {
      id: 'cloudflare-warp',
      name: 'Cloudflare WARP (1.1.1.1 app)',
      suffixes: 'cloudflareclient.com',
      notes: [
        'cloudflare.com and cloudflare-gateway.com are left out: half of the web, and a filter that schools buy.',
        'warp.dev is left out: somebody else’s terminal program.',
      ],
    },
    {
      id: 'circumvention',
      name: 'Tools against blocking (Psiphon, Lantern and others)',
      suffixes: `
        psiphon.ca psiphon3.com getlantern.org lantern.io iantem.io getiantem.org getoutline.org ultrasurf.us
        ultrareach.com dongtaiwang.com nthlink.com beepassvpn.com censorship.no geph.io`,
    },
    {
      id: 'web-proxies',
      name: 'Web proxies',
      suffixes: `
        croxyproxy.com croxyproxy.rocks croxyproxy.net croxy.network croxy.org proxysite.com proxysite.one proxysite.io
        proxysite.cloud proxysite.video proxysite.site kproxy.com kproxysite.com hidester.com 4everproxy.com proxyium.com
        blockaway.net filterbypass.me anonymouse.org anonymizer.com megaproxy.com zend2.com proxfree.com unblockit.one
        unblockvideos.com unblock-websites.com unblockproxy.me unblocker.us unblockyoutube.video genmirror.com
        webproxy.to webproxy.best weboproxy.com atozproxy.com my-proxy.com ninjaproxy.eu ninjacloak.com guardster.com
        proxify.com newipnow.com zalmos.com sitenable.in free-proxyserver.com proxyserver.com vpnbrowse.com
        awebproxy.com proxy.toolur.com free-proxy-list.net sslproxies.org us-proxy.org socks-proxy.net proxynova.com
        spys.one proxyscrape.com holyunblocker.org titaniumnetwork.org rammerhead.org nebulaproxy.io`,
      hosts: 'eu-browse.startpage.com us-browse.startpage.com',
      notes: [
        'translate.goog is left out: Google’s translator, in daily use with parents, though it shows other pages.',
        'web.archive.org is left out: an archive, though it shows other pages.',
        'startpage.com is left out as a whole: a search engine; only the hosts of its “anonymous view” are listed.',
        'surfly.com is left out: help desks look at a page together with it.',
      ],
    },
    {
      id: 'tor',
      name: 'Tor and I2P',
      suffixes: `
        torproject.org torproject.net onion.ly onion.ws onion.pet onion.to onion.cab onion.sh onion.city onion.dog
        onion.direct tor2web.org tor2web.io darknet.to geti2p.net i2p-projekt.de`,
      hosts: 'tor.bravesoftware.com',
    },
  ],
);

/**
 * Public resolvers over HTTPS, TLS and QUIC (RFC 8484, 7858, 9250), and the relays of Oblivious DoH (RFC 9230), by name.
 *
 * Listed are those that a browser, a telephone or a router's menu offers, that well-known organisations run for everybody,
 * or that the usual lists for apps (DNSCrypt's, AdGuard's, curl's) name; not the hundreds that one person runs at home.
 * Where an operator's pages share the registered name, only the resolvers' own hosts stand here. Their addresses are in
 * bypass-addresses.ts.
 */
import type { ServiceEntry } from './define-category.ts';

/** Built into Chrome, Firefox, Edge, Opera, Android, iOS, Windows, and into routers' menus. */
const offeredEverywhere = `
  dns.google dns.google.com 8888.google google-public-dns-a.google.com google-public-dns-b.google.com
  cloudflare-dns.com one.one.one.one dns.cloudflare.com
  dns.quad9.net dns9.quad9.net dns10.quad9.net dns11.quad9.net dns12.quad9.net dns13.quad9.net dns-nosec.quad9.net
  alpha-dns.quad9.net rpz-public-resolver1.rrdns.pch.net
  doh.opendns.com dns.opendns.com familyshield.opendns.com
  sandbox.opendns.com resolver1.opendns.com resolver2.opendns.com resolver1-fs.opendns.com resolver2-fs.opendns.com
  doh.umbrella.com dns.umbrella.com
  dns.nextdns.io dns1.nextdns.io dns2.nextdns.io steering.nextdns.io
  adguard-dns.com dns.adguard.com dns-family.adguard.com dns-unfiltered.adguard.com
  doh.cleanbrowsing.org doh2.cleanbrowsing.org family-filter-dns.cleanbrowsing.org adult-filter-dns.cleanbrowsing.org
  security-filter-dns.cleanbrowsing.org
  dns.controld.com freedns.controld.com
  canadianshield.cira.ca doh.xfinity.com dot.xfinity.com doh.gslb2.xfinity.com doh2.gslb2.xfinity.com doh-01.spectrum.com doh-02.spectrum.com
  doh.cox.net dot.cox.net dohtrial.att.net doh.bt.com dns.telekom.de doh.quickline.ch dot.quickline.ch
  public.dns.iij.jp dns.shaw.ca`;

const wellKnown = `
  dns0.eu joindns4.eu doh.dns4all.eu dot.dns4all.eu doq.dns4all.eu odvr.nic.cz dns.belnet.be dns.switch.ch
  dnspub.restena.lu kaitain.restena.lu doh.nic.lv doh.sidnlabs.nl dns.circl.lu dns.cert.ee resolver.sunet.se
  ordns.he.net dns.aa.net.uk wikimedia-dns.org dns.njal.la resolv.flokinet.net dnsforge.de
  dns.digitale-gesellschaft.ch dns1.digitale-gesellschaft.ch dns2.digitale-gesellschaft.ch dns.artikel10.org
  doh.ffmuc.net dot.ffmuc.net doh.applied-privacy.net dot1.applied-privacy.net doh.appliedprivacy.net
  dot1.appliedprivacy.net doh.libredns.gr dot.libredns.gr fdns1.dismail.de fdns2.dismail.de ns0.fdn.fr ns1.fdn.fr
  uncensoreddns.org censurfridns.dk doh.powerdns.org doh.immerda.ch dns.hostux.net doh.bortzmeyer.fr
  dnsovertls.sinodun.com dnsovertls1.sinodun.com dnsovertls2.sinodun.com dnsovertls3.sinodun.com
  dns.sb doh.sb doh.li doh.42l.fr dnslow.me dns.decloudus.com dns.watch dns.oszx.co dns.pumplex.com pdns.faelix.net
  rdns.faelix.net doh.crypto.sx odoh.crypto.sx doh-ipv6.crypto.sx doh.tiar.app dot.tiar.app jp.tiar.app
  doh.tiarap.org jp.tiarap.org dnscry.pt plan9-dns.com dnscrypt.ca doh.dnscrypt.uk v.dnscrypt.uk alekberg.net
  blahdns.com pi-dns.com ahadns.net ahadns.com dnswarden.com rethinkdns.com bravedns.com doh.blockerdns.com
  dns.blokada.org dns.comss.one dns.east.comss.one router.comss.one dns.bitdefender.net surfsharkdns.com
  doh.safesurfer.io dns-doh.dnsforfamily.com dns-dot.dnsforfamily.com
  dns-doh-no-safe-search.dnsforfamily.com doh.captnemo.in dns4me.net openbld.net dns.alvosec.com
  dns.envs.net doh.lacontrevoie.fr dns.aquilenet.fr doh.datahata.by privacy.plumedns.com
  recursive.dnsbycomodo.com resolver.unstoppable.io query.hdns.io doh.disconnect.app adfree.usableprivacy.net
  dns.twnic.tw dns.hinet.net`;

const beyondEurope = `
  dns.alidns.com doh.pub dot.pub dns.pub doh.360.cn dot.360.cn doh.onedns.net doh-pure.onedns.net 233py.com
  dns.rubyfish.cn dns.tuna.tsinghua.edu.cn
  dns.yandex.ru dot.dns.yandex.net
  dns.bebasid.com antivirus.bebasid.com internetsehat.bebasid.com dns.shecan.ir free.shecan.ir dns.nic.in
  africadns1.liquidtelecom.net africadns2.liquidtelecom.net`;

/** The targets stand under their operators' names above. */
const obliviousRelays = 'odoh-relay.edgecompute.app';

export const publicDns: ServiceEntry = {
  id: 'public-dns',
  name: 'Public encrypted DNS',
  suffixes: [offeredEverywhere, wellKnown, beyondEurope, obliviousRelays].join(' '),
  notes: [
    'opendns.com, quad9.net, nextdns.io, adguard.com, cleanbrowsing.org and controld.com are left out as a whole: pages, and filters that settings buy.',
    'cloudflare-gateway.com and the per-customer hosts of school filters are left out: councils’ laptops use them.',
    'dns.mullvad.net is listed with its VPN.',
    'The box’s own upstream is not asked through the filter, so it may be one of these.',
    'HTTP DNS of single apps (httpdns.meituan.com and its like) is left out: it serves that app alone.',
  ],
};

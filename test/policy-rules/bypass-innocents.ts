/**
 * Hosts that lie near to a way round the filter and are none: work, school filters, sign-in, certificates, shared parents,
 * pages that only write about it. Each broke for somebody whose list took the whole parent, or would here.
 */
export const innocents: Readonly<Record<string, string>> = {
  'Apple, beside Private Relay and its DNS': `
    apple-dns.net fe2.apple-dns.net acsegateway.fe2.apple-dns.net gateway.fe2.apple-dns.net me.apple-dns.net
    gdmf.v.aaplimg.com v.aaplimg.com icloud.com www.icloud.com setup.icloud.com p69-escrowproxy.icloud.com
    gateway.icloud.com appleid.apple.com gsp-ssl.ls.apple.com mesu.apple.com ocsp.apple.com ocsp2.apple.com
    captive.apple.com push.apple.com courier.push.apple.com proxy.safebrowsing.apple token.safebrowsing.apple
    itunes.apple.com developer.apple.com dns.apple.com masks.icloud.com xmask.icloud.com`,
  'Yahoo and Mozilla': `
    yahoodns.net g03.yahoodns.net edge.gycpi.b.yahoodns.net mail.yahoo.com mozilla.org www.mozilla.org
    support.mozilla.org addons.mozilla.org relay.firefox.com accounts.firefox.com detectportal.firefox.com
    firefox.settings.services.mozilla.com ohttp-gateway-merino.services.mozilla.com mozilla.com`,
  Google: `
    google.com www.google.com google.co.uk dns.withgoogle.com googleapis.com www.googleapis.com
    safebrowsing.googleapis.com safebrowsingohttpgateway.googleapis.com translate.google.com translate.goog
    www-example-com.translate.goog play.googleapis.com connectivitycheck.gstatic.com one.google.com fi.google.com
    ohttp-relay-safebrowsing-chrome.google.fastly-edge.com domains.google clients4.google.com mtalk.google.com`,
  'Microsoft: sign-in, Teams, remote desktops, Edge': `
    microsoft.com www.microsoft.com login.microsoftonline.com login.live.com teams.microsoft.com
    euaz.relay.teams.microsoft.com worldaz.relay.teams.microsoft.com world.relay.avd.microsoft.com
    world.relay.skype.com api.flightproxy.teams.trafficmanager.net azure.com portal.azure.com azurewebsites.net
    vpn.azure.com azuregateway-public.vpn.azure.com msappproxy.net nam.proxy-3.appproxy.msidentity.com
    edge.microsoft.com config.edge.skype.com proxy.uet.s.microsoft.com www.msftconnecttest.com dns.msftncsi.com
    settings-win.data.microsoft.com wdcp.microsoft.com servicebus.windows.net`,
  'shared parents and content networks': `
    cloudflare.com www.cloudflare.com dash.cloudflare.com cdnjs.cloudflare.com challenges.cloudflare.com cloudflare.net
    workers.dev pages.dev argotunnel.com trycloudflare.com fastly.net fastly-edge.com edgecompute.app akamai.net
    akamaized.net amazonaws.com vpn-servers-lb-1273940223.us-east-1.elb.amazonaws.com cloudfront.net b-cdn.net
    appspot.com herokuapp.com duckdns.org myfritz.net synology.me no-ip.org fly.io web.app`,
  'filters that settings, schools and councils buy': `
    opendns.com www.opendns.com login.opendns.com block.opendns.com umbrella.com api.umbrella.com
    disthost.umbrella.com login.umbrella.com quad9.net www.quad9.net nextdns.io my.nextdns.io test.nextdns.io
    adguard.com api.adguard.org adguard-dns.io cleanbrowsing.org www.cleanbrowsing.org my.cleanbrowsing.org controld.com
    verify.controld.com cloudflare-gateway.com fxj8pd39z5.cloudflare-gateway.com dashboard.mullvadother.example
    smoothwall.com cloud.smoothwall.com securly.com www.securly.com uswest-www.securly.com relay.school
    lightspeedsystems.com relay.lightspeedsystems.com netsweeper.com rmeducation.com rmsafetynet.com impero.com
    senso.cloud schoolsbroadband.co.uk lgfl.net swgfl.org.uk contentkeeper.net fortiguard.net zscaler.net
    gateway.zscalertwo.net zscaler.com login.zscaler.net netskope.com goguardian.com brightcloud.com`,
  'remote work and virtual networks': `
    anyconnect.cisco.com vpn.council.example vpn.gov.uk vpn.camden.gov.uk remote.kent.gov.uk globalprotect.paloaltonetworks.com
    gpcloudservice.com forticlient.com fortinet.com fctupdate.fortinet.net pulsesecure.net f5.com sophos.com
    checkpoint.com watchguard.com openvpn.net openvpn.com packages.openvpn.net wireguard.com tailscale.com
    controlplane.tailscale.com log.tailscale.com zerotier.com my.zerotier.com vpn.net logmein.com teamviewer.com
    anydesk.com relay-e9534f7c.net.anydesk.com splashtop.com nordlayer.com nordpass.com api.nordpass.com keepsolid.com
    radmin-vpn.com citrix.com vmware.com bastion.azure.com appstream2.eu-west-2.aws.amazon.com`,
  'browsers and virus scanners': `
    opera.com www.opera.com addons.opera.com update.opera.com autoupdate.geo.opera.com opera-api.com
    sitecheck.opera-api.com opera.software brave.com www.brave.com updates.bravesoftware.com
    brave-core-ext.s3.brave.com vivaldi.com duckduckgo.com www.duckduckgo.com startpage.com ecosia.org avast.com
    ff.avast.com avg.com tools.avast.com norton.com bitdefender.net nimbus.bitdefender.net bitdefender.com
    avira.com mcafee.com kaspersky.com f-secure.com proton.me mail.proton.me account.proton.me api.protonmail.ch`,
  'certificates, time and mail': `
    ocsp.digicert.com crl3.digicert.com ocsp.sectigo.com r10.o.lencr.org r11.c.lencr.org o.pki.goog c.pki.goog
    ocsp.globalsign.com ocsp.usertrust.com crl.microsoft.com time.windows.com time.apple.com time.google.com
    pool.ntp.org smtp.office365.com outlook.office365.com imap.gmail.com`,
  'public bodies and what a nursery works with': `
    www.gov.uk www.nhs.uk access.login.nhs.uk hmrc.gov.uk foundationyears.org.uk famly.co app.famly.co tapestryjournal.com
    cpoms.net reports.ofsted.gov.uk ico.org.uk www.ncsc.gov.uk protectivedns.service.ncsc.gov.uk dns.gov.example
    salesforceliveagent.com c.la1-c1cs-ph2.salesforceliveagent.com sagepay.com worldpay.com www.bbc.co.uk`,
  'pages about it, and names that only sound like it': `
    vpnmentor.com top10vpn.com www.which.co.uk privacyguides.org tails.net parrotsec.org mitmproxy.org warp.dev
    app.warp.dev warp.media.net lantern.co.uk torquay.gov.uk tor.com torontopubliclibrary.ca hola.com www.hola.com
    www.hide.co.uk nordstrom.com surf.nl sharkclean.co.uk expressvpn.example doh.gov.ph dot.gov www.dot.gov.uk
    dotcom.example proxy.golang.org web.archive.org surfly.com alidns.com watch.example contentabc.com`,
};

/** Social networking: profiles, followers and feeds. Leaves out services that are mainly for chat, video or photos. */
import { defineCategory } from './define-category.ts';

export const socialNetworking = defineCategory(
  {
    id: 'social-networking',
    name: 'Social networking',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'Personal social networking is what the policy restricts during opening hours.',
    protected: false,
  },
  [
    {
      id: 'facebook',
      name: 'Facebook',
      suffixes: `
        facebook.com facebook.net fb.com fb.me fb.gg fb.watch fbwat.ch fburl.com thefacebook.com facebook.co.uk
        fbcdn.net fbcdn.com fbsbx.com facebookmail.com fbpigeon.com facebook-dns.com`,
      hosts: 'facebook-web-clients.appspot.com',
      notes: [
        'fbcdn.net is also listed for Messenger, Instagram and Threads: their pictures and videos come from it.',
        'facebook.com: single hosts below it are also listed for Messenger and Instagram, whose apps talk to them.',
        'connect.facebook.net (Like buttons, sign-in with Facebook) is blocked with the rest: it is the same service on other pages.',
        'reactjs.org, parse.com, pytorch.org and other projects of the company are left out: they are no social media.',
        'groups.com is left out: it never was Facebook’s groups.',
        'meta.com is left out: company pages and the sign-in of headsets; workplace.com was for work.',
        'atdmt.com is left out: advertising on other people’s pages.',
      ],
    },
    {
      id: 'instagram',
      name: 'Instagram',
      suffixes: 'instagram.com cdninstagram.com ig.me instagr.am igcdn.com igtv.com igsonar.com fbcdn.net',
      hosts: `
        edge-mqtt.facebook.com mqtt-ig-p4.facebook.com z-p42-chat-e2ee-ig.facebook.com gateway.facebook.com
        graph.facebook.com b-graph.facebook.com`,
      notes: [
        'The hosts of facebook.com are also listed for Facebook: Instagram’s direct messages go through them.',
        'fbcdn.net is also listed for Facebook, Messenger and Threads: it holds pictures and videos of all four.',
        'instagram.com and cdninstagram.com are also listed for Threads, which signs in and loads pictures there.',
      ],
    },
    {
      id: 'threads',
      name: 'Threads',
      suffixes: 'threads.net threads.com cdninstagram.com fbcdn.net',
      hosts: 'i.instagram.com graph.instagram.com',
      notes: [
        'cdninstagram.com and two hosts of instagram.com are also listed for Instagram: Threads signs in and loads pictures there.',
        'fbcdn.net is also listed for Facebook, Messenger and Instagram: it holds pictures and videos of all four.',
      ],
    },
    {
      id: 'x-twitter',
      name: 'X (formerly Twitter)',
      suffixes: `
        x.com twitter.com t.co twimg.com twttr.com tweetdeck.com pscp.tv periscope.tv ads-twitter.com
        twitter.jp twtrdns.net twitpic.com vine.co cms-twdigitalassets.com`,
      hosts: 'twitter.map.fastly.net',
      notes: [
        't.co is X’s link shortener: links to other sites in posts and mails stop working with it.',
        'tellapart.com is left out: advertising on shops’ pages.',
        'grok.com and x.ai are left out: an AI assistant, not the network.',
      ],
    },
    {
      id: 'snapchat',
      name: 'Snapchat',
      suffixes: `
        snapchat.com snap.com sc-cdn.net sc-static.net sc-gw.com sc-prod.net sc-jpl.com sc-corp.net snap-dev.net
        snapads.com snapkit.com snapkit.co bitmoji.com`,
      hosts: `
        feelinsonice.appspot.com feelinsonice-hrd.appspot.com sc-analytics.appspot.com
        impala-media-production.s3.amazonaws.com`,
      notes: [
        'appspot.com is left out: it holds everybody’s applications, so Snapchat’s are listed one by one.',
        'snap.licdn.com is LinkedIn’s measuring script and scansnap.com a make of scanner; neither is Snapchat.',
      ],
    },
    {
      id: 'linkedin',
      name: 'LinkedIn',
      suffixes: 'linkedin.com licdn.com lnkd.in linkedin.cn licdn.cn linkedin.at lnkdns.net linkedin-ei.com',
      notes: [
        'A setting that recruits through LinkedIn may switch this one service off for the office.',
        'l-0005.l-msedge.net and its like are left out: Microsoft’s network edges, shared with Office.',
        'lynda.com is left out: a training library.',
      ],
    },
    {
      id: 'nextdoor',
      name: 'Nextdoor',
      suffixes: 'nextdoor.com nextdoor.co.uk',
    },
    {
      id: 'bluesky',
      name: 'Bluesky',
      suffixes: 'bsky.app bsky.social bsky.network bsky.chat bluesky.social blueskyweb.xyz',
      notes: ['plc.directory is left out: a public register that other networks use too.'],
    },
    {
      id: 'mastodon',
      name: 'Mastodon',
      suffixes: `
        mastodon.social mastodon.online joinmastodon.org mastodon.world mastodonapp.uk mastodon.scot mastodon.au
        mastodon.nl mastodon.uno mastodon.top mastodon.green mastodon.ie mastodon.me.uk mastodon.cloud mastodon.art
        mastodon.xyz mastodon.sdf.org mas.to masto.ai masto.nu mstdn.social mstdn.party mstdn.ca mstdn.jp mstdn.plus
        fosstodon.org hachyderm.io infosec.exchange techhub.social toot.community toot.wales tooting.ch toot.io
        universeodon.com ohai.social mindly.social home.social c.im ieji.de nerdculture.de noc.social nrw.social
        norden.social troet.cafe chaos.social kolektiva.social sfba.social glasgow.social climatejustice.social
        counter.social cupoftea.social hostux.social mamot.fr pawoo.net fedibird.com piaille.fr wandering.shop
        ioc.exchange aus.social det.social disabled.social zirk.us eupolicy.social journa.host newsie.social`,
      notes: [
        'Anybody may run a server; only the large and the British ones are listed.',
        'social.network.europa.eu and other servers of public bodies are left out.',
      ],
    },
    { id: 'bereal', name: 'BeReal', suffixes: 'bereal.com bere.al bereal.network' },
    {
      id: 'truth-social',
      name: 'Truth Social',
      suffixes: 'truthsocial.com',
    },
    { id: 'gab', name: 'Gab', suffixes: 'gab.com gab.ai' },
    { id: 'gettr', name: 'GETTR', suffixes: 'gettr.com' },
    { id: 'mewe', name: 'MeWe', suffixes: 'mewe.com' },
    { id: 'minds', name: 'Minds', suffixes: 'minds.com' },
    { id: 'myspace', name: 'Myspace', suffixes: 'myspace.com myspacecdn.com' },
    { id: 'vero', name: 'Vero', suffixes: 'vero.co' },
    { id: 'peanut', name: 'Peanut (for mothers)', suffixes: 'peanut-app.io' },
    { id: 'clubhouse', name: 'Clubhouse', suffixes: 'clubhouse.com clubhouseapi.com joinclubhouse.com' },
    {
      id: 'vk',
      name: 'VK (VKontakte)',
      suffixes: `
        vk.com vk.ru vk.cc vk.me vkontakte.ru userapi.com vkuser.net vkuservideo.net vkuserlive.net vkuseraudio.net
        vk-cdn.net vk-portal.net vkmessenger.com vkvideo.ru`,
      notes: ['mail.ru is left out: a mail provider of the same company.'],
    },
    {
      id: 'ok-ru',
      name: 'OK (Odnoklassniki)',
      suffixes: 'ok.ru odnoklassniki.ru okcdn.ru apiok.ru ok.me',
      hosts: 'st.mycdn.me',
      notes: ['mycdn.me is left out as a whole: other services of the company use it too.'],
    },
    {
      id: 'weibo',
      name: 'Weibo',
      suffixes: 'weibo.com weibo.cn weibocdn.com',
      notes: ['sina.com.cn and sinaimg.cn are left out: a news portal of the same company.'],
    },
    {
      id: 'rednote',
      name: 'RedNote (Xiaohongshu)',
      suffixes: 'xiaohongshu.com xhscdn.com xhscdn.net xhslink.com rednote.com rednotecdn.com',
    },
    { id: 'lemon8', name: 'Lemon8', suffixes: 'lemon8-app.com' },
    { id: 'sharechat', name: 'ShareChat and Moj', suffixes: 'sharechat.com mojapp.in' },
    { id: 'xing', name: 'XING', suffixes: 'xing.com xingassets.com' },
    { id: 'yubo', name: 'Yubo', suffixes: 'yubo.live' },
    {
      id: 'wizz',
      name: 'Wizz',
      suffixes: 'wizzapp.com wizz.chat getwizz.io',
      notes: ['adswizz.com is another company.'],
    },
    { id: 'ngl', name: 'NGL (anonymous questions)', suffixes: 'ngl.link' },
    {
      id: 'ask-fm',
      name: 'ASKfm',
      suffixes: 'ask.fm askfm.com',
      notes: ['Closed in 2024; still listed, in case the names return.'],
    },
    { id: 'amino', name: 'Amino', suffixes: 'aminoapps.com narvii.com' },
    { id: 'locket', name: 'Locket', suffixes: 'locketcamera.com locket.camera' },
    { id: 'onlyfans', name: 'OnlyFans', suffixes: 'onlyfans.com' },
    { id: 'fansly', name: 'Fansly', suffixes: 'fansly.com' },
  ],
);

/**
 * Instant messaging for private life. Leaves out work chat, which has a category of its own that is off by default, and
 * iMessage and FaceTime: their hosts are those through which every notice and update of Apple's devices comes.
 */
import { defineCategory } from './define-category.ts';

export const messaging = defineCategory(
  {
    id: 'messaging',
    name: 'Instant messaging',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason: 'The policy counts instant messaging as social media; work chat is a category of its own.',
    protected: false,
  },
  [
    {
      id: 'whatsapp',
      name: 'WhatsApp',
      suffixes: 'whatsapp.com whatsapp.net wa.me whatsapp.org whatsapp.info whatsapp.tv whatsappbrand.com',
      notes: [
        'Hosts such as whatsapp-cdn-shv-01-lhr3.fbcdn.net are an older kind; whatsapp.net has taken over from them.',
      ],
    },
    {
      id: 'messenger',
      name: 'Messenger (Facebook)',
      suffixes: 'messenger.com m.me fbmessenger.com fbcdn.net',
      hosts: `
        edge-chat.facebook.com edge-mqtt.facebook.com edge-mqtt-fallback.facebook.com mqtt-mini.facebook.com
        chat-e2ee.facebook.com chat-e2ee-mini.facebook.com graph.facebook.com b-graph.facebook.com api.facebook.com
        b-api.facebook.com rupload.facebook.com lookaside.facebook.com gateway.facebook.com web-chat-e2ee.facebook.com
        reg-e2ee.facebook.com edge-stun.facebook.com`,
      notes: [
        'The hosts of facebook.com are also listed for Facebook: Messenger’s apps sign in and talk there.',
        'fbcdn.net is also listed for Facebook, Instagram and Threads: it holds pictures and videos of all four.',
      ],
    },
    {
      id: 'telegram',
      name: 'Telegram',
      suffixes: `
        telegram.org telegram.me t.me telegram.dog telegram.space telegram-cdn.org cdn-telegram.org telesco.pe
        tdesktop.com telegra.ph graph.org tg.dev tx.me comments.app quiz.directory telega.one`,
      notes: [
        'ton.org and fragment.com are left out: a currency and a market place.',
        'The app also carries its own addresses, which no look-up shows.',
      ],
    },
    {
      id: 'signal',
      name: 'Signal',
      suffixes: 'signal.org signal.me signal.group signal.art signal.link signal.tube whispersystems.org',
    },
    {
      id: 'discord',
      name: 'Discord',
      suffixes: `
        discord.com discord.gg discord.media discordapp.com discordapp.net discordapp.io discord.co discord.gift
        discord.gifts discord.new discord.dev discord.store dis.gd discordcdn.com discordsays.com discordactivities.com
        discord-activities.com`,
      hosts: 'discord-attachments-uploads-prd.storage.googleapis.com',
      notes: ['discordstatus.com is left out: it only tells whether the service works.'],
    },
    {
      id: 'teams-personal',
      name: 'Microsoft Teams for private use',
      suffixes: 'teams.live.com',
      notes: [
        'login.live.com is left out: the sign-in of Windows, Outlook and Office.',
        'skype.com is left out as a whole: Teams for work needs *.skype.com, and Office asks config.edge.skype.com.',
        'teams.microsoft.com is work chat, in a category of its own.',
      ],
    },
    {
      id: 'msn-messenger',
      name: 'MSN and Windows Live Messenger (closed)',
      suffixes: 'messenger.msn.com messenger.hotmail.com webmessenger.msn.com',
      notes: ['msn.com is left out: it is news now.', 'login.live.com is left out: the sign-in of Windows and Office.'],
    },
    { id: 'viber', name: 'Viber', suffixes: 'viber.com viber.me viber.co vbcdn.net vbcdn.com' },
    {
      id: 'line',
      name: 'LINE',
      suffixes: 'line.me lin.ee line-apps.com line-scdn.net line-cdn.net line.naver.jp linetv.tw',
      notes: ['linecorp.com is left out: the company’s own pages.'],
    },
    {
      id: 'wechat',
      name: 'WeChat (Weixin)',
      suffixes: 'wechat.com weixin.qq.com wx.qq.com weixin.com weixinbridge.com servicewechat.com wechatapp.com',
      notes: ['qq.com is left out as a whole: mail, news and much else.'],
    },
    {
      id: 'qq',
      name: 'QQ',
      suffixes: 'im.qq.com qzone.qq.com qzone.com',
      notes: ['qq.com is left out as a whole: mail and news.'],
    },
    { id: 'kakaotalk', name: 'KakaoTalk', suffixes: 'kakao.com kakaocdn.net' },
    {
      id: 'zalo',
      name: 'Zalo',
      suffixes: 'zalo.me zaloapp.com zalo.video',
      hosts: 'zalo-api.zadn.vn res-zalo.zadn.vn',
      notes: ['zadn.vn is left out as a whole: news pages of the same company use it too.'],
    },
    { id: 'kik', name: 'Kik', suffixes: 'kik.com apikik.com kik-live.com' },
    { id: 'groupme', name: 'GroupMe', suffixes: 'groupme.com' },
    { id: 'imo', name: 'imo', suffixes: 'imo.im imoim.net imolive.tv imolive2.com' },
    {
      id: 'threema',
      name: 'Threema',
      suffixes: 'threema.ch threema.id',
      notes: ['threema.work is left out: the edition for work.'],
    },
    {
      id: 'element',
      name: 'Element (Matrix)',
      suffixes: 'element.io matrix.org vector.im matrix.to',
      notes: ['Anybody may run a Matrix server; only the public ones of the makers are listed.'],
    },
    { id: 'session', name: 'Session', suffixes: 'getsession.org' },
    { id: 'band', name: 'BAND', suffixes: 'band.us' },
    { id: 'marco-polo', name: 'Marco Polo', suffixes: 'marcopolo.me' },
    { id: 'icq', name: 'ICQ (closed)', suffixes: 'icq.com icq.net' },
    { id: 'olvid', name: 'Olvid', suffixes: 'olvid.io' },
  ],
);

/** Video sharing and live streams that anybody may publish. Leaves out film and television (streaming.ts). */
import { defineCategory } from './define-category.ts';

export const videoSharing = defineCategory(
  {
    id: 'video-sharing',
    name: 'Video sharing',
    clauses: ['7.1.2', '7.1.6'],
    social: true,
    inForceByDefault: true,
    defaultReason:
      'The policy counts video sharing as social media; for a song or a training film the manager grants it.',
    protected: false,
  },
  [
    {
      id: 'youtube',
      name: 'YouTube',
      suffixes: `
        youtube.com youtu.be youtube-nocookie.com googlevideo.com ytimg.com yt.be youtubekids.com youtubegaming.com
        youtubeeducation.com youtubego.com youtubefanfest.com withyoutube.com youtube.googleapis.com
        youtube.co.uk youtube.ie youtube.ca youtube.com.au youtube.co.nz youtube.co.za youtube.co.in youtube.in
        youtube.pk youtube.com.bd youtube.lk youtube.com.ng youtube.com.gh youtube.co.ke youtube.com.ph youtube.com.hk
        youtube.sg youtube.com.sg youtube.my youtube.co.jp youtube.jp youtube.co.kr youtube.kr youtube.com.tw
        youtube.de youtube.at youtube.ch youtube.fr youtube.be youtube.nl youtube.es youtube.pt youtube.it youtube.gr
        youtube.dk youtube.se youtube.no youtube.fi youtube.is youtube.ee youtube.lv youtube.lt youtube.pl youtube.cz
        youtube.sk youtube.hu youtube.ro youtube.bg youtube.hr youtube.rs youtube.si youtube.al youtube.com.tr
        youtube.ae youtube.sa youtube.com.eg youtube.ru youtube.ua youtube.com.br youtube.com.mx`,
      hosts: `
        youtubei.googleapis.com youtubei-att.googleapis.com youtubeembeddedplayer.googleapis.com
        youtubetoken-pa.googleapis.com embeddedassistant-frontend-youtube.googleapis.com
        yt3.ggpht.com yt4.ggpht.com yt3.googleusercontent.com ytimg.googleusercontent.com
        ytimg.l.google.com youtube-ui.l.google.com wide-youtube.l.google.com`,
      exceptionHosts: 'accounts.youtube.com',
      notes: [
        'accounts.youtube.com stays open: every sign-in with Google passes it.',
        'googleapis.com, ggpht.com and googleusercontent.com are left out as a whole: all of Google’s services use them.',
        'ytimg.com and the players also serve embeds on other pages; they belong to the service all the same.',
        'redirector.gvt1.com is left out: updates of Chrome come from it.',
        'YouTube Music is music.youtube.com, and so one with YouTube.',
      ],
    },
    {
      id: 'tiktok',
      name: 'TikTok',
      suffixes: `
        tiktok.com tiktokv.com tiktokv.eu tiktokv.us tiktokcdn.com tiktokcdn-eu.com tiktokcdn-eu.net tiktokcdn-us.com
        tiktokcdn-in.com tiktokrow-cdn.com tiktokeu-cdn.com tiktok-row.net tiktokd.org tiktokd.net tiktokw.us
        tiktokw.eu tiktokstaticb.com tiktokglobalshopv.com tiktokshop.com tik-tokapi.com ttwstatic.com ttlivecdn.com
        ttoverseaus.net musical.ly muscdn.com byteoversea.com byteoversea.net ibytedtos.com ibyteimg.com isnssdk.com
        sgsnssdk.com snssdk.com douyin.com douyincdn.com douyinpic.com douyinvod.com douyinstatic.com iesdouyin.com
        amemv.com tiktok-minis.com tiktok-minis.us tiktokminis.us tiktoklb.eu tiktoklb.us tiktoklinksafety.com
        tiktoklinksafety.us bytegecko-i18n.com`,
      hosts: `
        p16-tiktokcdn-com.akamaized.net v16-tiktokcdn-com.akamaized.net tiktokcdn-com.akamaized.net
        dm.bytedance.com`,
      notes: [
        'akamai.net and akamaized.net are left out as a whole: shared delivery networks, though a list somewhere holds the first.',
        'bytedance.com and byteimg.com are left out as a whole: the company’s pages and its work tools (Lark).',
        'app-measurement.com, umeng.com and appsflyer.com are left out: counters in other makers’ apps.',
        'pangle.io and tiktokpangle.us are left out: advertising in other makers’ apps.',
        'capcut.com is left out: a video editor, of use for the setting’s own channel; it shares ibyteimg.com.',
      ],
    },
    {
      id: 'twitch',
      name: 'Twitch',
      suffixes: `
        twitch.tv ttvnw.net jtvnw.net twitchcdn.net twitchsvc.net ext-twitch.tv twitch.a2z.com hls.live-video.net
        stats.live-video.net twitch.map.fastly.net`,
      notes: ['live-video.net is left out as a whole: Amazon rents it to other broadcasters.'],
    },
    {
      id: 'vimeo',
      name: 'Vimeo',
      suffixes: 'vimeo.com vimeocdn.com vimeo.fr vimeoondemand.com livestream.com vhx.tv',
      notes: [
        'player.vimeo.com also shows training films on suppliers’ pages; where that matters, switch Vimeo off for the office.',
        'Hosts such as 1vod-adaptive.akamaized.net are left out: shared delivery, and useless without vimeo.com.',
      ],
    },
    { id: 'dailymotion', name: 'Dailymotion', suffixes: 'dailymotion.com dmcdn.net dm-event.net dai.ly' },
    {
      id: 'kick',
      name: 'Kick',
      suffixes: 'kick.com',
      notes: ['live-video.net is left out: rented to other broadcasters too.'],
    },
    { id: 'rumble', name: 'Rumble', suffixes: 'rumble.com rumble.cloud rumble.network locals.com' },
    { id: 'odysee', name: 'Odysee', suffixes: 'odysee.com odycdn.com odysee.live odysee.tv' },
    { id: 'bitchute', name: 'BitChute', suffixes: 'bitchute.com' },
    {
      id: 'bilibili',
      name: 'Bilibili',
      suffixes:
        'bilibili.com bilibili.tv bilivideo.com bilivideo.cn biliapi.net biliapi.com hdslb.com b23.tv biliintl.com',
    },
    { id: 'bigo-live', name: 'Bigo Live', suffixes: 'bigo.tv bigo.sg bigolive.tv' },
    { id: 'likee', name: 'Likee', suffixes: 'likee.video like.video like-video.com' },
    {
      id: 'kwai',
      name: 'Kwai and SnackVideo',
      suffixes: 'kwai.com kwai.net kwaicdn.com kwai-video.com snackvideo.com snackvideo.in',
    },
    { id: 'triller', name: 'Triller', suffixes: 'triller.co' },
    { id: 'clapper', name: 'Clapper', suffixes: 'clapperapp.com' },
    { id: 'streamable', name: 'Streamable', suffixes: 'streamable.com' },
    { id: 'rutube', name: 'Rutube', suffixes: 'rutube.ru' },
    { id: 'niconico', name: 'Niconico', suffixes: 'nicovideo.jp nimg.jp' },
    { id: 'dlive', name: 'DLive', suffixes: 'dlive.tv' },
  ],
);

/**
 * Safe search: the hosts of search engines and of YouTube whose owners keep a second host that answers the same pages
 * without explicit results, and the number by which the hot path knows each of those safe hosts.
 *
 * Owns the table, and what a group's switch comes to where the policy does not say. Leaves out how a name is matched
 * (each engine is a source of the rule image), who gets it (verdicts.ts) and how the answer is written (the answering
 * side of the box).
 *
 * How an engine comes in, or does not:
 * - Its owner documents the safe host for networks, to be set as a CNAME, so that its addresses may change.
 * - Exact hosts only: those that answer searches. mail.google.com, docs.google.com, bing.com's maps and pictures for
 *   other pages stay as they are. The bare google.com, bing.com and youtube.com only lead on to www, which is covered.
 * - Left out: Yahoo, Startpage, Qwant, Baidu and AOL keep no such host (Qwant's and Startpage's are not documented by them);
 *   where that matters, block them by a list. Google's pictures come through www.google.*, and so are covered.
 * - accounts.youtube.com, music and the players' own delivery hosts are left alone: Google's restricted mode is set at
 *   the hosts below, and the rest follows from them.
 */
import type { Group, SafeSearch } from './policy.ts';

export interface SafeSearchEngine {
  /** Kebab-case and stable; the image's source is `safe-search:ID`. */
  readonly id: string;
  /** As people call it: "Google". */
  readonly name: string;
  /** Lower-case names without a trailing dot; exactly these, nothing below them. */
  readonly hosts: readonly string[];
  /** What they are shown by: at the group's switch for searches, or by how strict it wants YouTube. */
  readonly safeHost: string | Readonly<Record<Exclude<SafeSearch['youtube'], 'off'>, string>>;
}

/** Every country's host that Google lists as its own, as what follows "www.google.". */
const googleCountries = `
  com ad ae al am as at az ba be bf bg bi bj bs bt by ca cat cd cf cg ch ci cl cm cn co co.ao co.bw co.ck co.cr co.id
  co.il co.in co.jp co.ke co.kr co.ls co.ma co.mz co.nz co.th co.tz co.ug co.uk co.uz co.ve co.vi co.za co.zm co.zw
  com.af com.ag com.ai com.ar com.au com.bd com.bh com.bn com.bo com.br com.bz com.co com.cu com.cy com.do com.ec
  com.eg com.et com.fj com.gh com.gi com.gt com.hk com.jm com.kh com.kw com.lb com.ly com.mm com.mt com.mx com.my
  com.na com.nf com.ng com.ni com.np com.om com.pa com.pe com.pg com.ph com.pk com.pr com.py com.qa com.sa com.sb
  com.sg com.sl com.sv com.tj com.tr com.tw com.ua com.uy com.vc com.vn cv cz de dj dk dm dz ee es fi fm fr ga ge gg
  gl gm gp gr gy hn hr ht hu ie im iq is it je jo kg ki kz la li lk lt lu lv md me mg mk ml mn ms mu mv mw ne nl no
  nr nu pl pn ps pt ro rs ru rw sc se sh si sk sm sn so sr st td tg tk tl tm tn to tt vg vu ws`;

/** Each is there with and without "www."; the last is яндекс.рф. */
const yandexDomains = `
  ya.ru yandex.az yandex.by yandex.co.il yandex.com yandex.com.am yandex.com.ge yandex.com.ru yandex.com.tr yandex.de
  yandex.ee yandex.eu yandex.fi yandex.fr yandex.kz yandex.lt yandex.lv yandex.md yandex.net yandex.org yandex.pl
  yandex.ru yandex.tj yandex.tm yandex.uz xn--d1acpjx3f.xn--p1ai`;

export const safeSearchEngines: readonly SafeSearchEngine[] = [
  {
    id: 'google',
    name: 'Google',
    hosts: words(googleCountries).map((country) => `www.google.${country}`),
    safeHost: 'forcesafesearch.google.com',
  },
  // edgeservices is the search in the side bar of Edge.
  { id: 'bing', name: 'Bing', hosts: words('www.bing.com edgeservices.bing.com'), safeHost: 'strict.bing.com' },
  {
    id: 'duckduckgo',
    name: 'DuckDuckGo',
    hosts: words('duckduckgo.com www.duckduckgo.com start.duckduckgo.com html.duckduckgo.com lite.duckduckgo.com'),
    safeHost: 'safe.duckduckgo.com',
  },
  { id: 'brave', name: 'Brave Search', hosts: ['search.brave.com'], safeHost: 'forcesafe.search.brave.com' },
  { id: 'ecosia', name: 'Ecosia', hosts: ['www.ecosia.org'], safeHost: 'strict-safe-search.ecosia.org' },
  { id: 'pixabay', name: 'Pixabay', hosts: ['pixabay.com'], safeHost: 'safesearch.pixabay.com' },
  {
    id: 'yandex',
    name: 'Yandex',
    hosts: words(yandexDomains).flatMap((domain) => [domain, `www.${domain}`]),
    safeHost: 'familysearch.yandex.ru',
  },
  {
    id: 'youtube',
    name: 'YouTube',
    hosts: words(
      'www.youtube.com m.youtube.com youtubei.googleapis.com youtube.googleapis.com www.youtube-nocookie.com',
    ),
    safeHost: { moderate: 'restrictmoderate.youtube.com', strict: 'restrict.youtube.com' },
  },
];

/** A name as it is. */
export const NO_SAFE_HOST = 0;

/** Safe hosts by number; NO_SAFE_HOST has none. The verdict byte has room for fifteen (verdict-codes.ts). */
export const safeHosts: readonly (string | null)[] = [null, ...safeSearchEngines.flatMap(hostsOf)];

/** The number of the safe host that stands in for the engine's hosts; NO_SAFE_HOST where the switch leaves them alone. */
export function safeHostNumber(engineId: string, { search, youtube }: SafeSearch): number {
  const engine = safeSearchEngines.find(({ id }) => id === engineId);
  if (engine === undefined) return NO_SAFE_HOST;
  const { safeHost } = engine;
  if (typeof safeHost === 'string') return search ? safeHosts.indexOf(safeHost) : NO_SAFE_HOST;
  return youtube === 'off' ? NO_SAFE_HOST : safeHosts.indexOf(safeHost[youtube]);
}

/**
 * The group's switch, or where its policy has none (older documents lack it) what its kind comes to. On the setting's own
 * devices, which children look at too, searches are safe, and YouTube, once it is granted or the setting is closed, is
 * moderate: that leaves out what is marked for adults, and the comment streams that clause 7.1.2 counts as social
 * media, but not songs and training films, as strict would. Personal and guest devices are never curtailed unasked
 * (South Woodham).
 */
export function safeSearchOf({ kind, safeSearch }: Pick<Group, 'kind' | 'safeSearch'>): SafeSearch {
  if (safeSearch !== undefined) return safeSearch;
  return kind === 'setting' ? { search: true, youtube: 'moderate' } : { search: false, youtube: 'off' };
}

function hostsOf({ safeHost }: SafeSearchEngine): string[] {
  return typeof safeHost === 'string' ? [safeHost] : [safeHost.moderate, safeHost.strict];
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createChecker } from '../../filter-agent/commands/check.ts';
import { demoConfig } from '../../filter-agent/config.ts';
import {
  catalogue,
  catalogueRules,
  findCategory,
  findService,
  servicesIn,
} from '../../policy-rules/catalogue/catalogue.ts';
import type { Service } from '../../policy-rules/catalogue/service.ts';
import { grantOf, judges, openingHoursMs } from './catalogue-judge.ts';
import { nearMisses } from './catalogue-near-misses.ts';

interface Row {
  readonly line: number;
  readonly host: string;
  readonly verdict: string;
  readonly service: string;
  readonly why: string;
}

const rows = readFileSync(new URL('catalogue-hosts.tsv', import.meta.url), 'utf8')
  .split('\n')
  .map((text, index) => ({ text, line: index + 1 }))
  .filter(({ text }) => text !== '' && !text.startsWith('#'))
  .map(({ text, line }): Row => {
    const [host = '', verdict = '', service = '', why = ''] = text.split('\t');
    return { line, host, verdict, service, why };
  });

describe('the table of real hosts', () => {
  it('is large, of both kinds, without repetition, and says of each row why and from where it is known', () => {
    expect(rows.filter(({ verdict }) => verdict === 'block').length).toBeGreaterThanOrEqual(320);
    expect(rows.filter(({ verdict }) => verdict === 'allow').length).toBeGreaterThanOrEqual(160);
    expect(new Set(rows.map(({ host }) => host)).size).toBe(rows.length);
    const unclear = rows.filter(
      ({ verdict, service, why }) => !/^(block|allow)$/.test(verdict) || service === '' || why.length < 4,
    );
    expect(unclear).toEqual([]);
  });

  it('speaks of every service of the catalogue, and of no other', () => {
    const spokenOf = new Set(rows.map(({ service }) => service).filter((service) => service !== '-'));
    expect([...spokenOf].sort()).toEqual(catalogue.services.map(({ id }) => id).sort());
  });

  for (const [name, makeJudge] of Object.entries(judges)) {
    it(`gives the table's verdicts by the ${name}`, () => {
      const judge = makeJudge();
      const wrong = rows.filter(({ host, verdict, service }) => {
        const judged = judge(host);
        return judged.verdict !== verdict || judged.service !== service;
      });
      expect(wrong.map((row) => ({ ...row, judged: judge(row.host) }))).toEqual([]);
    });
  }

  it('gives the table’s verdicts by `stairgate check` with the demo configuration', async () => {
    const warnings: string[] = [];
    const checker = await createChecker(demoConfig({ stateDir: '/nowhere' }), {
      nowMs: openingHoursMs,
      warn: (text) => warnings.push(text),
    });
    const wrong = rows.flatMap((row) => {
      const checked = checker.check(row.host);
      const right = 'verdict' in checked && checked.verdict === row.verdict && (checked.source ?? '-') === row.service;
      return right ? [] : [{ row, checked }];
    });
    expect(wrong).toEqual([]);
    expect(warnings).toEqual([]);
  });
});

describe('names near to a catalogued one', () => {
  const judge = judges.trie();
  const all = [...new Set(catalogue.services.flatMap(({ suffixes, hosts }) => [...suffixes, ...hosts]))].sort();
  /** What is near to graph.facebook.com is Facebook's too, so only names are tried that lie below no other. */
  const entries = all.filter((name) => parentOf(name, all) === undefined);

  /** Near to an entry of one service, and an entry of another: each was looked at, and a new one must be as well. */
  const ofAnotherService = [
    'boards.net',
    'itv.com',
    'kik.com',
    'm.me',
    'messenger.com',
    'ok.me',
    'ok.ru',
    't.co',
    't.me',
    'vk.me',
    'vk.ru',
  ];

  it('are open, unless they are catalogued themselves', () => {
    const surprising: string[] = [];
    const strangers = new Set<string>();
    let tried = 0;
    for (const entry of entries) {
      const owners = judge(entry).matched;
      for (const miss of nearMisses(entry)) {
        tried += 1;
        const { matched } = judge(miss);
        if (matched.length === 0) continue;
        // An entry itself, letter for letter: nothing is excused for lying below one.
        if (!all.includes(miss)) surprising.push(`${miss} ← ${entry} (${matched.join(', ')})`);
        else if (!matched.some((service) => owners.includes(service))) strangers.add(miss);
      }
    }
    expect(tried).toBeGreaterThan(20_000);
    expect(surprising).toEqual([]);
    expect([...strangers].sort()).toEqual(ofAnotherService);
  });

  it.each([
    'notfacebook.com',
    'facebook.com.example.org',
    'afacebook.com',
    'facebooka.com',
    'facebok.com',
    'faceebook.com',
    'ax.com',
    'x.co',
    'x.com.co',
    'xx.com',
    'xcom.example',
    't.com',
    'at.co',
    't.co.uk',
    't.com.mx',
    'fb.men',
    'afb.me',
    'fb.m',
    'b.me',
    't.men',
    'wa.men',
    'm.men',
    'ok.rup',
    'notinstagram.com',
    'myspace.community',
  ])('%s is open', (name) => {
    expect(judge(name)).toMatchObject({ verdict: 'allow', matched: [] });
  });

  it('are open above and below a single host of a shared parent', () => {
    const caught: string[] = [];
    for (const service of catalogue.services) {
      for (const host of service.hosts) {
        for (const near of [`below.${host}`, host.slice(host.indexOf('.') + 1)]) {
          if (judge(near).matched.includes(service.id)) caught.push(`${service.id}: ${near}`);
        }
      }
    }
    expect(caught).toEqual([]);
  });

  it('stay open at the exceptions, and blocked beside them', () => {
    for (const service of catalogue.services) {
      for (const name of [...service.exceptions, ...service.exceptionHosts]) {
        expect(judge(name).matched, name).not.toContain(service.id);
        expect(judge(`x${name}`).matched, `x${name}`).toContain(service.id);
      }
      for (const name of service.exceptions) expect(judge(`below.${name}`).matched, name).not.toContain(service.id);
      for (const name of service.exceptionHosts) expect(judge(`below.${name}`).matched, name).toContain(service.id);
    }
  });
});

describe('the catalogue', () => {
  const { categories, services } = catalogue;
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
  const namesOf = (service: Service): string[] => catalogueRules(service).map(({ name }) => name);

  it('has unique kebab-case ids that fit the policy’s', () => {
    for (const ids of [services.map(({ id }) => id), categories.map(({ id }) => id)]) {
      expect(ids.filter((id) => !kebab.test(id) || id.length > 63)).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  it('has unique names for people, and a version', () => {
    const names = [...services, ...categories].map(({ name }) => name);
    expect(names.filter((name) => name.trim() !== name || name === '')).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    expect(catalogue.version).toMatch(/^\d{4}\.\d{2}\.\d+$/);
  });

  it('holds at least ninety services in social categories, and all that the policies name', () => {
    const social = services.filter(({ category }) => findCategory(category)?.social);
    expect(social.length).toBeGreaterThanOrEqual(90);
    const named = `facebook messenger x-twitter instagram threads snapchat youtube whatsapp pinterest linkedin tumblr
      blogger xbox-live msn-messenger tiktok reddit discord telegram signal bluesky mastodon bereal nextdoor twitch
      roblox`.split(/\s+/);
    expect(named.filter((id) => findService(id) === undefined)).toEqual([]);
    const namedCategories = `social-networking messaging video-sharing photo-sharing blogs wikis forums chatrooms gaming
      virtual-worlds media-sharing dating reviews polls comments work-chat bypass`.split(/\s+/);
    expect(namedCategories.filter((id) => servicesIn(id).length === 0)).toEqual([]);
  });

  it('puts every service in a category that it has, and every category has services', () => {
    expect(services.filter(({ category }) => findCategory(category) === undefined)).toEqual([]);
    expect(categories.filter(({ id }) => servicesIn(id).length === 0)).toEqual([]);
  });

  it('leaves open what nurseries need, with a reason, and protects only what goes round the filter', () => {
    const open = categories.filter(({ inForceByDefault }) => !inForceByDefault).map(({ id }) => id);
    expect(open.sort()).toEqual([
      'parent-apps',
      'reference-wikis',
      'reviews',
      'streaming',
      'survey-tools',
      'work-chat',
    ]);
    expect(categories.filter((category) => category.protected).map(({ id }) => id)).toEqual(['bypass']);
    expect(categories.filter(({ defaultReason }) => !/^[A-Z].{20,}\.$/.test(defaultReason))).toEqual([]);
  });

  it('cites a clause for every category', () => {
    for (const { id, clauses } of categories) {
      expect(clauses.length, id).toBeGreaterThan(0);
      expect(clauses.filter((clause) => !/^\d(\.\d+)*( by analogy)?$/.test(clause))).toEqual([]);
    }
  });

  it('holds only valid names, as lower-case A-labels under a top-level domain', () => {
    const label = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/;
    const bad = services.flatMap(namesOf).filter((name) => {
      const labels = name.split('.');
      return (
        name.length > 253 ||
        labels.length < 2 ||
        labels.some((part) => !label.test(part)) ||
        /^\d+$/.test(labels.at(-1)!)
      );
    });
    expect(bad).toEqual([]);
  });

  it('says nothing twice within a service', () => {
    for (const service of services) {
      const names = namesOf(service);
      expect(new Set(names).size, service.id).toBe(names.length);
      expect(names.length, service.id).toBeGreaterThan(0);
      const covered = [...service.suffixes, ...service.hosts].filter(
        (name) => parentOf(name, service.suffixes) !== undefined,
      );
      expect(covered, service.id).toEqual([]);
    }
  });

  it('has every exception below a suffix of its own service', () => {
    for (const service of services) {
      const stray = [...service.exceptions, ...service.exceptionHosts].filter(
        (name) => parentOf(name, service.suffixes) === undefined,
      );
      expect(stray, service.id).toEqual([]);
    }
  });

  it('lists a name for two services only where a note on both says so', () => {
    const owners = new Map<string, Service[]>();
    for (const service of services) {
      for (const name of service.suffixes) owners.set(name, [...(owners.get(name) ?? []), service]);
    }
    const unsaid: string[] = [];
    for (const service of services) {
      for (const name of [...service.suffixes, ...service.hosts]) {
        const over = owners.has(name) ? name : parentOf(name, [...owners.keys()]);
        for (const owner of over === undefined ? [] : owners.get(over)!) {
          if (owner === service) continue;
          const said = [service, owner].every(({ notes }) => notes.some((note) => note.includes(over!)));
          if (!said) unsaid.push(`${name}: ${service.id} and ${owner.id}`);
        }
      }
    }
    expect(unsaid).toEqual([]);
  });

  it('leaves shared parents, sign-in and work open whatever is switched on', () => {
    const judge = judges.trie();
    const shared =
      `akamai.net akamaihd.net akamaized.net akamaiedge.net edgekey.net edgesuite.net fastly.net map.fastly.net
      amazonaws.com s3.amazonaws.com cloudfront.net appspot.com googleapis.com storage.googleapis.com ggpht.com
      googleusercontent.com cloudflare.net azureedge.net trafficmanager.net live-video.net arkoselabs.com nocookie.net
      qq.com wixmp.com login.live.com account.live.com login.microsoftonline.com accounts.google.com accounts.youtube.com
      appleid.apple.com skype.com config.edge.skype.com api.flightproxy.skype.com www.msn.com wp.com gravatar.com
      wordpress.org reactjs.org parse.com groups.com icloud.com apple.com microsoft.com google.com amazon.co.uk meta.com
      co.uk org.uk com net org io app me tv gg`.split(/\s+/);
    expect(shared.filter((name) => judge(name).matched.length > 0)).toEqual([]);
  });

  it('makes the names that browsers and Apple’s devices ask first not exist, rather than be empty', () => {
    const judge = judges.trie();
    for (const name of ['use-application-dns.net', 'mask.icloud.com', 'mask-h2.icloud.com', 'mask-canary.icloud.com']) {
      expect(judge(name), name).toMatchObject({ verdict: 'block', differsBelow: false });
    }
  });

  it('turns a service into rules, blocks and exceptions with their scope', () => {
    const rules = catalogueRules({
      ...findService('youtube')!,
      suffixes: ['example.org'],
      hosts: ['host.example.net'],
      exceptions: ['open.example.org'],
      exceptionHosts: ['one.example.org'],
    });
    expect(rules).toEqual([
      { name: 'example.org', scope: 'suffix', action: 'block' },
      { name: 'host.example.net', scope: 'host', action: 'block' },
      { name: 'open.example.org', scope: 'suffix', action: 'allow' },
      { name: 'one.example.org', scope: 'host', action: 'allow' },
    ]);
  });

  it('knows no service and no category that it lacks', () => {
    expect(findService('no-such-service')).toBeUndefined();
    expect(findCategory('no-such-category')).toBeUndefined();
    expect(servicesIn('no-such-category')).toEqual([]);
  });
});

describe('a grant', () => {
  it.each([
    [
      'messenger',
      'www.messenger.com edge-mqtt.facebook.com graph.facebook.com scontent.xx.fbcdn.net',
      'www.facebook.com',
    ],
    [
      'instagram',
      'www.instagram.com graph.instagram.com scontent.cdninstagram.com instagram.fman1-1.fna.fbcdn.net edge-mqtt.facebook.com',
      'www.facebook.com',
    ],
    ['threads', 'www.threads.com i.instagram.com scontent.cdninstagram.com scontent.xx.fbcdn.net', 'www.instagram.com'],
    ['youtube', 'www.youtube.com rr3---sn-aigl6nsk.googlevideo.com i.ytimg.com youtubei.googleapis.com', 'vimeo.com'],
  ])('of %s alone opens what its app needs, and nothing beside it', (service, needed, beside) => {
    const judge = judges.trie([grantOf({ service })]);
    expect(needed.split(' ').filter((host) => judge(host).verdict !== 'allow')).toEqual([]);
    expect(judge(beside).verdict).toBe('block');
  });

  it('of all social media opens every service of a social category that is in force, and no way round the filter', () => {
    const judge = judges.trie([grantOf({ allSocial: true })]);
    const closed = rows.filter(({ host }) => judge(host).verdict === 'block');
    const categoriesClosed = new Set(closed.map(({ service }) => findService(service)!.category));
    expect([...categoriesClosed]).toEqual(['bypass']);
  });
});

/** The nearest of `suffixes` strictly above the name. */
function parentOf(name: string, suffixes: readonly string[]): string | undefined {
  const known = new Set(suffixes);
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const parent = name.slice(dot + 1);
    if (known.has(parent)) return parent;
  }
  return undefined;
}

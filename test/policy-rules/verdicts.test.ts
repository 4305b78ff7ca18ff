import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import type { Policy, SafeSearch } from '../../policy-rules/policy.ts';
import { safeHosts } from '../../policy-rules/safe-search.ts';
import { inForce } from '../../policy-rules/schedule.ts';
import { isBlocked, safeHostOf, VERDICT_MASK, Verdict, verdictNames } from '../../policy-rules/verdict-codes.ts';
import {
  type Client,
  type Decision,
  type Moment,
  NO_DECIDER,
  nextSituationChange,
  openingGrants,
  type Situation,
  type SourceFacts,
  situationAt,
  type VerdictInput,
  verdictFor,
  verdictUntil,
} from '../../policy-rules/verdicts.ts';

/** Numbers the ids of the grants below. */
let grantsMade = 0;

const MINUTE_MS = 60_000;
const BEFORE = at('2026-11-23T07:00Z');
const OPEN = at('2026-11-23T10:00Z');
const CLOSES = at('2026-11-23T18:00Z');
const EVENING = at('2026-11-23T19:00Z');

/** Index → source; the tests below name them by these constants. */
const sources: readonly SourceFacts[] = [
  { kind: 'local' },
  service('facebook', 'social', { social: true, inForceByDefault: true }),
  service('messenger', 'chat', { social: true, inForceByDefault: true }),
  service('wikipedia', 'reference', {}),
  service('vpn', 'bypass', { protected: true }),
  { kind: 'list', list: 'family', name: 'Family filter', protected: false, groups: 'all' },
  { kind: 'list', list: 'malware', name: 'Malware', protected: true, groups: 'all' },
  { kind: 'list', list: 'office', name: 'Office only', protected: false, groups: ['office'] },
  { kind: 'safe-search', engine: 'google' },
  { kind: 'safe-search', engine: 'youtube' },
];
const [LOCAL, FACEBOOK, MESSENGER, WIKIPEDIA, VPN, FAMILY, MALWARE, OFFICE_LIST, GOOGLE, YOUTUBE] = sources
  .keys()
  .toArray() as [number, number, number, number, number, number, number, number, number, number];

const policy: Policy = {
  ...defaultPolicy('Test'),
  devices: [device('tablet', 'setting'), device('desk', 'office'), device('phone', 'staff-personal')],
};
const tablet: Client = { group: 'setting', device: 'tablet' };

describe('one name for one client', () => {
  it.each([
    ['no rule', tablet, OPEN, [], 'allow', NO_DECIDER],
    ['a restricted service in opening hours', tablet, OPEN, [FACEBOOK], 'block-opening-hours', FACEBOOK],
    ['a restricted service before opening', tablet, BEFORE, [FACEBOOK], 'allow-outside-hours', FACEBOOK],
    ['a restricted service after closing', tablet, CLOSES, [FACEBOOK], 'allow-outside-hours', FACEBOOK],
    ['a service that is off by default', tablet, OPEN, [WIKIPEDIA], 'allow-not-restricted', WIKIPEDIA],
    ['a shared host, one of them restricted', tablet, OPEN, [FACEBOOK, WIKIPEDIA], 'block-opening-hours', FACEBOOK],
    ['two equal services: the lower index', tablet, OPEN, [MESSENGER, FACEBOOK], 'block-opening-hours', FACEBOOK],
    ['a protected service, at any hour', tablet, EVENING, [VPN], 'block-protected', VPN],
    ['a list, at any hour', tablet, EVENING, [FAMILY], 'block-list', FAMILY],
    ['a list tells more than the hours', tablet, OPEN, [FACEBOOK, FAMILY], 'block-list', FAMILY],
    ['a protected list before another', tablet, OPEN, [FAMILY, MALWARE], 'block-protected', MALWARE],
    ['a list of another group', tablet, OPEN, [OFFICE_LIST], 'allow', NO_DECIDER],
    ['a list of the own group', { group: 'office' }, OPEN, [OFFICE_LIST], 'block-list', OFFICE_LIST],
    ['the box’s own name, whatever lists say', tablet, OPEN, [LOCAL, MALWARE], 'local-site', LOCAL],
    ['an unnamed device', { group: 'setting' }, OPEN, [FACEBOOK], 'block-opening-hours', FACEBOOK],
    ['a personal device', { group: 'staff-personal' }, OPEN, [FACEBOOK], 'allow-not-restricted', FACEBOOK],
    ['a guest', { group: 'guest' }, OPEN, [FACEBOOK, WIKIPEDIA], 'allow-not-restricted', FACEBOOK],
    ['a guest on a protected service', { group: 'guest' }, OPEN, [VPN], 'block-protected', VPN],
  ] as const)('%s', (_, client, nowMs, ruleSet, expected, decider) => {
    const cell = cellOf({ policy, grants: [], nowMs, clockTrusted: true }, client, ruleSet);
    expect(cell).toEqual({ verdict: expected, decider });
  });

  it('reads a service’s rule before its category’s, and both before the catalogue’s default', () => {
    const strict = withRules(
      { social: 'always', reference: 'opening-hours', bypass: 'opening-hours' },
      { facebook: 'never' },
    );
    const open = { policy: strict, grants: [], nowMs: OPEN, clockTrusted: true };
    expect(cellOf(open, tablet, [FACEBOOK]).verdict).toBe('allow-not-restricted');
    expect(cellOf(open, tablet, [WIKIPEDIA]).verdict).toBe('block-opening-hours');
    expect(cellOf(open, tablet, [VPN]).verdict).toBe('block-protected');
    expect(cellOf({ ...open, nowMs: EVENING }, tablet, [VPN]).verdict).toBe('allow-outside-hours');
    const always = { ...open, policy: withRules({ social: 'always' }, {}), nowMs: EVENING };
    expect(cellOf(always, tablet, [FACEBOOK]).verdict).toBe('block-always');
  });

  it('is not misled by ids that are names of JavaScript', () => {
    const facts = service('constructor', 'to-string', {});
    const moment = { policy, grants: [], nowMs: OPEN, clockTrusted: true };
    expect(verdictFor(moment, tablet, [facts]).verdict).toBe(Verdict.ALLOW_NOT_RESTRICTED);
  });

  it('opens a restricted service in a break', () => {
    const breaks = { ...policy.hours.breaks, monday: [{ from: '12:00', to: '13:00' }] };
    const rested = { ...policy, hours: { ...policy.hours, breaks } };
    const moment = { policy: rested, grants: [], nowMs: at('2026-11-23T12:30Z'), clockTrusted: true };
    expect(cellOf(moment, tablet, [FACEBOOK]).verdict).toBe('allow-outside-hours');
    expect(verdictUntil(moment, tablet, [sources[FACEBOOK]!])).toBe(at('2026-11-23T13:00Z'));
  });
});

describe('safe search', () => {
  const YOUTUBE_SERVICE = FACEBOOK;
  const moment = (nowMs: number, grants: readonly Grant[] = []): Moment => ({
    policy,
    grants,
    nowMs,
    clockTrusted: true,
  });
  const shown = (moment: Moment, client: Client, ruleSet: readonly number[]) => {
    const { verdict, safeHost } = cellIn(situationAt({ ...moment, sources, ruleSets: [[], ruleSet] }), client, 1);
    return [verdictNames[verdict], safeHosts[safeHost]];
  };
  const switched = (safeSearch: SafeSearch): Policy => ({
    ...policy,
    groups: policy.groups.map((group) => ({ ...group, safeSearch })),
  });

  it('is on for the setting’s devices and off for others where the policy does not say', () => {
    const phone: Client = { group: 'staff-personal', device: 'phone' };
    expect(shown(moment(OPEN), tablet, [GOOGLE])).toEqual(['allow', 'forcesafesearch.google.com']);
    expect(shown(moment(OPEN), tablet, [YOUTUBE])).toEqual(['allow', 'restrictmoderate.youtube.com']);
    expect(shown(moment(OPEN), phone, [GOOGLE])).toEqual(['allow', null]);
    expect(shown(moment(OPEN), phone, [YOUTUBE])).toEqual(['allow', null]);
    expect(shown(moment(OPEN), { group: 'guest' }, [GOOGLE])).toEqual(['allow', null]);
  });

  it('follows the group’s switch, also for personal devices', () => {
    const strict = { ...moment(OPEN), policy: switched({ search: true, youtube: 'strict' }) };
    const off = { ...moment(OPEN), policy: switched({ search: false, youtube: 'off' }) };
    expect(shown(strict, { group: 'guest' }, [YOUTUBE])).toEqual(['allow', 'restrict.youtube.com']);
    expect(shown(strict, { group: 'guest' }, [GOOGLE])).toEqual(['allow', 'forcesafesearch.google.com']);
    expect(shown(off, tablet, [YOUTUBE])).toEqual(['allow', null]);
    expect(shown(off, tablet, [GOOGLE])).toEqual(['allow', null]);
  });

  it('gives way to a block, and outlasts a grant', () => {
    const granted = moment(OPEN, [
      grant({ device: 'tablet' }, { service: 'facebook' }, { from: OPEN, until: EVENING }),
    ]);
    expect(shown(moment(OPEN), tablet, [YOUTUBE_SERVICE, YOUTUBE])).toEqual(['block-opening-hours', null]);
    expect(shown(granted, tablet, [YOUTUBE_SERVICE, YOUTUBE])).toEqual([
      'allow-granted',
      'restrictmoderate.youtube.com',
    ]);
    expect(shown(moment(EVENING), tablet, [YOUTUBE_SERVICE, YOUTUBE])).toEqual([
      'allow-outside-hours',
      'restrictmoderate.youtube.com',
    ]);
    expect(shown(moment(OPEN), tablet, [MALWARE, GOOGLE])).toEqual(['block-protected', null]);
    expect(shown(moment(OPEN), tablet, [LOCAL, GOOGLE])).toEqual(['local-site', null]);
  });
});

describe('grants', () => {
  const hour = { from: OPEN, until: OPEN + 60 * MINUTE_MS };
  const facebookGrant = grant({ device: 'tablet' }, { service: 'facebook' }, hour);

  it.each([
    ['its service', { service: 'facebook' }, [FACEBOOK], 'allow-granted', FACEBOOK],
    ['not another service', { service: 'facebook' }, [MESSENGER], 'block-opening-hours', MESSENGER],
    ['its category', { category: 'chat' }, [MESSENGER], 'allow-granted', MESSENGER],
    ['not another category', { category: 'chat' }, [FACEBOOK], 'block-opening-hours', FACEBOOK],
    ['all social media', { allSocial: true }, [MESSENGER], 'allow-granted', MESSENGER],
    ['two services at once: the lower index', { allSocial: true }, [MESSENGER, FACEBOOK], 'allow-granted', FACEBOOK],
    ['two services in order: the lower index', { allSocial: true }, [FACEBOOK, MESSENGER], 'allow-granted', FACEBOOK],
    ['a host by the service that it names', { service: 'messenger' }, [MESSENGER, FAMILY], 'allow-granted', MESSENGER],
    [
      'a host that another restricted service shares',
      { service: 'messenger' },
      [FACEBOOK, MESSENGER],
      'allow-granted',
      MESSENGER,
    ],
    ['a host that a list holds too', { service: 'facebook' }, [FACEBOOK, FAMILY], 'allow-granted', FACEBOOK],
    ['not one that a protected list holds', { service: 'facebook' }, [FACEBOOK, MALWARE], 'block-protected', MALWARE],
    ['not one that a protected service shares', { allSocial: true }, [FACEBOOK, VPN], 'block-protected', VPN],
    ['never a protected service', { service: 'vpn' }, [VPN], 'block-protected', VPN],
    ['never a protected category', { category: 'bypass' }, [VPN], 'block-protected', VPN],
    [
      'a list’s host of a service that is open anyway',
      { service: 'wikipedia' },
      [WIKIPEDIA, FAMILY],
      'allow-granted',
      WIKIPEDIA,
    ],
    ['no name that only a list holds', { allSocial: true }, [FAMILY], 'block-list', FAMILY],
    [
      'no more than was open: it keeps its verdict',
      { service: 'wikipedia' },
      [WIKIPEDIA],
      'allow-not-restricted',
      WIKIPEDIA,
    ],
  ] as const)('open %s', (_, scope, ruleSet, expected, decider) => {
    const moment = { policy, grants: [grant({ device: 'tablet' }, scope, hour)], nowMs: OPEN, clockTrusted: true };
    expect(cellOf(moment, tablet, ruleSet)).toEqual({ verdict: expected, decider });
  });

  it.each([
    ['a millisecond before it begins', hour, hour.from - 1, 'block-opening-hours'],
    ['as it begins', hour, hour.from, 'allow-granted'],
    ['a millisecond before its end', hour, hour.until - 1, 'allow-granted'],
    ['at its end', hour, hour.until, 'block-opening-hours'],
    ['when it is revoked', { ...hour, revokedAt: hour.from + MINUTE_MS }, hour.from + MINUTE_MS, 'block-opening-hours'],
    [
      'just before it is revoked',
      { ...hour, revokedAt: hour.from + MINUTE_MS },
      hour.from + MINUTE_MS - 1,
      'allow-granted',
    ],
    ['when it was revoked before it began', { ...hour, revokedAt: hour.from - 1 }, hour.from, 'block-opening-hours'],
    ['when it was revoked after its end', { ...hour, revokedAt: hour.until + 1 }, hour.until, 'block-opening-hours'],
  ] as const)('in time: %s', (_, times, nowMs, expected) => {
    const moment = {
      policy,
      grants: [grant({ device: 'tablet' }, { service: 'facebook' }, times)],
      nowMs,
      clockTrusted: true,
    };
    expect(cellOf(moment, tablet, [FACEBOOK]).verdict).toBe(expected);
  });

  it('keep a name open while one of two overlapping grants holds', () => {
    const longer = grant({ device: 'tablet' }, { category: 'social' }, { from: OPEN, until: OPEN + 120 * MINUTE_MS });
    const moment = { policy, grants: [facebookGrant, longer], nowMs: OPEN + 90 * MINUTE_MS, clockTrusted: true };
    expect(cellOf(moment, tablet, [FACEBOOK]).verdict).toBe('allow-granted');
    expect(verdictUntil({ ...moment, nowMs: OPEN }, tablet, [sources[FACEBOOK]!])).toBe(longer.until);
    expect(openingGrants({ ...moment, nowMs: OPEN }, tablet, [sources[FACEBOOK]!])).toEqual([longer, facebookGrant]);
  });

  it('that cross closing time leave use after it uncounted, and hold again at opening', () => {
    const night = grant({ device: 'tablet' }, { allSocial: true }, { from: OPEN, until: at('2026-11-24T09:00Z') });
    const when = (nowMs: number) =>
      cellOf({ policy, grants: [night], nowMs, clockTrusted: true }, tablet, [FACEBOOK]).verdict;
    expect(when(CLOSES - 1)).toBe('allow-granted');
    expect(when(CLOSES)).toBe('allow-outside-hours');
    expect(when(at('2026-11-24T08:00Z'))).toBe('allow-granted');
    expect(when(at('2026-11-24T09:00Z'))).toBe('block-opening-hours');
    const moment = { policy, grants: [night], nowMs: OPEN, clockTrusted: true };
    expect(verdictUntil(moment, tablet, [sources[FACEBOOK]!])).toBe(night.until);
  });

  it('to a group cover its named and unnamed devices, and no other group', () => {
    const moment = {
      policy,
      grants: [grant({ group: 'setting' }, { allSocial: true }, hour)],
      nowMs: OPEN,
      clockTrusted: true,
    };
    expect(cellOf(moment, tablet, [FACEBOOK]).verdict).toBe('allow-granted');
    expect(cellOf(moment, { group: 'setting' }, [FACEBOOK]).verdict).toBe('allow-granted');
    expect(cellOf(moment, { group: 'office', device: 'desk' }, [FACEBOOK]).verdict).toBe('block-opening-hours');
    const situation = situationAt({ ...moment, sources, ruleSets: [[]] });
    expect(situation.profileOfDevice.get('tablet')).toBe(situation.profileOfGroup.get('setting'));
  });

  it('to a device give it a profile of its own, and leave unnamed devices as they are', () => {
    const situation = situationAt({
      policy,
      grants: [facebookGrant],
      nowMs: OPEN,
      clockTrusted: true,
      sources,
      ruleSets: [[]],
    });
    const own = situation.profileOfDevice.get('tablet')!;
    expect(situation.profiles[own]).toEqual({ group: 'setting', grants: [facebookGrant.id] });
    expect(situation.profiles[situation.profileOfGroup.get('setting')!]).toEqual({ group: 'setting', grants: [] });
    expect(situation.profileOfDevice.get('desk')).toBe(situation.profileOfGroup.get('office'));
    expect(situation.profiles).toHaveLength(policy.groups.length + 1);
  });
});

describe('a clock that is not trusted', () => {
  const always = withRules({ chat: 'always' }, {});
  const open = grant({ group: 'setting' }, { allSocial: true }, { from: 0, until: 4e12 });
  const moment: Moment = { policy: always, grants: [open], nowMs: EVENING, clockTrusted: false };

  it.each([
    ['restrictions in opening hours block, and grants wait', FACEBOOK, 'block-clock-untrusted'],
    ['other restrictions hold', MESSENGER, 'block-always'],
    ['open services stay open', WIKIPEDIA, 'allow-not-restricted'],
    ['protected services stay blocked', VPN, 'block-protected'],
    ['lists hold', FAMILY, 'block-list'],
    ['the box’s own name answers', LOCAL, 'local-site'],
  ])('%s', (_, source, expected) => {
    expect(cellOf(moment, tablet, [source]).verdict).toBe(expected);
  });

  it('counts as open, has no grants in its profiles and knows no end', () => {
    const situation = situationAt({ ...moment, sources, ruleSets: [[]] });
    expect(situation.open).toBe(true);
    expect(situation.profiles.flatMap((profile) => profile.grants)).toEqual([]);
    expect(verdictUntil(moment, tablet, [sources[FACEBOOK]!])).toBeNull();
  });
});

describe('until when', () => {
  const moment: Moment = { policy, grants: [], nowMs: OPEN, clockTrusted: true };
  it.each([
    ['a block in opening hours lasts until closing', OPEN, [FACEBOOK], CLOSES],
    ['a free evening until opening', EVENING, [FACEBOOK], at('2026-11-24T08:00Z')],
    ['a free weekend until Monday', at('2026-11-27T18:00Z'), [FACEBOOK], at('2026-11-30T08:00Z')],
    ['a list for ever', OPEN, [FACEBOOK, FAMILY], null],
    ['a protected service for ever', OPEN, [VPN], null],
    ['an open service for ever', OPEN, [WIKIPEDIA], null],
  ])('%s', (_, nowMs, ruleSet, expected) => {
    const members = ruleSet.map((index) => sources[index]!);
    expect(verdictUntil({ ...moment, nowMs }, tablet, members)).toBe(expected);
  });

  it('a block ends early where a grant that is already given begins', () => {
    const later = grant({ device: 'tablet' }, { service: 'facebook' }, { from: OPEN + MINUTE_MS, until: CLOSES });
    expect(verdictUntil({ ...moment, grants: [later] }, tablet, [sources[FACEBOOK]!])).toBe(later.from);
    expect(verdictUntil({ ...moment, grants: [later] }, { group: 'setting' }, [sources[FACEBOOK]!])).toBe(CLOSES);
  });

  it('is found behind any number of other devices’ grants', () => {
    const others = Array.from({ length: 100 }, (_, index) =>
      grant({ device: 'desk' }, { allSocial: true }, { from: OPEN + index, until: OPEN + index + MINUTE_MS }),
    );
    expect(verdictUntil({ ...moment, grants: others }, tablet, [sources[FACEBOOK]!])).toBe(CLOSES);
  });

  it('the situation changes at the schedule, and at the start, end and revocation of grants', () => {
    const first = grant(
      { device: 'tablet' },
      { allSocial: true },
      { from: OPEN + 1, until: OPEN + 9, revokedAt: OPEN + 5 },
    );
    const second = grant({ device: 'tablet' }, { allSocial: true }, { from: OPEN + 3, until: OPEN + 7 });
    const never = grant(
      { device: 'tablet' },
      { allSocial: true },
      { from: OPEN + 2, until: OPEN + 9, revokedAt: OPEN },
    );
    const seen: (number | null)[] = [];
    for (let next: number | null = OPEN; seen.length < 5; ) {
      next = nextSituationChange(policy, [second, never, first], next!);
      seen.push(next);
    }
    expect(seen).toEqual([OPEN + 1, OPEN + 3, OPEN + 5, OPEN + 7, CLOSES]);
    const shut = { ...policy, hours: { ...policy.hours, week: policy.hours.breaks } };
    expect(nextSituationChange(shut, [], OPEN)).toBeNull();
  });
});

describe('the matrix', () => {
  it('keeps rule set 0 open for every profile', () => {
    const situation = situationAt({
      policy,
      grants: [],
      nowMs: OPEN,
      clockTrusted: true,
      sources,
      ruleSets: [[], [FACEBOOK]],
    });
    for (const profile of situation.profiles.keys()) {
      expect(situation.verdicts[profile * situation.ruleSetCount]).toBe(Verdict.ALLOW_NO_RULE);
      expect(situation.deciders[profile * situation.ruleSetCount]).toBe(NO_DECIDER);
    }
  });

  it('refuses a device of a group that the policy lacks, and a rule set of a source that is none', () => {
    const stray = { ...policy, devices: [device('stray', 'nowhere')] };
    const input = { policy, grants: [], nowMs: OPEN, clockTrusted: true, sources, ruleSets: [[]] };
    expect(() => situationAt({ ...input, policy: stray })).toThrow('no group "nowhere"');
    expect(() => situationAt({ ...input, ruleSets: [[], [99]] })).toThrow('source 99');
  });

  it('agrees with a naive reading of the rules, name by name', () => {
    fc.assert(
      fc.property(anyInput(), (input) => {
        const situation = situationAt(input);
        const clients: Client[] = [
          ...input.policy.groups.map(({ id }) => ({ group: id })),
          ...input.policy.devices.map(({ id, group }) => ({ group, device: id })),
        ];
        for (const client of clients) {
          for (const [ruleSet, members] of input.ruleSets.entries()) {
            const { verdict, decider, safeHost } = cellIn(situation, client, ruleSet);
            expect(verdictNames[verdict]).toBe(verdictNames[naiveVerdict(input, client, members)]);
            const single = verdictFor(
              input,
              client,
              members.map((index) => input.sources[index]!),
            );
            expect(single.verdict).toBe(verdict);
            expect(single.safeHost).toBe(safeHost);
            expect(safeHosts[safeHost]).toBe(naiveSafeHost(input, client, members, verdict));
            expect(single.decider === NO_DECIDER ? NO_DECIDER : members[single.decider]).toBe(decider);
            if (decider !== NO_DECIDER) expect(members).toContain(decider);
            expect(decider === NO_DECIDER).toBe(verdict === Verdict.ALLOW_NO_RULE);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('stays the same until the next change of the situation', () => {
    fc.assert(
      fc.property(anyInput(), fc.double({ min: 0, max: 1, noNaN: true }), (input, share) => {
        const next = nextSituationChange(input.policy, input.grants, input.nowMs) ?? input.nowMs + 86_400_000;
        const later = Math.floor(input.nowMs + (next - 1 - input.nowMs) * share);
        const [now, then] = [situationAt(input), situationAt({ ...input, nowMs: later })];
        expect(then.verdicts).toEqual(now.verdicts);
        expect(then.profiles).toEqual(now.profiles);
      }),
      { numRuns: 300 },
    );
  });
});

/** Straight from the written precedence, for one name; restated rather than shared. */
function naiveVerdict(input: VerdictInput, client: Client, members: readonly number[]): Verdict {
  const facts = members.map((index) => input.sources[index]!);
  const group = input.policy.groups.find(({ id }) => id === client.group)!;
  const schedule = inForce(input.policy.hours, input.policy.timeZone, input.nowMs);
  const inHours = !input.clockTrusted || (schedule.open && !schedule.onBreak);
  if (facts.some((source) => source.kind === 'local')) return Verdict.LOCAL_SITE;

  const restriction = (source: SourceFacts): string => {
    if (source.kind === 'local' || source.kind === 'safe-search') return 'none';
    if (source.kind === 'list') return source.groups === 'all' || source.groups.includes(group.id) ? 'listed' : 'none';
    const byDefault = source.inForceByDefault && group.kind === 'setting' ? 'opening-hours' : 'never';
    return (
      group.services[source.service] ?? group.categories[source.category] ?? (source.protected ? 'always' : byDefault)
    );
  };
  const blocks = (source: SourceFacts) =>
    ['listed', 'always'].includes(restriction(source)) || (restriction(source) === 'opening-hours' && inHours);
  const blocking = facts.filter(blocks);
  if (blocking.some((source) => 'protected' in source && source.protected)) return Verdict.BLOCK_PROTECTED;

  const opens = (source: SourceFacts) =>
    source.kind === 'service' &&
    !source.protected &&
    input.grants.some((given) => {
      const { target, scope } = given;
      const forClient = 'device' in target ? target.device === client.device : target.group === client.group;
      const ended = given.until <= input.nowMs || (given.revokedAt ?? Number.POSITIVE_INFINITY) <= input.nowMs;
      const inScope =
        'allSocial' in scope
          ? source.social
          : 'category' in scope
            ? scope.category === source.category
            : scope.service === source.service;
      return input.clockTrusted && forClient && given.from <= input.nowMs && !ended && inScope;
    });
  if (blocking.length > 0) {
    if (facts.some(opens)) return Verdict.ALLOW_GRANTED;
    if (blocking.some((source) => restriction(source) === 'always')) return Verdict.BLOCK_ALWAYS;
    if (blocking.some((source) => restriction(source) === 'listed')) return Verdict.BLOCK_LIST;
    return input.clockTrusted ? Verdict.BLOCK_OPENING_HOURS : Verdict.BLOCK_CLOCK_UNTRUSTED;
  }
  if (facts.some((source) => restriction(source) === 'opening-hours')) return Verdict.ALLOW_OUTSIDE_HOURS;
  return facts.some((source) => restriction(source) === 'never') ? Verdict.ALLOW_NOT_RESTRICTED : Verdict.ALLOW_NO_RULE;
}

/** What the switch says of Google's hosts and YouTube's, where the name is not blocked; an earlier source goes first. */
function naiveSafeHost(input: VerdictInput, client: Client, members: readonly number[], verdict: Verdict) {
  if (isBlocked(verdict) || verdict === Verdict.LOCAL_SITE) return null;
  const { kind, safeSearch } = input.policy.groups.find(({ id }) => id === client.group)!;
  const { search, youtube } = safeSearch ?? {
    search: kind === 'setting',
    youtube: kind === 'setting' ? 'moderate' : 'off',
  };
  if (members.includes(GOOGLE) && search) return 'forcesafesearch.google.com';
  if (!members.includes(YOUTUBE) || youtube === 'off') return null;
  return youtube === 'strict' ? 'restrict.youtube.com' : 'restrictmoderate.youtube.com';
}

function anyInput(): fc.Arbitrary<VerdictInput> {
  const restriction = fc.constantFrom('never', 'opening-hours', 'always');
  const someRules = (keys: readonly string[]) =>
    fc.dictionary(fc.constantFrom(...keys), restriction, { maxKeys: keys.length });
  const rules = fc.record({
    categories: someRules(['social', 'chat', 'reference', 'bypass']),
    services: someRules(['facebook', 'messenger', 'wikipedia', 'vpn']),
    safeSearch: fc.option(fc.record({ search: fc.boolean(), youtube: fc.constantFrom('off', 'moderate', 'strict') }), {
      nil: undefined,
    }),
  });
  const policies = fc.tuple(rules, rules, rules).map(
    ([setting, office, personal]): Policy => ({
      ...policy,
      groups: policy.groups.map((group) => ({
        ...group,
        ...({ setting, office, 'staff-personal': personal }[group.id] ?? {}),
      })),
    }),
  );
  const instant = fc.integer({ min: at('2026-11-20T00:00Z'), max: at('2026-11-25T00:00Z') });
  const target: fc.Arbitrary<GrantTarget> = fc.oneof(
    fc.constantFrom('tablet', 'desk', 'phone', 'gone').map((id) => ({ device: id })),
    fc.constantFrom('setting', 'office', 'guest').map((id) => ({ group: id })),
  );
  const scope: fc.Arbitrary<GrantScope> = fc.oneof(
    fc.constantFrom('facebook', 'messenger', 'wikipedia', 'vpn').map((id) => ({ service: id })),
    fc.constantFrom('social', 'chat', 'reference', 'bypass').map((id) => ({ category: id })),
    fc.constant({ allSocial: true } as const),
  );
  const lengthMs = fc.integer({ min: 1, max: 3 * 86_400_000 });
  const grants = fc
    .array(fc.tuple(target, scope, instant, lengthMs, fc.option(lengthMs, { nil: undefined })), { maxLength: 5 })
    .map((all) =>
      all.map(([who, what, from, length, revokedAfter]) => {
        const early = revokedAfter === undefined ? {} : { revokedAt: from + revokedAfter };
        return grant(who, what, { from, until: from + length, ...early });
      }),
    );
  const ruleSet = fc.subarray([...sources.keys()], { maxLength: 4 });
  return fc.record({
    policy: policies,
    grants,
    nowMs: instant,
    clockTrusted: fc.boolean(),
    sources: fc.constant(sources),
    ruleSets: fc.array(ruleSet, { maxLength: 12 }).map((sets) => [[], ...sets]),
  });
}

function cellOf(moment: Moment, client: Client, ruleSet: readonly number[]) {
  const { verdict, decider } = cellIn(situationAt({ ...moment, sources, ruleSets: [[], ruleSet] }), client, 1);
  return { verdict: verdictNames[verdict], decider };
}

function cellIn(situation: Situation, client: Client, ruleSet: number): Decision {
  const profile =
    client.device === undefined
      ? situation.profileOfGroup.get(client.group)!
      : situation.profileOfDevice.get(client.device)!;
  const cell = profile * situation.ruleSetCount + ruleSet;
  const byte = situation.verdicts[cell]!;
  return {
    verdict: (byte & VERDICT_MASK) as Verdict,
    decider: situation.deciders[cell]!,
    safeHost: safeHostOf(byte),
  };
}

function service(id: string, category: string, more: Partial<SourceFacts & { kind: 'service' }>): SourceFacts {
  return { kind: 'service', service: id, category, protected: false, social: false, inForceByDefault: false, ...more };
}

function device(id: string, group: string): Policy['devices'][number] {
  return { id, name: id, group, addresses: [], macs: [] };
}

function withRules(
  categories: Policy['groups'][number]['categories'],
  services: Policy['groups'][number]['services'],
): Policy {
  return {
    ...policy,
    groups: policy.groups.map((group) => (group.id === 'setting' ? { ...group, categories, services } : group)),
  };
}

function grant(
  target: GrantTarget,
  scope: GrantScope,
  times: { from: number; until: number; revokedAt?: number },
): Grant {
  grantsMade += 1;
  return {
    id: `00000000-0000-4000-8000-${String(grantsMade).padStart(12, '0')}`,
    target,
    scope,
    purpose: 'personal',
    mode: 'written',
    reason: 'test',
    askedBy: 'Sam',
    grantedBy: 'Jo',
    grantedAt: times.from,
    ...times,
  };
}

function at(text: string): number {
  return Date.parse(text);
}

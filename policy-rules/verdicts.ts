/**
 * What the policy means for every profile and every rule set at one instant: the verdict matrix of the hot path.
 *
 * Precedence, for one profile and one name:
 *   1. the box's own name
 *   2. protected sources block; no grant opens them
 *   3. an active grant opens the name, also where another service or a list holds it too: a grant that did not open a
 *      shared host would not work. A name that would be open anyway keeps its plain verdict, so that use outside
 *      opening hours is never counted as granted use
 *   4. restrictions and lists block; one that blocks beats any that allow
 * Beside the verdict, and never instead of it, stands the safe host of an allowed name that safe search speaks of: what
 * is blocked stays blocked, and a grant of YouTube opens YouTube as the group's switch shows it.
 *
 * The decider is the source whose verdict stands earliest in `precedence`; among equals the one with the lowest index.
 */
import { type Grant, grantEnd, isActive, scopeCovers, targetCovers } from './grants.ts';
import type { Group, GroupKind, Policy, Restriction } from './policy.ts';
import { NO_SAFE_HOST, safeHostNumber, safeSearchOf } from './safe-search.ts';
import { inForce, nextChange, type ScheduleState } from './schedule.ts';
import { isBlocked, MAX_SAFE_HOST, matrixByte, Verdict } from './verdict-codes.ts';

/** What the verdict needs to know of a source; the index in `sources` is the one that rule sets speak of. */
export type SourceFacts =
  | ServiceFacts
  | {
      readonly kind: 'list';
      readonly list: string;
      readonly name: string;
      readonly protected: boolean;
      /** Blocked at all hours for these groups. */
      readonly groups: 'all' | readonly string[];
    }
  | { readonly kind: 'local' }
  /** `engine`: an id of safe-search.ts. */
  | { readonly kind: 'safe-search'; readonly engine: string };

export interface ServiceFacts {
  readonly kind: 'service';
  readonly service: string;
  readonly category: string;
  readonly protected: boolean;
  readonly social: boolean;
  readonly inForceByDefault: boolean;
}

/** The policy at an instant, without the sources. */
export interface Moment {
  readonly policy: Policy;
  readonly grants: readonly Grant[];
  readonly nowMs: number;
  /** While false, restrictions during opening hours block, and timed grants wait. */
  readonly clockTrusted: boolean;
}

export interface VerdictInput extends Moment {
  readonly sources: readonly SourceFacts[];
  /** Rule set → indexes of its sources. Rule set 0 is the empty one. */
  readonly ruleSets: readonly (readonly number[])[];
}

/** What is in force for a device right now; devices with the same group and the same active grants share one. */
export interface Profile {
  readonly group: string;
  /** Ids of the grants in force, sorted. */
  readonly grants: readonly string[];
}

export interface Situation {
  readonly nowMs: number;
  readonly clockTrusted: boolean;
  /** Between opening and closing; true while the clock is not trusted. */
  readonly open: boolean;
  /** What the schedule says at nowMs; means little while the clock is not trusted. */
  readonly schedule: ScheduleState;
  /** A profile's number is its index. The groups' own come first, in the policy's order. */
  readonly profiles: readonly Profile[];
  /** For unnamed devices of the group. */
  readonly profileOfGroup: ReadonlyMap<string, number>;
  readonly profileOfDevice: ReadonlyMap<string, number>;
  readonly ruleSetCount: number;
  /** [profile * ruleSetCount + ruleSet] → matrix byte of verdict-codes.ts: verdict and safe host. */
  readonly verdicts: Uint8Array;
  /** Same index → index of the source that decided, NO_DECIDER when none did. */
  readonly deciders: Uint16Array;
}

export const NO_DECIDER = 0xffff;

/** The whole matrix. Throws a RangeError when a device names a group that the policy lacks (parsePolicy finds that). */
export function situationAt(input: VerdictInput): Situation {
  const { policy, sources, ruleSets } = input;
  if (sources.length >= NO_DECIDER) {
    throw new RangeError(`verdicts: ${sources.length} sources, expected fewer than ${NO_DECIDER}; merge some lists`);
  }
  const schedule = inForce(policy.hours, policy.timeZone, input.nowMs);
  const { holders, profileOfGroup, profileOfDevice } = assignProfiles(input);
  const ruleSetCount = ruleSets.length;
  const verdicts = new Uint8Array(holders.length * ruleSetCount);
  const deciders = new Uint16Array(verdicts.length).fill(NO_DECIDER);
  for (const [number, { group, grants }] of holders.entries()) {
    const own = sources.map((facts) => ownVerdict(facts, group, schedule.restricted, input.clockTrusted));
    const granted = sources.map((facts) => isGranted(facts, grants));
    const safeHosts = sources.map((facts) => ownSafeHost(facts, group));
    for (const [ruleSet, members] of ruleSets.entries()) {
      const { verdict, decider, safeHost } = combine(members, own, granted, safeHosts);
      verdicts[number * ruleSetCount + ruleSet] = matrixByte(verdict, safeHost);
      deciders[number * ruleSetCount + ruleSet] = decider;
    }
  }
  return {
    nowMs: input.nowMs,
    clockTrusted: input.clockTrusted,
    open: schedule.open || !input.clockTrusted,
    schedule,
    profiles: holders.map(({ group, grants }) => ({ group: group.id, grants: grants.map((grant) => grant.id) })),
    profileOfGroup,
    profileOfDevice,
    ruleSetCount,
    verdicts,
    deciders,
  };
}

/**
 * The next instant at which a matrix of this policy may differ: an opening, closing or break, or the start or end of a
 * grant. Null when there is none within schedule.ts's horizon. May be further away than a timer can count (24 days).
 */
export function nextSituationChange(policy: Policy, grants: readonly Grant[], nowMs: number): number | null {
  let next = nextChange(policy.hours, policy.timeZone, nowMs) ?? Number.POSITIVE_INFINITY;
  for (const grant of grants) {
    const end = grantEnd(grant);
    if (end <= grant.from) continue;
    if (grant.from > nowMs) next = Math.min(next, grant.from);
    else if (end > nowMs) next = Math.min(next, end);
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** One client: a named device, or an unnamed one of a group. */
export interface Client {
  readonly group: string;
  readonly device?: string;
}

export interface Decision {
  readonly verdict: Verdict;
  /** Index into the sources given; NO_DECIDER when none decided. */
  readonly decider: number;
  /** A number of safe-search.ts: the host that the name is shown by; NO_SAFE_HOST for the name itself. */
  readonly safeHost: number;
}

/** One cell of the matrix, for a page or a command that asks about one name: `sources` are those of its rule set. */
export function verdictFor(moment: Moment, client: Client, sources: readonly SourceFacts[]): Decision {
  const { policy, nowMs, clockTrusted } = moment;
  const group = groupNamed(policy, client.group);
  const grants = activeGrants(moment, client);
  const { restricted } = inForce(policy.hours, policy.timeZone, nowMs);
  return combine(
    sources.map((_, index) => index),
    sources.map((facts) => ownVerdict(facts, group, restricted, clockTrusted)),
    sources.map((facts) => isGranted(facts, grants)),
    sources.map((facts) => ownSafeHost(facts, group)),
  );
}

/**
 * The next instant at which the name opens for the client, or closes if it is open; null when nothing that is known
 * today changes it. While the clock is not trusted nobody can say: null.
 */
export function verdictUntil(moment: Moment, client: Client, sources: readonly SourceFacts[]): number | null {
  if (!moment.clockTrusted) return null;
  const { policy, grants } = moment;
  const blockedNow = isBlocked(verdictFor(moment, client, sources).verdict);
  const relevant = grants.filter((grant) => targetCovers(grant.target, client));
  let nowMs = moment.nowMs;
  for (let change = 0; change < MAX_CHANGES; change += 1) {
    const next = nextSituationChange(policy, relevant, nowMs);
    if (next === null) return null;
    nowMs = next;
    if (isBlocked(verdictFor({ ...moment, nowMs }, client, sources).verdict) !== blockedNow) return next;
  }
  return null;
}

/** Two weeks of five days with four changes each; a name that is still the same then is told without an end. */
const MAX_CHANGES = 40;

/** The grants in force for a client that open one of these sources, the one that ends last first. */
export function openingGrants(moment: Moment, client: Client, sources: readonly SourceFacts[]): readonly Grant[] {
  return activeGrants(moment, client)
    .filter((grant) => sources.some((facts) => isGranted(facts, [grant])))
    .sort((a, b) => grantEnd(b) - grantEnd(a));
}

/**
 * When the group's policy restricts a service: the service's own rule, else its category's, else the catalogue's
 * default. A personal or guest device is by default curtailed in nothing but protected categories (South Woodham).
 */
export function restrictionOf(group: Group, facts: ServiceFacts): Restriction {
  const named = ownRule(group.services, facts.service) ?? ownRule(group.categories, facts.category);
  return named ?? usualRestriction(group.kind, facts);
}

/** What holds for a category, and the services in it, of which a group says nothing. */
export function usualRestriction(
  kind: GroupKind,
  facts: { readonly protected: boolean; readonly inForceByDefault: boolean },
): Restriction {
  if (facts.protected) return 'always';
  return facts.inForceByDefault && kind === 'setting' ? 'opening-hours' : 'never';
}

/** What one source says by itself, grants aside. */
function ownVerdict(facts: SourceFacts, group: Group, restricted: boolean, clockTrusted: boolean): Verdict {
  if (facts.kind === 'local') return Verdict.LOCAL_SITE;
  if (facts.kind === 'safe-search') return Verdict.ALLOW_NO_RULE;
  if (facts.kind === 'list') {
    if (facts.groups !== 'all' && !facts.groups.includes(group.id)) return Verdict.ALLOW_NO_RULE;
    return facts.protected ? Verdict.BLOCK_PROTECTED : Verdict.BLOCK_LIST;
  }
  const restriction = restrictionOf(group, facts);
  if (restriction === 'never') return Verdict.ALLOW_NOT_RESTRICTED;
  if (restriction === 'opening-hours' && clockTrusted && !restricted) return Verdict.ALLOW_OUTSIDE_HOURS;
  if (facts.protected) return Verdict.BLOCK_PROTECTED;
  if (restriction === 'always') return Verdict.BLOCK_ALWAYS;
  return clockTrusted ? Verdict.BLOCK_OPENING_HOURS : Verdict.BLOCK_CLOCK_UNTRUSTED;
}

function ownSafeHost(facts: SourceFacts, group: Group): number {
  if (facts.kind !== 'safe-search') return NO_SAFE_HOST;
  const number = safeHostNumber(facts.engine, safeSearchOf(group));
  if (number > MAX_SAFE_HOST) throw new RangeError(`verdicts: safe host ${number}, expected at most ${MAX_SAFE_HOST}`);
  return number;
}

/** What holds at all hours stands before what will pass, so that nobody is told to wait in vain. */
const precedence: readonly Verdict[] = [
  Verdict.LOCAL_SITE,
  Verdict.BLOCK_PROTECTED,
  Verdict.ALLOW_GRANTED,
  Verdict.BLOCK_ALWAYS,
  Verdict.BLOCK_LIST,
  Verdict.BLOCK_CLOCK_UNTRUSTED,
  Verdict.BLOCK_OPENING_HOURS,
  Verdict.ALLOW_OUTSIDE_HOURS,
  Verdict.ALLOW_NOT_RESTRICTED,
];

/** Lower goes first. ALLOW_NO_RULE, which no source decides, is last. */
const rankOf = new Uint8Array(256).fill(precedence.length);
for (const [rank, verdict] of precedence.entries()) rankOf[verdict] = rank;
const GRANTED_RANK = rankOf[Verdict.ALLOW_GRANTED]!;

function combine(
  members: readonly number[],
  own: readonly Verdict[],
  granted: readonly boolean[],
  safeHosts: readonly number[],
): Decision {
  let verdict: Verdict = Verdict.ALLOW_NO_RULE;
  let decider = NO_DECIDER;
  let grantedMember = NO_DECIDER;
  let safeHost = NO_SAFE_HOST;
  for (const member of members) {
    const candidate = own[member];
    if (candidate === undefined) throw new RangeError(`verdicts: a rule set names source ${member} of ${own.length}`);
    if (safeHost === NO_SAFE_HOST) safeHost = safeHosts[member]!;
    if (candidate === Verdict.ALLOW_NO_RULE) continue;
    const gain = rankOf[verdict]! - rankOf[candidate]!;
    if (gain > 0 || (gain === 0 && member < decider)) {
      verdict = candidate;
      decider = member;
    }
    if (granted[member] && member < grantedMember) grantedMember = member;
  }
  const lifted = grantedMember !== NO_DECIDER && isBlocked(verdict) && GRANTED_RANK < rankOf[verdict]!;
  if (lifted) return { verdict: Verdict.ALLOW_GRANTED, decider: grantedMember, safeHost };
  const isShown = !isBlocked(verdict) && verdict !== Verdict.LOCAL_SITE;
  return { verdict, decider, safeHost: isShown ? safeHost : NO_SAFE_HOST };
}

function isGranted(facts: SourceFacts, grants: readonly Grant[]): boolean {
  return facts.kind === 'service' && grants.some((grant) => scopeCovers(grant.scope, facts));
}

/** Sorted by id, so that the same grants make the same profile. None is in force while the clock is not trusted. */
function activeGrants(moment: Moment, client: Client): readonly Grant[] {
  if (!moment.clockTrusted) return [];
  return moment.grants
    .filter((grant) => isActive(grant, moment.nowMs) && targetCovers(grant.target, client))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

interface Holder {
  readonly group: Group;
  readonly grants: readonly Grant[];
}

function assignProfiles(moment: Moment) {
  const { policy } = moment;
  const holders: Holder[] = [];
  const numberOf = new Map<string, number>();
  const assign = (client: Client): number => {
    const grants = activeGrants(moment, client);
    const key = [client.group, ...grants.map((grant) => grant.id)].join('\n');
    let number = numberOf.get(key);
    if (number === undefined) {
      number = holders.push({ group: groupNamed(policy, client.group), grants }) - 1;
      numberOf.set(key, number);
    }
    return number;
  };
  const profileOfGroup = new Map(policy.groups.map((group) => [group.id, assign({ group: group.id })]));
  const profileOfDevice = new Map(
    policy.devices.map((device) => [device.id, assign({ group: device.group, device: device.id })]),
  );
  return { holders, profileOfGroup, profileOfDevice };
}

function groupNamed(policy: Policy, id: string): Group {
  const group = policy.groups.find((candidate) => candidate.id === id);
  if (group === undefined) throw new RangeError(`verdicts: the policy has no group "${id}"`);
  return group;
}

/** "constructor" is a legal id, so only own keys count. */
function ownRule(rules: Readonly<Record<string, Restriction>>, id: string): Restriction | undefined {
  return Object.hasOwn(rules, id) ? rules[id] : undefined;
}

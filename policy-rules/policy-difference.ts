/**
 * What is new in one policy beside another, as facts: for the page that shows a change before it is saved.
 *
 * Each fact holds both sides, so seen from the other policy it is the same fact with its sides exchanged. Together they
 * hold everything: whoever applies them to the first policy comes to the second, and two policies without a difference
 * mean the same. The order of lists means nothing and is no difference, and neither is the version.
 *
 * Leaves out the words (the pages have them), and what follows at an instant (schedule.ts, verdicts.ts).
 */
import type {
  DateSpan,
  Device,
  DeviceUser,
  Group,
  GroupKind,
  Network,
  OneOffOpening,
  OpeningHours,
  Period,
  Policy,
  Restriction,
  SafeSearch,
} from './policy.ts';
import { safeSearchOf } from './safe-search.ts';
import { type Weekday, weekdays } from './schedule.ts';

export interface Sides<Value> {
  readonly before: Value;
  readonly after: Value;
}

/** What a fact is about, by the name that it has afterwards. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export type GroupOf = Pick<Group, 'id' | 'name' | 'kind'>;

/** Where a side may be null, the thing has come (`before`) or gone (`after`); a restriction then follows the catalogue. */
export type PolicyFact =
  | ({ readonly fact: 'setting-name' | 'time-zone' } & Sides<string>)
  | ({ readonly fact: 'first-names' } & Sides<readonly string[]>)
  | ({ readonly fact: 'group' } & Sides<Group | null>)
  | ({ readonly fact: 'group-name'; readonly group: Named } & Sides<string>)
  | ({ readonly fact: 'group-kind'; readonly group: Named } & Sides<GroupKind>)
  | ({ readonly fact: 'safe-search'; readonly group: Named } & Sides<SafeSearch>)
  | RestrictionFact
  /** A network's range is what it is known by. */
  | ({ readonly fact: 'network'; readonly group: GroupOf } & Sides<Network | null>)
  | ({ readonly fact: 'network-name'; readonly range: string } & Sides<string>)
  | ({ readonly fact: 'network-group'; readonly range: string; readonly name: string } & Sides<GroupOf>)
  | ({ readonly fact: 'device'; readonly group: GroupOf } & Sides<Device | null>)
  | ({ readonly fact: 'device-name'; readonly device: Named } & Sides<string>)
  | ({ readonly fact: 'device-group'; readonly device: Named } & Sides<GroupOf>)
  | ({ readonly fact: 'device-addresses' | 'device-macs'; readonly device: Named } & Sides<readonly string[]>)
  /** Null where nobody has said. */
  | ({ readonly fact: 'device-user'; readonly device: Named } & Sides<DeviceUser | null>)
  | DayFact
  | ({ readonly fact: 'term' | 'closure' } & Sides<DateSpan | null>)
  | ({ readonly fact: 'opening' } & Sides<OneOffOpening | null>)
  /** Follows from the terms: without any, the setting is open all year. */
  | ({ readonly fact: 'all-year' } & Sides<boolean>)
  | ({ readonly fact: 'bank-holidays' } & Sides<OpeningHours['bankHolidays']>);

export type RestrictionFact = {
  readonly fact: 'restriction';
  readonly group: Named;
  readonly scope: { readonly category: string } | { readonly service: string };
} & Sides<Restriction | null>;

/** The periods of one weekday, earliest first. */
export type DayFact = {
  readonly fact: 'day';
  readonly part: 'week' | 'breaks';
  readonly weekday: Weekday;
} & Sides<readonly Period[]>;

/** Of the opening hours. */
export type HoursFact = Extract<
  PolicyFact,
  { readonly fact: 'day' | 'term' | 'closure' | 'opening' | 'all-year' | 'bank-holidays' }
>;

/** Devices first, then groups and networks, then hours. Both must be policies that parsePolicy took. */
export function policyDifference(before: Policy, after: Policy): readonly PolicyFact[] {
  return [
    ...changed('setting-name', before.settingName, after.settingName),
    ...changed('time-zone', before.timeZone, after.timeZone),
    ...firstNamesFacts(before.firstNames ?? [], after.firstNames ?? []),
    ...pairs(before.devices, after.devices, ({ id }) => id).flatMap((pair) => deviceFacts(pair, before, after)),
    ...pairs(before.groups, after.groups, ({ id }) => id).flatMap(groupFacts),
    ...pairs(before.networks, after.networks, ({ range }) => range).flatMap((pair) =>
      networkFacts(pair, before, after),
    ),
    ...hoursDifference(before.hours, after.hours),
  ];
}

function changed(fact: 'setting-name' | 'time-zone', before: string, after: string): PolicyFact[] {
  return before === after ? [] : [{ fact, before, after }];
}

function firstNamesFacts(before: readonly string[], after: readonly string[]): PolicyFact[] {
  return sameWords(before, after) ? [] : [{ fact: 'first-names', before, after }];
}

function deviceFacts({ before, after }: Sides<Device | null>, old: Policy, now: Policy): PolicyFact[] {
  if (after === null) return [{ fact: 'device', group: groupIn(old, before!.group), before, after }];
  if (before === null) return [{ fact: 'device', group: groupIn(now, after.group), before, after }];
  const device = { id: after.id, name: after.name };
  const facts: PolicyFact[] = [];
  if (before.name !== after.name) facts.push({ fact: 'device-name', device, before: before.name, after: after.name });
  if (before.group !== after.group) {
    const sides = { before: groupIn(old, before.group), after: groupIn(now, after.group) };
    facts.push({ fact: 'device-group', device, ...sides });
  }
  if (!sameWords(before.addresses, after.addresses)) {
    facts.push({ fact: 'device-addresses', device, before: before.addresses, after: after.addresses });
  }
  if (!sameWords(before.macs, after.macs)) {
    facts.push({ fact: 'device-macs', device, before: before.macs, after: after.macs });
  }
  if (!sameUser(before.user, after.user)) {
    facts.push({ fact: 'device-user', device, before: before.user ?? null, after: after.user ?? null });
  }
  return facts;
}

export function sameUser(a: DeviceUser | undefined, b: DeviceUser | undefined): boolean {
  if (a?.kind !== b?.kind) return false;
  return a?.kind !== 'person' || b?.kind !== 'person' || a.name === b.name;
}

function groupFacts({ before, after }: Sides<Group | null>): PolicyFact[] {
  if (before === null || after === null) return [{ fact: 'group', before, after }];
  const group = { id: after.id, name: after.name };
  const facts: PolicyFact[] = [];
  if (before.name !== after.name) facts.push({ fact: 'group-name', group, before: before.name, after: after.name });
  if (before.kind !== after.kind) facts.push({ fact: 'group-kind', group, before: before.kind, after: after.kind });
  const search = { before: safeSearchOf(before), after: safeSearchOf(after) };
  if (search.before.search !== search.after.search || search.before.youtube !== search.after.youtube) {
    facts.push({ fact: 'safe-search', group, ...search });
  }
  const restrictions = (
    scopeOf: (id: string) => RestrictionFact['scope'],
    old: Group['categories'],
    now: Group['categories'],
  ): PolicyFact[] =>
    pairs(Object.entries(old), Object.entries(now), ([id]) => id)
      .filter((sides) => sides.before?.[1] !== sides.after?.[1])
      .map((sides) => ({
        fact: 'restriction',
        group,
        scope: scopeOf((sides.before ?? sides.after)![0]),
        before: sides.before?.[1] ?? null,
        after: sides.after?.[1] ?? null,
      }));
  return [
    ...facts,
    ...restrictions((category) => ({ category }), before.categories, after.categories),
    ...restrictions((service) => ({ service }), before.services, after.services),
  ];
}

function networkFacts({ before, after }: Sides<Network | null>, old: Policy, now: Policy): PolicyFact[] {
  if (after === null) return [{ fact: 'network', group: groupIn(old, before!.group), before, after }];
  if (before === null) return [{ fact: 'network', group: groupIn(now, after.group), before, after }];
  const { range, name } = after;
  const facts: PolicyFact[] = [];
  if (before.name !== name) facts.push({ fact: 'network-name', range, before: before.name, after: name });
  if (before.group !== after.group) {
    const sides = { before: groupIn(old, before.group), after: groupIn(now, after.group) };
    facts.push({ fact: 'network-group', range, name, ...sides });
  }
  return facts;
}

/** What is new in one set of opening hours beside another: the days of the week first. */
export function hoursDifference(before: OpeningHours, after: OpeningHours): readonly HoursFact[] {
  const facts: HoursFact[] = [];
  for (const part of ['week', 'breaks'] as const) {
    for (const weekday of weekdays) {
      const sides = { before: inOrder(before[part][weekday]), after: inOrder(after[part][weekday]) };
      if (!sameWords(sides.before.map(periodText), sides.after.map(periodText))) {
        facts.push({ fact: 'day', part, weekday, ...sides });
      }
    }
  }
  const spanText = ({ name, first, last }: DateSpan) => JSON.stringify([name, first, last]);
  const openingText = ({ name, date, from, to }: OneOffOpening) => JSON.stringify([name, date, from, to]);
  for (const sides of rematched(before.terms, after.terms, spanText)) facts.push({ fact: 'term', ...sides });
  const allYear = { before: before.terms.length === 0, after: after.terms.length === 0 };
  if (allYear.before !== allYear.after) facts.push({ fact: 'all-year', ...allYear });
  for (const sides of rematched(before.closures, after.closures, spanText)) facts.push({ fact: 'closure', ...sides });
  for (const sides of rematched(before.openings, after.openings, openingText))
    facts.push({ fact: 'opening', ...sides });
  if (before.bankHolidays !== after.bankHolidays) {
    facts.push({ fact: 'bank-holidays', before: before.bankHolidays, after: after.bankHolidays });
  }
  return facts;
}

/** Things with a key of their own that no two share: each that is in either list, once. */
function pairs<Thing>(
  before: readonly Thing[],
  after: readonly Thing[],
  keyOf: (thing: Thing) => string,
): readonly Sides<Thing | null>[] {
  const now = new Map(after.map((thing) => [keyOf(thing), thing]));
  const old = new Set(before.map(keyOf));
  return [
    ...before.map((thing) => ({ before: thing, after: now.get(keyOf(thing)) ?? null })),
    ...after.filter((thing) => !old.has(keyOf(thing))).map((thing) => ({ before: null, after: thing })),
  ];
}

/**
 * Things without a key: what is the same on both sides is left out, as often as it is on both. Of the rest, those of one
 * name are taken for one thing that has changed, in their order.
 */
function rematched<Thing extends { readonly name: string }>(
  before: readonly Thing[],
  after: readonly Thing[],
  textOf: (thing: Thing) => string,
): readonly Sides<Thing | null>[] {
  const [gone, come] = [without(before, after, textOf), without(after, before, textOf)];
  const sides: Sides<Thing | null>[] = [];
  for (const thing of gone) {
    const at = come.findIndex(({ name }) => name === thing.name);
    sides.push({ before: thing, after: at < 0 ? null : come.splice(at, 1)[0]! });
  }
  return [...sides, ...come.map((thing) => ({ before: null, after: thing }))];
}

/** What is left of `things` once each of `others` has taken one that is the same. */
function without<Thing>(things: readonly Thing[], others: readonly Thing[], textOf: (thing: Thing) => string): Thing[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(textOf(other), (left.get(textOf(other)) ?? 0) + 1);
  return things.filter((thing) => {
    const count = left.get(textOf(thing)) ?? 0;
    left.set(textOf(thing), count - 1);
    return count <= 0;
  });
}

function inOrder(periods: readonly Period[]): readonly Period[] {
  return periods.toSorted((a, b) => (periodText(a) < periodText(b) ? -1 : 1));
}

function periodText({ from, to }: Period): string {
  return `${from} ${to}`;
}

/** In whatever order. */
function sameWords(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const [left, right] = [a.toSorted(), b.toSorted()];
  return left.every((word, index) => word === right[index]);
}

/** The policy was checked: it has the group. */
function groupIn({ groups }: Policy, id: string): GroupOf {
  const { name, kind } = groups.find((group) => group.id === id)!;
  return { id, name, kind };
}

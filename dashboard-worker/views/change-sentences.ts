/**
 * The facts of a change of the policy as the sentences that people read. Days that change alike are one sentence.
 */
import type { DateSpan, DeviceUser, GroupKind, OneOffOpening, Period } from '../../policy-rules/policy.ts';
import type { DayFact, Sides } from '../../policy-rules/policy-difference.ts';
import { formatDate, formatTimeOfDay } from './format.ts';
import { weekDays } from './hours-form.ts';
import { spoken } from './language.ts';
import type { ChangeFact } from './models.ts';
import { capitalise, scopeText } from './parts.tsx';

const t = spoken.change;

export function changeSentences(facts: readonly ChangeFact[]): string[] {
  const days = facts.filter((fact) => fact.fact === 'day');
  // All that change in the same way are told where the first of them stands.
  return facts.flatMap((fact) => {
    if (fact.fact !== 'day') return sentencesOf(fact);
    const alike = days.filter((other) => dayKey(other) === dayKey(fact));
    return alike[0] === fact ? [daysSentence(alike, fact)] : [];
  });
}

function sentencesOf(fact: Exclude<ChangeFact, DayFact>): string[] {
  switch (fact.fact) {
    case 'setting-name':
      return [t.settingName(fact.before, fact.after)];
    case 'time-zone':
      return [t.timeZone(fact.before, fact.after)];
    case 'first-names': {
      const [come, gone] = [others(fact.after, fact.before), others(fact.before, fact.after)];
      return [
        ...(come.length === 0 ? [] : [t.firstNamesCome(list(come))]),
        ...(gone.length === 0 ? [] : [t.firstNamesGo(list(gone))]),
      ];
    }
    case 'device':
      if (fact.after === null) return [t.deviceRemoved(fact.before!.name)];
      return [
        `${t.deviceAdded(fact.after.name, fact.group.name)} ${t.counted[fact.group.kind]}`,
        ...(fact.after.user === undefined ? [] : [userSentence(fact.after.name, fact.after.user)]),
      ];
    case 'device-name':
      return [t.deviceName(fact.before, fact.after)];
    case 'device-group': {
      const { before, after } = fact;
      const moved = t.deviceGroup(fact.device.name, before.name, after.name);
      if (isCounted(before.kind) === isCounted(after.kind)) return [moved];
      return [`${moved} ${t.counted[after.kind]}${isCounted(after.kind) ? '' : ` ${t.permissionEnds}`}`];
    }
    case 'device-addresses':
      return [t.addresses(fact.device.name, list(fact.before), list(fact.after))];
    case 'device-macs':
      return [t.macs(fact.device.name, list(fact.before), list(fact.after))];
    case 'device-user':
      return [fact.after === null ? t.userUnknown(fact.device.name) : userSentence(fact.device.name, fact.after)];
    case 'group':
      return [fact.after === null ? t.groupRemoved(fact.before!.name) : t.groupAdded(fact.after.name)];
    case 'group-name':
      return [t.groupName(fact.before, fact.after)];
    case 'group-kind':
      return [t.groupKind(fact.group.name, fact.after)];
    case 'safe-search': {
      const { before, after, group } = fact;
      const search = after.search ? t.searchOn(group.name) : t.searchOff(group.name);
      return [
        ...(before.search === after.search ? [] : [search]),
        ...(before.youtube === after.youtube ? [] : [t.youtube(group.name, before.youtube, after.youtube)]),
      ];
    }
    case 'restriction': {
      const when = (restriction: typeof fact.after) =>
        restriction === null ? t.asUsual : spoken.record.events.restrictions[restriction];
      return [t.restriction(fact.group.name, scopeText(fact.scope), when(fact.before), when(fact.after))];
    }
    case 'network':
      return [
        fact.after === null ? t.networkRemoved(fact.before!.name) : t.networkAdded(fact.after.name, fact.group.name),
      ];
    case 'network-name':
      return [t.networkName(fact.before, fact.after)];
    case 'network-group':
      return [t.networkGroup(fact.name, fact.before.name, fact.after.name)];
    case 'term':
      return [named(fact, spanDates, t.termAdded, t.termRemoved, t.termChanged)];
    case 'closure':
      return [named(fact, spanDates, t.closureAdded, t.closureRemoved, t.closureChanged)];
    case 'opening':
      return [named(fact, openingWhen, t.openingAdded, t.openingRemoved, t.openingChanged)];
    case 'all-year':
      return [fact.after ? t.allYear : t.termTime];
    case 'bank-holidays':
      return [t.bankHolidays[fact.after]];
  }
}

function userSentence(device: string, user: DeviceUser): string {
  return user.kind === 'shared' ? t.shared(device) : t.usedBy(device, user.name);
}

/** What has a name and a time: come, gone or at another time. */
function named<Thing extends { readonly name: string }>(
  { before, after }: Sides<Thing | null>,
  timeOf: (thing: Thing) => string,
  added: (name: string, time: string) => string,
  removed: (name: string, time: string) => string,
  moved: (name: string, before: string, after: string) => string,
): string {
  if (before === null) return added(after!.name, timeOf(after!));
  if (after === null) return removed(before.name, timeOf(before));
  return moved(after.name, timeOf(before), timeOf(after));
}

function spanDates({ first, last }: DateSpan): string {
  return t.dates(formatDate(first), formatDate(last));
}

function openingWhen({ date, from, to }: OneOffOpening): string {
  return t.openingWhen(formatDate(date), from, formatTimeOfDay(to));
}

function dayKey({ part, before, after }: DayFact): string {
  return JSON.stringify([part, before, after]);
}

function daysSentence(alike: readonly DayFact[], { part, before, after }: DayFact): string {
  const days = daysText(alike.map(({ weekday }) => weekday));
  if (part === 'breaks') return t.breaks(days, spans(before) ?? t.none, spans(after) ?? t.none);
  const hours = (periods: readonly Period[]) => {
    const text = spans(periods);
    return text === null ? t.closed : t.openSpans(text);
  };
  return capitalise(t.open(days, hours(before), hours(after)));
}

/** Three days and more that follow each other are told by the first and the last. */
function daysText(days: readonly (typeof weekDays)[number][]): string {
  const at = days.map((day) => weekDays.indexOf(day));
  const names = days.map((day) => spoken.hours.days[day]);
  const isRun = at.length > 2 && at.every((day, index) => day === at[0]! + index);
  return isRun ? t.dayRun(names[0]!, names.at(-1)!) : t.dayList(names);
}

function spans(periods: readonly Period[]): string | null {
  if (periods.length === 0) return null;
  return periods.map(({ from, to }) => spoken.hours.span(from, formatTimeOfDay(to))).join(', ');
}

/** Those of the first that the second has not. */
function others(names: readonly string[], than: readonly string[]): readonly string[] {
  return names.filter((name) => !than.includes(name));
}

function list(words: readonly string[]): string {
  return words.length === 0 ? t.none : words.join(', ');
}

function isCounted(kind: GroupKind): boolean {
  return kind === 'setting';
}

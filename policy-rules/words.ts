/**
 * Verdicts, schedule and grants as sentences for people: one wording for the local site, the command line and the
 * dashboard. Every word stands in `english`, so that another language is another object of the same shape.
 *
 * Times are in the setting's zone. Left out: markup, and what a page says around the sentence.
 */
import { Temporal } from 'temporal-polyfill';
import type { Catalogue } from './catalogue/service.ts';
import { type Grant, type GrantScope, type GrantTarget, grantEnd } from './grants.ts';
import type { Policy } from './policy.ts';
import type { ScheduleState } from './schedule.ts';
import { Verdict } from './verdict-codes.ts';

export interface Explained {
  /** A byte of verdict-codes.ts. */
  readonly verdict: number;
  /** The service or list that decided, as people call it; absent when none did. */
  readonly service?: string;
  readonly list?: string;
  /** The device's name; absent for the device that asks. */
  readonly device?: string;
  readonly timeZone: string;
  readonly nowMs: number;
  /** When the verdict changes (verdictUntil), or null when that is not known. */
  readonly until: number | null;
  readonly onBreak: boolean;
  /** Who gave the permission, for ALLOW_GRANTED. */
  readonly grantedBy?: string;
  /** Shown behind the decision; see clausesFor. */
  readonly clauses: readonly string[];
  /** Whether the name is shown by a safe host (safe-search.ts); false when left out. */
  readonly safeSearch?: boolean;
}

/** "Facebook is blocked on this device during opening hours, until 18:00 (7.1.6). The manager can give permission." */
export function explain(explained: Explained, words: Messages = english): string {
  const { verdict, service, list, device, until, timeZone, nowMs, grantedBy, clauses } = explained;
  const facts: Facts = {
    subject: service ?? words.thisName,
    list: list ?? words.aList,
    where: device === undefined ? words.onThisDevice : words.onDevice(device),
    until: until === null ? '' : words.until(formatTime(until, timeZone, nowMs, words)),
    grantedBy: grantedBy ? words.grantedBy(grantedBy) : '',
    clauses: clauses.length === 0 ? '' : ` (${clauses.join(', ')})`,
  };
  const sentence = sentenceFor(explained, words);
  if (sentence === undefined) throw new RangeError(`words: ${verdict} is no verdict byte; see verdict-codes.ts`);
  if (explained.safeSearch !== true) return sentence(facts);
  return verdict === Verdict.ALLOW_NO_RULE ? words.openSafely(facts) : `${sentence(facts)} ${words.shownSafely}`;
}

function sentenceFor({ verdict, list, onBreak }: Explained, words: Messages): Sentence | undefined {
  if (verdict === Verdict.ALLOW_OUTSIDE_HOURS && onBreak) return words.allowedOnBreak;
  if (verdict === Verdict.BLOCK_PROTECTED && list !== undefined) return words.protectedList;
  return Object.hasOwn(words.verdicts, verdict) ? words.verdicts[verdict as Verdict] : undefined;
}

/** "Open until 18:00.", "Closed until Monday 08:00 (Christmas Day)." `changeMs` is schedule.ts's nextChange. */
export function describeSchedule(
  state: ScheduleState,
  changeMs: number | null,
  timeZone: string,
  nowMs: number,
  words: Messages = english,
): string {
  const until = changeMs === null ? '' : ` ${words.until(formatTime(changeMs, timeZone, nowMs, words))}`;
  const reason = state.name ?? words.causes[state.cause];
  return `${words.states[stateOf(state)]}${until}${reason === '' ? '' : ` (${reason})`}.`;
}

/** "Facebook", "everything in Instant messaging", "all social media". An id that the catalogue lacks stands for itself. */
export function describeScope(scope: GrantScope, catalogue: Catalogue, words: Messages = english): string {
  if ('allSocial' in scope) return words.allSocial;
  if ('service' in scope) return catalogue.services.find(({ id }) => id === scope.service)?.name ?? scope.service;
  return words.category(catalogue.categories.find(({ id }) => id === scope.category)?.name ?? scope.category);
}

/** "Tablet 1", "every device of Office". */
export function describeTarget(target: GrantTarget, policy: Policy, words: Messages = english): string {
  if ('device' in target) return policy.devices.find(({ id }) => id === target.device)?.name ?? target.device;
  return words.group(policy.groups.find(({ id }) => id === target.group)?.name ?? target.group);
}

/** "Facebook on Tablet 1, from 14:00 until 14:30, for personal use, given by Jo Smith (verbal)." */
export function describeGrant(
  grant: Grant,
  policy: Policy,
  catalogue: Catalogue,
  nowMs: number,
  words: Messages = english,
): string {
  const time = (ms: number) => formatTime(ms, policy.timeZone, nowMs, words);
  return words.grant({
    scope: describeScope(grant.scope, catalogue, words),
    target: describeTarget(grant.target, policy, words),
    from: time(grant.from),
    until: time(grantEnd(grant)),
    purpose: words.purposes[grant.purpose],
    grantedBy: grant.grantedBy,
    mode: words.modes[grant.mode],
    endedEarly: grant.revokedAt !== undefined && grant.revokedAt < grant.until,
  });
}

/**
 * The policy clauses to show beside a verdict, the one it rests on first; those of the service's category and of the
 * service follow. A name that no rule speaks of has none.
 */
export function clausesFor(
  verdict: number,
  category: readonly string[] = [],
  service: readonly string[] = [],
  purpose?: Grant['purpose'],
): readonly string[] {
  const own = verdictClauses[verdict];
  if (own === undefined) return [];
  const granted = verdict === Verdict.ALLOW_GRANTED && purpose !== undefined ? purposeClauses[purpose] : [];
  return [...new Set([...own, ...granted, ...category, ...service])];
}

/** A time as people say it on that day: "18:00", "Monday 08:00", "4 January 08:00", "4 January 2027 08:00". */
export function formatTime(ms: number, timeZone: string, nowMs: number, words: Messages = english): string {
  const at = zoned(ms, timeZone);
  const now = zoned(nowMs, timeZone);
  const clock = at.toPlainTime().toString({ smallestUnit: 'minute' });
  const daysAhead = now.toPlainDate().until(at.toPlainDate()).days;
  if (daysAhead === 0) return clock;
  // The end of today, as the dashboard says it: the time of day would be taken for the midnight that was, or the next.
  if (daysAhead === 1 && clock === '00:00') return words.midnight;
  if (daysAhead > 0 && daysAhead < 7) return words.weekdayTime(words.weekdays[at.dayOfWeek - 1]!, clock);
  return words.dateTime(formatDate(ms, timeZone, nowMs, words), clock);
}

/** "4 January", with the year when it is another than this. */
export function formatDate(ms: number, timeZone: string, nowMs: number, words: Messages = english): string {
  const at = zoned(ms, timeZone);
  const year = at.year === zoned(nowMs, timeZone).year ? undefined : at.year;
  return words.date(at.day, words.months[at.month - 1]!, year);
}

/** Ready-made parts of a sentence; an empty text where there is nothing to say. */
export interface Facts {
  readonly subject: string;
  readonly list: string;
  readonly where: string;
  readonly until: string;
  readonly grantedBy: string;
  /** With a leading space and brackets: " (7.1.6)". */
  readonly clauses: string;
}

type Sentence = (facts: Facts) => string;

export interface Messages {
  readonly thisName: string;
  readonly aList: string;
  readonly onThisDevice: string;
  readonly onDevice: (name: string) => string;
  readonly until: (time: string) => string;
  readonly grantedBy: (person: string) => string;
  readonly verdicts: Readonly<Record<Verdict, Sentence>>;
  readonly allowedOnBreak: Sentence;
  readonly protectedList: Sentence;
  /** In the place of ALLOW_NO_RULE's sentence, which says that no rule speaks of the name. */
  readonly openSafely: Sentence;
  /** Behind any other sentence that allows. */
  readonly shownSafely: string;
  readonly states: Readonly<Record<'open' | 'break' | 'closed', string>>;
  /** Shown in brackets where the cause has no name of its own; empty for nothing. */
  readonly causes: Readonly<Record<ScheduleState['cause'], string>>;
  readonly allSocial: string;
  readonly category: (name: string) => string;
  readonly group: (name: string) => string;
  readonly grant: (facts: GrantFacts) => string;
  readonly purposes: Readonly<Record<Grant['purpose'], string>>;
  readonly modes: Readonly<Record<Grant['mode'], string>>;
  /** Monday first. */
  readonly weekdays: readonly string[];
  readonly months: readonly string[];
  readonly midnight: string;
  readonly weekdayTime: (weekday: string, time: string) => string;
  readonly dateTime: (date: string, time: string) => string;
  readonly date: (day: number, month: string, year: number | undefined) => string;
}

export interface GrantFacts {
  readonly scope: string;
  readonly target: string;
  readonly from: string;
  readonly until: string;
  readonly purpose: string;
  readonly grantedBy: string;
  readonly mode: string;
  readonly endedEarly: boolean;
}

export const english: Messages = {
  thisName: 'This address',
  aList: 'a list',
  onThisDevice: 'on this device',
  onDevice: (name) => `on ${name}`,
  until: (time) => `until ${time}`,
  grantedBy: (person) => `by permission of ${person}`,
  verdicts: {
    [Verdict.ALLOW_NO_RULE]: ({ subject }) => `${subject} is open: no rule speaks of it.`,
    [Verdict.ALLOW_NOT_RESTRICTED]: ({ subject, where, clauses }) => `${subject} is not restricted ${where}${clauses}.`,
    [Verdict.ALLOW_OUTSIDE_HOURS]: ({ subject, where, until, clauses }) =>
      `${listed(`${subject} is allowed ${where} outside opening hours`, until)}${clauses}.`,
    [Verdict.ALLOW_GRANTED]: ({ subject, where, until, grantedBy, clauses }) =>
      `${subject} is allowed ${where} ${listed(grantedBy || 'by permission', until)}${clauses}.`,
    [Verdict.LOCAL_SITE]: () => 'This is the page of the box itself.',
    [Verdict.BLOCK_OPENING_HOURS]: ({ subject, where, until, clauses }) =>
      `${listed(`${subject} is blocked ${where} during opening hours`, until)}${clauses}. The manager can give permission.`,
    [Verdict.BLOCK_ALWAYS]: ({ subject, where, until, clauses }) =>
      `${listed(`${subject} is blocked ${where} at all hours`, until)}${clauses}. The manager can give permission.`,
    [Verdict.BLOCK_LIST]: ({ subject, where, list, clauses }) =>
      `${subject} is blocked ${where} at all hours: it is on the list “${list}”${clauses}.`,
    [Verdict.BLOCK_PROTECTED]: ({ subject, where, clauses }) =>
      `${subject} is blocked ${where} for everyone’s safety${clauses}. No permission can open it.`,
    [Verdict.BLOCK_CLOCK_UNTRUSTED]: ({ subject, where, clauses }) =>
      `${subject} is blocked ${where} until the box knows the time again${clauses}. Permissions wait until then too.`,
  },
  allowedOnBreak: ({ subject, where, until, clauses }) =>
    `${listed(`${subject} is allowed ${where} during the break`, until)}${clauses}.`,
  protectedList: ({ subject, where, list, clauses }) =>
    `${subject} is blocked ${where} for everyone’s safety: it is on the list “${list}”${clauses}. No permission can open it.`,
  openSafely: ({ subject, where }) => `${subject} is open, and shown ${where} with safe search.`,
  shownSafely: 'It is shown with safe search.',
  states: { open: 'Open', break: 'On a break', closed: 'Closed' },
  causes: {
    'opening hours': '',
    'one-off opening': 'one-off opening',
    break: '',
    closed: '',
    closure: 'closure',
    'bank holiday': 'bank holiday',
    'out of term': 'out of term',
  },
  allSocial: 'all social media',
  category: (name) => `everything in ${name}`,
  group: (name) => `every device of ${name}`,
  grant: ({ scope, target, from, until, purpose, grantedBy, mode, endedEarly }) =>
    `${scope} on ${target}, from ${from} until ${until}${endedEarly ? ' (ended early)' : ''}, ${purpose}, ` +
    `given by ${grantedBy} (${mode}).`,
  purposes: { personal: 'for personal use', official: 'for the setting’s own channel', emergency: 'in an emergency' },
  modes: { written: 'in writing', verbal: 'verbally' },
  weekdays: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  months: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  midnight: 'midnight',
  weekdayTime: (weekday, time) => `${weekday} ${time}`,
  dateTime: (date, time) => `${date} ${time}`,
  date: (day, month, year) => (year === undefined ? `${day} ${month}` : `${day} ${month} ${year}`),
};

function listed(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

/** PRODUCT.md's table of clauses: the filter itself is 7.1.5, permission during setting hours 7.1.6. */
const verdictClauses: Readonly<Record<number, readonly string[]>> = {
  [Verdict.ALLOW_NOT_RESTRICTED]: ['7.1.5'],
  [Verdict.ALLOW_OUTSIDE_HOURS]: ['7.1.6'],
  [Verdict.ALLOW_GRANTED]: ['7.1.6'],
  [Verdict.BLOCK_OPENING_HOURS]: ['7.1.6'],
  [Verdict.BLOCK_ALWAYS]: ['7.1.5'],
  [Verdict.BLOCK_LIST]: ['7.1.5'],
  [Verdict.BLOCK_PROTECTED]: ['7.1.5'],
  [Verdict.BLOCK_CLOCK_UNTRUSTED]: ['7.1.6'],
};

/** 6.2.2 speaks of emergencies, 7.3.1 to 7.3.6 of official channels. */
const purposeClauses: Readonly<Record<Grant['purpose'], readonly string[]>> = {
  personal: [],
  official: ['7.3.1'],
  emergency: ['6.2.2'],
};

function stateOf(state: ScheduleState): 'open' | 'break' | 'closed' {
  if (!state.open) return 'closed';
  return state.onBreak ? 'break' : 'open';
}

function zoned(ms: number, timeZone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(ms)).toZonedDateTimeISO(timeZone);
}

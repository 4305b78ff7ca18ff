/**
 * Whether a document is a policy (or a grant), and if not, what a person must mend: the schema's findings in words,
 * and the checks between its parts that a schema cannot make.
 */
import { Temporal } from 'temporal-polyfill';
import type * as z from 'zod/mini';
import type { Catalogue } from './catalogue/service.ts';
import { Grant } from './grants.ts';
import { parseIpRange } from './ip-range.ts';
import { type DateSpan, type OpeningHours, type Period, Policy, type Week } from './policy.ts';
import { weekdays } from './schedule.ts';
import { showLine, showText } from './show-text.ts';

export interface Problem {
  /** Where it stands, for programs: "hours.week.tuesday[0].to"; "" is the whole document. */
  readonly path: string;
  /** The same as keys, to find the line in a file. */
  readonly keys: readonly (string | number)[];
  /** For people: the thing, the value, what was expected. */
  readonly message: string;
}

export type ParsedPolicy = { readonly policy: Policy; readonly warnings: readonly Problem[] } | Problems;
export type ParsedGrant = { readonly grant: Grant } | Problems;
export interface Problems {
  readonly problems: readonly Problem[];
}

/**
 * Reads a policy of unknown origin. With a catalogue, categories and services that it lacks are problems: right for an
 * editor or a file. A box leaves it out, since the dashboard's catalogue may be newer than its own.
 *
 * Warnings do not stop a policy: keys that have no meaning here, breaks outside opening hours, and the like.
 */
export function parsePolicy(value: unknown, catalogue?: Catalogue): ParsedPolicy {
  const parsed = Policy.safeParse(value);
  if (!parsed.success) return { problems: parsed.error.issues.map((issue) => describeIssue(issue, value)) };
  const policy = parsed.data;
  const problems = [
    ...checkNames(policy),
    ...checkGroups(policy, catalogue),
    ...checkUsers(policy),
    ...checkAddresses(policy),
    ...checkTimeZone(policy.timeZone),
    ...checkHours(policy.hours),
  ];
  if (problems.length > 0) return { problems };
  return { policy, warnings: [...unknownKeys(value, policy), ...breaksOutsideOpening(policy.hours)] };
}

/** Reads a grant of unknown origin. With a policy or a catalogue, also whether what it names exists and can be granted. */
export function parseGrant(value: unknown, policy?: Policy, catalogue?: Catalogue): ParsedGrant {
  const parsed = Grant.safeParse(value);
  if (!parsed.success) return { problems: parsed.error.issues.map((issue) => describeIssue(issue, value)) };
  const grant = parsed.data;
  const problems = [
    ...checkGrantTimes(grant),
    ...checkTarget(grant, policy),
    ...checkScope(grant, catalogue),
    // A target with a device and a group could be read as either, so what a schema would drop is refused here.
    ...unknownKeys(value, grant),
  ];
  return problems.length > 0 ? { problems } : { grant };
}

type Keys = readonly (string | number)[];

function problem(keys: Keys, message: string): Problem {
  let path = '';
  for (const key of keys) path += typeof key === 'number' ? `[${key}]` : path === '' ? key : `.${key}`;
  // It quotes what was found, keys too, and goes to a terminal or a page.
  return { path, keys, message: showLine(message) };
}

// ---- the policy's parts to each other ----------------------------------------------------------------------------

function checkNames(policy: Policy): Problem[] {
  return [
    ...duplicateIds('groups', 'Groups', policy.groups),
    ...duplicateIds('devices', 'Devices', policy.devices),
    ...unknownGroups('networks', 'Network', policy.networks, policy),
    ...unknownGroups('devices', 'Device', policy.devices, policy),
  ];
}

function duplicateIds(key: string, noun: string, things: readonly { id: string; name: string }[]): Problem[] {
  const first = new Map<string, string>();
  return things.flatMap(({ id, name }, index) => {
    const other = first.get(id);
    if (other === undefined) first.set(id, name);
    if (other === undefined) return [];
    return [
      problem([key, index, 'id'], `${noun} “${other}” and “${name}”: both have the id "${id}"; give one another`),
    ];
  });
}

function unknownGroups(
  key: string,
  noun: string,
  things: readonly { name: string; group: string }[],
  policy: Policy,
): Problem[] {
  const ids = policy.groups.map((group) => group.id);
  return things.flatMap(({ name, group }, index) =>
    ids.includes(group)
      ? []
      : [problem([key, index, 'group'], `${noun} “${name}”: there is no group "${group}"; ${meant(group, ids)}`)],
  );
}

function checkGroups(policy: Policy, catalogue: Catalogue | undefined): Problem[] {
  if (catalogue === undefined) return [];
  return policy.groups.flatMap((group, index) => [
    ...unknownIds(
      ['groups', index, 'categories'],
      group,
      'category',
      Object.keys(group.categories),
      catalogue.categories,
    ),
    ...unknownIds(['groups', index, 'services'], group, 'service', Object.keys(group.services), catalogue.services),
  ]);
}

function unknownIds(
  keys: Keys,
  group: { name: string },
  noun: string,
  named: readonly string[],
  known: readonly { id: string }[],
): Problem[] {
  const ids = new Set(known.map((entry) => entry.id));
  return named
    .filter((id) => !ids.has(id))
    .map((id) =>
      problem([...keys, id], `Group “${group.name}”: the catalogue has no ${noun} "${id}"; ${meant(id, [...ids])}`),
    );
}

/** Nothing is kept about who uses a device that is not the setting's own (South Woodham). */
function checkUsers({ groups, devices }: Policy): Problem[] {
  const own = new Set(groups.filter(({ kind }) => kind === 'setting').map(({ id }) => id));
  return devices.flatMap(({ name, group, user }, index) =>
    user === undefined || own.has(group)
      ? []
      : [
          problem(
            ['devices', index, 'user'],
            `Device “${name}”: it is not in a group of the setting’s own devices; leave out who uses it`,
          ),
        ],
  );
}

function checkAddresses(policy: Policy): Problem[] {
  const problems: Problem[] = [];
  const networkOf = new Map<string, string>();
  for (const [index, { name, range }] of policy.networks.entries()) {
    const parsed = range.includes('/') ? parseIpRange(range) : undefined;
    const keys = ['networks', index, 'range'];
    if (parsed === undefined) {
      problems.push(
        problem(keys, `Network “${name}”: "${range}" is no address range; expected one like 192.168.1.0/24`),
      );
      continue;
    }
    const other = networkOf.get(parsed.key);
    if (other === undefined) networkOf.set(parsed.key, name);
    else problems.push(problem(keys, `Networks “${other}” and “${name}”: both are ${range}; remove one`));
  }
  const deviceOf = new Map<string, { index: number; name: string }>();
  for (const [index, { name, addresses, macs }] of policy.devices.entries()) {
    const claim = (keys: Keys, what: string, key: string, text: string) => {
      const other = deviceOf.get(key);
      if (other === undefined) deviceOf.set(key, { index, name });
      else if (other.index === index)
        problems.push(problem(keys, `Device “${name}”: the ${what} ${text} is there twice`));
      else {
        const both = `Devices “${other.name}” and “${name}”: both have the ${what} ${text}`;
        problems.push(problem(keys, `${both}; leave it with the one that it belongs to`));
      }
    };
    for (const [at, address] of addresses.entries()) {
      const parsed = parseIpRange(address);
      const keys = ['devices', index, 'addresses', at];
      if (parsed !== undefined) claim(keys, 'address', parsed.key, address);
      else problems.push(problem(keys, `Device “${name}”: "${address}" is no address; expected one like 192.168.1.20`));
    }
    for (const [at, mac] of macs.entries()) claim(['devices', index, 'macs', at], 'MAC address', mac, mac);
  }
  return problems;
}

function checkTimeZone(timeZone: string): Problem[] {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone);
    // An offset is a zone to Temporal, but it would miss both clock changes.
    if (/^[A-Za-z]/.test(timeZone)) return [];
  } catch {
    // Temporal reports an unknown zone only by throwing.
  }
  return [problem(['timeZone'], `Time zone: "${timeZone}" is not known; expected one like Europe/London`)];
}

function checkHours(hours: OpeningHours): Problem[] {
  return [
    ...checkWeek(['hours', 'week'], 'Opening hours', hours.week, ['opens', 'closes']),
    ...checkWeek(['hours', 'breaks'], 'Breaks', hours.breaks, ['begins', 'ends']),
    ...checkSpans(['hours', 'terms'], 'Term', hours.terms),
    ...checkSpans(['hours', 'closures'], 'Closure', hours.closures),
    ...hours.openings.flatMap((opening, index) => {
      const keys = ['hours', 'openings', index];
      const title = `One-off opening “${opening.name}”`;
      return [
        ...checkDate([...keys, 'date'], title, opening.date),
        ...checkPeriod(keys, `${title}, ${opening.date}`, opening, ['opens', 'closes']),
      ];
    }),
  ];
}

type PeriodWords = readonly [begins: string, ends: string];

function checkWeek(keys: Keys, title: string, week: Week, words: PeriodWords): Problem[] {
  return weekdays.flatMap((weekday) => {
    const day = `${title}, ${capitalised(weekday)}`;
    const sound = week[weekday].map((period, index) => checkPeriod([...keys, weekday, index], day, period, words));
    if (sound.some((problems) => problems.length > 0)) return sound.flat();
    return checkOverlaps([...keys, weekday], day, week[weekday]);
  });
}

function checkPeriod(keys: Keys, title: string, { from, to }: Period, [begins, ends]: PeriodWords): Problem[] {
  if (from < to) return [];
  const message =
    from === to
      ? `${title}: ${begins} and ${ends} at ${from}; expected a later end (24:00 is the end of the day)`
      : `${title}: ${ends} at ${to}, before it ${begins} at ${from}; past midnight, end at 24:00 and begin again on the next day`;
  return [problem([...keys, 'to'], message)];
}

function checkOverlaps(keys: Keys, title: string, periods: readonly Period[]): Problem[] {
  const sorted = periods
    .map((period, index) => ({ ...period, index }))
    .sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.index - b.index));
  return sorted.slice(1).flatMap((period, before) => {
    const earlier = sorted[before]!;
    if (earlier.to <= period.from) return [];
    const both = `${earlier.from}–${earlier.to} and ${period.from}–${period.to} overlap`;
    return [problem([...keys, period.index], `${title}: ${both}; make them one, or let one begin when the other ends`)];
  });
}

function checkSpans(keys: Keys, noun: string, spans: readonly DateSpan[]): Problem[] {
  return spans.flatMap(({ name, first, last }, index) => {
    const title = `${noun} “${name}”`;
    const dates = [
      ...checkDate([...keys, index, 'first'], title, first),
      ...checkDate([...keys, index, 'last'], title, last),
    ];
    if (dates.length > 0 || first <= last) return dates;
    return [
      problem([...keys, index, 'last'], `${title}: its last day, ${last}, is before its first, ${first}; swap them`),
    ];
  });
}

function checkDate(keys: Keys, title: string, date: string): Problem[] {
  try {
    Temporal.PlainDate.from(date);
    return [];
  } catch {
    return [problem(keys, `${title}: the calendar has no day ${date}; expected a date as YYYY-MM-DD`)];
  }
}

/** Harmless, but probably a slip: such a break changes nothing. */
function breaksOutsideOpening(hours: OpeningHours): Problem[] {
  return weekdays.flatMap((weekday) =>
    hours.breaks[weekday].flatMap((pause, index) => {
      const inside = coveredBy(pause, hours.week[weekday]);
      if (inside) return [];
      const what = `Breaks, ${capitalised(weekday)}: ${pause.from}–${pause.to} is not within opening hours`;
      return [problem(['hours', 'breaks', weekday, index], `${what}, so part of it changes nothing`)];
    }),
  );
}

/** Adjacent periods (08:00–12:00, 12:00–18:00) hold a break that spans both. */
function coveredBy(pause: Period, periods: readonly Period[]): boolean {
  let reached = pause.from;
  for (const { from, to } of periods.toSorted((a, b) => (a.from < b.from ? -1 : 1))) {
    if (from <= reached && to > reached) reached = to;
  }
  return reached >= pause.to;
}

// ---- grants --------------------------------------------------------------------------------------------------------

function checkGrantTimes(grant: Grant): Problem[] {
  if (grant.from < grant.until) return [];
  const [from, until] = [isoTime(grant.from), isoTime(grant.until)];
  return [problem(['until'], `Permission: ends at ${until}, not after it begins at ${from}; choose a later end`)];
}

function checkTarget({ target }: Grant, policy: Policy | undefined): Problem[] {
  if (policy === undefined) return [];
  if ('device' in target) {
    if (policy.devices.some((device) => device.id === target.device)) return [];
    return [
      problem(['target', 'device'], `Permission: there is no device "${target.device}"; name it under Devices first`),
    ];
  }
  const ids = policy.groups.map((group) => group.id);
  if (ids.includes(target.group)) return [];
  return [problem(['target', 'group'], `Permission: there is no group "${target.group}"; ${meant(target.group, ids)}`)];
}

function checkScope({ scope }: Grant, catalogue: Catalogue | undefined): Problem[] {
  if (catalogue === undefined || 'allSocial' in scope) return [];
  const [noun, id] = 'service' in scope ? ['service', scope.service] : ['category', scope.category];
  const service = catalogue.services.find((candidate) => noun === 'service' && candidate.id === id);
  const category = catalogue.categories.find((candidate) => candidate.id === (service?.category ?? id));
  if (noun === 'service' ? service === undefined : category === undefined) {
    const ids = (noun === 'service' ? catalogue.services : catalogue.categories).map((entry) => entry.id);
    return [problem(['scope', noun!], `Permission: the catalogue has no ${noun} "${id}"; ${meant(id!, ids)}`)];
  }
  if (!category?.protected) return [];
  const name = service?.name ?? category.name;
  return [problem(['scope', noun!], `Permission: “${name}” is protected (${category.name}) and can never be granted`)];
}

// ---- the schema's findings in words ---------------------------------------------------------------------------------

function describeIssue(issue: z.core.$ZodIssue, document: unknown): Problem {
  const keys = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key));
  const found = valueAt(document, keys);
  const where = place(keys, document);
  return problem(
    keys,
    `${where}: ${found === undefined ? 'it is missing' : `found ${shown(found)}`}; ${expectation(issue)}`,
  );
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${typeNames[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `expected ${oneOf(issue.values.map(String))}`;
  if (issue.code === 'invalid_union') return 'expected one of the forms that the documentation shows';
  if (issue.code === 'invalid_format' && issue.format === 'uuid') return 'expected an id in UUID form';
  if (issue.code === 'too_small' && issue.origin !== 'string' && issue.origin !== 'array') {
    return `expected at least ${issue.minimum}`;
  }
  if (issue.code === 'too_big' && issue.origin !== 'string') return `expected at most ${issue.maximum}`;
  return issue.message;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a section with keys of its own',
  record: 'a section with keys of its own',
  boolean: 'true or false',
};

/** "Group “Office”, categories, blogs" rather than "groups[1].categories.blogs". */
function place(keys: Keys, document: unknown): string {
  if (keys.length === 0) return 'The document';
  const words: string[] = [];
  for (const [depth, key] of keys.entries()) {
    if (typeof key === 'string') {
      words.push(keyWords[key] ?? (weekdays.some((weekday) => weekday === key) ? capitalised(key) : key));
      continue;
    }
    const name = valueAt(document, [...keys.slice(0, depth + 1), 'name']);
    const singular = singularWords[String(keys[depth - 1])];
    const label = typeof name === 'string' && name !== '' ? `“${name}”` : String(key + 1);
    if (singular === undefined) words.push(`number ${label}`);
    else words[words.length - 1] = `${singular} ${label}`;
  }
  return capitalised(words.join(', ').replace(/^Hours, /, ''));
}

const keyWords: Readonly<Record<string, string>> = {
  hours: 'Hours',
  week: 'Opening hours',
  breaks: 'Breaks',
  terms: 'Terms',
  closures: 'Closures',
  openings: 'One-off openings',
  bankHolidays: 'Bank holidays',
  settingName: 'Name of the setting',
  timeZone: 'Time zone',
  macs: 'MAC addresses',
};

const singularWords: Readonly<Record<string, string>> = {
  groups: 'Group',
  networks: 'Network',
  devices: 'Device',
  terms: 'Term',
  closures: 'Closure',
  openings: 'One-off opening',
  addresses: 'address',
  macs: 'MAC address',
};

function valueAt(document: unknown, keys: Keys): unknown {
  let value = document;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a section';
  return showText(typeof value === 'string' ? `"${value}"` : String(value), 60);
}

/** Keys that the schema let fall: a slip of the pen must not pass for a setting. */
function unknownKeys(document: unknown, kept: unknown, keys: Keys = []): Problem[] {
  const given = valueAt(document, keys);
  if (typeof given !== 'object' || given === null || typeof kept !== 'object' || kept === null) return [];
  return Object.keys(given).flatMap((key) => {
    const at = [...keys, Array.isArray(given) ? Number(key) : key];
    if (Object.hasOwn(kept, key)) return unknownKeys(document, valueAt(kept, [key]), at);
    // A key that is set to nothing at all was not given: optional fields often come as undefined.
    if (valueAt(given, [key]) === undefined) return [];
    const message = `${place(keys, document)}: there is no key "${key}" here; ${meant(key, Object.keys(kept))}`;
    return [problem(at, message)];
  });
}

// ---- words ---------------------------------------------------------------------------------------------------------

function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

/** The nearest known id when it is a slip away, else a few of them. */
function meant(id: string, known: readonly string[]): string {
  const near = (id.length > 64 ? [] : known)
    .map((candidate) => ({ candidate, slips: distance(id.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips)[0];
  if (near !== undefined && near.slips <= 2) return `did you mean "${near.candidate}"?`;
  const shownIds =
    known.length <= 12 ? oneOf(known) : `one of the ${known.length} known, such as ${known.slice(0, 3).join(', ')}`;
  return `expected ${shownIds}`;
}

/** Levenshtein's distance, of texts of at most 64 characters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function isoTime(ms: number): string {
  return Temporal.Instant.fromEpochMilliseconds(ms).toString();
}

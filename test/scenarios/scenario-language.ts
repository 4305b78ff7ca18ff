/**
 * The language of the .scenario files: one sentence a line, read into steps. What a step does is in scenario-run.ts.
 *
 *   at 2026-11-23T09:59 Europe/London                        first line: the box's clock, and the setting's zone
 *   clock auto                                               as in the settings file; "trust-system" when left out
 *   local site gate.nursery.example                          as there; stairgate.home.arpa when left out
 *   answering threads 2                                      as there; one when left out
 *   list "Strict" [protected] ads.example www.tiktok.com     a block list in the settings file
 *
 *   open monday-friday 08:00-12:00, 13:00-18:00              the week replaces what these days had before
 *   break monday 12:00-13:00
 *   closure "Training" 2026-11-23..2026-11-24
 *   term "Autumn" 2026-09-01..2026-12-18
 *   opening "Open evening" 2026-11-23 19:00-21:00
 *   network 192.168.7.0/24 in guest                          the first one replaces the default policy's networks
 *   device "Office PC" 127.0.0.1, ::1 in setting             again under the same name: it has changed
 *   forget "Office PC"                                       the policy names it no more
 *   restrict setting service:whatsapp never                  or opening-hours, always; or category:gaming
 *   safe search setting off youtube strict                   or on; youtube off, moderate
 *
 *   query www.tiktok.com A from "Office PC" over tcp -> allowed ttl<=30
 *         [type, from, over are optional]            -> blocked [nodata] [because "opening hours"] | refused | local-site
 *                                                    -> shown by forcesafesearch.google.com
 *   grant g1 service:tiktok to "Office PC" [from 10:00] until 10:30     or category:…, all-social; to group:office
 *   revoke g1
 *   pass 31m | pass to 12:00 | pass to 2026-11-24T08:00      time goes by, and the box notices
 *   wait until 08:00:00                                      the same, second by second
 *   clock set to 09:00 | clock set to 2020-01-01T00:00       somebody or something sets the clock
 *   time service away | time service back                    whether somebody vouches for the clock; it is back at first
 *   dashboard away | dashboard back
 *   dashboard's clock 20s ahead                              or behind, compared with the box's
 *   restart [after 45m] | power cut [for 45m]
 *   usage "Office PC" tiktok blocked 3 in 2 minutes          or unnamed; consecutive lines are all that was counted
 *   usage none
 *
 * Sentences about the policy, once the box runs, go together to it from the dashboard as its next version.
 */
import type { Restriction, SafeSearch } from '../../policy-rules/policy.ts';

export interface Scenario {
  /** The first comment of the file. */
  readonly title: string;
  readonly steps: readonly Step[];
}

export type Step = { readonly line: number; readonly text: string } & Sentence;

export type Sentence =
  | { readonly kind: 'at'; readonly time: string; readonly timeZone: string }
  | { readonly kind: 'clock-mode'; readonly mode: 'auto' | 'trust-system' }
  | { readonly kind: 'site'; readonly name: string }
  | { readonly kind: 'threads'; readonly count: number }
  | { readonly kind: 'list'; readonly name: string; readonly isProtected: boolean; readonly hosts: readonly string[] }
  | PolicySentence
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly type: string;
      /** An address or a device's name. */
      readonly from: string;
      readonly transport: 'udp' | 'tcp';
      readonly expected: Expected;
    }
  | {
      readonly kind: 'grant';
      readonly id: string;
      readonly scope: string;
      readonly target: string;
      readonly from: string | null;
      readonly until: string;
    }
  | { readonly kind: 'revoke'; readonly id: string }
  | { readonly kind: 'pass'; readonly minutes: number }
  | { readonly kind: 'pass-to' | 'wait-until' | 'set-clock'; readonly time: string }
  | { readonly kind: 'dashboard' | 'time-service'; readonly state: 'away' | 'back' }
  | { readonly kind: 'dashboard-clock'; readonly aheadMinutes: number }
  | { readonly kind: 'restart' | 'power-cut'; readonly afterMinutes: number }
  | {
      readonly kind: 'usage';
      readonly device: string;
      readonly service: string;
      readonly verdict: string;
      readonly count: number;
      /** Active ones. */
      readonly minutes: number;
    }
  | { readonly kind: 'usage-none' };

export type PolicySentence =
  | { readonly kind: 'open' | 'break'; readonly days: readonly Day[]; readonly periods: readonly Span[] }
  | { readonly kind: 'closure' | 'term'; readonly name: string; readonly first: string; readonly last: string }
  | { readonly kind: 'opening'; readonly name: string; readonly date: string; readonly period: Span }
  | { readonly kind: 'network'; readonly range: string; readonly group: string }
  | { readonly kind: 'device'; readonly name: string; readonly addresses: readonly string[]; readonly group: string }
  | { readonly kind: 'forget'; readonly name: string }
  | {
      readonly kind: 'restrict';
      readonly group: string;
      readonly what: string;
      readonly restriction: Restriction;
    }
  | { readonly kind: 'safe-search'; readonly group: string; readonly safeSearch: SafeSearch };

export interface Span {
  readonly from: string;
  readonly to: string;
}

export interface Expected {
  readonly outcome: 'allowed' | 'blocked' | 'refused' | 'local-site' | 'shown by';
  /** Seconds; of an allowed answer. */
  readonly maxTtl: number | null;
  /** Blocked by NODATA rather than NXDOMAIN. */
  readonly nodata: boolean;
  /** Words within the extended error's text. */
  readonly because: string | null;
  /** The safe host, where the outcome is "shown by". */
  readonly host: string | null;
}

export const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Day = (typeof days)[number];

export function isPolicySentence(step: Sentence): step is PolicySentence {
  return policyKinds.has(step.kind);
}

const policyKinds: ReadonlySet<string> = new Set<PolicySentence['kind']>([
  'open',
  'break',
  'closure',
  'term',
  'opening',
  'network',
  'device',
  'forget',
  'restrict',
  'safe-search',
]);

/** Throws an Error with the file's name and the line of the first sentence that makes no sense. */
export function parseScenario(text: string, file: string): Scenario {
  const lines = text.split('\n').map((line) => line.trim());
  const steps = lines.flatMap((line, index): Step[] => {
    if (line === '' || line.startsWith('#')) return [];
    const sentence = sentenceOf(line);
    if (sentence === null) throw new Error(`${file}:${index + 1}: "${line}" is no sentence that a scenario knows`);
    return [{ line: index + 1, text: line, ...sentence }];
  });
  if (steps[0]?.kind !== 'at') throw new Error(`${file}:1: expected "at TIME ZONE" as the first sentence`);
  const title = lines
    .find((line) => line.startsWith('#'))
    ?.slice(1)
    .trim();
  if (title === undefined) throw new Error(`${file}:1: expected a comment that says what the scenario shows`);
  return { title, steps };
}

/** The first pattern that fits the whole line says what it means. */
function sentenceOf(line: string): Sentence | null {
  for (const [pattern, read] of sentences) {
    const found = new RegExp(`^${pattern}$`).exec(line);
    if (found !== null) return read((key) => found.groups?.[key] ?? '');
  }
  return null;
}

type Reader = (part: (key: string) => string) => Sentence | null;

const TIME = String.raw`(?<time>(\d{4}-\d{2}-\d{2}T)?\d{2}:\d{2}(:\d{2})?)`;
const PERIOD = String.raw`\d{2}:\d{2}-\d{2}:\d{2}`;
const NAME = `"(?<name>[^"]+)"`;
const DATES = String.raw`(?<first>\d{4}-\d{2}-\d{2})\.\.(?<last>\d{4}-\d{2}-\d{2})`;
const WHO = (key: string) => String.raw`("(?<${key}>[^"]+)"|(?<${key}Plain>\S+))`;

const sentences: readonly (readonly [pattern: string, read: Reader])[] = [
  [`at ${TIME} (?<zone>\\S+)`, (part) => ({ kind: 'at', time: part('time'), timeZone: part('zone') })],
  ['clock auto', () => ({ kind: 'clock-mode', mode: 'auto' })],
  ['local site (?<name>\\S+)', (part) => ({ kind: 'site', name: part('name') })],
  ['answering threads (?<count>\\d)', (part) => ({ kind: 'threads', count: Number(part('count')) })],
  [`forget ${NAME}`, (part) => ({ kind: 'forget', name: part('name') })],
  ['clock trust-system', () => ({ kind: 'clock-mode', mode: 'trust-system' })],
  [
    `list ${NAME}(?<protected> protected)? (?<hosts>.+)`,
    (part) => ({
      kind: 'list',
      name: part('name'),
      isProtected: part('protected') !== '',
      hosts: part('hosts').split(' '),
    }),
  ],
  [
    `(?<kind>open|break) (?<days>[a-z-]+) (?<periods>${PERIOD}(, ${PERIOD})*)`,
    (part) => {
      const named = daysOf(part('days'));
      if (named === null) return null;
      return {
        kind: part('kind') === 'open' ? 'open' : 'break',
        days: named,
        periods: part('periods').split(', ').map(spanOf),
      };
    },
  ],
  [
    `(?<kind>closure|term) ${NAME} ${DATES}`,
    (part) => ({
      kind: part('kind') === 'term' ? 'term' : 'closure',
      name: part('name'),
      first: part('first'),
      last: part('last'),
    }),
  ],
  [
    `opening ${NAME} (?<date>\\d{4}-\\d{2}-\\d{2}) (?<period>${PERIOD})`,
    (part) => ({ kind: 'opening', name: part('name'), date: part('date'), period: spanOf(part('period')) }),
  ],
  [
    `network (?<range>\\S+) in (?<group>\\S+)`,
    (part) => ({ kind: 'network', range: part('range'), group: part('group') }),
  ],
  [
    `device ${NAME} (?<addresses>\\S+(, \\S+)*) in (?<group>\\S+)`,
    (part) => ({
      kind: 'device',
      name: part('name'),
      addresses: part('addresses').split(', '),
      group: part('group'),
    }),
  ],
  [
    `restrict (?<group>\\S+) (?<what>(service|category):\\S+) (?<restriction>never|opening-hours|always)`,
    (part) => ({
      kind: 'restrict',
      group: part('group'),
      what: part('what'),
      // The pattern lets nothing else pass.
      restriction: part('restriction') as Restriction,
    }),
  ],
  [
    'safe search (?<group>\\S+) (?<search>on|off) youtube (?<youtube>off|moderate|strict)',
    (part) => ({
      kind: 'safe-search',
      group: part('group'),
      safeSearch: { search: part('search') === 'on', youtube: part('youtube') as SafeSearch['youtube'] },
    }),
  ],
  [
    `query (?<name>\\S+)( (?<type>[A-Z]+))?( from ${WHO('from')})?( over (?<transport>udp|tcp))? -> (?<outcome>allowed|blocked|refused|local-site|shown by)(?<host> \\S+\\.\\S+)?( ttl<=(?<ttl>\\d+))?(?<nodata> nodata)?( because "(?<because>[^"]+)")?`,
    (part) => ({
      kind: 'query',
      name: part('name'),
      type: part('type') || 'A',
      from: part('from') || part('fromPlain') || '127.0.0.1',
      transport: part('transport') === 'tcp' ? 'tcp' : 'udp',
      expected: {
        outcome: part('outcome') as Expected['outcome'],
        maxTtl: part('ttl') === '' ? null : Number(part('ttl')),
        nodata: part('nodata') !== '',
        because: part('because') || null,
        host: part('host').trim() || null,
      },
    }),
  ],
  [
    `grant (?<id>\\S+) (?<scope>service:\\S+|category:\\S+|all-social) to ${WHO('target')}( from (?<from>\\S+))? until (?<until>\\S+)`,
    (part) => ({
      kind: 'grant',
      id: part('id'),
      scope: part('scope'),
      target: part('target') || part('targetPlain'),
      from: part('from') || null,
      until: part('until'),
    }),
  ],
  [`revoke (?<id>\\S+)`, (part) => ({ kind: 'revoke', id: part('id') })],
  [`pass (?<duration>\\d+[smh])`, (part) => ({ kind: 'pass', minutes: minutesOf(part('duration')) })],
  [`pass to ${TIME}`, (part) => ({ kind: 'pass-to', time: part('time') })],
  [`wait until ${TIME}`, (part) => ({ kind: 'wait-until', time: part('time') })],
  [`clock set to ${TIME}`, (part) => ({ kind: 'set-clock', time: part('time') })],
  ['dashboard away', () => ({ kind: 'dashboard', state: 'away' })],
  ['dashboard back', () => ({ kind: 'dashboard', state: 'back' })],
  ['time service away', () => ({ kind: 'time-service', state: 'away' })],
  ['time service back', () => ({ kind: 'time-service', state: 'back' })],
  [
    `dashboard's clock (?<duration>\\d+[smh]) (?<direction>ahead|behind)`,
    (part) => ({
      kind: 'dashboard-clock',
      aheadMinutes: (part('direction') === 'ahead' ? 1 : -1) * minutesOf(part('duration')),
    }),
  ],
  [
    `power cut( for (?<duration>\\d+[smh]))?`,
    (part) => ({ kind: 'power-cut', afterMinutes: part('duration') === '' ? 0 : minutesOf(part('duration')) }),
  ],
  [
    `restart( after (?<duration>\\d+[smh]))?`,
    (part) => ({ kind: 'restart', afterMinutes: part('duration') === '' ? 0 : minutesOf(part('duration')) }),
  ],
  [
    `usage ${WHO('device')} (?<service>\\S+) (?<verdict>blocked|granted) (?<count>\\d+) in (?<minutes>\\d+) minutes?`,
    (part) => ({
      kind: 'usage',
      device: part('device') || part('devicePlain'),
      service: part('service'),
      verdict: part('verdict'),
      count: Number(part('count')),
      minutes: Number(part('minutes')),
    }),
  ],
  ['usage none', () => ({ kind: 'usage-none' })],
];

/** "monday-friday" and "saturday"; null for what is no day, or a span that runs backwards. */
function daysOf(text: string): readonly Day[] | null {
  const [first = '', last = first] = text.split('-');
  const names: readonly string[] = days;
  const span = days.slice(names.indexOf(first), names.indexOf(last) + 1);
  return names.includes(first) && span.length > 0 ? span : null;
}

function spanOf(text: string): Span {
  const [from = '', to = ''] = text.split('-');
  return { from, to };
}

function minutesOf(duration: string): number {
  const amount = Number(duration.slice(0, -1));
  return duration.endsWith('h') ? 60 * amount : duration.endsWith('m') ? amount : amount / 60;
}

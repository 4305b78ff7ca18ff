/**
 * Grants as people see them: what was given together, and what it was extended by, is one permission with its story.
 */
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { BoxPresence, DayBefore, GrantModel, GrantState, StoryStep, UsualGrant } from '../views/models.ts';
import { refusalsOf } from './boxes.ts';
import { type GrantRow, type GrantWish, openRows, personOf, storyRows, toGrant } from './grants.ts';
import { scopeName, targetName } from './naming.ts';
import { addDays, calendarOf, instantOf } from './opening.ts';
import { overlapsIn } from './overlapping.ts';
import { policyOf } from './policies.ts';
import type { Store } from './store.ts';

export function findStory(store: Store, id: string, box: BoxPresence, nowMs: number): GrantModel | null {
  const rows = storyRows(store, id);
  return rows.length === 0
    ? null
    : toModel(store, rows, overlapsIn(policyOf(store), openRows(store, nowMs)), box, nowMs);
}

/** In force, booked, on their way, ended or noted within the last hour; soonest end first. */
export function currentStories(store: Store, box: BoxPresence, nowMs: number): GrantModel[] {
  const since = nowMs - RECENTLY_MS;
  const { timeZone } = policyOf(store);
  const tomorrow = instantOf(timeZone, addDays(calendarOf(timeZone, nowMs).date, 1));
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('story', 'in', (eb) =>
        eb
          .selectFrom('grants')
          .select('story')
          .where('until_at', '>', since)
          .where((or) => or.or([or('revoked_at', 'is', null), or('revoked_at', '>', since)]))
          .where('after_the_fact', '=', 0)
          .unionAll(
            eb.selectFrom('grants').select('story').where('granted_at', '>', since).where('after_the_fact', '=', 1),
          ),
      )
      // What stands for an official channel on other days is in its register.
      .where((eb) => eb.or([eb('channel_id', 'is', null), eb('from_at', '<', tomorrow)]))
      .orderBy('granted_at')
      .orderBy('target_json'),
  );
  const also = overlapsIn(policyOf(store), openRows(store, nowMs));
  return byStory(rows)
    .map((story) => toModel(store, story, also, box, nowMs))
    .toSorted((a, b) => a.until - b.until);
}

const RECENTLY_MS = 60 * 60_000;

/** The same permission again, as long as it was with all its extensions; null when there is no such grant. */
export function wishToRepeat(store: Store, id: string): GrantWish | null {
  const rows = storyRows(store, id);
  const [first] = rows;
  if (first === undefined) return null;
  const { scope, purpose, mode, reason } = toGrant(first);
  const askedBy = personOf(first);
  const targets = targetsOf(rows).map((json) => JSON.parse(json) as GrantTarget);
  return { targets, scope, purpose, mode, reason, askedBy, until: { minutes: minutesOf(rows) } };
}

interface Habits {
  /** Those of the last day before this one on which there were any; null when that is more than a week ago. */
  readonly dayBefore: DayBefore | null;
  /** Other ones of the last four weeks, the most frequent first. */
  readonly usual: UsualGrant[];
  readonly scopes: GrantScope[];
}

/** What was given lately to devices and groups that are still there, to be given again. */
export function habits(store: Store, nowMs: number): Habits {
  const policy = policyOf(store);
  const known = new Set([
    ...ownDevices(policy).map(({ id }) => JSON.stringify({ device: id })),
    ...policy.groups.map(({ id }) => JSON.stringify({ group: id })),
  ]);
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('granted_at', '>', nowMs - USUAL_SPAN_MS)
      .where('purpose', '!=', 'emergency')
      .where('after_the_fact', '=', 0)
      .where('channel_id', 'is', null)
      .orderBy('granted_at')
      .orderBy('target_json'),
  );
  const stories = byStory(rows)
    .filter((story) => story.every(({ target_json }) => known.has(target_json)))
    .toReversed();
  const scopes = [...new Set(stories.map(([first]) => first.scope_json))].map((json) => JSON.parse(json) as GrantScope);
  const toModels = (some: readonly Story[]) =>
    some.slice(0, SHOWN).map((story) => ({
      grantId: story[0].id,
      targets: targetsOf(story).map((json) => targetName(policy, JSON.parse(json))),
      scope: scopeName(JSON.parse(story[0].scope_json)),
      minutes: minutesOf(story),
      reason: story[0].reason,
    }));
  const day = dayBefore(policy.timeZone, stories, nowMs);
  const ofDay = mostFrequent(day?.stories ?? []);
  const shown = new Set(ofDay.map(whatItGave));
  return {
    usual: toModels(mostFrequent(stories).filter((story) => !shown.has(whatItGave(story)))),
    dayBefore: day === null ? null : { at: day.at, grants: toModels(ofDay) },
    scopes,
  };
}

const USUAL_SPAN_MS = 28 * 24 * 60 * 60_000;
const SHOWN = 4;

/** Over a weekend, and over a bank holiday beside one. */
const DAY_BEFORE_SPAN_DAYS = 7;

/** Of those that are alike one, the latest; the most frequent first. */
function mostFrequent(stories: readonly Story[]): Story[] {
  const counted = new Map<string, { story: Story; times: number }>();
  for (const story of stories) {
    const key = whatItGave(story);
    const seen = counted.get(key);
    if (seen === undefined) counted.set(key, { story, times: 1 });
    else seen.times += 1;
  }
  return [...counted.values()].toSorted((a, b) => b.times - a.times).map(({ story }) => story);
}

/** What giving it again would give. */
function whatItGave(story: Story): string {
  return [...targetsOf(story), story[0].scope_json, minutesOf(story), story[0].reason].join('\n');
}

/** By the day on which they began, so that what was booked counts for the day that it was booked for. */
function dayBefore(
  timeZone: string,
  stories: readonly Story[],
  nowMs: number,
): { at: number; stories: Story[] } | null {
  const today = calendarOf(timeZone, nowMs).date;
  const todayMs = instantOf(timeZone, today);
  const starts = stories.map(([first]) => first.from_at).filter((at) => at < todayMs);
  const last = Math.max(...starts);
  if (starts.length === 0 || last < instantOf(timeZone, addDays(today, -DAY_BEFORE_SPAN_DAYS))) return null;
  const { date } = calendarOf(timeZone, last);
  const [begins, ends] = [instantOf(timeZone, date), instantOf(timeZone, addDays(date, 1))];
  return { at: last, stories: stories.filter(([{ from_at }]) => from_at >= begins && from_at < ends) };
}

export type Story = readonly [GrantRow, ...GrantRow[]];

/** In the order of their first rows. `keyOf`: where a story is to be told in parts. */
export function byStory(rows: readonly GrantRow[], keyOf = ({ story }: GrantRow): string => story): Story[] {
  const stories = new Map<string, [GrantRow, ...GrantRow[]]>();
  for (const row of rows) {
    const key = keyOf(row);
    const story = stories.get(key);
    if (story === undefined) stories.set(key, [row]);
    else story.push(row);
  }
  return [...stories.values()];
}

/** Each device or group once, as JSON text. */
export function targetsOf(rows: readonly GrantRow[]): string[] {
  return [...new Set(rows.map(({ target_json }) => target_json))];
}

function toModel(
  store: Store,
  rows: readonly GrantRow[],
  also: ReturnType<typeof overlapsIn>,
  box: BoxPresence,
  nowMs: number,
): GrantModel {
  const policy = policyOf(store);
  const { id: _id, target: _target, revokedAt: _at, revokedBy: _by, ...facts } = toGrant(rows[0]!);
  return {
    ...facts,
    id: rows[0]!.story,
    targets: targetsOf(rows).map((json) => targetName(policy, JSON.parse(json))),
    scope: scopeName(facts.scope),
    from: Math.min(...rows.map(({ from_at }) => from_at)),
    until: Math.max(...rows.map(({ until_at }) => until_at)),
    toSelf: rows.some(({ to_self }) => to_self === 1),
    state: storyState(rows.map((row) => stateOf(store, row, box, nowMs))),
    told: stepsOf(rows),
    also: also(rows[0]!.story),
  };
}

/** A step for everything that people did, whatever the number of devices. */
function stepsOf(rows: readonly GrantRow[]): StoryStep[] {
  const began = new Map(rows.map(({ id, granted_at }) => [id, granted_at]));
  const steps = rows.map((row): StoryStep => {
    const step = { at: row.granted_at, by: row.granted_by, until: row.until_at };
    if (row.after_the_fact === 1) return { kind: 'noted', ...step };
    if (row.granted_at !== began.get(row.decision)) return { kind: 'extended', ...step };
    if (row.decision === row.story) return { kind: 'given', ...step };
    return {
      kind: 'joined',
      ...step,
      purpose: row.purpose as Grant['purpose'],
      person: row.asked_by,
      reason: row.reason,
    };
  });
  for (const { revoked_at, revoked_by } of rows) {
    if (revoked_at !== null) steps.push({ kind: 'ended', at: revoked_at, by: revoked_by ?? '' });
  }
  return [...new Map(steps.map((step) => [`${step.kind} ${step.at}`, step])).values()].toSorted((a, b) => a.at - b.at);
}

/** What needs saying first, over all parts of the story: they are one permission to whoever reads it. */
function storyState(states: readonly GrantState[]): GrantState {
  for (const kind of ['ending', 'refused', 'waiting', 'sending'] as const) {
    const found = states.find((state) => state.kind === kind);
    if (found !== undefined) return found;
  }
  const inForce = states.filter((state) => state.kind === 'in-force');
  if (inForce.length > 0) return { kind: 'in-force', since: Math.min(...inForce.map(({ since }) => since)) };
  const other = states.find((state) => state.kind === 'booked' || state.kind === 'noted');
  if (other !== undefined) return other;
  return states.filter((state) => state.kind === 'ended').toSorted((a, b) => b.at - a.at)[0]!;
}

function stateOf(store: Store, row: GrantRow, box: BoxPresence, nowMs: number): GrantState {
  if (row.after_the_fact === 1) return { kind: 'noted' };
  if (row.revoked_at !== null) {
    const over = row.end_confirmed_at !== null || row.until_at <= nowMs || box.kind === 'none';
    if (over) return { kind: 'ended', at: row.revoked_at, early: row.revoked_by ?? '' };
    return { kind: 'ending', boxAwaySince: box.kind === 'away' ? box.since : null };
  }
  if (row.until_at <= nowMs) return { kind: 'ended', at: row.until_at, early: null };
  if (row.in_force_at !== null && row.from_at > nowMs) return { kind: 'booked', from: row.from_at };
  if (row.in_force_at !== null) return { kind: 'in-force', since: Math.max(row.in_force_at, row.from_at) };
  const refusal = refusalsOf(store).grants;
  // A refusal of version 0 is of something that the box could not even read, so of the newest that it was sent.
  if (refusal !== undefined && (refusal.version === 0 || refusal.version >= row.version)) {
    return { kind: 'refused', reason: refusal.reason };
  }
  if (box.kind === 'working') return { kind: 'sending' };
  return { kind: 'waiting', boxAwaySince: box.kind === 'away' ? box.since : null };
}

function minutesOf(rows: readonly GrantRow[]): number {
  const from = Math.min(...rows.map(({ from_at }) => from_at));
  const until = Math.max(...rows.map(({ until_at }) => until_at));
  return Math.max(1, Math.round((until - from) / 60_000));
}

/** The figures of a period that a committee reviews. No device and no name is in them. */

import type { YearModel } from '../views/models.ts';
import { addDays, calendarOf, instantOf } from './opening.ts';
import { policyOf } from './policies.ts';
import { readActions } from './record.ts';
import type { RecordEvent } from './record-events.ts';
import type { Store } from './store.ts';
import { daysWithoutReport, monthlyFigures } from './usage.ts';

export type YearFigures = Pick<
  YearModel,
  'months' | 'services' | 'grants' | 'channels' | 'requests' | 'policyChanges' | 'daysWithoutReport'
>;

/**
 * Null bounds are the last twelve whole months and this one. `wholeMonths`: a bound means its whole month, as far as that
 * has come. Whoever could choose days would take one period from another until a single count was left.
 */
export function spanOf(
  store: Store,
  first: string | null,
  last: string | null,
  wholeMonths: boolean,
  nowMs: number,
): Pick<YearModel, 'first' | 'last' | 'monthChoices'> {
  const today = calendarOf(policyOf(store).timeZone, nowMs).date;
  const monthChoices = wholeMonths ? monthsKept(today) : null;
  if (first === null || last === null) return { first: yearBefore(today), last: today, monthChoices };
  if (!wholeMonths) return { first, last, monthChoices };
  return { first: `${first.slice(0, 7)}-01`, last: [endOfMonth(last), today].toSorted()[0]!, monthChoices };
}

function endOfMonth(date: string): string {
  const [year = 0, month = 1] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The newest first. */
function monthsKept(today: string): string[] {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - MONTHS_KEPT, 1)).toISOString();
  return monthsBetween(first, today).toReversed();
}

/** As retention.ts keeps figures of months. */
const MONTHS_KEPT = 25;

/** `first` and `last` (YYYY-MM-DD) are included; at most thirteen months. */
export function yearFigures(store: Store, first: string, last: string, nowMs: number): YearFigures {
  const { timeZone } = policyOf(store);
  const fromMs = instantOf(timeZone, first);
  const toMs = instantOf(timeZone, addDays(last, 1));
  const months = monthsBetween(first, last);
  const count = (type: 'request-made' | 'request-refused' | 'request-lapsed') =>
    readActions(store, [type], fromMs, toMs).length;
  return {
    months,
    services: monthlyFigures(store, months),
    grants: grantFigures(store, fromMs, toMs),
    channels: channelFigures(store, fromMs, Math.min(toMs, nowMs)),
    requests: { made: count('request-made'), refused: count('request-refused'), lapsed: count('request-lapsed') },
    policyChanges: readActions(store, policyActions, fromMs, toMs),
    daysWithoutReport: daysWithoutReport(store, first, last),
  };
}

const policyActions: readonly RecordEvent['type'][] = [
  'hours-changed',
  'opening-added',
  'safe-search-changed',
  'restriction-changed',
  'network-changed',
  'policy-adopted',
  'policy-changed',
  'policy-undone',
  'policy-refused',
];

function monthsBetween(first: string, last: string): string[] {
  const months: string[] = [];
  let [year = 0, month = 0] = first.split('-').map(Number);
  for (;;) {
    const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}`;
    if (text > last.slice(0, 7)) return months;
    months.push(text);
    month += 1;
    if (month > 12) {
      year += 1;
      month = 1;
    }
  }
}

/** Counted apart: what follows from the register was decided once, when the channel was approved. */
function channelFigures(store: Store, fromMs: number, toMs: number): YearModel['channels'] {
  const slots = store.run((db) =>
    db
      .selectFrom('grants')
      .select('channel_id')
      .where('channel_id', 'is not', null)
      // What a slot was extended by is no further one.
      .whereRef('id', '=', 'story')
      .where('from_at', '>=', fromMs)
      .where('from_at', '<', toMs)
      .where((eb) => eb.or([eb('revoked_at', 'is', null), eb('revoked_at', '>', eb.ref('from_at'))])),
  );
  return { channels: new Set(slots.map(({ channel_id }) => channel_id)).size, permissions: slots.length };
}

function grantFigures(store: Store, fromMs: number, toMs: number): YearModel['grants'] {
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .select(['id', 'decision', 'purpose', 'mode', 'reason', 'to_self', 'revoked_at'])
      // What was extended, or given to several devices at once, was one decision.
      .where('decision', 'in', (eb) =>
        eb
          .selectFrom('grants')
          .select('decision')
          .where('granted_at', '>=', fromMs)
          .where('granted_at', '<', toMs)
          .where('channel_id', 'is', null)
          .whereRef('id', '=', 'decision'),
      ),
  );
  type Row = (typeof rows)[number];
  const decisions = rows.filter(({ id, decision }) => id === decision);
  const having = (is: (row: Row) => boolean) => decisions.filter(is).length;
  const withAny = (is: (row: Row) => boolean) => new Set(rows.filter(is).map(({ decision }) => decision)).size;
  const reasons = new Map<string, number>();
  for (const { reason } of decisions) {
    if (reason !== '') reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return {
    total: decisions.length,
    // Also where somebody else gave it and they extended it for themselves.
    toSelf: withAny((row) => row.to_self === 1),
    endedEarly: withAny((row) => row.revoked_at !== null),
    byPurpose: {
      personal: having((row) => row.purpose === 'personal'),
      official: having((row) => row.purpose === 'official'),
      emergency: having((row) => row.purpose === 'emergency'),
    },
    byMode: {
      written: having((row) => row.mode === 'written'),
      verbal: having((row) => row.mode === 'verbal'),
    },
    reasons: [...reasons].map(([reason, total]) => ({ reason, count: total })).toSorted((a, b) => b.count - a.count),
  };
}

/** The first of the month eleven months before: twelve months with the one that today is in. */
export function yearBefore(today: string): string {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const first = new Date(Date.UTC(year, month - 1 - 11, 1));
  return first.toISOString().slice(0, 10);
}

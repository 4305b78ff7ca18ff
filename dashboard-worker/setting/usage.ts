/**
 * Usage: counts and active minutes of catalogued services, as the box uploads them.
 *
 * An upload is applied once, whatever is repeated: its number and its rows are one transaction. Every sum is kept as
 * the rows come in, so that retention deletes the finer tables and changes no figure of the coarser ones.
 */
import type { UsageRow } from '../../policy-rules/agent-protocol.ts';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { DeviceDay, DeviceUsageModel, UsageModel, YearModel } from '../views/models.ts';
import { reportingSince } from './device-reporting.ts';
import { categoryName, serviceName } from './naming.ts';
import { addDays, calendarOf, mondayOf } from './opening.ts';
import { policyOf } from './policies.ts';
import type { Store } from './store.ts';

/**
 * "repeated" when a batch of that number was applied before, "unusable" when rows of it were left out since they cannot
 * be right. In any case the box may forget it.
 */
export function applyUsage(
  store: Store,
  boxId: string,
  seq: number,
  rows: readonly UsageRow[],
  nowMs: number,
): 'applied' | 'repeated' | 'unusable' {
  return store.transaction(() => {
    const applied = store.first((db) => db.selectFrom('usage_applied').select('seq').where('box_id', '=', boxId));
    if (applied !== undefined && seq <= applied.seq) return 'repeated';
    const policy = policyOf(store);
    const counted = new Set(ownDevices(policy).map(({ id }) => id));
    const usable = rows.filter((row) => isUsable(row, nowMs));
    const since = reportingSince(store);
    for (const row of usable) {
      if (!mayBeKept(row, counted)) continue;
      // "" is where devices are counted together. An hour that had begun by then is of before.
      const isTold = since !== null && row.hourStart >= since;
      applyRow(store, isTold ? row : { ...row, device: '' }, policy.timeZone);
    }
    store.change((db) =>
      db
        .insertInto('usage_applied')
        .values({ box_id: boxId, seq })
        .onConflict((conflict) => conflict.column('box_id').doUpdateSet({ seq })),
    );
    return usable.length === rows.length ? 'applied' : 'unusable';
  });
}

export function noteReportingDay(store: Store, nowMs: number): void {
  const { date } = calendarOf(policyOf(store).timeZone, nowMs);
  store.change((db) =>
    db
      .insertInto('reporting_days')
      .values({ date })
      .onConflict((conflict) => conflict.doNothing()),
  );
}

type UsageFigures = Omit<UsageModel, 'frame' | 'reporting' | 'devices'>;

/** This week from its Monday, or the term that today is in; without terms the last twelve weeks. */
export function usageFigures(store: Store, span: UsageModel['span'], nowMs: number): UsageFigures {
  const { timeZone, hours } = policyOf(store);
  const { date: today, week } = calendarOf(timeZone, nowMs);
  const term = hours.terms.find(({ first, last }) => first <= today && today <= last) ?? null;
  const first = span === 'week' ? week : (term?.first ?? addDays(week, -7 * (WEEKS_WITHOUT_TERM - 1)));
  // Weeks are whole: the first of a term that begins on a Wednesday holds the Monday and Tuesday before it.
  const rows = store.run((db) =>
    db
      .selectFrom('usage_weeks')
      .select(['service', 'verdict', 'hour'])
      .select((eb) => eb.fn.sum<number>('minutes').as('minutes'))
      .where('week', '>', addDays(first, -7))
      .groupBy(['service', 'verdict', 'hour']),
  );
  const byService = new Map<string, Sum>();
  const byHour = new Map<number, Sum>();
  for (const { service, verdict, hour, minutes } of rows) {
    addTo(byService, service, verdict, minutes);
    addTo(byHour, hour, verdict, minutes);
  }
  return {
    span,
    termName: span === 'term' ? (term?.name ?? null) : null,
    first,
    last: today,
    byService: [...byService].map(([service, minutes]) => ({ serviceName: serviceName(service), ...minutes })),
    byHour: [...byHour].map(([hour, minutes]) => ({ hour, ...minutes })),
  };
}

const WEEKS_WITHOUT_TERM = 12;

/**
 * Of one of the setting's own devices: what is kept by week, and one week of it by day. `asked`: the Monday (YYYY-MM-DD)
 * of that week; any other text stands for the newest.
 */
export function deviceFigures(
  store: Store,
  device: string,
  asked: string,
): Pick<DeviceUsageModel, 'total' | 'weeks' | 'week'> {
  const rows = store.run((db) =>
    db
      .selectFrom('usage_days')
      .select(['date', 'service', 'verdict', 'minutes'])
      .where('device', '=', device)
      .orderBy('date', 'desc'),
  );
  const [byWeek, all] = [new Map<string, Sum>(), new Map<'all', Sum>()];
  for (const { date, verdict, minutes } of rows) {
    addTo(byWeek, mondayOf(date), verdict, minutes);
    addTo(all, 'all', verdict, minutes);
  }
  const mondays = [...byWeek.keys()];
  const monday = mondays.find((one) => one === asked) ?? mondays[0] ?? null;
  return {
    total: all.get('all') ?? { blocked: 0, granted: 0 },
    weeks: [...byWeek].map(([one, minutes]) => ({ monday: one, ...minutes })),
    week: monday === null ? null : { monday, days: daysOf(rows.filter(({ date }) => mondayOf(date) === monday)) },
  };
}

function daysOf(rows: readonly { date: string; service: string; verdict: string; minutes: number }[]): DeviceDay[] {
  const [days, totals] = [new Map<string, Map<string, Sum>>(), new Map<string, Sum>()];
  for (const { date, service, verdict, minutes } of rows) {
    const kinds = days.get(date) ?? new Map();
    days.set(date, kinds);
    addTo(kinds, categoryOf.get(service) ?? service, verdict, minutes);
    addTo(totals, date, verdict, minutes);
  }
  return [...days].map(([date, kinds]) => ({
    date,
    total: totals.get(date)!,
    categories: [...kinds]
      .map(([category, minutes]) => ({ categoryName: categoryName(category), ...minutes }))
      .toSorted((a, b) => b.blocked + b.granted - a.blocked - a.granted),
  }));
}

const categoryOf = new Map(catalogue.services.map(({ id, category }) => [id, category]));

/** Active minutes of each service along the months ("YYYY-MM"). */
export function monthlyFigures(store: Store, months: readonly string[]): YearModel['services'] {
  const rows = store.run((db) => db.selectFrom('usage_months').selectAll().where('month', 'in', months));
  const services = new Map<string, { blocked: number[]; granted: number[] }>();
  for (const { service, verdict, month, minutes } of rows) {
    const figures = services.get(service) ?? { blocked: months.map(() => 0), granted: months.map(() => 0) };
    services.set(service, figures);
    const at = months.indexOf(month);
    const series = verdict === 'blocked' ? figures.blocked : figures.granted;
    series[at] = (series[at] ?? 0) + minutes;
  }
  return [...services].map(([service, figures]) => ({ serviceName: serviceName(service), ...figures }));
}

/** Days from `first` to `last` on which the box was not heard from; null when there was no box on any of them. */
export function daysWithoutReport(store: Store, first: string, last: string): number | null {
  const { timeZone } = policyOf(store);
  const enrolled = store.first((db) => db.selectFrom('boxes').select((eb) => eb.fn.min('enrolled_at').as('at')))?.at;
  if (enrolled === undefined || enrolled === null) return null;
  const begin = [first, calendarOf(timeZone, enrolled).date].toSorted()[1]!;
  if (begin > last) return null;
  const heard = store.first((db) =>
    db
      .selectFrom('reporting_days')
      .select((eb) => eb.fn.countAll<number>().as('days'))
      .where('date', '>=', begin)
      .where('date', '<=', last),
  )!.days;
  return Math.max(0, daysBetween(begin, last) - heard);
}

/** A whole hour, not from before there were boxes nor from further ahead than a clock may be wrong. */
function isUsable({ hourStart, count }: UsageRow, nowMs: number): boolean {
  const isHour = hourStart % HOUR_MS === 0 && hourStart >= FIRST_HOUR && hourStart <= nowMs + 24 * HOUR_MS;
  return isHour && count <= COUNT_MAX;
}

const HOUR_MS = 60 * 60_000;
const FIRST_HOUR = Date.UTC(2020, 0, 1);
/** Look-ups of one hour: more than any box answers, and sums of it stay exact. */
const COUNT_MAX = 1_000_000_000;

/**
 * Whether the row is of the setting's own devices and of a service that has a name here. A box that counts otherwise (a
 * device became a colleague's own meanwhile, or the box is at fault) must not make the dashboard keep what people do on
 * their own devices, nor host names in the place of a service's id.
 */
function mayBeKept({ device, service }: UsageRow, counted: ReadonlySet<string>): boolean {
  return (device === '' || counted.has(device)) && catalogued.has(service);
}

const catalogued: ReadonlySet<string> = new Set(catalogue.services.map(({ id }) => id));

function applyRow(store: Store, row: UsageRow, timeZone: string): void {
  const { device, service, verdict, count } = row;
  const before = store.first((db) =>
    db
      .selectFrom('usage_hours')
      .select(['minutes_low', 'minutes_high'])
      .where('hour_start', '=', row.hourStart)
      .where('device', '=', device)
      .where('service', '=', service)
      .where('verdict', '=', verdict),
  ) ?? { minutes_low: 0, minutes_high: 0 };
  const low = before.minutes_low | row.minutesLow;
  const high = before.minutes_high | row.minutesHigh;
  // A minute that was known to be active already is not a second one.
  const minutes = bits(low) + bits(high) - bits(before.minutes_low) - bits(before.minutes_high);
  store.change((db) =>
    db
      .insertInto('usage_hours')
      .values({ device, service, verdict, hour_start: row.hourStart, count, minutes_low: low, minutes_high: high })
      .onConflict((conflict) =>
        conflict.doUpdateSet((eb) => ({
          count: eb('usage_hours.count', '+', count),
          minutes_low: low,
          minutes_high: high,
        })),
      ),
  );
  const { date, week, month, hour } = calendarOf(timeZone, row.hourStart);
  store.change((db) =>
    db
      .insertInto('usage_days')
      .values({ device, service, verdict, date, count, minutes })
      .onConflict((conflict) =>
        conflict.doUpdateSet((eb) => ({
          count: eb('usage_days.count', '+', count),
          minutes: eb('usage_days.minutes', '+', minutes),
        })),
      ),
  );
  store.change((db) =>
    db
      .insertInto('usage_weeks')
      .values({ service, verdict, week, hour, count, minutes })
      .onConflict((conflict) =>
        conflict.doUpdateSet((eb) => ({
          count: eb('usage_weeks.count', '+', count),
          minutes: eb('usage_weeks.minutes', '+', minutes),
        })),
      ),
  );
  store.change((db) =>
    db
      .insertInto('usage_months')
      .values({ service, verdict, month, count, minutes })
      .onConflict((conflict) =>
        conflict.doUpdateSet((eb) => ({
          count: eb('usage_months.count', '+', count),
          minutes: eb('usage_months.minutes', '+', minutes),
        })),
      ),
  );
}

interface Sum {
  blocked: number;
  granted: number;
}

function addTo<Key>(sums: Map<Key, Sum>, key: Key, verdict: string, minutes: number): void {
  const sum = sums.get(key) ?? { blocked: 0, granted: 0 };
  if (verdict === 'blocked') sum.blocked += minutes;
  else sum.granted += minutes;
  sums.set(key, sum);
}

/** How many bits are set in 30. */
function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function daysBetween(first: string, last: string): number {
  return Math.round((Date.parse(last) - Date.parse(first)) / 86_400_000) + 1;
}

/**
 * The opening days on a calendar: each month as a picture, and below it in words all that is not as in the usual week. The
 * words say everything that the picture shows, so the picture is not read out.
 */
import type { CalendarDay } from '../../policy-rules/schedule.ts';
import { formatTimeOfDay, formatWholeMonth } from './format.ts';
import { weekDays } from './hours-form.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { CalendarDate, CalendarModel } from './models.ts';
import { paths } from './paths.ts';

const t = spoken.calendar;

/** Of the picture; each is its sign in the stylesheet, too. */
type DayKind = keyof typeof t.keys;

export function CalendarPage({ frame, today, months, earlier, later }: CalendarModel) {
  return (
    <Page frame={frame} page="hours" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p class="key" aria-hidden="true">
        {(Object.keys(t.keys) as DayKind[]).map((kind) => (
          <span>
            <i class={`day-sign ${classOf[kind]}`}>1</i> {t.keys[kind]}
          </span>
        ))}
        <span>
          <i class="day-sign one-off">1</i> {t.oneOff}
        </span>
        <span>
          <i class="day-sign today">1</i> {t.today}
        </span>
      </p>
      <div class="calendar">
        {months.map(({ month, days }) => (
          <section aria-labelledby={`month-${month}`}>
            <h2 id={`month-${month}`}>{formatWholeMonth(month)}</h2>
            <MonthPicture days={days} today={today} />
            <MonthWords month={month} days={days} />
          </section>
        ))}
      </div>
      <nav aria-label={t.pages} class="paging">
        {earlier !== null && (
          <a class="button" rel="prev" href={paths.calendarFrom(earlier)}>
            {t.earlier}
          </a>
        )}
        {later !== null && (
          <a class="button" rel="next" href={paths.calendarFrom(later)}>
            {t.later}
          </a>
        )}
        <a class="touch" href={paths.hours}>
          {t.change}
        </a>
      </nav>
    </Page>
  );
}

function MonthPicture({ days, today }: { days: readonly CalendarDay[]; today: CalendarDate }) {
  const before = weekDays.indexOf(days[0]?.weekday ?? 'monday');
  const cells = [...Array.from({ length: before }, () => null), ...days];
  const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, week) => cells.slice(week * 7, week * 7 + 7));
  return (
    <table aria-hidden="true">
      <tr>
        {weekDays.map((day) => (
          <th>{spoken.hours.shortDays[day]}</th>
        ))}
      </tr>
      {weeks.map((week) => (
        <tr>{week.map((day) => (day === null ? <td /> : <Day day={day} isToday={day.date === today} />))}</tr>
      ))}
    </table>
  );
}

function Day({ day, isToday }: { day: CalendarDay; isToday: boolean }) {
  const signs = [classOf[kindOf(day)], day.oneOff.length > 0 && 'one-off', isToday && 'today'].filter(Boolean);
  return <td class={signs.join(' ') || undefined}>{dayOfMonth(day)}</td>;
}

/** Short, since a year has many: an ordinary open day has none. */
const classOf: Readonly<Record<DayKind, string>> = {
  open: '',
  closed: 'off',
  closure: 'shut',
  'bank holiday': 'bank',
  'out of term': 'term',
};

function MonthWords({ month, days }: { month: string; days: readonly CalendarDay[] }) {
  const name = formatWholeMonth(month).replace(/ \d+$/, '');
  const lines = [
    ...shutRuns(days).map(([first, last]) => t.run(shutText(first), t.days(dayOfMonth(first), dayOfMonth(last), name))),
    ...days.flatMap((day) =>
      day.oneOff.map((opening) => {
        const when = t.openTimes(
          t.days(dayOfMonth(day), dayOfMonth(day), name),
          opening.from,
          formatTimeOfDay(opening.to),
        );
        return t.run(t.openFor(opening.name), when);
      }),
    ),
  ];
  if (lines.length === 0) return <p class="hint">{t.usual}</p>;
  return (
    <ul>
      {lines.map((line) => (
        <li>{line}</li>
      ))}
    </ul>
  );
}

/** The first and last of days that are shut for one and the same thing, one after the other. */
function shutRuns(days: readonly CalendarDay[]): [CalendarDay, CalendarDay][] {
  const runs: [CalendarDay, CalendarDay][] = [];
  for (const [at, day] of days.entries()) {
    if (day.shut === undefined) continue;
    const run = runs.at(-1);
    if (run !== undefined && run[1] === days[at - 1] && shutText(run[1]) === shutText(day)) run[1] = day;
    else runs.push([day, day]);
  }
  return runs;
}

function shutText({ shut }: CalendarDay): string {
  return shut === undefined ? '' : t.shut[shut.cause](shut.name ?? '');
}

function kindOf({ shut, usuallyOpen }: CalendarDay): DayKind {
  return shut?.cause ?? (usuallyOpen ? 'open' : 'closed');
}

function dayOfMonth({ date }: CalendarDay): number {
  return Number(date.slice(-2));
}

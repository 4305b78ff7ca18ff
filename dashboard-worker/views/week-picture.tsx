/**
 * The week as a picture: a line for each day, open periods as bars, breaks as hatched gaps in them.
 *
 * Lengths are percentages and letters keep their size, so the picture fits a phone and an office screen alike.
 */
import { scaleLinear } from 'd3-scale';
import type { OpeningHours, Period } from '../../policy-rules/policy.ts';
import { formatTimeOfDay } from './format.ts';
import { weekDays } from './hours-form.ts';
import { spoken } from './language.ts';

const t = spoken.hours;
const ROW_HEIGHT = 34;
const BAR_HEIGHT = 22;
const HEAD_HEIGHT = 26;

export function WeekPicture({ hours }: { hours: OpeningHours }) {
  const [first, last] = hoursShown(hours);
  const x = scaleLinear([first * 60, last * 60], [15, 98]);
  const height = HEAD_HEIGHT + weekDays.length * ROW_HEIGHT;
  const step = last - first > 12 ? 4 : 2;
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (hour) => (hour - first) % step === 0,
  );
  const percent = (minutes: number): string => `${round(x(minutes))}%`;
  const width = (from: number, to: number): string => `${round(x(to) - x(from))}%`;
  return (
    <figure class="chart">
      <svg width="100%" height={height} role="img" aria-labelledby="week-title week-desc">
        <title id="week-title">{t.pictureTitle}</title>
        <desc id="week-desc">{weekDays.map((day) => dayText(hours, day)).join('. ')}.</desc>
        <Hatch id="week-break" />
        {ticks.map((hour) => (
          <>
            <line class="grid" x1={percent(hour * 60)} x2={percent(hour * 60)} y1={HEAD_HEIGHT - 6} y2={height} />
            <text class="tick" x={percent(hour * 60)} y={14} text-anchor="middle">
              {String(hour).padStart(2, '0')}
            </text>
          </>
        ))}
        {weekDays.map((day, index) => {
          const y = HEAD_HEIGHT + index * ROW_HEIGHT;
          const periods = hours.week[day].map(toMinutes).filter(isSpan);
          const breaks = hours.breaks[day].map(toMinutes).filter(isSpan);
          return (
            <>
              <text class="label" x="0" y={y + BAR_HEIGHT - 5}>
                {t.shortDays[day]}
              </text>
              {periods.length === 0 && (
                <text class="tick" x={percent(first * 60)} y={y + BAR_HEIGHT - 5} dx="6">
                  {t.closedAllDay}
                </text>
              )}
              {periods.map(({ from, to }) => (
                <rect class="open" x={percent(from)} y={y} width={width(from, to)} height={BAR_HEIGHT} rx="3" />
              ))}
              {breaks.map(({ from, to }) => (
                <>
                  <rect class="paper" x={percent(from)} y={y} width={width(from, to)} height={BAR_HEIGHT} />
                  <rect
                    class="outline"
                    x={percent(from)}
                    y={y}
                    width={width(from, to)}
                    height={BAR_HEIGHT}
                    fill="url(#week-break)"
                  />
                </>
              ))}
            </>
          );
        })}
      </svg>
      <figcaption class="key">
        <span>
          <svg width="18" height="14" aria-hidden="true">
            <rect class="open" width="18" height="14" rx="2" />
          </svg>
          {t.pictureOpen}
        </span>
        <span>
          <svg width="18" height="14" aria-hidden="true">
            <rect class="outline" width="18" height="14" fill="url(#week-break)" />
          </svg>
          {t.pictureBreak}
        </span>
      </figcaption>
    </figure>
  );
}

/** "Monday: 08:00 to 12:00, 13:00 to 18:00, break 10:00 to 10:15". */
function dayText(hours: OpeningHours, day: (typeof weekDays)[number]): string {
  const spans = (periods: readonly Period[]): string =>
    periods.map(({ from, to }) => t.span(from, formatTimeOfDay(to))).join(', ');
  if (hours.week[day].length === 0) return t.dayLine(t.days[day], t.closedAllDay);
  const breaks = hours.breaks[day].length === 0 ? '' : `, ${t.breakSpan(spans(hours.breaks[day]))}`;
  return t.dayLine(t.days[day], spans(hours.week[day]) + breaks);
}

/** Whole hours from the first opening to the last closing, at least 07 to 19. */
function hoursShown(hours: OpeningHours): [number, number] {
  const spans = weekDays.flatMap((day) => hours.week[day].map(toMinutes).filter(isSpan));
  const first = Math.min(7, ...spans.map(({ from }) => Math.floor(from / 60)));
  const last = Math.max(19, ...spans.map(({ to }) => Math.ceil(to / 60)));
  return [first, last];
}

/** A form that came back with errors may hold anything. */
function toMinutes({ from, to }: Period): { from: number; to: number } {
  const minutes = (time: string): number => {
    const [, hour, minute] = /^(\d{2}):(\d{2})$/.exec(time) ?? [];
    return hour === undefined ? Number.NaN : Number(hour) * 60 + Number(minute);
  };
  return { from: minutes(from), to: minutes(to) };
}

function isSpan({ from, to }: { from: number; to: number }): boolean {
  return from < to && to <= 24 * 60;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Diagonal lines: what is drawn with it differs by more than its colour. */
export function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect class="hatch" width="3" height="6" />
      </pattern>
    </defs>
  );
}

/**
 * Bars of active minutes, drawn here as SVG: blocked hatched, allowed by permission solid, each with its figure or
 * its table beside it. Colours come from the stylesheet, so both colour schemes and paper have their own.
 */
import { scaleLinear } from 'd3-scale';
import { formatCount } from './format.ts';
import { spoken } from './language.ts';
import type { ActiveMinutes } from './models.ts';
import { Hatch } from './week-picture.tsx';

const t = spoken.usage;
const BAR = 14;
const LABEL = 22;
const ROW = LABEL + 2 * BAR + 14;
const PLOT_HEIGHT = 180;
const AXIS = 24;

/** Horizontal bars, two for each service: a name is a line of its own, so it may be long. */
export function ServiceChart({ rows }: { rows: readonly (ActiveMinutes & { readonly serviceName: string })[] }) {
  const most = Math.max(1, ...rows.flatMap(({ blocked, granted }) => [blocked, granted]));
  // The figure stands behind the bar: the longest one leaves it a fifth of the width.
  const width = scaleLinear([0, most], [0, 78]);
  return (
    <figure class="chart">
      <svg width="100%" height={rows.length * ROW} role="img" aria-labelledby="services-title services-desc">
        <title id="services-title">{t.serviceChart}</title>
        <desc id="services-desc">{t.chartDesc}</desc>
        <Hatch id="services-hatch" />
        {rows.map((row, index) => {
          const y = index * ROW;
          return (
            <>
              <text class="label" x="0" y={y + LABEL - 7}>
                {row.serviceName}
              </text>
              <rect
                class="blocked"
                x="0"
                y={y + LABEL}
                width={`${round(width(row.blocked))}%`}
                height={BAR}
                fill="url(#services-hatch)"
              />
              <text class="tick" x={`${round(width(row.blocked))}%`} y={y + LABEL + BAR - 2} dx="6">
                {formatCount(row.blocked)}
              </text>
              <rect
                class="granted"
                x="0"
                y={y + LABEL + BAR + 2}
                width={`${round(width(row.granted))}%`}
                height={BAR}
              />
              <text class="tick" x={`${round(width(row.granted))}%`} y={y + LABEL + 2 * BAR + 1} dx="6">
                {formatCount(row.granted)}
              </text>
            </>
          );
        })}
      </svg>
      <Key hatch="services-hatch" />
    </figure>
  );
}

/** Upright bars, two for each hour from the first to the last with a minute, at least 07 to 19. */
export function HourChart({ rows }: { rows: readonly (ActiveMinutes & { readonly hour: number })[] }) {
  const first = Math.min(7, ...rows.map(({ hour }) => hour));
  const last = Math.max(18, ...rows.map(({ hour }) => hour));
  const byHour = new Map(rows.map((row) => [row.hour, row]));
  const most = Math.max(1, ...rows.flatMap(({ blocked, granted }) => [blocked, granted]));
  const y = scaleLinear([0, most], [PLOT_HEIGHT, 20]).nice(4);
  const x = scaleLinear([first, last + 1], [16, 100]);
  const slot = x(first + 1) - x(first);
  const every = last - first > 12 ? 3 : 2;
  return (
    <figure class="chart">
      <svg width="100%" height={PLOT_HEIGHT + AXIS} role="img" aria-labelledby="hours-title hours-desc">
        <title id="hours-title">{t.hourChart}</title>
        <desc id="hours-desc">{t.chartDesc}</desc>
        <Hatch id="hours-hatch" />
        {y
          .ticks(4)
          .filter(Number.isInteger)
          .map((tick) => (
            <>
              <line class="grid" x1="0" x2="100%" y1={round(y(tick))} y2={round(y(tick))} />
              <text class="tick" x="0" y={round(y(tick)) - 4}>
                {formatCount(tick)}
              </text>
            </>
          ))}
        {Array.from({ length: last - first + 1 }, (_, index) => first + index).map((hour) => {
          const { blocked, granted } = byHour.get(hour) ?? { blocked: 0, granted: 0 };
          return (
            <>
              <rect
                class="blocked"
                x={`${round(x(hour) + slot * 0.12)}%`}
                y={round(y(blocked))}
                width={`${round(slot * 0.36)}%`}
                height={round(PLOT_HEIGHT - y(blocked))}
                fill="url(#hours-hatch)"
              />
              <rect
                class="granted"
                x={`${round(x(hour) + slot * 0.52)}%`}
                y={round(y(granted))}
                width={`${round(slot * 0.36)}%`}
                height={round(PLOT_HEIGHT - y(granted))}
              />
              {(hour - first) % every === 0 && (
                <text class="tick" x={`${round(x(hour) + slot / 2)}%`} y={PLOT_HEIGHT + 18} text-anchor="middle">
                  {String(hour).padStart(2, '0')}
                </text>
              )}
            </>
          );
        })}
      </svg>
      <Key hatch="hours-hatch" />
    </figure>
  );
}

function Key({ hatch }: { hatch: string }) {
  return (
    <figcaption class="key">
      <span>
        <svg width="18" height="14" aria-hidden="true">
          <rect class="blocked" width="18" height="14" fill={`url(#${hatch})`} />
        </svg>
        {t.blocked}
      </span>
      <span>
        <svg width="18" height="14" aria-hidden="true">
          <rect class="granted" width="18" height="14" />
        </svg>
        {t.granted}
      </span>
      <span>{t.minutes}</span>
    </figcaption>
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/**
 * Usage: blocked and granted active minutes by service and by hour, as pictures and as tables, caveats beside them.
 */
import { HourChart, ServiceChart } from './charts.tsx';
import { formatCount, formatDate } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import { MinutesCells, MinutesHead } from './minutes.tsx';
import type { ActiveMinutes, UsageModel } from './models.ts';
import { DeviceReportingNote } from './notice.tsx';
import { Scroller } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.usage;

/** More bars than this are no picture any more; the table has them all. */
const SERVICES_DRAWN = 10;

export function UsagePage(model: UsageModel) {
  const { frame, reporting, devices, span, termName, first, last, byService, byHour } = model;
  const services = [...byService].sort((a, b) => b.blocked + b.granted - a.blocked - a.granted);
  const hours = [...byHour].sort((a, b) => a.hour - b.hour);
  const total = sum(services);
  const termWords = termName ?? (span === 'term' ? t.twelveWeeks : t.term);
  return (
    <Page frame={frame} page="usage" title={t.title}>
      <h1>{t.title}</h1>
      <nav aria-label={t.spans} class="tabs">
        <ul>
          {(['week', 'term'] as const).map((one) => (
            <li>
              <a href={`${paths.usage}?span=${one}`} aria-current={one === span ? 'page' : undefined}>
                {one === 'week' ? t.week : termWords}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <p class="lead">{t.period(formatDate(first), formatDate(last))}</p>
      <p>{services.length === 0 ? t.none : t.total(formatCount(total.blocked), formatCount(total.granted))}</p>
      <DeviceReportingNote frame={frame} reporting={reporting} />
      <section class="card" aria-labelledby="caveats-title">
        <h2 id="caveats-title">{t.caveatTitle}</h2>
        <ul>
          {t.caveats.map((caveat) => (
            <li>{caveat}</li>
          ))}
        </ul>
      </section>
      {services.length > 0 && (
        <>
          <section aria-labelledby="by-service-title">
            <h2 id="by-service-title">{t.byService}</h2>
            <ServiceChart rows={drawn(services)} />
            <Figures
              label={t.tableService}
              first={t.columns.service}
              rows={services.map(({ serviceName, ...minutes }) => ({ ...minutes, name: serviceName }))}
            />
          </section>
          <section aria-labelledby="by-hour-title">
            <h2 id="by-hour-title">{t.byHour}</h2>
            <HourChart rows={hours} />
            <Figures
              label={t.tableHour}
              first={t.columns.hour}
              rows={hours.map(({ hour, ...minutes }) => ({
                ...minutes,
                name: spoken.hours.span(clock(hour), clock(hour + 1)),
              }))}
            />
          </section>
        </>
      )}
      {reporting.on && devices.length > 0 && <SingleDevices devices={devices} />}
    </Page>
  );
}

function SingleDevices({ devices }: Pick<UsageModel, 'devices'>) {
  const words = spoken.deviceUsage;
  return (
    <section aria-labelledby="devices-title">
      <h2 id="devices-title">{words.listTitle}</h2>
      <p>{words.listText}</p>
      <ul>
        {devices.map(({ id, name }) => (
          <li>
            <a class="touch" href={paths.deviceUsage(id)}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface FiguresProps {
  readonly label: string;
  /** What each row is of. */
  readonly first: string;
  readonly rows: readonly (ActiveMinutes & { readonly name: string })[];
}

/** What a picture was drawn from, folded away below it. */
function Figures({ label, first, rows }: FiguresProps) {
  return (
    <details>
      <summary>{t.showTable}</summary>
      <Scroller label={label}>
        <table>
          <caption class="hidden">{label}</caption>
          <MinutesHead first={first} />
          <tbody>
            {rows.map((row) => (
              <tr>
                <th scope="row">{row.name}</th>
                <MinutesCells of={row} />
              </tr>
            ))}
          </tbody>
        </table>
      </Scroller>
    </details>
  );
}

/** The services with most minutes, the rest as one row. */
function drawn(services: UsageModel['byService']): UsageModel['byService'] {
  if (services.length <= SERVICES_DRAWN) return services;
  const rest = services.slice(SERVICES_DRAWN - 1);
  return [...services.slice(0, SERVICES_DRAWN - 1), { serviceName: t.otherServices(rest.length), ...sum(rest) }];
}

function sum(rows: readonly ActiveMinutes[]): ActiveMinutes {
  return {
    blocked: rows.reduce((minutes, row) => minutes + row.blocked, 0),
    granted: rows.reduce((minutes, row) => minutes + row.granted, 0),
  };
}

function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

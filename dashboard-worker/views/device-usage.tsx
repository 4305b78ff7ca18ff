/**
 * What one of the setting's own devices did: active minutes by day and kind of service, with what they do not prove above
 * them, a week on a page. No service and no site is named.
 */
import { formatCount, formatDate, formatDateInWeek } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import { MinutesCells, MinutesHead } from './minutes.tsx';
import type { DeviceDay, DeviceUsageModel } from './models.ts';
import { DeviceReportingNote } from './notice.tsx';
import { Scroller } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.deviceUsage;

export function DeviceUsagePage(model: DeviceUsageModel) {
  const { frame, deviceName, user, reporting, keptDays, total, week } = model;
  const title = t.title(deviceName);
  return (
    <Page frame={frame} page="usage" title={title}>
      <h1>{title}</h1>
      <DeviceReportingNote frame={frame} reporting={reporting} />
      {reporting.on && (
        <>
          <p class="note">{t.seen}</p>
          <p>{user?.kind === 'person' ? t.usedBy(user.name) : t.usedByMany}</p>
          <section class="card" aria-labelledby="caveats-title">
            <h2 id="caveats-title">{spoken.usage.caveatTitle}</h2>
            <ul>
              {t.caveats.map((caveat) => (
                <li>{caveat}</li>
              ))}
            </ul>
          </section>
          {week === null ? (
            <p>{t.none(keptDays)}</p>
          ) : (
            <>
              <p class="lead">{t.total(keptDays, formatCount(total.blocked), formatCount(total.granted))}</p>
              <h2>{t.week(formatDate(week.monday))}</h2>
              <DayTable days={week.days} />
              <h2>{t.weeks}</h2>
              <WeekTable {...model} />
            </>
          )}
          <p class="hint">{t.kept(keptDays)}</p>
        </>
      )}
      <p>
        <a class="button" href={paths.usage}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}

function DayTable({ days }: { days: readonly DeviceDay[] }) {
  return (
    <Scroller label={t.table}>
      <table>
        <caption class="hidden">{t.table}</caption>
        <MinutesHead first={t.category} />
        {days.map(({ date, total, categories }) => (
          <tbody>
            <tr>
              <th scope="rowgroup">{formatDateInWeek(date)}</th>
              <MinutesCells of={total} />
            </tr>
            {categories.map((category) => (
              <tr>
                <td>{category.categoryName}</td>
                <MinutesCells of={category} />
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </Scroller>
  );
}

function WeekTable({ deviceId, weeks, week }: Pick<DeviceUsageModel, 'deviceId' | 'weeks' | 'week'>) {
  return (
    <Scroller label={t.weekTable}>
      <table>
        <caption class="hidden">{t.weekTable}</caption>
        <MinutesHead first={t.weekColumn} />
        <tbody>
          {weeks.map(({ monday, ...minutes }) => (
            <tr>
              <th scope="row">
                <a
                  class="touch"
                  href={paths.deviceUsageIn(deviceId, monday)}
                  aria-current={monday === week?.monday ? 'page' : undefined}
                >
                  {t.week(formatDate(monday))}
                </a>
              </th>
              <MinutesCells of={minutes} />
            </tr>
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

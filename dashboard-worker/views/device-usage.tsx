/**
 * What one of the setting's own devices did: active minutes by day and kind of service, with what they do not prove above
 * them. No service and no site is named.
 */
import { formatDate } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import { MinutesCells, MinutesHead } from './minutes.tsx';
import type { DeviceUsageModel } from './models.ts';
import { DeviceReportingNote } from './notice.tsx';
import { Scroller } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.deviceUsage;

export function DeviceUsagePage({ frame, deviceName, user, reporting, keptDays, days }: DeviceUsageModel) {
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
          {days.length === 0 ? <p>{t.none(keptDays)}</p> : <DayTable days={days} />}
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

function DayTable({ days }: Pick<DeviceUsageModel, 'days'>) {
  return (
    <Scroller label={t.table}>
      <table>
        <caption>{t.table}</caption>
        <MinutesHead first={t.category} />
        {days.map(({ date, categories }) => (
          <tbody>
            <tr>
              <th scope="rowgroup" colspan={3}>
                {formatDate(date)}
              </th>
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

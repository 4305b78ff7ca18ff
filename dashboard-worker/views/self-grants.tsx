/**
 * What the manager allowed themselves, for the chair: when, what and why, and never on which device.
 */
import { formatAt, formatCount, formatDay, formatMoment, formatTime, isoInstant } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { Frame, SelfGrant, SelfGrantsModel } from './models.ts';
import { capitalise, Paging, scopeText } from './parts.tsx';
import { paths } from './paths.ts';
import { byDay } from './record-entries.tsx';

const t = spoken.selfGrants;

export function SelfGrantsPage({ frame, yearFrom, inYear, total, grants, page, pageCount }: SelfGrantsModel) {
  return (
    <Page frame={frame} page="year" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <dl>
        <dt>{t.inYear(formatDay(yearFrom, frame.timeZone))}</dt>
        <dd>{formatCount(inYear)}</dd>
        <dt>{t.before}</dt>
        <dd>{formatCount(total - inYear)}</dd>
      </dl>
      {grants.length === 0 ? (
        <p>{t.none}</p>
      ) : (
        <>
          {byDay(grants, ({ from }) => from, frame.timeZone).map(({ day, items }) => (
            <section>
              <h2>{day}</h2>
              <ol class="record">
                {items.map((grant) => (
                  <Line grant={grant} frame={frame} />
                ))}
              </ol>
            </section>
          ))}
          <Paging page={page} pageCount={pageCount} address={(to) => `${paths.selfGrants}?page=${to}`} />
        </>
      )}
      <p class="hint">{t.kept}</p>
      <p>
        <a class="button" href={paths.year}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}

function Line({ grant, frame }: { grant: SelfGrant; frame: Frame }) {
  const { by, person, scope, from, until, targets, purpose, mode, reason, noted, endedAt } = grant;
  const when = { ...frame, nowMs: from };
  const who = by === '' ? spoken.record.erased : by;
  return (
    <li>
      <span class="when">
        <time datetime={isoInstant(from)}>{t.times(formatTime(from, frame.timeZone), formatMoment(until, when))}</time>
      </span>
      <span>
        {person === '' ? t.line(who, scopeText(scope), targets) : t.lineFor(who, scopeText(scope), targets, person)}:{' '}
        {reason === '' ? t.noReason : capitalise(reason)}{' '}
        {purpose !== 'personal' && <span class={`mark ${purpose}`}>{spoken.grant.purpose[purpose]}</span>}
        <span class="hint">
          {spoken.record.events[mode]} {noted && `${t.noted} `}
          {endedAt !== null && t.endedAt(formatAt(endedAt, when))}
        </span>
      </span>
    </li>
  );
}

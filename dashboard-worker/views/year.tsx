/**
 * Year: what a committee reviews, on two pages of A4. Its tables are bounded so that a busy year still fits.
 */
import { committeeRounding, committeeTotal, isHidden } from './committee-count.ts';
import { formatCount, formatDate, formatMonth, formatShortDay } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FieldError, RecordEntry, YearModel } from './models.ts';
import { capitalise, ErrorSummary, FieldErrorText, Scroller, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { shortListReason } from './reason-words.ts';
import { recordSentence } from './record-sentence.ts';

const t = spoken.year;

/**
 * Rows that fit: 273 mm a page gives about 64 lines of 4.2 mm. Page one: heading 3, summary 7, two tables of
 * SERVICES_SHOWN + 4 lines, some of them doubled by long names. Page two: permissions 2 × REASONS_SHOWN at most, then
 * CHANGES_SHOWN of at most two lines each, and ten lines of explanation.
 */
const SERVICES_SHOWN = 12;
const REASONS_SHOWN = 10;
const CHANGES_SHOWN = 12;
const CHANGE_LENGTH = 180;
const REASON_LENGTH = 70;

/** Free text is shown to the committee only when it came up this often: one-off words may tell of one person. */
const OWN_WORDS_AT_LEAST = 5;

export function YearPage(model: YearModel) {
  const { frame, first, last, errors, requests, policyChanges } = model;
  const grants = committeeGrants(model.grants);
  const blocked = monthRows(model, 'blocked');
  const granted = monthRows(model, 'granted');
  const shown = policyChanges.slice(-CHANGES_SHOWN);
  const earlier = policyChanges.length - shown.length;
  return (
    <Page frame={frame} page="year" title={t.title} hasErrors={errors.length > 0}>
      <div class="no-print">
        <h1>{t.title}</h1>
        <ErrorSummary errors={errors} />
        <form class="row card" method="get" action={paths.year} aria-label={t.choose}>
          {(['from', 'to'] as const).map((name) => {
            const value = name === 'from' ? first : last;
            return model.monthChoices === null ? (
              <TextField name={name} label={t[name]} type="date" value={value} errors={errors} required />
            ) : (
              <MonthField name={name} value={value.slice(0, 7)} months={model.monthChoices} errors={errors} />
            );
          })}
          <button type="submit">{t.apply}</button>
        </form>
        <p class="hint">{t.print}</p>
      </div>
      <article class="report">
        <h2 class="report-title">{t.heading(frame.settingName)}</h2>
        <p class="lead">{t.period(formatDate(first), formatDate(last))}</p>
        <h3>{t.summary}</h3>
        <dl class="figures">
          <Figure words={t.blockedMinutes} count={tableTotal(blocked)} />
          <Figure words={t.grantedMinutes} count={tableTotal(granted)} />
          <Figure words={t.grants} count={grants.total} />
          <Figure words={t.toSelf} count={grants.toSelf} />
          <Figure words={t.endedEarly} count={grants.endedEarly} />
          <div>
            <dt>{t.channels}</dt>
            <dd>{channelsOpen(model.channels)}</dd>
          </div>
          <Figure words={t.requests} count={requests.made} />
          <Figure words={t.refused} count={requests.refused} />
          <Figure words={t.lapsed} count={requests.lapsed} />
          {model.daysWithoutReport !== null && (
            <div>
              <dt>{t.daysWithoutReport}</dt>
              <dd>{formatCount(model.daysWithoutReport)}</dd>
            </div>
          )}
        </dl>
        {frame.may.has('self-grants.see') && (
          <p class="no-print">
            <a href={paths.selfGrants}>{spoken.selfGrants.link}</a>
          </p>
        )}
        <MonthTable months={model.months} rows={blocked} caption={t.blockedTable} empty={t.nothingBlocked} />
        <MonthTable months={model.months} rows={granted} caption={t.grantedTable} empty={t.nothingGranted} />
        <p class="hint">{t.fewerNote}</p>
        <div class="second-page">
          <h3>{t.permissions}</h3>
          {grants.total === 0 ? <p>{t.noGrants}</p> : <Permissions grants={grants} />}
          <h3>{t.changes}</h3>
          {shown.length === 0 ? (
            <p>{t.noChanges}</p>
          ) : (
            <ul class="changes">
              {shown.map((entry) => (
                <li>{changeLine(entry, frame.timeZone)}</li>
              ))}
            </ul>
          )}
          {earlier > 0 && <p>{t.moreChanges(earlier)}</p>}
          <h3>{t.reading}</h3>
          <ul>
            {t.caveats.map((caveat) => (
              <li>{caveat}</li>
            ))}
          </ul>
          <p class="hint">{t.clauses}</p>
        </div>
      </article>
    </Page>
  );
}

interface MonthFieldProps {
  readonly name: 'from' | 'to';
  readonly value: string;
  readonly months: readonly string[];
  readonly errors: readonly FieldError[];
}

function MonthField({ name, value, months, errors }: MonthFieldProps) {
  return (
    <div class="field">
      <label for={name}>{t[name]}</label>
      <FieldErrorText field={name} errors={errors} />
      <select id={name} name={name}>
        {months.map((month) => (
          <option value={month} selected={month === value}>
            {formatMonth(month)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Figure({ words, count }: { words: string; count: number }) {
  return (
    <div>
      <dt>{words}</dt>
      <dd>{inWords(count)}</dd>
    </div>
  );
}

interface MonthTableProps {
  readonly months: readonly string[];
  readonly rows: readonly MinutesRow[];
  readonly caption: string;
  readonly empty: string;
}

function MonthTable({ months, rows, caption, empty }: MonthTableProps) {
  if (rows.length === 0) {
    return (
      <>
        <h3>{caption}</h3>
        <p>{empty}</p>
      </>
    );
  }
  return (
    <Scroller label={caption}>
      <table class="months">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{t.service}</th>
            {months.map((month) => (
              <th scope="col" class="number">
                {formatMonth(month)}
              </th>
            ))}
            <th scope="col" class="number">
              {t.total}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, minutes }) => (
            <tr>
              <th scope="row">{name}</th>
              {months.map((_, index) => (
                <td class="number">
                  <Count count={minutes[index] ?? 0} />
                </td>
              ))}
              <td class="number total">
                <Count count={committeeTotal(minutes)} />
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t.total}</th>
            {months.map((_, index) => (
              <td class="number">
                <Count count={committeeTotal(rows.map(({ minutes }) => minutes[index] ?? 0))} />
              </td>
            ))}
            <td class="number total">
              <Count count={tableTotal(rows)} />
            </td>
          </tr>
        </tfoot>
      </table>
    </Scroller>
  );
}

interface MinutesRow {
  readonly name: string;
  readonly minutes: readonly number[];
}

/** The services with most minutes; the rest as one row. Those without a minute are left out. */
function monthRows({ services }: YearModel, verdict: 'blocked' | 'granted'): readonly MinutesRow[] {
  const rows = services.map((service) => ({ name: service.serviceName, minutes: service[verdict] }));
  const total = (row: MinutesRow): number => row.minutes.reduce((sum, minutes) => sum + minutes, 0);
  const used = rows.filter((row) => total(row) > 0).sort((a, b) => total(b) - total(a));
  if (used.length <= SERVICES_SHOWN) return used;
  const rest = used.slice(SERVICES_SHOWN - 1);
  const others = {
    name: t.otherServices(rest.length),
    minutes: (rest[0]?.minutes ?? []).map((_, index) =>
      rest.reduce((sum, { minutes }) => sum + (minutes[index] ?? 0), 0),
    ),
  };
  return [...used.slice(0, SERVICES_SHOWN - 1), others];
}

function tableTotal(rows: readonly MinutesRow[]): number {
  return committeeTotal(rows.flatMap(({ minutes }) => [...minutes]));
}

/** As the committee may see them. Kinds, ways and reasons divide the same whole, so they are hidden and rounded together. */
export function committeeGrants(grants: YearModel['grants']): YearModel['grants'] {
  const { byPurpose, byMode } = grants;
  const reasons = committeeReasons(grants.reasons);
  const round = committeeRounding([
    ...Object.values(byPurpose),
    ...Object.values(byMode),
    ...reasons.map(({ count }) => count),
  ]);
  return {
    total: round(grants.total),
    toSelf: round(grants.toSelf),
    endedEarly: round(grants.endedEarly),
    byPurpose: {
      personal: round(byPurpose.personal),
      official: round(byPurpose.official),
      emergency: round(byPurpose.emergency),
    },
    byMode: { written: round(byMode.written), verbal: round(byMode.verbal) },
    reasons: reasons.map(({ reason, count }) => ({ reason, count: round(count) })),
  };
}

/** By the words of the short list; free text only where it is frequent, all the rest in one row at the end. */
function committeeReasons(reasons: YearModel['grants']['reasons']): YearModel['grants']['reasons'] {
  const counts = new Map<string, number>();
  let ownWords = 0;
  for (const { reason, count } of reasons) {
    const listed =
      shortListReason(reason) ?? (count >= OWN_WORDS_AT_LEAST ? shorten(reason, REASON_LENGTH) : undefined);
    if (listed === undefined) ownWords += count;
    else counts.set(listed, (counts.get(listed) ?? 0) + count);
  }
  const sorted = [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
  for (const { count } of sorted.slice(REASONS_SHOWN - 1)) ownWords += count;
  const shown = sorted.slice(0, REASONS_SHOWN - 1);
  return ownWords === 0 ? shown : [...shown, { reason: t.ownWords, count: ownWords }];
}

function Permissions({ grants }: { grants: YearModel['grants'] }) {
  return (
    <div class="columns">
      <CountTable
        head={t.reasons}
        rows={grants.reasons.map(({ reason, count }) => ({ name: capitalise(reason), count }))}
      />
      <div>
        <CountTable
          head={t.purpose}
          rows={(['personal', 'official', 'emergency'] as const).map((purpose) => ({
            name: spoken.grant.purpose[purpose],
            count: grants.byPurpose[purpose],
          }))}
        />
        <CountTable
          head={t.mode}
          rows={(['written', 'verbal'] as const).map((mode) => ({
            name: spoken.grant.mode[mode],
            count: grants.byMode[mode],
          }))}
        />
      </div>
    </div>
  );
}

interface CountTableProps {
  readonly head: string;
  readonly rows: readonly { readonly name: string; readonly count: number }[];
}

function CountTable({ head, rows }: CountTableProps) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col" class="number">
            {t.count}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, count }) => (
          <tr>
            <th scope="row">{name}</th>
            <td class="number">{inWords(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** In a narrow cell "<5" is seen, and the whole words are read out. */
function Count({ count }: { count: number }) {
  if (!isHidden(count)) return <>{formatCount(count)}</>;
  return (
    <>
      <span aria-hidden="true">{t.fewerShort}</span>
      <span class="hidden">{t.fewer}</span>
    </>
  );
}

function inWords(count: number): string {
  return isHidden(count) ? t.fewer : formatCount(count);
}

function changeLine(entry: RecordEntry, timeZone: string): string {
  return shorten(t.change(formatShortDay(entry.at, timeZone), recordSentence(entry, timeZone)), CHANGE_LENGTH);
}

function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).trimEnd()}…`;
}

function channelsOpen({ channels, permissions }: YearModel['channels']): string {
  return t.channelsOpen(formatCount(channels), permissions, formatCount(permissions));
}

/**
 * Record: who decided or changed what, when and why, as sentences, the newest first.
 */
import { formatCount, formatDay, formatTime, isoInstant } from './format.ts';
import { Page } from './layout.tsx';
import { en } from './messages.ts';
import type { Frame, RecordEntry, RecordModel } from './models.ts';
import { recordKinds } from './models.ts';
import { ErrorSummary, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { recordSentence } from './record-sentence.ts';

const t = en.record;

export function RecordPage({ frame, filter, mayExport, errors, entries, total, page, pageCount }: RecordModel) {
  const filtered = Object.values(filter).some((asked) => asked !== '');
  const address = (to: number): string => {
    const query = new URLSearchParams({ ...filter, page: String(to) });
    return `${paths.record}?${query}`;
  };
  return (
    <Page frame={frame} page="record" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p>
        <a href={paths.verifyRecord}>{t.verify.link}</a>
      </p>
      <ErrorSummary errors={errors} />
      <form class="row card" method="get" action={paths.record} aria-label={t.filter}>
        <div class="field">
          <label for="kind">{t.kind}</label>
          <select id="kind" name="kind">
            <option value="" selected={filter.kind === ''}>
              {t.all}
            </option>
            {recordKinds.map((kind) => (
              <option value={kind} selected={filter.kind === kind}>
                {t.kinds[kind]}
              </option>
            ))}
          </select>
        </div>
        <TextField name="from" label={t.from} type="date" value={filter.from} errors={errors} />
        <TextField name="to" label={t.to} type="date" value={filter.to} errors={errors} />
        <TextField name="person" label={t.person} hint={t.personHint} value={filter.person} errors={errors} />
        <TextField name="device" label={t.device} hint={t.deviceHint} value={filter.device} errors={errors} />
        <button type="submit">{t.apply}</button>
        {filtered && (
          <a class="button quiet" href={paths.record}>
            {t.clear}
          </a>
        )}
      </form>
      {entries.length === 0 ? (
        <p>{filtered ? t.noneFound : t.none}</p>
      ) : (
        <>
          <p>{t.found(total, formatCount(total))}</p>
          {byDay(entries, frame).map(({ day, entries: ofDay }) => (
            <section>
              <h2>{day}</h2>
              <ol class="record">
                {ofDay.map((entry) => (
                  <Entry entry={entry} frame={frame} />
                ))}
              </ol>
            </section>
          ))}
          {pageCount > 1 && (
            <nav class="paging" aria-label={t.paging}>
              {page > 1 && (
                <a class="button" rel="prev" href={address(page - 1)}>
                  {t.newer}
                </a>
              )}
              <span>{t.pageOf(page, pageCount)}</span>
              {page < pageCount && (
                <a class="button" rel="next" href={address(page + 1)}>
                  {t.older}
                </a>
              )}
            </nav>
          )}
          {mayExport && errors.length === 0 && <TakeCopy filter={filter} filtered={filtered} />}
        </>
      )}
    </Page>
  );
}

function TakeCopy({ filter, filtered }: { filter: RecordModel['filter']; filtered: boolean }) {
  const words = t.export;
  return (
    <section class="card" aria-labelledby="export-title">
      <h2 id="export-title">{words.title}</h2>
      <p>
        {filtered ? words.partText : words.text} {words.care}
      </p>
      <Form action={paths.exportRecord} class="actions">
        {Object.entries(filter).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button name="format" value="csv" type="submit">
          {words.csv}
        </button>
        <button name="format" value="ndjson" type="submit">
          {words.ndjson}
        </button>
      </Form>
      <p class="hint">{filtered ? words.partNdjsonText : words.ndjsonText}</p>
    </section>
  );
}

function Entry({ entry, frame }: { entry: RecordEntry; frame: Frame }) {
  const { event } = entry;
  return (
    <li>
      <span class="when">
        <time datetime={isoInstant(entry.at)}>{formatTime(entry.at, frame.timeZone)}</time>
        <span class="sequence" title={t.number}>
          {' '}
          {t.sequence(formatCount(entry.sequence))}
        </span>
      </span>
      <span>
        {recordSentence(entry, frame.timeZone)}
        {'toSelf' in event && (
          <>
            {' '}
            {event.purpose !== 'personal' && <span class={`mark ${event.purpose}`}>{t.marks[event.purpose]}</span>}
            {event.toSelf && <span class="mark">{t.marks.toSelf}</span>}
            <span class="hint">
              {event.askedBy !== '' && event.askedBy !== entry.who && `${t.events.askedBy(event.askedBy)} `}
              {t.events[event.mode]}
            </span>
          </>
        )}
      </span>
    </li>
  );
}

/** Entries in their order, under the day on which they were made. */
function byDay(entries: readonly RecordEntry[], frame: Frame): { day: string; entries: RecordEntry[] }[] {
  const days: { day: string; entries: RecordEntry[] }[] = [];
  for (const entry of entries) {
    const day = formatDay(entry.at, frame.timeZone);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}

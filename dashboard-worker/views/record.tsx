/**
 * Record: who decided or changed what, when and why, as sentences, the newest first.
 */
import { formatCount } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { RecordModel } from './models.ts';
import { recordKinds } from './models.ts';
import { ErrorSummary, Form, Paging, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { EntryList } from './record-entries.tsx';

const t = spoken.record;

export function RecordPage(model: RecordModel) {
  const { frame, filter, mayExport, errors, isOutline, entries, total, page, pageCount } = model;
  const filtered = Object.values(filter).some((asked) => asked !== '');
  const address = (to: number): string => {
    const query = new URLSearchParams({ ...filter, page: String(to) });
    return `${paths.record}?${query}`;
  };
  return (
    <Page frame={frame} page="record" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      {isOutline && <p class="note">{t.outline}</p>}
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
        {!isOutline && (
          <>
            <TextField name="person" label={t.person} hint={t.personHint} value={filter.person} errors={errors} />
            <TextField name="device" label={t.device} hint={t.deviceHint} value={filter.device} errors={errors} />
          </>
        )}
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
          <EntryList entries={entries} frame={frame} />
          <Paging page={page} pageCount={pageCount} address={address} />
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

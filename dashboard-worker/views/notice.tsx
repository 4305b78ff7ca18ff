/**
 * The monitoring notice: what is published, what hangs on it, who has read it, and writing a new version.
 */
import type { NoticeSection } from '../../policy-rules/monitoring-notice.ts';
import { formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { DeviceReporting, Frame, NoticeModel, NoticePreviewModel, NoticeReader } from './models.ts';
import { ErrorSummary, FieldErrorText, Form, TextField, Tile } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.notice;

export function NoticePage(model: NoticeModel) {
  const { frame, published, reporting, assessedOn, today, values, errors } = model;
  return (
    <Page frame={frame} page="notice" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <section class="card" aria-labelledby="reporting-title">
        <h2 id="reporting-title">{t.reporting.title}</h2>
        <p>{reporting.on ? t.reporting.on : t.reporting.off}</p>
        <Missing reporting={reporting} />
      </section>
      <section class="card" aria-labelledby="assessment-title">
        <h2 id="assessment-title">{t.assessment.title}</h2>
        <p>{t.assessment.text}</p>
        <Form action={paths.assessment}>
          <TextField
            name="date"
            label={t.assessment.date}
            type="date"
            value={assessedOn ?? ''}
            errors={errors}
            max={today}
            required
          />
          <button type="submit">{t.assessment.save}</button>
        </Form>
      </section>
      <section class="card" aria-labelledby="published-title">
        <h2 id="published-title">{t.published}</h2>
        {published === null ? (
          <p>{t.none}</p>
        ) : (
          <>
            <p>{t.version(published.version, formatMoment(published.at, frame))}</p>
            <p>{t.onBox[published.onBox]}</p>
            {published.isOutdated && <p class="note">{t.outdated}</p>}
            <details>
              <summary>{t.show}</summary>
              <NoticeText sections={published.sections} heading="h3" />
            </details>
          </>
        )}
      </section>
      {published !== null && <Readers {...model} />}
      <section class="card" aria-labelledby="write-title">
        <h2 id="write-title">{t.write}</h2>
        <p>{t.writeText}</p>
        <Form action={paths.notice}>
          <TextField
            name="seenBy"
            label={t.seenBy}
            hint={t.seenByHint}
            value={values.seenBy.join('\n')}
            errors={errors}
            autocomplete="off"
            rows={4}
            required
          />
          <TextField
            name="contact"
            label={t.contact}
            hint={t.contactHint}
            value={values.contact}
            errors={errors}
            autocomplete="off"
            maxLength={NOTICE_LINE_MAX_LENGTH}
            required
          />
          <TextField
            name="more"
            label={t.more}
            hint={t.moreHint}
            value={values.more.join('\n')}
            errors={errors}
            autocomplete="off"
            rows={3}
          />
          <button class="primary" type="submit">
            {spoken.form.check}
          </button>
        </Form>
      </section>
    </Page>
  );
}

/** Of each line that is written for the notice. */
export const NOTICE_LINE_MAX_LENGTH = 300;

export function NoticePreviewPage({ frame, known, sections, isUnchanged, values }: NoticePreviewModel) {
  return (
    <Page frame={frame} page="notice" title={t.preview.title}>
      <h1>{t.preview.title}</h1>
      <p class="lead">{isUnchanged ? t.preview.unchanged(known) : t.preview.intro}</p>
      <article class="card">
        <NoticeText sections={sections} heading="h2" />
      </article>
      <Form action={paths.notice}>
        <input type="hidden" name="known" value={known} />
        <input type="hidden" name="seenBy" value={values.seenBy.join('\n')} />
        <input type="hidden" name="contact" value={values.contact} />
        <input type="hidden" name="more" value={values.more.join('\n')} />
        <p class="actions">
          <button class="primary" type="submit" name="step" value="save">
            {t.preview.publish}
          </button>
          <button type="submit" name="step" value="edit">
            {t.preview.edit}
          </button>
          <a class="button quiet" href={paths.notice}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
    </Page>
  );
}

/** On pages whose figures would be of single devices: that they are not, why, and what to do. Nothing once they are. */
export function DeviceReportingNote({ frame, reporting }: { frame: Frame; reporting: DeviceReporting }) {
  if (reporting.on) return null;
  return (
    <section class="note" aria-label={t.reporting.title}>
      <p>{t.reporting.off}</p>
      <Missing reporting={reporting} />
      <p>
        {frame.may.has('notice.change') ? (
          <a class="touch" href={paths.notice}>
            {t.reporting.link}
          </a>
        ) : (
          t.reporting.askManager
        )}
      </p>
    </section>
  );
}

function Missing({ reporting }: { reporting: DeviceReporting }) {
  if (reporting.missing.length === 0) return null;
  return (
    <>
      <p>{t.reporting.todo}</p>
      <ul>
        {reporting.missing.map((what) => (
          <li>{t.reporting.missing[what]}</li>
        ))}
      </ul>
    </>
  );
}

function Readers({ frame, readers, strangers, errors }: NoticeModel) {
  const words = t.readers;
  const outstanding = readers.filter(({ acknowledged }) => acknowledged === null);
  const done = readers.filter(({ acknowledged }) => acknowledged !== null);
  return (
    <section aria-labelledby="readers-title">
      <h2 id="readers-title">{words.title}</h2>
      <p>{words.intro}</p>
      {readers.length === 0 ? (
        <p>{words.none}</p>
      ) : (
        <Form action={paths.noteReaders}>
          <h3 id="reader">
            {outstanding.length === 0 ? words.nobodyOutstanding : words.outstanding(outstanding.length)}
          </h3>
          <FieldErrorText field="reader" errors={errors} />
          <ReaderTiles label={words.outstandingLabel} readers={outstanding} frame={frame} />
          {done.length > 0 && (
            <details>
              <summary>{words.done(done.length)}</summary>
              <ReaderTiles label={words.doneLabel} readers={done} frame={frame} />
            </details>
          )}
          <p class="actions">
            {outstanding.length > 0 && (
              <button type="submit" name="what" value="paper">
                {words.paper}
              </button>
            )}
            <button type="submit" name="what" value="left">
              {words.left}
            </button>
          </p>
          <p class="hint">{words.chosenHint}</p>
        </Form>
      )}
      {strangers.length > 0 && (
        <>
          <h3>{words.strangers}</h3>
          <p>{words.strangersText}</p>
          <ul class="plain">
            {strangers.map(({ name, at }) => (
              <li class="card grant">
                <div>
                  <p>{name}</p>
                  <p class="detail">{words.site(formatMoment(at, frame))}</p>
                </div>
                <Form action={paths.noticeReaders}>
                  <input type="hidden" name="names" value={name} />
                  <button type="submit">
                    {words.addOne}
                    <span class="hidden">{words.of(name)}</span>
                  </button>
                </Form>
              </li>
            ))}
          </ul>
        </>
      )}
      <Form class="card" action={paths.noticeReaders}>
        <h3>{words.add}</h3>
        <TextField
          name="names"
          label={words.names}
          hint={words.namesHint}
          errors={errors}
          autocomplete="off"
          rows={4}
          required
        />
        <button type="submit">{words.addButton}</button>
      </Form>
    </section>
  );
}

function ReaderTiles({ label, readers, frame }: { label: string; readers: readonly NoticeReader[]; frame: Frame }) {
  if (readers.length === 0) return null;
  const words = t.readers;
  return (
    <fieldset class="tiles">
      <legend class="hidden">{label}</legend>
      {readers.map(({ id, name, acknowledged }) => (
        <Tile name="reader" value={id} checked={false} several>
          <span>
            {name}
            {acknowledged !== null && (
              <small>
                {(acknowledged.how === 'site' ? words.site : words.onPaper)(formatMoment(acknowledged.at, frame))}
              </small>
            )}
          </span>
        </Tile>
      ))}
    </fieldset>
  );
}

/** Its headings are of the level below the one that it stands under. */
function NoticeText({ sections, heading: Heading }: { sections: readonly NoticeSection[]; heading: 'h2' | 'h3' }) {
  return (
    <>
      {sections.map(({ title, paragraphs, items }) => (
        <>
          <Heading>{title}</Heading>
          {paragraphs.map((text) => (
            <p>{text}</p>
          ))}
          {items.length > 0 && (
            <ul>
              {items.map((text) => (
                <li>{text}</li>
              ))}
            </ul>
          )}
        </>
      ))}
    </>
  );
}

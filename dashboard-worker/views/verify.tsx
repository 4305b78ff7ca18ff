/**
 * Verifying the record: whether every entry is as it was written, as the record itself says of the last time.
 */
import { formatCount, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { Frame, RecordEntry, VerifyModel } from './models.ts';
import { Form, StateLine, Time } from './parts.tsx';
import { paths } from './paths.ts';
import { recordSentence } from './record-sentence.ts';

const t = spoken.record.verify;

export function VerifyPage({ frame, last, countersigned }: VerifyModel) {
  return (
    <Page frame={frame} page="record" title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <section class="card" aria-labelledby="last-title">
        <h2 id="last-title">{t.last}</h2>
        {last === null ? <p>{t.never}</p> : <Result entry={last} frame={frame} />}
        <p>
          {countersigned === null
            ? t.notCountersigned
            : t.countersigned(formatCount(countersigned.sequence), formatMoment(countersigned.at, frame))}
        </p>
      </section>
      <Form action={paths.verifyRecord}>
        <button class="primary" type="submit">
          {t.run}
        </button>
        <a class="button quiet" href={paths.record}>
          {t.back}
        </a>
      </Form>
      <p class="hint">{t.limits}</p>
    </Page>
  );
}

function Result({ entry, frame }: { entry: RecordEntry; frame: Frame }) {
  const { event } = entry;
  const firstWrong = event.type === 'record-verified' ? event.firstWrong : null;
  return (
    <>
      <StateLine kind={firstWrong === null ? 'in-force' : 'refused'}>
        {firstWrong === null ? t.whole : t.broken}
      </StateLine>
      <p>
        <Time at={entry.at} frame={frame} />
        {': '}
        {recordSentence(entry, frame.timeZone)}
      </p>
      {firstWrong !== null && <p>{t.brokenText(formatCount(firstWrong))}</p>}
    </>
  );
}

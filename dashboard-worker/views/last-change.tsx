/** The newest change of the policy in words, and one button that takes it back after it has been said what that changes. */
import { changeSentences } from './change-sentences.ts';
import { formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { LastChangeModel } from './models.ts';
import { Form } from './parts.tsx';
import { paths } from './paths.ts';
import { ChangeList } from './preview.tsx';

const t = spoken.lastChange;

export function LastChangePage({ frame, last, isBeyondReader, isOvertaken }: LastChangeModel) {
  if (last === null) {
    return (
      <Page frame={frame} page="record" title={t.title}>
        <h1>{t.title}</h1>
        {isOvertaken && <Overtaken />}
        <p>{isBeyondReader ? t.ofDevices : t.none}</p>
      </Page>
    );
  }
  const who = last.who === '' ? spoken.record.erased : last.who;
  const words = last.isUndo ? t.undone : t.done;
  const bringsDevicesBack = last.undoing.facts.some((fact) => fact.fact === 'device' && fact.before === null);
  return (
    <Page frame={frame} page="record" title={t.title}>
      <h1>{t.title}</h1>
      {isOvertaken && <Overtaken />}
      <p>{words(who, formatMoment(last.at, frame))}</p>
      <ul>
        {changeSentences(last.facts).map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
      <h2>{t.undo}</h2>
      <p>{t.undoing}</p>
      <ChangeList changes={last.undoing} />
      {bringsDevicesBack && <p>{t.grantsStayEnded}</p>}
      <Form action={paths.lastChange}>
        <input type="hidden" name="version" value={last.version} />
        <p class="actions">
          <button type="submit">{t.button}</button>
          <a class="button quiet" href={paths.record}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
    </Page>
  );
}

function Overtaken() {
  return (
    <p class="error-summary" role="alert">
      {t.overtaken}
    </p>
  );
}

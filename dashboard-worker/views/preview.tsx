/**
 * What a change of the policy comes to, in words, before it is saved. The page carries the form's own fields, so that
 * it is saved, or filled in further, without a script and without anything kept meanwhile.
 */
import { changeSentences } from './change-sentences.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { Changes, PreviewModel } from './models.ts';
import { Form } from './parts.tsx';

const t = spoken.preview;

export function PreviewPage({ frame, page, changes, action, cancel, fields, kind }: PreviewModel) {
  const changesNothing = changes.facts.length === 0;
  return (
    <Page frame={frame} page={page} title={t.title}>
      <h1>{t.title}</h1>
      {changesNothing ? <p class="lead">{t.nothing}</p> : <p class="lead">{t.intro}</p>}
      <ChangeList changes={changes} />
      <Form action={action}>
        {fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <p class="actions">
          {!changesNothing && (
            <button class={kind === 'removal' ? 'danger' : 'primary'} type="submit" name="step" value="save">
              {kind === 'removal' ? t.remove : t.save}
            </button>
          )}
          {kind === 'form' && (
            <button type="submit" name="step" value="edit">
              {t.edit}
            </button>
          )}
          <a class="button quiet" href={cancel}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
    </Page>
  );
}

/** The sentences, and below them what follows at this very moment. */
export function ChangeList({ changes: { facts, blockedNow } }: { changes: Changes }) {
  if (facts.length === 0) return null;
  return (
    <section class="card" aria-label={t.title}>
      <ul>
        {changeSentences(facts).map((sentence) => (
          <li>{sentence}</li>
        ))}
      </ul>
      {blockedNow.before !== blockedNow.after && <p class="note">{blockedNow.after ? t.blockedNow : t.openNow}</p>}
    </section>
  );
}

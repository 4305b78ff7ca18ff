/** The form for the first names that staff choose from when they ask. */

import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FirstNamesModel } from './models.ts';
import { ErrorSummary, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.firstNames;

export function FirstNamesPage({ frame, values, version, errors }: FirstNamesModel) {
  return (
    <Page frame={frame} page="devices" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{t.intro}</p>
      <Form class="card" action={paths.firstNames}>
        <input type="hidden" name="version" value={version} />
        <TextField
          name="names"
          label={t.names}
          hint={t.namesHint}
          value={values.names}
          errors={errors}
          rows={12}
          autocomplete="off"
        />
        <p class="actions">
          <button class="primary" type="submit">
            {spoken.form.check}
          </button>
          <a class="button quiet" href={paths.devices}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
      <p class="hint">{t.limits}</p>
    </Page>
  );
}

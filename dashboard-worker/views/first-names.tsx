/** The form for the first names that staff choose from when they ask. */

import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FirstNamesModel } from './models.ts';
import { ErrorSummary, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';

const t = spoken.firstNames;

export function FirstNamesPage({ frame, values, version, errors }: FirstNamesModel) {
  return (
    <Page frame={frame} page="devices" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{t.intro}</p>
      <PolicyForm action={paths.firstNames} version={version} cancel={paths.devices}>
        <TextField
          name="names"
          label={t.names}
          hint={t.namesHint}
          value={values.names}
          errors={errors}
          rows={12}
          autocomplete="off"
        />
      </PolicyForm>
      <p class="hint">{t.limits}</p>
    </Page>
  );
}

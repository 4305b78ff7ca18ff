/**
 * The password asked for once more, before what would let somebody in for good. The page carries the form's own fields, so
 * that it goes on, or is asked again, without a script and without anything kept meanwhile.
 */
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FieldError, OwnPasswordModel } from './models.ts';
import { ErrorSummary, Form, TextField } from './parts.tsx';

const t = spoken.ownPassword;

export function OwnPasswordPage({ frame, page, matter, action, cancel, fields, problem }: OwnPasswordModel) {
  const errors: FieldError[] =
    problem === null ? [] : [{ field: 'ownPassword', message: spoken.account.passwordProblems[problem] }];
  return (
    <Page frame={frame} page={page} title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.matters[matter]}</p>
      <p>{t.why}</p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={action}>
        {fields.map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <TextField
          name="ownPassword"
          label={t.label}
          type="password"
          errors={errors}
          autocomplete="current-password"
          required
        />
        <p class="actions">
          <button class="primary" type="submit">
            {t.button}
          </button>
          <a class="button quiet" href={cancel}>
            {spoken.form.cancel}
          </a>
        </p>
      </Form>
    </Page>
  );
}

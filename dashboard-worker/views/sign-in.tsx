/**
 * The pages in front of the door: signing in, setting up, a newer set-up link, and one that no longer works.
 */
import { formatDuration } from './format.ts';
import { spoken } from './language.ts';
import { PlainPage } from './layout.tsx';
import type { RecoverModel, SetupModel, SetupUsedModel, SignInModel } from './models.ts';
import { NewAccountFields, NewPasswordField } from './new-account-fields.tsx';
import { ErrorSummary, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';

export function SignInPage({ settingName, email, next, plainHttp, outcome, waitMinutes, passkeys }: SignInModel) {
  const t = spoken.signIn;
  const failed = outcome === 'wrong' || outcome === 'slow-down' || outcome === 'passkey-wrong';
  return (
    <PlainPage title={t.title} hasErrors={failed} plainHttp={plainHttp} passkeys={passkeys}>
      <h1>{t.title}</h1>
      {settingName !== null && <p class="lead">{settingName}</p>}
      {outcome !== null && (
        <p class={failed ? 'error-summary' : 'flash'} role={failed ? 'alert' : 'status'}>
          {outcome === 'slow-down' ? t.outcomes[outcome](formatDuration(waitMinutes)) : t.outcomes[outcome]}
        </p>
      )}
      <Form class="card" action={paths.signIn}>
        <input type="hidden" name="next" value={next} />
        <TextField
          name="email"
          label={t.email}
          type="email"
          value={email}
          errors={[]}
          autocomplete="username"
          required
          verbatim
        />
        <TextField
          name="password"
          label={t.password}
          type="password"
          errors={[]}
          autocomplete="current-password"
          required
        />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
      {passkeys && (
        <Form action={paths.passkeySignIn} data-passkey="get" data-options={paths.passkeySignInOptions} hidden>
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="response" value="" />
          <p class="field-error" role="alert" data-problem="" hidden>
            {t.passkeyProblem}
          </p>
          <button type="submit">{t.passkey}</button>
        </Form>
      )}
    </PlainPage>
  );
}

export function SetupPage({ token, values, errors, plainHttp }: SetupModel) {
  const t = spoken.setup;
  return (
    <PlainPage title={t.title} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={paths.setup(token)}>
        <TextField
          name="settingName"
          label={t.settingName}
          hint={t.settingNameHint}
          value={values.settingName}
          errors={errors}
          autocomplete="organization"
          maxLength={80}
          required
        />
        <NewAccountFields values={values} nameHint={t.nameHint} errors={errors} />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
    </PlainPage>
  );
}

export function RecoverPage({ token, name, email, errors, plainHttp }: RecoverModel) {
  const t = spoken.recover;
  return (
    <PlainPage title={t.title} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro(name)}</p>
      <p>{t.what}</p>
      <ErrorSummary errors={errors} />
      <dl>
        <dt>{t.email}</dt>
        <dd>{email}</dd>
      </dl>
      <Form class="card" action={paths.setup(token)}>
        <NewPasswordField label={t.password} errors={errors} />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
    </PlainPage>
  );
}

export function SetupUsedPage({ reason }: SetupUsedModel) {
  const t = spoken.setup.used;
  return (
    <PlainPage title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t[reason]}</p>
      <p>{t.whatToDo}</p>
      <p>
        <a class="button primary" href={paths.signIn}>
          {spoken.signIn.title}
        </a>
      </p>
    </PlainPage>
  );
}

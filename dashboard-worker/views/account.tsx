/** Somebody's own account: where they are signed in, password, recovery codes, and another phone for the app. */
import { browserName } from './browser-name.ts';
import { formatAt, formatDay, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { AccountModel, FieldError, Frame, ReplaceAppModel, SessionModel } from './models.ts';
import { NAME_MAX_LENGTH, PASSWORD_MIN_LENGTH } from './models.ts';
import { ErrorSummary, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { AppToScan, CodeField } from './second-factor.tsx';

const t = spoken.account;

export function AccountPage(model: AccountModel) {
  const { frame, name, email, appSetUpAt, recoveryCodesLeft, sessions, errors } = model;
  return (
    <Page
      frame={frame}
      page="account"
      title={t.title}
      hasErrors={errors.length > 0}
      passkeys={model.passkeyPlace.kind === 'here'}
    >
      <h1>{t.title}</h1>
      <ErrorSummary errors={errors} />
      <dl>
        <dt>{t.name}</dt>
        <dd>{name}</dd>
        <dt>{t.email}</dt>
        <dd>{email}</dd>
      </dl>
      <p class="actions">
        <a class="button" href={paths.ownRecord}>
          {spoken.ownRecord.link}
        </a>
        {frame.may.has('key.change') && (
          <a class="button" href={paths.keys}>
            {spoken.keys.title}
          </a>
        )}
      </p>
      <section aria-labelledby="sessions">
        <h2 id="sessions">{t.sessions.title}</h2>
        {sessions.length > 1 && <p>{t.sessions.intro}</p>}
        <ul class="plain">
          {sessions.map((session) => (
            <SessionLine session={session} frame={frame} />
          ))}
        </ul>
        {sessions.length > 1 && (
          <Form action={paths.endOtherSessions}>
            <button type="submit">{t.sessions.endOthers}</button>
          </Form>
        )}
      </section>
      <section class="card" aria-labelledby="password">
        <h2 id="password">{t.password.title}</h2>
        <Form action={paths.changePassword}>
          <PasswordField name="currentPassword" label={t.password.current} errors={errors} />
          <TextField
            name="newPassword"
            label={t.password.next}
            hint={t.password.hint(PASSWORD_MIN_LENGTH)}
            type="password"
            errors={errors}
            autocomplete="new-password"
            minLength={PASSWORD_MIN_LENGTH}
            required
          />
          <button type="submit">{t.password.button}</button>
        </Form>
      </section>
      <Passkeys {...model} />
      <section class="card" aria-labelledby="app">
        <h2 id="app">{t.app.title}</h2>
        {appSetUpAt !== null && <p>{t.app.since(formatDay(appSetUpAt, frame.timeZone))}</p>}
        <p>{t.app.text}</p>
        <p>
          <a class="button" href={paths.replaceApp}>
            {t.app.link}
          </a>
        </p>
      </section>
      <section class="card" aria-labelledby="codes">
        <h2 id="codes">{t.codes.title}</h2>
        <p>{t.codes.left(recoveryCodesLeft)}</p>
        <Form action={paths.renewRecoveryCodes}>
          <PasswordField name="codesPassword" label={t.codes.password} errors={errors} />
          <button type="submit">{t.codes.button}</button>
        </Form>
      </section>
    </Page>
  );
}

/** On an unencrypted network they do not exist, and nothing is said of them unless there are some to remove. */
function Passkeys({ frame, passkeys, passkeyPlace: place, errors }: AccountModel) {
  const words = t.passkeys;
  const here = place.kind === 'here' ? place.host : null;
  if (place.kind === 'nowhere' && passkeys.length === 0) return null;
  return (
    <section class="card" aria-labelledby="passkeys">
      <h2 id="passkeys">{words.title}</h2>
      <p>{words.text}</p>
      {here !== null && <p>{words.boundTo(here)}</p>}
      {passkeys.length === 0 ? (
        <p>{words.none}</p>
      ) : (
        <ul class="plain">
          {passkeys.map(({ id, name, addedAt, host }) => (
            <li class="grant">
              <div>
                <h3>{name === '' ? words.unnamed : name}</h3>
                <p class="detail">{words.added(formatDay(addedAt, frame.timeZone))}</p>
                {here !== null && host !== '' && host !== here && <p class="detail">{words.ofAnotherHost(host)}</p>}
              </div>
              <Form action={paths.removePasskey}>
                <input type="hidden" name="passkey" value={id} />
                <button type="submit">
                  {words.remove}
                  <span class="hidden">: {name === '' ? words.unnamed : name}</span>
                </button>
              </Form>
            </li>
          ))}
        </ul>
      )}
      {place.kind === 'elsewhere' && (
        <p>
          {words.elsewhere} <a href={place.url}>{place.url}</a>
        </p>
      )}
      {place.kind === 'here' && (
        <>
          <noscript>
            <p>{words.needsScript}</p>
          </noscript>
          <Form action={paths.addPasskey} data-passkey="add" data-options={paths.passkeyOptions} hidden>
            <TextField
              name="passkeyName"
              label={words.name}
              hint={words.hint}
              errors={[]}
              autocomplete="off"
              maxLength={NAME_MAX_LENGTH}
              required
            />
            <PasswordField name="passkeyPassword" label={t.codes.password} errors={errors} />
            <input type="hidden" name="response" value="" />
            <p class="field-error" role="alert" data-problem="" hidden>
              {words.problem}
            </p>
            <button type="submit">{words.button}</button>
          </Form>
        </>
      )}
    </section>
  );
}

function SessionLine({ session, frame }: { session: SessionModel; frame: Frame }) {
  const known = browserName(session.userAgent);
  const where = known === null ? t.sessions.unknown : t.sessions.on(known.browser, known.system);
  const half = session.strength === 'password';
  return (
    <li class="card grant">
      <div>
        <h3>
          {where} {session.own && <span class="mark">{t.sessions.own}</span>}
          {half && <span class="mark emergency">{t.sessions.half}</span>}
        </h3>
        <p class="detail">
          {half
            ? t.sessions.passwordOnly(formatAt(session.since, frame))
            : t.sessions.since(formatMoment(session.since, frame))}
        </p>
      </div>
      {!session.own && (
        <Form action={paths.endSession}>
          <input type="hidden" name="session" value={session.id} />
          <button type="submit">
            {t.sessions.end}
            <span class="hidden">: {where}</span>
          </button>
        </Form>
      )}
    </li>
  );
}

export function ReplaceAppPage({ frame, keyUri, keyText, problems }: ReplaceAppModel) {
  const errors: FieldError[] = [];
  if (problems.code !== undefined) errors.push({ field: 'code', message: spoken.secondFactor.problems[problems.code] });
  if (problems.password !== undefined) {
    errors.push({ field: 'password', message: t.passwordProblems[problems.password] });
  }
  return (
    <Page frame={frame} page="account" title={t.app.pageTitle} hasErrors={errors.length > 0}>
      <h1>{t.app.pageTitle}</h1>
      <p class="lead">{t.app.intro}</p>
      <ErrorSummary errors={errors} />
      <AppToScan keyUri={keyUri} keyText={keyText} />
      <h2>3. {t.app.confirm}</h2>
      <Form class="card" action={paths.replaceApp}>
        <CodeField errors={errors} />
        <PasswordField name="password" label={t.codes.password} errors={errors} />
        <div class="actions">
          <button class="primary" type="submit">
            {t.app.button}
          </button>
          <a class="button" href={paths.account}>
            {t.app.cancel}
          </a>
        </div>
      </Form>
    </Page>
  );
}

function PasswordField({ name, label, errors }: { name: string; label: string; errors: readonly FieldError[] }) {
  return (
    <TextField name={name} label={label} type="password" errors={errors} autocomplete="current-password" required />
  );
}

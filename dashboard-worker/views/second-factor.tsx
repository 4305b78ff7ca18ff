/**
 * The pages between the password and the dashboard: sign-in's second step, setting up the app, and the recovery codes.
 * They say nothing of the setting, since whoever sees them is not in yet.
 */

import { spoken } from './language.ts';
import { PlainPage } from './layout.tsx';
import type {
  FieldError,
  GiveResetCodeModel,
  RecoveryCodesModel,
  SecondFactorModel,
  SecondStepModel,
} from './models.ts';
import { ErrorSummary, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { QrCode } from './qr-code.tsx';

export function SecondStepPage({ step, next, problem, plainHttp }: SecondStepModel) {
  const t = spoken.secondStep;
  const words = t[step];
  const errors: FieldError[] = problem === null ? [] : [{ field: 'code', message: words.problems[problem] }];
  const [here, other] =
    step === 'app' ? [paths.secondStep, paths.recoveryStep] : [paths.recoveryStep, paths.secondStep];
  return (
    <PlainPage title={words.title} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{words.title}</h1>
      <p class="lead">{words.intro}</p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={here}>
        <input type="hidden" name="next" value={next} />
        <TextField
          name="code"
          label={words.label}
          hint={words.hint}
          errors={errors}
          autocomplete={step === 'app' ? 'one-time-code' : 'off'}
          digits={step === 'app'}
          verbatim
          required
        />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
      <p>
        <a class="touch" href={next === '' ? other : `${other}?${new URLSearchParams({ next })}`}>
          {words.other}
        </a>
      </p>
      <p>
        <a class="touch" href={paths.signIn}>
          {t.startAgain}
        </a>
      </p>
    </PlainPage>
  );
}

export function SecondFactorPage({ keyUri, keyText, problem, plainHttp }: SecondFactorModel) {
  const t = spoken.secondFactor;
  const errors: FieldError[] = problem === null ? [] : [{ field: 'code', message: t.problems[problem] }];
  return (
    <PlainPage title={t.title} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <AppToScan keyUri={keyUri} keyText={keyText} />
      <h2>3. {t.confirm}</h2>
      <Form class="card" action={paths.secondFactor}>
        <CodeField errors={errors} />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
    </PlainPage>
  );
}

export function GiveResetCodePage({ problem, plainHttp }: GiveResetCodeModel) {
  const t = spoken.giveResetCode;
  const errors: FieldError[] = problem === null ? [] : [{ field: 'resetCode', message: t.problems[problem] }];
  return (
    <PlainPage title={t.title} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={paths.resetCode}>
        <TextField
          name="resetCode"
          label={t.label}
          hint={t.hint}
          errors={errors}
          autocomplete="off"
          verbatim
          required
        />
        <button class="primary" type="submit">
          {t.button}
        </button>
      </Form>
      <p>
        <a class="touch" href={paths.signIn}>
          {spoken.secondStep.startAgain}
        </a>
      </p>
    </PlainPage>
  );
}

/** The first two steps of setting up an app; the third is a form with a `CodeField`. */
export function AppToScan({ keyUri, keyText }: { keyUri: string; keyText: string }) {
  const t = spoken.secondFactor;
  return (
    <>
      <h2>1. {t.install}</h2>
      <p class="hint">{t.installHint}</p>
      <h2>2. {t.scan}</h2>
      <QrCode text={keyUri} label={t.picture} />
      <details>
        <summary>{t.byHand}</summary>
        <p>
          <a class="touch" href={keyUri}>
            {t.onThisDevice}
          </a>
        </p>
        <p>{t.key}</p>
        <p class="code">{inFours(keyText)}</p>
      </details>
    </>
  );
}

export function CodeField({ errors }: { errors: readonly FieldError[] }) {
  const t = spoken.secondFactor;
  return (
    <TextField
      name="code"
      label={t.label}
      hint={t.hint}
      errors={errors}
      autocomplete="one-time-code"
      digits
      verbatim
      required
    />
  );
}

export function RecoveryCodesPage({ codes, plainHttp }: RecoveryCodesModel) {
  const t = spoken.recoveryCodes;
  return (
    <PlainPage title={t.title} plainHttp={plainHttp}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <p>{t.keep}</p>
      <ul class="card recovery" aria-label={t.list}>
        {codes.map((code) => (
          <li class="code">{code}</li>
        ))}
      </ul>
      <p>
        <a class="button primary" href={paths.now}>
          {t.done}
        </a>
      </p>
    </PlainPage>
  );
}

/** As people read a long number out. */
function inFours(text: string): string {
  return text.match(/.{1,4}/g)?.join(' ') ?? '';
}

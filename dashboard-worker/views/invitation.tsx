/**
 * What is handed on to somebody: the link of an invitation, with what whoever opens it sees, and the code of a reset.
 */
import { formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page, PlainPage } from './layout.tsx';
import type { AcceptInvitationModel, InvitationModel, JoinModel, ResetCodeModel } from './models.ts';
import { NewAccountFields } from './new-account-fields.tsx';
import { ErrorSummary, Form } from './parts.tsx';
import { paths, shownTo, signInFirst } from './paths.ts';
import { QrCode } from './qr-code.tsx';
import { isThisMachine } from './this-machine.ts';

const t = spoken.people;

/** The link, to be handed on: in person, by its picture, or by whatever message the two use. */
export function InvitationPage({ frame, name, role, link, expiresAt }: InvitationModel) {
  return (
    <Page frame={frame} page="people" title={t.invited(name)}>
      <h1>{t.invited(name)}</h1>
      <p class="lead">{t.handOn(name, spoken.roles[role])}</p>
      <div class="card">
        <QrCode text={link} label={t.qrLabel} />
        <p>
          <code>{link}</code>
        </p>
        <p>{t.linkUntil(formatMoment(expiresAt, frame))}</p>
        {isThisMachine(link) && <p class="note">{spoken.layout.thisMachine}</p>}
      </div>
      <p class="note">{t.shownOnce}</p>
      <p>
        <a class="button" href={paths.people}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}

export function ResetCodePage({ frame, name, code, expiresAt }: ResetCodeModel) {
  const words = t.resetCode;
  return (
    <Page frame={frame} page="people" title={words.title(name)}>
      <h1>{words.title(name)}</h1>
      <p class="lead">{words.text(name)}</p>
      <div class="card">
        <p class="code">{code}</p>
        <p>{words.until(formatMoment(expiresAt, frame))}</p>
      </div>
      <p class="note">{words.once}</p>
      <p>
        <a class="button" href={paths.people}>
          {t.back}
        </a>
      </p>
    </Page>
  );
}

export function JoinPage({ token, settingName, role, values, errors, plainHttp }: JoinModel) {
  const words = spoken.join;
  return (
    <PlainPage title={words.title(settingName)} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{words.title(settingName)}</h1>
      <p class="lead">{words.intro(spoken.roles[role])}</p>
      <p class="note">
        {words.haveAccount} <a href={signInFirst(token)}>{words.signInFirst}</a>
      </p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={paths.invitation(token)}>
        <NewAccountFields values={values} nameHint={words.nameHint} errors={errors} />
        <button class="primary" type="submit">
          {words.button}
        </button>
      </Form>
    </PlainPage>
  );
}

/** For somebody with an account: nothing to fill in. */
export function AcceptInvitationPage(model: AcceptInvitationModel) {
  const { token, settingName, role, userId, name, email, belongsAlready, plainHttp } = model;
  const words = spoken.acceptInvitation;
  return (
    <PlainPage title={spoken.join.title(settingName)} plainHttp={plainHttp}>
      <h1>{spoken.join.title(settingName)}</h1>
      <p class="lead">{words.intro(spoken.roles[role])}</p>
      <div class="card">
        <p>{words.as(name, email)}</p>
        {belongsAlready ? (
          <>
            <p class="note" role="status">
              {words.already(settingName)}
            </p>
            <a class="button primary" href={paths.now}>
              {spoken.errors.backToNow}
            </a>
          </>
        ) : (
          <>
            <p>{words.text}</p>
            <Form action={paths.acceptInvitation(token)}>
              <input type="hidden" name="as" value={shownTo(userId)} />
              <button class="primary" type="submit">
                {words.button}
              </button>
            </Form>
          </>
        )}
      </div>
      <p>{words.notYou}</p>
      <Form action={paths.signOut}>
        <button type="submit">{spoken.layout.signOut}</button>
      </Form>
    </PlainPage>
  );
}

export function InvitationGonePage() {
  const words = spoken.join.gone;
  return (
    <PlainPage title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.sentence}</p>
      <p>{words.whatToDo}</p>
      <p>
        <a class="button primary" href={paths.signIn}>
          {spoken.signIn.title}
        </a>
      </p>
    </PlainPage>
  );
}

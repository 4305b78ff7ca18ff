/**
 * People: who may come in and what they may do, and inviting somebody by a link that is handed on.
 */
import { formatDay, formatMoment } from './format.ts';
import { Page, PlainPage } from './layout.tsx';
import { en } from './messages.ts';
import type { FieldError, Frame, InvitationModel, JoinModel, PeopleModel, Person, RoleId } from './models.ts';
import { PASSWORD_MIN_LENGTH, roleIds } from './models.ts';
import { capitalise, ErrorSummary, FieldErrorText, Form, TextField } from './parts.tsx';
import { paths } from './paths.ts';
import { QrCode } from './qr-code.tsx';

const t = en.people;

export function PeoplePage({ frame, people, invitations, values, errors }: PeopleModel) {
  return (
    <Page frame={frame} page="people" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ErrorSummary errors={errors} />
      <section aria-labelledby="members-title">
        <h2 id="members-title">{t.members}</h2>
        <ul class="plain">
          {people.map((person) => (
            <PersonCard person={person} frame={frame} errors={errors} />
          ))}
        </ul>
      </section>
      <section aria-labelledby="invitations-title">
        <h2 id="invitations-title">{t.invitations}</h2>
        {invitations.length === 0 ? (
          <p>{t.noInvitations}</p>
        ) : (
          <ul class="plain">
            {invitations.map(({ id, name, role, expiresAt }) => (
              <li class="card grant">
                <div>
                  <h3>{name}</h3>
                  <p class="detail">{t.invitedAs(en.roles[role], formatMoment(expiresAt, frame))}</p>
                </div>
                <Form action={paths.withdrawInvitation(id)}>
                  <button type="submit">
                    {t.withdraw}
                    <span class="hidden">: {name}</span>
                  </button>
                </Form>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="card" aria-labelledby="invite-title">
        <h2 id="invite-title">{t.invite}</h2>
        <p>{t.inviteText}</p>
        <Form action={paths.invite}>
          <TextField
            name="name"
            label={t.name}
            value={values.name}
            errors={errors}
            autocomplete="off"
            maxLength={80}
            required
          />
          <RoleField id="role" label={t.role} role={values.role} errors={errors} />
          <button class="primary" type="submit">
            {t.inviteButton}
          </button>
        </Form>
      </section>
      <section aria-labelledby="roles-title">
        <h2 id="roles-title">{t.whatRolesMay}</h2>
        <dl>
          {roleIds.map((role) => (
            <>
              <dt>{capitalise(en.roles[role])}</dt>
              <dd>{t.mayDo[role]}</dd>
            </>
          ))}
        </dl>
      </section>
    </Page>
  );
}

function PersonCard({ person, frame, errors }: { person: Person; frame: Frame; errors: readonly FieldError[] }) {
  const { id, name, email, role, since, isSelf } = person;
  return (
    <li class="card">
      <h3>
        {name} {isSelf && <span class="mark">{t.you}</span>}
      </h3>
      <p class="detail">
        {capitalise(en.roles[role])}. {t.since(email, formatDay(since, frame.timeZone))}
      </p>
      <details open={errors.some(({ field }) => field === `role-${id}`)}>
        <summary>
          {t.change}
          <span class="hidden">: {name}</span>
        </summary>
        <Form class="row" action={paths.changeRole(id)}>
          <RoleField id={`role-${id}`} label={t.roleOf(name)} role={role} errors={errors} />
          <button type="submit">{t.saveRole}</button>
        </Form>
        <p>{t.removeText(name)}</p>
        <Form action={paths.removePerson(id)}>
          <button class="danger" type="submit">
            {t.remove(name)}
          </button>
        </Form>
      </details>
    </li>
  );
}

function RoleField({
  id,
  label,
  role,
  errors,
}: {
  id: string;
  label: string;
  role: RoleId;
  errors: readonly FieldError[];
}) {
  const wrong = errors.some(({ field }) => field === id);
  return (
    <div class={wrong ? 'field wrong' : 'field'}>
      <label for={id}>{label}</label>
      <FieldErrorText field={id} errors={errors} />
      <select id={id} name="role" aria-describedby={wrong ? `${id}-error` : undefined}>
        {roleIds.map((choice) => (
          <option value={choice} selected={choice === role}>
            {capitalise(en.roles[choice])}
          </option>
        ))}
      </select>
    </div>
  );
}

/** The link, to be handed on: in person, by its picture, or by whatever message the two use. */
export function InvitationPage({ frame, name, role, link, expiresAt }: InvitationModel) {
  return (
    <Page frame={frame} page="people" title={t.invited(name)}>
      <h1>{t.invited(name)}</h1>
      <p class="lead">{t.handOn(name, en.roles[role])}</p>
      <div class="card">
        <QrCode text={link} label={t.qrLabel} />
        <p>
          <code>{link}</code>
        </p>
        <p>{t.linkUntil(formatMoment(expiresAt, frame))}</p>
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

export function JoinPage({ token, settingName, role, values, errors, plainHttp }: JoinModel) {
  const words = en.join;
  return (
    <PlainPage title={words.title(settingName)} hasErrors={errors.length > 0} plainHttp={plainHttp}>
      <h1>{words.title(settingName)}</h1>
      <p class="lead">{words.intro(en.roles[role])}</p>
      <ErrorSummary errors={errors} />
      <Form class="card" action={paths.invitation(token)}>
        <TextField
          name="name"
          label={en.setup.name}
          hint={words.nameHint}
          value={values.name}
          errors={errors}
          autocomplete="name"
          maxLength={80}
          required
        />
        <TextField
          name="email"
          label={en.setup.email}
          hint={en.setup.emailHint}
          type="email"
          value={values.email}
          errors={errors}
          autocomplete="username"
          required
          verbatim
        />
        <TextField
          name="password"
          label={en.setup.password}
          hint={en.setup.passwordHint(PASSWORD_MIN_LENGTH)}
          type="password"
          errors={errors}
          autocomplete="new-password"
          minLength={PASSWORD_MIN_LENGTH}
          required
        />
        <button class="primary" type="submit">
          {words.button}
        </button>
      </Form>
    </PlainPage>
  );
}

export function InvitationGonePage() {
  const words = en.join.gone;
  return (
    <PlainPage title={words.title}>
      <h1>{words.title}</h1>
      <p class="lead">{words.sentence}</p>
      <p>{words.whatToDo}</p>
      <p>
        <a class="button primary" href={paths.signIn}>
          {en.signIn.title}
        </a>
      </p>
    </PlainPage>
  );
}

/**
 * People: who may come in and what they may do, and inviting somebody. What becomes of an invitation is in invitation.tsx.
 */

import type { RoleId } from '../accounts/rights.ts';
import { roleIds } from '../accounts/rights.ts';
import { formatDay, formatMoment } from './format.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { FieldError, Frame, PeopleModel, Person } from './models.ts';
import { capitalise, ErrorSummary, FieldErrorText, Form, FormId, listOf, TextField, Tile } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.people;

export function PeoplePage({ frame, people, invitations, values, errors, formId }: PeopleModel) {
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
                  <p class="detail">{t.invitedAs(spoken.roles[role], formatMoment(expiresAt, frame))}</p>
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
          <FormId id={formId} />
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
              <dt>{capitalise(spoken.roles[role])}</dt>
              <dd>{t.mayDo[role]}</dd>
            </>
          ))}
        </dl>
      </section>
    </Page>
  );
}

function PersonCard({ person, frame, errors }: { person: Person; frame: Frame; errors: readonly FieldError[] }) {
  const { id, name, email, role, extra, delegable, since, hasSecondFactor, awaitsResetCode, isSelf } = person;
  const fields = [`role-${id}`, `rights-${id}`, `second-factor-${id}`];
  return (
    <li class="card">
      <h3>
        {name} {isSelf && <span class="mark">{t.you}</span>}
      </h3>
      <p class="detail">
        {capitalise(spoken.roles[role])}. {t.since(email, formatDay(since, frame.timeZone))}
        {!hasSecondFactor && ` ${awaitsResetCode ? t.awaitsResetCode : t.noSecondFactor}`}
        {extra.length > 0 && ` ${t.also(listOf(extra.map((right) => spoken.rights[right])))}`}
      </p>
      <details open={errors.some(({ field }) => fields.includes(field))}>
        <summary>
          {t.change}
          <span class="hidden">: {name}</span>
        </summary>
        <Form class="row" action={paths.changeRole(id)}>
          <RoleField id={`role-${id}`} label={t.roleOf(name)} role={role} errors={errors} />
          <button type="submit">{t.saveRole}</button>
        </Form>
        {delegable.length > 0 && <Rights person={person} errors={errors} />}
        {(hasSecondFactor || awaitsResetCode) && !isSelf && <LostPhone person={person} errors={errors} />}
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

function LostPhone({ person, errors }: { person: Person; errors: readonly FieldError[] }) {
  const { id, name, awaitsResetCode, belongsElsewhere } = person;
  const field = `second-factor-${id}`;
  return (
    <div id={field} tabindex={-1}>
      <FieldErrorText field={field} errors={errors} />
      <p>
        {belongsElsewhere ? t.lostPhoneElsewhere(name) : (awaitsResetCode ? t.newResetCodeText : t.lostPhoneText)(name)}
      </p>
      {!belongsElsewhere && (
        <Form action={paths.resetSecondFactor(id)}>
          <button type="submit">
            {awaitsResetCode ? t.newResetCode : t.lostPhone}
            <span class="hidden">: {name}</span>
          </button>
        </Form>
      )}
    </div>
  );
}

function Rights({ person, errors }: { person: Person; errors: readonly FieldError[] }) {
  const { id, name, extra, delegable } = person;
  const field = `rights-${id}`;
  const wrong = errors.some((error) => error.field === field);
  return (
    <Form action={paths.changeRights(id)}>
      <fieldset id={field} class={wrong ? 'wrong' : undefined} tabindex={-1} aria-describedby={`${field}-hint`}>
        <legend>{t.rightsOf(name)}</legend>
        <p class="hint" id={`${field}-hint`}>
          {t.rightsText}
        </p>
        <FieldErrorText field={field} errors={errors} />
        <div class="tiles broad">
          {delegable.map((right) => (
            <Tile name="right" value={right} checked={extra.includes(right)} several>
              {capitalise(spoken.rights[right])}
            </Tile>
          ))}
        </div>
      </fieldset>
      <button type="submit">{t.saveRights}</button>
    </Form>
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
            {capitalise(spoken.roles[choice])}
          </option>
        ))}
      </select>
    </div>
  );
}

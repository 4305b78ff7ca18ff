/**
 * The form for what a group's devices may do at which times: a choice for each kind of social media, and services that are
 * an exception to theirs. What holds where nobody has chosen stands in each first choice.
 */
import type { Restriction } from '../../policy-rules/policy.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { GroupRulesModel } from './models.ts';
import { ErrorSummary, errorOf, FieldErrorText } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';

const t = spoken.groupRules;

/** Ids of the catalogue are words with hyphens, so that they can stand in the name of a field. */
export const groupRulesFields = {
  category: (id: string) => `category-${id}`,
  service: (id: string) => `service-${id}`,
  another: 'another',
  anotherWhen: 'anotherWhen',
} as const;

const choices: readonly Restriction[] = ['never', 'opening-hours', 'always'];

export function GroupRulesPage(model: GroupRulesModel) {
  const { frame, group, version, rules, another, categories, services, protectedNames, errors } = model;
  const title = t.title(group.name);
  const all = services.flatMap((part) => part.services);
  const exceptions = all.filter(({ id }) => rules.services[id] !== undefined);
  return (
    <Page frame={frame} page="devices" title={title} hasErrors={errors.length > 0}>
      <h1>{title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{t.intro}</p>
      <p>{t.kinds[group.kind]}</p>
      <PolicyForm action={paths.groupRules(group.id)} version={version} cancel={paths.devices} long>
        <section class="card" aria-labelledby="categories-title">
          <h2 id="categories-title">{t.categories}</h2>
          {categories.map(({ id, name, hint, usual }) => (
            <Choice
              name={groupRulesFields.category(id)}
              label={name}
              hint={hint}
              none={t.usual[usual]}
              value={rules.categories[id]}
            />
          ))}
          <p>{t.protected(protectedNames)}</p>
        </section>
        <section class="card" aria-labelledby="services-title">
          <h2 id="services-title">{t.services}</h2>
          <p class="hint">{t.servicesHint}</p>
          {exceptions.map(({ id, name }) => (
            <Choice name={groupRulesFields.service(id)} label={name} none={t.asItsKind} value={rules.services[id]} />
          ))}
          <div class="field">
            <label for={groupRulesFields.another}>{t.another}</label>
            <select id={groupRulesFields.another} name={groupRulesFields.another}>
              <option value="">{t.noService}</option>
              {services.map((part) => (
                <optgroup label={part.categoryName}>
                  {part.services
                    .filter(({ id }) => rules.services[id] === undefined)
                    .map(({ id, name }) => (
                      <option value={id} selected={id === another}>
                        {name}
                      </option>
                    ))}
                </optgroup>
              ))}
            </select>
          </div>
          <Choice name={groupRulesFields.anotherWhen} label={t.anotherWhen} none={t.asItsKind} errors={errors} />
        </section>
      </PolicyForm>
    </Page>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  /** What no choice means. */
  readonly none: string;
  readonly value?: Restriction | undefined;
  readonly errors?: GroupRulesModel['errors'];
}

function Choice({ name, label, hint, none, value, errors = [] }: ChoiceProps) {
  const error = errorOf(errors, name);
  const describedBy = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <FieldErrorText field={name} errors={errors} />
      <select
        id={name}
        name={name}
        aria-describedby={describedBy || undefined}
        aria-invalid={error ? 'true' : undefined}
      >
        <option value="">{none}</option>
        {choices.map((choice) => (
          <option value={choice} selected={choice === value}>
            {t.when[choice]}
          </option>
        ))}
      </select>
    </div>
  );
}

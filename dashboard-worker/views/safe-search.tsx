/**
 * The form for a group's safe search. What each choice does is said beside it; what it cannot do, above.
 */
import type { SafeSearch } from '../../policy-rules/policy.ts';
import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { SafeSearchModel } from './models.ts';
import { ErrorSummary, FieldErrorText } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';

const t = spoken.safeSearch;

/** The one that is right for most stands first. */
const youtubeChoices: readonly SafeSearch['youtube'][] = ['moderate', 'strict', 'off'];

export function SafeSearchPage({ frame, group, values, version, errors }: SafeSearchModel) {
  const title = t.title(group.name);
  return (
    <Page frame={frame} page="devices" title={title} hasErrors={errors.length > 0}>
      <h1>{title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{t.intro}</p>
      <p>{t.kinds[group.kind]}</p>
      <PolicyForm action={paths.safeSearch(group.id)} version={version} cancel={paths.devices}>
        <fieldset id="search">
          <legend>{t.search}</legend>
          <FieldErrorText field="search" errors={errors} />
          <Choice name="search" value="on" checked={values.search} label={t.searchOn} hint={t.searchOnHint} />
          <Choice name="search" value="off" checked={!values.search} label={t.searchOff} />
        </fieldset>
        <fieldset id="youtube">
          <legend>{t.youtube}</legend>
          <p class="hint">{t.youtubeHint}</p>
          {youtubeChoices.map((choice) => (
            <Choice
              name="youtube"
              value={choice}
              checked={values.youtube === choice}
              label={t.youtubeChoices[choice]}
              hint={t.youtubeHints[choice]}
            />
          ))}
        </fieldset>
      </PolicyForm>
      <p>{t.limits}</p>
    </Page>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly label: string;
  readonly hint?: string;
}

function Choice({ name, value, checked, label, hint }: ChoiceProps) {
  return (
    <label class="tile">
      <input type="radio" name={name} value={value} checked={checked} />
      <span>
        {label}
        {hint !== undefined && <small>{hint}</small>}
      </span>
    </label>
  );
}

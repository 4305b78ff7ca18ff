/** The form that says, for each network, as which group its devices without a name are filtered. */

import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { NetworksModel } from './models.ts';
import { ErrorSummary, errorOf, FieldErrorText } from './parts.tsx';
import { paths } from './paths.ts';
import { PolicyForm } from './policy-form.tsx';

const t = spoken.networks;

/** By its range, which no two networks share. */
export const networkField = (range: string): string => `network-${range}`;

export function NetworksPage({ frame, version, groups, networks, errors }: NetworksModel) {
  return (
    <Page frame={frame} page="devices" title={t.title} hasErrors={errors.length > 0}>
      <h1>{t.title}</h1>
      <ErrorSummary errors={errors} />
      <p class="lead">{t.intro}</p>
      <PolicyForm action={paths.networks} version={version} cancel={paths.devices}>
        {networks.map(({ name, range, group, stricter }) => {
          const field = networkField(range);
          const hint = `${field}-hint`;
          const chosen = groups.find(({ id }) => id === group)?.name ?? group;
          return (
            <div class={errorOf(errors, field) ? 'field wrong' : 'field'}>
              <label for={field}>{name}</label>
              <p class="hint code" id={hint}>
                {range}
              </p>
              <FieldErrorText field={field} errors={errors} />
              <select id={field} name={field} aria-describedby={stricter === null ? hint : `${hint} ${field}-stricter`}>
                {groups.map(({ id, name: groupName, kind }) => (
                  <option value={id} selected={id === group}>
                    {t.option(groupName, t.kinds[kind])}
                  </option>
                ))}
              </select>
              {stricter !== null && (
                <p class="attention" id={`${field}-stricter`}>
                  {t.stricter(chosen, stricter)}
                </p>
              )}
            </div>
          );
        })}
      </PolicyForm>
    </Page>
  );
}

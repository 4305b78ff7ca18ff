/**
 * Settings: where somebody who belongs to several may go. Each is a nursery of its own.
 */

import { spoken } from './language.ts';
import { Page } from './layout.tsx';
import type { SettingsModel } from './models.ts';
import { capitalise, Form } from './parts.tsx';
import { paths } from './paths.ts';

const t = spoken.settings;

export function SettingsPage({ frame, settings }: SettingsModel) {
  return (
    <Page frame={frame} page={null} title={t.title}>
      <h1>{t.title}</h1>
      <p class="lead">{t.intro}</p>
      <ul class="plain">
        {settings.map(({ settingId, settingName, role }) => (
          <li class="card grant">
            <div>
              <h2>{settingName}</h2>
              <p class="detail">{capitalise(spoken.roles[role])}</p>
            </div>
            {settingId === frame.settingId ? (
              <span class="mark">{t.here}</span>
            ) : (
              <Form action={paths.switchSetting}>
                <button name="to" value={settingId} type="submit">
                  {t.go}
                  <span class="hidden">: {settingName}</span>
                </button>
              </Form>
            )}
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** The settings of somebody who belongs to several, and going from one to another. */
import { Hono } from 'hono';
import { closeOpenPages } from '../accounts/open-pages.ts';
import { noteEntering } from '../accounts/record-outbox.ts';
import { NotFoundPage, SettingsPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, keepCookies } from './context.ts';
import { browserOf } from './entering.ts';
import { readFields } from './forms.ts';
import { needs } from './guard.ts';

export const settingsRoutes = new Hono<AppEnv>()
  .get(paths.settings, needs('self'), async (c) => {
    const frame = frameOf(c, await c.var.setting.frame());
    return c.html(SettingsPage({ frame, settings: c.var.memberships }));
  })

  .post(paths.switchSetting, needs('self'), async (c) => {
    const { to } = await readFields(c, ['to']);
    const there = c.var.memberships.find(({ settingId }) => settingId === to);
    if (there === undefined) return c.html(NotFoundPage(), 404);
    if (to !== c.var.settingId) await goTo(c, to, c.var.actor);
    return c.redirect(paths.now, 303);
  });

/** The session becomes one in that setting, whose record says that this person has come in. */
export async function goTo(
  c: AppContext,
  settingId: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  const { sessionId, setCookies } = await c.var.sessions.switchTo(c.req.raw.headers, settingId);
  // As in entering.ts: first what is on the record, then what the session can be used with.
  await noteEntering(c.env, settingId, { id, name, sessionId }, { type: 'signed-in', ...browserOf(c) });
  keepCookies(c, setCookies);
  await closeOpenPages(c.env, id);
}

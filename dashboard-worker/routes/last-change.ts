/** The newest change of the policy: what it was, and taking it back, which is a new version as any other change is. */
import { Hono } from 'hono';
import { LastChangePage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { readFields } from './forms.ts';
import { needs } from './guard.ts';
import { problemsOf, readVersion } from './policy-forms.ts';

export const lastChangeRoutes = new Hono<AppEnv>()
  .get(paths.lastChange, needs('policy.change'), (c) => showLastChange(c, false))

  .post(paths.lastChange, needs('policy.change'), async (c) => {
    const { version } = await readFields(c, ['version']);
    const undone = await c.var.setting.changePolicy({ kind: 'undo', version: readVersion(version) }, c.var.actor);
    if (undone.ok) return c.redirect(withFlash(paths.lastChange, 'change-undone'), 303);
    if (undone.reason === 'changed-meanwhile') return showLastChange(c, true);
    throw new Error(`the change could not be taken back: ${undone.reason} ${problemsOf(undone, '')[0]?.message ?? ''}`);
  });

async function showLastChange(c: AppContext, isOvertaken: boolean): Promise<Response> {
  const { frame, last } = await c.var.setting.lastChange();
  return c.html(LastChangePage({ frame: frameOf(c, frame), last, isOvertaken }), isOvertaken ? 409 : 200);
}

/** The newest change of the policy: what it was, and taking it back, which is a new version as any other change is. */
import { Hono } from 'hono';
import type { LastChange } from '../views/models.ts';
import { ErrorPage, LastChangePage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { readFields } from './forms.ts';
import { needs } from './guard.ts';
import { problemsOf, readVersion } from './policy-forms.ts';

export const lastChangeRoutes = new Hono<AppEnv>()
  .get(paths.lastChange, needs('policy.change'), (c) => showLastChange(c, false))

  .post(paths.lastChange, needs('policy.change'), async (c) => {
    const version = readVersion((await readFields(c, ['version'])).version);
    const { last } = await c.var.setting.lastChange();
    // What a version changed never changes, so that what is asked of it here still holds when it is taken back.
    if (last?.version !== version) return showLastChange(c, true);
    if (isBeyond(c, last)) {
      await c.var.setting.noteAccessRefused('device.change', c.var.actor);
      return c.html(ErrorPage({ kind: 'forbidden', reference: null }), 403);
    }
    const undone = await c.var.setting.changePolicy({ kind: 'undo', version }, c.var.actor);
    if (undone.ok) return c.redirect(withFlash(paths.lastChange, 'change-undone'), 303);
    if (undone.reason === 'changed-meanwhile') return showLastChange(c, true);
    throw new Error(`the change could not be taken back: ${undone.reason} ${problemsOf(undone, '')[0]?.message ?? ''}`);
  });

async function showLastChange(c: AppContext, isOvertaken: boolean): Promise<Response> {
  const { frame, last } = await c.var.setting.lastChange();
  const isBeyondReader = last !== null && isBeyond(c, last);
  const model = { frame: frameOf(c, frame), last: isBeyondReader ? null : last, isBeyondReader, isOvertaken };
  return c.html(LastChangePage(model), isOvertaken ? 409 : 200);
}

/** To take back what somebody did to the devices is to change devices; and what it was names them, and who uses them. */
function isBeyond(c: AppContext, { changesDevices }: LastChange): boolean {
  return changesDevices && !c.var.may.has('device.change');
}

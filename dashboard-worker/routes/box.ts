/** The page of the box: pairing it, and letting it go. */
import { Hono } from 'hono';
import { forgetBox } from '../accounts/directory.ts';
import { makePairingCode, settingOfCode } from '../accounts/pairing.ts';
import { BoxPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, frameOf, originOf, withFlash } from './context.ts';
import { needs } from './guard.ts';

export const boxRoutes = new Hono<AppEnv>()
  .get('/box', needs('box.change'), async (c) => {
    const model = await c.var.setting.box();
    const frame = frameOf(c, model.frame);
    // That of somebody who has left meanwhile pairs nothing.
    const isGood = model.pairing !== null && (await settingOfCode(c.env, model.pairing.code)) !== null;
    const pairing = isGood ? model.pairing : null;
    return c.html(BoxPage({ ...model, pairing, frame, dashboardUrl: originOf(c) }));
  })

  .post('/box/pairing-code', needs('box.change'), async (c) => {
    await makePairingCode(c.env, c.var.settingId, c.var.actor);
    return c.redirect(withFlash(paths.box, 'pairing-code-made'), 303);
  })

  .post('/box/remove', needs('box.change'), async (c) => {
    const id = await c.var.setting.removeBox(c.var.actor);
    if (id !== null) await forgetBox(c.env, id);
    return c.redirect(withFlash(paths.box, 'box-removed'), 303);
  });

/** What is done with the record as a whole: verifying it. The page of its entries is among the pages. */
import { Hono } from 'hono';
import { VerifyPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, frameOf } from './context.ts';
import { needs } from './guard.ts';

export const recordRoutes = new Hono<AppEnv>()
  .get(paths.verifyRecord, needs('record.read'), async (c) => {
    const model = await c.var.setting.recordVerified();
    return c.html(VerifyPage({ ...model, frame: frameOf(c, model.frame) }));
  })

  .post(paths.verifyRecord, needs('record.read'), async (c) => {
    await c.var.setting.verifyRecord(c.var.actor);
    return c.redirect(paths.verifyRecord, 303);
  });

/**
 * For the process that started the Worker on this machine, and nobody else: pairs the box beside it without a person.
 * Without the HOST_SECRET binding, as when hosted, these addresses do not exist.
 */
import { Hono } from 'hono';
import { createSetting, listSettings } from '../accounts/directory.ts';
import { makePairingCode } from '../accounts/pairing.ts';
import { sameSecret } from '../accounts/secrets.ts';
import { setupState } from '../accounts/setup.ts';
import type { AppEnv } from './context.ts';

/** Until its first manager gives it another name. */
const FIRST_SETTING_NAME = 'My nursery';

export const hostRoutes = new Hono<AppEnv>()
  .use('/host/*', async (c, next) => {
    const given = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
    if (!(await sameSecret(c.env.HOST_SECRET, given))) return c.notFound();
    return await next();
  })

  /** The first setting, made when there is none; and what the set-up link opens. */
  .post('/host/start', async (c) => {
    const settingId = (await listSettings(c.env))[0]?.id ?? (await createSetting(c.env, FIRST_SETTING_NAME));
    return c.json({ settingId, setup: await setupState(c.env, c.env.SETUP_TOKEN ?? '') });
  })

  .post('/host/pairing-code', async (c) => {
    const settingId = (await listSettings(c.env))[0]?.id ?? (await createSetting(c.env, FIRST_SETTING_NAME));
    return c.json(await makePairingCode(c.env, settingId, null));
  });

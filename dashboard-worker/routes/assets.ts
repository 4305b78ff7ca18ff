/** The stylesheet and the scripts: the same for everybody, and nothing of a setting is in them. */
import { Hono } from 'hono';
import { liveScript, passkeyScript, stylesheet } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import type { AppEnv } from './context.ts';

export const assetRoutes = new Hono<AppEnv>()
  .get(paths.stylesheet, (c) => c.body(stylesheet, 200, headers('text/css')))
  .get(paths.script, (c) => c.body(liveScript, 200, headers('text/javascript')))
  .get(paths.passkeyScript, (c) => c.body(passkeyScript, 200, headers('text/javascript')))
  .get('/healthz', (c) => c.text('ok'));

function headers(type: string): Record<string, string> {
  return { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'public, max-age=300' };
}

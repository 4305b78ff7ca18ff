/** The WebSocket on which an open page is told that there is news (setting/live-pages.ts). */
import { Hono } from 'hono';
import { stubOf } from '../accounts/directory.ts';
import { SESSION_MAX_AGE_MS } from '../accounts/sessions.ts';
import { pageOwnerQuery } from '../setting/live-pages.ts';
import { paths } from '../views/paths.ts';
import { type AppEnv, originOf } from './context.ts';
import { needs } from './guard.ts';

export const liveRoutes = new Hono<AppEnv>().get(paths.live, needs('now.see'), async (c) => {
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
    return c.text('This address is for open pages of the dashboard: it expects a WebSocket.', 426, {
      upgrade: 'websocket',
    });
  }
  // Browsers let a page of any site open a socket to here, cookies included, and csrf() lets every GET through.
  if (c.req.header('origin') !== originOf(c)) return c.text('That page is not of this dashboard.', 403);
  const { userId, since } = c.var.session;
  const address = new URL(paths.live, c.req.url);
  address.search = pageOwnerQuery({ userId, untilMs: since + SESSION_MAX_AGE_MS });
  const { webSocket } = await stubOf(c.env, c.var.settingId).fetch(new Request(address, c.req.raw));
  // The object's own answer takes no further headers.
  return new Response(null, { status: 101, webSocket });
});

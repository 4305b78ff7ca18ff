/** Nobody comes past here without a session of two factors and a setting that they belong to. */
import { createMiddleware } from 'hono/factory';
import { settingOf } from '../accounts/directory.ts';
import { membershipOf } from '../accounts/memberships.ts';
import { permissionsOf } from '../accounts/roles.ts';
import { hasSecondFactor } from '../accounts/second-factors.ts';
import { NotFoundPage } from '../views/pages.ts';
import { LIVE_HEADER, paths } from '../views/paths.ts';
import type { AppEnv } from './context.ts';

export const requireSession = createMiddleware<AppEnv>(async (c, next) => {
  const session = await c.var.sessions.current(c.req.raw.headers, c.req.header(LIVE_HEADER) === undefined);
  if (session === null) {
    // A form that was filled in cannot be sent again by a redirect: the person starts from Now.
    const query = new URLSearchParams(c.req.method === 'GET' ? { next: here(c.req.url) } : { outcome: 'expired' });
    return c.redirect(`${paths.signIn}?${query}`, 303);
  }
  if (session.strength !== 'two-factors') {
    if (!(await hasSecondFactor(c.env, session.userId))) return c.redirect(paths.secondFactor, 303);
    const query = c.req.method === 'GET' ? `?${new URLSearchParams({ next: here(c.req.url) })}` : '';
    return c.redirect(`${paths.secondStep}${query}`, 303);
  }
  const membership = await membershipOf(c.env, session.userId);
  if (membership === null) return c.html(NotFoundPage(), 404);
  const { settingId, role } = membership;
  c.set('session', session);
  c.set('actor', { id: session.userId, name: session.name, sessionId: session.sessionId });
  c.set('may', permissionsOf(role));
  c.set('settingId', settingId);
  c.set('setting', settingOf(c.env, settingId));
  await next();
  for (const cookie of session.setCookies) c.header('set-cookie', cookie, { append: true });
  return undefined;
});

function here(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** Nobody comes past here without a session of two factors and a setting that they belong to. */
import { createMiddleware } from 'hono/factory';
import { settingOf } from '../accounts/directory.ts';
import { membershipIn, membershipsOf } from '../accounts/memberships.ts';
import { rightsOf } from '../accounts/roles.ts';
import { hasSecondFactor } from '../accounts/second-factors.ts';
import { NotFoundPage } from '../views/pages.ts';
import { LIVE_HEADER, paths } from '../views/paths.ts';
import { type AppEnv, keepCookies } from './context.ts';

export const requireSession = createMiddleware<AppEnv>(async (c, next) => {
  // An open page looks, and opens its socket, by itself.
  const inUse = c.req.header(LIVE_HEADER) === undefined && c.req.path !== paths.live;
  const session = await c.var.sessions.current(c.req.raw.headers, inUse);
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
  const memberships = await membershipsOf(c.env, session.userId);
  const membership = membershipIn(memberships, session.settingId);
  if (membership === null) return c.html(NotFoundPage(), 404);
  const { settingId, role, extra } = membership;
  c.set('session', session);
  c.set('actor', { id: session.userId, name: session.name, sessionId: session.sessionId });
  c.set('may', rightsOf(role, extra));
  c.set('memberships', memberships);
  c.set('settingId', settingId);
  c.set('setting', settingOf(c.env, settingId));
  await next();
  // Where another session has taken the place of this one, its cookie is there already.
  if (c.res.headers.getSetCookie().length === 0) keepCookies(c, session.setCookies);
  return undefined;
});

function here(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

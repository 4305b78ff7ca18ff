/**
 * The dashboard's addresses, in the order in which a request meets them: headers, the doors that are open to everybody,
 * the session, the pages behind it. Whatever is not named before `requireSession` needs a session.
 */
import { Hono } from 'hono';
import { csrf } from 'hono/csrf';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { withoutControls } from '../policy-rules/show-text.ts';
import { sessionsOf } from './accounts/sessions.ts';
import { accountRoutes } from './routes/account.ts';
import { apiRoutes } from './routes/api/router.ts';
import { assetRoutes } from './routes/assets.ts';
import { boxRoutes } from './routes/box.ts';
import { boxLineRoutes } from './routes/box-line.ts';
import { channelRoutes } from './routes/channels.ts';
import { type AppEnv, isPlainHttp, originOf } from './routes/context.ts';
import { deviceRoutes } from './routes/devices.ts';
import { firstNamesRoutes } from './routes/first-names.ts';
import { formLimit } from './routes/form-limit.ts';
import { BadForm } from './routes/forms.ts';
import { groupRoutes } from './routes/groups.ts';
import { hostRoutes } from './routes/host.ts';
import { hoursRoutes } from './routes/hours.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { keyRoutes } from './routes/keys.ts';
import { lastChangeRoutes } from './routes/last-change.ts';
import { liveRoutes } from './routes/live.ts';
import { networkRoutes } from './routes/networks.ts';
import { noticeRoutes } from './routes/notice.ts';
import { pageRoutes } from './routes/pages.ts';
import { passkeyRoutes, passkeySignInRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { permissionRoutes } from './routes/permissions.ts';
import { recordRoutes } from './routes/record.ts';
import { requireSession } from './routes/require-session.ts';
import { secondFactorRoutes } from './routes/second-factor.ts';
import { settingsRoutes } from './routes/settings.ts';
import { setupRoutes } from './routes/setup.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { messagesIn, speaking } from './views/language.ts';
import { ErrorPage, NotFoundPage } from './views/pages.ts';

const headers = secureHeaders({
  // With Hono's default, no-referrer, browsers send `Origin: null` with forms on plain http, and csrf() refuses them all.
  referrerPolicy: 'same-origin',
  xFrameOptions: 'DENY',
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    scriptSrc: ["'self'"],
    connectSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

export const app = new Hono<AppEnv>();

app.use((c, next) => speaking(messagesIn(c.env.LANGUAGE), next));
// The answer to an upgrade is the Durable Object's own and cannot take headers: before them, and by itself.
app.route('/', boxLineRoutes);
app.use(headers);
app.use(async (c, next) => {
  await next();
  // Pages hold the names of people, and belong to a session.
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
});
app.use(async (c, next) => {
  await next();
  // The last gate for names and reasons that were kept before they were cleaned, or that a box sent.
  const { res } = c;
  if (!res.headers.get('content-type')?.startsWith('text/html')) return;
  c.res = new Response(withoutControls(await res.text()), res);
});
app.route('/', assetRoutes);
app.route('/', hostRoutes);
app.use(async (c, next) => {
  // Where it is hosted there is https, and an address that was typed without it leads there. The host of one's own machine
  // asks for a certificate, or for a word, when it starts.
  if (c.env.HOST_SECRET !== undefined || !isPlainHttp(c)) return await next();
  const url = new URL(c.req.url);
  url.protocol = 'https:';
  return c.redirect(url.href, 308);
});
// Before what is about forms and cookies: there are none.
app.route('/api/v1', apiRoutes);
app.use(formLimit);
app.use(csrf());
app.use(async (c, next) => {
  // csrf() looks only at the types that a form can send; no other type from elsewhere is taken either.
  const origin = c.req.header('origin');
  const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
  if (!reads && origin !== undefined && origin !== originOf(c)) throw new HTTPException(403);
  await next();
});
app.use(async (c, next) => {
  c.set('sessions', await sessionsOf(c.env, originOf(c)));
  await next();
});
app.route('/', signInRoutes);
app.route('/', passkeySignInRoutes);
app.route('/', setupRoutes);
app.route('/', secondFactorRoutes);
app.route('/', invitationRoutes);
const behindSession = new Hono<AppEnv>();
for (const routes of [
  pageRoutes,
  liveRoutes,
  recordRoutes,
  permissionRoutes,
  deviceRoutes,
  groupRoutes,
  networkRoutes,
  firstNamesRoutes,
  hoursRoutes,
  lastChangeRoutes,
  boxRoutes,
  channelRoutes,
  noticeRoutes,
  keyRoutes,
  peopleRoutes,
  accountRoutes,
  passkeyRoutes,
  settingsRoutes,
]) {
  // A route has several handlers, and the session is asked for once.
  const places = new Map(routes.routes.map((route) => [`${route.method} ${route.path}`, route]));
  for (const { method, path } of places.values()) behindSession.on(method, path, requireSession);
  behindSession.route('/', routes);
}
app.route('/', behindSession);

app.notFound((c) => c.html(NotFoundPage(), 404));

app.onError((error, c) => {
  if (error instanceof BadForm) return c.html(ErrorPage({ kind: 'bad-form', reference: null }), 400);
  // Only the two checks of where a form came from throw it.
  if (error instanceof HTTPException && error.status === 403) {
    return c.html(ErrorPage({ kind: 'cross-site', reference: null }), 403);
  }
  const reference = crypto.randomUUID().slice(0, 8);
  // The path may hold the token of the set-up link, so only the route is written.
  console.error(`error ${reference} at ${c.req.method} ${c.req.routePath}:`, error);
  return c.html(ErrorPage({ kind: 'server', reference }), 500);
});

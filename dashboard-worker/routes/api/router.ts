/**
 * The API's addresses, for other programs: made of the table of operations. A key takes the place of a session, and the
 * same guard as everywhere asks what it may do. No cookie is looked at, so no page of elsewhere can ask in anybody's name.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { settingOf } from '../../accounts/directory.ts';
import { countAttempt, keyLimit } from '../../accounts/failures.ts';
import { findKey } from '../../accounts/keys.ts';
import type { AppEnv } from '../context.ts';
import { needsOfKey } from '../guard.ts';
import { openApi } from './openapi.ts';
import { type Operation, operations } from './operations.ts';
import { problem } from './problems.ts';

export const apiRoutes = new Hono<AppEnv>();

/** Found by tests as what stands before every operation. */
export const requireKey = createMiddleware<AppEnv>(async (c, next) => {
  const given = /^Bearer (\S{1,200})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const nowMs = Date.now();
  const key = given === undefined ? null : await findKey(c.env, given, nowMs);
  if (key === null) {
    c.header('www-authenticate', 'Bearer');
    return problem(c, 401, 'Send a key that is not revoked: Authorization: Bearer …');
  }
  const limit = keyLimit(key.id);
  if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts) {
    c.header('retry-after', '900');
    return problem(c, 429, `At most ${limit.attempts} calls in a quarter of an hour.`);
  }
  // Of another setting nothing exists for this key, not even the setting.
  if (c.req.param('setting') !== key.settingId) return problem(c, 404);
  c.set('actor', { id: key.id, name: key.name });
  c.set('may', new Set(key.scopes));
  c.set('settingId', key.settingId);
  c.set('setting', settingOf(c.env, key.settingId));
  await next();
  return undefined;
});

/** The longest is fifty devices and some words. */
const limitBody = bodyLimit({ maxSize: 16 * 1024, onError: (c) => problem(c, 413, 'At most 16 KB.') });

apiRoutes.use(limitBody);
apiRoutes.get('/openapi.json', (c) => c.json(openApi()));
for (const one of operations) {
  const path = `/settings/:setting${one.path}`;
  apiRoutes.on(one.method, path, requireKey, needsOfKey(one.scope), (c) => answer(c, one));
}
apiRoutes.all('*', (c) => problem(c, 404, 'There is nothing at this address, or not by this method.'));
apiRoutes.onError((error, c) => {
  const reference = crypto.randomUUID().slice(0, 8);
  console.error(`error ${reference} at ${c.req.method} ${c.req.routePath}:`, error);
  return problem(c, 500, `Something went wrong here (${reference}).`);
});

async function answer(c: Context<AppEnv>, one: Operation): Promise<Response> {
  const query = one.query?.safeParse(c.req.query());
  if (query?.success === false) return problem(c, 422, 'The query cannot be used.', issuesOf(query.error));
  let body: unknown = null;
  if (one.body !== null) {
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) return problem(c, 415, 'Send JSON.');
    const sent = await c.req.json<unknown>().catch(() => undefined);
    if (sent === undefined) return problem(c, 400, 'That is no JSON.');
    const parsed = one.body.safeParse(sent);
    if (!parsed.success) return problem(c, 422, 'What was sent cannot be used.', issuesOf(parsed.error));
    body = parsed.data;
  }
  const { setting, actor } = c.var;
  const id = c.req.param('id') ?? '';
  const answered = await one.run({ setting, actor, id, query: query?.data ?? null, body });
  if ('detail' in answered) return problem(c, answered.status, answered.detail);
  return c.json(answered.body, answered.status);
}

function issuesOf(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) {
  return error.issues.map(({ path, message }) => ({ at: `/${path.map(String).join('/')}`, message }));
}

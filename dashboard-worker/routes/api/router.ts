/**
 * The API's addresses, for other programs: made of the table of operations. A key takes the place of a session, and the
 * same guard as everywhere asks what it may do. No cookie is looked at, so no page of elsewhere can ask in anybody's name.
 */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { settingOf } from '../../accounts/directory.ts';
import { countAttempt, countGrowing, keyLimit, wrongKeyLimit } from '../../accounts/failures.ts';
import { findKey } from '../../accounts/keys.ts';
import { namesOfGivers } from '../../accounts/memberships.ts';
import { spoken } from '../../views/language.ts';
import type { OperationScope } from '../../views/models.ts';
import { type AppEnv, clientAddressOf } from '../context.ts';
import { needsOfKey } from '../guard.ts';
import { entityTag, ifMatch } from './entity-tags.ts';
import { openApi } from './openapi.ts';
import type { Answer, Call, Operation, Seen } from './operation.ts';
import { operations } from './operations.ts';
import { problem } from './problems.ts';
import { onceFor } from './repeated-calls.ts';

export const apiRoutes = new Hono<AppEnv>();

/** Found by tests as what stands before every operation. */
export const requireKey = createMiddleware<AppEnv>(async (c, next) => {
  const given = /^Bearer (\S{1,200})$/i.exec(c.req.header('authorization') ?? '')?.[1];
  const nowMs = Date.now();
  if (given === undefined) return noKey(c, 'Bearer');
  const key = await findKey(c.env, given, nowMs);
  if (key === null) {
    const counted = await countGrowing(c.env, wrongKeyLimit(clientAddressOf(c)), nowMs);
    if ('count' in counted) return noKey(c, 'Bearer error="invalid_token"');
    c.header('retry-after', String(Math.ceil((counted.waitUntil - nowMs) / 1000)));
    return problem(c, 429, 'There have been too many wrong keys from this network. A right one is taken at any time.');
  }
  const limit = keyLimit(key.id);
  if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts) {
    c.header('retry-after', '900');
    return problem(c, 429, `At most ${limit.attempts} calls in a quarter of an hour.`);
  }
  // Of another setting nothing exists for this key, not even the setting.
  if (c.req.param('setting') !== key.settingId) return problem(c, 404);
  // Under this name it is on the record, in stories and on the box: nobody can take it for a person.
  c.set('actor', { id: key.id, name: spoken.keys.program(key.name) });
  c.set('scopes', new Set<OperationScope>([...key.scopes, 'self']));
  c.set('settingId', key.settingId);
  c.set('setting', settingOf(c.env, key.settingId));
  await next();
  return undefined;
});

/** RFC 6750, section 3: a caller without a key is told no more than how to send one. */
function noKey(c: Context<AppEnv>, challenge: string): Response {
  c.header('www-authenticate', challenge);
  return problem(c, 401, 'Send a key that is not withdrawn: Authorization: Bearer …');
}

/** The longest are a year's opening hours, and five hundred names. */
const limitBody = bodyLimit({ maxSize: 64 * 1024, onError: (c) => problem(c, 413, 'At most 64 KB.') });

apiRoutes.use(limitBody);
apiRoutes.get('/openapi.json', (c) => c.json(openApi()));
for (const one of operations) {
  apiRoutes.on(one.method, pathOf(one), requireKey, needsOfKey(one.scope), (c) => answer(c, one));
}
for (const [path, methods] of methodsByPath()) {
  apiRoutes.all(path, (c) => {
    c.header('allow', methods.join(', '));
    return problem(c, 405, `This address takes ${methods.join(' and ')}.`);
  });
}
apiRoutes.all('*', (c) => problem(c, 404, 'There is nothing at this address.'));
apiRoutes.onError((error, c) => {
  const reference = crypto.randomUUID().slice(0, 8);
  console.error(`error ${reference} at ${c.req.method} ${c.req.routePath}:`, error);
  return problem(c, 500, `Something went wrong here (${reference}).`);
});

function pathOf({ path }: Operation): string {
  return `/settings/:setting${path}`;
}

/** HEAD is GET without the body. */
function methodsByPath(): Map<string, string[]> {
  const found = new Map([['/openapi.json', ['GET', 'HEAD']]]);
  for (const one of operations) {
    const methods = one.method === 'GET' ? ['GET', 'HEAD'] : [one.method];
    found.set(pathOf(one), [...(found.get(pathOf(one)) ?? []), ...methods]);
  }
  return found;
}

async function answer(c: Context<AppEnv>, one: Operation): Promise<Response> {
  const query = one.query?.safeParse(c.req.query());
  if (query?.success === false) return problem(c, 422, 'The query cannot be used.', placesOf(query.error));
  let body: unknown = null;
  if (one.body !== null) {
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) return problem(c, 415, 'Send JSON.');
    const sent = await c.req.json<unknown>().catch(() => undefined);
    if (sent === undefined) return problem(c, 400, 'That is no JSON.');
    const parsed = one.body.safeParse(sent);
    if (!parsed.success) return problem(c, 422, 'What was sent cannot be used.', placesOf(parsed.error));
    body = parsed.data;
  }
  const { setting, settingId, scopes: may } = c.var;
  const gives = one.method === 'POST' && (one.scope === 'grant.give' || one.scope === 'request.answer');
  const actor = gives ? { ...c.var.actor, speaksFor: await namesOfGivers(c.env, settingId) } : c.var.actor;
  const asked = { env: c.env, setting, settingId, actor, may, id: c.req.param('id') ?? '' };
  const seen = await readSeen(c, one, asked);
  if (seen instanceof Response) return seen;
  const call = { ...asked, query: query?.data ?? null, body, seen };
  if (one.method === 'POST') return await onceFor(c, one, call, (done) => respond(c, done));
  const done = await one.run(call);
  if ('stream' in done) return done.stream;
  if (one.method === 'GET' && 'body' in done && changeOf(one) !== undefined) {
    c.header('etag', await entityTag(done.body));
  }
  return respond(c, done);
}

function respond(c: Context<AppEnv>, done: Answer): Response {
  if ('detail' in done) return problem(c, done.status, done.detail, done.errors);
  return c.json(done.body, done.status);
}

/** What is there now, when the caller says that it is what they have read; null where they may leave that open. */
async function readSeen(
  c: Context<AppEnv>,
  one: Operation,
  asked: Omit<Call<unknown, unknown>, 'query' | 'body' | 'seen'>,
): Promise<Seen | Response | null> {
  const reading = operations.find(({ method, path }) => method === 'GET' && path === one.path);
  if (reading === undefined || (one.method !== 'PUT' && one.method !== 'DELETE')) return null;
  const header = c.req.header('if-match');
  if (header === undefined && one.method === 'DELETE') return null;
  if (header === undefined) return problem(c, 428, 'Send the ETag of what you have read as If-Match.');
  const now = await reading.run({ ...asked, query: null, body: null, seen: null });
  if (!('body' in now)) return 'detail' in now ? respond(c, now) : problem(c, 412);
  if (!ifMatch(header, await entityTag(now.body))) {
    return problem(c, 412, 'Somebody has changed it since it was read. Read it again.');
  }
  return { body: now.body, version: now.version ?? null };
}

/** What changes the very thing that a GET of this address answers. */
function changeOf({ path }: Operation): Operation | undefined {
  return operations.find((other) => other.path === path && (other.method === 'PUT' || other.method === 'DELETE'));
}

function placesOf(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}) {
  return error.issues.map(({ path, message }) => ({ at: `/${path.map(String).join('/')}`, message }));
}

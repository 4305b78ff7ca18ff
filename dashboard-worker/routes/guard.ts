/**
 * What a route asks of whoever calls it: `needs(right)` stands in front of every handler behind a session.
 *
 * What is of another setting does not exist here (404), for anybody. What is of this one but beyond somebody's role is
 * refused (403) and recorded. Either way nothing else is written.
 */
import type { MiddlewareHandler } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { RightId } from '../accounts/rights.ts';
import type { OperationScope } from '../views/models.ts';
import { ErrorPage, pageOrder, rightOfPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { problem } from './api/problems.ts';
import type { AppEnv } from './context.ts';
import { BadForm, isOwnPage, readForm } from './forms.ts';

const rights = new WeakMap<object, RightId>();
const scopes = new WeakMap<object, OperationScope>();

export function needs(right: RightId): MiddlewareHandler<AppEnv> {
  const guard = createMiddleware<AppEnv>(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      // A page may have been left open while its reader went on to another setting, where the same ids mean others.
      const setting = (await readForm(c, 'setting')).get('setting');
      if (typeof setting !== 'string') throw new BadForm('setting');
      if (setting !== c.var.settingId) {
        return c.html(ErrorPage({ kind: 'other-setting', reference: null }), 404);
      }
      if (!(await isOwnPage(c, c.var.actor.id)))
        return c.html(ErrorPage({ kind: 'other-person', reference: null }), 409);
    }
    if (!c.var.may.has(right)) {
      await c.var.setting.noteAccessRefused(right, c.var.actor);
      return c.html(ErrorPage({ kind: 'forbidden', reference: null }), 403);
    }
    await next();
    return undefined;
  });
  rights.set(guard, right);
  return guard;
}

/** The same of a key of another program: it has one setting, and no form to be old. */
export function needsOfKey(scope: OperationScope): MiddlewareHandler<AppEnv> {
  const guard = createMiddleware<AppEnv>(async (c, next) => {
    if (!c.var.scopes.has(scope)) {
      await c.var.setting.noteAccessRefused(scope, c.var.actor);
      return problem(c, 403, `This key has not the right “${scope}”.`);
    }
    await next();
    return undefined;
  });
  scopes.set(guard, scope);
  return guard;
}

/** What that handler of a route asks for, when it is a guard. */
export function rightOfGuard(handler: object): RightId | undefined {
  return rights.get(handler);
}

/** The same of an operation of the API. */
export function scopeOfGuard(handler: object): OperationScope | undefined {
  return scopes.get(handler);
}

/** Where everybody arrives: whoever may not see Now is led to the first page that they may. */
export const toFirstPage = createMiddleware<AppEnv>(async (c, next) => {
  const first = pageOrder.find((id) => c.var.may.has(rightOfPage[id]));
  if (first !== undefined && first !== 'now') return c.redirect(paths[first], 303);
  await next();
  return undefined;
});

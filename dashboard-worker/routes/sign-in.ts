/** The door: signing in with the password, and out. */
import { Hono } from 'hono';
import { listSettings } from '../accounts/directory.ts';
import { countGrowing, type GrowingLimit, passwordLimits, takeBackAttempt } from '../accounts/failures.ts';
import { closeOpenPages } from '../accounts/open-pages.ts';
import { hasSecondFactor } from '../accounts/second-factors.ts';
import { noteSlowedSignIn } from '../accounts/slowed-sign-in.ts';
import type { SignInModel } from '../views/models.ts';
import { SignInPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, clientAddressOf, isPlainHttp, keepCookies } from './context.ts';
import { readFields } from './forms.ts';
import { knownBrowserOf } from './known-browser-cookie.ts';
import { ownPath } from './own-path.ts';
import { passkeyPlaceOf } from './passkey-place.ts';

export const signInRoutes = new Hono<AppEnv>()
  .get('/sign-in', async (c) => {
    const outcome = knownOutcomes.find((known) => known === c.req.query('outcome')) ?? null;
    return c.html(SignInPage(await signInModel(c, { next: c.req.query('next') ?? '', outcome })));
  })

  .post('/sign-in', async (c) => {
    const form = await readFields(c, ['email', 'password', 'next']);
    const nowMs = Date.now();
    const again = async (outcome: 'wrong' | 'slow-down', waitMinutes: number) =>
      c.html(
        SignInPage(await signInModel(c, { email: form.email, next: form.next, outcome, waitMinutes })),
        outcome === 'wrong' ? 401 : 429,
      );
    const limits = passwordLimits(form.email, clientAddressOf(c), await knownBrowserOf(c, form.email));
    const counted = await countAll(c, limits, nowMs);
    if ('waitUntil' in counted) {
      const waitMs = counted.waitUntil - nowMs;
      c.header('retry-after', String(Math.ceil(waitMs / 1000)));
      return again('slow-down', Math.ceil(waitMs / 60_000));
    }
    const session = await c.var.sessions.signIn(form.email, form.password, c.req.raw.headers);
    if (session === null) {
      // Not waited for: how long the answer takes must not tell whether somebody signs in with that address.
      if (counted.slowsFromNow) c.executionCtx.waitUntil(noteSlowedSignIn(c.env, form.email, nowMs));
      return again('wrong', 0);
    }
    for (const limit of limits) await takeBackAttempt(c.env, limit);
    keepCookies(c, session.setCookies);
    if (!(await hasSecondFactor(c.env, session.userId))) return c.redirect(paths.secondFactor, 303);
    const query = form.next === '' ? '' : `?${new URLSearchParams({ next: ownPath(form.next) })}`;
    return c.redirect(`${paths.secondStep}${query}`, 303);
  })

  // Open without a session: what it does to nobody's session is nothing.
  .post('/sign-out', async (c) => {
    const person = await c.var.sessions.current(c.req.raw.headers, false);
    keepCookies(c, await c.var.sessions.signOut(c.req.raw.headers));
    if (person !== null) await closeOpenPages(c.env, person.userId);
    return c.redirect(`${paths.signIn}?outcome=signed-out`, 303);
  });

/** Counts by every limit; or by none, where one of them has somebody wait. */
async function countAll(
  c: AppContext,
  limits: readonly GrowingLimit[],
  nowMs: number,
): Promise<{ readonly slowsFromNow: boolean } | { readonly waitUntil: number }> {
  let slowsFromNow = false;
  for (const [at, limit] of limits.entries()) {
    const counted = await countGrowing(c.env, limit, nowMs);
    if ('waitUntil' in counted) {
      for (const before of limits.slice(0, at)) await takeBackAttempt(c.env, before);
      return counted;
    }
    slowsFromNow ||= limit.kind !== 'address' && counted.count === limit.free;
  }
  return { slowsFromNow };
}

/** Outcomes that a redirect may carry; the others are answers to a form. */
const knownOutcomes = ['passkey-wrong', 'signed-out', 'expired', 'set-up', 'joined'] as const;

async function signInModel(
  c: AppContext,
  { email = '', next, outcome, waitMinutes = 0 }: Pick<SignInModel, 'next' | 'outcome'> & Partial<SignInModel>,
): Promise<SignInModel> {
  const settings = await listSettings(c.env);
  const settingName = settings.length === 1 ? settings[0]!.name : null;
  return {
    settingName,
    email,
    next: next === '' ? '' : ownPath(next),
    plainHttp: isPlainHttp(c),
    outcome,
    waitMinutes,
    passkeys: passkeyPlaceOf(c).kind === 'here',
  };
}

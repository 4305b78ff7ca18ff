/** The door: signing in with the password, and out. */
import { Hono } from 'hono';
import { listSettings } from '../accounts/directory.ts';
import { clearAttempts, countAttempt, passwordLimits, takeBackAttempt } from '../accounts/failures.ts';
import { hasSecondFactor } from '../accounts/second-factors.ts';
import type { SignInModel } from '../views/models.ts';
import { SignInPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, clientAddressOf, isPlainHttp } from './context.ts';
import { readFields } from './forms.ts';
import { ownPath } from './own-path.ts';

export const signInRoutes = new Hono<AppEnv>()
  .get('/sign-in', async (c) => {
    const outcome = knownOutcomes.find((known) => known === c.req.query('outcome')) ?? null;
    return c.html(SignInPage(await signInModel(c, { next: c.req.query('next') ?? '', outcome })));
  })

  .post('/sign-in', async (c) => {
    const form = await readFields(c, ['email', 'password', 'next']);
    const nowMs = Date.now();
    const { here, anywhere } = passwordLimits(form.email, clientAddressOf(c));
    const again = async (outcome: 'wrong' | 'slow-down') =>
      c.html(
        SignInPage(await signInModel(c, { email: form.email, next: form.next, outcome })),
        outcome === 'wrong' ? 401 : 429,
      );
    for (const limit of [here, anywhere]) {
      if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts) return again('slow-down');
    }
    const session = await c.var.sessions.signIn(form.email, form.password, c.req.raw.headers);
    if (session === null) return again('wrong');
    await clearAttempts(c.env, here);
    await takeBackAttempt(c.env, anywhere);
    for (const cookie of session.setCookies) c.header('set-cookie', cookie, { append: true });
    if (!(await hasSecondFactor(c.env, session.userId))) return c.redirect(paths.secondFactor, 303);
    const query = form.next === '' ? '' : `?${new URLSearchParams({ next: ownPath(form.next) })}`;
    return c.redirect(`${paths.secondStep}${query}`, 303);
  })

  // Open without a session: what it does to nobody's session is nothing.
  .post('/sign-out', async (c) => {
    for (const cookie of await c.var.sessions.signOut(c.req.raw.headers)) {
      c.header('set-cookie', cookie, { append: true });
    }
    return c.redirect(`${paths.signIn}?outcome=signed-out`, 303);
  });

/** Outcomes that a redirect may carry; the others are answers to a form. */
const knownOutcomes = ['signed-out', 'expired', 'set-up', 'joined'] as const;

async function signInModel(
  c: AppContext,
  { email = '', next, outcome }: { email?: string; next: string; outcome: SignInModel['outcome'] },
): Promise<SignInModel> {
  const settings = await listSettings(c.env);
  const settingName = settings.length === 1 ? settings[0]!.name : null;
  return { settingName, email, next: next === '' ? '' : ownPath(next), plainHttp: isPlainHttp(c), outcome };
}

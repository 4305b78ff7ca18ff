/** The doors: signing in with the password and out, and the one-time set-up link. */
import { Hono } from 'hono';
import { listSettings } from '../accounts/directory.ts';
import { clearAttempts, countAttempt, passwordLimits, takeBackAttempt } from '../accounts/failures.ts';
import { hasSecondFactor } from '../accounts/second-factors.ts';
import { setUp, setupState } from '../accounts/setup.ts';
import type { FieldError, SetupForm, SignInModel } from '../views/models.ts';
import { SetupPage, SetupUsedPage, SignInPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, clientAddressOf, isPlainHttp } from './context.ts';
import { readFields } from './forms.ts';
import { checkName, checkNewAccount } from './new-account-form.ts';
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
  })

  // The printed link; the page itself keeps the token in its path.
  .get('/setup', (c) => c.redirect(paths.setup(c.req.query('token') ?? ''), 303))

  .get('/setup/:token', async (c) => {
    const state = await setupState(c.env, c.req.param('token'));
    if (state !== 'open') return c.html(SetupUsedPage({ reason: state }), 410);
    const settingName = (await listSettings(c.env))[0]?.name ?? '';
    return c.html(setupPage(c, { name: '', email: '', settingName }, []));
  })

  .post('/setup/:token', async (c) => {
    const state = await setupState(c.env, c.req.param('token'));
    if (state !== 'open') return c.html(SetupUsedPage({ reason: state }), 410);
    const form = await readFields(c, ['name', 'email', 'password', 'settingName']);
    const errors = checkSetup(form);
    const { password: _, ...values } = form;
    if (errors.length > 0) return c.html(setupPage(c, values, errors), 422);
    if (!(await setUp(c.env, c.var.sessions, form))) return c.html(SetupUsedPage({ reason: 'used' }), 410);
    // Whoever has just chosen a password need not type it again.
    const session = await c.var.sessions.signIn(form.email, form.password, c.req.raw.headers);
    if (session === null) return c.redirect(`${paths.signIn}?outcome=set-up`, 303);
    for (const cookie of session.setCookies) c.header('set-cookie', cookie, { append: true });
    return c.redirect(paths.secondFactor, 303);
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

function setupPage(c: AppContext, values: Omit<SetupForm, 'password'>, errors: readonly FieldError[]) {
  return SetupPage({ token: c.req.param('token') ?? '', values, errors, plainHttp: isPlainHttp(c) });
}

function checkSetup(form: SetupForm): FieldError[] {
  return [...checkName('settingName', form.settingName), ...checkNewAccount(form)];
}

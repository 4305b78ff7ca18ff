/** The set-up link: for the first person, and, with a newer token, for a manager who has lost everything. */
import { Hono } from 'hono';
import { listSettings } from '../accounts/directory.ts';
import { firstManager, recoverManager, setUp, setupState } from '../accounts/setup.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, SetupForm } from '../views/models.ts';
import { RecoverPage, SetupPage, SetupUsedPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, isPlainHttp, keepCookies } from './context.ts';
import { readFields } from './forms.ts';
import { checkName, checkNewAccount, checkNewPassword } from './new-account-form.ts';

export const setupRoutes = new Hono<AppEnv>()
  // The printed link; the page itself keeps the token in its path.
  .get('/setup', (c) => c.redirect(paths.setup(c.req.query('token') ?? ''), 303))

  .get('/setup/:token', async (c) => {
    const state = await setupState(c.env, c.req.param('token'));
    if (state === 'recovery') return showRecover(c, []);
    if (state !== 'open') return c.html(SetupUsedPage({ reason: state }), 410);
    const settingName = (await listSettings(c.env))[0]?.name ?? '';
    return c.html(setupPage(c, { name: '', email: '', settingName }, []));
  })

  .post('/setup/:token', async (c) => {
    const token = c.req.param('token');
    const state = await setupState(c.env, token);
    if (state === 'recovery') return recover(c, token);
    if (state !== 'open') return c.html(SetupUsedPage({ reason: state }), 410);
    const form = await readFields(c, ['name', 'email', 'password', 'settingName']);
    const errors = checkSetup(form);
    const { password: _, ...values } = form;
    if (errors.length > 0) return c.html(setupPage(c, values, errors), 422);
    if (!(await setUp(c.env, c.var.sessions, token, form))) return c.html(SetupUsedPage({ reason: 'used' }), 410);
    return signInAtOnce(c, form.email, form.password);
  });

async function recover(c: AppContext, token: string): Promise<Response> {
  const { password } = await readFields(c, ['password']);
  const errors = checkNewPassword('password', password);
  if (errors.length > 0) return showRecover(c, errors);
  const manager = await firstManager(c.env);
  const recovered = await recoverManager(c.env, c.var.sessions, token, manager, password);
  return recovered ? signInAtOnce(c, manager.email, password) : c.html(SetupUsedPage({ reason: 'used' }), 410);
}

/** Whoever has just chosen a password need not type it again. */
async function signInAtOnce(c: AppContext, email: string, password: string): Promise<Response> {
  const session = await c.var.sessions.signIn(email, password, c.req.raw.headers);
  if (session === null) return c.redirect(`${paths.signIn}?outcome=set-up`, 303);
  keepCookies(c, session.setCookies);
  return c.redirect(paths.secondFactor, 303);
}

async function showRecover(c: AppContext, errors: readonly FieldError[]): Promise<Response> {
  const { name, email } = await firstManager(c.env);
  const page = RecoverPage({ token: c.req.param('token') ?? '', name, email, errors, plainHttp: isPlainHttp(c) });
  return c.html(page, errors.length > 0 ? 422 : 200);
}

function setupPage(c: AppContext, values: Omit<SetupForm, 'password'>, errors: readonly FieldError[]) {
  return SetupPage({ token: c.req.param('token') ?? '', values, errors, plainHttp: isPlainHttp(c) });
}

function checkSetup(form: SetupForm): FieldError[] {
  return [...checkName('settingName', form.settingName, spoken.setup.problems.settingName), ...checkNewAccount(form)];
}

/** Somebody's own account: the password, the recovery codes, the app, and where they are signed in. */
import { Hono } from 'hono';
import { clearAttempts, countAttempt, newAppLimit } from '../accounts/failures.ts';
import { changePassword, checkOwnPassword } from '../accounts/own-password.ts';
import { listPasskeys } from '../accounts/passkeys.ts';
import {
  appSetUpAt,
  countRecoveryCodes,
  keyForApp,
  renewRecoveryCodes,
  replaceApp,
} from '../accounts/second-factors.ts';
import { endOtherSessions, endSession, listSessions } from '../accounts/session-list.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, ReplaceAppModel } from '../views/models.ts';
import { AccountPage, RecoveryCodesPage, ReplaceAppPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, isPlainHttp, keepCookies, withFlash } from './context.ts';
import { readFields } from './forms.ts';
import { needs } from './guard.ts';
import { checkNewPassword } from './new-account-form.ts';
import { passkeyPlaceOf } from './passkey-place.ts';

export const accountRoutes = new Hono<AppEnv>()
  .get(paths.account, needs('self'), (c) => showAccount(c, [], 200))

  .post(paths.changePassword, needs('self'), async (c) => {
    const form = await readFields(c, ['currentPassword', 'newPassword']);
    const errors = checkNewPassword('newPassword', form.newPassword);
    if (errors.length > 0) return showAccount(c, errors, 422);
    const refused = await refusePassword(c, 'currentPassword', form.currentPassword);
    if (refused !== null) return refused;
    const { sessions, session, actor } = c.var;
    await changePassword(c.env, sessions, session, form.newPassword, actor);
    return c.redirect(withFlash(paths.account, 'password-changed'), 303);
  })

  .post(paths.renewRecoveryCodes, needs('self'), async (c) => {
    const { codesPassword } = await readFields(c, ['codesPassword']);
    const refused = await refusePassword(c, 'codesPassword', codesPassword);
    if (refused !== null) return refused;
    const codes = await renewRecoveryCodes(c.env, c.var.actor);
    return c.html(RecoveryCodesPage({ codes, plainHttp: isPlainHttp(c) }));
  })

  .get(paths.replaceApp, needs('self'), (c) => showReplaceApp(c, {}, 200))

  .post(paths.replaceApp, needs('self'), async (c) => {
    const { code, password } = await readFields(c, ['code', 'password']);
    const { sessions, settingId, session, actor } = c.var;
    const nowMs = Date.now();
    const checked = await checkOwnPassword(c.env, sessions, session.userId, password, nowMs);
    if (checked !== 'right') return showReplaceApp(c, { password: checked }, checked === 'wrong' ? 422 : 429);
    const limit = newAppLimit(session.sessionId);
    if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts)
      return showReplaceApp(c, { code: 'slow-down' }, 429);
    const moveOn = async () => {
      const { sessionId, setCookies } = await sessions.switchTo(c.req.raw.headers, settingId);
      keepCookies(c, setCookies);
      return sessionId;
    };
    const codes = await replaceApp(c.env, { ...actor, sessionId: session.sessionId }, code, nowMs, moveOn);
    if (codes === 'wrong') return showReplaceApp(c, { code: 'wrong' }, 422);
    await clearAttempts(c.env, limit);
    return c.html(RecoveryCodesPage({ codes, plainHttp: isPlainHttp(c) }));
  })

  .post(paths.endSession, needs('self'), async (c) => {
    const { session } = await readFields(c, ['session']);
    await endSession(c.env, c.var.actor, session);
    return c.redirect(withFlash(paths.account, 'session-ended'), 303);
  })

  .post(paths.endOtherSessions, needs('self'), async (c) => {
    await endOtherSessions(c.env, c.var.actor);
    return c.redirect(withFlash(paths.account, 'session-ended'), 303);
  });

/** Null when it is right; otherwise the account page that says so. */
export async function refusePassword(
  c: AppContext,
  field: 'currentPassword' | 'codesPassword' | 'passkeyPassword',
  password: string,
): Promise<Response | null> {
  const checked = await checkOwnPassword(c.env, c.var.sessions, c.var.session.userId, password, Date.now());
  if (checked === 'right') return null;
  return showAccount(
    c,
    [{ field, message: spoken.account.passwordProblems[checked] }],
    checked === 'wrong' ? 422 : 429,
  );
}

async function showAccount(c: AppContext, errors: readonly FieldError[], status: 200 | 422 | 429): Promise<Response> {
  const { userId, sessionId, name, email } = c.var.session;
  const [facts, appSince, recoveryCodesLeft, sessions, passkeys] = await Promise.all([
    c.var.setting.frame(),
    appSetUpAt(c.env, userId),
    countRecoveryCodes(c.env, userId),
    listSessions(c.env, userId, Date.now()),
    listPasskeys(c.env, userId),
  ]);
  const page = AccountPage({
    frame: frameOf(c, facts),
    name,
    email,
    appSetUpAt: appSince,
    recoveryCodesLeft,
    sessions: sessions.map((each) => ({ ...each, own: each.id === sessionId })),
    passkeys,
    passkeyPlace: passkeyPlaceOf(c),
    errors,
  });
  return c.html(page, status);
}

async function showReplaceApp(
  c: AppContext,
  problems: ReplaceAppModel['problems'],
  status: 200 | 422 | 429,
): Promise<Response> {
  const { sessionId, email } = c.var.session;
  const [facts, key] = await Promise.all([c.var.setting.frame(), keyForApp(c.env, sessionId, email)]);
  const frame = frameOf(c, facts);
  return c.html(ReplaceAppPage({ frame, keyUri: key.uri, keyText: key.text, problems }), status);
}

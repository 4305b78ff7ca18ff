/** The door for somebody who was invited: their link, and the account that it makes, or that they have already. */
import { Hono } from 'hono';
import { settingName } from '../accounts/directory.ts';
import { invitationOf, joinWithAccount, joinWithNewAccount } from '../accounts/invitations.ts';
import type { Invitation } from '../accounts/open-invitations.ts';
import type { SignedIn } from '../accounts/sessions.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, JoinModel } from '../views/models.ts';
import { AcceptInvitationPage, InvitationGonePage, JoinPage } from '../views/pages.ts';
import { paths, signInFirst } from '../views/paths.ts';
import { type AppContext, type AppEnv, isPlainHttp } from './context.ts';
import { isOwnPage, readFields } from './forms.ts';
import { rememberBrowser } from './known-browser-cookie.ts';
import { checkNewAccount } from './new-account-form.ts';
import { goTo } from './settings.ts';

export const invitationRoutes = new Hono<AppEnv>()
  .get('/invitation/:token', async (c) => {
    const invitation = await invitationOf(c.env, c.req.param('token'));
    if (invitation === null) return c.html(InvitationGonePage(), 410);
    const person = await whoIsSignedIn(c);
    if (person !== null) return showAccept(c, invitation, person, false);
    return showJoin(c, invitation, { name: invitation.name, email: '' }, []);
  })

  .post('/invitation/:token', async (c) => {
    const invitation = await invitationOf(c.env, c.req.param('token'));
    if (invitation === null) return c.html(InvitationGonePage(), 410);
    const form = await readFields(c, ['name', 'email', 'password']);
    const { password: _, ...values } = form;
    const errors = checkNewAccount(form);
    if (errors.length > 0) return showJoin(c, invitation, values, errors);
    const accepted = await joinWithNewAccount(c.env, c.var.sessions, invitation, form);
    if (accepted === 'gone') return c.html(InvitationGonePage(), 410);
    if (accepted === 'email-taken') {
      return showJoin(c, invitation, values, [{ field: 'email', message: spoken.join.emailTaken }]);
    }
    // Whoever makes somebody wait from now on, by wrong passwords for a new address, does not keep them out here.
    await rememberBrowser(c, form.email);
    return c.redirect(`${paths.signIn}?outcome=joined`, 303);
  })

  // Behind no guard, since whoever accepts may do nothing in that setting yet.
  .post('/invitation/:token/accept', async (c) => {
    const token = c.req.param('token');
    const person = await whoIsSignedIn(c);
    if (person === null) return c.redirect(signInFirst(token), 303);
    const invitation = await invitationOf(c.env, token);
    if (invitation === null) return c.html(InvitationGonePage(), 410);
    // Somebody else has signed in at this browser since the page said who would join.
    if (!(await isOwnPage(c, person.userId))) return showAccept(c, invitation, person, false);
    const { userId: id, name, sessionId } = person;
    const accepted = await joinWithAccount(c.env, invitation, { id, name, sessionId });
    if (accepted === 'gone') return c.html(InvitationGonePage(), 410);
    if (accepted === 'belongs-already') return showAccept(c, invitation, person, true);
    await goTo(c, invitation.settingId, { id, name });
    return c.redirect(paths.now, 303);
  });

/** With both factors; null for anybody else. */
async function whoIsSignedIn(c: AppContext): Promise<SignedIn | null> {
  const person = await c.var.sessions.current(c.req.raw.headers, false);
  return person?.strength === 'two-factors' ? person : null;
}

async function showAccept(
  c: AppContext,
  { settingId, role }: Invitation,
  { userId, name, email }: SignedIn,
  belongsAlready: boolean,
): Promise<Response> {
  const page = AcceptInvitationPage({
    token: c.req.param('token') ?? '',
    settingName: await settingName(c.env, settingId),
    role,
    userId,
    name,
    email,
    belongsAlready,
    plainHttp: isPlainHttp(c),
  });
  return c.html(page, belongsAlready ? 409 : 200);
}

async function showJoin(
  c: AppContext,
  invitation: Invitation,
  values: JoinModel['values'],
  errors: readonly FieldError[],
): Promise<Response> {
  const { settingId, role } = invitation;
  const page = JoinPage({
    token: c.req.param('token') ?? '',
    settingName: await settingName(c.env, settingId),
    role,
    values,
    errors,
    plainHttp: isPlainHttp(c),
  });
  return c.html(page, errors.length > 0 ? 422 : 200);
}

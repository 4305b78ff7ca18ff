/** The door for somebody who was invited: their link, and the account that it makes. */
import { Hono } from 'hono';
import { settingName } from '../accounts/directory.ts';
import { acceptInvitation, type Invitation, invitationOf } from '../accounts/invitations.ts';
import { en } from '../views/messages.ts';
import type { FieldError, JoinModel } from '../views/models.ts';
import { InvitationGonePage, JoinPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, isPlainHttp } from './context.ts';
import { readFields } from './forms.ts';
import { checkNewAccount } from './new-account-form.ts';

export const invitationRoutes = new Hono<AppEnv>()
  .get('/invitation/:token', async (c) => {
    const invitation = await invitationOf(c.env, c.req.param('token'));
    if (invitation === null) return c.html(InvitationGonePage(), 410);
    return showJoin(c, invitation, { name: invitation.name, email: '' }, []);
  })

  .post('/invitation/:token', async (c) => {
    const invitation = await invitationOf(c.env, c.req.param('token'));
    if (invitation === null) return c.html(InvitationGonePage(), 410);
    const form = await readFields(c, ['name', 'email', 'password']);
    const { password: _, ...values } = form;
    const errors = checkNewAccount(form);
    if (errors.length > 0) return showJoin(c, invitation, values, errors);
    const accepted = await acceptInvitation(c.env, c.var.sessions, invitation, form);
    if (accepted === 'gone') return c.html(InvitationGonePage(), 410);
    if (accepted === 'email-taken') {
      return showJoin(c, invitation, values, [{ field: 'email', message: en.join.emailTaken }]);
    }
    return c.redirect(`${paths.signIn}?outcome=joined`, 303);
  });

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

/** People: who belongs here and as what, inviting, changing roles, and leaving. */
import { Hono } from 'hono';
import { invite } from '../accounts/invitations.ts';
import { keysOf } from '../accounts/keys.ts';
import {
  changeRole,
  delegate,
  type MemberChanged,
  membersElsewhere,
  membersOf,
  removeMember,
  resetSecondFactor,
} from '../accounts/memberships.ts';
import { openInvitations, withdrawInvitation } from '../accounts/open-invitations.ts';
import { rightIds, roleIds } from '../accounts/rights.ts';
import { delegable, rightsOf } from '../accounts/roles.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, Flash, InviteForm } from '../views/models.ts';
import { InvitationPage, NotFoundPage, PeoplePage, ResetCodePage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { askPassword } from './ask-password.ts';
import { type AppContext, type AppEnv, frameOf, originOf, withFlash } from './context.ts';
import { formIdOf, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { checkName } from './new-account-form.ts';

const here = { page: 'people', path: paths.people } as const;

export const peopleRoutes = new Hono<AppEnv>()
  .get('/people', needs('people.change'), (c) => showPeople(c, { name: '', role: 'deputy' }, []))

  .post('/people/invitations', needs('people.change'), async (c) => {
    const sent = await readFields(c, ['name', 'role']);
    const form = { name: sent.name, role: oneOf('role', sent.role, roleIds) };
    const errors = checkName('name', form.name, spoken.people.noName);
    if (errors.length > 0) return showPeople(c, form, errors);
    const asked = await askPassword(c, 'invitation', here);
    if (asked !== null) return asked;
    const { token, expiresAt } = await invite(c.env, c.var.settingId, form, c.var.actor, await formIdOf(c));
    // Shown as the answer, since only now anybody knows the token: a redirect would have to carry it.
    const frame = frameOf(c, await c.var.setting.frame());
    return c.html(InvitationPage({ frame, ...form, link: originOf(c) + paths.invitation(token), expiresAt }), 201);
  })

  .post('/people/invitations/:id/withdraw', needs('people.change'), async (c) => {
    const withdrawn = await withdrawInvitation(c.env, c.var.settingId, c.req.param('id'), c.var.actor);
    if (!withdrawn) return c.html(NotFoundPage(), 404);
    return c.redirect(withFlash(paths.people, 'invitation-withdrawn'), 303);
  })

  .post('/people/:id/role', needs('people.change'), async (c) => {
    const role = oneOf('role', (await readFields(c, ['role'])).role, roleIds);
    const members = await membersOf(c.env, c.var.settingId);
    const before = members.find(({ userId }) => userId === c.req.param('id'));
    if (before === undefined) return c.html(NotFoundPage(), 404);
    if (rightsOf(role).has('people.change') && before.role !== role) {
      const asked = await askPassword(c, 'manager', here);
      if (asked !== null) return asked;
    }
    const hadKeys = await mayHaveKeys(c);
    const changed = await changeRole(c.env, c.var.settingId, c.req.param('id'), role, c.var.actor);
    return afterChange(c, changed, hadKeys && !rightsOf(role).has('key.change') ? 'keys-stay' : 'role-changed');
  })

  .post('/people/:id/second-factor', needs('people.change'), async (c) => {
    // Whoever is in moves the app to another phone on the account page, without a moment in which the password is enough.
    const members = await membersOf(c.env, c.var.settingId);
    const other = members.some(({ userId }) => userId === c.req.param('id') && userId !== c.var.actor.id);
    if (!other) return c.html(NotFoundPage(), 404);
    const asked = await askPassword(c, 'second-factor', here);
    if (asked !== null) return asked;
    const reset = await resetSecondFactor(c.env, c.var.settingId, c.req.param('id'), c.var.actor);
    if (typeof reset === 'string') return refuseChange(c, reset);
    // Shown as the answer, as the link of an invitation is.
    return c.html(ResetCodePage({ frame: frameOf(c, await c.var.setting.frame()), ...reset }), 201);
  })

  .post('/people/:id/rights', needs('people.change'), async (c) => {
    const sent = (await readForm(c, 'right')).getAll('right');
    const wanted = sent.map((right) => oneOf('right', String(right), rightIds));
    const changed = await delegate(c.env, c.var.settingId, c.req.param('id'), wanted, c.var.actor);
    return afterChange(c, changed, 'rights-changed');
  })

  .post('/people/:id/remove', needs('people.change'), async (c) => {
    const hadKeys = await mayHaveKeys(c);
    const changed = await removeMember(c.env, c.var.settingId, c.req.param('id'), c.var.actor);
    return afterChange(c, changed, hadKeys ? 'keys-stay' : 'person-removed');
  });

/** Whether the person that a form is about may make keys, and so may have kept one that goes on working without them. */
async function mayHaveKeys(c: AppContext): Promise<boolean> {
  const [members, keys] = await Promise.all([membersOf(c.env, c.var.settingId), keysOf(c.env, c.var.settingId)]);
  const member = members.find(({ userId }) => userId === c.req.param('id'));
  return keys.length > 0 && member !== undefined && rightsOf(member.role).has('key.change');
}

async function afterChange(c: AppContext, changed: MemberChanged, done: Flash): Promise<Response> {
  if (changed !== 'done') return refuseChange(c, changed);
  const members = await membersOf(c.env, c.var.settingId);
  const self = members.find(({ userId }) => userId === c.var.actor.id);
  // Whoever has just taken that right from themselves is led to where they may go, not to a page that refuses them.
  const maySeePeople = self !== undefined && rightsOf(self.role).has('people.change');
  return c.redirect(maySeePeople ? withFlash(paths.people, done) : paths.now, 303);
}

async function refuseChange(c: AppContext, why: Exclude<MemberChanged, 'done'>): Promise<Response> {
  if (why === 'gone') return c.html(NotFoundPage(), 404);
  const id = c.req.param('id') ?? '';
  const error: FieldError = {
    'last-manager': { field: `role-${id}`, message: spoken.people.lastManager },
    'changed-meanwhile': { field: `rights-${id}`, message: spoken.people.changedMeanwhile },
    'belongs-elsewhere': { field: `second-factor-${id}`, message: spoken.people.notResetHere },
  }[why];
  return showPeople(c, { name: '', role: 'deputy' }, [error], 409);
}

async function showPeople(
  c: AppContext,
  values: InviteForm,
  errors: readonly FieldError[],
  status: 409 | 422 = 422,
): Promise<Response> {
  const [facts, members, elsewhere, invitations] = await Promise.all([
    c.var.setting.frame(),
    membersOf(c.env, c.var.settingId),
    membersElsewhere(c.env, c.var.settingId, c.var.actor.id),
    openInvitations(c.env, c.var.settingId),
  ]);
  const people = members.map(({ userId, ...member }) => ({
    id: userId,
    ...member,
    delegable: delegable(member.role),
    isSelf: userId === c.var.actor.id,
    belongsElsewhere: elsewhere.has(userId),
  }));
  const frame = frameOf(c, facts);
  const page = PeoplePage({ frame, people, invitations, values, errors, formId: crypto.randomUUID() });
  return c.html(page, errors.length > 0 ? status : 200);
}

/** Keys for other programs, and the documentation of what they can ask. */
import { Hono } from 'hono';
import { KEYS_MAX, keysOf, makeKey, revokeKey } from '../accounts/keys.ts';
import { spoken } from '../views/language.ts';
import { type FieldError, type KeyForm, type KeysModel, keyScopes } from '../views/models.ts';
import { ApiDocumentationPage, KeysPage, NotFoundPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { describeOperations } from './api/openapi.ts';
import { askPassword } from './ask-password.ts';
import { type AppContext, type AppEnv, frameOf, originOf, withFlash } from './context.ts';
import { formIdOf, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { checkName } from './new-account-form.ts';

export const keyRoutes = new Hono<AppEnv>()
  .get(paths.keys, needs('key.change'), (c) => showKeys(c, { name: '', scopes: [] }, []))

  .post(paths.keys, needs('key.change'), async (c) => {
    const { name } = await readFields(c, ['name']);
    const chosen = (await readForm(c, 'scopes')).getAll('scopes');
    const form: KeyForm = { name, scopes: chosen.map((scope) => oneOf('scopes', String(scope), keyScopes)) };
    const errors = checkName('name', name, spoken.keys.problems.name);
    if (chosen.length === 0) errors.push({ field: 'scopes', message: spoken.keys.problems.scopes });
    if (errors.length > 0) return showKeys(c, form, errors);
    const asked = await askPassword(c, 'key', { page: 'account', path: paths.keys });
    if (asked !== null) return asked;
    const key = await makeKey(c.env, c.var.settingId, form, c.var.actor, await formIdOf(c));
    if (key === null) return showKeys(c, form, [{ field: 'name', message: spoken.keys.problems.tooMany(KEYS_MAX) }]);
    // Shown as the answer, since only now anybody knows it: a redirect would have to carry it.
    return showKeys(c, { name: '', scopes: [] }, [], { name, key });
  })

  .post('/keys/:id/revoke', needs('key.change'), async (c) => {
    const revoked = await revokeKey(c.env, c.var.settingId, c.req.param('id'), c.var.actor);
    return revoked ? c.redirect(withFlash(paths.keys, 'key-revoked'), 303) : c.html(NotFoundPage(), 404);
  })

  .get(paths.apiDocumentation, needs('key.change'), async (c) => {
    const frame = frameOf(c, await c.var.setting.frame());
    const base = `${originOf(c)}/api/v1/settings/${c.var.settingId}`;
    return c.html(ApiDocumentationPage({ frame, base, operations: describeOperations() }));
  });

async function showKeys(
  c: AppContext,
  values: KeyForm,
  errors: readonly FieldError[],
  made: KeysModel['made'] = null,
): Promise<Response> {
  const [facts, keys] = await Promise.all([c.var.setting.frame(), keysOf(c.env, c.var.settingId)]);
  const page = KeysPage({ frame: frameOf(c, facts), keys, made, values, errors, formId: crypto.randomUUID() });
  return c.html(page, errors.length > 0 ? 422 : made === null ? 200 : 201);
}

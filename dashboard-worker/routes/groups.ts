/**
 * Groups of devices: what is blocked for them at which times, and safe search. Every change is shown before it is saved,
 * and is then a new version of the policy, sent to the box at once.
 */
import { Hono } from 'hono';
import { type Group, Restriction, type SafeSearch } from '../../policy-rules/policy.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { groupRulesOf, unusableRules } from '../setting/group-rules.ts';
import { spoken } from '../views/language.ts';
import type { FieldError, GroupRules } from '../views/models.ts';
import { GroupRulesPage, groupRulesFields, NotFoundPage, SafeSearchPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { answerPolicyForm, readVersion } from './policy-forms.ts';

export const groupRoutes = new Hono<AppEnv>()
  .get('/groups/:id/safe-search', needs('policy.change'), (c) => showSafeSearch(c, null))

  .post('/groups/:id/safe-search', needs('policy.change'), async (c) => {
    const form = await readFields(c, ['search', 'youtube', 'version']);
    const safeSearch: SafeSearch = {
      search: oneOf('search', form.search, ['on', 'off']) === 'on',
      youtube: oneOf('youtube', form.youtube, ['off', 'moderate', 'strict']),
    };
    const group = c.req.param('id');
    return answerPolicyForm(c, {
      ...{ page: 'devices', action: paths.safeSearch(group), cancel: paths.devices, kind: 'form' },
      saved: withFlash(paths.devices, 'safe-search-saved'),
      change: { kind: 'safe-search', group, safeSearch, seen: readVersion(form.version) },
      field: 'search',
      showAgain: (version, errors, status) => showSafeSearch(c, { safeSearch, version }, errors, status),
    });
  })

  .get('/groups/:id/rules', needs('policy.change'), (c) => showRules(c, null))

  .post('/groups/:id/rules', needs('policy.change'), async (c) => {
    const group = c.req.param('id');
    const { policy } = await c.var.setting.policy();
    const old = policy.groups.find(({ id }) => id === group);
    if (old === undefined) return c.html(NotFoundPage(), 404);
    const form = await readForm(c, 'version');
    const sent = readRules(form, old);
    return answerPolicyForm(c, {
      ...{ page: 'devices', action: paths.groupRules(group), cancel: paths.devices, kind: 'form' },
      saved: withFlash(paths.devices, 'group-rules-saved'),
      change: { kind: 'group-rules', group, rules: sent.rules, seen: readVersion(form.get('version')) },
      errors:
        sent.another === '' ? [] : [{ field: groupRulesFields.anotherWhen, message: spoken.groupRules.chooseWhen }],
      field: groupRulesFields.another,
      showAgain: (version, errors, status) => showRules(c, { ...sent, version }, errors, status),
    });
  });

interface SentRules {
  readonly rules: GroupRules;
  /** The service that is to be an exception too, when it was not said which; "" otherwise. */
  readonly another: string;
}

/** Every field is there, and is "" or a restriction; the services are those that were exceptions already, and one more. */
function readRules(sent: FormData, group: Group): SentRules {
  const read = (field: string): Restriction | null => {
    const text = sent.get(field);
    if (text === '') return null;
    const restriction = Restriction.safeParse(text);
    if (!restriction.success) throw new BadForm(field);
    return restriction.data;
  };
  const chosen = (ids: readonly string[], fieldOf: (id: string) => string): [string, Restriction][] =>
    ids.flatMap((id) => {
      const restriction = read(fieldOf(id));
      return restriction === null ? [] : [[id, restriction]];
    });
  const { categories } = groupRulesOf(group);
  const prefix = groupRulesFields.service('');
  const exceptions = [...sent.keys()]
    .filter((field) => field.startsWith(prefix))
    .map((field) => field.slice(prefix.length));
  const another = sent.get(groupRulesFields.another);
  const anotherWhen = read(groupRulesFields.anotherWhen);
  if (typeof another !== 'string') throw new BadForm(groupRulesFields.another);
  const services = chosen(exceptions, groupRulesFields.service);
  if (another !== '' && anotherWhen !== null) services.push([another, anotherWhen]);
  const rules: GroupRules = {
    categories: Object.fromEntries(
      chosen(
        categories.map(({ id }) => id),
        groupRulesFields.category,
      ),
    ),
    services: Object.fromEntries(services),
  };
  if (unusableRules(rules).length > 0) throw new BadForm(groupRulesFields.another);
  return { rules, another: anotherWhen === null ? another : '' };
}

async function showRules(
  c: AppContext,
  sent: (SentRules & { readonly version: number | null }) | null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const model = groupRulesOf(group);
  const { rules, another } = sent ?? { ...model, another: '' };
  const version = sent?.version ?? policy.version;
  const page = GroupRulesPage({ ...model, frame: frameOf(c, frame), group, rules, another, version, errors });
  return c.html(page, status);
}

/** `sent`: what somebody has filled in, null for a fresh form; its version is null where the newest has been looked at. */
async function showSafeSearch(
  c: AppContext,
  sent: { readonly safeSearch: SafeSearch; readonly version: number | null } | null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const values = sent?.safeSearch ?? safeSearchOf(group);
  const version = sent?.version ?? policy.version;
  const page = SafeSearchPage({ frame: frameOf(c, frame), group, values, version, errors });
  return c.html(page, status);
}

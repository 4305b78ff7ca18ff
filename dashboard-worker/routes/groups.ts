/**
 * Groups of devices: what is blocked for them at which times, and safe search. Every change is shown before it is saved, and is then a new version of the policy, sent
 * to the box at once.
 */
import { Hono } from 'hono';
import { type Group, Restriction, type SafeSearch } from '../../policy-rules/policy.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { groupRulesOf, unusableRules } from '../setting/group-rules.ts';
import { en } from '../views/messages.ts';
import type { FieldError, GroupRules } from '../views/models.ts';
import { GroupRulesPage, groupRulesFields, NotFoundPage, SafeSearchPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { BadForm, oneOf, readFields, readForm } from './forms.ts';
import { needs } from './guard.ts';
import { problemsOf, readStep, readVersion, showPreview } from './policy-forms.ts';

export const groupRoutes = new Hono<AppEnv>()
  .get('/groups/:id/safe-search', needs('policy.change'), (c) => showSafeSearch(c, null))

  .post('/groups/:id/safe-search', needs('policy.change'), async (c) => {
    const form = await readFields(c, ['search', 'youtube', 'version']);
    const safeSearch: SafeSearch = {
      search: oneOf('search', form.search, ['on', 'off']) === 'on',
      youtube: oneOf('youtube', form.youtube, ['off', 'moderate', 'strict']),
    };
    const group = c.req.param('id');
    const seen = readVersion(form.version);
    const step = await readStep(c);
    if (step === 'edit') return showSafeSearch(c, { safeSearch, version: seen });
    const change = { kind: 'safe-search', group, safeSearch, seen } as const;
    const outcome =
      step === 'save'
        ? await c.var.setting.changePolicy(change, c.var.actor)
        : await c.var.setting.previewPolicy(change);
    if (outcome.ok && 'version' in outcome) return c.redirect(withFlash(paths.devices, 'safe-search-saved'), 303);
    if (outcome.ok) {
      const where = { action: paths.safeSearch(group), cancel: paths.devices, kind: 'form' } as const;
      return showPreview(c, outcome, { page: 'devices', ...where });
    }
    if (outcome.reason === 'changed-meanwhile') {
      const errors: FieldError[] = [{ field: 'search', message: en.safeSearch.changed }];
      return showSafeSearch(c, { safeSearch, version: null }, errors);
    }
    if (outcome.reason === 'no-such-group') return c.html(NotFoundPage(), 404);
    throw new Error(`safe search could not be saved: ${problemsOf(outcome, '')[0]?.message}`);
  })

  .get('/groups/:id/rules', needs('policy.change'), (c) => showRules(c, null))

  .post('/groups/:id/rules', needs('policy.change'), async (c) => {
    const group = c.req.param('id');
    const { policy } = await c.var.setting.policy();
    const old = policy.groups.find(({ id }) => id === group);
    if (old === undefined) return c.html(NotFoundPage(), 404);
    const form = await readForm(c, 'version');
    const seen = readVersion(form.get('version'));
    const sent = readRules(form, old);
    const { rules } = sent;
    const errors: FieldError[] =
      sent.another === '' ? [] : [{ field: groupRulesFields.anotherWhen, message: en.groupRules.chooseWhen }];
    const step = await readStep(c);
    if (errors.length > 0 || step === 'edit') return showRules(c, { ...sent, version: seen }, errors);
    const change = { kind: 'group-rules', group, rules, seen } as const;
    const outcome =
      step === 'save'
        ? await c.var.setting.changePolicy(change, c.var.actor)
        : await c.var.setting.previewPolicy(change);
    if (outcome.ok && 'version' in outcome) return c.redirect(withFlash(paths.devices, 'group-rules-saved'), 303);
    if (outcome.ok) {
      const where = { action: paths.groupRules(group), cancel: paths.devices, kind: 'form' } as const;
      return showPreview(c, outcome, { page: 'devices', ...where });
    }
    if (outcome.reason === 'changed-meanwhile') {
      const first = groupRulesFields.another;
      return showRules(c, { ...sent, version: null }, [{ field: first, message: en.groupRules.changed }], 409);
    }
    if (outcome.reason === 'no-such-group') return c.html(NotFoundPage(), 404);
    throw new Error(`the rules of a group could not be saved: ${problemsOf(outcome, '')[0]?.message}`);
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
  status: 409 | 422 = 422,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const model = groupRulesOf(group);
  const { rules, another } = sent ?? { ...model, another: '' };
  const version = sent?.version ?? policy.version;
  const page = GroupRulesPage({ ...model, frame: frameOf(c, frame), group, rules, another, version, errors });
  return c.html(page, errors.length === 0 ? 200 : status);
}

/** `sent`: what somebody has filled in, null for a fresh form; its version is null where the newest has been looked at. */
async function showSafeSearch(
  c: AppContext,
  sent: { readonly safeSearch: SafeSearch; readonly version: number | null } | null,
  errors: readonly FieldError[] = [],
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const values = sent?.safeSearch ?? safeSearchOf(group);
  const version = sent?.version ?? policy.version;
  const page = SafeSearchPage({ frame: frameOf(c, frame), group, values, version, errors });
  return c.html(page, errors.length === 0 ? 200 : 409);
}

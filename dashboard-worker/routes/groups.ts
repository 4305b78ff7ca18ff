/**
 * Groups of devices: safe search. Every change is shown before it is saved, and is then a new version of the policy, sent
 * to the box at once.
 */
import { Hono } from 'hono';
import type { SafeSearch } from '../../policy-rules/policy.ts';
import { safeSearchOf } from '../../policy-rules/safe-search.ts';
import { en } from '../views/messages.ts';
import type { FieldError } from '../views/models.ts';
import { NotFoundPage, SafeSearchPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { oneOf, readFields } from './forms.ts';
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
  });

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

/** Groups of devices: safe search. Every change is a new version of the policy, sent to the box at once. */
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
import { problemsOf, readVersion } from './policy-forms.ts';

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
    const changed = await c.var.setting.changePolicy({ kind: 'safe-search', group, safeSearch, seen }, c.var.actor);
    if (changed.ok) return c.redirect(withFlash(paths.devices, 'safe-search-saved'), 303);
    if (changed.reason === 'changed-meanwhile') return showSafeSearch(c, safeSearch);
    if (changed.reason === 'no-such-group') return c.html(NotFoundPage(), 404);
    throw new Error(`safe search could not be saved: ${problemsOf(changed, '')[0]?.message}`);
  });

/** `sent`: what somebody wanted to save while somebody else saved another; null for a fresh form. */
async function showSafeSearch(c: AppContext, sent: SafeSearch | null): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const group = policy.groups.find(({ id }) => id === c.req.param('id'));
  if (group === undefined) return c.html(NotFoundPage(), 404);
  const errors: FieldError[] = sent === null ? [] : [{ field: 'search', message: en.safeSearch.changed }];
  const values = sent ?? safeSearchOf(group);
  const page = SafeSearchPage({ frame: frameOf(c, frame), group, values, version: policy.version, errors });
  return c.html(page, sent === null ? 200 : 409);
}

/**
 * Networks: as which group their devices without a name are filtered. A change is shown before it is saved, and is then a
 * new version of the policy, sent to the box at once.
 */
import { Hono } from 'hono';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { stricterGroup } from '../../policy-rules/strictness.ts';
import type { FieldError } from '../views/models.ts';
import { NetworksPage, NotFoundPage, networkField } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, frameOf, withFlash } from './context.ts';
import { readFields } from './forms.ts';
import { needs } from './guard.ts';
import { answerPolicyForm, readVersion } from './policy-forms.ts';

export const networkRoutes = new Hono<AppEnv>()
  .get(paths.networks, needs('policy.change'), (c) => showNetworks(c, null))

  .post(paths.networks, needs('policy.change'), async (c) => {
    const { policy } = await c.var.setting.policy();
    const ranges = policy.networks.map(({ range }) => range);
    const sent = await readFields(c, ['version', ...ranges.map(networkField)]);
    const groups = Object.fromEntries(
      ranges.map((range): [string, string] => [range, sent[networkField(range)] ?? '']),
    );
    const known = new Set(policy.groups.map(({ id }) => id));
    if (Object.values(groups).some((id) => !known.has(id))) return c.html(NotFoundPage(), 404);
    const seen = readVersion(sent.version);
    return answerPolicyForm(c, {
      ...{ page: 'devices', action: paths.networks, cancel: paths.devices, kind: 'form' },
      saved: withFlash(paths.devices, 'networks-saved'),
      change: { kind: 'networks', groups, seen },
      field: networkField(ranges[0] ?? ''),
      showAgain: (version, errors, status) => showNetworks(c, { groups, version }, errors, status),
    });
  });

/** `sent`: what somebody has chosen, null for a fresh form; its version is null where the newest has been looked at. */
async function showNetworks(
  c: AppContext,
  sent: { readonly groups: Readonly<Record<string, string>>; readonly version: number | null } | null,
  errors: readonly FieldError[] = [],
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { frame, policy } = await c.var.setting.policy();
  const networks = policy.networks.map(({ name, range, group: inForce }) => {
    const group = policy.groups.find(({ id }) => id === (sent?.groups[range] ?? inForce));
    const stricter = group?.kind === 'setting' ? stricterGroup(group, policy.groups, catalogue) : null;
    return { name, range, group: group?.id ?? inForce, stricter: stricter?.name ?? null };
  });
  const version = sent?.version ?? policy.version;
  const page = NetworksPage({ frame: frameOf(c, frame), version, groups: policy.groups, networks, errors });
  return c.html(page, status);
}

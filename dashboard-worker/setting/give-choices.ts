/** What the form of Give permission offers: the nearest first, so that the usual takes no search. */
import { catalogue, findService } from '../../policy-rules/catalogue/catalogue.ts';
import type { GrantScope } from '../../policy-rules/grants.ts';
import { ownDevices } from '../../policy-rules/own-devices.ts';
import type { Group } from '../../policy-rules/policy.ts';
import { type Choice, type GiveModel, scopeKey, targetKey } from '../views/models.ts';
import { habits } from './grant-stories.ts';
import { scopeName } from './naming.ts';
import { calendarOf, closingTime, endOfSessionBeforeClose, openingAt } from './opening.ts';
import { policyOf } from './policies.ts';
import type { Store } from './store.ts';

export const grantableCategories: GiveModel['categories'] = catalogue.categories
  .filter((category) => !category.protected)
  .map((category) => ({
    key: scopeKey({ category: category.id }),
    name: category.name,
    category: category.id,
    services: catalogue.services
      .filter((service) => service.category === category.id)
      .map((service) => ({ key: scopeKey({ service: service.id }), name: service.name })),
  }));

export function giveChoices(
  store: Store,
  nowMs: number,
): Omit<GiveModel, 'frame' | 'box' | 'request' | 'values' | 'errors' | 'formId'> {
  const policy = policyOf(store);
  const { usual, dayBefore, scopes } = habits(store, nowMs);
  const groupNames = new Map(policy.groups.map(({ id, name }) => [id, name]));
  const own = policy.groups.find(({ kind }) => kind === 'setting');
  return {
    opening: openingAt(policy, nowMs),
    sessionEndsAt: endOfSessionBeforeClose(policy, nowMs),
    closesAt: closingTime(policy, nowMs),
    today: calendarOf(policy.timeZone, nowMs).date,
    usual,
    dayBefore,
    groups: policy.groups
      .filter((group) => group.kind === 'setting' || restrictsAnything(group))
      .map(({ id, name }) => ({ key: targetKey({ group: id }), name })),
    devices: ownDevices(policy).map(({ id, name, group }) => ({
      key: targetKey({ device: id }),
      name,
      groupName: groupNames.get(group) ?? group,
    })),
    offered: offeredScopes(scopes).flatMap(choiceOf),
    categories: grantableCategories,
    emergency: own === undefined ? null : { key: targetKey({ group: own.id }), name: own.name },
  };
}

/** Staff's own and guests' devices are restricted in what their group names, and are given permission as a group alone. */
function restrictsAnything({ categories, services }: Group): boolean {
  return [...Object.values(categories), ...Object.values(services)].some((restriction) => restriction !== 'never');
}

/** What nurseries' policies name first: offered where there is no habit yet, so that the usual takes no search. */
const wellKnown: readonly GrantScope[] = ['facebook', 'instagram', 'whatsapp', 'youtube', 'pinterest', 'tiktok'].map(
  (service) => ({ service }),
);

/** What was given lately, then what is well known, each once. */
function offeredScopes(lately: readonly GrantScope[]): GrantScope[] {
  return [...new Map([...lately, ...wellKnown].map((scope) => [scopeKey(scope), scope])).values()];
}

/** All social media has a tile of its own. */
function choiceOf(scope: GrantScope): Choice[] {
  const name = scopeName(scope);
  if (name.kind === 'all-social' || 'allSocial' in scope) return [];
  const category = 'category' in scope ? scope.category : findService(scope.service)?.category;
  return [{ key: scopeKey(scope), name: name.name, ...(category === undefined ? {} : { category }) }];
}

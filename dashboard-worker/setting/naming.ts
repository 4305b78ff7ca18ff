/** Everyday names for what grants and requests are about, as they are at the time of asking. */
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import type { ScopeName, TargetName } from '../views/models.ts';

/** An id that the policy no longer has stands for itself. */
export function targetName(policy: Policy | null, target: GrantTarget): TargetName {
  if ('device' in target) {
    return { kind: 'device', name: policy?.devices.find(({ id }) => id === target.device)?.name ?? target.device };
  }
  return { kind: 'group', name: groupName(policy, target.group) };
}

export function groupName(policy: Policy | null, group: string): string {
  return policy?.groups.find(({ id }) => id === group)?.name ?? group;
}

export function scopeName(scope: GrantScope): ScopeName {
  if ('service' in scope) return { kind: 'service', name: serviceName(scope.service) };
  if ('category' in scope) {
    const name = catalogue.categories.find(({ id }) => id === scope.category)?.name ?? scope.category;
    return { kind: 'category', name };
  }
  return { kind: 'all-social' };
}

export function serviceName(service: string): string {
  return serviceNames.get(service) ?? service;
}

const serviceNames = new Map(catalogue.services.map(({ id, name }) => [id, name]));

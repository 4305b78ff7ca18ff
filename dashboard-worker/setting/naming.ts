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

/**
 * Whether a name that somebody was given by is theirs: "Tracey", "Tracey F" and "tracey field" are Tracey Field. Rather
 * once too often than not: what somebody allowed themselves is marked, and a mark too many is explained in a sentence.
 */
export function isNameOf(given: string, fullName: string): boolean {
  const words = (text: string) =>
    text
      .normalize('NFC')
      .toLocaleLowerCase('en-GB')
      .match(/[^\s.]+/g) ?? [];
  const [first = '', ...others] = words(given);
  const [own = '', ...ownOthers] = words(fullName);
  return first !== '' && first === own && others.every((word, at) => ownOthers[at]?.startsWith(word) ?? false);
}

export function groupName(policy: Policy | null, group: string): string {
  return policy?.groups.find(({ id }) => id === group)?.name ?? group;
}

export function scopeName(scope: GrantScope): ScopeName {
  if ('service' in scope) return { kind: 'service', name: serviceName(scope.service) };
  if ('category' in scope) return { kind: 'category', name: categoryName(scope.category) };
  return { kind: 'all-social' };
}

export function categoryName(category: string): string {
  return catalogue.categories.find(({ id }) => id === category)?.name ?? category;
}

export function serviceName(service: string): string {
  return serviceNames.get(service) ?? service;
}

const serviceNames = new Map(catalogue.services.map(({ id, name }) => [id, name]));

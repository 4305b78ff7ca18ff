/**
 * Permissions that open in part the same: ending one leaves what the other opens. The same for the same devices is one
 * permission (giveGrant), so what is told here is of another scope, of other devices, or an official channel's.
 */
import { catalogue, findService } from '../../policy-rules/catalogue/catalogue.ts';
import type { GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import type { AlsoAllowed } from '../views/models.ts';
import type { GrantRow } from './grants.ts';
import { scopeName, targetName } from './naming.ts';

/**
 * `open`: all that have begun and not ended, of whatever story. Answers, for the id of a story, what others open of it as
 * well, the latest end first.
 */
export function overlapsIn(policy: Policy, open: readonly GrantRow[]): (story: string) => AlsoAllowed[] {
  const stories = [...Map.groupBy(open.map(readRow), ({ story }) => story)];
  return (story) => {
    const own = stories.find(([id]) => id === story)?.[1] ?? [];
    return stories
      .flatMap(([id, rows]) => (id === story ? [] : whatBothOpen(policy, own, id, rows)))
      .toSorted((a, b) => b.until - a.until);
  };
}

interface OpenRow {
  readonly story: string;
  readonly scope: GrantScope;
  readonly target: GrantTarget;
  readonly until: number;
  readonly by: string;
}

function readRow({ story, scope_json, target_json, until_at, granted_by }: GrantRow): OpenRow {
  return { story, scope: JSON.parse(scope_json), target: JSON.parse(target_json), until: until_at, by: granted_by };
}

/** None or one: all rows of a story are of one scope. */
function whatBothOpen(policy: Policy, own: readonly OpenRow[], id: string, others: readonly OpenRow[]): AlsoAllowed[] {
  const scope = own[0] === undefined ? null : commonScope(own[0].scope, others[0]!.scope);
  if (scope === null) return [];
  const shared = others.flatMap((other) =>
    own.flatMap((row) => {
      const target = commonTarget(policy, row.target, other.target);
      return target === null ? [] : [{ target, other }];
    }),
  );
  const [first] = shared;
  if (first === undefined) return [];
  const targets = new Map(shared.map(({ target }) => [JSON.stringify(target), targetName(policy, target)]));
  const until = Math.max(...shared.map(({ other }) => other.until));
  return [{ id, scope: scopeName(scope), targets: [...targets.values()], until, by: first.other.by }];
}

/** What both open; null for nothing. Of two that overlap the narrower one lies within the other. */
export function commonScope(one: GrantScope, other: GrantScope): GrantScope | null {
  const [narrow, wide] = widthOf(one) <= widthOf(other) ? [one, other] : [other, one];
  if ('service' in wide) return 'service' in narrow && narrow.service === wide.service ? narrow : null;
  const category = categoryOf(narrow);
  if ('category' in wide) return category === wide.category ? narrow : null;
  return category === null || socialCategories.has(category) ? narrow : null;
}

function widthOf(scope: GrantScope): number {
  return 'service' in scope ? 0 : 'category' in scope ? 1 : 2;
}

/** Null for all social media. */
function categoryOf(scope: GrantScope): string | null {
  if ('service' in scope) return findService(scope.service)?.category ?? '';
  return 'category' in scope ? scope.category : null;
}

const socialCategories = new Set(catalogue.categories.flatMap(({ id, social }) => (social ? [id] : [])));

/** Whom both are for; null for nobody. */
export function commonTarget({ devices }: Policy, one: GrantTarget, other: GrantTarget): GrantTarget | null {
  const [device, group] = 'device' in one ? [one, other] : [other, one];
  if ('device' in device && 'device' in group) return device.device === group.device ? device : null;
  if ('group' in device && 'group' in group) return device.group === group.group ? device : null;
  return 'device' in device && 'group' in group && devices.find(({ id }) => id === device.device)?.group === group.group
    ? device
    : null;
}

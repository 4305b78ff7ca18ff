/**
 * What each role may do: a table, and nothing else. Pages hide by it what somebody may not do, and routes refuse by it
 * (routes/guard.ts); the words for roles and rights are with the views.
 */
import { type RightId, type RoleId, rightIds, roleIds } from './rights.ts';

const rightsOfRole: Readonly<Record<RoleId, readonly RightId[]>> = {
  manager: rightIds,
  deputy: rightIds.filter((id) => id !== 'people.change' && id !== 'key.change' && id !== 'record.export'),
  dsl: ['now.see', 'usage.see', 'device-usage.see', 'record.read', 'year.see', 'views.see', 'self'],
  // The record without device-usage.see names no device and nobody who asked: the committee never sees them.
  chair: ['year.see', 'self-grants.see', 'record.read', 'self'],
  committee: ['year.see', 'self'],
  installer: ['box.change', 'device.change', 'policy.change', 'self'],
  staff: ['views.see', 'self'],
};

/** `extra`: what a manager has delegated to this person. */
export function rightsOf(role: RoleId, extra: readonly RightId[] = []): ReadonlySet<RightId> {
  return new Set([...rightsOfRole[role], ...extra]);
}

/** What no delegation adds to. */
export function rolesThatMay(right: RightId): readonly RoleId[] {
  return roleIds.filter((role) => rightsOfRole[role].includes(right));
}

/** Each would be the way to all the others: whoever changes people makes themselves a manager, and keys have rights of their own. */
const neverDelegated: ReadonlySet<RightId> = new Set(['people.change', 'key.change']);

/** What a manager may delegate to somebody of that role, one by one. */
export function delegable(role: RoleId): readonly RightId[] {
  if (role !== 'deputy' && role !== 'dsl') return [];
  return rightIds.filter((id) => !neverDelegated.has(id) && !rightsOfRole[role].includes(id));
}

/** Of the database's column. What can no longer be delegated, or never could, does not count. */
export function readExtra(role: RoleId, json: string): RightId[] {
  const kept: unknown = JSON.parse(json);
  return Array.isArray(kept) ? delegable(role).filter((id) => kept.includes(id)) : [];
}

/** A role that this release does not know, of a newer one, is the smallest. */
export function readRole(text: string): RoleId {
  return roleIds.find((id) => id === text) ?? 'staff';
}

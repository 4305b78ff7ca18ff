/**
 * What each role may do: a table, and nothing else. Pages hide by it what somebody may not do, and routes refuse by it
 * (routes/guard.ts); the words for roles and permissions are with the views.
 */
import { type PermissionId, permissionIds, type RoleId, roleIds } from '../views/models.ts';

const permissionsOfRole: Readonly<Record<RoleId, readonly PermissionId[]>> = {
  manager: permissionIds,
  deputy: permissionIds.filter((id) => id !== 'people.change' && id !== 'key.change' && id !== 'record.export'),
  dsl: ['now.see', 'usage.see', 'device-usage.see', 'record.read', 'year.see', 'self'],
  // The record names devices and who asked for what, which the committee never sees; the year counts it.
  chair: ['year.see', 'self-grants.see', 'self'],
  committee: ['year.see', 'self'],
  installer: ['box.change', 'device.change', 'policy.change', 'self'],
  staff: ['self'],
};

export function permissionsOf(role: RoleId): ReadonlySet<PermissionId> {
  return new Set(permissionsOfRole[role]);
}

/** A role that this release does not know, of a newer one, is the smallest. */
export function readRole(text: string): RoleId {
  return roleIds.find((id) => id === text) ?? 'staff';
}

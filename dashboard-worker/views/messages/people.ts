/** Roles, and what they may do. */
import type { PermissionId, RoleId } from '../models.ts';

export const roles = {
  manager: 'Nursery Manager',
  deputy: 'deputy manager',
  dsl: 'designated safeguarding lead',
  chair: 'chair of the committee',
  committee: 'member of the committee',
  installer: 'installer',
  staff: 'member of staff',
} satisfies Record<RoleId, string>;

export const permissions = {
  'now.see': 'seeing what is allowed now',
  'grant.give': 'giving permission',
  'request.answer': 'answering requests',
  'device.change': 'changing devices',
  'policy.change': 'changing rules and opening hours',
  'usage.see': 'seeing the usage figures',
  'device-usage.see': 'seeing the usage figures of a device',
  'record.read': 'reading the record',
  'record.export': 'exporting the record',
  'year.see': 'seeing the figures of the year',
  'self-grants.see': 'seeing what the manager allowed themselves',
  'channel.change': 'changing official channels',
  'notice.change': 'changing the monitoring notice',
  'people.change': 'inviting and removing people',
  'box.change': 'pairing and removing the box',
  'key.change': 'making and revoking keys',
  self: 'their own account',
} satisfies Record<PermissionId, string>;

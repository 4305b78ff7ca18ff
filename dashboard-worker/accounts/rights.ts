/**
 * Roles and rights: the words that accounts, pages and the record have in common. What a role may do is in roles.ts. A
 * permission is something else: what a grant gives to a device. (Entries of the record keep the field's older name.)
 */

export const roleIds = ['manager', 'deputy', 'dsl', 'chair', 'committee', 'installer', 'staff'] as const;
/** `dsl` is the designated safeguarding lead. */
export type RoleId = (typeof roleIds)[number];

export const rightIds = [
  'now.see',
  'grant.give',
  'request.answer',
  'device.change',
  'policy.change',
  'usage.see',
  'device-usage.see',
  'record.read',
  'record.export',
  'year.see',
  'self-grants.see',
  /** That somebody looked at what single devices did. */
  'views.see',
  'channel.change',
  'notice.change',
  'people.change',
  'box.change',
  'key.change',
  /** One's own account, and no more. */
  'self',
] as const;
export type RightId = (typeof rightIds)[number];

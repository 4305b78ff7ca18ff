/** The pages of the navigation in their order, and what somebody needs to be shown one. */
import type { PageId, PermissionId } from './models.ts';

export const pageOrder: readonly PageId[] = [
  'now',
  'give',
  'devices',
  'hours',
  'usage',
  'record',
  'year',
  'channels',
  'notice',
  'people',
  'keys',
  'box',
  'account',
];

export const permissionOfPage: Readonly<Record<PageId, PermissionId>> = {
  now: 'now.see',
  give: 'grant.give',
  devices: 'device.change',
  hours: 'policy.change',
  usage: 'usage.see',
  record: 'record.read',
  year: 'year.see',
  channels: 'channel.change',
  notice: 'notice.change',
  people: 'people.change',
  keys: 'key.change',
  box: 'box.change',
  account: 'self',
};

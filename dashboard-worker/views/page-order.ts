/** The pages of the navigation in their order, and what somebody needs to be shown one. */

import type { RightId } from '../accounts/rights.ts';
import type { PageId } from './models.ts';

/** What is used every day: always in sight. */
export const dailyPages = ['now', 'give', 'devices', 'hours'] as const satisfies readonly PageId[];

/** The others, by what somebody comes for. */
export const furtherPages = {
  lookBack: ['usage', 'record', 'year'],
  agreed: ['channels', 'notice'],
  setUp: ['people', 'box', 'account'],
} as const satisfies Readonly<Record<string, readonly PageId[]>>;

/** The first of these that somebody may see is where they come in. */
export const pageOrder: readonly PageId[] = [...dailyPages, ...Object.values(furtherPages).flat()];

export const rightOfPage: Readonly<Record<PageId, RightId>> = {
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
  box: 'box.change',
  account: 'self',
};

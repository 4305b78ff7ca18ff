/** What one of the setting's own devices did, day by day and by kind of service. */
import type { DeviceUser } from '../../../policy-rules/policy.ts';
import type { DeviceReporting } from './notice.ts';
import type { CalendarDate, Frame } from './shared.ts';
import type { ActiveMinutes } from './usage.ts';

export interface DeviceUsageModel {
  readonly frame: Frame;
  readonly deviceId: string;
  readonly deviceName: string;
  /** As the setting has entered it; null where nobody has said. */
  readonly user: DeviceUser | null;
  readonly reporting: DeviceReporting;
  readonly keptDays: number;
  readonly total: ActiveMinutes;
  /** The newest first; those without a minute left out. Empty while such figures are not kept. */
  readonly weeks: readonly (ActiveMinutes & { readonly monday: CalendarDate })[];
  /** Of the week that is looked at, which is one of those; null without any. */
  readonly week: { readonly monday: CalendarDate; readonly days: readonly DeviceDay[] } | null;
}

/** Of a week, the newest first; days without a minute are left out. */
export interface DeviceDay {
  readonly date: CalendarDate;
  readonly total: ActiveMinutes;
  /** Those with most minutes first; minutes are the sum over the services of the kind. */
  readonly categories: readonly (ActiveMinutes & { readonly categoryName: string })[];
}

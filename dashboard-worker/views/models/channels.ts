/** Official channels: the nursery's own pages and accounts, who looks after them, and where and when (7.3). */
import type { Week } from '../../../policy-rules/policy.ts';
import type { GiveModel } from './give.ts';
import type { CalendarDate, FieldError, Frame, TimeOfDay } from './shared.ts';

export type Weekday = keyof Week;
export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const satisfies readonly Weekday[];

/** Words and dates as they were typed; "" where nothing was chosen. */
export interface ChannelForm {
  readonly name: string;
  readonly purpose: string;
  readonly approvedBy: string;
  readonly approvedOn: CalendarDate;
  /** When its risks were assessed. */
  readonly assessedOn: CalendarDate;
  /** The two who look after it; "" where one has left. */
  readonly firstPerson: string;
  readonly secondPerson: string;
  /** The id of the device from which it is looked after. */
  readonly device: string;
  /** The id of the service that it is on. */
  readonly service: string;
  readonly days: readonly Weekday[];
  readonly from: TimeOfDay;
  readonly to: TimeOfDay;
}

/** What somebody should see to; with the last three there is no permission. */
export type ChannelWarning = 'one-person' | 'approval-old' | 'no-person' | 'no-device' | 'not-possible';

export interface ChannelModel extends Omit<ChannelForm, 'device' | 'service' | 'firstPerson' | 'secondPerson'> {
  readonly id: string;
  /** At most two. */
  readonly people: readonly string[];
  /** Null where the device is gone. */
  readonly deviceName: string | null;
  readonly serviceName: string;
  readonly warnings: readonly ChannelWarning[];
}

export interface ChannelsModel {
  readonly frame: Frame;
  readonly channels: readonly ChannelModel[];
}

export interface ChannelEditModel {
  readonly frame: Frame;
  /** Null for a new one. */
  readonly channelId: string | null;
  /** New with every showing: a form that is sent twice enters one channel. */
  readonly formId: string;
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  /** The register of staff. */
  readonly staff: readonly string[];
  readonly categories: GiveModel['categories'];
  /** The setting's own date now. */
  readonly today: CalendarDate;
  readonly values: ChannelForm;
  readonly errors: readonly FieldError[];
}

/** Opening hours, and whether the setting is open. */
import type { OpeningHours } from '../../../policy-rules/policy.ts';
import type { CalendarDate, FieldError, Frame, Instant, TimeOfDay } from './shared.ts';

export interface OpenTodayForm {
  readonly name: string;
  readonly from: TimeOfDay;
  readonly to: TimeOfDay;
}

/** The setting's hours at `frame.nowMs`. `until`: when that changes; null when it does not within the year. */
export type OpeningState =
  | { readonly kind: 'open'; readonly until: Instant | null }
  | { readonly kind: 'break'; readonly until: Instant | null }
  | { readonly kind: 'closed'; readonly until: Instant | null };

export interface HoursModel {
  readonly frame: Frame;
  readonly opening: OpeningState;
  /** The version of the policy that the form is filled in from. */
  readonly version: number;
  /** As saved, or as sent with errors (then values may be empty or wrong). */
  readonly hours: OpeningHours;
  readonly errors: readonly FieldError[];
  /** The next England-and-Wales bank holidays, when they are observed. */
  readonly nextBankHolidays: readonly { readonly name: string; readonly date: CalendarDate }[];
  /** Today in the setting's zone, to prefill the one-off opening. */
  readonly today: CalendarDate;
}

/** A year of opening days, month by month. */
import type { CalendarDay } from '../../../policy-rules/schedule.ts';
import type { CalendarDate, Frame } from './shared.ts';

export interface CalendarModel {
  readonly frame: Frame;
  readonly today: CalendarDate;
  /** "2026-12", in their order, each with all its days. */
  readonly months: readonly { readonly month: string; readonly days: readonly CalendarDay[] }[];
  /** The first month of the pages before and after; null where the calendar ends. */
  readonly earlier: string | null;
  readonly later: string | null;
}

/** Usage: active minutes by service and hour. */
import type { DeviceReporting } from './notice.ts';
import type { CalendarDate, Frame } from './shared.ts';

export interface ActiveMinutes {
  readonly blocked: number;
  readonly granted: number;
}

export interface UsageModel {
  readonly frame: Frame;
  readonly reporting: DeviceReporting;
  /** The setting's own, whose figures the reader may see one by one; none for any other reader. */
  readonly devices: readonly { readonly id: string; readonly name: string }[];
  readonly span: 'week' | 'term';
  /** The term's name; null in a week, or when no term is set (then "term" means the last twelve weeks). */
  readonly termName: string | null;
  /** First and last day, both included. */
  readonly first: CalendarDate;
  readonly last: CalendarDate;
  /** Any order; services without a minute left out. */
  readonly byService: readonly (ActiveMinutes & { readonly serviceName: string })[];
  /** Hours of the day in the setting's zone, 0 to 23, summed over the span; hours without a minute may be left out. */
  readonly byHour: readonly (ActiveMinutes & { readonly hour: number })[];
}

/** Year: the figures that a committee reviews. */
import type { Grant } from '../../../policy-rules/grants.ts';
import type { RecordEntry } from './record.ts';
import type { CalendarDate, FieldError, Frame } from './shared.ts';

export interface YearModel {
  readonly frame: Frame;
  readonly first: CalendarDate;
  readonly last: CalendarDate;
  readonly errors: readonly FieldError[];
  /** "YYYY-MM", the newest first, for whoever may choose whole months only; null for whoever may choose days. */
  readonly monthChoices: readonly string[] | null;
  /** "YYYY-MM", in order, at most thirteen; the arrays below run along it. */
  readonly months: readonly string[];
  /** Raw counts: the page itself says "fewer than 5". */
  readonly services: readonly {
    readonly serviceName: string;
    readonly blocked: readonly number[];
    readonly granted: readonly number[];
  }[];
  readonly grants: {
    readonly total: number;
    readonly toSelf: number;
    readonly endedEarly: number;
    readonly byPurpose: Readonly<Record<Grant['purpose'], number>>;
    readonly byMode: Readonly<Record<Grant['mode'], number>>;
    /** Any order. */
    readonly reasons: readonly { readonly reason: string; readonly count: number }[];
  };
  /** Official channels that were open at all, and how often all of them together: once for each channel and day. */
  readonly channels: { readonly channels: number; readonly permissions: number };
  readonly requests: { readonly made: number; readonly refused: number; readonly lapsed: number };
  /** Changes of policy, hours and groups, oldest first; devices and grants left out. */
  readonly policyChanges: readonly RecordEntry[];
  /** Days of the period on which the box did not report at all; null when that is not known. */
  readonly daysWithoutReport: number | null;
}

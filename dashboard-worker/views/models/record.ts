/** The record as a page of entries. What can be in an entry is in record-events.ts. */
import type { RecordEvent } from '../../setting/record-events.ts';
import type { CalendarDate, FieldError, Frame, Instant } from './shared.ts';

export const recordKinds = [
  'permission',
  'request',
  'channel',
  'device',
  'hours',
  'policy',
  'notice',
  'box',
  'account',
  'view',
  'record',
] as const;
export type RecordKind = (typeof recordKinds)[number];

export interface RecordEntry {
  /** Its number in the record, counted from 1. */
  readonly sequence: number;
  readonly at: Instant;
  /** A person's name; null when the box or the dashboard itself did it; "" when the name was erased by retention. */
  readonly who: string | null;
  readonly event: RecordEvent;
  /** Where they were signed in; null where the record does not say, and absent where nobody has asked. */
  readonly session?: SignInPlace | null;
}

export interface SignInPlace {
  readonly at: Instant;
  /** "" where it is not known. */
  readonly browser: string;
  readonly system: string;
}

/** What is recorded about whoever reads it. */
export interface OwnRecordModel {
  readonly frame: Frame;
  /** What they did, and what was done to their account; newest first. */
  readonly entries: readonly RecordEntry[];
  readonly total: number;
  readonly page: number;
  readonly pageCount: number;
  /** That somebody looked at what single devices did, newest first; null for whoever may not see it. */
  readonly views: readonly RecordEntry[] | null;
}

/** Whether all entries are as they were written. */
export interface VerifyModel {
  readonly frame: Frame;
  /** Of the last time that somebody asked; null before the first. */
  readonly last: RecordEntry | null;
  /** Up to which entry the box has countersigned this very record, and when; null where it has not. */
  readonly countersigned: { readonly sequence: number; readonly at: Instant } | null;
}

/** What somebody asked for; "" is no bound. */
export interface AskedRecord {
  readonly kind: RecordKind | '';
  /** Both included. */
  readonly from: CalendarDate | '';
  readonly to: CalendarDate | '';
  /** Parts of names. */
  readonly person: string;
  readonly device: string;
}

export interface RecordModel {
  readonly frame: Frame;
  readonly filter: AskedRecord;
  readonly mayExport: boolean;
  readonly errors: readonly FieldError[];
  /** Devices and those who asked are left out: the reader may not see what single devices did. */
  readonly isOutline: boolean;
  /** Newest first. */
  readonly entries: readonly RecordEntry[];
  /** All that match the filter. */
  readonly total: number;
  readonly page: number;
  readonly pageCount: number;
}

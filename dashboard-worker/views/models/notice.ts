/** The monitoring notice: what it says, whether people have read it, and what hangs on it. */
import type { NoticeSection } from '../../../policy-rules/monitoring-notice.ts';
import type { CalendarDate, FieldError, Frame, Instant } from './shared.ts';

/** What the setting itself puts into its notice; each line is a paragraph or an item. */
export interface NoticeForm {
  readonly seenBy: readonly string[];
  readonly contact: string;
  readonly more: readonly string[];
}

export interface NoticeReader {
  readonly id: string;
  readonly name: string;
  /** Of the newest version; null while it is outstanding. */
  readonly acknowledged: { readonly at: Instant; readonly how: 'site' | 'paper' } | null;
}

/** Whether figures of single devices are kept, and what has to be done first if not. */
export interface DeviceReporting {
  readonly on: boolean;
  readonly missing: readonly ('assessment' | 'notice')[];
}

export interface NoticeModel {
  readonly frame: Frame;
  readonly published: {
    readonly version: number;
    readonly at: Instant;
    readonly sections: readonly NoticeSection[];
    /** The setting's facts have changed since: what would be published now says something else. */
    readonly isOutdated: boolean;
    readonly onBox: 'no-box' | 'too-old' | 'on-its-way' | 'shown';
  } | null;
  readonly reporting: DeviceReporting;
  readonly assessedOn: CalendarDate | null;
  /** The setting's own date now. */
  readonly today: CalendarDate;
  readonly readers: readonly NoticeReader[];
  /** Who has said so under a name that is on no list. */
  readonly strangers: readonly { readonly name: string; readonly at: Instant }[];
  readonly values: NoticeForm;
  /** Of any form on the page: `seenBy`, `contact`, `more`, `date`, `names`. */
  readonly errors: readonly FieldError[];
}

/** The text as it would be published, before it is. */
export interface NoticePreviewModel {
  readonly frame: Frame;
  /** Of the newest one that is published; 0 for none. */
  readonly known: number;
  readonly sections: readonly NoticeSection[];
  /** Word for word what is published. */
  readonly isUnchanged: boolean;
  readonly values: NoticeForm;
}

/** Everything that the record can say. */
import type { Grant } from '../../../policy-rules/grants.ts';
import type { SafeSearch } from '../../../policy-rules/policy.ts';
import type { CalendarDate, Instant, ScopeName, TargetName, TimeOfDay } from './shared.ts';

/** Something that happened, as facts; the page makes the sentence. `who` of the entry is the subject. */
export type RecordEvent =
  | {
      readonly type: 'grant-given';
      readonly target: TargetName;
      readonly scope: ScopeName;
      readonly from: Instant;
      readonly until: Instant;
      readonly purpose: Grant['purpose'];
      readonly mode: Grant['mode'];
      readonly reason: string;
      readonly askedBy: string;
      readonly toSelf: boolean;
    }
  | { readonly type: 'grant-ended-early'; readonly target: TargetName; readonly scope: ScopeName }
  | { readonly type: 'grant-in-force'; readonly target: TargetName; readonly scope: ScopeName; readonly at: Instant }
  | {
      readonly type: 'request-made';
      readonly deviceName: string | null;
      readonly scope: ScopeName;
      readonly minutes: number;
      readonly reason: string;
    }
  | { readonly type: 'request-refused'; readonly askedBy: string; readonly scope: ScopeName; readonly reason: string }
  | { readonly type: 'request-lapsed'; readonly askedBy: string; readonly scope: ScopeName }
  | { readonly type: 'device-added'; readonly deviceName: string; readonly groupName: string }
  | { readonly type: 'device-changed'; readonly deviceName: string; readonly groupName: string }
  | { readonly type: 'device-removed'; readonly deviceName: string }
  | {
      readonly type: 'safe-search-changed';
      readonly groupName: string;
      readonly search: boolean;
      readonly youtube: SafeSearch['youtube'];
    }
  | { readonly type: 'hours-changed' }
  | {
      readonly type: 'opening-added';
      readonly name: string;
      readonly date: CalendarDate;
      readonly from: TimeOfDay;
      readonly to: TimeOfDay;
    }
  | { readonly type: 'policy-adopted'; readonly version: number }
  | { readonly type: 'policy-changed'; readonly version: number; readonly summary: string }
  | { readonly type: 'policy-refused'; readonly version: number; readonly reason: string }
  | { readonly type: 'box-enrolled'; readonly boxName: string }
  | { readonly type: 'box-removed'; readonly boxName: string }
  | { readonly type: 'pairing-code-made' }
  | { readonly type: 'setting-created' }
  | { readonly type: 'signed-in' }
  | { readonly type: 'usage-viewed' }
  | { readonly type: 'year-viewed' }
  /** The device is null where nobody named it, or it is gone. */
  | { readonly type: 'alert-viewed'; readonly deviceName: string | null };

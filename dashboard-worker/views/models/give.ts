/** Give permission: its form, what it offers, and the page of the result. */
import type { Grant } from '../../../policy-rules/grants.ts';
import type { BoxPresence } from './box.ts';
import type { GrantModel, Overlap, ReasonId } from './grants.ts';
import type { OpeningState } from './hours.ts';
import type { RequestModel } from './requests.ts';
import type { CalendarDate, FieldError, Frame, Instant, ScopeName, TargetName, TimeOfDay } from './shared.ts';

/** How long: minutes, until the end of the session that is running, until the end of the day's opening, or until the time in `untilTime`. */
export type UntilChoice = '10' | '30' | '60' | 'session' | 'close' | 'time';

export type ForWhom = 'me' | 'other';

export interface GiveForm {
  /** `targetKey` of each device or group; the field `target`, as often as it is ticked. */
  readonly targets: readonly string[];
  /** `scopeKey` of a service, a category, or all social media. */
  readonly scope: string;
  /** Both empty: from now on. A time alone is of today. */
  readonly fromDate: CalendarDate;
  readonly fromTime: TimeOfDay;
  readonly until: UntilChoice;
  /** Read only when `until` is "time". */
  readonly untilTime: TimeOfDay;
  /** A `ReasonId`; with "other", `reasonText` is required. */
  readonly reason: ReasonId;
  /** Free text; added to the reason, or the whole of it with "other". */
  readonly reasonText: string;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  /** Whom it is for; "" until that is chosen. */
  readonly forWhom: ForWhom | '';
  /** The name, with "other". */
  readonly askedBy: string;
  /** The id of the request that this answers, or "". */
  readonly request: string;
}

export interface RepeatForm {
  /** The id of the earlier grant: same target, scope, purpose, mode, reason; as long as it was. */
  readonly grant: string;
}

export interface MoreTimeForm {
  /** Minutes after the end that it has now, or until the end of today's opening. */
  readonly more: '10' | '30' | 'session' | 'close';
  /** The end that the page showed, as an instant in digits: a second tap finds another one, and adds nothing. */
  readonly ends: string;
  /** Where the form stood. */
  readonly back: 'now' | 'grant';
}

export interface EmergencyForm {
  /** `targetKey`; scope is all social media, purpose "emergency", mode "verbal", for `EMERGENCY_MINUTES`. */
  readonly target: string;
}

export const EMERGENCY_MINUTES = 30;

export interface Choice {
  /** `targetKey` or `scopeKey`. */
  readonly key: string;
  readonly name: string;
  /** Of a service or a category: the category's id, for its picture. */
  readonly category?: string;
}

/** A permission given lately, offered again with one tap. */
export interface UsualGrant {
  readonly grantId: string;
  readonly targets: readonly TargetName[];
  readonly scope: ScopeName;
  readonly minutes: number;
  readonly reason: string;
}

/** What was given on the last day before this one on which anything was. */
export interface DayBefore {
  /** An instant of that day. */
  readonly at: Instant;
  /** At least one, and at most four. */
  readonly grants: readonly UsualGrant[];
}

export interface GiveModel {
  readonly frame: Frame;
  readonly box: BoxPresence;
  readonly opening: OpeningState;
  /** End of the opening period that is running, where that is not closing time; null: it is not offered. */
  readonly sessionEndsAt: Instant | null;
  /** As in `NowModel`: without it "until we close" is not offered. */
  readonly closesAt: Instant | null;
  readonly today: CalendarDate;
  /** Distinct permissions of late other than those of `dayBefore`, the most frequent first; at most four. */
  readonly usual: readonly UsualGrant[];
  /** Null after a week without any. */
  readonly dayBefore: DayBefore | null;
  readonly groups: readonly Choice[];
  readonly devices: readonly (Choice & { readonly groupName: string })[];
  /** What was given lately, the latest first, then what is well known; at most six are shown as tiles of their own. */
  readonly offered: readonly Choice[];
  /** New with every showing: a form that is sent twice (a double tap) gives one permission. */
  readonly formId: string;
  /** Every category that can be granted, with its services. */
  readonly categories: readonly (Choice & { readonly services: readonly Choice[] })[];
  /** The group that an emergency permission opens; null when there is no group of the setting's own devices. */
  readonly emergency: Choice | null;
  /** What is filled in: the last choice, a request's wishes, or what was sent with errors. */
  readonly values: GiveForm;
  /** Shown when the form answers a request. */
  readonly request: RequestModel | null;
  readonly errors: readonly FieldError[];
}

export interface GrantResultModel {
  readonly frame: Frame;
  readonly grant: GrantModel;
  /** As in `GiveModel`. */
  readonly sessionEndsAt: Instant | null;
  /** As in `NowModel`: more time "until we close" is offered with it only. */
  readonly closesAt: Instant | null;
  /** Protected lists that still block part of what was granted. */
  readonly overlaps: readonly Overlap[];
}

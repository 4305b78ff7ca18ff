/**
 * What every page of the dashboard is told, and what its forms send back; where to is in paths.ts.
 *
 * A page is a pure function of its model: it reads no data and no clock, and it owns every word. Models therefore
 * carry facts (ids, names that people gave, instants, counts), never sentences, and never a domain name.
 * Instants are milliseconds since the Unix epoch, UTC; the pages write them in `frame.timeZone`.
 * Dates are "YYYY-MM-DD" and times of day "HH:MM", both in the setting's zone.
 */
import type { Grant, GrantScope, GrantTarget } from '../../policy-rules/grants.ts';
import type { GroupKind, OpeningHours, SafeSearch } from '../../policy-rules/policy.ts';

export type Instant = number;
export type CalendarDate = string;
export type TimeOfDay = string;

// ---- what forms send ---------------------------------------------------------------------------------------------

/** Shortest password that Setup accepts; say the same to the accounts library. */
export const PASSWORD_MIN_LENGTH = 12;

export interface SignInForm {
  readonly email: string;
  readonly password: string;
  /** Where to go afterwards: a path of this site, or "". Take it only when it starts with a single "/". */
  readonly next: string;
}

export interface SetupForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly settingName: string;
}

/** How long: minutes, until the end of today's opening, or until the time in `untilTime`. */
export type UntilChoice = '10' | '30' | '60' | 'close' | 'time';

export interface GiveForm {
  /** `targetKey` of a device or a group. */
  readonly target: string;
  /** `scopeKey` of a service, a category, or all social media. */
  readonly scope: string;
  readonly until: UntilChoice;
  /** Read only when `until` is "time". */
  readonly untilTime: TimeOfDay;
  /** A `ReasonId`; with "other", `reasonText` is required. */
  readonly reason: ReasonId;
  /** Free text; added to the reason, or the whole of it with "other". */
  readonly reasonText: string;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  /** May be empty: then it was the manager's own idea. */
  readonly askedBy: string;
  /** The id of the request that this answers, or "". */
  readonly request: string;
}

export interface RepeatForm {
  /** The id of the earlier grant: same target, scope, purpose, mode, reason; as long as it was. */
  readonly grant: string;
}

export interface EmergencyForm {
  /** `targetKey`; scope is all social media, purpose "emergency", mode "verbal", for `EMERGENCY_MINUTES`. */
  readonly target: string;
}

export const EMERGENCY_MINUTES = 30;

export interface AnswerForm {
  /** Minutes, until the end of today's opening, or no. */
  readonly answer: '10' | '30' | 'close' | 'no';
  /** With "no": a `RefusalReasonId`, stored in words by `refusalReasonText` of messages.ts. Sent with a yes too, and then ignored. */
  readonly reason: string;
}

export interface DeviceForm {
  readonly name: string;
  readonly group: string;
  /** Several may be separated by spaces, commas or lines, here and in `macs`. */
  readonly addresses: string;
  readonly macs: string;
}

export interface SafeSearchForm {
  readonly search: 'on' | 'off';
  readonly youtube: SafeSearch['youtube'];
}

export interface OpenTodayForm {
  readonly name: string;
  readonly from: TimeOfDay;
  readonly to: TimeOfDay;
}

/** Short list of reasons; the words that go into `Grant.reason` come from `reasonText` of messages.ts. */
export const reasonIds = [
  'parent-reply',
  'setting-page',
  'training',
  'activity',
  'safeguarding',
  'break-cover',
  'emergency',
  'other',
] as const;
export type ReasonId = (typeof reasonIds)[number];

export const refusalReasonIds = ['ask-later', 'use-break', 'not-needed', 'speak-to-me'] as const;
export type RefusalReasonId = (typeof refusalReasonIds)[number];

/** The form value of a target: "device:office-pc", "group:setting". */
export function targetKey(target: GrantTarget): string {
  return 'device' in target ? `device:${target.device}` : `group:${target.group}`;
}

/** Undefined when the text is no target key. Whether the device exists is for the caller to ask. */
export function readTargetKey(key: string): GrantTarget | undefined {
  const [, kind, id] = /^(device|group):(.+)$/.exec(key) ?? [];
  if (id === undefined) return undefined;
  return kind === 'device' ? { device: id } : { group: id };
}

/** The form value of a scope: "service:facebook", "category:social-networking", "all-social". */
export function scopeKey(scope: GrantScope): string {
  if ('service' in scope) return `service:${scope.service}`;
  return 'category' in scope ? `category:${scope.category}` : 'all-social';
}

/** Undefined when the text is no scope key. Whether the service exists is for the caller to ask. */
export function readScopeKey(key: string): GrantScope | undefined {
  if (key === 'all-social') return { allSocial: true };
  const [, kind, id] = /^(service|category):(.+)$/.exec(key) ?? [];
  if (id === undefined) return undefined;
  return kind === 'service' ? { service: id } : { category: id };
}

// ---- shared parts ------------------------------------------------------------------------------------------------

/** One thing wrong with a form: the field's name as it was sent, and a sentence for the person. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type PageId = 'now' | 'give' | 'devices' | 'hours' | 'usage' | 'record' | 'year' | 'box';

export type StandingWarning =
  | { readonly kind: 'no-box' }
  | { readonly kind: 'box-away'; readonly since: Instant }
  | { readonly kind: 'clock-not-trusted' }
  | { readonly kind: 'plain-http' };

/** What was just done, shown once at the top after a redirect. */
export type Flash =
  | 'device-saved'
  | 'device-removed'
  | 'safe-search-saved'
  | 'hours-saved'
  | 'opening-added'
  | 'request-refused'
  | 'request-gone'
  | 'grant-ended'
  | 'box-removed'
  | 'pairing-code-made';

/** What the frame of every signed-in page needs. */
export interface Frame {
  readonly settingName: string;
  /** IANA zone: "Europe/London". */
  readonly timeZone: string;
  readonly nowMs: Instant;
  readonly userName: string;
  readonly requestsWaiting: number;
  readonly warnings: readonly StandingWarning[];
  readonly flash?: Flash | undefined;
}

export interface TargetName {
  readonly kind: 'device' | 'group';
  readonly name: string;
}

/** What a grant or request is about, by everyday name. */
export type ScopeName =
  | { readonly kind: 'service'; readonly name: string }
  | { readonly kind: 'category'; readonly name: string }
  | { readonly kind: 'all-social' };

/** Where a grant stands, as the box has said; "sending" and "ending" while the box is connected and has not yet. */
export type GrantState =
  | { readonly kind: 'sending' }
  | { readonly kind: 'waiting'; readonly boxAwaySince: Instant | null }
  | { readonly kind: 'in-force'; readonly since: Instant }
  | { readonly kind: 'ending' }
  /** `early` names who ended it; null when its time was up. */
  | { readonly kind: 'ended'; readonly at: Instant; readonly early: string | null }
  /** The box could not take it; `reason` as the box said. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface GrantModel {
  readonly id: string;
  readonly target: TargetName;
  readonly scope: ScopeName;
  readonly from: Instant;
  readonly until: Instant;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  readonly reason: string;
  readonly askedBy: string;
  readonly grantedBy: string;
  readonly grantedAt: Instant;
  /** The manager gave it to themselves. */
  readonly toSelf: boolean;
  readonly state: GrantState;
}

/** A protected list that goes on blocking part of a service, granted or not. */
export interface Overlap {
  readonly serviceName: string;
  readonly listName: string;
}

// ---- pages without a session -------------------------------------------------------------------------------------

export interface SignInModel {
  /** Null while nobody has set the dashboard up, or when several settings live here. */
  readonly settingName: string | null;
  readonly email: string;
  readonly next: string;
  readonly plainHttp: boolean;
  /**
   * - `wrong`: address or password; never say which
   * - `slow-down`: too many attempts
   * - `signed-out`: has just signed out (not an error)
   * - `expired`: the session ended (not an error)
   * - `set-up`: the dashboard has just been set up (not an error)
   */
  readonly outcome: 'wrong' | 'slow-down' | 'signed-out' | 'expired' | 'set-up' | null;
}

export interface SetupModel {
  readonly token: string;
  readonly values: Omit<SetupForm, 'password'>;
  readonly errors: readonly FieldError[];
  readonly plainHttp: boolean;
}

/** The one-time link was used, or has run out, or was never given out. */
export interface SetupUsedModel {
  readonly reason: 'used' | 'unknown';
}

export interface ErrorModel {
  /**
   * - `server`: something failed here
   * - `forbidden`: signed in, but not allowed
   * - `cross-site`: a form that did not come from this site
   * - `bad-form`: a form that makes no sense (fields missing)
   * - `gone`: what the form was about has ended or been answered meanwhile
   */
  readonly kind: 'server' | 'forbidden' | 'cross-site' | 'bad-form' | 'gone';
  /** To tell the person who looks after Stairgate; null when there is none. */
  readonly reference: string | null;
}

// ---- Now ---------------------------------------------------------------------------------------------------------

export type BoxPresence =
  | { readonly kind: 'none' }
  | { readonly kind: 'working'; readonly lastHeardAt: Instant }
  /** `since`: when it was last heard from. */
  | { readonly kind: 'away'; readonly since: Instant };

/** The setting's hours at `frame.nowMs`. `until`: when that changes; null when it does not within the year. */
export type OpeningState =
  | { readonly kind: 'open'; readonly until: Instant | null }
  | { readonly kind: 'break'; readonly until: Instant | null }
  | { readonly kind: 'closed'; readonly until: Instant | null };

export interface RequestModel {
  readonly id: string;
  /** Null when the device has no name yet. */
  readonly deviceName: string | null;
  readonly scope: ScopeName;
  readonly minutes: number;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
}

export type AttentionItem =
  | { readonly kind: 'overlap'; readonly overlap: Overlap }
  /** The box's own words. */
  | { readonly kind: 'alert'; readonly text: string; readonly since: Instant }
  /** The box could not take the newest policy or grants, and keeps the last good ones. */
  | { readonly kind: 'refusal'; readonly of: 'policy' | 'grants'; readonly reason: string }
  | { readonly kind: 'no-devices' };

export interface NowModel {
  readonly frame: Frame;
  readonly box: BoxPresence;
  readonly opening: OpeningState;
  /** End of today's last opening period; null when it is over or today is closed (then "rest of the day" is not offered). */
  readonly closesAt: Instant | null;
  /** What is allowed now or shortly, and what ended within the last hour; soonest end first. */
  readonly grants: readonly GrantModel[];
  /** Waiting for an answer, oldest first. */
  readonly requests: readonly RequestModel[];
  readonly attention: readonly AttentionItem[];
}

// ---- Give permission ---------------------------------------------------------------------------------------------

export interface Choice {
  /** `targetKey` or `scopeKey`. */
  readonly key: string;
  readonly name: string;
}

/** A permission given lately, offered again with one tap. */
export interface UsualGrant {
  readonly grantId: string;
  readonly target: TargetName;
  readonly scope: ScopeName;
  readonly minutes: number;
  readonly reason: string;
}

export interface GiveModel {
  readonly frame: Frame;
  readonly box: BoxPresence;
  readonly opening: OpeningState;
  /** As in `NowModel`: without it "until we close" is not offered. */
  readonly closesAt: Instant | null;
  /** Distinct permissions of late, the most frequent first; at most four are shown. */
  readonly usual: readonly UsualGrant[];
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
  /** Protected lists that still block part of what was granted. */
  readonly overlaps: readonly Overlap[];
}

// ---- Devices -----------------------------------------------------------------------------------------------------

export interface DeviceModel {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
}

export interface DevicesModel {
  readonly frame: Frame;
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: GroupKind;
    /** As in the policy: left out where its kind decides. */
    readonly safeSearch?: SafeSearch | undefined;
    readonly devices: readonly DeviceModel[];
  }[];
  /** How many unnamed devices the box has seen today, never which; null when the box has not said. */
  readonly unnamedDevices: number | null;
}

export interface SafeSearchModel {
  readonly frame: Frame;
  readonly group: { readonly id: string; readonly name: string; readonly kind: GroupKind };
  /** What is in force now, or what was sent with errors. */
  readonly values: SafeSearch;
  /** Of the policy that the form was filled in from. */
  readonly version: number;
  readonly errors: readonly FieldError[];
}

export interface DeviceEditModel {
  readonly frame: Frame;
  /** Null for a new device. */
  readonly deviceId: string | null;
  /** The version of the policy that the form is filled in from. */
  readonly version: number;
  readonly groups: readonly { readonly id: string; readonly name: string; readonly kind: GroupKind }[];
  readonly values: DeviceForm;
  readonly errors: readonly FieldError[];
}

// ---- Opening hours -----------------------------------------------------------------------------------------------

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

// ---- Usage -------------------------------------------------------------------------------------------------------

export interface ActiveMinutes {
  readonly blocked: number;
  readonly granted: number;
}

export interface UsageModel {
  readonly frame: Frame;
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

// ---- Record ------------------------------------------------------------------------------------------------------

export const recordKinds = ['permission', 'request', 'device', 'hours', 'policy', 'box', 'account', 'view'] as const;
export type RecordKind = (typeof recordKinds)[number];

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

export interface RecordEntry {
  /** Its number in the record, counted from 1. */
  readonly sequence: number;
  readonly at: Instant;
  /** A person's name; null when the box or the dashboard itself did it; "" when the name was erased by retention. */
  readonly who: string | null;
  readonly event: RecordEvent;
}

export interface RecordModel {
  readonly frame: Frame;
  readonly filter: { readonly kind: RecordKind | ''; readonly from: CalendarDate | ''; readonly to: CalendarDate | '' };
  readonly errors: readonly FieldError[];
  /** Newest first. */
  readonly entries: readonly RecordEntry[];
  /** All that match the filter. */
  readonly total: number;
  readonly page: number;
  readonly pageCount: number;
}

// ---- Year --------------------------------------------------------------------------------------------------------

export interface YearModel {
  readonly frame: Frame;
  readonly first: CalendarDate;
  readonly last: CalendarDate;
  readonly errors: readonly FieldError[];
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
  readonly requests: { readonly made: number; readonly refused: number; readonly lapsed: number };
  /** Changes of policy, hours and groups, oldest first; devices and grants left out. */
  readonly policyChanges: readonly RecordEntry[];
  /** Days of the period on which the box did not report at all; null when that is not known. */
  readonly daysWithoutReport: number | null;
}

// ---- Box ---------------------------------------------------------------------------------------------------------

export interface BoxModel {
  readonly frame: Frame;
  readonly presence: BoxPresence;
  /** A code that can be used now: eight characters, shown in two fours. */
  readonly pairing: { readonly code: string; readonly expiresAt: Instant } | null;
  /** The address that the box is told: this dashboard's own. */
  readonly dashboardUrl: string;
  /** Null until a box has been paired. */
  readonly details: {
    readonly name: string;
    readonly softwareVersion: string;
    readonly pairedAt: Instant;
    /** Null until the box has sent its state. */
    readonly state: {
      readonly startedAt: Instant;
      readonly clockTrusted: boolean;
      readonly rules: number;
      readonly upstreams: readonly { readonly name: string; readonly healthy: boolean }[];
      readonly unnamedDevices: number;
      readonly queriesTotal: number;
      readonly blockedTotal: number;
    } | null;
    /** The policy that was saved here, and the one that the box has confirmed. */
    readonly policySaved: number;
    readonly policyInForce: number | null;
  } | null;
}

/**
 * Everything that the record can say, as facts; the page makes the sentence (record-sentence.ts). `who` of the entry is
 * the subject of it. Which fields are personal, and can be erased without touching the entry, is said in
 * record-words.ts; the kind of each in record-kinds.ts. What an entry was called when it was written it is called for good:
 * its words are in the chain.
 */
import type { Grant } from '../../policy-rules/grants.ts';
import type { Restriction, SafeSearch } from '../../policy-rules/policy.ts';
import type { HoursFact } from '../../policy-rules/policy-difference.ts';
import type { RoleId } from '../accounts/rights.ts';
import type { AnyRight } from '../views/models/keys.ts';
import type { CalendarDate, Instant, ScopeName, TargetName, TimeOfDay } from '../views/models/shared.ts';

export type RecordEvent =
  | PermissionEvent
  | RequestEvent
  | ChannelEvent
  | NoticeEvent
  | DeviceEvent
  | RuleEvent
  | BoxEvent
  | AccountEvent
  | ViewEvent
  | RecordItselfEvent;

type PermissionEvent =
  /** `alreadyUntil`: the same was allowed until then, and the later end holds. */
  | (GrantFacts<'grant-given'> & { readonly alreadyUntil?: Instant })
  /** More time for what was allowed already: a grant of its own, from the end or the moment on. */
  | GrantFacts<'grant-extended'>
  /** From a later time on. */
  | GrantFacts<'grant-booked'>
  /** By word of mouth, entered when it was over: it never was in force on the box. */
  | GrantFacts<'grant-noted'>
  | { readonly type: 'grant-ended-early'; readonly target: TargetName; readonly scope: ScopeName }
  | { readonly type: 'grant-in-force'; readonly target: TargetName; readonly scope: ScopeName; readonly at: Instant };

interface GrantFacts<Type extends string> {
  readonly type: Type;
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

type RequestEvent =
  | {
      readonly type: 'request-made';
      readonly deviceName: string | null;
      readonly scope: ScopeName;
      readonly minutes: number;
      readonly reason: string;
    }
  | { readonly type: 'request-granted'; readonly askedBy: string; readonly scope: ScopeName; readonly reason: string }
  | { readonly type: 'request-refused'; readonly askedBy: string; readonly scope: ScopeName; readonly reason: string }
  | { readonly type: 'request-lapsed'; readonly askedBy: string; readonly scope: ScopeName };

/** Official channels: the nursery's own pages and accounts. */
type ChannelEvent =
  | {
      readonly type: 'channel-registered';
      readonly channelName: string;
      readonly purpose: string;
      readonly approvedBy: string;
      readonly approvedOn: CalendarDate;
    }
  | { readonly type: 'channel-changed'; readonly channelName: string }
  /** Again, when the approval had grown old. */
  | {
      readonly type: 'channel-approved';
      readonly channelName: string;
      readonly approvedBy: string;
      readonly approvedOn: CalendarDate;
    }
  | { readonly type: 'channel-person-named'; readonly channelName: string; readonly personName: string }
  | { readonly type: 'channel-person-left'; readonly channelName: string; readonly personName: string }
  | { readonly type: 'channel-closed'; readonly channelName: string };

type NoticeEvent =
  | { readonly type: 'notice-published'; readonly version: number }
  | { readonly type: 'notice-acknowledged'; readonly version: number }
  | { readonly type: 'notice-acknowledged-on-paper'; readonly version: number; readonly personName: string }
  /** Somebody who has to read it, and who has left since. */
  | { readonly type: 'notice-reader-added'; readonly personName: string }
  | { readonly type: 'notice-reader-left'; readonly personName: string }
  | { readonly type: 'impact-assessment-dated'; readonly date: CalendarDate };

type DeviceEvent =
  | { readonly type: 'device-added'; readonly deviceName: string; readonly groupName: string }
  | { readonly type: 'device-changed'; readonly deviceName: string; readonly groupName: string }
  | { readonly type: 'device-removed'; readonly deviceName: string }
  | { readonly type: 'device-user-entered'; readonly deviceName: string; readonly userName: string }
  | { readonly type: 'device-shared'; readonly deviceName: string };

type RuleEvent =
  | {
      readonly type: 'safe-search-changed';
      readonly groupName: string;
      readonly search: boolean;
      readonly youtube: SafeSearch['youtube'];
    }
  | {
      readonly type: 'restriction-changed';
      readonly groupName: string;
      readonly scope: ScopeName;
      readonly restriction: Restriction;
    }
  /** The group of the devices there that nobody has named. */
  | { readonly type: 'network-changed'; readonly networkName: string; readonly groupName: string }
  | { readonly type: 'first-names-changed'; readonly count: number }
  /** What was changed; older entries do not say. */
  | { readonly type: 'hours-changed'; readonly facts?: readonly HoursFact[] }
  | {
      readonly type: 'opening-added';
      readonly name: string;
      readonly date: CalendarDate;
      readonly from: TimeOfDay;
      readonly to: TimeOfDay;
    }
  | { readonly type: 'policy-adopted'; readonly version: number }
  | { readonly type: 'policy-changed'; readonly version: number; readonly summary: string }
  /** `version` is the new one, and says what stood before `undone`. */
  | { readonly type: 'policy-undone'; readonly version: number; readonly undone: number }
  | { readonly type: 'policy-refused'; readonly version: number; readonly reason: string };

type BoxEvent =
  | { readonly type: 'box-enrolled'; readonly boxName: string }
  | { readonly type: 'box-removed'; readonly boxName: string }
  | { readonly type: 'pairing-code-made' };

type AccountEvent =
  /** By nobody: what the record begins with. */
  | { readonly type: 'setting-created' }
  /** By the first manager, with the set-up link. */
  | { readonly type: 'dashboard-set-up' }
  | SignIn<'signed-in'>
  /** Nobody is signed in: `personName` is whose account was tried. */
  | { readonly type: 'sign-in-slowed'; readonly personName: string }
  /** The same of the second step, by somebody who had the password. */
  | { readonly type: 'second-step-slowed'; readonly personName: string }
  | SignIn<'signed-in-with-recovery-code'>
  | { readonly type: 'password-changed' }
  /** Time-based codes of an authenticator app. */
  | { readonly type: 'codes-app-set-up' }
  | { readonly type: 'recovery-codes-made' }
  | { readonly type: 'passkey-added'; readonly passkeyName: string }
  | { readonly type: 'passkey-removed'; readonly passkeyName: string }
  /** A colleague who has lost it starts anew. */
  | { readonly type: 'second-factor-reset'; readonly personName: string }
  | { readonly type: 'other-sessions-ended'; readonly count: number }
  /** With a new set-up link, by the only manager, who had lost everything. */
  | { readonly type: 'manager-recovered' }
  | { readonly type: 'person-invited'; readonly personName: string; readonly role: RoleId }
  | { readonly type: 'invitation-withdrawn'; readonly personName: string }
  | { readonly type: 'person-joined'; readonly role: RoleId }
  | { readonly type: 'role-changed'; readonly personName: string; readonly role: RoleId }
  | { readonly type: 'permission-delegated'; readonly personName: string; readonly permission: AnyRight }
  | { readonly type: 'permission-taken-back'; readonly personName: string; readonly permission: AnyRight }
  | { readonly type: 'person-removed'; readonly personName: string }
  | { readonly type: 'access-refused'; readonly permission: AnyRight }
  /** For another program. */
  | { readonly type: 'key-made'; readonly keyName: string }
  | { readonly type: 'key-revoked'; readonly keyName: string };

interface SignIn<Type extends string> {
  readonly type: Type;
  /** "" where it is not known; absent in entries from before they said it. */
  readonly browser?: string;
  readonly system?: string;
}

/** How somebody came in. */
export type EnteringEvent = Extract<AccountEvent, { type: 'signed-in' | 'signed-in-with-recovery-code' }>;

type ViewEvent =
  | { readonly type: 'usage-viewed' }
  | { readonly type: 'device-usage-viewed'; readonly deviceName: string }
  | { readonly type: 'unnamed-devices-viewed' }
  | { readonly type: 'year-viewed' }
  /** The device is null where nobody named it, or it is gone. */
  | { readonly type: 'alert-viewed'; readonly deviceName: string | null };

type RecordItselfEvent =
  /** `part`: not all of it; absent in entries from when there were only whole copies. */
  | {
      readonly type: 'record-exported';
      readonly format: 'csv' | 'ndjson';
      readonly count: number;
      readonly part?: boolean;
    }
  /** `firstWrong`: the number of the first entry that is not as it was written; null when all are. */
  | { readonly type: 'record-verified'; readonly count: number; readonly firstWrong: number | null }
  /** The box has countersigned another entry under this number. */
  | { readonly type: 'record-contradicted'; readonly sequence: number }
  /** Retention took the entries up to `sequence`; `hash` (hexadecimal) is what the chain goes on from. */
  | { readonly type: 'prefix-expired'; readonly sequence: number; readonly hash: string };

/** A permission as pages show it, and how a form names what it is for. */
import type { Grant, GrantScope, GrantTarget } from '../../../policy-rules/grants.ts';
import type { Instant, ScopeName, TargetName } from './shared.ts';

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

/** Where a grant stands, as the box has said; "sending" and "ending" while the box is connected and has not yet. */
export type GrantState =
  | { readonly kind: 'sending' }
  | { readonly kind: 'waiting'; readonly boxAwaySince: Instant | null }
  | { readonly kind: 'in-force'; readonly since: Instant }
  /** The box has it already, and opens it then. */
  | { readonly kind: 'booked'; readonly from: Instant }
  /** Entered when it was over: a record only. */
  | { readonly kind: 'noted' }
  | { readonly kind: 'ending'; readonly boxAwaySince: Instant | null }
  /** `early` names who ended it; null when its time was up. */
  | { readonly kind: 'ended'; readonly at: Instant; readonly early: string | null }
  /** The box could not take it; `reason` as the box said. */
  | { readonly kind: 'refused'; readonly reason: string };

/** What somebody did with a permission. `until`: when it was to end from then on. */
export type StoryStep =
  | {
      readonly kind: 'given' | 'extended' | 'noted';
      readonly at: Instant;
      readonly by: string;
      readonly until: Instant;
    }
  /** Given for the same while it was in force. */
  | {
      readonly kind: 'joined';
      readonly at: Instant;
      readonly by: string;
      readonly until: Instant;
      readonly purpose: Grant['purpose'];
      /** Whom it was for. */
      readonly person: string;
      readonly reason: string;
    }
  | { readonly kind: 'ended'; readonly at: Instant; readonly by: string };

/** Of another permission what this one opens as well, now: it stays open when this one is ended. */
export interface AlsoAllowed {
  /** Of the other's story. */
  readonly id: string;
  readonly scope: ScopeName;
  /** At least one. */
  readonly targets: readonly TargetName[];
  readonly until: Instant;
  readonly by: string;
}

/** What was given together, what it was extended by, and what was given for the same meanwhile. */
export interface GrantModel {
  /** Of the story: its first grant's. */
  readonly id: string;
  /** At least one. */
  readonly targets: readonly TargetName[];
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
  /** Begins with "given" or "noted"; in the order of time. */
  readonly told: readonly StoryStep[];
  /** The latest end first. */
  readonly also: readonly AlsoAllowed[];
}

/** A protected list that goes on blocking part of a service, granted or not. */
export interface Overlap {
  readonly serviceName: string;
  readonly listName: string;
}

/** What the models of several pages are made of: instants, the frame around a page, names of things, errors of a form. */

import type { RightId } from '../../accounts/rights.ts';

export type Instant = number;
export type CalendarDate = string;
export type TimeOfDay = string;

/** One thing wrong with a form: the field's name as it was sent, and a sentence for the person. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export type PageId =
  | 'now'
  | 'give'
  | 'devices'
  | 'hours'
  | 'usage'
  | 'record'
  | 'year'
  | 'channels'
  | 'notice'
  | 'people'
  | 'box'
  | 'account';

export type StandingWarning =
  | { readonly kind: 'no-box' }
  | { readonly kind: 'box-away'; readonly since: Instant }
  | { readonly kind: 'clock-not-trusted' }
  | { readonly kind: 'plain-http' };

/** What became of what was asked, shown once at the top after a redirect. */
export type Flash = DoneFlash | NotDoneFlash;

/** It did not happen. */
export type NotDoneFlash = 'request-gone' | 'grant-not-extended' | 'passkey-not-added';

export type DoneFlash =
  | 'device-saved'
  | 'device-removed'
  | 'safe-search-saved'
  | 'first-names-saved'
  | 'group-rules-saved'
  | 'networks-saved'
  | 'hours-saved'
  | 'opening-added'
  | 'change-undone'
  | 'request-refused'
  | 'grant-ended'
  | 'grant-extended'
  | 'role-changed'
  | 'keys-stay'
  | 'rights-changed'
  | 'person-removed'
  | 'password-changed'
  | 'session-ended'
  | 'passkey-added'
  | 'passkey-removed'
  | 'invitation-withdrawn'
  | 'notice-published'
  | 'assessment-dated'
  | 'readers-added'
  | 'noted-on-paper'
  | 'reader-left'
  | 'channel-saved'
  | 'channel-closed'
  | 'key-revoked'
  | 'box-removed'
  | 'pairing-code-made';

/** What the frame of every signed-in page needs. */
export interface Frame {
  readonly settingId: string;
  readonly settingName: string;
  /** Whether there is another setting that the reader may go to. */
  readonly belongsToSeveral: boolean;
  /** IANA zone: "Europe/London". */
  readonly timeZone: string;
  readonly nowMs: Instant;
  readonly userId: string;
  readonly userName: string;
  /** What they may do here: what they may not is not offered. */
  readonly may: ReadonlySet<RightId>;
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

/** Somebody's own account. */
import type { CodeProblem } from './second-factor.ts';
import type { FieldError, Frame, Instant, PageId } from './shared.ts';

export interface ChangePasswordForm {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface SessionModel {
  readonly id: string;
  readonly since: Instant;
  /** What the browser calls itself, as it was sent. */
  readonly userAgent: string;
  /** `password`: the second step has not been taken. */
  readonly strength: 'password' | 'two-factors';
  /** The one that looks at the page. */
  readonly own: boolean;
}

export interface PasskeyModel {
  readonly id: string;
  /** Of the device, as its owner calls it; may be "". */
  readonly name: string;
  readonly addedAt: Instant;
  /** The host name at which it signs in, and at no other; "" where that was not kept. */
  readonly host: string;
}

/**
 * - `here`: passkeys that are added work at that host name
 * - `elsewhere`: this is the machine itself under an address of numbers, and there it has a name
 */
export type PasskeyPlace =
  | { readonly kind: 'here'; readonly host: string }
  | { readonly kind: 'elsewhere'; readonly url: string }
  | { readonly kind: 'nowhere' };

export interface AddPasskeyForm {
  readonly passkeyName: string;
  /** Their own, asked for again: a passkey is a way in for good. */
  readonly passkeyPassword: string;
  /** The browser's answer, as JSON. */
  readonly response: string;
}

export interface AccountModel {
  readonly frame: Frame;
  readonly name: string;
  readonly email: string;
  /** Of the app that shows the codes now; null without one. */
  readonly appSetUpAt: Instant | null;
  readonly recoveryCodesLeft: number;
  /** The newest first. */
  readonly sessions: readonly SessionModel[];
  readonly passkeys: readonly PasskeyModel[];
  readonly passkeyPlace: PasskeyPlace;
  /** Of the password's form, `codesPassword` of the one that makes new recovery codes, and `passkeyPassword`. */
  readonly errors: readonly FieldError[];
}

export interface ReplaceAppForm {
  readonly code: string;
  readonly password: string;
}

export interface ReplaceAppModel {
  readonly frame: Frame;
  /** As in `SecondFactorModel`. */
  readonly keyUri: string;
  readonly keyText: string;
  readonly problems: { readonly code?: CodeProblem; readonly password?: 'wrong' | 'slow-down' };
}

/** Before what would let somebody in for good: a session alone, as of a tablet that was left unlocked, is not enough. */
export interface OwnPasswordModel {
  readonly frame: Frame;
  /** The page on which the form stood. */
  readonly page: PageId;
  readonly matter: 'invitation' | 'manager' | 'second-factor' | 'key';
  /** Where the form goes once more, with its fields and `ownPassword`. */
  readonly action: string;
  readonly cancel: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Null when it is asked for the first time. */
  readonly problem: 'wrong' | 'slow-down' | null;
}

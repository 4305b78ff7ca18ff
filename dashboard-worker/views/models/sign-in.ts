/** The pages without a session: signing in and the one-time set-up. */
import type { FieldError } from './shared.ts';

/** Shortest password that Setup accepts; say the same to the accounts library. */
export const PASSWORD_MIN_LENGTH = 12;

export interface SignInForm {
  readonly email: string;
  readonly password: string;
  /** Where to go afterwards: a path of this site, or "". Take it only when it starts with a single "/". */
  readonly next: string;
}

export interface PasskeySignInForm {
  /** The browser's answer, as JSON. */
  readonly response: string;
  /** As in `SignInForm`. */
  readonly next: string;
}

export interface SetupForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly settingName: string;
}

export interface SignInModel {
  /** Null while nobody has set the dashboard up, or when several settings live here. */
  readonly settingName: string | null;
  readonly email: string;
  readonly next: string;
  readonly plainHttp: boolean;
  /**
   * - `wrong`: address or password; never say which
   * - `slow-down`: too many attempts
   * - `passkey-wrong`: no passkey of ours, or the device did not check who uses it
   * - `signed-out`: has just signed out (not an error)
   * - `expired`: the session ended (not an error)
   * - `set-up`: the dashboard has just been set up (not an error)
   * - `joined`: an invitation has just been accepted (not an error)
   */
  readonly outcome: 'wrong' | 'slow-down' | 'passkey-wrong' | 'signed-out' | 'expired' | 'set-up' | 'joined' | null;
  /** After `slow-down`: when the next attempt is looked at. */
  readonly waitMinutes: number;
  /** Whether passkeys are possible at this address. */
  readonly passkeys: boolean;
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

export interface RecoverForm {
  readonly password: string;
}

/** A new link lets the first manager back in, who has lost everything. */
export interface RecoverModel {
  readonly token: string;
  readonly name: string;
  readonly email: string;
  readonly errors: readonly FieldError[];
  readonly plainHttp: boolean;
}

/** People: who belongs to the setting, inviting somebody, and what the invited person sees. */
import type { RightId, RoleId } from '../../accounts/rights.ts';
import type { FieldError, Frame, Instant } from './shared.ts';

/** Of people and settings. */
export const NAME_MAX_LENGTH = 80;

export interface InviteForm {
  readonly name: string;
  readonly role: RoleId;
}

export interface RoleForm {
  readonly role: RoleId;
}

/** Every right that they are to have beyond the role, as often as there are. */
export interface RightsForm {
  readonly right: readonly RightId[];
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: RoleId;
  /** What they may do beyond their role, and what they could be allowed. */
  readonly extra: readonly RightId[];
  readonly delegable: readonly RightId[];
  readonly since: Instant;
  /** False until they have set it up, and after it was reset. */
  readonly hasSecondFactor: boolean;
  /** It was reset, and they have not given the code yet. */
  readonly awaitsResetCode: boolean;
  readonly isSelf: boolean;
  /** To another setting as well, of which whoever looks is no manager: then the second factor is not theirs to reset. */
  readonly belongsElsewhere: boolean;
}

export interface PeopleModel {
  readonly frame: Frame;
  readonly people: readonly Person[];
  /** Those that can still be accepted. */
  readonly invitations: readonly (InviteForm & { readonly id: string; readonly expiresAt: Instant })[];
  /** Of the form that invites; the errors may also be of a person, as `role-ID`, `rights-ID` and `second-factor-ID`. */
  readonly values: InviteForm;
  readonly errors: readonly FieldError[];
  /** Of the form that invites, new each time: two taps are one invitation. */
  readonly formId: string;
}

/** Shown once: nobody can read the link again. */
export interface InvitationModel {
  readonly frame: Frame;
  readonly name: string;
  readonly role: RoleId;
  readonly link: string;
  readonly expiresAt: Instant;
}

/** Shown once as well: the code that lets somebody set up their app again. */
export interface ResetCodeModel {
  readonly frame: Frame;
  readonly name: string;
  readonly code: string;
  readonly expiresAt: Instant;
}

export interface JoinForm {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

/** For somebody who is signed in: the invitation may be accepted with the account that they have. */
export interface AcceptInvitationModel {
  readonly token: string;
  readonly settingName: string;
  readonly role: RoleId;
  /** Of whoever is signed in: the form is theirs, and nobody else joins by it. */
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  /** They belong to that very setting, so there is nothing to accept. */
  readonly belongsAlready: boolean;
  readonly plainHttp: boolean;
}

/** Where somebody who belongs to several settings may go. */
export interface SettingsModel {
  readonly frame: Frame;
  /** With the one of the frame. */
  readonly settings: readonly {
    readonly settingId: string;
    readonly settingName: string;
    readonly role: RoleId;
  }[];
}

export interface JoinModel {
  readonly token: string;
  readonly settingName: string;
  readonly role: RoleId;
  readonly values: Omit<JoinForm, 'password'>;
  readonly errors: readonly FieldError[];
  readonly plainHttp: boolean;
}

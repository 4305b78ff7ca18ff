/** The pages of the second factor: sign-in's second step, setting up the app, and the recovery codes. */

/** `wrong` also for a code that has been used; never say which. */
export type CodeProblem = 'wrong' | 'slow-down';

export interface SecondStepForm {
  readonly code: string;
  /** As in `SignInForm`. */
  readonly next: string;
}

export interface SecondStepModel {
  readonly step: 'app' | 'recovery-code';
  readonly next: string;
  readonly problem: CodeProblem | null;
  readonly plainHttp: boolean;
}

export interface SecondFactorModel {
  /** What the picture says, and what an app on this very device opens. */
  readonly keyUri: string;
  /** The key in it, in letters and digits (base 32). */
  readonly keyText: string;
  readonly problem: CodeProblem | null;
  readonly plainHttp: boolean;
}

/** Before the app is set up again: the code that the manager handed over. */
export interface GiveResetCodeModel {
  readonly problem: CodeProblem | null;
  readonly plainHttp: boolean;
}

export interface RecoveryCodesModel {
  readonly codes: readonly string[];
  readonly plainHttp: boolean;
}

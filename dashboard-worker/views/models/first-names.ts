/** The names that staff choose from when they ask on the local site. */
import type { FieldError, Frame } from './shared.ts';

export interface FirstNamesForm {
  /** One on a line. */
  readonly names: string;
}

export interface FirstNamesModel {
  readonly frame: Frame;
  /** What is in force now, or what was sent with errors. */
  readonly values: FirstNamesForm;
  /** Of the policy that the form was filled in from. */
  readonly version: number;
  readonly errors: readonly FieldError[];
}

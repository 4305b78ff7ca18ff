/** Safe search of a group. */
import type { GroupKind, SafeSearch } from '../../../policy-rules/policy.ts';
import type { FieldError, Frame } from './shared.ts';

export interface SafeSearchForm {
  readonly search: 'on' | 'off';
  readonly youtube: SafeSearch['youtube'];
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

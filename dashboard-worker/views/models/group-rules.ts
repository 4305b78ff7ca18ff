/** What a group's devices may do at which times. */
import type { GroupKind, Restriction } from '../../../policy-rules/policy.ts';
import type { FieldError, Frame } from './shared.ts';

/** By id. What is not named follows the catalogue, and a service its category. */
export interface GroupRules {
  readonly categories: Readonly<Record<string, Restriction>>;
  readonly services: Readonly<Record<string, Restriction>>;
}

export interface GroupRulesModel {
  readonly frame: Frame;
  readonly group: { readonly id: string; readonly name: string; readonly kind: GroupKind };
  /** Of the policy that the form was filled in from. */
  readonly version: number;
  /** What is in force now, or what was sent with errors. */
  readonly rules: GroupRules;
  /** The service that was chosen as one more exception, without a time; "" otherwise. */
  readonly another: string;
  /** In the order to show; `usual` is what holds where the group says nothing. */
  readonly categories: readonly {
    readonly id: string;
    readonly name: string;
    readonly hint: string;
    readonly usual: Restriction;
  }[];
  /** Every service that may be an exception, by category. */
  readonly services: readonly {
    readonly categoryName: string;
    readonly services: readonly { readonly id: string; readonly name: string }[];
  }[];
  /** Categories that stay blocked whatever is chosen. */
  readonly protectedNames: readonly string[];
  readonly errors: readonly FieldError[];
}

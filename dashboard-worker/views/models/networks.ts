/** As which group the devices without a name are filtered, on each network. */
import type { GroupKind } from '../../../policy-rules/policy.ts';
import type { FieldError, Frame } from './shared.ts';

export interface NetworksModel {
  readonly frame: Frame;
  /** Of the policy that the form was filled in from. */
  readonly version: number;
  readonly groups: readonly { readonly id: string; readonly name: string; readonly kind: GroupKind }[];
  readonly networks: readonly {
    readonly name: string;
    readonly range: string;
    /** What is in force now, or was sent with errors. */
    readonly group: string;
    /** A group of the setting's own that blocks more; null where there is none, and on a guests' or staff's own network. */
    readonly stricter: string | null;
  }[];
  readonly errors: readonly FieldError[];
}

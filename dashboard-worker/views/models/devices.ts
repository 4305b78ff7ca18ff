/** Devices by group, and the form of one of them. */
import type { DeviceUser, GroupKind, SafeSearch } from '../../../policy-rules/policy.ts';
import type { DeviceReporting } from './notice.ts';
import type { FieldError, Frame } from './shared.ts';

export interface DeviceForm {
  readonly name: string;
  readonly group: string;
  /** Several may be separated by spaces, commas or lines, here and in `macs`. */
  readonly addresses: string;
  readonly macs: string;
  readonly user: 'unknown' | DeviceUser['kind'];
  /** Of one person; "" otherwise. */
  readonly userName: string;
}

export interface DeviceModel {
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
  readonly user?: DeviceUser | undefined;
}

export interface DevicesModel {
  readonly frame: Frame;
  readonly reporting: DeviceReporting;
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: GroupKind;
    /** As in the policy: left out where its kind decides. */
    readonly safeSearch?: SafeSearch | undefined;
    readonly devices: readonly DeviceModel[];
  }[];
  /** Ids of devices whose one user has left. */
  readonly ofLeavers: readonly string[];
  /** How many unnamed devices the box sees now, never which; null when the box has not said. */
  readonly unnamedDevices: number | null;
}

export interface DeviceEditModel {
  readonly frame: Frame;
  /** Null for a new device. */
  readonly deviceId: string | null;
  /** The version of the policy that the form is filled in from. */
  readonly version: number;
  readonly groups: readonly { readonly id: string; readonly name: string; readonly kind: GroupKind }[];
  /** The register of staff. */
  readonly staff: readonly string[];
  readonly values: DeviceForm;
  readonly errors: readonly FieldError[];
}

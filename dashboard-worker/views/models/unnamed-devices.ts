/** The devices on the setting's own networks that have no name yet, as the box sees them at this moment. */
import type { Frame } from './shared.ts';

export interface UnnamedDevice {
  readonly mac: string;
  readonly addresses: readonly string[];
  /** As which it is filtered until it has a name. */
  readonly group: string;
  readonly groupName: string;
}

export interface UnnamedDevicesModel {
  readonly frame: Frame;
  readonly seen: /** `more`: how many have no place in the list. */
    | { readonly kind: 'seen'; readonly devices: readonly UnnamedDevice[]; readonly more: number }
    /** The box cannot read its table, cannot be reached, or does not know the question yet. */
    | { readonly kind: 'unreadable' | 'away' | 'too-old' };
}

/** From the list to the form of a new device. In a form, since an address would stay in the browser's history. */
export interface NameDeviceForm {
  readonly mac: string;
  readonly group: string;
}

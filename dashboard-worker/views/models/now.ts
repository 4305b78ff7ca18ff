/** Now: what is going on at this moment. */
import type { BoxPresence } from './box.ts';
import type { ChannelWarning } from './channels.ts';
import type { GrantModel, Overlap } from './grants.ts';
import type { OpeningState } from './hours.ts';
import type { RequestModel } from './requests.ts';
import type { Frame, Instant } from './shared.ts';

export type AttentionItem =
  | { readonly kind: 'overlap'; readonly overlap: Overlap }
  /** The box's own words. */
  | { readonly kind: 'alert'; readonly text: string; readonly since: Instant }
  /** The box could not take the newest policy or grants, and keeps the last good ones. */
  | { readonly kind: 'refusal'; readonly of: 'policy' | 'grants'; readonly reason: string }
  | { readonly kind: 'channel'; readonly channelName: string; readonly warning: ChannelWarning }
  /** Devices without a name may be any of the setting's own, and there is a group that blocks more than theirs. */
  | {
      readonly kind: 'lax-network';
      readonly networkName: string;
      readonly groupName: string;
      readonly strictestName: string;
    }
  /** Of one person who has left; `device`: its id. */
  | { readonly kind: 'user-left'; readonly device: string; readonly deviceName: string; readonly personName: string }
  /** Written down of a device, and on none of the networks. */
  | {
      readonly kind: 'stray-addresses';
      readonly device: string;
      readonly deviceName: string;
      readonly addresses: readonly string[];
    }
  | { readonly kind: 'no-devices' };

export interface NowModel {
  readonly frame: Frame;
  readonly box: BoxPresence;
  readonly opening: OpeningState;
  /** End of today's last opening period; null when it is over or today is closed (then "rest of the day" is not offered). */
  readonly closesAt: Instant | null;
  /** End of the opening period that is running, where that is not closing time; null: it is not offered. */
  readonly sessionEndsAt: Instant | null;
  /** What is allowed now or shortly, and what ended within the last hour; soonest end first. */
  readonly grants: readonly GrantModel[];
  /** Waiting for an answer, oldest first. */
  readonly requests: readonly RequestModel[];
  readonly attention: readonly AttentionItem[];
}

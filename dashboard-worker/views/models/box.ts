/** The box: whether it is there, how it is, and how it is paired. */
import type { Frame, Instant } from './shared.ts';

export type BoxPresence =
  | { readonly kind: 'none' }
  | { readonly kind: 'working'; readonly lastHeardAt: Instant }
  /** `since`: when it was last heard from. */
  | { readonly kind: 'away'; readonly since: Instant };

export interface BoxModel {
  readonly frame: Frame;
  readonly presence: BoxPresence;
  /** A code that can be used now: eight characters, shown in two fours. */
  readonly pairing: { readonly code: string; readonly expiresAt: Instant } | null;
  /** The address that the box is told: this dashboard's own. */
  readonly dashboardUrl: string;
  /** Null until a box has been paired. */
  readonly details: {
    readonly name: string;
    readonly softwareVersion: string;
    readonly pairedAt: Instant;
    /** Null until the box has sent its state. */
    readonly state: {
      readonly startedAt: Instant;
      readonly clockTrusted: boolean;
      readonly rules: number;
      readonly upstreams: readonly { readonly name: string; readonly healthy: boolean }[];
      readonly unnamedDevices: number;
      readonly queriesTotal: number;
      readonly blockedTotal: number;
    } | null;
    /** The policy that was saved here, and the one that the box has confirmed. */
    readonly policySaved: number;
    readonly policyInForce: number | null;
  } | null;
}

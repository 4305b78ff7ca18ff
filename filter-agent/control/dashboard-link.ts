/**
 * The box's one outbound WebSocket to its setting on the dashboard.
 */
import type { GrantsPayload, HealthReport } from '../../policy-rules/agent-protocol.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import type { Identity } from './box-identity.ts';
import type { Store } from './usage-store.ts';

export interface LinkHooks {
  /** The policy in force now, with its version. */
  currentPolicy(): Policy;
  /** Makes it the last good one and puts it in force; resolves with the instant (ms) from which the hot path reads it. */
  applyPolicy(policy: Policy): Promise<number>;
  /** The same for grants, which the link has stored already. */
  applyGrants(payload: GrantsPayload): Promise<number>;
  health(): HealthReport;
  onRequestAnswer(id: string, answer: 'granted' | 'refused' | 'lapsed', reason: string): void;
}

export interface DashboardLinkOptions {
  readonly dashboardUrl: string;
  readonly identity: Identity;
  readonly store: Store;
  readonly hooks: LinkHooks;
  readonly softwareVersion: string;
  readonly allowPlainHttp?: boolean;
}

export interface LinkState {
  readonly connected: boolean;
  /** When it became so, in ms since the epoch. */
  readonly since: number;
  readonly lastError: string | null;
}

export interface DashboardLink {
  start(): void;
  stop(): Promise<void>;
  state(): LinkState;
  /** Sends the health report now rather than at the next beat: something in it changed. */
  healthChanged(): void;
  /** A request was saved in the store: forward it now. */
  requestSaved(): void;
  /** Usage was added to the store: upload it now. */
  usageAdded(): void;
  onStateChange(listener: (state: LinkState) => void): void;
}

export function createDashboardLink(options: DashboardLinkOptions): DashboardLink {
  throw new Error(`cannot link to ${options.dashboardUrl}: not written yet`);
}

/**
 * What the local site asks of the box, and what it is told: the seam between the pages that staff see and the box.
 * Types only.
 */
import type { GrantScope } from '../../policy-rules/grants.ts';
import type { MonitoringNotice } from '../../policy-rules/monitoring-notice.ts';
import type { DeviceUser, GroupKind } from '../../policy-rules/policy.ts';
import type { Verdict } from '../../policy-rules/verdict-codes.ts';
import type { MetricFamily } from './metrics.ts';

/**
 * What the local site asks of the box. Addresses are as Node gives them: "192.168.1.20", "::ffff:192.168.1.20",
 * "fe80::1%eth0".
 */
export interface BoxView {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  describeClient(address: string): ClientView;
  /**
   * The verdict for a name, as the hot path would give it to this client now. `name` is a lower-case A-label name
   * without a trailing dot.
   */
  explain(address: string, name: string): Explanation;
  /** Every catalogued service, as it stands for this client now; in the order to show. */
  serviceStates(address: string): ServiceState[];
  /** Stores the request and sends it to the dashboard, now or at the next connect. Resolves once it is stored. */
  submitRequest(address: string, form: RequestForm): Promise<SubmitResult>;
  /** null for an id that this box does not know (any more). */
  requestState(id: string): Promise<RequestState | null>;
  health(): BoxHealth;
  metrics(): MetricFamily[];
  /** What is stored about the client's device; null unless it is a named device of a group of kind `setting`. */
  recorded(address: string): Promise<RecordedView | null>;
  /** The monitoring notice that the setting has published; null when it has not, or the box cannot read it. */
  notice(): Promise<MonitoringNotice | null>;
  /** Stores that somebody has read that version, and tells the dashboard, now or at the next connect. */
  acknowledgeNotice(version: number, name: string): Promise<AcknowledgeResult>;
}

export interface ClientView {
  settingName: string;
  /** IANA zone in which the pages show times. */
  timeZone: string;
  /** `outside`: in no configured network, so that the box refuses its queries. */
  standing: 'named' | 'unnamed' | 'outside';
  /** As one types it: IPv4 where it is one, without a zone. */
  address: string;
  /** The MAC address that was last met at it; null where the box has not met it, or the device is behind a router. */
  mac: string | null;
  /** The name that the setting gave to the device; null unless `named`. */
  deviceName: string | null;
  /** null when `outside`. */
  group: { id: string; name: string; kind: GroupKind } | null;
  hours: {
    state: 'open' | 'break' | 'closed';
    /** When the state next changes, milliseconds; null when it is not known. */
    untilMs: number | null;
    /** False while restricted services stay blocked because the box cannot be sure of the time. */
    clockTrusted: boolean;
  };
  /** Permission in force for this device now. */
  grants: { what: string; untilMs: number; purpose: 'personal' | 'official' | 'emergency' }[];
  /** Categories that a request may name. */
  categories: { id: string; name: string; social: boolean }[];
  /** Of staff, to choose one's own from; none for any but the setting's own named devices. */
  firstNames: readonly string[];
}

export interface Explanation {
  verdict: Verdict;
  /** The service or list that decided, as a person reads it: "Facebook"; null when no rule speaks of the name. */
  source: string | null;
  /** The service's id when a service decided or is involved, so that permission can be asked for it. */
  serviceId: string | null;
  /** The rule as formatRule writes it: "||facebook.com^". */
  rule: string | null;
  /** Policy clauses, the most telling first. */
  clauses: readonly string[];
  /** When the verdict next changes by itself, milliseconds; null when it does not. */
  untilMs: number | null;
  /** Whether a grant could open it. */
  canAsk: boolean;
  /** Open, but shown with safe search; left out where it is not. */
  safeSearch?: boolean;
}

export interface ServiceState {
  id: string;
  name: string;
  categoryId: string;
  categoryName: string;
  verdict: Verdict;
  clauses: readonly string[];
  untilMs: number | null;
  canAsk: boolean;
}

export interface RequestForm {
  askedBy: string;
  scope: GrantScope;
  /** Within 1 to 1440. */
  minutes: number;
  reason: string;
}

export type SubmitResult =
  | { ok: true; id: string }
  /** `reason` is a sentence for the person who asked. */
  | { ok: false; reason: string };

export type AcknowledgeResult =
  | { ok: true }
  /** `reason` is a sentence for the person who has read it. */
  | { ok: false; reason: string };

export interface RequestState {
  what: string;
  minutes: number;
  askedAtMs: number;
  state: 'waiting' | 'granted' | 'refused' | 'lapsed';
  /** Until when it is granted, milliseconds; null otherwise. */
  untilMs: number | null;
  /** What the manager said with the answer; often empty. */
  reason: string;
  /** Whether the dashboard has acknowledged that it holds the request. */
  delivered: boolean;
}

export interface BoxHealth {
  /** The hot path answers. Without it /healthz is 503. */
  answering: boolean;
  /** Rules in force; 0 makes /healthz 503. */
  rules: number;
  clockTrusted: boolean;
  /** The box reaches its dashboard now; null when none is configured. */
  dashboardConnected: boolean | null;
  /** By its preset's name, else `upstream` n; never its address. What a preset filters and what it does not, in sentences. */
  upstreams: { name: string; healthy: boolean; filters: string | null; doesNot: string | null }[];
  /** The usage database takes writes. */
  store: boolean;
  /** From when on figures of single devices are kept, milliseconds; null while all devices are counted together. */
  reportingSinceMs: number | null;
  startedAtMs: number;
  version: string;
}

export interface RecordedView {
  deviceName: string;
  /** As the setting has entered it; null where nobody has said. */
  user: DeviceUser | null;
  /** Newest first. */
  days: { date: string; services: { name: string; blockedMinutes: number; grantedMinutes: number }[] }[];
  /** How many days device-level figures are kept. */
  keptDays: number;
  /** From when on they are kept of single devices, milliseconds; null while all devices are counted together. */
  reportingSinceMs: number | null;
  /** Who looked at this device's figures, as the dashboard has told; null while it has told of no device. */
  views: ViewsOfDevice | null;
}

/** Complete from `sinceMs` to `untilMs`. */
export interface ViewsOfDevice {
  sinceMs: number;
  /** Null: up to this moment, since the dashboard is there and would tell. */
  untilMs: number | null;
  /** Newest first. */
  list: readonly { at: number; by: string; what: 'figures' | 'alert' }[];
}

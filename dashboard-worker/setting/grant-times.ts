/** From when until when a permission is, as people say it, in the setting's zone. */
import { closingTime, instantOf, sessionEnd, todayAt } from './opening.ts';
import { policyOf } from './policies.ts';
import type { Store } from './store.ts';

export type GrantUntil =
  | { readonly minutes: number }
  /** The end of the opening period in which it begins, as the periods are now: the instant is fixed by it. */
  | { readonly session: true }
  /** The end of the day's last opening period. */
  | { readonly close: true }
  /** HH:MM of that day, in the setting's zone. */
  | { readonly time: string };

/** Of a booked slot, in the setting's zone. */
export interface SlotStart {
  /** YYYY-MM-DD; null is today. */
  readonly date: string | null;
  /** HH:MM. */
  readonly time: string;
}

/** Why there is no such time. */
export type TimeProblem =
  | 'closed'
  /** No opening period is running then. */
  | 'no-session'
  | 'time-over'
  /** The slot would have begun already. */
  | 'start-over'
  | 'too-far';

/** A permission that everybody has forgotten must not begin one day. */
const BOOKED_AHEAD_MS = 28 * 24 * 60 * 60_000;

/** `from` left out: now. */
export function startOf(store: Store, from: SlotStart | undefined, nowMs: number): number | TimeProblem {
  if (from === undefined) return nowMs;
  const at = slotStart(store, from, nowMs);
  if (at <= nowMs) return 'start-over';
  return at - nowMs > BOOKED_AHEAD_MS ? 'too-far' : at;
}

/** Whether it lies ahead or not. */
export function slotStart(store: Store, { date, time }: SlotStart, nowMs: number): number {
  const policy = policyOf(store);
  return date === null ? todayAt(policy, time, nowMs) : instantOf(policy.timeZone, date, time);
}

/** Counted from `from`; a time of day or the closing time is of its day. */
export function endOf(store: Store, until: GrantUntil, from: number): number | TimeProblem {
  if ('minutes' in until) return from + Math.round(until.minutes) * 60_000;
  const policy = policyOf(store);
  if ('session' in until) return sessionEnd(policy, from) ?? 'no-session';
  if ('close' in until) return closingTime(policy, from) ?? 'closed';
  const at = todayAt(policy, until.time, from);
  return at > from ? at : 'time-over';
}

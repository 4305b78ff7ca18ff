/**
 * The standing permission of an official channel, as grants: one a day, booked, and ended with the channel.
 *
 * A slot's key is booked once, so that what somebody has ended by hand stays ended. A slot that ended because the channel
 * did (or its device, or its people) gives its key back: once that is back, it is booked again.
 */
import type { Grant, GrantTarget } from '../../policy-rules/grants.ts';
import type { Policy } from '../../policy-rules/policy.ts';
import { addGrants, endRows, freeSlots, isOpen, revokeRows, signed, whyRefused } from './grants.ts';
import type { Actor } from './record.ts';
import type { Store } from './store.ts';

/** One day's part. */
export interface ChannelSlot {
  readonly channelId: string;
  readonly key: string;
  readonly target: GrantTarget;
  readonly scope: { readonly service: string };
  readonly from: number;
  readonly until: number;
  readonly reason: string;
  /** Who answers for it: whoever saved the channel last. */
  readonly by: Actor;
}

/** Whether the box could take it. */
export function isPossible(slot: ChannelSlot, policy: Policy, nowMs: number): boolean {
  return whyRefused(grantOf(slot, nowMs), policy) === null;
}

/** Once for a key. Of a slot that is possible; anything else is a mistake of the caller. */
export function bookSlot(store: Store, slot: ChannelSlot, nowMs: number): void {
  if (isBooked(store, slot.key)) return;
  const { channelId, key: slotKey, by: actor } = slot;
  const grant = grantOf(slot, nowMs);
  const type = slot.from > nowMs ? 'grant-booked' : 'grant-given';
  const addition = { type, story: grant.id, decision: grant.id, toSelf: false, actor, channelId, slotKey } as const;
  const problem = store.transaction(() => addGrants(store, [grant], addition));
  if (problem !== null) throw new Error(`the slot of an official channel could not be booked: ${problem}`);
}

/** What stands open for a channel, and what is booked for it. */
export function endSlots(store: Store, channelId: string, actor: Actor, nowMs: number): void {
  const rows = store
    .run((db) => db.selectFrom('grants').selectAll().where('channel_id', '=', channelId).where('until_at', '>', nowMs))
    .filter((row) => isOpen(row, nowMs));
  const begun = rows.filter(({ from_at }) => from_at <= nowMs);
  const ahead = rows.filter(({ from_at }) => from_at > nowMs);
  store.transaction(() => {
    endRows(store, begun, actor, nowMs);
    // What has not begun goes with the entry on the channel itself.
    revokeRows(store, ahead, actor, nowMs);
    freeSlots(store, rows);
  });
}

function grantOf({ target, scope, from, until, reason, by }: ChannelSlot, nowMs: number): Grant {
  const words = { purpose: 'official', mode: 'written', reason, askedBy: '' } as const;
  return { id: crypto.randomUUID(), target, scope, from, until, ...words, ...signed(by, nowMs) };
}

function isBooked(store: Store, key: string): boolean {
  return store.first((db) => db.selectFrom('grants').select('id').where('channel_slot', '=', key)) !== undefined;
}

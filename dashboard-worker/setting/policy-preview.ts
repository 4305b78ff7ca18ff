/** What a change of the policy comes to, for people to look at before it is saved. */
import type { Policy } from '../../policy-rules/policy.ts';
import { policyDifference } from '../../policy-rules/policy-difference.ts';
import { inForce } from '../../policy-rules/schedule.ts';
import type { Changes, LastChange } from '../views/models.ts';
import { scopeName } from './naming.ts';
import { calendarOf, withoutPastOpenings } from './opening.ts';
import { lastChange, type PolicyChange, type PolicyUnchanged, prepareChange } from './policies.ts';
import { nameOfActor } from './record.ts';
import type { Store } from './store.ts';

export function previewChange(
  store: Store,
  change: PolicyChange,
  nowMs: number,
): { readonly ok: true; readonly changes: Changes } | PolicyUnchanged {
  const prepared = prepareChange(store, change, nowMs);
  return prepared.ok ? { ok: true, changes: changesOf(prepared.before, prepared.policy, nowMs) } : prepared;
}

/** The newest change in facts, and what taking it back would come to; null when it cannot be taken back. */
export function lastChangeModel(store: Store, nowMs: number): LastChange | null {
  const last = lastChange(store, nowMs);
  if (last === null) return null;
  const { version, savedAt, savedBy, undoes, before, after } = last;
  const { facts } = changesOf(before, after, nowMs);
  // Numbered without a change, or saved as it was.
  if (facts.length === 0) return null;
  const who = nameOfActor(store, savedBy);
  const changesDevices = JSON.stringify(before.devices) !== JSON.stringify(after.devices);
  const undoing = changesOf(after, before, nowMs);
  return { version, at: savedAt, who, isUndo: undoes !== null, changesDevices, facts, undoing };
}

function changesOf(before: Policy, after: Policy, nowMs: number): Changes {
  const isBlocked = ({ hours, timeZone }: Policy) => inForce(hours, timeZone, nowMs).restricted;
  // That an opening is over is no change that anybody made.
  const today = calendarOf(after.timeZone, nowMs).date;
  const ahead = (policy: Policy): Policy => ({ ...policy, hours: withoutPastOpenings(policy.hours, today) });
  return {
    facts: policyDifference(ahead(before), ahead(after)).map((fact) =>
      fact.fact === 'restriction' ? { ...fact, scope: scopeName(fact.scope) } : fact,
    ),
    blockedNow: { before: isBlocked(before), after: isBlocked(after) },
  };
}

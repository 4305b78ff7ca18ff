/** What a change of the policy comes to, for people to look at before it is saved. */
import type { Policy } from '../../policy-rules/policy.ts';
import { policyDifference } from '../../policy-rules/policy-difference.ts';
import { inForce } from '../../policy-rules/schedule.ts';
import type { Changes } from '../views/models.ts';
import { scopeName } from './naming.ts';
import { type PolicyChange, type PolicyUnchanged, prepareChange } from './policies.ts';
import type { Store } from './store.ts';

export function previewChange(
  store: Store,
  change: PolicyChange,
  nowMs: number,
): { readonly ok: true; readonly changes: Changes } | PolicyUnchanged {
  const prepared = prepareChange(store, change);
  return prepared.ok ? { ok: true, changes: changesOf(prepared.before, prepared.policy, nowMs) } : prepared;
}

export function changesOf(before: Policy, after: Policy, nowMs: number): Changes {
  const isBlocked = ({ hours, timeZone }: Policy) => inForce(hours, timeZone, nowMs).restricted;
  return {
    facts: policyDifference(before, after).map((fact) =>
      fact.fact === 'restriction' ? { ...fact, scope: scopeName(fact.scope) } : fact,
    ),
    blockedNow: { before: isBlocked(before), after: isBlocked(after) },
  };
}

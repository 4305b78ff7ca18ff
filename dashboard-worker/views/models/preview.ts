/** What a change of the policy comes to, shown before it is saved. */
import type { PolicyFact, RestrictionFact, Sides } from '../../../policy-rules/policy-difference.ts';
import type { Frame, PageId, ScopeName } from './shared.ts';

/** A fact with everyday names in it. */
export type ChangeFact =
  | Exclude<PolicyFact, RestrictionFact>
  | (Omit<RestrictionFact, 'scope'> & { readonly scope: ScopeName });

/** What is new, and what follows from it at once. */
export interface Changes {
  readonly facts: readonly ChangeFact[];
  /** Whether the opening hours block social media at this moment. */
  readonly blockedNow: Sides<boolean>;
}

export interface PreviewModel {
  readonly frame: Frame;
  readonly page: PageId;
  readonly changes: Changes;
  /** Where the form was sent to, and is sent again. */
  readonly action: string;
  /** Where nothing is changed. */
  readonly cancel: string;
  /** Name and value of each field that was sent, in their order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether there is a form to go back to, and what the button that saves says. */
  readonly kind: 'form' | 'removal';
}

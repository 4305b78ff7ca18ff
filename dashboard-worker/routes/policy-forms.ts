/** What the forms that change the policy have in common: the version they were filled in from, and what was wrong. */
import type { Problem } from '../../policy-rules/validate-policy.ts';
import type { FieldError } from '../views/models.ts';
import { BadForm } from './forms.ts';

/** Of the hidden field: the version that the form was filled in from. */
export function readVersion(text: unknown): number {
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw new BadForm('version');
  return Number(text);
}

/** Beside one field, whatever part of the policy they are of. */
export function problemsOf(
  changed: { readonly reason: string; readonly problems?: readonly Problem[] },
  field: string,
): FieldError[] {
  return (changed.problems ?? []).map(({ message }) => ({ field, message }));
}

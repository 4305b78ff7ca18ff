/** Reasons of the short lists as the words that are stored, and read by whoever asked. */
import { everyLanguage, spoken } from './language.ts';
import type { ReasonId, RefusalReasonId, YesReasonId } from './models.ts';

/** What goes into `Grant.reason`: the words of the short list, the free text, or both. */
export function reasonText(reason: ReasonId, freeText: string): string {
  const words = freeText.trim();
  if (reason === 'other') return words;
  return words === '' ? spoken.reasons[reason] : `${spoken.reasons[reason]} (${words})`;
}

/**
 * The short list's words of a stored reason, without what was added to them, in whichever language it was stored; undefined
 * when it is all free text.
 */
export function shortListReason(reason: string): string | undefined {
  return everyLanguage
    .flatMap(({ reasons }) => Object.values(reasons))
    .find((words) => reason === words || reason.startsWith(`${words} (`));
}

/** What the asker reads after a no, and the record keeps. */
export function refusalReasonText(reason: RefusalReasonId): string {
  return spoken.refusalReasons[reason];
}

/** What the asker reads after a yes; "" when nothing is said with it. */
export function yesReasonText(reason: YesReasonId): string {
  return spoken.yesReasons[reason];
}

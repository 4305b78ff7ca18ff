/** What staff ask for, and the manager’s answer. */
import type { Instant, ScopeName } from './shared.ts';

export interface AnswerForm {
  /** Minutes, until the end of the session or of today’s opening, or no. */
  readonly answer: '10' | '30' | 'session' | 'close' | 'no';
  /** With a yes: a `YesReasonId`. Sent with a no too, and then ignored. */
  readonly yesReason: string;
  /** With "no": a `RefusalReasonId`. Sent with a yes too, and then ignored. */
  readonly reason: string;
}

/** Their words are kept, and shown to whoever asked. */
export const yesReasonIds = ['none', 'this-once', 'work-only', 'keep-it-short', 'cover-first'] as const;
export type YesReasonId = (typeof yesReasonIds)[number];

export const refusalReasonIds = ['ask-later', 'use-break', 'not-needed', 'speak-to-me'] as const;
export type RefusalReasonId = (typeof refusalReasonIds)[number];

export interface RequestModel {
  readonly id: string;
  /** Null when the device has no name yet. */
  readonly deviceName: string | null;
  readonly scope: ScopeName;
  readonly minutes: number;
  readonly reason: string;
  readonly askedBy: string;
  readonly askedAt: Instant;
}

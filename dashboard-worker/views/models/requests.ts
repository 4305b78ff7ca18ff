/** What staff ask for, and the manager’s answer. */
import type { Instant, ScopeName } from './shared.ts';

export interface AnswerForm {
  /** Minutes, until the end of today's opening, or no. */
  readonly answer: '10' | '30' | 'close' | 'no';
  /** With "no": a `RefusalReasonId`, stored in words by `refusalReasonText` of messages.ts. Sent with a yes too, and then ignored. */
  readonly reason: string;
}

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

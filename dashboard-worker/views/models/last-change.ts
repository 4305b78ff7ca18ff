/** The newest change of the policy, and what taking it back would come to. */
import type { ChangeFact, Changes } from './preview.ts';
import type { Frame, Instant } from './shared.ts';

export interface LastChange {
  /** Of the policy that it made; a form to take it back says it, so that no other is taken back in its place. */
  readonly version: number;
  readonly at: Instant;
  /** "" where retention has erased the name. */
  readonly who: string;
  /** Whether it took the one before it back. */
  readonly isUndo: boolean;
  /** Also in what people are not told of. */
  readonly changesDevices: boolean;
  readonly facts: readonly ChangeFact[];
  readonly undoing: Changes;
}

export interface LastChangeModel {
  readonly frame: Frame;
  /** Null when there is none that can be taken back, or by the reader. */
  readonly last: LastChange | null;
  /** It was of devices, which the reader may not change. */
  readonly isBeyondReader: boolean;
  /** Somebody has changed something since the page was opened whose button was pressed. */
  readonly isOvertaken: boolean;
}

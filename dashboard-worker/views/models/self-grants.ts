/** What the manager allowed themselves, as the chair sees it. */
import type { Grant } from '../../../policy-rules/grants.ts';
import type { Frame, Instant, ScopeName } from './shared.ts';

/** One permission with all that it was extended by. */
export interface SelfGrant {
  /** "" when the name was erased by retention. */
  readonly by: string;
  /** For whom, where a program gave it; "" where whoever gave it did. */
  readonly person: string;
  readonly scope: ScopeName;
  readonly from: Instant;
  readonly until: Instant;
  /** How many devices and groups; which is not said. */
  readonly targets: number;
  readonly purpose: Grant['purpose'];
  readonly mode: Grant['mode'];
  readonly reason: string;
  /** By word of mouth, entered when it was over. */
  readonly noted: boolean;
  /** When it was ended early; null when its time was up. */
  readonly endedAt: Instant | null;
}

export interface SelfGrantsModel {
  readonly frame: Frame;
  /** The first moment of the last twelve months. */
  readonly yearFrom: Instant;
  /** How many began since then, and how many there are. */
  readonly inYear: number;
  readonly total: number;
  /** Of this page, newest first. */
  readonly grants: readonly SelfGrant[];
  readonly page: number;
  readonly pageCount: number;
}

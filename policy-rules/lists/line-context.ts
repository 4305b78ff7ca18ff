/** What the reader of one line (adblock-line.ts and its siblings) is given by parse-list.ts to hand its findings on. */
import type { ProblemKind } from './list-report.ts';
import type { RuleAction, RuleScope } from './rule.ts';

export interface LineContext {
  /**
   * Hands a rule on. `name` comes from `readName`. A rule for a whole top-level domain is refused unless `wholeDomain` says
   * that the line asks for just that.
   */
  emit(name: string, scope: RuleScope, action: RuleAction, wholeDomain?: boolean): void;
  /** Records what is amiss at `offset` (from 0) of the line that the reader was given. */
  report(kind: ProblemKind, offset: number, message: string): void;
  /** The name in lower-case A-labels without trailing dot; or undefined, and then the fault has been reported. */
  readName(raw: string, offset: number): string | undefined;
  /** The line gives no rule and nothing is wrong with it. */
  skip(): void;
}

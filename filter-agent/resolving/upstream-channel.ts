/** What one connection to an upstream is to the pool that owns it (connection-pool.ts), whatever is spoken on it. */
import type { UpstreamQuestion } from './upstream.ts';

export interface Channel {
  /** Queries that wait for their reply. */
  readonly inFlight: number;
  /** How many may: past that they are rejected as "closed". */
  readonly capacity: number;
  /** Replies that came. */
  readonly answered: number;
  /** Since when queries wait and no reply has come, on the monotonic clock; Infinity while none waits. */
  readonly mutedSinceMs: number;
  /** When the last reply came; before the first, when it was opened. On the monotonic clock. */
  readonly heardAtMs: number;
  /** What the quickest reply took; 0 before the first. */
  readonly quickestMs: number;
  /** How long the server lets it idle (RFC 7828), where it said so. */
  readonly keepaliveMs: number | null;
  /** The certificate was accepted although its dates could not be judged. */
  readonly isExcused: boolean;
  /**
   * The reply, checked to be one to this question. Rejects with UpstreamError: "closed" when the connection ended while
   * the query was in flight, so that it may be asked again on another; "garbled" likewise; "timeout"; "network".
   */
  ask(question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array>;
  /** Ends it at once; what is in flight is rejected with this code. Does nothing on one that has ended. */
  close(code: 'closed' | 'timeout'): void;
  /** Called when no query can be asked on it any more, and (where some in flight were still answered) when it is closed. */
  onEnd: () => void;
}

/** What an upstream is to the resolver: takes a question's wire form, gives the reply to it or fails. */

/** What is asked upstream. One upstream query serves all clients that ask the same. */
export interface UpstreamQuestion {
  /** Wire form, lower case. */
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
}

/** What an upstream is made from (create-upstream.ts). */
export interface UpstreamSpec {
  /** For messages and metrics: "udp://192.0.2.53:53", "Quad9". */
  readonly name: string;
  readonly protocol: 'udp' | 'tcp' | 'tls' | 'https';
  /** IP addresses, tried in this order; udp and tcp have one. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** tls, https: the name, or the IP address, that its certificate must be for; null for the others. */
  readonly serverName: string | null;
  /** https: the path that queries are posted to; null for the others. */
  readonly path: string | null;
  /** tls, https: what is trusted (PEM) in place of the system's certificates; null for the system's. */
  readonly ca: string | null;
}

export interface Upstream {
  /** As configured: "udp://192.0.2.53:53". */
  readonly name: string;
  /**
   * The reply, checked to be one to this very question; header, question and records as they came (but SERVFAIL where it
   * could not read what it was asked). Rejects with UpstreamError when none came in time. Never throws synchronously.
   */
  ask(question: UpstreamQuestion, timeoutMs: number): Promise<Uint8Array>;
  close(): void;
}

/**
 * - `timeout`: no reply in time
 * - `network`: it could not be asked, or its reply was none
 * - `closed`: the connection ended, or this side ended it
 * - `crowded`: there was no room to ask it, which says nothing of the upstream
 * - `garbled`: what came on the connection cannot be told apart any more, be it this query's reply or another's
 */
export type UpstreamErrorCode = 'timeout' | 'network' | 'closed' | 'crowded' | 'garbled';

export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code: UpstreamErrorCode;

  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

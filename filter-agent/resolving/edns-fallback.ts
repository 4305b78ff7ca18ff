/**
 * Old routers answer a query with EDNS by saying that they do not understand it: then it is asked again without
 * (RFC 6891 §7), and one that does so every time is asked without at once for a while. Owns the second try and that
 * memory; leaves out the wire (upstream-*.ts) and which upstream is asked (upstreams.ts).
 */
import { Rcode } from '../answering/dns-question.ts';
import { UpstreamError } from './upstream.ts';
import { isNotUnderstood, isWithoutQuestion } from './upstream-message.ts';

/** Asks once, on the wire, with or without EDNS. */
export type AskOnce = (hasEdns: boolean, timeoutMs: number) => Promise<Uint8Array>;

/** So many complaints in a row, each of a query that was then understood without EDNS: one may be forged, or odd. */
const COMPLAINTS_TO_REMEMBER = 3;
/** A router that gets new software, or is replaced, is asked with EDNS again by then. */
const REMEMBERED_MS = 15 * 60_000;

/** What is known of one upstream. */
export class EdnsMemory {
  #complaints = 0;
  #plainUntilMs = 0;

  get isPlain(): boolean {
    return performance.now() < this.#plainUntilMs;
  }

  understood(): void {
    this.#complaints = 0;
  }

  understoodOnlyWithout(): void {
    this.#complaints++;
    if (this.#complaints >= COMPLAINTS_TO_REMEMBER) this.#plainUntilMs = performance.now() + REMEMBERED_MS;
  }
}

/** A good reply, or SERVFAIL: what no client's query could mend must not reach a client as its own mistake. */
export async function askWithFallback(
  name: string,
  memory: EdnsMemory,
  timeoutMs: number,
  askOnce: AskOnce,
): Promise<Uint8Array> {
  const startedAtMs = performance.now();
  const isPlain = memory.isPlain;
  if (!isPlain) {
    const reply = await askOnce(true, timeoutMs);
    if (!isNotUnderstood(reply)) {
      memory.understood();
      return reply;
    }
  }
  const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAtMs));
  const plain = await askOnce(false, leftMs);
  if (!isNotUnderstood(plain)) {
    if (!isPlain) memory.understoodOnlyWithout();
    return plain;
  }
  if (isWithoutQuestion(plain)) {
    throw new UpstreamError('network', `${name} understood no query, neither with EDNS nor without`);
  }
  plain[3] = (plain[3]! & 0xf0) | Rcode.SERVFAIL;
  return plain;
}

/**
 * Old routers answer a query with EDNS by saying that they do not understand it: then it is asked again without
 * (RFC 6891 §7). Owns the second try; leaves out the wire (upstream-*.ts) and which upstream is asked (upstreams.ts).
 */
import { Rcode, uint16 } from '../answering/dns-question.ts';
import { UpstreamError } from './upstream.ts';
import { isNotUnderstood } from './upstream-message.ts';

/** Asks once, on the wire, with or without EDNS. */
export type AskOnce = (hasEdns: boolean, timeoutMs: number) => Promise<Uint8Array>;

/** A good reply, or SERVFAIL: what no client's query could mend must not reach a client as its own mistake. */
export async function askWithFallback(name: string, timeoutMs: number, askOnce: AskOnce): Promise<Uint8Array> {
  const startedAtMs = performance.now();
  const reply = await askOnce(true, timeoutMs);
  if (!isNotUnderstood(reply)) return reply;
  const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAtMs));
  const plain = await askOnce(false, leftMs);
  if (!isNotUnderstood(plain)) return plain;
  if (uint16(plain, 4) === 0) {
    throw new UpstreamError('network', `${name} understood no query, neither with EDNS nor without`);
  }
  plain[3] = (plain[3]! & 0xf0) | Rcode.SERVFAIL;
  return plain;
}

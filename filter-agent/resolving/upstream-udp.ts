/**
 * An upstream over UDP: a socket of its own for each query, so that the source port is the kernel's random choice
 * (RFC 5452 §9.2), connected, so that the kernel drops what comes from elsewhere. A truncated reply is asked for again
 * over TCP (RFC 7766 §5).
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { askWithFallback } from './edns-fallback.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';
import { encodeQuery, isReplyTo, isTruncated, randomId } from './upstream-message.ts';
import { askTcp } from './upstream-tcp.ts';

export function createUdpUpstream(name: string, address: string, port: number): Upstream {
  return {
    name,
    ask: (question, timeoutMs) =>
      askWithFallback(name, timeoutMs, async (hasEdns, leftMs) => {
        const startedAtMs = performance.now();
        const reply = await askUdp(name, address, port, question, hasEdns, leftMs);
        if (!isTruncated(reply)) return reply;
        const leftForTcpMs = Math.max(1, leftMs - (performance.now() - startedAtMs));
        return askTcp(name, address, port, question, hasEdns, leftForTcpMs);
      }),
    close: () => {},
  };
}

function askUdp(
  name: string,
  address: string,
  port: number,
  question: UpstreamQuestion,
  hasEdns: boolean,
  timeoutMs: number,
): Promise<Uint8Array> {
  const id = randomId();
  return new Promise((resolve, reject) => {
    // Addresses are literals: without this every query would pass through the system resolver's thread pool. It is asked
    // for the upstream's address and, by the bind before, for the unspecified one: each is its own answer.
    const lookup = (host: string, _options: unknown, done: (error: null, address: string, family: number) => void) =>
      done(null, host, family);
    const family = isIPv6(address) ? 6 : 4;
    const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', lookup: lookup as never });
    let ended = false;
    const end = (settle: () => void) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const timer = setTimeout(() => {
      end(() => reject(new UpstreamError('timeout', `${name} gave no answer within ${timeoutMs} ms`)));
    }, timeoutMs);
    // A forged or broken datagram never ends the transaction: it is passed over, and the truth may still come.
    socket.on('message', (message) => {
      if (isReplyTo(message, question, id)) end(() => resolve(message));
    });
    socket.on('error', (cause) => {
      end(() => reject(new UpstreamError('network', `${name}: ${cause.message}`, { cause })));
    });
    // No callback for connect(): it would be given a failure (no route, no IPv6) that then is no 'error' any more.
    socket.on('connect', () => {
      if (!ended) socket.send(encodeQuery(question, id, hasEdns));
    });
    socket.connect(port, address);
  });
}

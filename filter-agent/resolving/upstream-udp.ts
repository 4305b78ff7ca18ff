/**
 * An upstream over UDP: a socket of its own for each query, so that the source port is the kernel's random choice
 * (RFC 5452 §9.2), connected, so that the kernel drops what comes from elsewhere and tells what ICMP says; a random id,
 * and letters in random case (draft-vixie-dnsext-dns0x20).
 *
 * A forged or broken datagram never ends a query. What is almost the reply (another case, cut short, not to be read) is
 * no proof of forgery either, so the same question is then asked over TCP (RFC 7766 §5), and the truth may still come
 * over UDP meanwhile.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { Walk, walkMessage } from '../answering/stored-message.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { askWithFallback, EdnsMemory } from './edns-fallback.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';
import {
  echoesCase,
  encodeQuery,
  inLowerCase,
  isReplyTo,
  isTruncated,
  isWithoutQuestion,
  randomId,
} from './upstream-message.ts';
import { createTcpPool } from './upstream-tcp.ts';

export function createUdpUpstream(name: string, address: string, port: number): Upstream {
  const wire = new UdpWire(name, address, port);
  const memory = new EdnsMemory();
  return {
    name,
    ask: (question, timeoutMs) =>
      askWithFallback(name, memory, timeoutMs, (hasEdns, leftMs) => wire.ask(question, hasEdns, leftMs)),
    close: () => wire.close(),
  };
}

/** So many replies in a row in another case, each confirmed over TCP: the upstream does not repeat what it is asked. */
const CONFIRMED_TO_STOP = 3;
/** One that is replaced by another is tried again by then. */
const WITHOUT_CASE_MS = 3_600_000;

/** Whether this upstream is asked in mixed case. */
class CaseMemory {
  #confirmed = 0;
  #plainUntilMs = 0;

  get mixes(): boolean {
    return performance.now() >= this.#plainUntilMs;
  }

  echoed(): void {
    this.#confirmed = 0;
  }

  confirmedWithout(): void {
    this.#confirmed++;
    if (this.#confirmed < CONFIRMED_TO_STOP) return;
    this.#confirmed = 0;
    this.#plainUntilMs = performance.now() + WITHOUT_CASE_MS;
  }
}

const walk = new Walk();

class UdpWire {
  readonly #name: string;
  readonly #address: string;
  readonly #port: number;
  readonly #tcp: ConnectionPool;
  readonly #case = new CaseMemory();
  /** Each ends one query that waits. */
  readonly #ends = new Set<(error: UpstreamError) => void>();

  constructor(name: string, address: string, port: number) {
    this.#name = name;
    this.#address = address;
    this.#port = port;
    this.#tcp = createTcpPool(name, address, port);
  }

  close(): void {
    this.#tcp.close();
    for (const end of [...this.#ends]) end(new UpstreamError('closed', `${this.#name} is asked no more`));
  }

  ask(question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array> {
    const startedAtMs = performance.now();
    const name = this.#name;
    const id = randomId();
    const mixesCase = this.#case.mixes;
    const query = encodeQuery(question, id, { hasEdns, mixesCase });
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const socket = createSocket({ type: isIPv6(this.#address) ? 'udp6' : 'udp4', lookup: literally as never });
    let hasEnded = false;
    let asksTcp = false;
    const settle = (act: () => void) => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      this.#ends.delete(fail);
      socket.close();
      act();
    };
    const fail = (error: UpstreamError) => settle(() => reject(error));
    const timer = setTimeout(() => {
      fail(new UpstreamError('timeout', `${name} gave no answer within ${Math.round(timeoutMs)} ms`));
    }, timeoutMs);
    this.#ends.add(fail);

    /**
     * `unsure`: a reply that only its case speaks against; it is good enough for an upstream that has no TCP.
     * `isForged`: it may be; then the truth is still awaited when TCP has none.
     */
    const askOverTcp = (unsure: Uint8Array | null, isForged: boolean) => {
      if (asksTcp) return;
      asksTcp = true;
      const leftMs = Math.max(1, timeoutMs - (performance.now() - startedAtMs));
      this.#tcp.ask(question, hasEdns, leftMs).then(
        (reply) => {
          if (unsure !== null && !hasEnded) this.#case.confirmedWithout();
          settle(() => resolve(reply));
        },
        (error: UpstreamError) => {
          if (unsure !== null && error.code === 'network') settle(() => resolve(inLowerCase(unsure, question)));
          else if (!isForged) fail(error);
        },
      );
    };
    socket.on('message', (message) => {
      if (hasEnded || !isReplyTo(message, question, id)) return;
      if (isWithoutQuestion(message)) {
        settle(() => resolve(message));
        return;
      }
      const isWhole = !isTruncated(message) && walkMessage(message, message.length, null, walk);
      if (mixesCase && !echoesCase(message, query, question.name.length)) {
        askOverTcp(isWhole ? message : null, true);
        return;
      }
      if (!isWhole) {
        askOverTcp(null, false);
        return;
      }
      if (mixesCase) this.#case.echoed();
      settle(() => resolve(inLowerCase(message, question)));
    });
    socket.on('error', (cause) => fail(new UpstreamError('network', `${name}: ${cause.message}`, { cause })));
    // No callback for connect(): it would be given a failure (no route, no IPv6) that then is no 'error' any more.
    socket.on('connect', () => {
      if (!hasEnded) socket.send(query);
    });
    socket.connect(this.#port, this.#address);
    return promise;
  }
}

/**
 * Addresses are literals: without this every query would pass through the system resolver's thread pool. It is asked
 * for the upstream's address and, by the bind before, for the unspecified one: each is its own answer.
 */
function literally(
  host: string,
  _options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, host, isIPv6(host) ? 6 : 4);
}

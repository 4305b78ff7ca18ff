/**
 * An upstream over HTTPS (RFC 8484): HTTP/2 only (§5.2), POST, id 0 so that a cache could share the answer (§4.1), queries
 * padded (RFC 8467), connections shared and proved as those over TLS are.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { isIPv6 } from 'node:net';
import type { ClockTrust } from './clock-trust.ts';
import { connectFirst } from './connect-first.ts';
import { ConnectionPool, upstreamOver } from './connection-pool.ts';
import { secureConnector } from './secure-connection.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion, type UpstreamSpec } from './upstream.ts';
import type { Channel } from './upstream-channel.ts';
import { aged, encodeQuery, inLowerCase, isReplyTo, isTruncated } from './upstream-message.ts';

const MEDIA_TYPE = 'application/dns-message';
const MESSAGE_LIMIT_BYTES = 65_535;
/** Streams before the server has said how many it takes: it should take as many (RFC 9113 §6.5.2). */
const STREAMS_UNTIL_TOLD = 100;

export function createHttpsUpstream(spec: UpstreamSpec, clock: ClockTrust): Upstream {
  const { name, addresses, port } = spec;
  const serverName = spec.serverName!;
  const path = spec.path!;
  const host = isIPv6(serverName) ? `[${serverName}]` : serverName;
  const authority = port === 443 ? host : `${host}:${port}`;
  const secure = secureConnector({ ...spec, serverName }, ['h2'], clock);
  const open = connectFirst({
    name,
    addresses,
    connect: (address) => {
      const { ready, abandon } = secure(address);
      const channel = ready.then(({ socket, isExcused }) => {
        if (socket.alpnProtocol !== 'h2') {
          socket.destroy();
          throw new Error('the server does not speak HTTP/2');
        }
        // Nothing that nobody asked for (RFC 9113 §8.4).
        const settings = { enablePush: false };
        const session = connect(`https://${authority}`, { createConnection: () => socket, settings });
        return new HttpsChannel(session, { name, authority, path, isExcused });
      });
      return { ready: channel, abandon };
    },
  });
  const pool = new ConnectionPool(name, open);
  clock.onTrusted(() => pool.closeExcused());
  return upstreamOver(name, pool);
}

/** Seconds for which a cache on the way has kept the answer (RFC 9111 §5.1): they are gone from its TTLs (RFC 8484 §5.1). */
const AGE = /^\d{1,10}$/;

interface HttpsOptions {
  readonly name: string;
  readonly authority: string;
  readonly path: string;
  readonly isExcused: boolean;
}

interface Waiting {
  readonly sentAtMs: number;
  readonly fail: (error: UpstreamError) => void;
}

class HttpsChannel implements Channel {
  readonly #session: ClientHttp2Session;
  readonly #options: HttpsOptions;
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>();
  heardAtMs = performance.now();
  #hasEnded = false;
  capacity = STREAMS_UNTIL_TOLD;
  answered = 0;
  quickestMs = 0;
  readonly keepaliveMs = null;
  onEnd: () => void = () => {};

  constructor(session: ClientHttp2Session, options: HttpsOptions) {
    this.#session = session;
    this.#options = options;
    session.on('error', (error) => this.#end('closed', error.message));
    session.on('close', () => this.#end('closed', 'closed the connection before its answer'));
    session.on('remoteSettings', ({ maxConcurrentStreams }) => {
      this.capacity = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
    });
    // The server takes no more; what it has taken it may still answer (RFC 9113 §6.8).
    session.on('goaway', () => this.onEnd());
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  get isExcused(): boolean {
    return this.#options.isExcused;
  }

  get mutedSinceMs(): number {
    for (const { sentAtMs } of this.#waiting) return Math.max(sentAtMs, this.heardAtMs);
    return Number.POSITIVE_INFINITY;
  }

  ask(question: UpstreamQuestion, hasEdns: boolean, timeoutMs: number): Promise<Uint8Array> {
    const { name, authority, path } = this.#options;
    if (this.#hasEnded || this.#session.closed) {
      return Promise.reject(new UpstreamError('closed', `${name} closed the connection`));
    }
    // More would wait until one of those is answered, which may be never.
    if (this.#waiting.size >= this.capacity) {
      return Promise.reject(new UpstreamError('closed', `${name} takes no more queries on a connection`));
    }
    const query = encodeQuery(question, 0, { hasEdns, isPadded: true });
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    let stream: ClientHttp2Stream;
    try {
      stream = this.#session.request({
        [constants.HTTP2_HEADER_METHOD]: 'POST',
        [constants.HTTP2_HEADER_SCHEME]: 'https',
        [constants.HTTP2_HEADER_AUTHORITY]: authority,
        [constants.HTTP2_HEADER_PATH]: path,
        [constants.HTTP2_HEADER_ACCEPT]: MEDIA_TYPE,
        [constants.HTTP2_HEADER_CONTENT_TYPE]: MEDIA_TYPE,
        [constants.HTTP2_HEADER_CONTENT_LENGTH]: query.length,
      });
    } catch (cause) {
      return Promise.reject(new UpstreamError('closed', `${name}: ${(cause as Error).message}`, { cause }));
    }
    const settle = (act: () => void) => {
      if (!this.#waiting.delete(waiting)) return;
      clearTimeout(timer);
      act();
    };
    const fail = (error: UpstreamError) => settle(() => reject(error));
    const waiting: Waiting = { sentAtMs: performance.now(), fail };
    this.#waiting.add(waiting);
    const timer = setTimeout(() => {
      fail(new UpstreamError('timeout', `${name} gave no answer over HTTPS in time`));
      stream.close(constants.NGHTTP2_CANCEL);
    }, timeoutMs);
    const refuse = (what: string) => {
      fail(new UpstreamError('network', `${name} ${what}`));
      stream.close(constants.NGHTTP2_CANCEL);
    };
    const chunks: Buffer[] = [];
    let length = 0;
    let ageSeconds = 0;
    stream.on('response', (headers) => {
      const { ':status': status, 'content-type': type = '', age = '' } = headers;
      if (AGE.test(age)) ageSeconds = Number(age);
      if (status !== 200) refuse(`answered with HTTP status ${status}`);
      else if (type.split(';')[0]!.trim().toLowerCase() !== MEDIA_TYPE) refuse('answered with no DNS message');
    });
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > MESSAGE_LIMIT_BYTES) refuse('answered with more than a DNS message holds');
    });
    stream.on('end', () => {
      // A session that ends takes its streams along: they end without a word.
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || length === 0) return;
      const reply = new Uint8Array(Buffer.concat(chunks, length));
      if (!isReplyTo(reply, question, 0)) refuse('answered another question over HTTPS');
      else if (isTruncated(reply)) refuse('cut its answer short over HTTPS');
      else {
        settle(() => {
          this.heardAtMs = performance.now();
          const tookMs = this.heardAtMs - waiting.sentAtMs;
          this.quickestMs = this.answered++ === 0 ? tookMs : Math.min(this.quickestMs, tookMs);
          resolve(inLowerCase(ageSeconds > 0 ? aged(reply, ageSeconds) : reply, question));
        });
      }
    });
    stream.on('error', (cause) => {
      fail(new UpstreamError(isUntouched(stream) ? 'closed' : 'network', `${name}: ${cause.message}`, { cause }));
    });
    stream.on('close', () => fail(new UpstreamError('closed', `${name} closed the connection before its answer`)));
    stream.end(query);
    return promise;
  }

  close(code: 'closed' | 'timeout'): void {
    this.#end(code, code === 'timeout' ? 'says nothing any more' : 'was left');
  }

  #end(code: 'closed' | 'timeout', what: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.onEnd();
    for (const { fail } of [...this.#waiting]) fail(new UpstreamError(code, `${this.#options.name}: ${what}`));
    this.#session.destroy();
  }
}

/** The server says that it has not begun with it: to be asked again on another connection (RFC 9113 §8.7). */
function isUntouched(stream: ClientHttp2Stream): boolean {
  return stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
}

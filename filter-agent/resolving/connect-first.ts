/**
 * Connects to the first of an upstream's addresses that answers: the one that did last time, and the next beside it
 * when it takes long (as RFC 8305 §5 does for families). Owns the race; leaves out what a connection is.
 */
import { UpstreamError } from './upstream.ts';

/** A connection under way. */
export interface Attempt<T> {
  /** Rejects with whatever went wrong. */
  readonly ready: Promise<T>;
  /** Ends it; nobody looks at `ready` any more. */
  abandon(): void;
}

export interface ConnectOptions<T> {
  /** The upstream's, for messages. */
  readonly name: string;
  /** At least one. */
  readonly addresses: readonly string[];
  readonly connect: (address: string) => Attempt<T>;
}

/** Longer than a handshake across a continent, short beside what a client waits. */
const NEXT_AFTER_MS = 400;

/** A function that connects, and remembers which address was good. Its `ready` rejects with UpstreamError. */
export function connectFirst<T>({ name, addresses, connect }: ConnectOptions<T>): (timeoutMs: number) => Attempt<T> {
  let first = 0;
  return (timeoutMs) => {
    const attempts = new Set<Attempt<T>>();
    const { promise: ready, resolve, reject } = Promise.withResolvers<T>();
    let begun = 0;
    let failure: Error | null = null;
    let patience: NodeJS.Timeout | undefined;
    const endAll = () => {
      clearTimeout(limit);
      clearTimeout(patience);
      begun = addresses.length;
      for (const attempt of attempts) attempt.abandon();
      attempts.clear();
    };
    const fail = (code: UpstreamError['code'], what: string, cause?: Error) => {
      endAll();
      reject(new UpstreamError(code, `${name}${what}`, { cause }));
    };
    const begin = () => {
      clearTimeout(patience);
      if (begun === addresses.length) return;
      const index = (first + begun++) % addresses.length;
      const attempt = connect(addresses[index]!);
      attempts.add(attempt);
      patience = setTimeout(begin, NEXT_AFTER_MS);
      attempt.ready.then(
        (connection) => {
          if (!attempts.delete(attempt)) return;
          first = index;
          endAll();
          resolve(connection);
        },
        (cause: Error) => {
          if (!attempts.delete(attempt)) return;
          // The first failure tells most: the others may be addresses of a family that this network lacks.
          failure ??= cause;
          if (begun < addresses.length) begin();
          else if (attempts.size === 0) fail('network', `: ${failure.message}`, failure);
        },
      );
    };
    const limit = setTimeout(() => fail('timeout', ` was not connected within ${Math.round(timeoutMs)} ms`), timeoutMs);
    begin();
    return { ready, abandon: () => fail('closed', ' is asked no more') };
  };
}

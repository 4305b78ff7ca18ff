/** An upstream over plain TCP: one connection a query. */
import { connect } from 'node:net';
import { askWithFallback } from './edns-fallback.ts';
import { type Upstream, UpstreamError, type UpstreamQuestion } from './upstream.ts';
import { encodeQuery, isReplyTo, randomId } from './upstream-message.ts';

const LENGTH_BYTES = 2;

export function createTcpUpstream(name: string, address: string, port: number): Upstream {
  return {
    name,
    ask: (question, timeoutMs) =>
      askWithFallback(name, timeoutMs, (hasEdns, leftMs) => askTcp(name, address, port, question, hasEdns, leftMs)),
    close: () => {},
  };
}

export function askTcp(
  name: string,
  address: string,
  port: number,
  question: UpstreamQuestion,
  hasEdns: boolean,
  timeoutMs: number,
): Promise<Uint8Array> {
  const id = randomId();
  const query = encodeQuery(question, id, hasEdns);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    const timer = setTimeout(() => {
      fail(new UpstreamError('timeout', `${name} gave no answer over TCP within ${timeoutMs} ms`));
    }, timeoutMs);
    let received: Buffer = Buffer.alloc(0);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
    };
    const fail = (error: UpstreamError) => {
      end();
      reject(error);
    };
    socket.on('error', (cause) => fail(new UpstreamError('network', `${name}: ${cause.message}`, { cause })));
    socket.on('close', () => fail(new UpstreamError('network', `${name} closed the connection before its answer`)));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < LENGTH_BYTES) return;
      const length = received.readUInt16BE(0);
      if (received.length < LENGTH_BYTES + length) return;
      const reply = Uint8Array.prototype.slice.call(received, LENGTH_BYTES, LENGTH_BYTES + length);
      if (!isReplyTo(reply, question, id)) {
        fail(new UpstreamError('network', `${name} answered another question over TCP`));
        return;
      }
      end();
      resolve(reply);
    });
    const frame = Buffer.allocUnsafe(LENGTH_BYTES + query.length);
    frame.writeUInt16BE(query.length, 0);
    frame.set(query, LENGTH_BYTES);
    socket.write(frame);
  });
}

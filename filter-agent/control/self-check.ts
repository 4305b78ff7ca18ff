/**
 * Asks the box's own sockets, once a second, for the local site's name, and notes when an answer last came: what the
 * watchdog's beat rests on, so that a process that lives but no longer answers is started again.
 *
 * Owns the asking and the judgement "answered lately". Restarting is the service manager's. Leaves out upstreams: the
 * local name needs none, since a restart would not mend an upstream that is away.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface SelfCheckOptions {
  /** Where the box listens on UDP at this moment: asked in turn, so that one address that went away is no failure. */
  readonly places: () => readonly { readonly address: string; readonly port: number }[];
  /** A host name that the box answers by itself. */
  readonly name: string;
  readonly intervalMs?: number;
  /** So long the box stays healthy after its last answer. */
  readonly patienceMs?: number;
  readonly monotonicNow?: () => number;
}

export interface SelfCheck {
  /** Whether the box has answered lately. A box without any address is healthy: a restart would not bring one. */
  healthy(): boolean;
  stop(): void;
}

const DEFAULT_INTERVAL_MS = 1_000;
/** Fifteen questions in a row are lost by a box that is dead; a flood of queries loses some, and a restart would not end it. */
const DEFAULT_PATIENCE_MS = 15_000;

/** Begins at once. Counts as healthy from the start: the caller has just opened the sockets. */
export function startSelfCheck(options: SelfCheckOptions): SelfCheck {
  const monotonicNow = options.monotonicNow ?? (() => performance.now());
  const patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
  let answeredAtMs = monotonicNow();
  let turn = 0;
  let endQuestion: () => void = () => undefined;

  const ask = (): void => {
    endQuestion();
    const places = options.places();
    if (places.length === 0) {
      // When an address comes back, its first answer has the whole patience to arrive.
      answeredAtMs = monotonicNow();
      return;
    }
    endQuestion = askOnce(places[turn++ % places.length]!, options.name, () => {
      answeredAtMs = monotonicNow();
    });
  };
  ask();
  const timer = setInterval(ask, options.intervalMs ?? DEFAULT_INTERVAL_MS);
  timer.unref();

  return {
    healthy: () => options.places().length === 0 || monotonicNow() - answeredAtMs <= patienceMs,
    stop() {
      clearInterval(timer);
      endQuestion();
    },
  };
}

/** A socket for each question: the kernel spreads ports over the answering threads. Returns how to give up. */
function askOnce({ address, port }: { address: string; port: number }, name: string, onAnswer: () => void): () => void {
  const id = randomInt(0x10000);
  const query = encodeQuery(id, name);
  const socket = createSocket({ type: isIPv6(address.split('%')[0] ?? '') ? 'udp6' : 'udp4' });
  let open = true;
  const end = (): void => {
    if (open) socket.close();
    open = false;
  };
  socket.unref();
  socket.on('message', (answer, remote) => {
    if (remote.port !== port || !answers(answer, id)) return;
    end();
    onAnswer();
  });
  // Refused, or no route: no answer, which is all that there is to say.
  socket.on('error', end);
  socket.send(query, port, address, (error) => {
    if (error !== null) end();
  });
  return end;
}

const QR_BIT = 0x80;
const RCODE_MASK = 0x0f;
const Rcode = { NOERROR: 0, REFUSED: 5 } as const;
const HEADER_BYTES = 12;

/** REFUSED is a right answer too: a policy may leave the box's own address out of its networks. */
function answers(message: Uint8Array, id: number): boolean {
  if (message.length < HEADER_BYTES || ((message[0]! << 8) | message[1]!) !== id) return false;
  const rcode = message[3]! & RCODE_MASK;
  return (message[2]! & QR_BIT) !== 0 && (rcode === Rcode.NOERROR || rcode === Rcode.REFUSED);
}

const TYPE_A = 1;
const CLASS_IN = 1;

/** RFC 1035 §4.1: a header with one question, recursion desired. */
function encodeQuery(id: number, name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  const qname = Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
  const query = Buffer.alloc(HEADER_BYTES + qname.length + 4);
  query.writeUInt16BE(id, 0);
  query.writeUInt16BE(0x0100, 2);
  query.writeUInt16BE(1, 4);
  qname.copy(query, HEADER_BYTES);
  query.writeUInt16BE(TYPE_A, HEADER_BYTES + qname.length);
  query.writeUInt16BE(CLASS_IN, HEADER_BYTES + qname.length + 2);
  return query;
}

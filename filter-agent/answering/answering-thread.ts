/**
 * The answering thread: UDP in, `answerQuery`, UDP out. It owns its sockets, its small cache and the queries that wait
 * for the resolving thread; it does all sending on its own sockets. It binds only after it has rules to judge by.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  ANSWER_CACHEABLE,
  ANSWER_EDE_SHIFT,
  ANSWER_SLOT_BYTES,
  Counter,
  type Generation,
  MISS_REFRESH,
  MISS_SLOT_BYTES,
  MISS_SLOTS,
  SlotRing,
} from '../shared-memory.ts';
import { BatchedUdp } from '../sockets/batched-udp.ts';
import { DgramUdp } from '../sockets/dgram-udp.ts';
import { linux, takeShortTurns } from '../sockets/linux.ts';
import type { Bound, ListenFailure } from '../sockets/listener-set.ts';
import { CLIENT_ADDRESS_BYTES, PACKET_BYTES, PEER_BYTES, type UdpListener } from '../sockets/udp.ts';
import { Answerer, DROP, FORWARD } from './answer-query.ts';
import { type BudgetLimits, ClientBudgets } from './client-budgets.ts';
import { uint16 } from './dns-question.ts';
import { PendingQueries } from './pending-queries.ts';
import { QueryEvents } from './query-events.ts';
import { type ListenSpec, UdpListeners } from './udp-listeners.ts';

export interface AnsweringThreadData {
  readonly misses: SharedArrayBuffer;
  readonly answers: SharedArrayBuffer;
  readonly events: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly cacheBytes: number;
  readonly siteName: string;
  /** The same on every thread (server-cookie.ts). */
  readonly cookieSecret: Uint8Array;
  readonly clientLimits: BudgetLimits;
  /** Wakes the resolving thread; and is woken by it, where there is no wakeFd. */
  readonly resolving: MessagePort;
  /** Readable when somebody wants this thread's attention (linux.ts): then it serves its sockets by batches. */
  readonly wakeFd: number | null;
  /** Whether it is the only answering thread. */
  readonly isAlone: boolean;
}

export type ToAnswering =
  | { readonly type: 'generation'; readonly generation: Generation }
  /** The complete set of addresses: others are closed. */
  | { readonly type: 'listen'; readonly id: number; readonly specs: readonly ListenSpec[] }
  | { readonly type: 'stop' };

export type FromAnswering =
  | { readonly type: 'adopted'; readonly number: number }
  | {
      readonly type: 'listening';
      readonly id: number;
      readonly bound: readonly Bound[];
      readonly failed: readonly ListenFailure[];
    }
  | { readonly type: 'broken'; readonly address: string; readonly port: number; readonly message: string }
  | { readonly type: 'stopped' };

/**
 * Queries that wait for a look-up. The resolving thread answers each within 1.8 s (resolver.ts), so that 2,200 a second
 * may come to nothing before this is full.
 */
const PENDING_LIMIT = MISS_SLOTS;
/** A query longer than this is answered without being looked up: no stub sends one (name, OPT, a cookie). */
const PENDING_QUERY_BYTES = 512;
/** Of these, one client's: whoever holds all of its own back still leaves three quarters to the others (CVE-2024-33655). */
const PENDING_PER_CLIENT_LIMIT = PENDING_LIMIT / 4;
/** Answers taken per turn of the event loop, so that queries are not kept waiting by a flood of answers. */
const ANSWERS_PER_TURN = 256;

const data = workerData as AnsweringThreadData;
const parent = parentPort!;
const counters = new Float64Array(data.counters);
const misses = new SlotRing(data.misses, MISS_SLOT_BYTES);
const answers = new SlotRing(data.answers, ANSWER_SLOT_BYTES);
const answerer = new Answerer({
  cacheBytes: data.cacheBytes,
  counters,
  events: new QueryEvents(data.events, counters),
  transport: 'udp',
  cookieSecret: data.cookieSecret,
  siteName: data.siteName,
  site: () => (asked === null ? { site4: null, site6: null } : listeners.siteFor(asked)),
});

const batched = data.wakeFd === null ? null : new BatchedUdp(linux()!, data.wakeFd, onQuery);
const sockets = batched ?? new DgramUdp(onQuery);
const listeners = new UdpListeners(sockets, ({ address, port }, error) =>
  post({ type: 'broken', address, port, message: error.message }),
);

/** The listener of the query at hand; null for one whose look-up is done, which is not asked again for the site. */
let asked: UdpListener | null = null;
/** Queries waiting for the resolving thread, by token. */
const pendingPackets = new Uint8Array(PENDING_LIMIT * PENDING_QUERY_BYTES);
const pendingLengths = new Uint16Array(PENDING_LIMIT);
const pendingPeers = new Uint8Array(PENDING_LIMIT * PEER_BYTES);
const pendingClients = new Uint8Array(PENDING_LIMIT * CLIENT_ADDRESS_BYTES);
const pendingListeners: (UdpListener | null)[] = new Array(PENDING_LIMIT).fill(null);
const freeTokens = Uint32Array.from({ length: PENDING_LIMIT }, (_, index) => PENDING_LIMIT - 1 - index);
let freeCount = PENDING_LIMIT;
const repeats = new PendingQueries(PENDING_LIMIT);
const budgets = new ClientBudgets(data.clientLimits, PENDING_PER_CLIENT_LIMIT);
const pendingAccounts = new Uint16Array(PENDING_LIMIT);
/** Answers to forwarded queries are written here, then sent. */
const work = new Uint8Array(PACKET_BYTES);
const workClient = new Uint8Array(CLIENT_ADDRESS_BYTES);

function onQuery(packet: Uint8Array, length: number, client: Uint8Array, listener: UdpListener, nowMs: number): number {
  asked = listener;
  const answered = answerer.answerQuery(packet, length, client, nowMs);
  if (answered === FORWARD) return forward(packet, length, client, listener, nowMs);
  if (answerer.wantsRefresh) refresh();
  return answered;
}

/** Hands the query to the resolving thread: 0 when it is on its way, else the length of what the client is told instead. */
function forward(packet: Uint8Array, length: number, client: Uint8Array, listener: UdpListener, nowMs: number): number {
  const id = uint16(packet, 0);
  const port = listener.peerPort();
  // A client that lost patience: the first of its queries brings the answer, and no sooner for the second (RFC 5452 §5).
  if (repeats.find(client, port, id, answerer.key) >= 0) {
    count(Counter.repeated);
    return 0;
  }
  const account = budgets.account(client, nowMs);
  if (!budgets.spend(account, client)) return answerer.answerTooMany(packet, length, client, nowMs);
  const slot = misses.claim();
  if (freeCount === 0 || slot < 0 || length > PENDING_QUERY_BYTES || !budgets.wait(account)) {
    count(Counter.pendingFull);
    return answerer.answerServfail(packet, length, client, nowMs);
  }
  const token = freeTokens[--freeCount]!;
  const start = token * PENDING_QUERY_BYTES;
  for (let i = 0; i < length; i++) pendingPackets[start + i] = packet[i]!;
  pendingLengths[token] = length;
  for (let i = 0; i < CLIENT_ADDRESS_BYTES; i++) pendingClients[token * CLIENT_ADDRESS_BYTES + i] = client[i]!;
  listener.keepPeer(pendingPeers, token * PEER_BYTES);
  pendingListeners[token] = listener;
  pendingAccounts[token] = account;
  repeats.add(token, client, port, id, answerer.key);
  writeMiss(slot, token, 0);
  count(Counter.forwarded);
  return 0;
}

/** Asks for the name of the query at hand anew, for nobody: where there is no room, its answer just expires. */
function refresh(): void {
  const slot = misses.claim();
  if (slot >= 0) writeMiss(slot, 0, MISS_REFRESH);
}

function writeMiss(slot: number, token: number, flags: number): void {
  const { wanted, question } = answerer;
  const { bytes, words } = misses;
  words[slot >>> 2] = token;
  bytes[slot + 4] = question.type >>> 8;
  bytes[slot + 5] = question.type;
  bytes[slot + 6] = question.class >>> 8;
  bytes[slot + 7] = question.class;
  // With safe search another name than the question's.
  const { nameLength } = wanted;
  bytes[slot + 8] = wanted.flags | flags;
  bytes[slot + 9] = nameLength;
  for (let i = 0; i < nameLength; i++) bytes[slot + 12 + i] = wanted.bytes[i]!;
  if (misses.publish()) data.resolving.postMessage(0);
}

function count(counter: number): void {
  counters[counter] = counters[counter]! + 1;
}

/** Sends what has been looked up. True when nothing is left and the resolving thread will wake this one for more. */
function takeAnswers(): boolean {
  for (let taken = 0; taken < ANSWERS_PER_TURN; taken++) {
    const slot = answers.peek();
    if (slot < 0) {
      if (answers.fallAsleep()) return true;
      continue;
    }
    finish(slot);
    answers.release();
  }
  return false;
}

function finish(slot: number): void {
  const at = slot >>> 2;
  const { words, bytes } = answers;
  const token = words[at]!;
  const listener = pendingListeners[token];
  if (listener === null || listener === undefined) return;
  pendingListeners[token] = null;
  freeTokens[freeCount++] = token;
  repeats.remove(token);
  budgets.done(pendingAccounts[token]!);
  const length = pendingLengths[token]!;
  for (let i = 0; i < length; i++) work[i] = pendingPackets[token * PENDING_QUERY_BYTES + i]!;
  for (let i = 0; i < CLIENT_ADDRESS_BYTES; i++) workClient[i] = pendingClients[token * CLIENT_ADDRESS_BYTES + i]!;
  asked = null;

  const messageLength = words[at + 3]!;
  const flags = words[at + 2]!;
  const ede = flags >>> ANSWER_EDE_SHIFT;
  const nowMs = performance.now();
  const answered =
    messageLength === 0
      ? answerer.answerServfail(work, length, workClient, nowMs, ede)
      : answerer.answerWith(
          work,
          length,
          workClient,
          nowMs,
          bytes.subarray(slot + 16, slot + 16 + messageLength),
          words[at + 1]!,
          (flags & ANSWER_CACHEABLE) !== 0,
          ede,
        );
  if (answered > 0) listener.send(work, answered, pendingPeers, token * PEER_BYTES);
  else if (answered !== DROP) throw new Error(`answerWith returned ${answered} for a query that was forwarded`);
}

let isStopping = false;

/** Blocks in poll, and is called out of it; what the event loop has to do (messages) is done between two calls. */
function serveByBatches(udp: BatchedUdp): void {
  if (isStopping) return;
  udp.serve(takeAnswers);
  setImmediate(serveByBatches, udp);
}

/** Where Node's event loop serves the sockets: a message says that there are answers. */
function takeAnswersInTurns(): void {
  if (!takeAnswers()) setImmediate(takeAnswersInTurns);
}

async function stop(): Promise<void> {
  isStopping = true;
  await listeners.close();
  data.resolving.close();
  post({ type: 'stopped' });
  parent.close();
}

function adopt(generation: Generation): void {
  answerer.adopt(generation);
  post({ type: 'adopted', number: generation.number });
}

function post(message: FromAnswering): void {
  parent.postMessage(message);
}

parent.on('message', (message: ToAnswering) => {
  switch (message.type) {
    case 'generation':
      adopt(message.generation);
      break;
    case 'listen':
      void listeners.become(message.specs).then((result) => post({ type: 'listening', id: message.id, ...result }));
      break;
    case 'stop':
      void stop();
      break;
  }
});
// Several would cut each other's batches short.
if (data.isAlone) takeShortTurns();
if (batched === null) {
  data.resolving.on('message', takeAnswersInTurns);
  takeAnswersInTurns();
} else {
  // A thread that starts takes its first message late: it must not sleep before it has rules.
  parent.once('message', () => serveByBatches(batched));
}

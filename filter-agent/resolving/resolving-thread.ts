/**
 * The resolving thread: takes misses from the answering threads and queries over TCP, looks names up, hands the
 * messages back. It never sends a datagram to a client: the answering threads own their sockets.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Answerer, FORWARD, type SiteAddresses } from '../answering/answer-query.ts';
import { type BudgetLimits, ClientBudgets } from '../answering/client-budgets.ts';
import { HEADER_BYTES, uint16 } from '../answering/dns-question.ts';
import { QueryEvents } from '../answering/query-events.ts';
import { KEY_CHECKING_DISABLED, KEY_DNSSEC_OK } from '../answering/response-cache.ts';
import type { ListenSpec } from '../answering/udp-listeners.ts';
import {
  ANSWER_CACHEABLE,
  ANSWER_EDE_SHIFT,
  ANSWER_SLOT_BYTES,
  Counter,
  type Generation,
  MESSAGE_LIMIT_UDP,
  MISS_REFRESH,
  MISS_SLOT_BYTES,
  SlotRing,
} from '../shared-memory.ts';
import { linuxMemory, wake } from '../sockets/linux.ts';
import { type Bound, ListenerSet, type ListenFailure } from '../sockets/listener-set.ts';
import { listenTcp, type TcpListener } from '../sockets/tcp.ts';
import { ClockTrust } from './clock-trust.ts';
import { createUpstream } from './create-upstream.ts';
import { type Looked, Resolver } from './resolver.ts';
import type { Upstream, UpstreamQuestion, UpstreamSpec } from './upstream.ts';
import { type UpstreamHealth, Upstreams } from './upstreams.ts';

/** Zones (lower case, no final dot: "lan") whose questions go to these upstreams only. */
export interface ForwardSpec {
  readonly zones: readonly string[];
  readonly upstreams: readonly UpstreamSpec[];
}

export interface ResolvingThreadData {
  /** One pair of rings for each answering thread. */
  readonly peers: readonly {
    readonly misses: SharedArrayBuffer;
    readonly answers: SharedArrayBuffer;
    /** Wakes this thread when there are misses. */
    readonly answering: MessagePort;
    /** Wakes the answering thread out of its poll (linux.ts); null where it has an event loop to post to. */
    readonly wakeFd: number | null;
  }[];
  readonly events: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly upstreams: readonly UpstreamSpec[];
  readonly forward: readonly ForwardSpec[];
  /** Names (lower case, no final dot) below which a public answer may hold private addresses. */
  readonly allowPrivateAnswers: readonly string[];
  readonly cacheBytes: number;
  readonly siteName: string;
  /** The same on every thread (server-cookie.ts). */
  readonly cookieSecret: Uint8Array;
  readonly clientLimits: BudgetLimits;
}

export type ToResolving =
  | { readonly type: 'generation'; readonly generation: Generation }
  | { readonly type: 'clock'; readonly trusted: boolean }
  | { readonly type: 'listen'; readonly id: number; readonly specs: readonly ListenSpec[] }
  | { readonly type: 'stop' };

export type FromResolving =
  | { readonly type: 'adopted'; readonly number: number }
  | {
      readonly type: 'listening';
      readonly id: number;
      readonly bound: readonly Bound[];
      readonly failed: readonly ListenFailure[];
    }
  | { readonly type: 'broken'; readonly address: string; readonly port: number; readonly message: string }
  | { readonly type: 'health'; readonly upstreams: readonly UpstreamHealth[] }
  | { readonly type: 'stopped' };

/** The big cache is behind it, on the same thread: this one only saves judging again what a client asks again. */
const TCP_CACHE_BYTES = 1 << 18;
/** Queries of one client that wait, over all its connections: see sockets/tcp.ts for those of one. */
const TCP_PENDING_PER_CLIENT_LIMIT = 256;
/** Misses taken from one ring per turn of the event loop, so that sockets and the other rings get theirs. */
const MISSES_PER_TURN = 256;
/** Messages that wait for room in an answering thread's ring; past that the client asks again. */
const WAITING_ANSWERS_LIMIT = 4096;
/** How soon a full ring is tried again. */
const RING_FULL_RETRY_MS = 1;
/**
 * The C library's free memory goes back to the system so often: sockets and messages come and go on this thread, and leave
 * 15 MB of holes after a busy minute. It takes some 2 ms, under a lock that other threads may wait for; control, which
 * stands back behind everybody, would hold it for as long as they answer.
 */
const GIVE_BACK_INTERVAL_MS = 60_000;

setInterval(() => linuxMemory()?.malloc_trim?.(0), GIVE_BACK_INTERVAL_MS).unref();

const data = workerData as ResolvingThreadData;
const parent = parentPort!;
const counters = new Float64Array(data.counters);
const clock = new ClockTrust();
const upstreams = new Upstreams(createAll(data.upstreams), (health) => {
  post({ type: 'health', upstreams: health });
  noteRecovery(health);
});
const resolver = new Resolver({
  upstreams,
  forward: data.forward.map((forward) => ({
    zones: forward.zones,
    upstreams: new Upstreams(createAll(forward.upstreams), noteRecovery),
  })),
  allowPrivateAnswers: data.allowPrivateAnswers,
  siteName: data.siteName,
  cacheBytes: data.cacheBytes,
  count: (counter) => {
    counters[counter] = counters[counter]! + 1;
  },
});
const answerer = new Answerer({
  cacheBytes: TCP_CACHE_BYTES,
  counters,
  events: new QueryEvents(data.events, counters),
  transport: 'tcp',
  cookieSecret: data.cookieSecret,
  siteName: data.siteName,
  site: () => askedAt,
});
const budgets = new ClientBudgets(data.clientLimits, TCP_PENDING_PER_CLIENT_LIMIT);
/** Where the TCP query at hand came in. */
let askedAt: SiteAddresses = { site4: null, site6: null };
const listeners = new ListenerSet<ListenSpec, TcpListener>((spec, currentSpec) => {
  const { address, port } = spec;
  return listenTcp({
    address,
    port,
    onQuery: (query, client, reply) => onTcpQuery(currentSpec(), query, client, reply),
    onBroken: (error) => {
      listeners.forget(spec);
      post({ type: 'broken', address, port, message: error.message });
    },
  });
});

function createAll(specs: readonly UpstreamSpec[]): Upstream[] {
  return specs.map((spec) => createUpstream(spec, clock));
}

function noteRecovery(health: readonly UpstreamHealth[]): void {
  if (health.some(({ healthy }) => healthy)) resolver.upstreamIsBack();
}

// ---- misses of the answering threads ---------------------------------------------------------------------------

for (const peer of data.peers) {
  const misses = new SlotRing(peer.misses, MISS_SLOT_BYTES);
  const answers = new SlotRing(peer.answers, ANSWER_SLOT_BYTES);
  const waiting: { token: number; looked: Looked; question: UpstreamQuestion }[] = [];

  const wakeAnswering = () => (peer.wakeFd === null ? peer.answering.postMessage(0) : wake(peer.wakeFd));

  const drainWaiting = () => {
    while (waiting.length > 0) {
      const slot = answers.claim();
      if (slot < 0) {
        setTimeout(drainWaiting, RING_FULL_RETRY_MS);
        return;
      }
      const { token, looked, question } = waiting.shift()!;
      writeAnswer(answers, slot, token, looked, question);
      if (answers.publish()) wakeAnswering();
    }
  };
  const give = (token: number, looked: Looked, question: UpstreamQuestion) => {
    if (waiting.length >= WAITING_ANSWERS_LIMIT) throw new Error('More answers waiting than queries can be pending');
    waiting.push({ token, looked, question });
    if (waiting.length === 1) drainWaiting();
  };
  const takeMisses = () => {
    for (let taken = 0; taken < MISSES_PER_TURN; taken++) {
      const slot = misses.peek();
      if (slot < 0) {
        if (misses.fallAsleep()) return;
        continue;
      }
      const token = misses.words[slot >>> 2]!;
      const question = readMiss(misses.bytes, slot);
      const isRefresh = (misses.bytes[slot + 8]! & MISS_REFRESH) !== 0;
      misses.release();
      if (isRefresh) resolver.refresh(question);
      else resolver.lookUp(question, (looked) => give(token, looked, question));
    }
    setImmediate(takeMisses);
  };
  peer.answering.on('message', takeMisses);
  takeMisses();
}

function readMiss(bytes: Uint8Array, slot: number): UpstreamQuestion {
  return {
    type: uint16(bytes, slot + 4),
    class: uint16(bytes, slot + 6),
    dnssecOk: (bytes[slot + 8]! & KEY_DNSSEC_OK) !== 0,
    checkingDisabled: (bytes[slot + 8]! & KEY_CHECKING_DISABLED) !== 0,
    name: bytes.slice(slot + 12, slot + 12 + bytes[slot + 9]!),
  };
}

function writeAnswer(ring: SlotRing, slot: number, token: number, looked: Looked, question: UpstreamQuestion): void {
  const at = slot >>> 2;
  const { message } = looked;
  const flags = looked.ede << ANSWER_EDE_SHIFT;
  ring.words[at] = token;
  ring.words[at + 1] = looked.ageSeconds;
  ring.words[at + 2] = flags | (looked.cacheable ? ANSWER_CACHEABLE : 0);
  if (message === null) {
    ring.words[at + 3] = 0;
    return;
  }
  if (message.length <= MESSAGE_LIMIT_UDP) {
    ring.words[at + 3] = message.length;
    ring.bytes.set(message, slot + 16);
    return;
  }
  // Too large for any datagram: its question with TC, not cached there, so that the client comes back over TCP.
  const length = HEADER_BYTES + question.name.length + 4;
  ring.bytes.set(message.subarray(0, length), slot + 16);
  ring.bytes[slot + 16 + 2] = ring.bytes[slot + 16 + 2]! | 0x02;
  ring.bytes.fill(0, slot + 16 + 6, slot + 16 + HEADER_BYTES);
  ring.words[at + 2] = flags;
  ring.words[at + 3] = length;
}

// ---- TCP -------------------------------------------------------------------------------------------------------

function onTcpQuery(
  spec: ListenSpec,
  query: Uint8Array,
  client: Uint8Array,
  reply: (answer: Uint8Array | null) => void,
): void {
  const packet = tcpPacket(query);
  const give = (length: number) => reply(length > 0 ? packet.subarray(0, length) : null);
  askedAt = spec;
  const nowMs = performance.now();
  const answered = answerer.answerQuery(packet, query.length, client, nowMs);
  if (answered !== FORWARD) {
    give(answered);
    return;
  }
  const account = budgets.account(client, nowMs);
  if (!budgets.spend(account, client)) {
    give(answerer.answerTooMany(packet, query.length, client, nowMs));
    return;
  }
  if (!budgets.wait(account)) {
    counters[Counter.pendingFull] = counters[Counter.pendingFull]! + 1;
    give(answerer.answerServfail(packet, query.length, client, nowMs));
    return;
  }
  const { wanted, question } = answerer;
  const { flags } = wanted;
  const asked: UpstreamQuestion = {
    // With safe search another than the question's.
    name: wanted.bytes.slice(0, wanted.nameLength),
    type: question.type,
    class: question.class,
    dnssecOk: (flags & KEY_DNSSEC_OK) !== 0,
    checkingDisabled: (flags & KEY_CHECKING_DISABLED) !== 0,
  };
  const waiting = query.slice();
  resolver.lookUp(asked, ({ message, ageSeconds, cacheable, ede }) => {
    budgets.done(account);
    tcpPacket(waiting);
    askedAt = spec;
    const { length } = waiting;
    const doneMs = performance.now();
    give(
      message === null
        ? answerer.answerServfail(packet, length, client, doneMs, ede)
        : answerer.answerWith(packet, length, client, doneMs, message, ageSeconds, cacheable, ede),
    );
  });
}

/** The one buffer in which TCP queries are answered: a reply copies it before the next. */
const tcpBuffer = new Uint8Array(65_535);

function tcpPacket(query: Uint8Array): Uint8Array {
  tcpBuffer.set(query);
  return tcpBuffer;
}

async function stop(): Promise<void> {
  await listeners.close();
  resolver.close();
  for (const peer of data.peers) peer.answering.close();
  post({ type: 'stopped' });
  parent.close();
}

function adopt(generation: Generation): void {
  answerer.adopt(generation);
  post({ type: 'adopted', number: generation.number });
}

function post(message: FromResolving): void {
  parent.postMessage(message);
}

parent.on('message', (message: ToResolving) => {
  switch (message.type) {
    case 'generation':
      adopt(message.generation);
      break;
    case 'clock':
      clock.set(message.trusted);
      break;
    case 'listen':
      void listeners.become(message.specs).then((result) => post({ type: 'listening', id: message.id, ...result }));
      break;
    case 'stop':
      void stop();
      break;
  }
});
post({ type: 'health', upstreams: upstreams.health() });

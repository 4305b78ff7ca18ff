/**
 * The threads that answer: starts them, hands generations over and collects the acknowledgements, opens and closes
 * their sockets, reads their counters. Belongs to the composition root: it knows the threads, and they know nothing of it.
 */
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { AnsweringThreadData, FromAnswering, ToAnswering } from './answering/answering-thread.ts';
import type { BudgetLimits } from './answering/client-budgets.ts';
import { COOKIE_SECRET_BYTES } from './answering/server-cookie.ts';
import type { ListenSpec } from './answering/udp-listeners.ts';
import type { ForwardSpec, FromResolving, ResolvingThreadData, ToResolving } from './resolving/resolving-thread.ts';
import type { UpstreamSpec } from './resolving/upstream.ts';
import type { UpstreamHealth } from './resolving/upstreams.ts';
import {
  ANSWER_SLOT_BYTES,
  ANSWER_SLOTS,
  Counter,
  type CounterName,
  createCounters,
  createRing,
  EVENT_SLOT_BYTES,
  EVENT_SLOTS,
  type Generation,
  MISS_SLOT_BYTES,
  MISS_SLOTS,
} from './shared-memory.ts';
import { bindAlone } from './sockets/dgram-udp.ts';
import { createWakeFd, wake } from './sockets/linux.ts';
import type { Bound, ListenAt, ListenFailure } from './sockets/listener-set.ts';

export interface DataPlaneOptions {
  readonly answeringThreads: number;
  readonly upstreams: readonly UpstreamSpec[];
  readonly forward?: readonly ForwardSpec[];
  /** Names (lower case, no final dot) below which a public answer may hold private addresses. */
  readonly allowPrivateAnswers?: readonly string[];
  readonly cacheBytes: number;
  /** What each client may take of look-ups; left out, no limit. */
  readonly clientLimits?: BudgetLimits;
  /** The local site's name, which blocked answers tell. */
  readonly siteName: string;
  /** Serve UDP by batches; left out, where the system can. */
  readonly batched?: boolean;
  /** A thread ended or threw. The box cannot answer as it should: the process must end and be started again. */
  readonly onDeath: (error: Error) => void;
  /** A socket broke; it is opened again at the next listen(). */
  readonly onBroken: (address: string, port: number, message: string) => void;
}

export interface ListenResult {
  readonly udp: readonly Bound[];
  readonly tcp: readonly Bound[];
  readonly failed: readonly (ListenFailure & { readonly protocol: 'udp' | 'tcp' })[];
}

/** Each answering thread's own cache: some 60,000 answers of an A record, more than a large site asks for in a day. */
const OWN_CACHE_BYTES = 1 << 23;
/**
 * What one packet leaves behind (a datagram's buffer, a peer, an answer's copy) is garbage at once, and V8 would let it pile
 * up to 48 MB in each thread before it looks. With this the box stays 100 MB smaller under a flood, and a Pi has 1 GB.
 */
const YOUNG_GENERATION_MEGABYTES = 12;
/** A thread that has not acknowledged a generation by then is stuck, and the box with it. */
const ADOPT_TIMEOUT_MS = 10_000;

interface Thread {
  readonly worker: Worker;
  readonly name: string;
  adopted: number;
  ended: boolean;
  /** An answering thread that sleeps in poll() sees no message before it is woken (linux.ts). */
  readonly wakeFd: number | null;
}

export class DataPlane {
  readonly #threads: Thread[] = [];
  readonly #resolving: Thread;
  readonly #counters: Float64Array[] = [];
  readonly #options: DataPlaneOptions;
  readonly #adoptions: {
    number: number;
    resolve: () => void;
    reject: (error: Error) => void;
    timer: NodeJS.Timeout;
  }[] = [];
  readonly #listenings = new Map<
    number,
    {
      left: number;
      results: { thread: Thread; bound: readonly Bound[]; failed: readonly ListenFailure[] }[];
      resolve: () => void;
    }
  >();
  #nextListening = 1;
  /** Where the answering threads have a UDP socket (keyOf). */
  #held = new Set<string>();
  /** Of these, the places that somebody else has a part of: each address has a socket of its own from then on. */
  readonly #unshared = new Set<string>();
  #upstreamHealth: readonly UpstreamHealth[] = [];
  #stopping = false;
  /** One event ring for each thread that answers. */
  readonly eventRings: readonly SharedArrayBuffer[];

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    const eventRings: SharedArrayBuffer[] = [];
    const cookieSecret = Uint8Array.from(randomBytes(COOKIE_SECRET_BYTES));
    const clientLimits = options.clientLimits ?? { perSecond: 0, exempt: [] };
    const peers: ResolvingThreadData['peers'][number][] = [];
    for (let index = 0; index < options.answeringThreads; index++) {
      const channel = new MessageChannel();
      const wakeFd = options.batched === false ? null : createWakeFd();
      const misses = createRing(MISS_SLOTS, MISS_SLOT_BYTES);
      const answers = createRing(ANSWER_SLOTS, ANSWER_SLOT_BYTES);
      const data: AnsweringThreadData = {
        misses,
        answers,
        events: addRing(eventRings),
        counters: this.#addCounters(),
        cacheBytes: OWN_CACHE_BYTES,
        siteName: options.siteName,
        cookieSecret,
        clientLimits,
        resolving: channel.port1,
        wakeFd,
        isAlone: options.answeringThreads === 1,
      };
      peers.push({ misses, answers, answering: channel.port2, wakeFd });
      const url = new URL('./answering/answering-thread.ts', import.meta.url);
      this.#threads.push(this.#start(`answering ${index + 1}`, url, data, [channel.port1], wakeFd));
    }
    const data: ResolvingThreadData = {
      peers,
      events: addRing(eventRings),
      counters: this.#addCounters(),
      upstreams: options.upstreams,
      forward: options.forward ?? [],
      allowPrivateAnswers: options.allowPrivateAnswers ?? [],
      cacheBytes: options.cacheBytes,
      siteName: options.siteName,
      cookieSecret,
      clientLimits,
    };
    const url = new URL('./resolving/resolving-thread.ts', import.meta.url);
    this.#resolving = this.#start(
      'resolving',
      url,
      data,
      peers.map(({ answering }) => answering),
      null,
    );
    this.#threads.push(this.#resolving);
    this.eventRings = eventRings;
  }

  /** Resolves when every thread reads the generation. */
  publish(generation: Generation): Promise<void> {
    return new Promise((resolve, reject) => {
      const { number } = generation;
      const timer = setTimeout(() => {
        const late = this.#threads.filter((thread) => thread.adopted < number).map((thread) => thread.name);
        const error = new Error(
          `Generation ${number} was not acknowledged within ${ADOPT_TIMEOUT_MS} ms by: ${late.join(', ')}`,
        );
        reject(error);
        this.#options.onDeath(error);
      }, ADOPT_TIMEOUT_MS);
      this.#adoptions.push({ number, resolve, reject, timer });
      for (const thread of this.#threads) this.#post(thread, { type: 'generation', generation });
    });
  }

  /** Makes `specs` the complete set of addresses, over UDP and TCP. Never rejects: failures are in the result. */
  async listen(specs: readonly Omit<ListenSpec, 'reusePort'>[]): Promise<ListenResult> {
    const id = this.#nextListening++;
    const reusePort = this.#options.answeringThreads > 1;
    const taken = reusePort ? await this.#takenByOthers(specs.map((spec) => this.#placed(spec))) : [];
    const isFree = ({ address, port }: ListenAt) => !taken.some((at) => at.address === address && at.port === port);
    const forUdp = specs.filter(isFree).map((spec) => this.#placed(spec));
    const listening = {
      left: this.#threads.length,
      results: [] as { thread: Thread; bound: readonly Bound[]; failed: readonly ListenFailure[] }[],
      resolve: () => {},
    };
    const done = new Promise<void>((resolve) => {
      listening.resolve = resolve;
    });
    this.#listenings.set(id, listening);
    const isTcp = (thread: Thread) => thread === this.#resolving;
    for (const thread of this.#threads) {
      const wanted = isTcp(thread) ? specs : forUdp;
      this.#post(thread, { type: 'listen', id, specs: wanted.map((spec) => ({ ...spec, reusePort })) });
    }
    await done;
    this.#noteHeld(
      forUdp,
      listening.results.flatMap(({ thread, bound }) => (isTcp(thread) ? [] : bound)),
    );
    const failed = listening.results.flatMap(({ thread, failed: own }) =>
      own.map((failure) => ({ ...failure, protocol: isTcp(thread) ? ('tcp' as const) : ('udp' as const) })),
    );
    return {
      udp: listening.results.find(({ thread }) => !isTcp(thread))?.bound ?? [],
      tcp: listening.results.find(({ thread }) => isTcp(thread))?.bound ?? [],
      failed: [...taken.map((failure) => ({ ...failure, protocol: 'udp' as const })), ...failed],
    };
  }

  /**
   * SO_REUSEPORT lets every program of the same user share an address, not only our own threads, and each would get a
   * part of the clients without a word: a second box, say, with another policy. So where none of ours is yet, a socket
   * that shares with nobody tries first.
   */
  async #takenByOthers(specs: readonly Omit<ListenSpec, 'reusePort'>[]): Promise<ListenFailure[]> {
    const taken: ListenFailure[] = [];
    for (const spec of specs) {
      if (this.#held.has(keyOf(spec))) continue;
      const { address, port } = spec;
      try {
        await bindAlone(address, port);
      } catch (error) {
        const { code = 'UNKNOWN', message } = error as NodeJS.ErrnoException;
        // Whatever else is wrong with it, the threads find out by themselves.
        if (code !== 'EADDRINUSE') continue;
        taken.push({ address, port, code, message });
        this.#unshared.add(keyOf(spec));
      }
    }
    return taken;
  }

  /**
   * One socket for all addresses is refused where somebody else holds one of them, but only to the first thread: once
   * that has a socket on another of them, the kernel lets the next thread have it (udp_lib_lport_inuse() ends at the
   * first that shares), and no client is given to it. So it is told to all of them alike.
   */
  #placed(spec: Omit<ListenSpec, 'reusePort'>): Omit<ListenSpec, 'reusePort'> {
    return this.#unshared.has(keyOf(spec)) ? { ...spec, shared: null } : spec;
  }

  #noteHeld(specs: readonly Omit<ListenSpec, 'reusePort'>[], bound: readonly Bound[]): void {
    const open = new Set(bound.map(({ address, askedPort }) => `${address} ${askedPort}`));
    this.#held = new Set(specs.filter(({ address, port }) => open.has(`${address} ${port}`)).map(keyOf));
  }

  /** The sum over all threads. */
  counter(name: CounterName): number {
    return this.#counters.reduce((sum, counters) => sum + counters[Counter[name]]!, 0);
  }

  /** Whether the dates of an upstream's certificate can be judged; they are, until this says otherwise. */
  setClockTrusted(trusted: boolean): void {
    this.#post(this.#resolving, { type: 'clock', trusted });
  }

  upstreamHealth(): readonly UpstreamHealth[] {
    return this.#upstreamHealth;
  }

  /** Closes the sockets and ends the threads. To be called once. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { timer } of this.#adoptions) clearTimeout(timer);
    // The answering threads first: what they still wait for is answered by the resolving thread.
    const [resolving, answering] = [this.#resolving, this.#threads.filter((thread) => thread !== this.#resolving)];
    await Promise.all(answering.map((thread) => this.#end(thread)));
    await this.#end(resolving);
    // Whoever sleeps on one or calls through it is gone.
    for (const { wakeFd } of answering) if (wakeFd !== null) closeSync(wakeFd);
  }

  #start(
    name: string,
    url: URL,
    workerData: object,
    transferList: import('node:worker_threads').Transferable[],
    wakeFd: number | null,
  ): Thread {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MEGABYTES };
    const worker = new Worker(url, { name, workerData, transferList, resourceLimits });
    const thread: Thread = { worker, name, adopted: 0, ended: false, wakeFd };
    worker.on('message', (message: FromAnswering | FromResolving) => this.#receive(thread, message));
    worker.on('error', (cause) => this.#die(new Error(`The ${name} thread failed: ${messageOf(cause)}`, { cause })));
    worker.on('exit', (code) => {
      thread.ended = true;
      if (!this.#stopping) this.#die(new Error(`The ${name} thread ended with code ${code}`));
    });
    return thread;
  }

  /** Whoever waits for a generation is told at once: a thread that is gone acknowledges nothing. */
  #die(error: Error): void {
    for (const { reject, timer } of this.#adoptions.splice(0)) {
      clearTimeout(timer);
      reject(error);
    }
    this.#options.onDeath(error);
  }

  #receive(thread: Thread, message: FromAnswering | FromResolving): void {
    switch (message.type) {
      case 'adopted':
        thread.adopted = Math.max(thread.adopted, message.number);
        this.#settleAdoptions();
        break;
      case 'listening': {
        const listening = this.#listenings.get(message.id);
        if (listening === undefined) break;
        listening.results.push({ thread, bound: message.bound, failed: message.failed });
        if (listening.results.length < listening.left) break;
        this.#listenings.delete(message.id);
        listening.resolve();
        break;
      }
      case 'broken':
        this.#options.onBroken(message.address, message.port, message.message);
        break;
      case 'health':
        this.#upstreamHealth = message.upstreams;
        break;
      case 'stopped':
        break;
    }
  }

  #settleAdoptions(): void {
    const reached = Math.min(...this.#threads.map((thread) => thread.adopted));
    while (this.#adoptions.length > 0 && this.#adoptions[0]!.number <= reached) {
      const { resolve, timer } = this.#adoptions.shift()!;
      clearTimeout(timer);
      resolve();
    }
  }

  #addCounters(): SharedArrayBuffer {
    const buffer = createCounters();
    this.#counters.push(new Float64Array(buffer));
    return buffer;
  }

  #post(thread: Thread, message: ToAnswering | ToResolving): void {
    // Its wake descriptor may be closed by now, and the number another file's.
    if (thread.ended) return;
    thread.worker.postMessage(message);
    if (thread.wakeFd !== null) wake(thread.wakeFd);
  }

  #end(thread: Thread): Promise<void> {
    if (thread.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => void thread.worker.terminate(), 2_000);
      thread.worker.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#post(thread, { type: 'stop' });
    });
  }
}

function addRing(rings: SharedArrayBuffer[]): SharedArrayBuffer {
  const ring = createRing(EVENT_SLOTS, EVENT_SLOT_BYTES);
  rings.push(ring);
  return ring;
}

/** "127.0.0.1 53"; "0.0.0.0 53" for one of all, which may share a socket: an address that joins them is ours as well. */
function keyOf({ address, port, shared }: Omit<ListenSpec, 'reusePort'>): string {
  return `${shared ?? address} ${port}`;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

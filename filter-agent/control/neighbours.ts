/**
 * Follows the kernel's neighbour table: which MAC address is behind which IP address on the wire.
 *
 * Owns when it is read, and which of its changes count. How is neighbour-table.ts's, and which device that makes is in
 * devices.ts. Nothing of it is stored or logged: of a MAC address that nobody has named, only the present table is ever
 * held, so that it can be counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Neighbour, NeighbourTable } from './neighbour-table.ts';

export interface NeighbourWatchOptions {
  /** Called with the whole table when an address has come, gone or changed hands. */
  onChange: (neighbours: readonly Neighbour[]) => void;
  /** Called with a sentence when the table cannot be read, and the last good one stays; with null when it was read. */
  onProblem?: (text: string | null) => void;
  /** MAC addresses that the policy names, lower-case. While there is none, the table is only read to be counted. */
  namedMacs: () => ReadonlySet<string>;
  /** Between two readings while MAC addresses are named; changes that the kernel announces are read at once. */
  intervalMs?: number;
  /** Between two readings while none is named. */
  idleIntervalMs?: number;
  /** The program to ask, with leading arguments: ["ip"], or ["ip", "-n", "NAMESPACE"]. */
  ipCommand?: readonly string[];
}

export interface NeighbourWatch {
  /** The last table that was read. */
  current(): readonly Neighbour[];
  /** Reads the table now: after a start, and after a policy has named other MAC addresses. */
  refresh(): Promise<readonly Neighbour[]>;
  close(): void;
}

/** A sleeping tablet leaves the kernel's table within a minute, and its lease lasts an hour: so long its address stays its own. */
const REMEMBER_MS = 60 * 60_000;
/** A busy network announces many changes; one reading answers for all of a tenth of a second. */
const SETTLE_MS = 100;
/** At most four readings a second (2 ms of work each), however much the kernel announces. */
const MIN_GAP_MS = 250;

/** Starts reading at once; the first `onChange` comes with the first table that is not empty. */
export function watchNeighbours(options: NeighbourWatchOptions): NeighbourWatch {
  const ip = options.ipCommand ?? ['ip'];
  const kernel = new NeighbourTable(ip);
  const intervalMs = options.intervalMs ?? 15_000;
  const idleIntervalMs = options.idleIntervalMs ?? 60_000;
  const remembered = new Map<string, { neighbour: Neighbour; seenAtMs: number }>();
  let table: readonly Neighbour[] = [];
  let fingerprint = '';
  let timer: NodeJS.Timeout | undefined;
  let timerDueMs = Number.POSITIVE_INFINITY;
  let lastReadMs = Number.NEGATIVE_INFINITY;
  let monitor: ChildProcess | undefined;
  let reading: Promise<readonly Neighbour[]> | undefined;
  let closed = false;

  async function read(): Promise<readonly Neighbour[]> {
    try {
      const seen = await kernel.read();
      if (closed) return table;
      options.onProblem?.(null);
      adopt(withRemembered(seen, remembered, options.namedMacs(), performance.now()));
    } catch (error) {
      if (!closed) options.onProblem?.(error instanceof Error ? error.message : String(error));
    } finally {
      lastReadMs = performance.now();
      reading = undefined;
      keepMonitor();
      schedule(options.namedMacs().size > 0 ? intervalMs : idleIntervalMs);
    }
    return table;
  }

  function adopt(next: readonly Neighbour[]): void {
    const nextFingerprint = next
      .map((neighbour) => `${neighbour.address} ${neighbour.interfaceName} ${neighbour.mac}`)
      .sort()
      .join('\n');
    table = next;
    if (nextFingerprint === fingerprint) return;
    fingerprint = nextFingerprint;
    options.onChange(table);
  }

  function schedule(delayMs: number): void {
    if (closed) return;
    const dueMs = performance.now() + delayMs;
    if (timer !== undefined && timerDueMs <= dueMs) return;
    clearTimeout(timer);
    timerDueMs = dueMs;
    timer = setTimeout(() => {
      timer = undefined;
      void refresh();
    }, delayMs);
    timer.unref();
  }

  /** `ip monitor` costs nothing while the network is quiet, and a device is known as soon as the kernel has met it. */
  function keepMonitor(): void {
    if (options.namedMacs().size === 0) monitor?.kill();
    if (closed || monitor !== undefined || options.namedMacs().size === 0) return;
    const [program, ...leading] = ip;
    const child = spawn(program!, [...leading, 'monitor', 'neigh'], { stdio: ['ignore', 'pipe', 'ignore'] });
    monitor = child;
    child.stdout.on('data', () => schedule(Math.max(SETTLE_MS, lastReadMs + MIN_GAP_MS - performance.now())));
    child.on('error', () => {
      monitor = undefined;
    });
    child.on('exit', () => {
      monitor = undefined;
    });
    child.unref();
  }

  function refresh(): Promise<readonly Neighbour[]> {
    if (closed) return Promise.resolve(table);
    reading ??= read();
    return reading;
  }

  void refresh();
  return {
    current: () => table,
    refresh,
    close() {
      closed = true;
      clearTimeout(timer);
      monitor?.kill();
      kernel.close();
    },
  };
}

/** Adds the named devices that are asleep, unless somebody else has their address by now. Exported for its test. */
export function withRemembered(
  seen: readonly Neighbour[],
  remembered: Map<string, { neighbour: Neighbour; seenAtMs: number }>,
  namedMacs: ReadonlySet<string>,
  nowMs: number,
): Neighbour[] {
  for (const [key, { neighbour, seenAtMs }] of remembered) {
    if (nowMs - seenAtMs >= REMEMBER_MS || !namedMacs.has(neighbour.mac)) remembered.delete(key);
  }
  for (const neighbour of seen) {
    const key = `${neighbour.address} ${neighbour.interfaceName}`;
    if (namedMacs.has(neighbour.mac)) remembered.set(key, { neighbour, seenAtMs: nowMs });
    else remembered.delete(key);
  }
  const present = new Set(seen.map((neighbour) => `${neighbour.address} ${neighbour.interfaceName}`));
  const asleep = [...remembered].filter(([key]) => !present.has(key));
  return [...seen, ...asleep.map(([, { neighbour }]) => ({ ...neighbour, active: false }))];
}

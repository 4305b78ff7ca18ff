/**
 * The kernel's neighbour table: which MAC address is behind which IP address on the wire.
 *
 * Owns reading it and noticing changes. Which device that makes is in devices.ts. Nothing of it is stored or logged:
 * of a MAC address that nobody has named, only the present table is ever held, so that it can be counted.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Neighbour {
  /** As the kernel writes it, without a zone: "192.168.1.20", "fe80::1". */
  address: string;
  /** "eth0". */
  interfaceName: string;
  /** Lower-case, colon-separated. */
  mac: string;
  /** The kernel has confirmed within the last ten minutes that it is there. */
  active: boolean;
}

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
const ACTIVE_WITHIN_SECONDS = 600;

/** Starts reading at once; the first `onChange` comes with the first table that is not empty. */
export function watchNeighbours(options: NeighbourWatchOptions): NeighbourWatch {
  const ip = options.ipCommand ?? ['ip'];
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
      const seen = await readNeighbours(ip);
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
    },
  };
}

/** Reads the table once: both families by iproute2, or IPv4 alone from /proc where that is missing. */
export async function readNeighbours(ipCommand: readonly string[] = ['ip']): Promise<Neighbour[]> {
  const [program, ...leading] = ipCommand;
  try {
    const { stdout } = await run(program!, [...leading, '-s', '-json', 'neigh', 'show'], { maxBuffer: 16 << 20 });
    return parseIpNeigh(stdout);
  } catch (cause) {
    // No iproute2, or busybox's, which knows no JSON. A namespace's table is not in this process's /proc.
    if (leading.length > 0) throw unreadable(ipCommand, cause);
    try {
      return parseProcArp(await readFile('/proc/net/arp', 'utf8'));
    } catch {
      throw unreadable(ipCommand, cause);
    }
  }
}

const run = promisify(execFile);

function unreadable(ipCommand: readonly string[], cause: unknown): Error {
  const said = cause instanceof Error ? cause.message.trim() : String(cause);
  return new Error(
    `cannot read the neighbour table with "${ipCommand.join(' ')} -json neigh show" (${said}): install iproute2, or name devices by IP address`,
    { cause },
  );
}

/** The output of `ip -json neigh show`, with or without `-s`. Entries that lead to nobody are left out. */
export function parseIpNeigh(json: string): Neighbour[] {
  const entries: unknown = JSON.parse(json.trim() === '' ? '[]' : json);
  if (!Array.isArray(entries)) throw new SyntaxError('expected a JSON array from ip -json neigh show');
  const neighbours: Neighbour[] = [];
  for (const entry of entries as Partial<IpNeighEntry>[]) {
    const { dst, dev, lladdr, state = [], confirmed } = entry;
    if (typeof dst !== 'string' || typeof dev !== 'string' || typeof lladdr !== 'string') continue;
    if (state.includes('FAILED') || state.includes('INCOMPLETE')) continue;
    const mac = lladdr.toLowerCase();
    if (!isUnicastMac(mac)) continue;
    const active =
      state.includes('REACHABLE') ||
      state.includes('DELAY') ||
      confirmed === undefined ||
      confirmed <= ACTIVE_WITHIN_SECONDS;
    neighbours.push({ address: withoutZone(dst), interfaceName: dev, mac, active });
  }
  return neighbours;
}

interface IpNeighEntry {
  dst: string;
  dev: string;
  lladdr: string;
  state: string[];
  /** Seconds since the kernel last heard from it; only with `-s`. */
  confirmed: number;
}

/** /proc/net/arp: IPv4 only; flag 0x2 says that the hardware address is known. */
export function parseProcArp(text: string): Neighbour[] {
  const neighbours: Neighbour[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [address, , flags, mac, , interfaceName] = line.trim().split(/\s+/);
    if (address === undefined || flags === undefined || mac === undefined || interfaceName === undefined) continue;
    if ((Number.parseInt(flags, 16) & 0x2) === 0 || !isUnicastMac(mac.toLowerCase())) continue;
    neighbours.push({ address, interfaceName, mac: mac.toLowerCase(), active: true });
  }
  return neighbours;
}

/** Six octets, not all zero (loopback), and not a multicast address (the low bit of the first octet). */
function isUnicastMac(mac: string): boolean {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac) || mac === '00:00:00:00:00:00') return false;
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 0;
}

function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
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

/**
 * Reads the kernel's neighbour table: by iproute2, or IPv4 alone from /proc where that is missing.
 *
 * Owns the process that is asked. It stays (`ip -batch`), because beginning one means fork(2), which copies the page tables
 * of the whole box: 10 ms and more in which no thread of it can answer, and on a busy network that would be four times a
 * second.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

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

const ACTIVE_WITHIN_SECONDS = 600;
const MAX_STDERR_CHARS = 2000;
/** It answers within 2 ms; a kernel that is busy beyond that, or a program that hangs, must not end the readings for good. */
const ANSWER_WITHIN_MS = 5_000;

interface Asked {
  readonly process: ChildProcess;
  resolve: (line: string) => void;
  reject: (cause: Error) => void;
}

/** One reading at a time: an answer says nothing of the question that it is to. */
export class NeighbourTable {
  readonly #ipCommand: readonly string[];
  readonly #answerWithinMs: number;
  #asked: Asked | null = null;
  #isReading = false;

  /** `ipCommand`: the program to ask, with leading arguments: ["ip"], or ["ip", "-n", "NAMESPACE"]. */
  constructor(ipCommand: readonly string[] = ['ip'], answerWithinMs = ANSWER_WITHIN_MS) {
    this.#ipCommand = ipCommand;
    this.#answerWithinMs = answerWithinMs;
  }

  /** Rejects with a sentence that says what to do when the table cannot be read. */
  async read(): Promise<Neighbour[]> {
    if (this.#isReading) throw new Error('the neighbour table is being read already: wait for that reading');
    this.#isReading = true;
    try {
      return await this.#read();
    } finally {
      this.#isReading = false;
    }
  }

  async #read(): Promise<Neighbour[]> {
    try {
      return parseIpNeigh(await this.#ask());
    } catch (cause) {
      // Whatever it said, what it says next may be the rest of it.
      this.close();
      // No iproute2, or busybox's, which knows no JSON. A namespace's table is not in this process's /proc.
      if (this.#ipCommand.length > 1) throw unreadable(this.#ipCommand, cause);
      try {
        return parseProcArp(await readFile('/proc/net/arp', 'utf8'));
      } catch {
        throw unreadable(this.#ipCommand, cause);
      }
    }
  }

  /** Ends the process that is asked; the next reading begins another. */
  close(): void {
    // It holds nothing that it would have to put away, and one that hangs need not listen to anything else.
    this.#asked?.process.kill('SIGKILL');
    this.#asked = null;
  }

  /** A line of JSON. */
  #ask(): Promise<string> {
    this.#asked ??= this.#begin();
    const asked = this.#asked;
    return new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer within ${this.#answerWithinMs} ms`)),
        this.#answerWithinMs,
      ).unref();
      asked.resolve = (line) => {
        clearTimeout(timer);
        resolve(line);
      };
      asked.reject = (cause) => {
        clearTimeout(timer);
        reject(cause);
      };
      asked.process.stdin?.write('neigh show\n');
    });
  }

  #begin(): Asked {
    const [program, ...leading] = this.#ipCommand;
    const child = spawn(program!, [...leading, '-s', '-json', '-batch', '-'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const asked: Asked = { process: child, resolve: () => undefined, reject: () => undefined };
    let said = '';
    const end = (cause: Error): void => {
      if (this.#asked === asked) this.#asked = null;
      asked.reject(cause);
    };
    createInterface({ input: child.stdout }).on('line', (line) => asked.resolve(line));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MAX_STDERR_CHARS);
    });
    child.on('error', end);
    child.on('close', (code, signal) => end(new Error(said.trim() || `it ended with ${signal ?? `code ${code}`}`)));
    // What breaks them is the process's end. None of it keeps a box that ends from ending.
    for (const pipe of child.stdio as unknown as Socket[]) pipe?.on('error', () => undefined).unref();
    child.unref();
    return asked;
  }
}

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

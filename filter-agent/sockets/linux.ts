/**
 * The system calls that Node has no binding for, through koffi: sockets for the batched listener, and the eventfd that
 * wakes a thread out of poll(). Linux with a 64-bit little-endian processor only (x64, arm64); null elsewhere.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { endianness, getPriority } from 'node:os';

type Koffi = typeof import('koffi');
type Library = ReturnType<Koffi['load']>;
/** An address in this process, from koffi.alloc(); never moves. */
export type Pointer = bigint;

/** Each returns -1 and sets errno when it fails. Lengths and counts in octets unless said. */
export interface Linux {
  readonly koffi: Koffi;
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  getsockname(fd: number, address: Uint8Array, length: Uint32Array): number;
  setsockopt(fd: number, level: number, option: number, value: Int32Array, length: number): number;
  close(fd: number): number;
  if_nametoindex(name: string): number;
  /** Writes the name, with a 0 behind it, into the IF_NAMESIZE octets of `into`; null when there is no such interface. */
  if_indextoname(index: number, into: Uint8Array): unknown;
  eventfd(initial: number, flags: number): number;
  read(fd: number, into: Pointer, length: number): number;
  poll(fds: Pointer, count: number, timeoutMs: number): number;
  recvmmsg(fd: number, headers: Pointer, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, headers: Pointer, count: number, flags: number): number;
  errno(): number;
}

/** The kernel's numbers; the same on x64 and arm64. */
export const AF_INET = 2;
export const AF_INET6 = 10;
export const IF_NAMESIZE = 16;
export const SOCK_DGRAM = 2;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
const EFD_NONBLOCK = SOCK_NONBLOCK;
const EFD_CLOEXEC = SOCK_CLOEXEC;

let loaded: Linux | null | undefined;

/** The calls, or null where they cannot be had: another system, another kind of processor, koffi not installed. */
export function linux(): Linux | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

function load(): Linux | null {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE') return null;
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi');
    const libc = koffi.load(null);
    return {
      koffi,
      socket: libc.func('int socket(int, int, int)'),
      bind: libc.func('int bind(int, void *, uint)'),
      getsockname: libc.func('int getsockname(int, void *, void *)'),
      setsockopt: libc.func('int setsockopt(int, int, int, void *, uint)'),
      close: libc.func('int close(int)'),
      if_nametoindex: libc.func('uint if_nametoindex(const char *)'),
      if_indextoname: libc.func('void *if_indextoname(uint, void *)'),
      eventfd: libc.func('int eventfd(uint, int)'),
      read: libc.func('long read(int, void *, size_t)'),
      poll: libc.func('int poll(void *, ulong, int)'),
      recvmmsg: libc.func('int recvmmsg(int, void *, uint, int, void *)'),
      sendmmsg: libc.func('int sendmmsg(int, void *, uint, int)'),
      errno: () => koffi.errno(),
    };
  } catch {
    return null;
  }
}

// ---- a thread's turns on a core ------------------------------------------------------------------------------------

/** sched_setattr(2), which not every C library has a function for. */
const SCHED_SETATTR: Readonly<Record<string, number>> = { x64: 314, arm64: 274 };
const SCHED_ATTR_BYTES = 48;
const SCHED_ATTR_NICE_AT = 16;
const SCHED_ATTR_RUNTIME_AT = 24;
/** The least that the kernel takes. */
const SHORT_TURN_NS = 100_000n;

/**
 * Asks the kernel for short turns on a core for the calling thread: not for more time, but to be let in when it wakes
 * while a thread with long turns (4 ms is usual) is in the middle of one. From Linux 6.12 on; without effect before, and
 * where it is refused.
 */
export function takeShortTurns(): void {
  const call = SCHED_SETATTR[process.arch];
  const { koffi } = linux() ?? {};
  if (call === undefined || koffi === undefined) return;
  const attributes = new DataView(new ArrayBuffer(SCHED_ATTR_BYTES));
  attributes.setUint32(0, SCHED_ATTR_BYTES, true);
  // Of this thread, as all priorities are on Linux.
  attributes.setInt32(SCHED_ATTR_NICE_AT, getPriority(), true);
  attributes.setBigUint64(SCHED_ATTR_RUNTIME_AT, SHORT_TURN_NS, true);
  const syscall = koffi.load(null).func('long syscall(long, int, void *, uint)');
  syscall(call, 0, new Uint8Array(attributes.buffer), 0);
}

// ---- memory outside V8's heaps -------------------------------------------------------------------------------------

/** What the kernel and the C library can be told about this process's memory. */
export interface Memory {
  /** Where in memory a view begins. */
  addressOf(view: Uint8Array): bigint;
  /** madvise(2): from an address, for so many octets, both multiples of a page; 0, or -1 when it is refused. */
  madvise(address: bigint, length: bigint, advice: number): number;
  /**
   * glibc's; undefined with another C library. Gives free pages back to the system, but this many octets at the end of
   * the heap; takes each arena's lock for it.
   */
  readonly malloc_trim?: (keptBytes: number) => number;
}

let memory: Memory | null | undefined;

/** Null with another system, or where koffi cannot be had. */
export function linuxMemory(): Memory | null {
  if (memory === undefined) memory = loadMemory();
  return memory;
}

function loadMemory(): Memory | null {
  try {
    const { koffi } = linux() ?? {};
    if (koffi === undefined) return null;
    const libc = koffi.load(null);
    return {
      addressOf: (view) => BigInt(koffi.address(view)),
      madvise: libc.func('int madvise(size_t, size_t, int)'),
      ...trimOf(libc),
    };
  } catch {
    return null;
  }
}

function trimOf(libc: Library): Pick<Memory, 'malloc_trim'> {
  try {
    return { malloc_trim: libc.func('int malloc_trim(size_t)') };
  } catch {
    return {};
  }
}

// ---- waking a thread that sleeps in poll() ---------------------------------------------------------------------

/** A descriptor that poll() finds readable once wake() was called on it by any thread; null where there is none. */
export function createWakeFd(): number | null {
  const fd = linux()?.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) ?? -1;
  return fd < 0 ? null : fd;
}

const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/** Any thread may; it costs a system call, so only a reader that noted that it sleeps is woken. */
export function wake(fd: number): void {
  writeSync(fd, ONE);
}

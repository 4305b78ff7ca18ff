/**
 * What is done about the memory of this process while it runs: it is little, for months, on a machine with 1 GB.
 *
 * V8 looks for garbage when a heap has grown. Left alone it lets the young part of each thread's heap grow to 48 MB, and
 * it never looks again once a box does its work without allocating: what the start left behind would stay for good, and
 * so would an image that was replaced, since shared memory lies outside the heaps and counts in none of them. What V8 and
 * the C library have to be told before they begin stands in commands/node-flags.ts.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { linuxMemory } from '../sockets/linux.ts';

/** madvise(2): these pages are not needed. Of a file, unchanged, they are read again when they are; others are zeros then. */
const MADV_DONTNEED = 4;
/** The largest that Linux has on the processors we run on, and so a multiple of the others. */
const PAGE_BYTES = 65_536n;
const GIVEN_BACK_BYTES = 1n << 20n;

/**
 * To be called before the first thread is started, which reads the limit as it begins: the young part of a heap stays at
 * twice 1 MB. It is emptied more often, in less time each. The heap of this thread has its limit already and is kept from
 * growing towards it, which alone would not do: while the old part is being marked V8 goes beyond, up to the limit.
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--max-semi-space-size=1');
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Collects this thread's garbage, and holds it up for some tens of milliseconds: for the moments when much was let go of.
 * `last-resort`: with the code that ran only once, in several rounds; while nobody waits.
 */
export function collectGarbage(flavor: 'regular' | 'last-resort'): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')({ type: 'major', execution: 'sync', flavor });
}

/**
 * Gives the pages of `buffer` back to the system at once, on all threads: from then on it reads as zeros, so nobody may
 * need what it held. The buffer itself goes when the last thread has collected it, and none has to hurry: that takes a
 * thread some milliseconds, in which it answers nobody.
 */
export function giveBack(buffer: SharedArrayBuffer): void {
  const memory = linuxMemory();
  if (memory === null || buffer.byteLength === 0) return;
  const start = memory.addressOf(new Uint8Array(buffer));
  const end = ((start + BigInt(buffer.byteLength)) / PAGE_BYTES) * PAGE_BYTES;
  // A part at a time: on a kernel that does not preempt itself whoever wakes meanwhile waits for the end of a call.
  for (let at = ((start + PAGE_BYTES - 1n) / PAGE_BYTES) * PAGE_BYTES; at < end; at += GIVEN_BACK_BYTES) {
    const length = end - at < GIVEN_BACK_BYTES ? end - at : GIVEN_BACK_BYTES;
    memory.madvise(at, length, MADV_DONTNEED);
  }
}

/**
 * Takes the pages of Node's own file out of this process that are not in use at the moment: half of them served the start.
 * They stay in the system's cache of files, which may now have their room without a search, and one that is needed again is
 * there without being read. What the kernel counts as the box's memory is thereby what the box uses.
 */
export function forgetProgramPages(): void {
  const memory = linuxMemory();
  if (memory === null) return;
  programPages ??= readProgramPages();
  for (const { start, length } of programPages) memory.madvise(start, length, MADV_DONTNEED);
}

interface Pages {
  readonly start: bigint;
  /** In octets. */
  readonly length: bigint;
}

/** Found once: for as long as the process lives they are where its start has put them. */
let programPages: readonly Pages[] | undefined;

/**
 * The program's parts that are code or constants, from proc_pid_smaps(5), which lists the program itself first: what comes
 * after the first stranger is passed over, since it may be gone by the time. A part that was written to (relocated
 * pointers, a debugger's break) is no longer what its file says, and is left alone.
 */
function readProgramPages(): Pages[] {
  try {
    const program = readlinkSync('/proc/self/exe');
    const found: Pages[] = [];
    for (const part of readFileSync('/proc/self/smaps', 'latin1').split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const [first = ''] = part.split('\n', 1);
      if (!first.endsWith(` ${program}`)) break;
      const [, start, end] = /^([0-9a-f]+)-([0-9a-f]+) r-[x-]p /.exec(first) ?? [];
      if (start === undefined || end === undefined || !/^Anonymous: +0 kB$/m.test(part)) continue;
      found.push({ start: BigInt(`0x${start}`), length: BigInt(`0x${end}`) - BigInt(`0x${start}`) });
    }
    return found;
  } catch {
    // A sandbox may hide /proc: the pages stay, as they would have.
    return [];
  }
}

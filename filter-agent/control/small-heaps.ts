/**
 * What V8 and the C library are told about the heaps of this process: they hold little, for months, on a machine with 1 GB.
 *
 * V8 looks for garbage when a heap has grown. Left alone it lets the young part of each thread's heap grow to 48 MB, and
 * it never looks again once a box does its work without allocating: what the start left behind would stay for good, and
 * so would an image that was replaced, since shared memory lies outside the heaps and counts in none of them.
 * glibc gives almost every thread a heap of its own (an arena), V8's helpers too, and what one has freed no other takes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { glibcAllocator } from '../sockets/linux.ts';

/** mallopt(3): how many heaps the threads of a process may share out among them. */
const M_ARENA_MAX = -8;

/**
 * To be called before the first thread is started: a thread reads all three as it begins.
 * - The young part of a heap stays as it begins, at twice 1 MB: it is emptied more often, in less time each.
 * - The C library makes no further arena. Where packets go by batches nothing is taken from one on the way.
 * - `globalThis.gc` is there in each new thread, for when it has let go of an image; this thread has collectGarbage().
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
  glibcAllocator()?.mallopt(M_ARENA_MAX, 1);
}

/**
 * Collects this thread's garbage, with the code that ran only once, and gives back to the system what all threads have
 * freed of the C library's memory. Holds this thread up for some tens of milliseconds, and another at most for the two that
 * the giving back takes: for the moments when much was let go of, after the start and after a change of the image.
 */
export function collectGarbage(): void {
  runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  glibcAllocator()?.malloc_trim(0);
}

/**
 * What V8 is told about the heaps of this process: they hold little, for months, on a machine with 1 GB.
 *
 * V8 looks for garbage when a heap has grown. Left alone it lets the young part of each thread's heap grow to 48 MB, and
 * it never looks again once a box does its work without allocating: what the start left behind would stay for good, and
 * so would an image that was replaced, since shared memory lies outside the heaps and counts in none of them.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * To be called before the first thread is started: a thread reads both as it begins.
 * - The young part of a heap stays as it begins, at twice 1 MB: it is emptied more often, in less time each.
 * - `globalThis.gc` is there in each new thread, for when it has let go of an image; this thread has collectGarbage().
 */
export function keepHeapsSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--expose-gc');
}

/**
 * Collects this thread's garbage, with the code that ran only once. Holds the thread up for some tens of milliseconds,
 * but no other: for the moments when much was let go of, after the start and after a change of the image.
 */
export function collectGarbage(): void {
  runInNewContext('gc')({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

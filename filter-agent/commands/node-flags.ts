/**
 * What Node and the C library are told when the box is run for good: by the service's unit, which says the same, and
 * wherever its behaviour is measured. A box that is run without is the same box, with some 30 MB more and with more
 * threads in each other's way. Both take these only as they begin: the rest stands in control/small-heaps.ts.
 */

/**
 * - Garbage is collected by the thread whose it is, without helpers. On one core a helper takes its turns, of some
 *   milliseconds each, from the thread that answers; the owner waits for it; and the heaps are too small for it to gain
 *   anything.
 * - A heap grows by less before it is looked through, and its young part stays small on the first thread too.
 * - V8's own functions are called where they lie in Node's file, not in a second mapping of it for each thread.
 */
export const nodeFlags: readonly string[] = [
  '--single-threaded-gc',
  '--memory-saver-mode',
  '--max-semi-space-size=1',
  '--no-short-builtin-calls',
];

/**
 * glibc's allocator, from mallopt(3); other C libraries read none of it.
 * - One heap for all threads. V8's helpers begin five more, which every later thread shares, and what is free in one is
 *   not free in another. Where packets go by batches nothing is taken from it on the way, so nobody waits for its lock.
 * - What is large comes from the system and goes back to it. Left alone, glibc keeps in its heap whatever is smaller
 *   than the largest block that was ever freed, and here that is an image of 30 MB.
 */
export const environment: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};

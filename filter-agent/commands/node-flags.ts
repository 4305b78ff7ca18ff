/**
 * What Node is told on the command line when it runs the box for good: by the service's unit, which says the same, and
 * wherever its behaviour is measured. A box that is run without is the same box, with more threads in each other's way.
 *
 * Garbage is collected by the thread whose it is, without helpers. On one core a helper takes its turns, of some
 * milliseconds each, from the thread that answers; the owner waits for it; and the heaps are too small for it to gain
 * anything. V8 takes this only as it begins, so it cannot stand with the rest in control/small-heaps.ts.
 */
export const nodeFlags: readonly string[] = ['--single-threaded-gc'];

/**
 * Resident memory of a box over stretches of a long run. Collections move it up and down by some per cent; what is lost
 * for good lifts the lowest points too, so a stretch counts as its lowest, and stretches that are compared are to be as
 * long as each other.
 */
import type { BoxProcess } from './box-process.ts';

const INTERVAL_MS = 100;

/** From here until it is called again: the least that was resident, in 2^20 octets. */
export function watchMemory(box: BoxProcess): () => number {
  let lowest = box.rssMegabytes();
  const look = () => {
    if (box.running) lowest = Math.min(lowest, box.rssMegabytes());
  };
  const timer = setInterval(look, INTERVAL_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    look();
    return lowest;
  };
}

/** What a box needs, without what its engine has not collected yet: the one figure of memory that two looks may compare. */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { BoxProcess } from './box-process.ts';

/** The environment of a box whose memory is to be looked at. */
export const withCollections = { NODE_OPTIONS: `--import=${join(import.meta.dirname, 'collect-garbage.ts')}` };

/** Two, as what the first finds dead may have kept more alive. Each is over well within this. */
const COLLECTIONS = 2;
const LOOKS = 10;
const LOOK_MS = 100;

/** The least that is resident behind a collection in every thread, in 2^20 octets. The box has `withCollections`. */
export async function neededMegabytes(box: BoxProcess): Promise<number> {
  let lowest = Number.POSITIVE_INFINITY;
  for (let collection = 0; collection < COLLECTIONS; collection++) {
    process.kill(box.pid, 'SIGUSR2');
    for (let look = 0; look < LOOKS; look++) {
      await setTimeout(LOOK_MS);
      lowest = Math.min(lowest, box.rssMegabytes());
    }
  }
  return lowest;
}

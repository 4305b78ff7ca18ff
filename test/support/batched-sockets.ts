/** Batched UDP in a test's own process: served between the turns of the event loop, on which the test's clients live. */
import { closeSync } from 'node:fs';
import { BatchedUdp } from '../../filter-agent/sockets/batched-udp.ts';
import { createWakeFd, linux } from '../../filter-agent/sockets/linux.ts';
import type { OnQuery } from '../../filter-agent/sockets/udp.ts';

/** To be called where `linux()` is not null only. `end()` stops serving; the listeners are the caller's to close. */
export function openBatched(onQuery: OnQuery): { sockets: BatchedUdp; end: () => void } {
  const wakeFd = createWakeFd()!;
  const sockets = new BatchedUdp(linux()!, wakeFd, onQuery);
  let turn: NodeJS.Immediate;
  const serve = () => {
    sockets.serve(() => true, 0);
    turn = setImmediate(serve);
  };
  serve();
  const end = () => {
    clearImmediate(turn);
    closeSync(wakeFd);
  };
  return { sockets, end };
}

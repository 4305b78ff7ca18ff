/**
 * Loaded into a box before its own code (node --import): SIGUSR2 makes every thread whose loop takes messages collect its
 * garbage at once. What is resident afterwards is what the box needs, whenever its engine would have collected by itself.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as (options: { readonly flavor: 'last-resort' }) => void;
/** As when memory runs out: what has become free goes back to the system. */
const collect = () => gc({ flavor: 'last-resort' });
const channel = new BroadcastChannel('collect-garbage');
channel.onmessage = () => collect();
// No thread stays for it.
channel.unref();
if (isMainThread) {
  process.on('SIGUSR2', () => {
    channel.postMessage(null);
    collect();
  });
}

/**
 * Loaded into the box before its own code (node --import): SIGUSR2 makes it look for changed lists at once, as it else
 * does every ten minutes. How it looks, compiles and swaps is the box's own code, untouched.
 */
import { isMainThread } from 'node:worker_threads';

/** As in list-refresh.ts. No other timer of the box has this period; soak-box.ts notices when a look has no effect. */
const LIST_CHECK_INTERVAL_MS = 10 * 60_000;

if (isMainThread) {
  const setInterval = globalThis.setInterval;
  const watching = (look: () => void, delayMs?: number) => {
    if (delayMs === LIST_CHECK_INTERVAL_MS) process.on('SIGUSR2', () => look());
    return setInterval(look, delayMs);
  };
  globalThis.setInterval = Object.assign(watching, setInterval) as typeof globalThis.setInterval;
}

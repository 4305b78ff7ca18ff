/**
 * The process that the store's tests kill: it writes without pause and says on standard output what it is about to do
 * and what it has been told is done. Each line is written before the next step, so the parent's view of what was
 * acknowledged is never ahead of the truth.
 *
 * Arguments: state folder, number of the first round, number of the last one (default: none). The parent plays the
 * dashboard: "ack SEQ" lines on standard input.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { openStore } from '../../../filter-agent/control/usage-store.ts';

const [stateDir = '', first = '1', last = 'Infinity'] = process.argv.slice(2);
const store = await openStore({ stateDir });
const hourStart = Date.UTC(2026, 8, 1, 9);
const row = { verdict: 'blocked' as const, hourStart, count: 1, minutesLow: 1, minutesHigh: 0 };

function say(...words: unknown[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

const acknowledgements = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
say('open', JSON.stringify(store.startReport));
say('grants', (await store.loadGrants()).version);

async function upload(): Promise<void> {
  for (;;) {
    const batch = await store.nextBatch();
    if (batch === null) return;
    say('batch', JSON.stringify(batch));
    const line = await acknowledgements.next();
    if (line.done) return;
    await store.acknowledgeBatch(Number(String(line.value).replace('ack ', '')));
  }
}

for (let round = Number(first); round <= Number(last); round++) {
  say('adding', round);
  await store.addUsage([
    { ...row, device: 'only-once', service: `s-${round}` },
    { ...row, device: 'shared', service: 'facebook' },
  ]);
  say('added', round);
  say('saving', round);
  await store.saveGrants({ version: round, grants: [] });
  say('saved', round);
  if (round % 3 === 0) await upload();
}
await upload();
await store.close();
say('closed');
process.exit(0);

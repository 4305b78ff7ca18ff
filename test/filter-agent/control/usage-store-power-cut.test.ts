import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../filter-agent/control/usage-store.ts';
import { StoreLedger, seededRandom } from './store-ledger.ts';
import {
  filesAfterPowerCut,
  type LogEntry,
  layOut,
  readWriteLog,
  tracer,
  tracerArguments,
  tracerIsPresent,
} from './write-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'power-cut-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const present = tracerIsPresent();
if (!present) console.warn(`skipped: the power cut needs ${tracer} (apt install ${tracer})`);

/** Runs the writer for some rounds under strace, playing the dashboard, and returns its write log. */
async function traceWriter(stateDir: string, rounds: number): Promise<LogEntry[]> {
  const logPath = join(folder, 'write.log');
  const script = join(import.meta.dirname, 'store-writer-process.ts');
  const writer = [process.execPath, script, stateDir, '1', String(rounds)];
  const child = spawn(tracer, [...tracerArguments(logPath), ...writer]);
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('batch ')) child.stdin.write(`ack ${JSON.parse(line.slice('batch '.length)).seq}\n`);
  }
  return readWriteLog(await readFile(logPath, 'utf8'), stateDir);
}

describe('a power cut', () => {
  it.runIf(present)(
    'at twenty random instants leaves a database that opens clean, with everything that was acknowledged',
    async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const random = seededRandom(seed);
      const log = await traceWriter(join(folder, 'state'), 250);
      expect(log.filter((entry) => entry.kind === 'sync').length).toBeGreaterThan(100);
      // Checkpoints of SQLite's log into the database are part of what is cut, not only the one at the end.
      const checkpoint = log.findIndex(
        (entry) => entry.kind === 'write' && entry.path.endsWith('box.sqlite') && entry.at !== 0,
      );
      expect(checkpoint).toBeGreaterThan(0);
      expect(checkpoint).toBeLessThan(log.length * 0.9);
      expect(log.at(-1)).toEqual({ kind: 'said', line: 'closed' });

      for (let time = 0; time < 20; time++) {
        const cut = 1 + Math.floor(random() * log.length);
        const message = `seed ${seed}, cut ${cut} of ${log.length}`;
        const ledger = new StoreLedger();
        for (const entry of log.slice(0, cut)) if (entry.kind === 'said') ledger.read(entry.line);

        const stateDir = join(folder, `after-${time}`);
        layOut(filesAfterPowerCut(log, cut, random), stateDir);
        const store = await openStore({ stateDir });
        expect(store.startReport.damagedMovedTo, message).toBeNull();
        expect(store.troubles(), message).toEqual([]);
        ledger.checkGrants((await store.loadGrants()).version);
        for (let batch = await store.nextBatch(); batch !== null; batch = await store.nextBatch()) {
          ledger.take(batch);
          await store.acknowledgeBatch(batch.seq);
        }
        ledger.checkUsage();
        expect(ledger.problems, message).toEqual([]);
        await store.close();
      }
    },
    120_000,
  );
});

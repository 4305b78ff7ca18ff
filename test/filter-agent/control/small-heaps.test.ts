/** In threads of their own, since V8's flags hold for the process and are read when a thread begins. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { collectGarbage, forgetProgramPages, keepHeapsSmall } from '../../../filter-agent/control/small-heaps.ts';

/** Keeps the newest of a million objects alive for a while, so that the young part of the heap always looks too small. */
const churn = `
  const { parentPort } = require('node:worker_threads');
  const { getHeapSpaceStatistics } = require('node:v8');
  const alive = new Array(50_000);
  for (let i = 0; i < 1_000_000; i++) alive[i % alive.length] = { at: i, text: [i] };
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  parentPort.postMessage({ collector: typeof globalThis.gc, youngBytes: young.physical_space_size });
`;

async function runInThread(): Promise<{ collector: string; youngBytes: number }> {
  const [message] = await once(new Worker(churn, { eval: true }), 'message');
  return message;
}

describe('keepHeapsSmall', () => {
  it('gives the threads that start after it a collector, and a young part that does not grow', async () => {
    const before = await runInThread();
    expect(before.youngBytes).toBeGreaterThan(4 << 20);
    keepHeapsSmall();
    const { collector, youngBytes } = await runInThread();
    expect(collector).toBe('function');
    expect(youngBytes).toBeLessThan(4 << 20);
  });
});

describe('collectGarbage', () => {
  it('frees what nothing refers to, shared memory too', async () => {
    keepHeapsSmall();
    const image = new WeakRef(new SharedArrayBuffer(1 << 20));
    // What a WeakRef was made for stays until the turn of the event loop is over.
    await setImmediate();
    collectGarbage('last-resort');
    expect(image.deref()).toBeUndefined();
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('forgetProgramPages', () => {
  /** Resident pages of files, in kilobytes. */
  const filePages = () => Number(/^RssFile:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);

  it('takes the pages of the start out, and the process goes on', () => {
    const before = filePages();
    forgetProgramPages();
    expect(filePages()).toBeLessThan(before * 0.75);
    // Code that has not run in this process yet comes from the file again.
    expect(new Intl.NumberFormat('cy').format(1234.5)).toBe('1,234.5');
    forgetProgramPages();
    expect(JSON.parse('{"a":[1]}')).toEqual({ a: [1] });
  });
});

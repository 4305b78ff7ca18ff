/** In threads of their own, since V8's flags hold for the process and are read when a thread begins. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import {
  collectGarbage,
  forgetProgramPages,
  giveBack,
  keepHeapsSmall,
} from '../../../filter-agent/control/small-heaps.ts';

/** Keeps the newest of a million objects alive for a while, so that the young part of the heap always looks too small. */
const churn = `
  const { parentPort } = require('node:worker_threads');
  const { getHeapSpaceStatistics } = require('node:v8');
  const alive = new Array(50_000);
  for (let i = 0; i < 1_000_000; i++) alive[i % alive.length] = { at: i, text: [i] };
  const young = getHeapSpaceStatistics().find((space) => space.space_name === 'new_space');
  parentPort.postMessage(young.physical_space_size);
`;

/** Of this process, from proc_pid_status(5). */
function residentKilobytes(kind: 'RssAnon' | 'RssFile'): number {
  return Number(new RegExp(`^${kind}:\\s+(\\d+) kB$`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
}

async function youngBytesOfThread(): Promise<number> {
  const [bytes] = await once(new Worker(churn, { eval: true }), 'message');
  return bytes;
}

describe('keepHeapsSmall', () => {
  it('keeps the young part of the threads that start after it from growing', async () => {
    expect(await youngBytesOfThread()).toBeGreaterThan(4 << 20);
    keepHeapsSmall();
    expect(await youngBytesOfThread()).toBeLessThan(4 << 20);
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

describe.skipIf(!existsSync('/proc/self/status'))('giveBack', () => {
  it('takes the pages of an image that was replaced out of the process, and leaves what lies beside it', () => {
    const before = new Uint8Array(new SharedArrayBuffer(100_000)).fill(1);
    const image = new SharedArrayBuffer(64 << 20);
    const after = new Uint8Array(new SharedArrayBuffer(100_000)).fill(2);
    new Uint8Array(image).fill(3);
    const filled = residentKilobytes('RssAnon');
    giveBack(image);
    expect(filled - residentKilobytes('RssAnon')).toBeGreaterThan(60 << 10);
    // It may not be needed any more, but reading it must not end the process.
    expect(new Uint8Array(image)[32 << 20]).toBe(0);
    expect(before.every((octet) => octet === 1)).toBe(true);
    expect(after.every((octet) => octet === 2)).toBe(true);
  });

  it('does nothing for a buffer that has no page of its own', () => {
    const small = new Uint8Array(new SharedArrayBuffer(1_000)).fill(3);
    giveBack(small.buffer);
    giveBack(new SharedArrayBuffer(0));
    expect(small.every((octet) => octet === 3)).toBe(true);
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('forgetProgramPages', () => {
  const filePages = () => residentKilobytes('RssFile');

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

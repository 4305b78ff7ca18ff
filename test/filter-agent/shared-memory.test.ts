import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createRing, SlotRing } from '../../filter-agent/shared-memory.ts';

const SLOT_BYTES = 16;

describe('SlotRing', () => {
  it('gives records in order, refuses a claim when full, and has none when empty', () => {
    const buffer = createRing(4, SLOT_BYTES);
    const [producer, consumer] = [new SlotRing(buffer, SLOT_BYTES), new SlotRing(buffer, SLOT_BYTES)];
    expect(consumer.peek()).toBe(-1);
    for (let round = 0; round < 3; round++) {
      for (let value = 0; value < 4; value++) {
        const slot = producer.claim();
        producer.words[slot >>> 2] = value;
        expect(producer.publish()).toBe(false);
      }
      expect(producer.claim()).toBe(-1);
      for (let value = 0; value < 4; value++) {
        expect(consumer.words[consumer.peek() >>> 2]).toBe(value);
        consumer.release();
      }
      expect(consumer.peek()).toBe(-1);
    }
  });

  it('asks for a wake-up exactly once after the consumer fell asleep', () => {
    const buffer = createRing(4, SLOT_BYTES);
    const [producer, consumer] = [new SlotRing(buffer, SLOT_BYTES), new SlotRing(buffer, SLOT_BYTES)];
    expect(consumer.fallAsleep()).toBe(true);
    producer.claim();
    expect(producer.publish()).toBe(true);
    producer.claim();
    expect(producer.publish()).toBe(false);
    expect(consumer.fallAsleep()).toBe(false);
  });

  it('keeps counting past 2^32 records', () => {
    const buffer = createRing(4, SLOT_BYTES);
    new Int32Array(buffer, 0, 64).set([0x7fffffff], 0);
    new Int32Array(buffer, 0, 64).set([0x7fffffff], 16);
    const [producer, consumer] = [new SlotRing(buffer, SLOT_BYTES), new SlotRing(buffer, SLOT_BYTES)];
    for (let value = 0; value < 10; value++) {
      producer.words[producer.claim() >>> 2] = value;
      producer.publish();
      expect(consumer.words[consumer.peek() >>> 2]).toBe(value);
      consumer.release();
    }
    for (let value = 0; value < 4; value++) {
      expect(producer.claim()).toBeGreaterThanOrEqual(0);
      producer.publish();
    }
    expect(producer.claim()).toBe(-1);
  });

  it('loses and doubles nothing between two threads', async () => {
    const records = 200_000;
    const buffer = createRing(64, SLOT_BYTES);
    const ring = new URL('../../filter-agent/shared-memory.ts', import.meta.url).href;
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       import(${JSON.stringify(ring)}).then(({ SlotRing }) => {
         const ring = new SlotRing(workerData, ${SLOT_BYTES});
         for (let value = 0; value < ${records}; ) {
           const slot = ring.claim();
           if (slot < 0) continue;
           ring.words[slot >>> 2] = value;
           ring.words[(slot >>> 2) + 3] = ~value;
           ring.publish();
           value++;
         }
         parentPort.postMessage('done');
       });`,
      { eval: true, workerData: buffer },
    );
    const done = new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    const consumer = new SlotRing(buffer, SLOT_BYTES);
    for (let expected = 0; expected < records; ) {
      const slot = consumer.peek();
      if (slot < 0) {
        await new Promise(setImmediate);
        continue;
      }
      const at = slot >>> 2;
      if (consumer.words[at] !== expected || consumer.words[at + 3] !== ~expected >>> 0) {
        expect([consumer.words[at], consumer.words[at + 3]]).toEqual([expected, ~expected >>> 0]);
      }
      consumer.release();
      expected++;
    }
    await done;
    expect(consumer.peek()).toBe(-1);
    await worker.terminate();
  });
});

it.each([
  [3, 16],
  [4, 12],
])('refuses a ring of %d slots of %d bytes', (slots, bytes) => {
  expect(() => createRing(slots, bytes)).toThrow(RangeError);
});

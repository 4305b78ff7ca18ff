import { describe, expect, it } from 'vitest';
import { Question } from '../../../filter-agent/answering/dns-question.ts';
import { CacheKey, ResponseCache } from '../../../filter-agent/answering/response-cache.ts';
import { Walk } from '../../../filter-agent/answering/stored-message.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { seededNumbers } from '../../support/seeded-names.ts';

const BYTES = 1 << 18;

function keyOf(name: string, type = 1): CacheKey {
  const packet = new Uint8Array(512);
  packet.set(encodeName(name), 12);
  const question = new Question();
  question.nameLength = encodeName(name).length;
  question.type = type;
  question.class = 1;
  const key = new CacheKey();
  key.set(packet, question);
  return key;
}

function walkOf(ruleSets: readonly number[], ttlOffsets: readonly number[]): Walk {
  const walk = new Walk();
  walk.ruleSets.set(ruleSets);
  walk.ruleSetCount = ruleSets.length;
  walk.ttlOffsets.set(ttlOffsets);
  walk.ttlCount = ttlOffsets.length;
  return walk;
}

function read(cache: ResponseCache, entry: number) {
  const at = cache.messageOffset(entry);
  return {
    message: [...cache.bytes.subarray(at, at + cache.messageLength(entry))],
    ruleSets: Array.from({ length: cache.ruleSetCount(entry) }, (_, i) => cache.ruleSet(entry, i)),
    ttls: Array.from({ length: cache.ttlCount(entry) }, (_, i) => cache.halves[cache.ttlOffsetsAt(entry) + i]),
    image: cache.imageNumber(entry),
    storedAtMs: cache.storedAtMs(entry),
    expiresAtMs: cache.expiresAtMs(entry),
  };
}

describe('the response cache', () => {
  it('gives back what was stored, until it expires', () => {
    const cache = new ResponseCache(BYTES);
    const key = keyOf('www.example.org');
    expect(cache.find(key, 0)).toBe(-1);
    cache.store(key, Uint8Array.of(9, 1, 2, 3, 9), 1, 3, walkOf([7, 8], [40, 60, 80]), 5, 1000, 2000);
    expect(read(cache, cache.find(key, 1999))).toEqual({
      message: [1, 2, 3],
      ruleSets: [7, 8],
      ttls: [40, 60, 80],
      image: 5,
      storedAtMs: 1000,
      expiresAtMs: 2000,
    });
    expect(cache.find(key, 2000)).toBe(-1);
    expect(cache.find(keyOf('www.example.org', 28), 1500)).toBe(-1);
    expect(cache.find(keyOf('ww.example.org'), 1500)).toBe(-1);
  });

  it('gives the newest of two answers to one question', () => {
    const cache = new ResponseCache(BYTES);
    const key = keyOf('www.example.org');
    cache.store(key, Uint8Array.of(1), 0, 1, walkOf([], []), 1, 0, 1000);
    cache.store(key, Uint8Array.of(2), 0, 1, walkOf([], []), 1, 0, 500);
    expect(read(cache, cache.find(key, 100)).message).toEqual([2]);
    expect(cache.find(key, 600)).toBe(-1);
  });

  it('can be read from where an answer that may not be kept passes through, and does not find it again', () => {
    const cache = new ResponseCache(BYTES);
    const key = keyOf('www.example.org');
    const entry = cache.store(key, Uint8Array.of(1, 2), 0, 2, walkOf([3], [12]), 1, 1000, 0);
    expect(read(cache, entry).message).toEqual([1, 2]);
    expect(cache.find(key, 0)).toBe(-1);
  });

  it('forgets what is dropped', () => {
    const cache = new ResponseCache(BYTES);
    const key = keyOf('www.example.org');
    cache.drop(cache.store(key, Uint8Array.of(1), 0, 1, walkOf([], []), 1, 0, 1000));
    expect(cache.find(key, 1)).toBe(-1);
  });

  it('holds a message of 65,535 octets with as many TTLs as one can have', () => {
    const cache = new ResponseCache(BYTES);
    const message = Uint8Array.from({ length: 65_535 }, (_, i) => i);
    const ttls = Array.from({ length: 5_957 }, (_, i) => 13 + 11 * i);
    for (let n = 0; n < 20; n++) {
      const key = keyOf(`large-${n}.example`);
      cache.store(key, message, 0, message.length, walkOf([1, 2, 3, 4, 5, 6, 7, 8], ttls), 1, 0, 1000);
      const found = read(cache, cache.find(key, 1));
      expect([found.message.length, found.message.at(-1), found.ttls.at(-1)]).toEqual([65_535, 254, 65_529]);
    }
  });

  it('refuses a size that is none', () => {
    expect(() => new ResponseCache(1 << 17)).toThrow('got 131072 bytes, expected 262144 to 1073741824');
    expect(() => new ResponseCache(2 ** 31)).toThrow(RangeError);
    expect(() => new ResponseCache(Number.NaN)).toThrow(RangeError);
    expect(new ResponseCache(3_000_000).bytes.length).toBe(1 << 21);
  });

  it.each([20261121, 7, 99])('never gives a wrong answer while it is written over many times (seed %i)', (seed) => {
    const next = seededNumbers(seed);
    const cache = new ResponseCache(BYTES);
    const model = new Map<string, ReturnType<typeof read>>();
    let hits = 0;
    let recent = 0;
    const lately: string[] = [];
    for (let step = 0; step < 30_000; step++) {
      const name = `n${next() % 3000}.example.${next() % 2 === 0 ? 'org' : 'net'}`;
      const key = keyOf(name);
      if (next() % 2 === 0) {
        const stored = {
          message: Array.from({ length: 12 + (next() % 300) }, () => next() & 0xff),
          ruleSets: Array.from({ length: next() % 9 }, () => next() & 0xffffff),
          ttls: Array.from({ length: next() % 20 }, () => next() & 0xffff),
          image: next() & 0xff,
          storedAtMs: step,
          expiresAtMs: step + 1 + (next() % 20_000),
        };
        const walk = walkOf(stored.ruleSets, stored.ttls);
        const bytes = Uint8Array.from(stored.message);
        cache.store(key, bytes, 0, bytes.length, walk, stored.image, step, stored.expiresAtMs);
        model.set(name, stored);
        lately.push(name);
      }
      const asked = next() % 4 === 0 ? (lately.at(-1 - (next() % 50)) ?? name) : name;
      const found = cache.find(keyOf(asked), step);
      const expected = model.get(asked);
      const isFresh = expected !== undefined && expected.expiresAtMs > step;
      if (asked !== name && isFresh) recent++;
      if (found < 0) continue;
      expect(isFresh).toBe(true);
      expect(read(cache, found)).toEqual(expected);
      if (asked !== name) hits++;
    }
    // What was stored lately is nearly always there: only four of one bucket push each other out.
    expect(hits / recent).toBeGreaterThan(0.95);
  });
});

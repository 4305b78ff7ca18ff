import { getHeapStatistics } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { openImage, type RuleImage } from '../../../policy-rules/trie/image.ts';
import { hashLabel } from '../../../policy-rules/trie/label-hash.ts';
import { differsBelow, match, ruleSetOf } from '../../../policy-rules/trie/match.ts';
import type { Source } from '../../../policy-rules/trie/source.ts';
import { buildTrie, parseRule, writeLabels } from './matchers.ts';

const LOOK_UPS = 1_000_000;

const service: Source = { id: 'service:facebook', kind: 'service' };
const image = openImage(
  buildTrie(
    [service],
    ['0 ||facebook.com^', '0 @@||login.facebook.com^', ...Array.from({ length: 500 }, (_, n) => `0 ||n${n}.test^`)].map(
      parseRule,
    ),
  ).image,
);

describe('match', () => {
  it('gives the rule set and the difference below in one number', () => {
    const bytes = new Uint8Array(64);
    writeLabels(['facebook', 'com'], bytes, 0);
    const matched = match(image, bytes, 0);
    expect(image.ruleSets[ruleSetOf(matched)]).toEqual([0]);
    expect(differsBelow(matched)).toBe(true);
    expect(matched).toBe((ruleSetOf(matched) << 1) | 1);
  });

  it('reads the name at its offset and leaves the packet as it was', () => {
    const packet = new Uint8Array(400).fill(0x3f);
    for (const offset of [0, 1, 12, 300]) {
      writeLabels(['WWW', 'FaceBook', 'com'], packet, offset);
      const before = packet.slice();
      expect(image.ruleSets[ruleSetOf(match(image, packet, offset))]).toEqual([0]);
      expect(packet).toEqual(before);
    }
  });

  it('ends within its bounds on octets that are no name', () => {
    const noise = new Uint8Array(4096);
    for (let fill = 0; fill < 256; fill++) {
      noise.fill(fill);
      expect(image.ruleSets[ruleSetOf(match(image, noise, 0))]).toEqual([]);
    }
  });

  it('tells labels apart whose hashes are the same in every bit', () => {
    const [one, other] = collidingLabels();
    expect(one).not.toBe(other);
    const alone = openImage(buildTrie([service], [parseRule(`0 ||${one}.test^`)]).image);
    const both = openImage(buildTrie([service], [`0 |${one}.test^`, `0 ||${other}.test^`].map(parseRule)).image);
    const packet = new Uint8Array(64);
    const matched = (image: RuleImage, label: string): number => {
      writeLabels([label, 'test'], packet, 0);
      return match(image, packet, 0);
    };
    expect([one, other].map((label) => ruleSetOf(matched(alone, label)))).toEqual([1, 0]);
    expect([one, other].map((label) => ruleSetOf(matched(both, label)))).toEqual([1, 1]);
    expect([one, other].map((label) => differsBelow(matched(both, label)))).toEqual([true, false]);
  });

  it('allocates nothing', () => {
    const names = [
      ['www', 'facebook', 'com'],
      ['n77', 'test'],
      ['x', 'nothing', 'org'],
      ['login', 'facebook', 'com'],
      [],
    ];
    const packet = new Uint8Array(512);
    names.forEach((labels, index) => {
      writeLabels(labels, packet, index * 100);
    });
    let sum = 0;
    const lookUp = (times: number): void => {
      for (let time = 0; time < times; time++) sum += match(image, packet, (time % names.length) * 100);
    };
    lookUp(LOOK_UPS);
    // The smallest run counts: compiling in the background allocates too, a look-up would in every run.
    const allocated = Array.from({ length: 3 }, () => {
      const before = allocatedBytes();
      lookUp(LOOK_UPS);
      return allocatedBytes() - before;
    });
    expect(sum).toBeGreaterThan(0);
    // The smallest object has 8 bytes or more; the heap is counted in pieces of 256 KB, so zero cannot be asked for.
    expect(Math.min(...allocated)).toBeLessThan(LOOK_UPS);
  });
});

function collidingLabels(): [string, string] {
  const seen = new Map<number, string>();
  for (let number = 0; ; number++) {
    const label = `n${number.toString(36)}`;
    const hash = hashLabel(new TextEncoder().encode(label), 0, label.length, 0);
    const earlier = seen.get(hash);
    if (earlier !== undefined) return [earlier, label];
    seen.set(hash, label);
  }
}

/** All that was ever allocated on the heap, so that a collection in between hides nothing. */
function allocatedBytes(): number {
  const { total_allocated_bytes: bytes } = getHeapStatistics() as { total_allocated_bytes?: number };
  if (bytes === undefined)
    throw new Error('cannot measure allocations: this Node.js does not report total_allocated_bytes');
  return bytes;
}

import { describe, expect, it } from 'vitest';
import { bucketCount } from '../../../policy-rules/trie/image.ts';
import { hashLabel } from '../../../policy-rules/trie/label-hash.ts';
import { LabelPool } from '../../../policy-rules/trie/label-pool.ts';

describe('the label pool', () => {
  it('gives equal labels one place and others their own, though they come ordered by bucket as the layout has them', () => {
    // How long that takes is measured by test/bench/match.ts with ten times the rules.
    const count = 40_000;
    const mask = bucketCount(count) - 1;
    const labels = Array.from({ length: count }, (_, index) => {
      const octets = Buffer.from(`\x08${index.toString(36).padStart(8, '-')}`, 'latin1');
      return { octets, hash: hashLabel(octets, 1, octets.length, 0) >>> 0 };
    });
    labels.sort((one, other) => (one.hash & mask) - (other.hash & mask));
    const pool = new LabelPool();
    const places = labels.map(({ octets, hash }) => pool.place(octets, 0, hash));
    expect(new Set(places).size).toBe(count);
    expect(labels.map(({ octets, hash }) => pool.place(octets, 0, hash))).toEqual(places);
    const held = pool.octets();
    for (const [index, { octets }] of labels.entries()) {
      const place = places[index]!;
      if (Buffer.compare(held.subarray(place, place + 9), octets) !== 0) throw new Error(`label ${index} is not there`);
    }
  });
});

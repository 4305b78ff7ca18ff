import { describe, expect, it } from 'vitest';
import {
  bucketCount,
  CLASS_WORDS,
  DIRECT_CHILDREN,
  HEADER_WORDS,
  Header,
  IMAGE_VERSION,
  ImageError,
  INNER_WORDS,
  NODE_WORDS,
  openImage,
  type RuleImage,
  VALUE_MASK,
} from '../../../policy-rules/trie/image.ts';
import { hashLabel } from '../../../policy-rules/trie/label-hash.ts';
import { match } from '../../../policy-rules/trie/match.ts';
import type { Source } from '../../../policy-rules/trie/source.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { buildTrie, parseRule } from './matchers.ts';

const sources: readonly Source[] = [
  { id: 'service:facebook', kind: 'service' },
  { id: 'list:família "ü" 😀', kind: 'list' },
  { id: 'local:site', kind: 'local' },
];
const rules = [
  '0 ||facebook.com^',
  '0 @@||login.facebook.com^',
  '1 |example.org^',
  '1 *.facebook.com',
  '2 |stairgate.lan^',
  ...Array.from({ length: 12 }, (_, index) => `1 ||n${index}.test^`),
].map(parseRule);
const names = [
  '',
  'com',
  'facebook.com',
  'www.facebook.com',
  'login.facebook.com',
  'example.org',
  'n7.test',
  'n12.test',
];

function smallImage(): ArrayBuffer {
  return buildTrie(sources, rules).image;
}

function codeOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    if (error instanceof ImageError) return error.code;
    throw error;
  }
  return 'opened';
}

function matches(image: RuleImage): number[] {
  return names.map((name) => match(image, encodeName(name), 0));
}

describe('the layout', () => {
  it('is the one that the version stands for', () => {
    // A change here makes images of this version unreadable: raise IMAGE_VERSION with it.
    expect({ HEADER_WORDS, INNER_WORDS, NODE_WORDS, CLASS_WORDS, DIRECT_CHILDREN, VALUE_MASK, IMAGE_VERSION }).toEqual({
      HEADER_WORDS: 16,
      INNER_WORDS: 2,
      NODE_WORDS: 2,
      CLASS_WORDS: 2,
      DIRECT_CHILDREN: 8,
      VALUE_MASK: 0x7fffff,
      IMAGE_VERSION: 1,
    });
    expect([9, 15, 16, 1000, 1 << 20].map(bucketCount)).toEqual([2, 2, 4, 128, 1 << 18]);
    const label = new TextEncoder().encode('FaceBook');
    expect(hashLabel(label, 0, label.length, 0)).toBe(hashLabel(new TextEncoder().encode('facebook'), 0, 8, 0));
    expect(hashLabel(label, 0, label.length, 0) >>> 0).toBe(0x5a7c561d);
  });
});

describe('openImage', () => {
  it('gives back the sources, rule sets and counts that were built', () => {
    const { image: buffer, report } = buildTrie(sources, rules);
    const image = openImage(buffer);
    expect(image.sources).toEqual(sources);
    expect(image.ruleSets[0]).toEqual([]);
    expect(image.ruleSets).toHaveLength(report.ruleSets);
    expect(image.ruleSets).toEqual(expect.arrayContaining([[0], [0, 1], [1], [2]]));
    expect(image.ruleCount).toBe(rules.length);
    expect(image.nodeCount).toBe(report.nodes);
    expect(buffer.byteLength).toBe(report.bytes);
  });

  it('opens an image without sources and rules', () => {
    const image = openImage(buildTrie([], []).image);
    expect(image.sources).toEqual([]);
    expect(image.ruleSets).toEqual([[]]);
    expect(image.nodeCount).toBe(1);
    expect(matches(image)).toEqual(names.map(() => 0));
  });

  it('matches the same from a SharedArrayBuffer, verified or not', () => {
    const buffer = smallImage();
    const shared = new SharedArrayBuffer(buffer.byteLength);
    new Uint8Array(shared).set(new Uint8Array(buffer));
    const expected = matches(openImage(buffer));
    expect(new Set(expected).size).toBeGreaterThan(4);
    expect(matches(openImage(shared))).toEqual(expected);
    expect(matches(openImage(shared, false))).toEqual(expected);
  });

  it('builds the same bytes from the same rules', () => {
    expect(new Uint8Array(smallImage())).toEqual(new Uint8Array(smallImage()));
  });

  it('refuses an image with any one bit or any one byte changed', () => {
    const bytes = new Uint8Array(smallImage());
    const opened: string[] = [];
    for (let at = 0; at < bytes.length; at++) {
      const intact = bytes[at]!;
      for (const change of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        bytes[at] = intact ^ change;
        if (codeOf(() => openImage(bytes.buffer)) === 'opened') opened.push(`${at} ^ ${change}`);
      }
      bytes[at] = intact;
    }
    expect(opened).toEqual([]);
    expect(codeOf(() => openImage(bytes.buffer))).toBe('opened');
  });

  it('refuses an image cut to any length, or with octets behind it', () => {
    const buffer = smallImage();
    const codes = new Set<string>();
    for (let length = 0; length < buffer.byteLength; length++) {
      const cut = buffer.slice(0, length);
      codes.add(codeOf(() => openImage(cut)));
      // Length is checked even where the checksum is left out.
      expect(codeOf(() => openImage(cut, false))).toBe(length < 64 ? 'too-short' : 'wrong-length');
    }
    expect([...codes].sort()).toEqual(['too-short', 'wrong-length']);
    for (const more of [1, 4, 64]) {
      const longer = new Uint8Array(buffer.byteLength + more);
      longer.set(new Uint8Array(buffer));
      expect(codeOf(() => openImage(longer.buffer))).toBe('wrong-length');
    }
  });

  it.each([
    { what: 'another version', word: Header.VERSION, code: 'wrong-version' },
    { what: 'another magic', word: Header.MAGIC, code: 'not-an-image' },
    { what: 'another length', word: Header.IMAGE_BYTES, code: 'wrong-length' },
    { what: 'a section of another length', word: Header.NODES_BYTES, code: 'wrong-length' },
    { what: 'another checksum', word: Header.CHECKSUM, code: 'damaged' },
    { what: 'another count of rules', word: Header.RULES, code: 'damaged' },
  ])('refuses $what as $code', ({ word, code }) => {
    const buffer = smallImage();
    const words = new Uint32Array(buffer);
    words[word] = words[word]! + 4;
    expect(codeOf(() => openImage(buffer))).toBe(code);
  });

  it('refuses two sections that traded their lengths', () => {
    const buffer = smallImage();
    const words = new Uint32Array(buffer);
    const [nodes, directory] = [words[Header.NODES_BYTES]!, words[Header.DIRECTORY_BYTES]!];
    expect(nodes).not.toBe(directory);
    words[Header.NODES_BYTES] = directory;
    words[Header.DIRECTORY_BYTES] = nodes;
    expect(codeOf(() => openImage(buffer))).toBe('damaged');
  });

  it('refuses an image from a machine of the other byte order', () => {
    const buffer = smallImage();
    const view = new DataView(buffer);
    for (let at = 0; at < buffer.byteLength; at += 4) view.setUint32(at, view.getUint32(at, true), false);
    expect(codeOf(() => openImage(buffer))).toBe('not-an-image');
  });

  it('refuses other files, and says what it found and what to do', () => {
    const text = new TextEncoder().encode('# a list, not an image\n'.repeat(10));
    expect(() => openImage(text.buffer)).toThrow(/starts with 0x[0-9a-f]{8}.*expected 0x[0-9a-f]{8}/);
    expect(codeOf(() => openImage(new ArrayBuffer(4096)))).toBe('not-an-image');
    expect(() => openImage(new ArrayBuffer(3))).toThrow(/3 bytes, expected at least 64; compile the lists again/);
  });
});

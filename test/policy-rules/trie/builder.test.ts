import { describe, expect, it } from 'vitest';
import { MAX_SOURCES, TrieBuilder } from '../../../policy-rules/trie/builder.ts';
import { bucketCount, openImage } from '../../../policy-rules/trie/image.ts';
import { hashLabel } from '../../../policy-rules/trie/label-hash.ts';
import { match, ruleSetOf } from '../../../policy-rules/trie/match.ts';
import type { Source } from '../../../policy-rules/trie/source.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { buildTrie, parseRule } from './matchers.ts';

const sources: readonly Source[] = [
  { id: 'service:facebook', kind: 'service' },
  { id: 'list:family', kind: 'list' },
];

describe('BuildReport', () => {
  it.each([
    { what: 'nothing', rules: [], expected: { rules: 0, duplicates: 0, subsumed: 0, nodes: 1, ruleSets: 1 } },
    {
      what: 'the nodes down to a rule, and the root',
      rules: ['0 ||www.example.org^'],
      expected: { rules: 1, duplicates: 0, subsumed: 0, nodes: 4, ruleSets: 2 },
    },
    {
      what: 'a rule said twice, but not the same of another source',
      rules: ['0 ||a.test^', '0 ||a.test^', '1 ||a.test^'],
      expected: { rules: 2, duplicates: 1, subsumed: 0, nodes: 3, ruleSets: 2 },
    },
    {
      what: 'rules below a broader one as subsumed, without nodes',
      rules: ['0 ||x.y.a.test^', '0 |z.a.test^', '0 *.w.a.test', '0 ||a.test^'],
      expected: { rules: 1, duplicates: 0, subsumed: 3, nodes: 3, ruleSets: 2 },
    },
    {
      what: 'a rule below a broader one as kept where an exception lies between',
      rules: ['0 ||test^', '0 @@||a.test^', '0 ||b.a.test^'],
      expected: { rules: 3, duplicates: 0, subsumed: 0, nodes: 4, ruleSets: 2 },
    },
    {
      what: 'a rule as kept where the broader one is of another source',
      rules: ['0 ||test^', '1 ||a.test^'],
      expected: { rules: 2, duplicates: 0, subsumed: 0, nodes: 3, ruleSets: 3 },
    },
    {
      what: 'exceptions from nothing as subsumed',
      rules: ['0 @@||a.test^', '1 ||test^', '0 @@|b.test^'],
      expected: { rules: 1, duplicates: 0, subsumed: 2, nodes: 2, ruleSets: 2 },
    },
    {
      what: 'rules beaten at their own node as subsumed',
      rules: ['0 ||test^', '0 ||a.test^', '0 @@||a.test^'],
      expected: { rules: 2, duplicates: 0, subsumed: 1, nodes: 3, ruleSets: 2 },
    },
  ])('counts $what', ({ rules, expected }) => {
    expect(buildTrie(sources, rules.map(parseRule)).report).toMatchObject(expected);
  });

  it('counts by source too', () => {
    const rules = ['1 ||a.test^', '1 ||a.test^', '1 |x.a.test^', '0 ||a.test^', '0 @@||x.a.test^', '1 ||b.test^'];
    expect(buildTrie(sources, rules.map(parseRule)).report).toMatchObject({
      rules: 4,
      duplicates: 1,
      subsumed: 1,
      bySource: [
        { rules: 2, duplicates: 0, subsumed: 0 },
        { rules: 2, duplicates: 1, subsumed: 1 },
      ],
    });
  });
});

describe('TrieBuilder.addRule', () => {
  it.each([
    { name: 'a..b', message: /"a\.\.b": an empty label before character 3/ },
    { name: '.a', message: /an empty label before character 1/ },
    { name: 'a.', message: /an empty label before character 3.*none at the end/ },
    { name: '.', message: /an empty label/ },
    { name: `${'x'.repeat(64)}.test`, message: /a label of 64 octets, expected at most 63/ },
    { name: Array(51).fill('abcd').join('.'), message: /254 octets, expected a name of at most 253/ },
    { name: 'bücher.test', message: /character 2 is not ASCII, expected A-labels/ },
    { name: 'a\nb..test', message: /"a\\nb\.\.test"/ },
  ])('refuses $name and keeps nothing of it', ({ name, message }) => {
    const builder = new TrieBuilder(sources);
    expect(() => builder.addRule(0, name, 'suffix', 'block')).toThrow(message);
    expect(() => builder.addRule(0, name, 'suffix', 'block')).toThrow(RangeError);
    expect(builder.build().report).toMatchObject({ rules: 0, duplicates: 0, subsumed: 0, nodes: 1 });
  });

  it('takes labels of 63 and names of 253 octets', () => {
    const builder = new TrieBuilder(sources);
    builder.addRule(0, 'x'.repeat(63), 'suffix', 'block');
    builder.addRule(0, `${Array(50).fill('abcd').join('.')}.xyz`, 'host', 'block');
    expect(builder.build().report.rules).toBe(2);
  });

  it('refuses a source that is not in the table', () => {
    const builder = new TrieBuilder(sources);
    expect(() => builder.addRule(2, 'a.test', 'suffix', 'block')).toThrow(/source 2, expected 0 to 1/);
    expect(() => builder.addRule(-1, 'a.test', 'suffix', 'block')).toThrow(RangeError);
    expect(() => new TrieBuilder(Array(MAX_SOURCES + 1).fill(sources[0]))).toThrow(/expected at most 4096/);
  });
});

describe('TrieBuilder.build', () => {
  it('can be called again after more rules', () => {
    const builder = new TrieBuilder(sources);
    builder.addRule(0, 'a.test', 'suffix', 'block');
    const first = openImage(builder.build().image);
    builder.addRule(0, 'b.test', 'suffix', 'block');
    const second = openImage(builder.build().image);
    const name = encodeName('b.test');
    expect(match(first, name, 0)).toBe(0);
    expect(second.ruleSets[ruleSetOf(match(second, name, 0))]).toEqual([0]);
  });

  it('takes many sources', () => {
    const many = Array.from({ length: MAX_SOURCES }, (_, index): Source => ({ id: `list:${index}`, kind: 'list' }));
    const builder = new TrieBuilder(many);
    for (let index = 0; index < many.length; index++) builder.addRule(index, 'a.test', 'suffix', 'block');
    const image = openImage(builder.build().image);
    expect(image.ruleSets[ruleSetOf(match(image, encodeName('x.a.test'), 0))]).toHaveLength(MAX_SOURCES);
  });

  it('spreads labels by another seed when a list was written to fall into one bucket', () => {
    const count = 400;
    const mask = bucketCount(count) - 1;
    const hostile: string[] = [];
    for (let number = 0; hostile.length < count; number++) {
      const label = `n${number}`;
      const octets = new TextEncoder().encode(label);
      if ((hashLabel(octets, 0, octets.length, 0) & mask) === 5) hostile.push(label);
    }
    const { image: buffer } = buildTrie(
      sources,
      hostile.map((label) => parseRule(`0 ||${label}.test^`)),
    );
    const image = openImage(buffer);
    expect(image.hashSeed).not.toBe(0);
    const [, ...starts] = image.directory;
    expect(starts).toHaveLength(mask + 2);
    const sizes = starts.slice(1).map((start, index) => start - starts[index]!);
    expect(Math.max(...sizes)).toBeLessThan(40);
    for (const label of hostile) expect(ruleSetOf(match(image, encodeName(`${label}.test`), 0))).toBe(1);
    expect(match(image, encodeName('other.test'), 0)).toBe(0);
  });
});

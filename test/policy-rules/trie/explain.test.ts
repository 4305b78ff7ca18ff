import { describe, expect, it } from 'vitest';
import { formatRule } from '../../../policy-rules/lists/rule.ts';
import { explain } from '../../../policy-rules/trie/explain.ts';
import { openImage } from '../../../policy-rules/trie/image.ts';
import type { Source } from '../../../policy-rules/trie/source.ts';
import { encodeName } from '../../../policy-rules/trie/wire-name.ts';
import { buildTrie, parseRule } from './matchers.ts';

const sources: readonly Source[] = [
  { id: 'service:facebook', kind: 'service' },
  { id: 'service:messenger', kind: 'service' },
  { id: 'list:family', kind: 'list' },
];

function explained(rules: readonly string[], name: string): string[] {
  const image = openImage(buildTrie(sources, rules.map(parseRule)).image);
  const packet = new Uint8Array(300);
  packet.set(encodeName(name), 12);
  return explain(image, packet, 12).map(({ sourceIndex, rule }) => `${sourceIndex} ${formatRule(rule)}`);
}

describe('explain', () => {
  it.each([
    { says: 'no rule, no explanation', rules: ['0 ||facebook.com^'], name: 'example.org', expected: [] },
    {
      says: 'a suffix rule, at the name',
      rules: ['0 ||facebook.com^'],
      name: 'facebook.com',
      expected: ['0 ||facebook.com^'],
    },
    {
      says: 'a suffix rule, from above',
      rules: ['0 ||facebook.com^'],
      name: 'a.b.FaceBook.COM',
      expected: ['0 ||facebook.com^'],
    },
    { says: 'nothing above a rule', rules: ['0 ||facebook.com^'], name: 'com', expected: [] },
    { says: 'a host rule', rules: ['0 |facebook.com^'], name: 'facebook.com', expected: ['0 |facebook.com^'] },
    { says: 'no host rule from above', rules: ['0 |facebook.com^'], name: 'www.facebook.com', expected: [] },
    { says: 'a below rule', rules: ['2 *.facebook.com'], name: 'www.facebook.com', expected: ['2 *.facebook.com'] },
    { says: 'no below rule at its name', rules: ['2 *.facebook.com'], name: 'facebook.com', expected: [] },
    {
      says: 'the rule of each source',
      rules: ['2 ||com^', '0 ||facebook.com^', '1 |www.facebook.com^'],
      name: 'www.facebook.com',
      expected: ['0 ||facebook.com^', '1 |www.facebook.com^', '2 ||com^'],
    },
    {
      says: 'the exception that lifts a block, at its name',
      rules: ['0 ||live.com^', '2 ||live.com^', '0 @@||login.live.com^'],
      name: 'login.live.com',
      expected: ['0 @@||login.live.com^', '2 ||live.com^'],
    },
    {
      says: 'the exception that lifts a block, from above',
      rules: ['0 ||live.com^', '0 @@||login.live.com^'],
      name: 'a.b.login.live.com',
      expected: ['0 @@||login.live.com^'],
    },
    {
      says: 'a host exception',
      rules: ['0 ||live.com^', '0 @@|login.live.com^'],
      name: 'login.live.com',
      expected: ['0 @@|login.live.com^'],
    },
    {
      says: 'the block below a host exception',
      rules: ['0 ||live.com^', '0 @@|login.live.com^'],
      name: 'a.login.live.com',
      expected: ['0 ||live.com^'],
    },
    {
      says: 'a below exception',
      rules: ['0 ||live.com^', '0 @@*.login.live.com'],
      name: 'a.login.live.com',
      expected: ['0 @@*.login.live.com'],
    },
    {
      says: 'the block below an exception',
      rules: ['0 ||c^', '0 @@||b.c^', '0 ||a.b.c^'],
      name: 'x.a.b.c',
      expected: ['0 ||a.b.c^'],
    },
    {
      says: 'the broadest rule, where a narrower one says the same',
      rules: ['2 ||www.example.org^', '2 ||example.org^'],
      name: 'www.example.org',
      expected: ['2 ||example.org^'],
    },
    { says: 'a rule at the root', rules: ['2 ||^'], name: 'a.test', expected: ['2 ||^'] },
    { says: 'a rule at the root, of the root', rules: ['2 |^'], name: '.', expected: ['2 |^'] },
  ])('$says', ({ rules, name, expected }) => {
    expect(explained(rules, name)).toEqual(expected);
  });
});

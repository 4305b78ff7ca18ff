import { describe, expect, it } from 'vitest';
import type { Source } from '../../../policy-rules/trie/source.ts';
import { naiveMatcher, parseRule, trieMatcher } from './matchers.ts';

/** 0 to 2 are services, 3 and 4 lists, 5 the box's own name. */
const sources: readonly Source[] = [
  { id: 'service:facebook', kind: 'service' },
  { id: 'service:messenger', kind: 'service' },
  { id: 'service:forums', kind: 'service' },
  { id: 'list:family', kind: 'list' },
  { id: 'list:malware', kind: 'list' },
  { id: 'local:site', kind: 'local' },
];

interface Case {
  readonly says: string;
  readonly rules: readonly string[];
  /** Name as dotted text, or as labels where they hold dots; the root is ''. '!' where names below differ. */
  readonly names: readonly (readonly [name: string | readonly string[], ruleSet: readonly number[], differs?: '!'])[];
}

const sixtyThree = 'a'.repeat(63);
const longestName = [sixtyThree, sixtyThree, sixtyThree, 'b'.repeat(61)].join('.');
const mostLabels = Array.from({ length: 127 }, (_, index) => String.fromCharCode(0x61 + (index % 26)));

/** Around the numbers of children at which the trie changes how it finds them. */
const manyParents = [1, 2, 7, 8, 9, 15, 16, 17, 18, 19, 31, 32];

const cases: readonly Case[] = [
  {
    says: 'nothing is blocked without rules',
    rules: [],
    names: [
      ['', []],
      ['org', []],
      ['www.example.org', []],
    ],
  },
  {
    says: 'a suffix rule covers the name and all below, and nothing beside',
    rules: ['0 ||facebook.com^'],
    names: [
      ['facebook.com', [0]],
      ['www.facebook.com', [0]],
      ['a.b.c.d.facebook.com', [0]],
      ['com', [], '!'],
      ['', [], '!'],
      ['notfacebook.com', []],
      ['facebook.com.example.org', []],
      ['facebook.co', []],
      ['facebook.comm', []],
      ['facebook.org', []],
      ['acebook.com', []],
      ['faceboo.com', []],
      ['facebookk.com', []],
      ['facebook', []],
    ],
  },
  {
    says: 'a host rule covers the name alone, and names below differ',
    rules: ['0 |facebook.com^'],
    names: [
      ['facebook.com', [0], '!'],
      ['www.facebook.com', []],
    ],
  },
  {
    says: 'a below rule covers what is below alone',
    rules: ['0 *.facebook.com'],
    names: [
      ['facebook.com', [], '!'],
      ['www.facebook.com', [0]],
      ['a.www.facebook.com', [0]],
    ],
  },
  {
    says: 'a suffix exception opens the name and all below, and the blocked name above differs below',
    rules: ['0 ||live.com^', '0 @@||login.live.com^'],
    names: [
      ['live.com', [0], '!'],
      ['www.live.com', [0]],
      ['login.live.com', []],
      ['a.login.live.com', []],
      ['alogin.live.com', [0]],
    ],
  },
  {
    says: 'a host exception opens the name alone',
    rules: ['0 ||live.com^', '0 @@|login.live.com^'],
    names: [
      ['live.com', [0], '!'],
      ['login.live.com', [], '!'],
      ['a.login.live.com', [0]],
    ],
  },
  {
    says: 'a below exception leaves the name itself blocked',
    rules: ['0 ||live.com^', '0 @@*.login.live.com'],
    names: [
      ['login.live.com', [0], '!'],
      ['a.login.live.com', []],
      ['b.a.login.live.com', []],
    ],
  },
  {
    says: 'block and exception alternate on the way down, and the deepest decides',
    rules: ['0 ||b.c^', '0 @@||a.b.c^', '0 ||x.a.b.c^', '0 @@||y.x.a.b.c^'],
    names: [
      ['c', [], '!'],
      ['b.c', [0], '!'],
      ['a.b.c', [], '!'],
      ['z.a.b.c', []],
      ['x.a.b.c', [0], '!'],
      ['z.x.a.b.c', [0]],
      ['y.x.a.b.c', []],
      ['z.y.x.a.b.c', []],
    ],
  },
  {
    says: 'an exception below an exception changes nothing',
    rules: ['0 ||c^', '0 @@||b.c^', '0 @@||a.b.c^'],
    names: [
      ['c', [0], '!'],
      ['b.c', []],
      ['a.b.c', []],
    ],
  },
  {
    says: 'an exception with nothing blocked above it changes nothing',
    rules: ['0 @@||example.org^', '0 @@|www.example.org^'],
    names: [
      ['org', []],
      ['example.org', []],
      ['www.example.org', []],
    ],
  },
  {
    says: 'a rule below a rule of the same source keeps the outcome',
    rules: ['0 ||example.org^', '0 ||www.example.org^', '0 |a.example.org^', '0 *.b.example.org'],
    names: [
      ['example.org', [0]],
      ['www.example.org', [0]],
      ['a.example.org', [0]],
      ['b.example.org', [0]],
      ['c.b.example.org', [0]],
    ],
  },
  {
    says: 'at one node an exception beats a block of the same scope',
    rules: ['0 ||a.test^', '0 @@||a.test^', '0 |b.test^', '0 @@|b.test^', '0 *.c.test', '0 @@*.c.test'],
    names: [
      ['a.test', []],
      ['x.a.test', []],
      ['b.test', []],
      ['c.test', []],
      ['x.c.test', []],
    ],
  },
  {
    says: 'at one node a host exception opens the host of a suffix block, and nothing below',
    rules: ['0 ||a.test^', '0 @@|a.test^'],
    names: [
      ['a.test', [], '!'],
      ['x.a.test', [0]],
    ],
  },
  {
    says: 'at one node a suffix exception beats a host block too',
    rules: ['0 |a.test^', '0 @@||a.test^'],
    names: [
      ['a.test', []],
      ['x.a.test', []],
    ],
  },
  {
    says: 'at one node a host block and a below exception keep the host alone blocked',
    rules: ['0 ||test^', '0 |a.test^', '0 @@*.a.test'],
    names: [
      ['a.test', [0], '!'],
      ['x.a.test', []],
    ],
  },
  {
    says: 'at one node a below block leaves a host exception open, and a below exception leaves a host block shut',
    rules: ['0 *.a.test', '0 @@|a.test^', '0 |b.test^', '0 @@*.b.test'],
    names: [
      ['a.test', [], '!'],
      ['x.a.test', [0]],
      ['b.test', [0], '!'],
      ['x.b.test', []],
    ],
  },
  {
    says: 'an exception undoes blocks of its own source only',
    rules: ['0 ||example.org^', '1 ||example.org^', '1 @@||www.example.org^'],
    names: [
      ['example.org', [0, 1], '!'],
      ['www.example.org', [0]],
      ['a.example.org', [0, 1]],
    ],
  },
  {
    says: 'the longest match counts within a source, and sources add up over nodes',
    rules: ['0 ||com^', '1 ||facebook.com^', '2 |www.facebook.com^', '3 *.facebook.com', '4 ||a.b.facebook.com^'],
    names: [
      ['com', [0], '!'],
      ['facebook.com', [0, 1], '!'],
      ['www.facebook.com', [0, 1, 2, 3], '!'],
      ['b.facebook.com', [0, 1, 3]],
      ['a.b.facebook.com', [0, 1, 3, 4]],
      ['x.www.facebook.com', [0, 1, 3]],
      ['x.com', [0]],
    ],
  },
  {
    says: 'lists that add to a blocked name make no difference below, services and the local name do',
    rules: ['0 ||a.test^', '3 ||x.a.test^', '0 ||b.test^', '1 ||x.b.test^', '0 ||c.test^', '5 ||x.c.test^'],
    names: [
      ['a.test', [0]],
      ['x.a.test', [0, 3]],
      ['b.test', [0], '!'],
      ['x.b.test', [0, 1]],
      ['c.test', [0], '!'],
      ['x.c.test', [0, 5]],
    ],
  },
  {
    says: 'a list lost below makes a difference, however deep',
    rules: ['3 ||a.test^', '3 @@|z.y.x.a.test^'],
    names: [
      ['a.test', [3], '!'],
      ['x.a.test', [3], '!'],
      ['y.x.a.test', [3], '!'],
      ['z.y.x.a.test', []],
      ['w.x.a.test', [3]],
    ],
  },
  {
    says: 'a list that adds at one place below and a service lost at another is a difference',
    rules: ['0 ||a.test^', '3 ||x.a.test^', '0 @@||y.a.test^'],
    names: [['a.test', [0], '!']],
  },
  {
    says: 'an open name above names on lists alone has no difference, above names of services it has',
    rules: ['3 ||x.a.test^', '0 ||x.b.test^'],
    names: [
      ['a.test', []],
      ['b.test', [], '!'],
    ],
  },
  {
    says: 'a name deeper than every node inherits, and names below it never differ',
    rules: ['0 ||a.test^', '0 @@||x.a.test^'],
    names: [
      ['deep.y.a.test', [0]],
      ['y.a.test', [0]],
      ['deep.x.a.test', []],
    ],
  },
  {
    says: 'a rule at a top-level domain covers all of it',
    rules: ['0 ||zip^', '0 @@||good.zip^', '3 |mov^'],
    names: [
      ['zip', [0], '!'],
      ['a.b.zip', [0]],
      ['good.zip', []],
      ['mov', [3], '!'],
      ['a.mov', []],
      ['azip', []],
    ],
  },
  {
    says: 'a suffix rule at the root covers every name',
    rules: ['3 ||^', '3 @@||org^'],
    names: [
      ['', [3], '!'],
      ['com', [3]],
      ['a.b', [3]],
      ['org', []],
      ['example.org', []],
    ],
  },
  {
    says: 'a host rule at the root covers the root alone, a below rule all but the root',
    rules: ['0 |^', '1 *'],
    names: [
      ['', [0], '!'],
      ['com', [1]],
      ['a.com', [1]],
    ],
  },
  {
    says: 'upper and lower case are one',
    rules: ['0 ||facebook.com^'],
    names: [
      ['FACEBOOK.COM', [0]],
      ['wWw.FaCeBoOk.CoM', [0]],
    ],
  },
  {
    says: 'only the 26 letters fold',
    rules: ['0 ||a@b.test^', '0 ||a[b.test^', '0 ||a`b.test^', '0 ||a{b.test^'],
    names: [
      ['a@b.test', [0]],
      ['a`b.test', [0]],
      ['a\u0000b.test', []],
      ['a;b.test', []],
      ['a\u00c0b.test', []],
      ['\u00c1@b.test', []],
    ],
  },
  {
    says: 'labels of 63 octets are told apart by their last one',
    rules: [`0 ||${sixtyThree}.test^`],
    names: [
      [`${sixtyThree}.test`, [0]],
      [`www.${sixtyThree}.test`, [0]],
      [`${'a'.repeat(62)}b.test`, []],
      [`${'a'.repeat(62)}.test`, []],
    ],
  },
  {
    says: 'the longest name is matched in whole',
    rules: [`0 |${longestName}^`],
    names: [
      [longestName, [0], '!'],
      [longestName.replace(/b$/, 'c'), []],
      [`c${longestName.slice(1)}`, []],
    ],
  },
  {
    says: 'a name of 127 labels is matched in whole',
    rules: [`0 |${mostLabels.join('.')}^`, `1 ||${mostLabels.slice(-2).join('.')}^`],
    names: [
      [mostLabels, [0, 1], '!'],
      [mostLabels.slice(1), [1], '!'],
      [[...mostLabels.slice(0, -1), '-'], []],
      [['-', ...mostLabels.slice(1)], [1]],
    ],
  },
  {
    says: 'dots and NUL within labels separate nothing',
    rules: ['0 ||face.book^', '1 ||a.b.c^', '2 ||x\u0000y.test^'],
    names: [
      [['face', 'book'], [0]],
      [['face.book'], []],
      [['www', 'face.book'], []],
      [['face\u0004book'], []],
      [['a', 'b', 'c'], [1]],
      [['a.b', 'c'], []],
      [['a', 'b.c'], []],
      [['x\u0000y', 'test'], [2]],
      [['x', 'y', 'test'], []],
      [['x\u0000', 'test'], []],
      [['\u0000', 'face', 'book'], [0]],
      [['face', 'book', '\u0000'], []],
    ],
  },
  {
    says: 'a node with many children finds each and no other',
    rules: Array.from({ length: 3000 }, (_, index) => `${index % 3} ||n${index}.test^`),
    names: [
      ...Array.from({ length: 3000 }, (_, index) => [`n${index}.test`, [index % 3]] as const),
      ...Array.from({ length: 500 }, (_, index) => [`n${3000 + index}.test`, []] as const),
      ['test', [], '!'],
    ],
  },
  {
    says: 'a node with any number of children keeps its own outcome and that of the names below',
    rules: manyParents.flatMap((count) => [
      `${count % 2} |p${count}.test^`,
      `2 *.p${count}.test`,
      ...Array.from({ length: count }, (_, index) => `${index % 2} ||c${index}.p${count}.test^`),
    ]),
    names: manyParents.flatMap((count) => [
      [`p${count}.test`, [count % 2], '!'] as const,
      [`x.p${count}.test`, [2]] as const,
      [`c0.p${count}.test`, [0, 2]] as const,
      [`x.c${count - 1}.p${count}.test`, [(count - 1) % 2, 2]] as const,
    ]),
  },
  {
    says: 'the same rule twice is the same rule',
    rules: ['0 ||a.test^', '0 ||a.test^', '0 @@|a.test^', '0 @@|a.test^'],
    names: [
      ['a.test', [], '!'],
      ['b.a.test', [0]],
    ],
  },
];

for (const [what, create] of [
  ['trie', trieMatcher],
  ['naive matcher', naiveMatcher],
] as const) {
  describe(`contract of matching, by the ${what}`, () => {
    it.each(cases)('$says', ({ rules, names }) => {
      const matcher = create(sources, rules.map(parseRule));
      for (const [name, ruleSet, differs] of names) {
        const labels = typeof name === 'string' ? (name === '' ? [] : name.split('.')) : name;
        // Asking for differences of the 3,500 names of the large case would take the naive matcher minutes.
        const found = {
          name,
          ruleSet: matcher.ruleSet(labels),
          differs: names.length < 100 && matcher.differsBelow(labels),
        };
        expect(found).toEqual({ name, ruleSet, differs: names.length < 100 && differs === '!' });
      }
    });
  });
}

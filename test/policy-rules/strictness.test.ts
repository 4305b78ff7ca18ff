import { describe, expect, it } from 'vitest';
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { Group } from '../../policy-rules/policy.ts';
import { isAsStrictAs, stricterGroup, strictestGroup } from '../../policy-rules/strictness.ts';

const usual: Group = { id: 'usual', name: 'Usual', kind: 'setting', categories: {}, services: {} };
const strict: Group = { ...usual, id: 'strict', categories: { gaming: 'always' } };
const lax: Group = { ...usual, id: 'lax', services: { youtube: 'never' } };
const guest: Group = { ...usual, id: 'guest', kind: 'guest' };

describe('a group is as strict as another', () => {
  it.each([
    ['as itself', usual, usual, true],
    ['with more hours in one kind', strict, usual, true],
    ['with fewer hours in one kind', usual, strict, false],
    ['with one service open', lax, usual, false],
    ['than one with a service open', usual, lax, true],
    ['where each has something that the other has not', { ...lax, categories: strict.categories }, usual, false],
    ['as guests', usual, guest, true],
    ['as the setting’s own', guest, usual, false],
  ])('%s', (_, group, other, expected) => {
    expect(isAsStrictAs(group, other, catalogue)).toBe(expected);
  });

  it('and the one that blocks all that any of the setting’s own does is found, if there is one', () => {
    const strictGuest: Group = { ...guest, categories: { blogs: 'always' } };
    expect(strictestGroup([lax, usual, strictGuest, strict], catalogue)).toBe(strict);
    expect(strictestGroup([usual, lax], catalogue)).toBe(usual);
    expect(strictestGroup([strict, { ...usual, categories: { blogs: 'always' } }], catalogue)).toBeNull();
    expect(strictestGroup([strictGuest], catalogue)).toBeNull();
  });

  it('and the first that blocks something more is found, among the setting’s own only', () => {
    expect(stricterGroup(usual, [guest, lax, strict], catalogue)).toBe(strict);
    expect(stricterGroup(lax, [guest, usual, strict], catalogue)).toBe(usual);
    expect(stricterGroup(strict, [{ ...guest, categories: { blogs: 'always' } }, usual, lax], catalogue)).toBeNull();
  });
});

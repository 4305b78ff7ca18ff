/** Which heads of the setting's record the box countersigns, and which it holds against the dashboard. */
import { expect, it } from 'vitest';
import { judgeHead } from '../../../filter-agent/control/record-heads.ts';
import type { RecordHead } from '../../../policy-rules/agent-protocol.ts';

const one = head(10, 'a');
const later = head(12, 'b');

it.each([
  ['the first of all', null, later, null, 'new'],
  ['one that goes on from what is known', one, later, one, 'new'],
  ['the same once more', one, one, one, 'known'],
  ['one beside a place that the box has passed already', one, later, head(7, 'c'), 'known'],
  ['one of a shorter record', one, head(9, 'c'), null, 'contradicts'],
  ['one of a shorter record, whatever stands beside it', one, head(9, 'c'), one, 'contradicts'],
  ['another one under the same number', one, head(10, 'c'), head(10, 'c'), 'contradicts'],
  ['a longer one without the entry that is known', one, later, null, 'contradicts'],
  ['a longer one with another entry under the known number', one, later, head(10, 'c'), 'contradicts'],
] as const)('%s', (_, known, shown, since, judged) => {
  expect(judgeHead(known, { head: shown, since })).toBe(judged);
});

function head(seq: number, digit: string): RecordHead {
  return { seq, hash: digit.repeat(64) };
}

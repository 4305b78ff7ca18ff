/** Tables as CSV: quoted as RFC 4180 says, and nothing in them that a spreadsheet would run. */
import { expect, it } from 'vitest';
import { csvLine } from '../../dashboard-worker/views/csv.ts';

it('quotes every cell, and keeps commas, quotes and line ends within them', () => {
  expect(csvLine([1, 'Office PC', 'said "yes", twice', 'two\nlines', ''])).toBe(
    '"1","Office PC","said ""yes"", twice","two\nlines",""\r\n',
  );
});

it.each([
  '=1+1',
  '+44 1371',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  ' =1',
  '\0=1',
  '＝1',
  '＋1',
  '－1',
  '＠x',
  '\u00a0=1',
])('makes text of a cell that begins as a formula does: %j', (cell) => {
  expect(csvLine([cell])).toBe(`"'${cell}"\r\n`);
});

it('leaves numbers and other words as they are', () => {
  expect(csvLine([-5, "O'Neill", 'a=b', '12:30 - 13:00', 'Zoë'])).toBe(
    '"-5","O\'Neill","a=b","12:30 - 13:00","Zoë"\r\n',
  );
});

/** Text that somebody else made, in the three ways in which it is shown. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, showLine, showLines, showText, withoutControls } from '../../policy-rules/show-text.ts';

/** Category C of Unicode (controls, formats, halves of pairs, private, unassigned) and its own two line ends. */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}]/u;
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('showText', () => {
  it.each([
    ['plain', 'plain'],
    ['two\nlines\r', 'two\\u{a}lines\\u{d}'],
    ['\u001b[2J', '\\u{1b}[2J'],
    ['\u009b31m', '\\u{9b}31m'],
    ['moc\u202egnp.exe', 'moc\\u{202e}gnp.exe'],
    ['\u2066a\u2069\u200f\u061c', '\\u{2066}a\\u{2069}\\u{200f}\\u{61c}'],
    ['a\u2028b\u2029', 'a\\u{2028}b\\u{2029}'],
    ['half \ud83d', 'half \\u{d83d}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['Zoë 👍 幼稚園', 'Zoë 👍 幼稚園'],
  ])('shows %j as %j', (text, shown) => {
    expect(showText(text)).toBe(shown);
    expect(showLine(text)).toBe(shown);
  });

  it('is bounded, also where every character is escaped', () => {
    expect(showText('x'.repeat(200))).toBe(`${'x'.repeat(79)}…`);
    expect(showText('\u0000'.repeat(200), 20)).toHaveLength(20);
  });

  it('leaves nothing unseen of any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(showText(text)).not.toMatch(UNSEEN);
        expect(showLine(text)).not.toMatch(UNSEEN);
        expect(showLines(text).replace(/[\n\t]/g, '')).not.toMatch(UNSEEN);
      }),
    );
  });
});

it('showLines keeps lines and tabs, and nothing else that steers a terminal', () => {
  expect(showLines('a\tb\nc\r\u001b[31m\u202e\u2028')).toBe('a\tb\nc\\u{d}\\u{1b}[31m\\u{202e}\\u{2028}');
});

describe('oneLine', () => {
  it.each([
    [' Office  PC ', 'Office PC'],
    ['a\r\n\tb\u0000c', 'a b c'],
    ['safe\u202efdp.exe', 'safe fdp.exe'],
    ['S\u200ba\u00adm\ufeff', 'S a m'],
    ['Tablet\u00a0\u2003two', 'Tablet two'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👩\u200d🏫', '👩\u200d🏫'],
    [`Z${'\u0335'.repeat(40)}o`, `Z${'\u0335'.repeat(4)}o`],
    ['half \ud83d', 'half \ufffd'],
    ["<b>O'Neill & Zoë</b>", "<b>O'Neill & Zoë</b>"],
  ])('keeps %j as %j', (text, kept) => expect(oneLine(text)).toBe(kept));

  it('has nothing more to do the second time, and leaves neither controls nor line ends', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const kept = oneLine(text);
        expect(oneLine(kept)).toBe(kept);
        expect(kept).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

it('withoutControls replaces what turns a page round, character by character, and keeps its lines', () => {
  expect(withoutControls('<p>a\u202eb\u0000\u001b</p>\r\n\t\u2067')).toBe('<p>a\ufffdb\ufffd\ufffd</p>\r\n\t\ufffd');
});

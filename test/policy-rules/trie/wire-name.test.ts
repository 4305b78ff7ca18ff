import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeName, encodeName } from '../../../policy-rules/trie/wire-name.ts';

const octets = (text: string): number[] => Array.from(text, (character) => character.charCodeAt(0));

describe('encodeName', () => {
  it.each([
    { text: '', wire: '\x00' },
    { text: '.', wire: '\x00' },
    { text: 'com', wire: '\x03com\x00' },
    { text: 'www.Example.org', wire: '\x03www\x07Example\x03org\x00' },
    { text: 'example.org.', wire: '\x07example\x03org\x00' },
    { text: 'a\\.b.c', wire: '\x03a.b\x01c\x00' },
    { text: 'a\\\\b', wire: '\x03a\\b\x00' },
    { text: 'a\\000b', wire: '\x03a\x00b\x00' },
    { text: '\\255\\032', wire: '\x02\xff \x00' },
    { text: '\\@x', wire: '\x02@x\x00' },
    { text: 'a\\.', wire: '\x02a.\x00' },
    { text: 'x'.repeat(63), wire: `\x3f${'x'.repeat(63)}\x00` },
  ])('encodes $text', ({ text, wire }) => {
    expect([...encodeName(text)]).toEqual(octets(wire));
  });

  it('takes 127 labels and 255 octets', () => {
    const most = Array(127).fill('a').join('.');
    expect(encodeName(most)).toHaveLength(255);
    expect(encodeName(`${most}.`)).toHaveLength(255);
    const long = ['x'.repeat(63), 'x'.repeat(63), 'x'.repeat(63), 'x'.repeat(61)].join('.');
    expect(encodeName(long)).toHaveLength(255);
  });

  it('writes into the array it is given, from its start', () => {
    const into = new Uint8Array(300).fill(0xaa);
    const wire = encodeName('a.b', into);
    expect(wire.buffer).toBe(into.buffer);
    expect([...into.subarray(0, 6)]).toEqual([1, 97, 1, 98, 0, 0xaa]);
    expect(wire).toHaveLength(5);
  });

  it.each([
    { text: 'a..b', message: /a label of 0 octets, expected 1 to 63/ },
    { text: '.a', message: /a label of 0 octets/ },
    { text: '..', message: /a label of 0 octets/ },
    { text: 'a..', message: /a label of 0 octets/ },
    { text: 'x'.repeat(64), message: /a label of 64 octets/ },
    { text: Array(128).fill('a').join('.'), message: /too long, expected at most 255 octets/ },
    { text: `${Array(63).fill('abc').join('.')}.abcd`, message: /too long/ },
    { text: 'bücher.test', message: /character 2 is not ASCII/ },
    { text: 'a\\', message: /a broken escape at character 2/ },
    { text: 'a\\12', message: /a broken escape/ },
    { text: 'a\\1x2', message: /a broken escape/ },
    { text: 'a\\256', message: /escape \\256, expected \\000 to \\255/ },
    { text: 'a\\ü', message: /a broken escape/ },
  ])('refuses $text', ({ text, message }) => {
    expect(() => encodeName(text)).toThrow(message);
    expect(() => encodeName(text)).toThrow(RangeError);
  });

  it('refuses a name for which the given array has no room', () => {
    expect(() => encodeName('abc.de', new Uint8Array(7))).toThrow(/expected at most 7 octets/);
    expect(() => encodeName('a', new Uint8Array(2))).toThrow(/expected at most 2 octets/);
    expect([...encodeName('abc.de', new Uint8Array(8))]).toEqual(octets('\x03abc\x02de\x00'));
  });
});

describe('decodeName', () => {
  it.each([
    { wire: '\x00', text: '.' },
    { wire: '\x03www\x07Example\x03org\x00', text: 'www.Example.org' },
    { wire: '\x03a.b\x01c\x00', text: 'a\\.b.c' },
    { wire: '\x03a\\b\x00', text: 'a\\\\b' },
    { wire: '\x05a\n\t\x00 \x00', text: 'a\\010\\009\\000\\032' },
    { wire: '\x03\x1b[m\x00', text: '\\027[m' },
    { wire: '\x02\x7f\xff\x00', text: '\\127\\255' },
  ])('decodes to $text', ({ wire, text }) => {
    expect(decodeName(Uint8Array.from(octets(wire)), 0)).toBe(text);
  });

  it('reads at an offset and stops at the zero octet', () => {
    expect(decodeName(Uint8Array.from(octets('xxx\x01a\x01b\x00yyy')), 3)).toBe('a.b');
  });

  it('gives one printable line for any octets, from which the same name comes back', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 4 }), (labels) => {
        const wire = Uint8Array.from([...labels.flatMap((content) => [content.length, ...content]), 0]);
        fc.pre(wire.length <= 255);
        const text = decodeName(wire, 0);
        expect(text).toMatch(/^[!-~]+$/);
        expect(encodeName(text)).toEqual(wire);
      }),
    );
  });
});

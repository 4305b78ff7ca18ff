import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, it } from 'vitest';
import { isWithin, parseIpRange } from '../../policy-rules/ip-range.ts';

describe('an address or a range', () => {
  it.each([
    ['192.168.1.20', 4, 32],
    ['192.168.1.0/24', 4, 24],
    ['0.0.0.0/0', 4, 0],
    ['::', 6, 128],
    ['::1/128', 6, 128],
    ['fe80::/10', 6, 10],
    ['fd00:1:2:3:4:5:6:7', 6, 128],
    ['1:2:3:4:5:6:7::', 6, 128],
    ['64:ff9b::c000:201/96', 6, 96],
  ])('%s is of family %i with %i bits', (text, family, prefixBits) => {
    expect(parseIpRange(text)).toMatchObject({ family, prefixBits });
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '1.2.3.04',
    ' 1.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/08',
    '1.2.3.4/24/1',
    '1.2.3.4/255.255.255.0',
    '0x7f.0.0.1',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1%eth0',
    '::/129',
    '1.2.3.4::',
    '::192.0.2.1',
    '::ffff:192.168.1.5',
    '::1.2.3.4:5',
    'nursery.example',
  ])('"%s" is neither', (text) => {
    expect(parseIpRange(text)).toBeUndefined();
  });

  it.each([
    ['192.168.1.77/24', '192.168.1.0/24'],
    ['172.31.255.255/12', '172.16.0.0/12'],
    ['FD00:0:0::5', 'fd00::5/128'],
    ['fe80:ffff::1/10', 'fea0::/10'],
    ['fd00::5', 'fd00::0005'],
  ])('%s is the same as %s', (one, other) => {
    expect(parseIpRange(one)!.key).toBe(parseIpRange(other)!.key);
  });

  it.each([
    ['192.168.1.0/24', '192.168.1.0/25'],
    ['192.168.1.0/24', '192.168.2.0/24'],
    ['0.0.0.0', '::'],
  ])('%s is not the same as %s', (one, other) => {
    expect(parseIpRange(one)!.key).not.toBe(parseIpRange(other)!.key);
  });

  it.each([
    ['192.168.1.20', '192.168.1.0/24', true],
    ['192.168.1.0/25', '192.168.1.0/24', true],
    ['192.168.1.0/24', '192.168.1.0/24', true],
    ['192.168.1.0/24', '192.168.1.0/25', false],
    ['192.168.2.20', '192.168.1.0/24', false],
    ['8.8.8.8', '0.0.0.0/0', true],
    ['fd00::5', 'fc00::/7', true],
    ['2001:db8::5', 'fc00::/7', false],
    ['::1', '0.0.0.0/0', false],
    ['nothing', '0.0.0.0/0', false],
    ['8.8.8.8', 'nothing', false],
  ])('that %s is within %s is %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it('is read by the box’s library as it is here', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.stringMatching(/^[0-9a-f:.]{0,24}$/),
      fc.tuple(fc.ipV6(), fc.integer({ min: -1, max: 8 })).map(([address, at]) => `${address.slice(0, at)}:${address}`),
    );
    fc.assert(
      fc.property(text, (address) => {
        const parsed = parseIpRange(address);
        if (parsed === undefined) {
          // ipaddr.js also takes octal, hexadecimal and short forms of IPv4 and dotted tails, which are refused here.
          expect(ipaddr.IPv4.isValidFourPartDecimal(address), address).toBe(false);
          expect(address.includes(':') && ipaddr.IPv6.isValid(address) && !address.includes('.'), address).toBe(false);
          return;
        }
        expect(ipaddr.parse(address).kind()).toBe(`ipv${parsed.family}`);
        const groups = parsed.key
          .slice(2, parsed.key.indexOf('/'))
          .split(':')
          .map((group) => Number.parseInt(group, 16));
        const library = ipaddr.parse(address);
        expect(groups).toEqual(library instanceof ipaddr.IPv6 ? library.parts : (library as ipaddr.IPv4).octets);
      }),
      { numRuns: 3000 },
    );
  });
});

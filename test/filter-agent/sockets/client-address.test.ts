import { describe, expect, it } from 'vitest';
import { addressOctets, addressRange } from '../../../filter-agent/sockets/client-address.ts';

const hex = (text: string) => Buffer.from(addressOctets(text)).toString('hex');

describe('a client’s address', () => {
  it.each([
    ['192.168.1.20', '00000000000000000000ffffc0a80114'],
    ['0.0.0.0', '00000000000000000000ffff00000000'],
    ['::ffff:192.168.1.20', '00000000000000000000ffffc0a80114'],
    ['::1', '00000000000000000000000000000001'],
    ['fd00::12:3', 'fd000000000000000000000000120003'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ])('%s is %s', (text, octets) => expect(hex(text)).toBe(octets));

  it('stays right when more spellings came by than are remembered', () => {
    for (let n = 0; n < 10_000; n++) addressOctets(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
    expect(hex('10.0.0.1')).toBe('00000000000000000000ffff0a000001');
    expect(hex('10.0.39.15')).toBe('00000000000000000000ffff0a00270f');
  });
});

describe('a range of addresses', () => {
  it.each([
    ['192.168.1.20', '00000000000000000000ffffc0a80114', '00000000000000000000ffffc0a80114'],
    ['192.168.1.20/24', '00000000000000000000ffffc0a80100', '00000000000000000000ffffc0a801ff'],
    ['10.1.2.3/9', '00000000000000000000ffff0a000000', '00000000000000000000ffff0a7fffff'],
    ['0.0.0.0/0', '00000000000000000000ffff00000000', '00000000000000000000ffffffffffff'],
    ['fd00::1:2', 'fd000000000000000000000000010002', 'fd000000000000000000000000010002'],
    ['fd00:1:2:3:4::/61', 'fd000001000200000000000000000000', 'fd00000100020007ffffffffffffffff'],
    ['::/0', '00000000000000000000000000000000', 'ffffffffffffffffffffffffffffffff'],
  ])('%s is from %s to %s', (text, from, to) => {
    const { first, last } = addressRange(text);
    expect([first, last].map((octets) => Buffer.from(octets).toString('hex'))).toEqual([from, to]);
    // The memory of addresses is not written to.
    const [address = ''] = text.split('/');
    expect(addressRange(address).first).toEqual(addressOctets(address));
  });
});

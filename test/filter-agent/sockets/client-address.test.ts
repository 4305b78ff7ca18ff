import { describe, expect, it } from 'vitest';
import { addressOctets } from '../../../filter-agent/sockets/client-address.ts';

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

/** Server cookies against the examples of RFC 9018, appendix A. */
import { describe, expect, it } from 'vitest';
import { ServerCookies } from '../../../filter-agent/answering/server-cookie.ts';
import { addressOctets } from '../../../filter-agent/sockets/client-address.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const SECRET = 'e5e973e5a6b2a43f48e7dc849e37bfcf';

interface Example {
  readonly what: string;
  readonly secret: string;
  readonly client: string;
  readonly address: string;
  readonly seconds: number;
  readonly cookie: string;
}

const examples: Example[] = [
  {
    what: 'A.1, a server cookie is learnt',
    secret: SECRET,
    client: '2464c4abcf10c957',
    address: '198.51.100.100',
    seconds: 1559731985,
    cookie: '010000005cf79f111f8130c3eee29480',
  },
  {
    what: 'A.2, the same client later',
    secret: SECRET,
    client: '2464c4abcf10c957',
    address: '198.51.100.100',
    seconds: 1559734385,
    cookie: '010000005cf7a871d4a564a1442aca77',
  },
  {
    what: 'A.3, another client',
    secret: SECRET,
    client: 'fc93fc62807ddb86',
    address: '203.0.113.203',
    seconds: 1559734700,
    cookie: '010000005cf7a9acf73a7810aca2381e',
  },
  {
    what: 'A.4, IPv6 and another secret',
    secret: '445536bcd2513298075a5d379663c962',
    client: '22681ab97d52c298',
    address: '2001:db8:220:1:59de:d0f4:8769:82b8',
    seconds: 1559741961,
    cookie: '010000005cf7c609a6bb79d16625507a',
  },
  {
    what: 'A.4, the same under the old secret',
    secret: 'dd3bdf9344b678b185a6f5cb60fca715',
    client: '22681ab97d52c298',
    address: '2001:db8:220:1:59de:d0f4:8769:82b8',
    seconds: 1559741817,
    cookie: '010000005cf7c57926556bd0934c72f8',
  },
];

describe('a server cookie', () => {
  it.each(examples)('is what RFC 9018 has for $what', ({ secret, client, address, seconds, cookie }) => {
    const into = new Uint8Array(24).fill(0xee);
    new ServerCookies(hex(secret)).make(hex(client), addressOctets(address), seconds, into, 4);
    expect(Buffer.from(into.subarray(4, 20)).toString('hex')).toBe(cookie);
    expect([...into.subarray(0, 4), ...into.subarray(20)]).toEqual(new Array(8).fill(0xee));
  });

  it('needs a secret of sixteen octets', () => {
    expect(() => new ServerCookies(new Uint8Array(15))).toThrow(/got 15 octets, expected 16/);
  });
});

/** Which records an answer may hold: data that cannot be read to their last octet make a reply none at all. */
import { describe, expect, it } from 'vitest';
import { Walk, walkMessage } from '../../../filter-agent/answering/stored-message.ts';
import { faultOf } from '../../support/message-fault.ts';
import { wireName, wireQuery } from '../../support/wire-echo.ts';

const name = wireName('one', 'example');
/** The question's name, by a pointer. */
const own = Buffer.of(0xc0, 12);
const numbers = (count: number) => Buffer.alloc(count, 1);
const SOA_NUMBERS = numbers(20);

interface Row {
  readonly what: string;
  readonly type: number;
  readonly data: Buffer;
}

const sound: readonly Row[] = [
  { what: 'A', type: 1, data: numbers(4) },
  { what: 'AAAA', type: 28, data: numbers(16) },
  { what: 'CNAME', type: 5, data: wireName('two', 'example') },
  { what: 'MX whose host is compressed', type: 15, data: Buffer.concat([numbers(2), own]) },
  { what: 'SOA whose names are compressed', type: 6, data: Buffer.concat([own, Buffer.of(1, 97), own, SOA_NUMBERS]) },
  { what: 'TXT of two strings, one of them empty', type: 16, data: Buffer.of(0, 2, 97, 98) },
  { what: 'SRV', type: 33, data: Buffer.concat([numbers(6), name]) },
  { what: 'HTTPS without parameters', type: 65, data: Buffer.of(0, 1, 0) },
  { what: 'HTTPS with alpn and port', type: 65, data: Buffer.of(0, 1, 0, 0, 1, 0, 3, 2, 104, 50, 0, 3, 0, 2, 1, 187) },
  { what: 'CAA without a value', type: 257, data: Buffer.of(0, 1, 97) },
  { what: 'DS', type: 43, data: numbers(36) },
  { what: 'RRSIG', type: 46, data: Buffer.concat([numbers(18), name, numbers(64)]) },
  { what: 'NSEC', type: 47, data: Buffer.concat([name, Buffer.of(0, 1, 64, 1, 2, 0, 128)]) },
  { what: 'NSEC3', type: 50, data: Buffer.of(1, 0, 0, 0, 1, 171, 2, 1, 2, 0, 1, 64) },
  { what: 'NSEC3 of an empty non-terminal', type: 50, data: Buffer.of(1, 0, 0, 0, 0, 2, 1, 2) },
  { what: 'a type that nobody knows', type: 65_280, data: numbers(3) },
];

const unsound: readonly Row[] = [
  { what: 'A of five octets', type: 1, data: numbers(5) },
  { what: 'AAAA of four octets', type: 28, data: numbers(4) },
  { what: 'CNAME that is followed by something', type: 5, data: Buffer.concat([name, numbers(1)]) },
  { what: 'PTR that points at itself', type: 12, data: Buffer.of(0xc0, 12 + name.length + 4 + 12) },
  { what: 'MX without a host', type: 15, data: numbers(2) },
  { what: 'SOA without its last number', type: 6, data: Buffer.concat([name, name, numbers(16)]) },
  { what: 'SOA without its second name', type: 6, data: Buffer.concat([name, SOA_NUMBERS]) },
  { what: 'SOA whose second name is none', type: 6, data: Buffer.concat([name, Buffer.of(0x41), name, SOA_NUMBERS]) },
  { what: 'TXT without a string', type: 16, data: Buffer.alloc(0) },
  { what: 'TXT whose string is cut', type: 16, data: Buffer.of(3, 97, 98) },
  { what: 'SRV cut within its numbers', type: 33, data: numbers(5) },
  { what: 'HTTPS without a target', type: 65, data: Buffer.of(0, 1) },
  { what: 'HTTPS with a key twice', type: 65, data: Buffer.of(0, 1, 0, 0, 3, 0, 0, 0, 3, 0, 0) },
  { what: 'HTTPS with a parameter that is cut', type: 65, data: Buffer.of(0, 1, 0, 0, 3, 0, 2, 1) },
  { what: 'CAA without data', type: 257, data: Buffer.alloc(0) },
  { what: 'CAA whose tag is cut', type: 257, data: Buffer.of(0, 5, 105, 115) },
  { what: 'CAA whose tag is empty', type: 257, data: Buffer.of(0, 0, 97) },
  { what: 'DS without a digest', type: 43, data: numbers(4) },
  { what: 'RRSIG cut before its signer', type: 46, data: numbers(17) },
  { what: 'RRSIG without a signature', type: 46, data: Buffer.concat([numbers(18), name]) },
  { what: 'RRSIG whose signer is compressed', type: 46, data: Buffer.concat([numbers(18), own, numbers(64)]) },
  { what: 'NSEC with an empty window', type: 47, data: Buffer.concat([name, Buffer.of(0, 0)]) },
  { what: 'NSEC with its windows backwards', type: 47, data: Buffer.concat([name, Buffer.of(1, 1, 64, 0, 1, 64)]) },
  { what: 'NSEC3 whose salt is cut', type: 50, data: Buffer.of(1, 0, 0, 0, 9, 171) },
  { what: 'NSEC3 whose hash is cut', type: 50, data: Buffer.of(1, 0, 0, 0, 0, 9, 171) },
];

/** A type that was asked for stands in the answer; what only says that there is none, in the authority section. */
const inAuthority = new Set([6, 43, 46, 47, 50]);

function reply({ type, data }: Row, section: 'answer' | 'authority'): Buffer {
  const head = wireQuery(7, name, section === 'answer' ? type : 1);
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, section === 'answer' ? 6 : 8);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(300, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([head, own, fixed, data]);
}

function cases(rows: readonly Row[]): (Row & { readonly section: 'answer' | 'authority' })[] {
  return rows.flatMap((row) => [
    { ...row, section: 'answer' as const },
    ...(inAuthority.has(row.type) ? [{ ...row, section: 'authority' as const }] : []),
  ]);
}

const walks = (message: Buffer) => walkMessage(message, message.length, null, new Walk());

describe('a record of a reply', () => {
  it.each(cases(sound))('is taken: $what ($section)', (row) => {
    const message = reply(row, row.section);
    expect(faultOf(message)).toBeNull();
    expect(walks(message)).toBe(true);
  });

  it.each(cases(unsound))('makes it none: $what ($section)', (row) => {
    const message = reply(row, row.section);
    expect(faultOf(message)).not.toBeNull();
    expect(walks(message)).toBe(false);
  });

  it('makes it none: a name that a TTL is part of, which another TTL would make unreadable', () => {
    const ttlAt = 12 + name.length + 4 + 2 + 4;
    // 300 is 0x0000012c: its first two octets are the root's name.
    const intoTtl = { what: '', type: 5, data: Buffer.of(1, 97, 0xc0, ttlAt) };
    const message = reply(intoTtl, 'answer');
    expect(faultOf(message)).toBeNull();
    expect(walks(message)).toBe(false);
    const behindTtl = { ...intoTtl, data: Buffer.of(1, 97, 0xc0, 12) };
    expect(walks(reply(behindTtl, 'answer'))).toBe(true);
  });

  it('makes it none: an owner that a TTL before it is part of', () => {
    const first = reply({ what: '', type: 1, data: numbers(4) }, 'answer');
    const ttlAt = first.length - 4 - 2 - 4;
    const second = (at: number) => Buffer.concat([Buffer.of(0xc0, at, 0, 46, 0, 1, 0, 0, 1, 44, 0, 4), numbers(4)]);
    const both = (at: number) => {
      const message = Buffer.concat([first, second(at)]);
      message[7] = 2;
      return message;
    };
    expect(walks(both(ttlAt))).toBe(false);
    // A type that is no signature's would be left out, and with it the reason to look; the owner counts all the same.
    const stray = both(ttlAt);
    stray[first.length + 3] = 16;
    expect(walks(stray)).toBe(false);
    stray[first.length + 1] = 12;
    expect(walks(stray)).toBe(true);
  });
});

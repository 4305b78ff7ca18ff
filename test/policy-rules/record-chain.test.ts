/** The record's chain: its format held against octets put together by hand, and what a check of it finds. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHAIN_START,
  type ChainEntry,
  type ChainHead,
  chainEntry,
  checkChain,
  type Sha256,
} from '../../policy-rules/record-chain.ts';

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const facts = {
  at: 1_795_255_200_000,
  kind: 'permission',
  action: 'grant-given',
  subject: 'a-grant',
  actorId: 'user-1',
  sessionId: null,
  detailsJson: '{"type":"grant-given","target":"Büro"}',
};
const words = { who: 'Tracey Field', wordsJson: '{"reason":"Training"}', salt: '000102030405060708090a0b0c0d0e0f' };

describe('an entry', () => {
  it('has the hash that its description says, octet by octet', () => {
    const salt = Buffer.from(words.salt, 'hex');
    const commitment = createHash('sha256')
      .update(Buffer.concat([salt, Buffer.from('["Tracey Field","{\\"reason\\":\\"Training\\"}"]')]))
      .digest();
    const text =
      '[1,1,1795255200000,"permission","grant-given","a-grant","user-1",null,' +
      '"{\\"type\\":\\"grant-given\\",\\"target\\":\\"Büro\\"}"]';
    const hash = createHash('sha256')
      .update(Buffer.concat([Buffer.alloc(32), Buffer.from(text), commitment]))
      .digest('hex');
    expect(chainEntry(CHAIN_START, facts, words, sha256)).toEqual({
      ...facts,
      seq: 1,
      commitment: commitment.toString('hex'),
      hash,
      words,
    });
  });
});

describe('a check', () => {
  const chain = chainOf(12);

  it('passes a chain as it was written, in slices too, with and without words', () => {
    const erased = chain.map((entry, index) => (index < 6 ? { ...entry, words: null } : entry));
    const first = checkChain(erased.slice(0, 5), CHAIN_START, sha256);
    expect(first).toEqual({ ok: true, head: { seq: 5, hash: chain[4]!.hash } });
    const head = first.ok ? first.head : CHAIN_START;
    expect(checkChain(erased.slice(5), head, sha256)).toEqual({ ok: true, head: { seq: 12, hash: chain[11]!.hash } });
    expect(checkChain([], CHAIN_START, sha256)).toEqual({ ok: true, head: CHAIN_START });
  });

  it('goes on from a checkpoint, and from no other', () => {
    expect(checkChain(chain.slice(4), chain[3]!, sha256).ok).toBe(true);
    expect(checkChain(chain.slice(4), { seq: 4, hash: chain[2]!.hash }, sha256)).toEqual(faultAt(5, 'changed'));
    expect(checkChain(chain.slice(4), CHAIN_START, sha256)).toEqual(faultAt(1, 'missing'));
  });

  it('names the first entry that was taken out, doubled, or put elsewhere', () => {
    expect(checkChain(chain.toSpliced(4, 1), CHAIN_START, sha256)).toEqual(faultAt(5, 'missing'));
    expect(checkChain(chain.toSpliced(4, 0, chain[3]!), CHAIN_START, sha256)).toEqual(faultAt(5, 'missing'));
    const swapped = chain.with(4, { ...chain[5]!, seq: 5 }).with(5, { ...chain[4]!, seq: 6 });
    expect(checkChain(swapped, CHAIN_START, sha256)).toEqual(faultAt(5, 'changed'));
  });

  it('names the entry of which any one character was changed, wherever it stands', () => {
    const fields = [
      'at',
      'kind',
      'action',
      'subject',
      'actorId',
      'sessionId',
      'detailsJson',
      'commitment',
      'hash',
    ] as const;
    fc.assert(
      fc.property(fc.nat(11), fc.constantFrom(...fields), fc.nat(), fc.nat(0x7e), (index, field, where, code) => {
        const entry = chain[index]!;
        const changed = { ...entry, [field]: withOther(entry[field], where, code) };
        expect(checkChain(chain.with(index, changed), CHAIN_START, sha256)).toEqual(faultAt(index + 1, 'changed'));
      }),
    );
    fc.assert(
      fc.property(
        fc.nat(11),
        fc.constantFrom('who', 'wordsJson', 'salt'),
        fc.nat(),
        fc.nat(0x7e),
        (index, field, where, code) => {
          const entry = chain[index]!;
          const other = { ...entry.words!, [field]: withOther(entry.words![field], where, code) };
          const changed: ChainEntry = { ...entry, words: other };
          expect(checkChain(chain.with(index, changed), CHAIN_START, sha256)).toEqual(faultAt(index + 1, 'words'));
        },
      ),
    );
  });

  it('takes the same digits in capitals for a change', () => {
    const shouted = { ...chain[3]!, words: null, commitment: chain[3]!.commitment.toUpperCase() };
    expect(checkChain(chain.with(3, shouted), CHAIN_START, sha256)).toEqual(faultAt(4, 'changed'));
    const salt = chain[3]!.words!.salt.toUpperCase();
    const salted = { ...chain[3]!, words: { ...chain[3]!.words!, salt } };
    expect(checkChain(chain.with(3, salted), CHAIN_START, sha256)).toEqual(faultAt(4, 'words'));
  });

  it('cannot know by itself that the end was cut off, or that all was computed anew: the head shows it', () => {
    const cut = checkChain(chain.slice(0, 8), CHAIN_START, sha256);
    expect(cut).toEqual({ ok: true, head: { seq: 8, hash: chain[7]!.hash } });
    const anew = checkChain(chainOf(12, 'another reason'), CHAIN_START, sha256);
    expect(anew).toMatchObject({ ok: true, head: { seq: 12 } });
    expect(anew.ok && anew.head.hash).not.toBe(chain[11]!.hash);
  });
});

function chainOf(length: number, reason = 'Training'): ChainEntry[] {
  const entries: ChainEntry[] = [];
  let head: ChainHead = CHAIN_START;
  for (let index = 0; index < length; index++) {
    const salt = sha256(`salt ${index}`).slice(0, 32);
    const kept = { ...words, wordsJson: JSON.stringify({ reason }), salt };
    const entry = chainEntry(head, { ...facts, at: facts.at + index, sessionId: 'session-1' }, kept, sha256);
    entries.push(entry);
    head = entry;
  }
  return entries;
}

function faultAt(seq: number, what: string) {
  return { ok: false, fault: { seq, what } };
}

/** The same but for one character, or one bit of a number. */
function withOther(value: string | number | null, where: number, code: number): string | number {
  if (typeof value === 'number') return value + 1 + (where % 1_000);
  const text = value ?? '';
  const at = where % Math.max(1, text.length);
  const other = String.fromCharCode(code === text.charCodeAt(at) ? code + 1 : code);
  return text.slice(0, at) + other + text.slice(at + 1);
}

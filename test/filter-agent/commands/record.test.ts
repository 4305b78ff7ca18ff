/** `stairgate record verify` as a person calls it, on files as the dashboard exports them. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record } from '../../../filter-agent/commands/record.ts';
import { headText } from '../../../policy-rules/agent-protocol.ts';
import { CHAIN_START, type ChainEntry, type ChainHead, chainEntry } from '../../../policy-rules/record-chain.ts';
import type { ExportHeader } from '../../../policy-rules/record-export.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stairgate-record-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keys = generateKeyPairSync('ed25519');
const publicKey = String(keys.publicKey.export({ format: 'jwk' }).x);
const settingId = '5d0e9a52-7c3b-4f0e-8a64-1f2b3c4d5e6f';
const entries = chainOf(30);

describe('stairgate record verify', () => {
  it('says that a record is as it was written, and up to where a box has countersigned it', async () => {
    const { code, out } = await verify(entries);
    expect(out.split('\n')).toEqual([
      '30 entries of Halstead Nursery, no. 1 to 30: as they were written.',
      `Countersigned up to no. 28 by the box with the key ${publicKey}.`,
      '',
    ]);
    expect(code).toBe(0);
  });

  it('takes a record whose words are erased, and one that begins at a checkpoint', async () => {
    expect(await verify(entries.map((entry) => ({ ...entry, words: null })))).toMatchObject({ code: 0 });
    const rest = await verify(entries.slice(10), { start: { seq: 10, hash: entries[9]!.hash } });
    expect(rest).toMatchObject({
      code: 0,
      out: expect.stringContaining('20 entries of Halstead Nursery, no. 11 to 30'),
    });
  });

  it('names the entry of which one byte was changed', async () => {
    const changed = entries.with(16, { ...entries[16]!, subject: 'B' });
    expect(await verify(changed)).toEqual({ code: 1, out: 'No. 17 is not as it was written.\n' });
    const words = entries.with(16, { ...entries[16]!, words: { ...entries[16]!.words!, who: 'tracey' } });
    expect(await verify(words)).toEqual({
      code: 1,
      out: 'The personal words of no. 17 are not as they were written.\n',
    });
    expect(await verify(entries.toSpliced(16, 1))).toEqual({
      code: 1,
      out: 'No. 17 is missing: another entry stands in its place.\n',
    });
  });

  it('notices that the last ten are cut off, from the file and from the record', async () => {
    const cut = entries.slice(0, 20);
    expect(await verify(cut)).toEqual({ code: 1, out: 'No. 21 is missing: the record goes on to no. 30.\n' });
    const before = await verify(cut, { end: { seq: 20, hash: cut[19]!.hash } });
    expect(before).toMatchObject({ code: 1, out: expect.stringContaining('countersigned another no. 28') });
  });

  it('notices that all of it was computed anew', async () => {
    const anew = chainOf(30, 'another reason');
    const { code, out } = await verify(anew, { end: { seq: 30, hash: anew[29]!.hash } });
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringContaining('countersigned another no. 28') });
  });

  it('rests on no signature that is not one', async () => {
    const heads = [{ seq: 28, hash: 'a'.repeat(64), signature: signed({ seq: 28, hash: 'b'.repeat(64) }), publicKey }];
    expect((await verify(entries, { heads })).out).not.toContain('ountersigned');
  });

  it.each([
    ['nothing', ''],
    ['another file', 'No.,When,Who\r\n'],
    ['an entry that is none', `${JSON.stringify(headerOf({}))}\n{"seq":1}\n`],
  ])('refuses %s in a sentence', async (_, text) => {
    const { code, out } = await run(text);
    expect(code).toBe(1);
    expect(out).toMatch(/^(This is not an exported record|Line 2 is no entry).*\.\n$/);
  });
});

function verify(lines: readonly ChainEntry[], header: Partial<ExportHeader> = {}) {
  return run([headerOf(header), ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function run(text: string): Promise<{ code: number; out: string }> {
  const file = join(folder, 'record.ndjson');
  writeFileSync(file, text);
  let out = '';
  const code = await record(['verify', file], {
    stdin: (async function* () {})(),
    stdout: { write: (more) => (out += more) },
    stderr: { write: (more) => (out += more) },
    stopped: new Promise(() => {}),
  });
  return { code, out };
}

function headerOf(changes: Partial<ExportHeader>): ExportHeader {
  const head = { seq: 28, hash: entries[27]!.hash };
  return {
    ...{ stairgate: 'record', version: 1, settingId, settingName: 'Halstead Nursery', start: CHAIN_START },
    end: { seq: 30, hash: entries[29]!.hash },
    heads: [{ ...head, signature: signed(head), publicKey }],
    ...changes,
  };
}

function signed(head: ChainHead): string {
  return sign(null, Buffer.from(headText(settingId, head)), keys.privateKey).toString('base64url');
}

function chainOf(length: number, reason = 'Training'): ChainEntry[] {
  const chain: ChainEntry[] = [];
  let head: ChainHead = CHAIN_START;
  const facts = { kind: 'permission', action: 'grant-given', subject: 'b', actorId: 'user-1', sessionId: null };
  for (let at = 1; at <= length; at++) {
    const words = { who: 'Tracey', wordsJson: JSON.stringify({ reason }), salt: sha256(`${at}`).slice(0, 32) };
    const entry = chainEntry(head, { ...facts, at, detailsJson: '{}' }, words, sha256);
    chain.push(entry);
    head = entry;
  }
  return chain;
}

function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

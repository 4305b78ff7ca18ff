/** `stairgate record verify` as a person calls it, on files as the dashboard exports them. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { record } from '../../../filter-agent/commands/record.ts';
import { enrol } from '../../../filter-agent/control/box-identity.ts';
import { openStore, STORE_FILE } from '../../../filter-agent/control/usage-store.ts';
import { headText } from '../../../policy-rules/agent-protocol.ts';
import { CHAIN_START, type ChainEntry, type ChainHead, chainEntry } from '../../../policy-rules/record-chain.ts';
import type { ExportedEntry, ExportHeader } from '../../../policy-rules/record-export.ts';

let folder: string;
let stateDir: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stairgate-record-'));
  stateDir = join(folder, 'state');
  mkdirSync(stateDir);
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

  it('holds the record against what this box itself has countersigned, whatever the file says of it', async () => {
    await countersign({ seq: 25, hash: entries[24]!.hash });
    const heads: ExportHeader['heads'] = [];
    expect(await verify(entries, { heads })).toEqual({
      code: 0,
      out: expect.stringMatching(/as they were written\.\nThis box itself has countersigned it up to no\. 25\.\n$/),
    });
    const anew = chainOf(30, 'another reason');
    expect(await verify(anew, { heads, end: { seq: 30, hash: anew[29]!.hash } })).toMatchObject({
      code: 1,
      out: expect.stringContaining('This box has countersigned another no. 25'),
    });
    const cut = entries.slice(0, 20);
    expect(await verify(cut, { heads, end: { seq: 20, hash: cut[19]!.hash } })).toMatchObject({
      code: 1,
      out: expect.stringContaining('ends with no. 20, and this box has countersigned up to no. 25'),
    });
    // What retention has taken cannot be compared any more.
    const rest = await verify(entries.slice(25), { heads, start: { seq: 25, hash: entries[24]!.hash } });
    expect(rest).toEqual({ code: 0, out: expect.not.stringContaining('This box') });
  });

  it('says so when this box is of another setting, or its state cannot be read', async () => {
    await countersign({ seq: 25, hash: 'e'.repeat(64) }, crypto.randomUUID());
    expect(await verify(entries)).toMatchObject({
      code: 0,
      out: expect.stringContaining('belongs to another setting'),
    });
    writeFileSync(join(stateDir, STORE_FILE), 'no database at all, but long enough to be taken for one'.repeat(100));
    expect(await verify(entries)).toMatchObject({
      code: 0,
      out: expect.stringContaining('What this box has countersigned could not be read: file is not a database.'),
    });
  });

  it('checks of a part that each entry agrees with its seal', async () => {
    const part: readonly ExportedEntry[] = [2, 3, 17, 24].map((index) => ({
      ...entries[index]!,
      before: entries[index - 1]!.hash,
    }));
    const header = { part: { count: 4 } };
    await countersign({ seq: 25, hash: entries[24]!.hash });
    expect(await verify(part, header)).toEqual({
      code: 0,
      out: `4 entries of Halstead Nursery, a part of the record: each agrees with its seal. That none is missing, and no seal was made anew, shows only in a copy of the whole.\nThis box itself has countersigned no. 25.\n`,
    });
    for (const [parts, problem] of [
      [part.with(2, { ...part[2]!, subject: 'B' }), 'No. 18 is not as it was written.'],
      [
        part.with(1, { ...part[1]!, before: entries[5]!.hash, hash: entries[5]!.hash }),
        'No. 4 is not as it was written.',
      ],
      [part.toSpliced(1, 1), 'The copy should have 4 entries, and has 3.'],
      [part.toReversed(), 'Line 3 is out of place: no. 18 after no. 25.'],
      [part.with(0, entries[2]!), 'Line 2 is out of place: no. 3 after no. 0.'],
    ] as const) {
      expect(await verify(parts, header)).toEqual({ code: 1, out: `${problem}\n` });
    }
    const other = chainEntry(entries[23]!, { ...entries[24]!, subject: 'B' }, entries[24]!.words!, sha256);
    expect(await verify(part.with(3, { ...other, before: entries[23]!.hash }), header)).toMatchObject({
      code: 1,
      out: expect.stringContaining('This box has countersigned another no. 25 than this one'),
    });
  });

  it('reads standard input, and fails in a sentence where there is no file', async () => {
    const text = [headerOf({}), ...entries].map((line) => `${JSON.stringify(line)}\n`).join('');
    expect(await called('-', text)).toMatchObject({ code: 0, out: expect.stringContaining('30 entries') });
    await expect(called(join(folder, 'none'))).rejects.toThrow(/ENOENT.*none/);
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

function verify(lines: readonly ExportedEntry[], header: Partial<ExportHeader> = {}) {
  return run([headerOf(header), ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

async function run(text: string): Promise<{ code: number; out: string }> {
  const file = join(folder, 'record.ndjson');
  writeFileSync(file, text);
  return called(file);
}

async function called(file: string, stdin = ''): Promise<{ code: number; out: string }> {
  const config = join(folder, 'box.yaml');
  writeFileSync(config, `upstreams: ["udp://127.0.0.1:9"]\nstateDir: ${stateDir}\n`);
  let out = '';
  const code = await record(['verify', file, '--config', config], {
    stdin: (async function* () {
      yield stdin;
    })(),
    stdout: { write: (more) => (out += more) },
    stderr: { write: (more) => (out += more) },
    stopped: new Promise(() => {}),
  });
  return { code, out };
}

/** As a box does that is paired with the setting: its own enrolment, and its own store. */
async function countersign(head: ChainHead, pairedWith = settingId): Promise<void> {
  const boxId = crypto.randomUUID();
  const dashboard = createServer((_, response) => {
    const answer = { boxId, settingId: pairedWith, settingName: 'Halstead Nursery', settingPublicKey: publicKey };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  await once(dashboard.listen(0, '127.0.0.1'), 'listening');
  const { port } = dashboard.address() as AddressInfo;
  await enrol({ stateDir, dashboardUrl: `http://127.0.0.1:${port}`, code: 'ABCD-EFGH', boxName: 'box' });
  dashboard.closeAllConnections();
  dashboard.close();
  const store = await openStore({ stateDir });
  await store.saveRecordHead(boxId, head);
  await store.close();
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

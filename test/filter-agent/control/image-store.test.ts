import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCatalogue } from '../../../filter-agent/control/compile-image.ts';
import { imagePathIn, loadImage, readImageRecord, saveImage } from '../../../filter-agent/control/image-store.ts';
import { Header } from '../../../policy-rules/trie/image.ts';
import { lookUp } from '../../support/look-up.ts';
import { smallCatalogue } from '../../support/small-catalogue.ts';

let folder: string;
let path: string;
const image = compileCatalogue(smallCatalogue, []);
const record = { fingerprint: 'f1', lists: ['ads'], failures: [] };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stairgate-image-'));
  path = imagePathIn(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('loadImage', () => {
  it('reads a saved image into shared memory, with what it was made from', async () => {
    await saveImage(path, image, record);
    const loaded = await loadImage(folder);
    if (loaded.state !== 'loaded') throw new Error(`found ${loaded.state}`);
    expect(loaded.image).toBeInstanceOf(SharedArrayBuffer);
    expect(lookUp(loaded.image)('a.chatter.example')).toEqual(['service:chatter']);
    expect(loaded.record).toMatchObject(record);
  });

  it('says when there is none', async () => {
    expect(await loadImage(folder)).toEqual({ state: 'absent' });
    expect(await loadImage(join(folder, 'none'))).toEqual({ state: 'absent' });
  });

  it.each([
    ['a changed octet', 'damaged', (bytes: Buffer) => bytes.fill(bytes.at(-1)! ^ 0x40, bytes.length - 1)],
    ['a cut file', 'wrong-length', (bytes: Buffer) => bytes.subarray(0, bytes.length - 4)],
    ['a file cut within a word', 'wrong-length', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ['a longer file', 'wrong-length', (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(4)])],
    ['zeros from an unfinished write', 'not-an-image', (bytes: Buffer) => bytes.fill(0)],
    ['an empty file', 'too-short', () => Buffer.alloc(0)],
    ['another kind of file', 'not-an-image', () => Buffer.from('a.example\n'.repeat(100))],
  ] as const)('moves %s aside and says so', async (_title, code, damage) => {
    await saveImage(path, image, record);
    await writeFile(path, damage(await readFile(path)));
    const loaded = await loadImage(folder);
    expect(loaded).toMatchObject({ state: 'damaged', code, movedTo: `${path}.damaged` });
    expect(loaded).toHaveProperty('reason', expect.stringContaining(path));
    expect(await loadImage(folder)).toEqual({ state: 'absent' });
    expect(await readdir(folder)).toContain('rules.image.damaged');
  });

  it('does not read what is larger than any image into memory', async () => {
    await writeFile(path, '');
    await truncate(path, 2 ** 30 + 4);
    expect(await loadImage(folder)).toMatchObject({ state: 'damaged', code: 'too-large' });
  });

  it('leaves what it cannot read where it is', async () => {
    await mkdir(path);
    expect(await loadImage(folder)).toMatchObject({ state: 'damaged', code: 'unreadable', movedTo: null });
    expect(await readdir(folder)).toEqual(['rules.image']);
  });

  it('leaves an image of another version for the next compilation to replace', async () => {
    const other = image.slice();
    new Uint32Array(other)[Header.VERSION]! += 1;
    await saveImage(path, other, record);
    expect(await loadImage(folder)).toMatchObject({ state: 'outdated' });
    expect(await readdir(folder)).toContain('rules.image');
  });

  it('takes no record of another image', async () => {
    await saveImage(path, image, record);
    await writeFile(path, new Uint8Array(compileCatalogue(smallCatalogue, ['stairgate.home.arpa'])));
    expect(await loadImage(folder)).toMatchObject({ state: 'loaded', record: null });
    expect(await readImageRecord(path)).toBeNull();
  });

  it('filters without a record, or with a damaged one', async () => {
    await saveImage(path, image, record);
    await writeFile(`${path}.json`, '{');
    expect(await loadImage(folder)).toMatchObject({ state: 'loaded', record: null });
    await rm(`${path}.json`, { force: true });
    expect(await loadImage(folder)).toMatchObject({ state: 'loaded', record: null });
  });
});

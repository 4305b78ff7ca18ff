import { chown, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readDurableJson, writeDurableJson } from '../../../filter-agent/control/durable-file.ts';

let folder: string;
let path: string;
const asIs = (value: unknown): unknown => value;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-file-'));
  path = join(folder, 'policy.json');
});

describe('a durable file', () => {
  it('gives back what was written', async () => {
    const value = { name: 'Nursery – Küche', list: [1, 2, 3], nothing: null };
    await writeDurableJson(path, value);
    expect(await readDurableJson(path, asIs)).toEqual({ state: 'read', value });
  });

  it('says "absent" for a file that was never written', async () => {
    expect(await readDurableJson(path, asIs)).toEqual({ state: 'absent' });
  });

  it('makes the folders on its way', async () => {
    const deep = join(folder, 'state', 'box', 'policy.json');
    await writeDurableJson(deep, 1);
    expect(await readDurableJson(deep, asIs)).toEqual({ state: 'read', value: 1 });
  });

  it('keeps a key from other users, also when it replaces a file that was open to all', async () => {
    await writeFile(path, 'old', { mode: 0o644 });
    await writeDurableJson(path, 'key', { mode: 0o600 });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('belongs to the owner of its folder, also when root writes it', async () => {
    const owner = process.getuid?.() === 0 ? 65_534 : process.getuid!();
    if (owner === 65_534) await chown(folder, owner, owner);
    await writeDurableJson(path, 'key', { mode: 0o600 });
    expect((await stat(path)).uid).toBe(owner);
  });

  it('keeps the last of many writes that were begun at once, and leaves no temporary file', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, index) => writeDurableJson(path, index)));
    expect(await readDurableJson(path, asIs)).toEqual({ state: 'read', value: 19 });
    expect(await readdir(folder)).toEqual(['policy.json']);
  });

  it('writes again after a write that failed', async () => {
    const blocked = join(path, 'below-a-file.json');
    await writeFile(path, 'not a folder');
    await expect(writeDurableJson(blocked, 1)).rejects.toThrow(`cannot write ${blocked}`);
    await writeDurableJson(path, 2);
    expect(await readDurableJson(path, asIs)).toEqual({ state: 'read', value: 2 });
  });

  it('clears away what a power cut left half written', async () => {
    await writeFile(join(folder, '.policy.json.tmp'), 'half');
    await writeDurableJson(path, 'whole');
    expect(await readdir(folder)).toEqual(['policy.json']);
  });
});

describe('a damaged file', () => {
  it('is moved aside, cut at any length', async () => {
    await writeDurableJson(path, { version: 7 });
    const whole = await readFile(path);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const read = await readDurableJson(path, asIs);
      expect(read, `cut to ${length} bytes`).toMatchObject({ state: 'damaged', movedTo: `${path}.damaged` });
    }
    expect(await readdir(folder)).toEqual(['policy.json.damaged']);
  });

  it('is found out by any one changed byte', async () => {
    await writeDurableJson(path, { version: 7 });
    const whole = await readFile(path);
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ 0x01;
      await writeFile(path, changed);
      expect((await readDurableJson(path, asIs)).state, `byte ${at} changed`).toBe('damaged');
    }
  });

  it('is one whose reader refuses the value, with the reason', async () => {
    await writeDurableJson(path, { version: 'seven' });
    const read = await readDurableJson(path, () => {
      throw new Error('expected a number as version');
    });
    expect(read).toEqual({
      state: 'damaged',
      reason: 'policy.json is damaged: expected a number as version',
      movedTo: `${path}.damaged`,
    });
    expect(await readDurableJson(path, asIs)).toEqual({ state: 'absent' });
  });
});

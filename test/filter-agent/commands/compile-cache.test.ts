/**
 * Node's cache of compiled modules under the box: used by all its threads, and never what a start depends on. A box that
 * can have none is in test/hardware/install.test.ts.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BoxProcess, prepareBox } from '../../support/box-process.ts';

describe('the cache of compiled modules', () => {
  let folder: string;
  let box: BoxProcess | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stairgate-compile-cache-'));
  });
  afterEach(async () => {
    await box?.remove();
    box = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  /** What Node says of the files with types that it loaded, of a box that was started and stopped. */
  const startAndStop = async (cache: string): Promise<{ stripped: number; cached: number }> => {
    // Node names each file that it looks for and whether it was there; somebody's own folder takes the program's place.
    const environment = { NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
    box = await prepareBox({ environment });
    await box.start();
    expect(await box.ask('www.facebook.com')).toBeDefined();
    expect(await box.stop()).toBe(0);
    const said = box.stderr.split('\n').filter((line) => line.includes('StrippedTypeScript'));
    const retrieved = said.filter((line) => line.includes('retrieving transpile cache'));
    const cached = retrieved.filter((line) => line.endsWith('success')).length;
    await box.remove();
    return { stripped: said.filter((line) => line.includes('writing cache')).length, cached };
  };

  const everyFile = (): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  it('spares every thread of a second start the stripping of types', async () => {
    const first = await startAndStop(folder);
    const second = await startAndStop(folder);
    // Far more than one thread loads. The threads write between one another, so an exact count would be too bold.
    expect(first.stripped).toBeGreaterThan(60);
    expect(second.stripped).toBe(0);
    expect(second.cached).toBeGreaterThan(60);
  });

  it.each<[string, (path: string) => void]>([
    ['cut short', (path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ['emptied', (path) => writeFileSync(path, '')],
    [
      'changed in its last octets',
      (path) => {
        const bytes = readFileSync(path);
        bytes.fill(0x20, bytes.length - 16);
        writeFileSync(path, bytes);
      },
    ],
  ])('whose every file was %s does not hold up a start, and is written anew', async (_, damage) => {
    await startAndStop(folder);
    for (const path of everyFile()) damage(path);
    const damaged = await startAndStop(folder);
    expect(damaged.stripped).toBeGreaterThan(60);
    expect((await startAndStop(folder)).stripped).toBe(0);
  });
});

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileCatalogue, compileImage, fingerprintInputs } from '../../../filter-agent/control/compile-image.ts';
import { CompileLauncher } from '../../../filter-agent/control/compile-launcher.ts';
import { imagePathIn, loadImage } from '../../../filter-agent/control/image-store.ts';
import {
  compileLists,
  type ImageInputs,
  ListCompileError,
  type ListSource,
  refreshImage,
} from '../../../filter-agent/control/list-compiler.ts';
import { lookUp } from '../../support/look-up.ts';
import { seededNames } from '../../support/seeded-names.ts';
import { smallCatalogue } from '../../support/small-catalogue.ts';

let folder: string;
let launcher: CompileLauncher;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stairgate-lists-'));
  launcher = new CompileLauncher();
});
afterEach(async () => {
  launcher.close();
  await rm(folder, { recursive: true, force: true });
});

async function list(id: string, content: string | Uint8Array | null, ending = '.txt'): Promise<ListSource> {
  const path = join(folder, `${id}${ending}`);
  if (content !== null) await writeFile(path, content);
  return { id, name: `The ${id} list`, path, protected: false };
}

function inputs(...lists: ListSource[]): ImageInputs {
  return { lists, siteNames: ['stairgate.home.arpa'] };
}

/** Long enough to compile for the child to be caught at it. */
const bigSeed = 7;
const bigList = (): string => seededNames(300_000, bigSeed).join('\n');

async function lookUpStored(): Promise<(name: string) => string[]> {
  const loaded = await loadImage(folder);
  if (loaded.state !== 'loaded') throw new Error(`expected an image, found ${loaded.state}`);
  return lookUp(loaded.image);
}

const launcherModule = new URL('../../../filter-agent/control/compile-launcher.ts', import.meta.url).href;

/** The processes that a launcher in `box` has begun: children of a child of it, from /proc. */
function childPids(box = process.pid): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')')).split(' ')[2]));
    } catch {
      // Ended since the folder was read.
    }
  }
  return [...parents].filter(([, parent]) => parents.get(parent) === box).map(([pid]) => pid);
}

/** The nice value of each thread of a process, from /proc; the 19th field, and the 17th behind the name (proc(5)). */
function threadPriorities(pid: number): number[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((id) => {
    const stat = readFileSync(join(folder, id, 'stat'), 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

/** Waits for a child that was not there before and has begun to run: its threads are there, and none has priority over ours. */
async function findChild(before: readonly number[], box?: number): Promise<number> {
  for (;;) {
    for (const pid of childPids(box)) {
      if (before.includes(pid)) continue;
      try {
        const priorities = threadPriorities(pid);
        if (priorities.length > 1 && priorities.every((priority) => priority === 19)) return pid;
      } catch {
        // Ended meanwhile; the test's own time limit ends the search.
      }
    }
    await setTimeout(2);
  }
}

describe('compileImage', () => {
  it('names the sources by service, list and site, and keeps their rules apart', async () => {
    const a = await list('ads', '||ads.example^\n@@||good.ads.example^\n0.0.0.0 www.chatter.example\n');
    const b = await list('more', 'ads.example\n');
    const { image, report } = await compileImage(smallCatalogue, inputs(a, b));
    const sources = lookUp(image);
    expect(sources('x.ads.example')).toEqual(['list:ads', 'list:more']);
    expect(sources('good.ads.example')).toEqual(['list:more']);
    expect(sources('chatter.example')).toEqual(['service:chatter']);
    expect(sources('www.chatter.example')).toEqual(['service:chatter', 'list:ads']);
    expect(sources('a.work.chatter.example')).toEqual([]);
    expect(sources('login.chatter.example')).toEqual([]);
    expect(sources('a.login.chatter.example')).toEqual(['service:chatter']);
    expect(sources('chatter.cdn.example')).toEqual(['service:chatter']);
    expect(sources('a.chatter.cdn.example')).toEqual([]);
    expect(sources('stairgate.home.arpa')).toEqual(['local:site']);
    expect(sources('example.org')).toEqual([]);
    expect(report.failures).toEqual([]);
    expect(report.build.bySource.map(({ rules }) => rules)).toEqual([4, 1, 3, 1, 1]);
  });

  it('reads compressed lists, and lists of several pieces', async () => {
    const text = `${'# a long header\n'.repeat(200_000)}a.example\nb.example\n`;
    const { image } = await compileImage(smallCatalogue, inputs(await list('zipped', gzipSync(text), '.txt.gz')));
    expect(lookUp(image)('x.b.example')).toEqual(['list:zipped']);
  });

  it('names list, path and mend of each list that fails, and compiles the others', async () => {
    await mkdir(join(folder, 'folder.txt'));
    const cut = gzipSync(bigList()).subarray(0, 400_000);
    const lists = [
      await list('missing', null),
      await list('folder', null),
      await list('empty', ''),
      await list('page', '<!DOCTYPE html>\n<html lang="en">\n'),
      await list('cut', cut, '.gz'),
      await list('not-gzip', 'a.example\n', '.gz'),
      await list('good', 'good.example\n'),
    ];
    const { image, report } = await compileImage(smallCatalogue, inputs(...lists));
    expect(report.failures.map(({ id, code }) => [id, code])).toEqual([
      ['missing', 'list-missing'],
      ['folder', 'list-unreadable'],
      ['empty', 'list-empty'],
      ['page', 'list-without-rules'],
      ['cut', 'list-damaged'],
      ['not-gzip', 'list-damaged'],
    ]);
    for (const { id, path, message } of report.failures) {
      expect(message).toContain(`"The ${id} list" (${path})`);
      expect(message).toMatch(/fetch|may read/);
    }
    expect(lookUp(image)('good.example')).toEqual(['list:good']);
    // What could be read of a list that broke off is better than nothing of it.
    expect(lookUp(image)(seededNames(1, bigSeed)[0]!)).toEqual(['list:cut']);
  });

  it('refuses two lists of one id', async () => {
    const one = await list('ads', 'a.example');
    await expect(compileImage(smallCatalogue, inputs(one, one))).rejects.toThrow(/two have the id "ads"/);
  });

  it('gives the fingerprint that a pass over the files alone gives', async () => {
    const wanted = inputs(await list('a', gzipSync('a.example'), '.gz'), await list('b', null), await list('c', ''));
    const { report } = await compileImage(smallCatalogue, wanted);
    expect(await fingerprintInputs(smallCatalogue, wanted)).toBe(report.fingerprint);
  });

  it('has a fingerprint that changes with the catalogue, a list, the lists, and the site name', async () => {
    const a = await list('a', 'a.example');
    const b = await list('b', 'b.example');
    const first = await fingerprintInputs(smallCatalogue, inputs(a));
    const others = [
      await fingerprintInputs({ ...smallCatalogue, version: '2026.09.2' }, inputs(a)),
      await fingerprintInputs(smallCatalogue, inputs(a, b)),
      await fingerprintInputs(smallCatalogue, inputs(b)),
      await fingerprintInputs(smallCatalogue, inputs()),
      await fingerprintInputs(smallCatalogue, { lists: [a], siteNames: [] }),
    ];
    await writeFile(a.path, 'a.exampl');
    others.push(await fingerprintInputs(smallCatalogue, inputs(a)));
    expect(new Set([first, ...others]).size).toBe(7);
  });
});

describe('compileCatalogue', () => {
  it('makes the image that stands in when there is no other', () => {
    const sources = lookUp(compileCatalogue(smallCatalogue, ['stairgate.home.arpa']));
    expect(sources('m.pictures.example')).toEqual(['service:pictures']);
    expect(sources('stairgate.home.arpa')).toEqual(['local:site']);
  });
});

describe('compileLists', () => {
  it('writes in a child process, all of whose threads have the lowest priority, what compileImage makes', async () => {
    const wanted = inputs(await list('big', bigList()));
    const imagePath = join(folder, 'out.image');
    const before = childPids();
    const running = compileLists(smallCatalogue, wanted, { launcher, imagePath });
    const priorities = threadPriorities(await findChild(before));
    expect(priorities.length).toBeGreaterThan(1);
    expect(new Set(priorities)).toEqual(new Set([19]));
    const { report, written } = await running;
    const { image, report: here } = await compileImage(smallCatalogue, wanted);
    expect(written).toBe(true);
    expect({ ...report, durationMs: 0 }).toEqual({ ...here, durationMs: 0 });
    expect(Buffer.compare(await readFile(imagePath), Buffer.from(image))).toBe(0);
  });

  it('leaves the image before as it was, and nothing else, when the child is killed at any moment', async () => {
    const imagePath = imagePathIn(folder);
    const small = await list('small', 'small.example\n');
    await compileLists(smallCatalogue, inputs(small), { launcher, imagePath });
    const big = await list('big', bigList());
    const bigName = seededNames(1, bigSeed)[0]!;
    let killed = 0;
    for (const delayMs of [0, 40, 80, 160, 320, 640]) {
      const before = childPids();
      const running = compileLists(smallCatalogue, inputs(small, big), { launcher, imagePath }).catch(
        (cause: unknown) => cause,
      );
      const pid = await findChild(before);
      await setTimeout(delayMs);
      const hit = childPids().includes(pid) && process.kill(pid, 'SIGKILL');
      const outcome = await running;
      const sources = await lookUpStored();
      expect(sources('small.example')).toEqual(['list:small']);
      if (outcome instanceof Error) {
        expect(hit).toBe(true);
        expect(outcome).toMatchObject({ code: 'compile-killed', message: expect.stringContaining('SIGKILL') });
        killed++;
      } else {
        expect(sources(bigName)).toEqual(['list:big']);
      }
      const leftovers = (await readdir(folder)).filter((name) => name.endsWith('.tmp') || name.endsWith('.damaged'));
      expect(leftovers).toEqual([]);
    }
    expect(killed).toBeGreaterThan(0);
  });

  it('ends the child when it is called off', async () => {
    const stop = new AbortController();
    const before = childPids();
    const wanted = inputs(await list('big', bigList()));
    const running = compileLists(smallCatalogue, wanted, {
      launcher,
      imagePath: join(folder, 'x.image'),
      signal: stop.signal,
    });
    const pid = await findChild(before);
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: 'compile-aborted' });
    expect(childPids()).not.toContain(pid);
    expect(await readdir(folder)).toEqual(['big.txt']);
  });

  it('leaves no child behind when the box is killed', async () => {
    const job = { catalogue: smallCatalogue, inputs: inputs(await list('big', bigList())), required: [] };
    const program = `
      const { CompileLauncher } = await import(${JSON.stringify(launcherModule)});
      await new CompileLauncher().run(${JSON.stringify({ ...job, imagePath: join(folder, 'x.image') })});
    `;
    const box = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'ignore' });
    const compiler = await findChild([], box.pid);
    box.kill('SIGKILL');
    while (existsSync(`/proc/${compiler}`)) await setTimeout(2);
    expect(await readdir(folder)).toEqual(['big.txt']);
  });

  it('says that the process cannot be begun, and begins it at the next time', async () => {
    const gone = process.execPath;
    try {
      process.execPath = join(folder, 'no-node');
      const running = compileLists(smallCatalogue, inputs(), { launcher, imagePath: join(folder, 'x.image') });
      await expect(running).rejects.toMatchObject({
        code: 'compile-failed',
        message: expect.stringContaining('code 127'),
      });
    } finally {
      process.execPath = gone;
    }
    const { written } = await compileLists(smallCatalogue, inputs(), { launcher, imagePath: join(folder, 'x.image') });
    expect(written).toBe(true);
  });

  it('does not begin when it has been called off before', async () => {
    const signal = AbortSignal.abort();
    const running = compileLists(smallCatalogue, inputs(), { launcher, imagePath: join(folder, 'x.image'), signal });
    await expect(running).rejects.toBeInstanceOf(ListCompileError);
  });

  it('ends a child that takes too long', async () => {
    const wanted = inputs(await list('big', bigList()));
    const running = compileLists(smallCatalogue, wanted, {
      launcher,
      imagePath: join(folder, 'x.image'),
      timeoutMs: 1,
    });
    await expect(running).rejects.toMatchObject({ code: 'compile-timeout' });
  });

  it('says why when the image cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const running = compileLists(smallCatalogue, inputs(), { launcher, imagePath: join(folder, 'file', 'x.image') });
    await expect(running).rejects.toMatchObject({
      code: 'compile-failed',
      message: expect.stringContaining('x.image'),
    });
  });
});

describe('refreshImage', () => {
  it('compiles once, and again only when something has changed', async () => {
    const ads = await list('ads', 'ads.example\n');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads), { launcher })).toMatchObject({
      outcome: 'replaced',
      failures: [],
    });
    expect(await refreshImage(folder, smallCatalogue, inputs(ads), { launcher })).toEqual({
      outcome: 'unchanged',
      failures: [],
    });
    await writeFile(ads.path, 'other.example\n');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads), { launcher })).toMatchObject({
      outcome: 'replaced',
    });
    const sources = await lookUpStored();
    expect(sources('other.example')).toEqual(['list:ads']);
    expect(sources('ads.example')).toEqual([]);
  });

  it('keeps the image that has a list which fails now, and takes a new one once the list is back', async () => {
    const ads = await list('ads', 'ads.example\n');
    const more = await list('more', 'more.example\n');
    await refreshImage(folder, smallCatalogue, inputs(ads, more), { launcher });
    await rm(ads.path);
    await writeFile(more.path, 'other.example\n');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, more), { launcher })).toMatchObject({
      outcome: 'kept',
      failures: [{ id: 'ads', code: 'list-missing' }],
    });
    // The same inputs are not compiled a second time: no child appears.
    const again = refreshImage(folder, smallCatalogue, inputs(ads, more), { launcher, timeoutMs: 0 });
    expect(await again).toMatchObject({ outcome: 'kept', failures: [{ id: 'ads', code: 'list-missing' }] });
    const kept = await lookUpStored();
    expect([kept('ads.example'), kept('more.example')]).toEqual([['list:ads'], ['list:more']]);
    await writeFile(ads.path, 'ads.example\n');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, more), { launcher })).toMatchObject({
      outcome: 'replaced',
    });
    expect((await lookUpStored())('other.example')).toEqual(['list:more']);
  });

  it('keeps the list of an image whose record was lost, and says which list fails', async () => {
    const ads = await list('ads', 'ads.example\n');
    const missing = await list('missing', null);
    await refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher });
    await rm(`${imagePathIn(folder)}.json`);
    await rm(ads.path);
    const failures = [{ id: 'ads', code: 'list-missing' }, { id: 'missing' }];
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher })).toMatchObject({
      outcome: 'kept',
      failures,
    });
    expect((await lookUpStored())('ads.example')).toEqual(['list:ads']);
    // What was refused is remembered: no child appears for the same inputs.
    const again = refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher, timeoutMs: 0 });
    expect(await again).toMatchObject({ outcome: 'kept', failures });
    await writeFile(ads.path, 'other.example\n');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher })).toMatchObject({
      outcome: 'replaced',
    });
    expect((await lookUpStored())('other.example')).toEqual(['list:ads']);
  });

  it('does not wait for a list that it never had, and goes on saying that it is missing', async () => {
    const ads = await list('ads', 'ads.example\n');
    const missing = await list('missing', null);
    const failures = [{ id: 'missing', code: 'list-missing' }];
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher })).toMatchObject({
      outcome: 'replaced',
      failures,
    });
    expect(await refreshImage(folder, smallCatalogue, inputs(ads, missing), { launcher })).toMatchObject({
      outcome: 'unchanged',
      failures,
    });
    expect((await lookUpStored())('ads.example')).toEqual(['list:ads']);
  });

  it('lets go of a list that is no longer wanted', async () => {
    const ads = await list('ads', 'ads.example\n');
    await refreshImage(folder, smallCatalogue, inputs(ads), { launcher });
    await rm(ads.path);
    expect(await refreshImage(folder, smallCatalogue, inputs(), { launcher })).toMatchObject({
      outcome: 'replaced',
      failures: [],
    });
    expect((await lookUpStored())('ads.example')).toEqual([]);
  });

  it('compiles anew after a start has found the image damaged, though nothing else has changed', async () => {
    const ads = await list('ads', 'ads.example\n');
    await refreshImage(folder, smallCatalogue, inputs(ads), { launcher });
    const bytes = await readFile(imagePathIn(folder));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(imagePathIn(folder), bytes);
    expect((await loadImage(folder)).state).toBe('damaged');
    expect(await refreshImage(folder, smallCatalogue, inputs(ads), { launcher })).toMatchObject({
      outcome: 'replaced',
    });
    expect((await lookUpStored())('ads.example')).toEqual(['list:ads']);
  });
});

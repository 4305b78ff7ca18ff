import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listsCompile } from '../../../filter-agent/commands/lists-compile.ts';
import { lookUp } from '../../support/look-up.ts';
import { smallCatalogue } from '../../support/small-catalogue.ts';

let folder: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stairgate-compile-'));
  out = join(folder, 'out.image');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function run(...inputs: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const io = {
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
  };
  return { code: await listsCompile({ inputs, out }, io, smallCatalogue), ...said };
}

describe('stairgate lists compile', () => {
  it('prints what each list came to and writes the image', async () => {
    const ads = await file(
      'My Ads.txt',
      '||ads.example^\nads.example\nx.ads.example\noh no\n||b.example^$script\n1.2.3.4\n',
    );
    const { code, stdout, stderr } = await run(ads);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      'catalogue (services: 2): 5 rules, 0 duplicates, 0 subsumed',
      'list:my-ads, 6 lines (domains 3, adblock 1): 2 rules, 1 duplicates, 1 subsumed, 1 rejected, 1 unsupported, 1 notes',
      'total: 7 rules, 1 duplicates, 1 subsumed, 1 rejected, 1 unsupported, 1 notes',
    ]);
    expect(stdout).toMatch(/out\.image: [\d,]+ bytes in \d+\.\d s\n$/);
    expect(stderr.split('\n').map((line) => line.slice(0, ads.length + 20))).toEqual([
      `${ads}:4:4: more words afte`.slice(0, ads.length + 20),
      `${ads}:5:14: unsupported: the modi`.slice(0, ads.length + 20),
      `${ads}:6:1: note: 1.2.3.4 is`.slice(0, ads.length + 20),
      '',
    ]);
    const sources = lookUp(new Uint8Array(await readFile(out)).buffer);
    expect(sources('x.ads.example')).toEqual(['list:my-ads']);
    expect(sources('chatter.example')).toEqual(['service:chatter']);
  });

  it('shows the first five problems of a list and counts the others', async () => {
    const { stderr } = await run(await file('bad.txt', `good.example\n${'oh no\n'.repeat(2000)}`));
    expect(stderr.split('\n')).toHaveLength(7);
    expect(stderr).toContain('bad.txt: and 1,995 more');
  });

  it('writes the image without a list that is missing, and says so', async () => {
    const { code, stderr } = await run(await file('a.txt', 'a.example\n'), join(folder, 'none.txt'));
    expect(code).toBe(0);
    expect(stderr).toContain('none.txt): there is no such file');
  });

  it('tells lists of one name apart by number', async () => {
    const { stdout } = await run(await file('a.txt', 'a.example\n'), await file('A.hosts', '0.0.0.0 b.example\n'));
    expect(stdout).toContain('list:a, ');
    expect(stdout).toContain('list:a-2, ');
  });

  it('writes nothing and exits with 1 when no list gave a rule', async () => {
    const { code, stderr } = await run(join(folder, 'none.txt'));
    expect(code).toBe(1);
    expect(stderr).toContain('was not written');
    await expect(readFile(out)).rejects.toThrow(/ENOENT/);
  });

  it('exits with 1 when the image cannot be written', async () => {
    out = join(await file('file', ''), 'out.image');
    expect(await run(await file('a.txt', 'a.example\n'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('cannot write'),
    });
  });

  it('exits with 2 when it is called wrongly', async () => {
    const ads = await file('a.txt', 'a.example\n');
    expect(await run()).toMatchObject({ code: 2, stdout: '' });
    out = '';
    expect((await run(ads)).code).toBe(2);
    out = join(folder, '.', 'a.txt');
    expect((await run(ads)).code).toBe(2);
    expect(await readFile(ads, 'utf8')).toBe('a.example\n');
  });
});

/** `stairgate check` as a person calls it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../../filter-agent/commands/check.ts';
import { writeStoredPolicy } from '../../../filter-agent/control/stored-policy.ts';
import { defaultPolicy } from '../../../policy-rules/default-policy.ts';

let folder: string;
/** Without it, the box of a trial of this clone would be asked. */
let config: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stairgate-check-'));
  config = join(folder, 'box.yaml');
  writeFileSync(config, `upstreams: ["udp://127.0.0.1:9"]\nstateDir: ${join(folder, 'state')}\n`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(args: readonly string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await check(['--config', config, ...args], {
    stdin: (async function* () {
      yield input;
    })(),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stopped: new Promise(() => {}),
  });
  return { code, out, err };
}

const OPEN = ['--at', '2026-11-23T10:00'];

describe('stairgate check', () => {
  it('prints name, verdict, service, rule and clauses, for arguments and standard input', async () => {
    const { code, out } = await run([...OPEN, 'graph.facebook.com', '-'], 'bbc.co.uk\n\nWWW.TikTok.com\n');
    expect(out.split('\n')).toEqual([
      'graph.facebook.com\tblock\tfacebook\t||facebook.com^\t7.1.6,7.1.2',
      'bbc.co.uk\tallow\t-\t-\t-',
      'WWW.TikTok.com\tblock\ttiktok\t||tiktok.com^\t7.1.6,7.1.2',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('prints one JSON object a line', async () => {
    const { out } = await run([...OPEN, '--format', 'json', 'www.tiktok.com']);
    expect(JSON.parse(out)).toMatchObject({ name: 'www.tiktok.com', verdict: 'block', source: 'tiktok' });
  });

  it('says by which host a name is shown with safe search, where it is open', async () => {
    const CLOSED = ['--at', '2026-11-23T20:00'];
    const names = ['www.google.co.uk', 'www.youtube.com', 'forcesafesearch.google.com'];
    const { out } = await run([...CLOSED, ...names]);
    expect(out.split('\n')).toEqual([
      'www.google.co.uk\tallow\t-\t-\t-\tshown with safe search (forcesafesearch.google.com)',
      'www.youtube.com\tallow\tyoutube\t||youtube.com^\t7.1.6,7.1.2\tshown with safe search (restrictmoderate.youtube.com)',
      'forcesafesearch.google.com\tallow\t-\t-\t-',
      '',
    ]);
    expect((await run([...OPEN, 'www.youtube.com'])).out).toBe(
      'www.youtube.com\tblock\tyoutube\t||youtube.com^\t7.1.6,7.1.2\n',
    );
    const guest = await run([...CLOSED, '--group', 'guest', '--format', 'json', ...names]);
    for (const line of guest.out.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ safeSearch: null });
    const json = await run([...CLOSED, '--format', 'json', 'www.bing.com']);
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'allow', safeSearch: 'strict.bing.com' });
  });

  it('says what is no name and where, and goes on', async () => {
    const { code, out, err } = await run([...OPEN, '-'], 'a..b\nwww.tiktok.com\n');
    expect(err).toContain('standard input:1: ');
    expect(out).toContain('www.tiktok.com\tblock');
    expect(code).toBe(1);
  });

  it.each([
    ['<script>alert(1)</script>.example', '<script>alert(1)</script>.example'],
    ['"quoted".example', '"quoted".example'],
    ['a\\010b.example', 'a\\010b.example'],
    ['a\tb.example', 'a\\009b.example'],
    ['a\u0000\u001b[2J\u007f.example', 'a\\000\\027[2j\\127.example'],
    ['in one.label', 'in\\032one.label'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['=1+1.example', '\\0611+1.example'],
    ['@sum.example', '\\064sum.example'],
  ])('shows the name %j on one line of printable characters', async (name, shown) => {
    const { out, code } = await run([...OPEN, '--', name]);
    expect(out).toBe(`${shown}\tallow\t-\t-\t-\n`);
    expect(code).toBe(0);
  });

  it('quotes what is no name without its line ends and control characters', async () => {
    const { err } = await run([...OPEN, '--', 'a..\u202e\u001b[2J\u009b1m\u007f\n', '-'], 'a..\u0000b\n');
    expect(err.split('\n')).toHaveLength(3);
    expect(err.replaceAll('\n', '')).not.toMatch(/[\p{C}]/u);
  });

  it.each([
    [['--at', '2026-11-23T20:00'], 'allow'],
    [['--at', '2026-11-23T17:59:59'], 'block'],
    [['--at', '2026-07-23T17:30:00Z'], 'allow'],
    [['--at', '2026-12-25T10:00'], 'allow'],
    [[...OPEN, '--group', 'guest'], 'allow'],
    [[...OPEN, '--group', 'Office'], 'block'],
  ])('with %j says %s', async (args, verdict) => {
    expect((await run([...args, 'www.tiktok.com'])).out).toContain(`\t${verdict}\t`);
  });

  it.each([
    [['--at', 'noon', 'a.example'], /--at: got "noon"/],
    [['--group', 'nobody', 'a.example'], /no group "nobody"; it has: setting, office/],
    [['--format', 'xml', 'a.example'], /expected tsv or json/],
    [['--wrong', 'a.example'], /Known here: --config/],
    [[], /Give names to check/],
  ])('refuses %j with a sentence', async (args, message) => {
    await expect(run(args)).rejects.toThrow(message);
  });

  it('judges by the dashboard’s policy once the box of these settings has one, as the wire does', async () => {
    const asked = () => run([...OPEN, 'www.tiktok.com']);
    expect((await asked()).out).toContain('\tblock\t');
    const policy = defaultPolicy('Test nursery');
    const closed = { ...policy, version: 7, hours: { ...policy.hours, week: { ...policy.hours.week, monday: [] } } };
    await writeStoredPolicy(join(folder, 'state'), closed);
    const { out, err } = await asked();
    expect(out).toContain('\tallow\t');
    expect(err).toContain('version 7');
  });
});

/** The command line in a terminal of its own process: what it quotes cannot steer the screen, whoever wrote it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFlags } from '../../../filter-agent/commands/node-flags.ts';
import { commandPath } from '../../support/box-process.ts';

/** Clears the screen, sets its title, turns the direction of writing, and rings. */
const STEERING = '\u001b[2J\u001b]0;owned\u0007\u202e\u009b31m';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stairgate-words-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const least = 'upstreams: ["udp://127.0.0.1:9"]\n';

describe('what the command line says about', () => {
  it.each<[what: string, args: () => string[]]>([
    ['a command that there is not', () => [STEERING]],
    ['an option that there is not', () => ['check', `--${STEERING}`]],
    ['a name', () => ['check', '--', `${STEERING}..example`]],
    ['a group', () => ['check', '--group', STEERING, 'a.example']],
    ['a time', () => ['check', '--at', STEERING, 'a.example']],
    [
      'a settings file',
      () => ['check', '--config', file('value.yaml', `${least}stateDir: ["${STEERING}"]\n`), 'a.example'],
    ],
    ['a key of it', () => ['check', '--config', file('key.yaml', `${least}"${STEERING}": 1\n`), 'a.example']],
    ['a settings file by its name', () => ['check', '--config', join(folder, STEERING), 'a.example']],
    [
      'a list',
      () => [
        'lists',
        'compile',
        file('list.txt', `good.example\n${STEERING}\n||${STEERING}^\n`),
        '--out',
        join(folder, 'image'),
      ],
    ],
    [
      'a list by its name',
      () => ['lists', 'compile', join(folder, `${STEERING}.txt`), '--out', join(folder, STEERING)],
    ],
    ['a dashboard', () => ['enrol', '--dashboard', `http://127.0.0.1:9/${STEERING}`, 'CODE']],
  ])('%s steers no terminal', (_, args) => {
    const { stdout, stderr } = spawnSync(process.execPath, [...nodeFlags, commandPath, ...args()], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(stdout + stderr).not.toBe('');
    expect((stdout + stderr).replace(/[\n\t]/g, '')).not.toMatch(/\p{C}/u);
  });
});

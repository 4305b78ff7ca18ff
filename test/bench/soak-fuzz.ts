/** The whole of the two fuzz runs against a box, each in a box of its own: what CI runs a part of. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { explain, type Finding, type Ground } from './soak-finding.ts';

const root = resolve(import.meta.dirname, '../..');
const runs = [
  { file: 'test/fuzz/packets.test.ts', variable: 'STAIRGATE_FUZZ_PACKETS', count: 1_000_000, of: 'malformed queries' },
  { file: 'test/fuzz/replies.test.ts', variable: 'STAIRGATE_FUZZ_REPLIES', count: 100_000, of: 'damaged replies' },
] as const;

export async function* fuzz({ soak, options, say }: Ground): AsyncGenerator<Finding> {
  soak.unite();
  for (const { file, variable, count, of } of runs) {
    say(`fuzz: ${count} ${of}`);
    const lines: string[] = [];
    const code = await run(file, { [variable]: String(count), STAIRGATE_FUZZ_SEED: String(options.seed) }, (line) => {
      lines.push(line);
      if (line.startsWith('fuzz:')) say(line);
    });
    const isPassed = code === 0;
    yield {
      what: `fuzz: ${count} ${of}, seed ${options.seed}`,
      figure: isPassed ? 'passed' : 'failed',
      bar: 'every check passes',
      met: isPassed,
      lost: isPassed ? 0 : 1,
    };
    const told = isPassed ? lines.filter((line) => line.startsWith('fuzz:')) : lines;
    for (const line of told) yield explain('', line.replace(/^fuzz: seed \d+, /, ''));
  }
}

async function run(
  file: string,
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
): Promise<number | null> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'node', file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', onLine);
  const end = () => child.kill();
  process.once('exit', end);
  try {
    return await new Promise((settle, reject) => {
      child.once('error', reject);
      child.once('close', settle);
    });
  } finally {
    process.off('exit', end);
  }
}

/** The bench's own programs in C, compiled where there is a compiler. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The path of the program, or null where neither cc nor gcc is installed. Throws when the source does not compile. */
export function compileC(name: 'floor' | 'paced-client', folder: string): string | null {
  const program = join(folder, name);
  const source = join(import.meta.dirname, `${name}.c`);
  for (const compiler of ['cc', 'gcc']) {
    const run = spawnSync(compiler, ['-O2', '-Wall', '-Werror', '-o', program, source], { encoding: 'utf8' });
    if (run.error !== undefined) continue;
    if (run.status !== 0) throw new Error(`${compiler} did not compile ${source}:\n${run.stderr}`);
    return program;
  }
  return null;
}

/**
 * The Worker as one file: bundled once for each state of the sources, and kept beside the data.
 *
 * Whether the kept bundle is still good is asked of its own inputs, as esbuild listed them: their paths, sizes and times.
 * That takes a few milliseconds, where bundling takes about a second on a small machine.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const projectRoot = join(import.meta.dirname, '../..');
const entryPoint = join(projectRoot, 'dashboard-worker/main.ts');

interface Kept {
  /** Relative to the project. */
  readonly inputs: readonly string[];
  readonly stamp: string | null;
}

export async function bundleWorker(cacheDir: string): Promise<string> {
  const scriptPath = join(cacheDir, 'worker.mjs');
  const keptPath = join(cacheDir, 'worker.json');
  const kept = await readKept(keptPath);
  if (kept !== null && kept.stamp !== null && kept.stamp === (await stampOf(kept.inputs))) {
    try {
      return await readFile(scriptPath, 'utf8');
    } catch {
      // Its notes are there and it is not: bundled anew.
    }
  }
  const result = await build({
    entryPoints: [entryPoint],
    absWorkingDir: projectRoot,
    bundle: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    target: 'esnext',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*', 'node:*'],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const script = result.outputFiles[0]!.text;
  const inputs = Object.keys(result.metafile.inputs);
  await mkdir(cacheDir, { recursive: true });
  await replaceFile(scriptPath, script);
  await replaceFile(keptPath, JSON.stringify({ inputs, stamp: await stampOf(inputs) } satisfies Kept));
  return script;
}

async function readKept(path: string): Promise<Kept | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Kept;
  } catch {
    return null;
  }
}

/** Null stands for an input that is gone, which is as good as changed. */
async function stampOf(inputs: readonly string[]): Promise<string | null> {
  try {
    const parts = await Promise.all(
      inputs.map(async (input) => {
        const { size, mtimeMs } = await stat(join(projectRoot, input));
        return `${input} ${size} ${mtimeMs}`;
      }),
    );
    return createHash('sha256').update(parts.join('\n')).digest('hex');
  } catch {
    return null;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

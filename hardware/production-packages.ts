/**
 * Prints the folders of node_modules that the box needs at run time, one a line, as package-lock.json says. Ends with
 * code 1 when one is missing or has another version, so that the installer asks npm instead of copying half.
 *
 *   node production-packages.ts CLONE
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
}

const clone = process.argv[2] ?? '.';
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(join(clone, 'package-lock.json'), 'utf8'),
);
const folders: string[] = [];
for (const [folder, locked] of Object.entries(lock.packages)) {
  if (!folder.startsWith('node_modules/') || locked.dev === true) continue;
  // Ours as a development tool, and a library's only as an offer that the box does not take up (better-auth's tests).
  if (locked.devOptional === true || (locked.peer === true && locked.optional === true)) continue;
  const manifest = join(clone, folder, 'package.json');
  // Optional ones are those of other processors, for the most part.
  if (!existsSync(manifest) && locked.optional === true) continue;
  const found = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'none';
  if (found !== locked.version) {
    process.stderr.write(`${folder}: found ${found}, expected ${locked.version}\n`);
    process.exit(1);
  }
  // What lies within another package's folder is copied with it.
  if (!folder.slice('node_modules/'.length).includes('/node_modules/')) folders.push(folder);
}
process.stdout.write(`${folders.join('\n')}\n`);

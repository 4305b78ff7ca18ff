/** What the documents say of the files: each that they name is there, and no folder of the sources is left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];
const folders = ['policy-rules', 'filter-agent', 'dashboard-worker', 'hardware', 'test', 'docs'];
const files = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
);

it.each(documents)('%s names no source that is not there', (document) => {
  const named = sourcesIn(readFileSync(join(root, document), 'utf8'));
  const missing = named.filter((name) => !files.some((file) => file === name || file.endsWith(`/${name}`)));
  expect(missing).toEqual([]);
});

it('README’s code map leaves out no folder of the sources', () => {
  const map = readFileSync(join(root, 'README.md'), 'utf8').split('## Code map')[1] ?? '';
  const named = [...map.matchAll(/`([^`]+)\/[^`]*`/g)].flatMap(([, path]) => (path ?? '').split('/'));
  const sources = files.filter((file) =>
    /^(?:policy-rules|filter-agent|dashboard-worker)\/.*\.(?:tsx?|sql)$/.test(file),
  );
  const wanted = [...new Set(sources.map((file) => basename(dirname(file))))];
  expect(wanted.length).toBeGreaterThan(10);
  expect(wanted.filter((folder) => !named.includes(folder))).toEqual([]);
});

/** Names and paths in code marks; "`upstream-udp.ts`, `-tcp.ts`" stands for two files of one beginning. */
function sourcesIn(text: string): string[] {
  const prose = text.replaceAll(/```[\s\S]*?```/g, '');
  const named = [...prose.matchAll(/`([\w./-]+\.(?:tsx?|mjs|sql|nft|service|sh))`/g)].map(([, name]) => name ?? '');
  return named.filter((name) => !name.startsWith('-'));
}

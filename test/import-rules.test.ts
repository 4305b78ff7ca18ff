/**
 * Who may import whom: every sentence of DESIGN.md's "Folders, and who may import whom", held against the files.
 *
 * An edge is an import or a re-export, a dynamic import, or a file that is started as a thread or process of its own
 * (`new URL('./x.ts', import.meta.url)`). `import type` leaves nothing at run time, so it does not count for what a
 * thread loads; for who may know whom, and for circles, it counts like any other.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const START = 'filter-agent/commands/start.ts';
const projects = ['policy-rules', 'filter-agent', 'dashboard-worker'];

type Kind = 'value' | 'type' | 'entry';

interface Edge {
  /** Path from the root. */
  readonly from: string;
  /** Path from the root for a file of ours; the specifier as it stands for anything else. */
  readonly to: string;
  readonly kind: Kind;
  readonly ours: boolean;
}

const files = projects.flatMap((project) =>
  readdirSync(join(root, project), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .map((path) => join(project, path)),
);
const edges = files
  .flatMap((file) => edgesOf(file, readFileSync(join(root, file), 'utf8')))
  // `npm start` starts the dashboard as a process of its own: it runs it, and knows nothing of it.
  .filter(({ from, to, kind }) => !(kind === 'entry' && from === START && to.startsWith('dashboard-worker/host/')));

function edgesOf(from: string, source: string): Edge[] {
  // Words about imports in comments are no imports.
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: { specifier: string; kind: Kind }[] = [];
  const collect = (pattern: RegExp, kindOf: (match: RegExpExecArray) => Kind) => {
    for (const match of code.matchAll(pattern)) found.push({ specifier: match.at(-1)!, kind: kindOf(match) });
  };
  // `import { type A } from` is kept at run time under verbatimModuleSyntax; `import type` and `export type` are not.
  collect(/^(?:import|export)(\s+type)?\s[^'";]*?from\s+'([^']+)'/gm, ([, type]) =>
    type === undefined ? 'value' : 'type',
  );
  collect(/^import\s+'([^']+)'/gm, () => 'value');
  collect(/\bimport\('([^']+)'\)(?=\.[A-Z])/g, () => 'type');
  collect(/\bimport\('([^']+)'\)(?!\.[A-Z])/g, () => 'value');
  collect(/new URL\('([^']+\.tsx?)',\s*import\.meta\.url\)/g, () => 'entry');
  return found.map(({ specifier, kind }) => {
    const ours = specifier.startsWith('.');
    return { from, kind, ours, to: ours ? relative(root, join(root, dirname(from), specifier)) : specifier };
  });
}

/** The parts that DESIGN.md speaks of; the composition root is the files that see all. */
function partOf(path: string): string {
  const [project = '', folder = ''] = path.split('/');
  if (project !== 'filter-agent') return project;
  if (['answering', 'resolving', 'sockets', 'control'].includes(folder)) return folder;
  if (folder === 'shared-memory.ts') return 'shared-memory';
  return folder.startsWith('config') ? 'config' : 'composition';
}

const mayImport: Readonly<Record<string, readonly string[]>> = {
  'policy-rules': ['policy-rules'],
  'shared-memory': [],
  sockets: ['sockets'],
  answering: ['answering', 'policy-rules', 'sockets', 'shared-memory'],
  resolving: ['resolving', 'answering', 'policy-rules', 'sockets', 'shared-memory'],
  config: ['config', 'policy-rules'],
  control: ['control', 'config', 'policy-rules', 'sockets', 'shared-memory'],
  composition: [
    'composition',
    'config',
    'control',
    'resolving',
    'answering',
    'policy-rules',
    'sockets',
    'shared-memory',
  ],
  'dashboard-worker': ['dashboard-worker', 'policy-rules'],
};
/** Besides main.ts: its helpers, and the command line that starts it. */
const compositionFiles = /^filter-agent\/(main|data-plane|box-view)\.ts$|^filter-agent\/commands\//;

const show = ({ from, to, kind }: Edge) => `${from} ${kind === 'entry' ? 'starts' : 'imports'} ${to}`;

function libraryOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0]!;
}

/** Everything that loading a file loads, files and libraries. */
function loadedBy(entry: string): { path: string; through: string }[] {
  const seen = new Map([[entry, entry]]);
  for (const [path, through] of seen) {
    for (const edge of edges) {
      if (edge.from !== path || edge.kind !== 'value' || seen.has(edge.to)) continue;
      seen.set(edge.to, `${through} ▸ ${edge.to}`);
    }
  }
  return [...seen].map(([path, through]) => ({ path, through }));
}

describe('imports', () => {
  it('are all seen by this test: every one of ours leads to a file', () => {
    expect(edges.length).toBeGreaterThan(300);
    expect(edges.filter(({ ours, to }) => ours && !existsSync(join(root, to))).map(show)).toEqual([]);
    expect(
      edges.some((edge) => show(edge).endsWith('data-plane.ts starts filter-agent/answering/answering-thread.ts')),
    ).toBe(true);
  });

  it('go only where DESIGN.md lets them', () => {
    const wrong = edges.filter(({ from, to, ours }) => ours && !mayImport[partOf(from)]!.includes(partOf(to)));
    expect(wrong.map(show)).toEqual([]);
  });

  it('of all parts at once are the composition root’s alone, and none runs back up to it', () => {
    const strangers = files.filter((path) => partOf(path) === 'composition' && !compositionFiles.test(path));
    expect(strangers).toEqual([]);
    const upwards = edges.filter(
      ({ from, to }) => to.startsWith('filter-agent/commands/') && !from.startsWith('filter-agent/commands/'),
    );
    expect(upwards.map(show)).toEqual([]);
  });

  it('never cross between box and dashboard', () => {
    const crossing = edges.filter(
      ({ from, to }) =>
        (from.startsWith('filter-agent/') && to.startsWith('dashboard-worker/')) ||
        (from.startsWith('dashboard-worker/') && to.startsWith('filter-agent/')),
    );
    expect(crossing.map(show)).toEqual([]);
  });

  it('of policy-rules are itself, temporal-polyfill and zod/mini', () => {
    const pure = new Set(['temporal-polyfill', 'zod/mini']);
    const wrong = edges.filter(({ from, to, ours }) => from.startsWith('policy-rules/') && !ours && !pure.has(to));
    expect(wrong.map(show)).toEqual([]);
  });

  it('name kysely in dashboard-worker only under setting/ and accounts/', () => {
    const wrong = edges.filter(
      ({ from, to, ours }) =>
        !ours && libraryOf(to).startsWith('kysely') && /^dashboard-worker\/(?!setting\/|accounts\/)/.test(from),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it.each(['value', 'value and type'])('never go round in a circle, by %s', (kinds) => {
    expect(circles(kinds === 'value' ? ['value'] : ['value', 'type'])).toEqual([]);
  });
});

describe('a hot thread', () => {
  const heavy =
    /^(temporal-polyfill|zod|dns-packet|kysely|better-sqlite3|yaml)\b|^policy-rules\/(catalogue|lists)\/|^policy-rules\/[^/]+\.ts$/;
  /** They load nothing themselves: what a verdict byte means, how text is shown, which host a search is shown by. */
  const light = new Set(['policy-rules/verdict-codes.ts', 'policy-rules/show-text.ts', 'policy-rules/safe-search.ts']);

  it.each(['filter-agent/answering/answering-thread.ts', 'filter-agent/resolving/resolving-thread.ts'])(
    '%s loads neither Temporal nor zod nor the catalogue',
    (entry) => {
      const loaded = loadedBy(entry);
      expect(loaded.some(({ path }) => path === 'policy-rules/trie/match.ts')).toBe(true);
      expect(loaded.filter(({ path }) => heavy.test(path) && !light.has(path)).map(({ through }) => through)).toEqual(
        [],
      );
    },
  );

  it('answering loads no library but those for addresses and for system calls', () => {
    const libraries = loadedBy('filter-agent/answering/answering-thread.ts')
      .map(({ path }) => path)
      .filter((path) => !path.endsWith('.ts') && !path.startsWith('node:'));
    expect(libraries).toEqual(['ipaddr.js', 'koffi']);
  });
});

/** Each circle once, as "a ▸ b ▸ a". */
function circles(kinds: readonly Kind[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to, kind, ours } of edges) {
    if (ours && kinds.includes(kind)) next.set(from, [...(next.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const finished = new Set<string>();
  const visit = (path: string, trail: readonly string[]) => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' ▸ '));
    if (at >= 0 || finished.has(path)) return;
    for (const to of next.get(path) ?? []) visit(to, [...trail, path]);
    finished.add(path);
  };
  for (const path of files) visit(path, []);
  return found;
}

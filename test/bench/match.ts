/**
 * What the rule trie costs: `node test/bench/match.ts`. Bytes a rule, milliseconds to build and to open, nanoseconds a
 * name, beside a JavaScript Set of names that is asked for each suffix. With ../shared/data beside the project the
 * lists and queries there are used; else seeded stand-ins of the same kind.
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { TrieBuilder } from '../../policy-rules/trie/builder.ts';
import { openImage, type RuleImage } from '../../policy-rules/trie/image.ts';
import { match } from '../../policy-rules/trie/match.ts';
import { encodeName } from '../../policy-rules/trie/wire-name.ts';

const ROUNDS = 15;
const data = resolve(import.meta.dirname, '../../../shared/data');
const { origin, names, queries } = existsSync(data) ? readShared() : makeStandIn();
console.log(
  `${origin}: ${names.length.toLocaleString('en-GB')} names, ${queries.length.toLocaleString('en-GB')} queries`,
);

const buildStart = performance.now();
const builder = new TrieBuilder([{ id: 'list:bench', kind: 'list' }]);
for (const name of names) builder.addRule(0, name, 'suffix', 'block');
const { image: buffer, report } = builder.build();
print('build', performance.now() - buildStart, 'ms');

const opens = measure(5, () => openImage(buffer)).map(({ ms }) => ms);
print('open and verify', median(opens), 'ms');
print('rules kept', report.rules, '');
print('nodes', report.nodes, '');
print('image', report.bytes / 1e6, 'MB');
print('a rule', report.bytes / report.rules, 'bytes');

const image = openImage(buffer, false);
const wire = packQueries(queries);
const trie = measure(ROUNDS, () => countMatches(image, wire));
const set = new Set(names);
const sets = measure(5, () => countInSet(set, queries));
if (trie[0]!.result !== sets[0]!.result) {
  throw new Error(`cannot trust the measurement: the trie blocks ${trie[0]!.result}, the Set ${sets[0]!.result}`);
}
print('queries blocked', trie[0]!.result, '');
printMatch(
  'trie',
  trie.map(({ ms }) => ms),
);
printMatch(
  'Set of suffixes',
  sets.map(({ ms }) => ms),
);

function readShared(): { origin: string; names: string[]; queries: string[] } {
  const lines = (file: string): string[] =>
    gunzipSync(readFileSync(resolve(data, file)))
      .toString('latin1')
      .split('\n')
      .filter(Boolean);
  return {
    origin: 'union-all, mixed-100k',
    names: lines('lists/union-all.txt.gz'),
    queries: lines('queries/mixed-100k.txt.gz').map((line) => line.split(' ')[0]!.replace(/\.$/, '').toLowerCase()),
  };
}

/** A third of the names lies below another one, as in merged lists; half of the queries are for listed names. */
function makeStandIn(): { origin: string; names: string[]; queries: string[] } {
  let state = 0x2545f491;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
  const word = (): string =>
    Array.from({ length: 3 + below(12) }, () => String.fromCharCode(0x61 + below(26))).join('');
  const domains = ['com', 'com', 'com', 'net', 'org', 'info', 'de', 'co.uk', 'xyz', 'top'];
  const names: string[] = [];
  while (names.length < 500_000) {
    const parent = names.length > 0 && below(3) === 0 ? names[below(names.length)]! : domains[below(domains.length)]!;
    names.push(`${word()}.${parent}`.slice(-200).replace(/^\.+/, ''));
  }
  const queries = Array.from({ length: 100_000 }, () =>
    below(2) === 0 ? `www.${names[below(names.length)]}` : `www.${word()}.${domains[below(domains.length)]}`,
  );
  return { origin: 'seeded stand-in', names, queries };
}

function packQueries(queries: readonly string[]): { bytes: Uint8Array; offsets: Uint32Array } {
  const bytes = new Uint8Array(queries.length * 256);
  const offsets = new Uint32Array(queries.length);
  let at = 0;
  for (const [index, query] of queries.entries()) {
    offsets[index] = at;
    at += encodeName(query, bytes.subarray(at, at + 256)).length;
  }
  return { bytes, offsets };
}

function countMatches(image: RuleImage, { bytes, offsets }: { bytes: Uint8Array; offsets: Uint32Array }): number {
  let blocked = 0;
  for (let index = 0; index < offsets.length; index++) if (match(image, bytes, offsets[index]!) > 1) blocked++;
  return blocked;
}

function countInSet(names: ReadonlySet<string>, queries: readonly string[]): number {
  let blocked = 0;
  for (const query of queries) {
    for (let suffix = query; suffix !== ''; suffix = suffix.slice(suffix.indexOf('.') + 1)) {
      if (names.has(suffix)) {
        blocked++;
        break;
      }
      if (!suffix.includes('.')) break;
    }
  }
  return blocked;
}

function measure<Result>(rounds: number, work: () => Result): { ms: number; result: Result }[] {
  return Array.from({ length: rounds }, () => {
    const start = performance.now();
    const result = work();
    return { ms: performance.now() - start, result };
  });
}

function printMatch(what: string, rounds: readonly number[]): void {
  const nanoseconds = rounds.map((ms) => (ms * 1e6) / queries.length);
  print(`match, ${what}: median round`, median(nanoseconds), 'ns a name');
  print(`match, ${what}: first round`, nanoseconds[0]!, 'ns a name');
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

function print(what: string, value: number, unit: string): void {
  const shown = Number.isInteger(value) ? value.toLocaleString('en-GB') : value.toFixed(1);
  console.log(`${what.padEnd(40)} ${shown.padStart(12)} ${unit}`.trimEnd());
}

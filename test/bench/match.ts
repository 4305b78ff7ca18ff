/**
 * What the rule trie costs by itself: bytes a rule, milliseconds to build and to open, nanoseconds a name, beside a
 * JavaScript Set of names that is asked for each suffix; with a tenth of the rules, with all, and with ten times as many.
 *
 *   node test/bench/match.ts [--json] [--times N]
 *
 * Each number of rules has a process of its own, so that no heap is judged by what stood in it before. `--times N` is
 * such a process.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TrieBuilder } from '../../policy-rules/trie/builder.ts';
import { openImage, type RuleImage } from '../../policy-rules/trie/image.ts';
import { match } from '../../policy-rules/trie/match.ts';
import { encodeName } from '../../policy-rules/trie/wire-name.ts';
import { seededNumbers } from '../support/seeded-names.ts';
import { isCovered, readInputs, withoutSubsumed } from './inputs.ts';

export interface MatchCost {
  /** How many times as many rules as the list has. */
  readonly times: number;
  /** Added to the builder, and kept by it. */
  readonly names: number;
  readonly rules: number;
  readonly bytesPerRule: number;
  readonly buildMs: number;
  /** Opening the image as at a start: with its checksum. */
  readonly openMs: number;
  readonly queries: number;
  readonly blocked: number;
  /** The median round over the queries, after the first. */
  readonly trieNs: number;
  readonly setNs: number;
}

const SCALES = [0.1, 1, 10];
const ROUNDS = 15;
const SET_ROUNDS = 5;
const OPENINGS = 5;
const DEFAULT_SEED = 20261121;
/** Ten times the rules as strings and as a Set are 3 GB; V8 stops at 4 unless told. */
const HEAP_MEGABYTES = 12_000;

if (import.meta.main) {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, times: { type: 'string' } } });
  const costs =
    values.times === undefined ? measureMatch(DEFAULT_SEED) : [costOfMatch(Number(values.times), DEFAULT_SEED)];
  if (values.json) console.log(JSON.stringify(costs));
  else printMatch(costs);
}

/** On the core that the caller may use, one number of rules after the other. */
export function measureMatch(seed: number, say: (line: string) => void = () => {}): MatchCost[] {
  return SCALES.map((times) => {
    say(`match() with ${times} times the rules`);
    return costInOwnProcess(times, seed);
  });
}

export function printMatch(costs: readonly MatchCost[]): void {
  const whole = (value: number) => value.toLocaleString('en-GB', { maximumFractionDigits: 0 });
  console.log('\nmatch() alone     rules  bytes/rule  build ms  open ms  ns/name  Set of suffixes ns/name');
  for (const cost of costs) {
    console.log(
      `× ${String(cost.times).padEnd(8)}` +
        whole(cost.rules).padStart(13) +
        cost.bytesPerRule.toFixed(1).padStart(12) +
        whole(cost.buildMs).padStart(10) +
        whole(cost.openMs).padStart(9) +
        whole(cost.trieNs).padStart(9) +
        whole(cost.setNs).padStart(25),
    );
  }
}

function costInOwnProcess(times: number, seed: number): MatchCost {
  const code = `import { costOfMatch } from ${JSON.stringify(import.meta.url)};
    console.log(JSON.stringify(costOfMatch(${times}, ${seed})));`;
  const run = spawnSync(
    process.execPath,
    [`--max-old-space-size=${HEAP_MEGABYTES}`, '--input-type=module', '--eval', code],
    { encoding: 'utf8' },
  );
  if (run.status !== 0)
    throw new Error(`match() with ${times} times the rules ended with ${run.status}:\n${run.stderr}`);
  return JSON.parse(run.stdout) as MatchCost;
}

/** Throws when trie and Set do not block the same number of the queries. */
export function costOfMatch(times: number, seed: number): MatchCost {
  const folder = mkdtempSync(join(tmpdir(), 'stairgate-match-'));
  const { names: listed, mix } = readInputs(folder, seed);
  rmSync(folder, { recursive: true, force: true });
  const names = scaled(listed, times, seed);
  const queries = mix.map(({ name }) => name);

  const buildStart = performance.now();
  const { image: buffer, report } = build(names);
  const buildMs = performance.now() - buildStart;
  const openMs = median(measure(OPENINGS, () => openImage(buffer)).map(({ ms }) => ms));

  const image = openImage(buffer, false);
  const wire = packQueries(queries);
  const trie = measure(ROUNDS, () => countMatches(image, wire));
  const set = new Set(names);
  const sets = measure(SET_ROUNDS, () => countInSet(set, queries));
  const blocked = trie[0]!.result;
  if (blocked !== sets[0]!.result) {
    throw new Error(`cannot trust the measurement: the trie blocks ${blocked}, the Set ${sets[0]!.result}`);
  }
  const nanoseconds = (rounds: readonly { ms: number }[]) =>
    (median(rounds.slice(1).map(({ ms }) => ms)) * 1e6) / queries.length;
  return {
    times,
    names: names.length,
    rules: report.rules,
    bytesPerRule: report.bytes / report.rules,
    buildMs,
    openMs,
    queries: queries.length,
    blocked,
    trieNs: nanoseconds(trie),
    setNs: nanoseconds(sets),
  };
}

/**
 * Fewer: every tenth name as it stands. More: all rules, and for each nine that differ in one label, so that the shape
 * of the names and which queries they cover stays.
 */
function scaled(names: readonly string[], times: number, seed: number): readonly string[] {
  if (times === 1) return names;
  if (times < 1) return names.filter((_, index) => index % Math.round(1 / times) === 0);
  const next = seededNumbers(seed);
  const rules = withoutSubsumed(names);
  const all = [...rules];
  for (let copy = 1; copy < times; copy++) {
    for (const name of rules) {
      const dot = name.indexOf('.');
      all.push(`${name.slice(0, Math.min(dot, 50))}-${next().toString(36)}${name.slice(dot)}`);
    }
  }
  return all;
}

function build(names: readonly string[]): ReturnType<TrieBuilder['build']> {
  const builder = new TrieBuilder([{ id: 'list:bench', kind: 'list' }]);
  for (const name of names) builder.addRule(0, name, 'suffix', 'block');
  return builder.build();
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
  for (const query of queries) if (isCovered(names, query)) blocked++;
  return blocked;
}

function measure<Result>(rounds: number, work: () => Result): { ms: number; result: Result }[] {
  return Array.from({ length: rounds }, () => {
    const start = performance.now();
    const result = work();
    return { ms: performance.now() - start, result };
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1]!;
}

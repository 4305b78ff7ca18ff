/**
 * The rules and the day's questions that every bench works with: those of ../shared/data beside the project where it
 * is present, else seeded ones of the same shape.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seededNames, seededNumbers } from '../support/seeded-names.ts';

export interface Question {
  /** Lower-case, without a trailing dot. */
  readonly name: string;
  readonly type: string;
}

export interface Inputs {
  /** What the rules and questions are, in words. */
  readonly origin: string;
  /** Every name of the list as it stands, for whoever reads lists: one a line, perhaps with gzip. */
  readonly listPath: string;
  /** The names of the list; the addresses that stand in some lists by mistake are not among them. */
  readonly names: readonly string[];
  /** A day's mix: few names often and many seldom. */
  readonly mix: readonly Question[];
}

const data = resolve(import.meta.dirname, '../../../shared/data');
const sharedList = join(data, 'lists/union-all.txt.gz');
const sharedQueries = join(data, 'queries/mixed-100k.txt.gz');

/** 1.33 million of them are left once those below another one have gone. */
const MADE_UP_NAMES = 1_660_000;
const MADE_UP_QUESTIONS = 100_000;
/** As in the shared mix: how many different names it has, and how many in a hundred of its questions are listed ones. */
const MADE_UP_HOSTS = 45_000;
const LISTED_PERCENT = 8;

/** Without the shared data the made-up list is written into `folder`. */
export function readInputs(folder: string, seed: number): Inputs {
  if (existsSync(sharedList) && existsSync(sharedQueries)) {
    return {
      origin: 'shared/data union-all and mixed-100k',
      listPath: sharedList,
      names: lines(sharedList).filter((line) => !isIPv4(line)),
      mix: lines(sharedQueries).map((line) => {
        const [name = '', type = 'A'] = line.split(' ');
        return { name: name.replace(/\.$/, '').toLowerCase(), type };
      }),
    };
  }
  const names = seededNames(MADE_UP_NAMES, seed);
  const listPath = join(folder, 'list.txt');
  writeFileSync(listPath, `${names.join('\n')}\n`);
  return { origin: `made up, seed ${seed}`, listPath, names, mix: makeUpMix(names, seed) };
}

/** Without the names that lie below another one of them: what a rule for a name and everything below it leaves over. */
export function withoutSubsumed(names: readonly string[]): string[] {
  const all = new Set(names);
  return [...all].filter((name) => {
    const dot = name.indexOf('.');
    return dot < 0 || !isCovered(all, name.slice(dot + 1));
  });
}

/** Whether the set has the name or one above it. */
export function isCovered(names: ReadonlySet<string>, name: string): boolean {
  for (let suffix = name; ; ) {
    if (names.has(suffix)) return true;
    const dot = suffix.indexOf('.');
    if (dot < 0) return false;
    suffix = suffix.slice(dot + 1);
  }
}

function lines(path: string): string[] {
  return gunzipSync(readFileSync(path)).toString('latin1').split('\n').filter(Boolean);
}

/** Popularity like 1 / (rank + 20)^0.9 and types as browsers and phones ask. */
function makeUpMix(listed: readonly string[], seed: number): Question[] {
  const next = seededNumbers(seed);
  const share = () => next() / 2 ** 32;
  const shares = Array.from({ length: MADE_UP_HOSTS }, (_, rank) => (rank + 20) ** -0.9);
  const upTo: number[] = [];
  for (const one of shares) upTo.push((upTo.at(-1) ?? 0) + one);
  const types = [...Array<string>(52).fill('A'), ...Array<string>(32).fill('AAAA'), ...Array<string>(16).fill('HTTPS')];
  return Array.from({ length: MADE_UP_QUESTIONS }, () => {
    const rank = firstAbove(upTo, share() * upTo.at(-1)!);
    const name =
      rank % 100 < LISTED_PERCENT
        ? listed[(rank * 31) % listed.length]!
        : `host-${rank.toString(36)}.site-${rank % 9973}.example.net`;
    return { name, type: types[next() % types.length]! };
  });
}

function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

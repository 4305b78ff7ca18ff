/**
 * `stairgate lists compile IN… --out IMAGE`: what do these lists come to, and the image to try them with.
 *
 * Owns the words that are printed and the exit code. The catalogue is in the image too, as it is in the box's own. Leaves
 * out the reading of the command line, and compiling itself (control/compile-image.ts).
 */
import { basename, resolve } from 'node:path';
import { catalogue as builtInCatalogue } from '../../policy-rules/catalogue/catalogue.ts';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { showText } from '../../policy-rules/show-text.ts';
import type { SourceCounts } from '../../policy-rules/trie/builder.ts';
import { type CompileReport, compileImage, type ListResult, type ListSource } from '../control/compile-image.ts';
import { writeDurableBytes } from '../control/durable-file.ts';
import { type CommandIo, ExitCode } from './command.ts';

export interface ListsCompileArgs {
  /** Paths of list files; those that end in `.gz` are compressed. */
  readonly inputs: readonly string[];
  readonly out: string;
}

/** Where the words go; `process` will do. */
type Output = Pick<CommandIo, 'stdout' | 'stderr'>;

/** Enough to see what is wrong with a list; the counts say how much of it there is. */
const SHOWN_PROBLEMS = 5;

/**
 * Returns the exit code: 0 when the image was written, whatever was wrong with single lines or lists; 1 when none could
 * be; 2 when it was called wrongly.
 */
export async function listsCompile(
  args: ListsCompileArgs,
  io: Output,
  catalogue: Catalogue = builtInCatalogue,
): Promise<number> {
  const misuse = findMisuse(args);
  if (misuse !== undefined) {
    io.stderr.write(`stairgate lists compile: ${misuse}\nusage: stairgate lists compile IN… --out IMAGE\n`);
    return ExitCode.USAGE;
  }
  const startedMs = performance.now();
  const lists = nameLists(args.inputs);
  const { image, report } = await compileImage(catalogue, { lists, siteNames: [] });
  printLists(catalogue, report, io);
  if (report.failures.length === lists.length) {
    io.stderr.write(`${showText(args.out, 200)} was not written: none of the lists gave a rule\n`);
    return ExitCode.FAILED;
  }
  try {
    await writeDurableBytes(args.out, new Uint8Array(image));
  } catch (cause) {
    io.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    return ExitCode.FAILED;
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  io.stdout.write(`${showText(args.out, 200)}: ${figure(image.byteLength)} bytes in ${seconds} s\n`);
  return ExitCode.OK;
}

function findMisuse({ inputs, out }: ListsCompileArgs): string | undefined {
  if (inputs.length === 0) return 'no list, expected at least one file';
  if (out === '') return 'no place for the image, expected --out IMAGE';
  const target = resolve(out);
  const overwritten = inputs.find((path) => resolve(path) === target);
  return overwritten === undefined
    ? undefined
    : `--out ${showText(out, 200)} would overwrite that list, expected another file`;
}

/** The file's stem is the id, with a number where two files share one. */
function nameLists(paths: readonly string[]): ListSource[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const stem = basename(path)
      .toLowerCase()
      .replace(/\.gz$/, '')
      .replace(/(?!^)\.[^.]*$/, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '');
    const base = stem === '' ? 'list' : stem;
    let id = base;
    for (let number = 2; taken.has(id); number++) id = `${base}-${number}`;
    taken.add(id);
    return { id, name: basename(path), path, protected: false };
  });
}

function printLists(catalogue: Catalogue, report: CompileReport, io: Output): void {
  const { bySource } = report.build;
  const services = catalogue.services.length;
  io.stdout.write(`catalogue (services: ${figure(services)}): ${describeCounts(sum(bySource.slice(0, services)))}\n`);
  const rejected = { errors: 0, unsupported: 0, notes: 0 };
  for (const [index, list] of report.lists.entries()) {
    printList(list, bySource[services + index]!, io);
    rejected.errors += list.parsed?.errors ?? 0;
    rejected.unsupported += list.parsed?.unsupported ?? 0;
    rejected.notes += list.parsed?.notes ?? 0;
  }
  const engines = catalogue.safeSearch?.length ?? 0;
  if (engines > 0) {
    const first = services + report.lists.length;
    const counts = describeCounts(sum(bySource.slice(first, first + engines)));
    io.stdout.write(`safe search (engines: ${figure(engines)}): ${counts}\n`);
  }
  for (const failure of report.failures) io.stderr.write(`${failure.message}\n`);
  io.stdout.write(`total: ${describeCounts(report.build)}, ${describeProblems(rejected)}\n`);
}

function printList(list: ListResult, counts: SourceCounts, io: Output): void {
  const { parsed } = list;
  if (parsed === null) return;
  const formats = Object.entries(parsed.formats)
    .filter(([, lines]) => lines > 0)
    .map(([format, lines]) => `${format} ${figure(lines)}`);
  const read = formats.length === 0 ? 'no rules' : formats.join(', ');
  io.stdout.write(
    `list:${list.id}, ${figure(parsed.lines)} lines (${read}): ${describeCounts(counts)}, ${describeProblems(parsed)}\n`,
  );
  // Faults before notes, as the notes change nothing.
  const faults = parsed.problems.filter((problem) => problem.kind !== 'note');
  const notes = parsed.problems.filter((problem) => problem.kind === 'note');
  const path = showText(list.path, 200);
  for (const { line, column, kind, message } of [...faults, ...notes].slice(0, SHOWN_PROBLEMS)) {
    io.stderr.write(`${path}:${line}:${column}: ${kind === 'error' ? '' : `${kind}: `}${message}\n`);
  }
  const more = parsed.errors + parsed.unsupported + parsed.notes - SHOWN_PROBLEMS;
  if (more > 0) io.stderr.write(`${path}: and ${figure(more)} more\n`);
}

function describeCounts({ rules, duplicates, subsumed }: SourceCounts): string {
  return `${figure(rules)} rules, ${figure(duplicates)} duplicates, ${figure(subsumed)} subsumed`;
}

function describeProblems(counts: { errors: number; unsupported: number; notes: number }): string {
  return `${figure(counts.errors)} rejected, ${figure(counts.unsupported)} unsupported, ${figure(counts.notes)} notes`;
}

function sum(counts: readonly SourceCounts[]): SourceCounts {
  const total = { rules: 0, duplicates: 0, subsumed: 0 };
  for (const { rules, duplicates, subsumed } of counts) {
    total.rules += rules;
    total.duplicates += duplicates;
    total.subsumed += subsumed;
  }
  return total;
}

function figure(count: number): string {
  return count.toLocaleString('en-GB');
}

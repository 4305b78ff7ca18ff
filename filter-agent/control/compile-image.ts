/**
 * The catalogue, the lists and the box's own name → one rule image, in this thread.
 *
 * Owns reading the list files (plain or gzip), the order and names of the sources, and the fingerprint of what went in.
 * Leaves out where the image is kept (image-store.ts) and the process that does this for the running box
 * (list-compiler.ts): two million names take seconds and hundreds of megabytes.
 */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { domainToASCII } from 'node:url';
import { createGunzip } from 'node:zlib';
import { catalogueRules } from '../../policy-rules/catalogue/catalogue.ts';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import type { ListReport } from '../../policy-rules/lists/list-report.ts';
import { ListParser } from '../../policy-rules/lists/parse-list.ts';
import { showText } from '../../policy-rules/show-text.ts';
import { type BuildReport, TrieBuilder } from '../../policy-rules/trie/builder.ts';
import { IMAGE_VERSION } from '../../policy-rules/trie/image.ts';
import type { Source } from '../../policy-rules/trie/source.ts';

export interface ListSource {
  /** Kebab-case; the image's source is `list:ID`. */
  readonly id: string;
  /** As the manager reads it. */
  readonly name: string;
  /** A text file in any of the formats; compressed when it ends in `.gz`. */
  readonly path: string;
  /** No grant opens what it blocks. The image does not hold this; whoever computes verdicts does. */
  readonly protected: boolean;
}

export interface ImageInputs {
  readonly lists: readonly ListSource[];
  /** The local names of the box's own pages; each is answered by the box itself. */
  readonly siteNames: readonly string[];
}

export type ListFailureCode = 'list-missing' | 'list-unreadable' | 'list-damaged' | 'list-empty' | 'list-without-rules';

/** A list that is not in the image, or only up to where its file broke off. The others are. */
export interface ListFailure {
  readonly id: string;
  readonly path: string;
  readonly code: ListFailureCode;
  /** Names the list, the path and the mend. */
  readonly message: string;
}

export interface ListResult {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** What reading it came to, as far as that went; null when not one octet of it could be read. */
  readonly parsed: ListReport | null;
}

export interface CompileReport {
  /** Of all that went in: catalogue, lists, site names, and the versions of the image and of the list reader. */
  readonly fingerprint: string;
  readonly lists: readonly ListResult[];
  readonly failures: readonly ListFailure[];
  readonly build: BuildReport;
  readonly durationMs: number;
}

/** Raised when the same list would give other rules than before, so that kept images are compiled anew. */
const LIST_READER_VERSION = 1;

export const SITE_SOURCE_ID = 'local:site';

const READ_BYTES = 1 << 20;
/** A quarter of a millisecond of hashing, so that a pass over long lists never holds the control thread up. */
const DIGEST_BYTES = 1 << 17;

export async function compileImage(
  catalogue: Catalogue,
  inputs: ImageInputs,
): Promise<{ image: ArrayBuffer; report: CompileReport }> {
  const startedMs = performance.now();
  const sources = sourcesOf(catalogue, inputs);
  const builder = new TrieBuilder(sources);
  addCatalogue(builder, catalogue);
  addSafeSearch(builder, catalogue.services.length + inputs.lists.length, catalogue.safeSearch);
  addSiteNames(builder, sources.length - 1, inputs.siteNames);

  const fingerprint = beginFingerprint(catalogue, inputs.siteNames);
  const lists: ListResult[] = [];
  const failures: ListFailure[] = [];
  for (const [index, list] of inputs.lists.entries()) {
    const read = await readList(list, builder, catalogue.services.length + index);
    addToFingerprint(fingerprint, list, read.digest);
    lists.push({ id: list.id, name: list.name, path: list.path, parsed: read.parsed });
    if (read.failure !== null) failures.push({ id: list.id, path: list.path, ...read.failure });
  }
  const { image, report: build } = builder.build();
  const durationMs = performance.now() - startedMs;
  return { image, report: { fingerprint: fingerprint.digest('hex'), lists, failures, build, durationMs } };
}

/** What the box falls back on: the catalogue and its own name, without reading a file. */
export function compileCatalogue(catalogue: Catalogue, siteNames: readonly string[]): ArrayBuffer {
  const sources = sourcesOf(catalogue, { lists: [], siteNames });
  const builder = new TrieBuilder(sources);
  addCatalogue(builder, catalogue);
  addSafeSearch(builder, catalogue.services.length, catalogue.safeSearch);
  addSiteNames(builder, sources.length - 1, siteNames);
  return builder.build().image;
}

/** The fingerprint that `compileImage` would report for these inputs now, from a pass over the bytes alone. */
export async function fingerprintInputs(catalogue: Catalogue, inputs: ImageInputs): Promise<string> {
  const fingerprint = beginFingerprint(catalogue, inputs.siteNames);
  for (const list of inputs.lists) addToFingerprint(fingerprint, list, await digestFile(list.path));
  return fingerprint.digest('hex');
}

/**
 * Services first, in the catalogue's order, then the lists, the engines of safe search, and the site: an index here is a
 * source of the image.
 */
function sourcesOf(catalogue: Catalogue, inputs: ImageInputs): Source[] {
  const ids = new Set<string>();
  for (const { id } of inputs.lists) {
    if (ids.has(id)) throw new RangeError(`cannot compile lists: two have the id "${showText(id)}", expected one each`);
    ids.add(id);
  }
  return [
    ...catalogue.services.map((service): Source => ({ id: `service:${service.id}`, kind: 'service' })),
    ...inputs.lists.map((list): Source => ({ id: `list:${list.id}`, kind: 'list' })),
    ...(catalogue.safeSearch ?? []).map(({ id }): Source => ({ id: `safe-search:${id}`, kind: 'safe-search' })),
    { id: SITE_SOURCE_ID, kind: 'local' },
  ];
}

function addCatalogue(builder: TrieBuilder, catalogue: Catalogue): void {
  for (const [index, service] of catalogue.services.entries()) {
    for (const { name, scope, action } of catalogueRules(service)) builder.addRule(index, name, scope, action);
  }
}

function addSafeSearch(builder: TrieBuilder, firstSource: number, engines: Catalogue['safeSearch'] = []): void {
  for (const [index, { hosts }] of engines.entries()) {
    for (const name of hosts) builder.addRule(firstSource + index, name, 'host', 'block');
  }
}

function addSiteNames(builder: TrieBuilder, sourceIndex: number, siteNames: readonly string[]): void {
  for (const name of siteNames) builder.addRule(sourceIndex, name, 'suffix', 'block');
}

interface ReadResult {
  readonly parsed: ListReport | null;
  readonly failure: { readonly code: ListFailureCode; readonly message: string } | null;
  /** SHA-256 of the file's bytes; null when they could not be read. */
  readonly digest: string | null;
}

/** Piece by piece, so that a list never lies in memory as a whole beside the trie that it grows into. */
async function readList(list: ListSource, builder: TrieBuilder, sourceIndex: number): Promise<ReadResult> {
  const parser = new ListParser((name, scope, action) => builder.addRule(sourceIndex, name, scope, action), {
    toAscii: domainToASCII,
  });
  const hash = createHash('sha256');
  let bytes = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
      yield chunk;
    }
  };
  const parse = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    // Not fatal: an octet that is no UTF-8 becomes U+FFFD, and its line a positioned error.
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const chunk of chunks) parser.push(decoder.decode(chunk, { stream: true }));
    parser.push(decoder.decode());
  };
  try {
    await expectFile(list.path);
    const file = createReadStream(list.path, { highWaterMark: READ_BYTES });
    if (list.path.endsWith('.gz')) await pipeline(file, count, createGunzip(), parse);
    else await pipeline(file, count, parse);
  } catch (cause) {
    const failure = describeReadFailure(list, cause);
    return { parsed: bytes === 0 ? null : parser.end(), failure, digest: await digestFile(list.path) };
  }
  const parsed = parser.end();
  return { parsed, failure: describeContentFailure(list, bytes, parsed), digest: hash.digest('hex') };
}

function describeReadFailure(list: ListSource, cause: unknown): NonNullable<ReadResult['failure']> {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const what = wordsFor(list);
  if (code === 'ENOENT') {
    return {
      code: 'list-missing',
      message: `${what}: there is no such file; correct the path, or fetch the list again`,
    };
  }
  if (code.startsWith('Z_')) {
    const message = `${what}: not a whole gzip file (${reason}), its rest is missing; fetch the list again`;
    return { code: 'list-damaged', message };
  }
  return {
    code: 'list-unreadable',
    message: `${what}: cannot be read (${reason}); make it a file that the box's user may read`,
  };
}

function wordsFor({ name, path }: ListSource): string {
  return `list "${showText(name)}" (${showText(path, 500)})`;
}

function describeContentFailure(list: ListSource, bytes: number, parsed: ListReport): ReadResult['failure'] {
  if (parsed.rules > 0) return null;
  const what = wordsFor(list);
  if (bytes === 0 || parsed.lines === 0) {
    return { code: 'list-empty', message: `${what}: the file is empty; fetch the list again` };
  }
  const first = parsed.problems[0];
  const example = first === undefined ? '' : `, the first problem in line ${first.line}: ${first.message}`;
  return {
    code: 'list-without-rules',
    message: `${what}: no rule in ${parsed.lines} lines${example}; check that this is a block list and fetch it again`,
  };
}

function beginFingerprint(catalogue: Catalogue, siteNames: readonly string[]): Hash {
  const inputs = { image: IMAGE_VERSION, reader: LIST_READER_VERSION, catalogue, siteNames };
  return createHash('sha256').update(JSON.stringify(inputs));
}

/** The name and whether it is protected are not in the image; the path is, in so far as it says how to read the file. */
function addToFingerprint(fingerprint: Hash, list: ListSource, digest: string | null): void {
  fingerprint.update(JSON.stringify([list.id, list.path.endsWith('.gz'), digest]));
}

/**
 * Through one buffer: the running box does this at every look for changed lists, and a stream would leave a new buffer
 * behind for each piece, as much garbage as the lists are long.
 */
async function digestFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await expectFile(path);
    const file = await open(path);
    try {
      const buffer = new Uint8Array(DIGEST_BYTES);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
      }
    } finally {
      await file.close();
    }
  } catch {
    // A list that cannot be read counts as such in the fingerprint; why it cannot is said when it is compiled.
    return null;
  }
  return hash.digest('hex');
}

/** Opening a pipe or a device as a list would wait for ever. */
async function expectFile(path: string): Promise<void> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error('expected a file, found a folder, pipe or device');
}

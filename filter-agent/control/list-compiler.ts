/**
 * Keeps the rule image of the running box up to date, in a child process of low priority: compiling takes seconds of
 * one core and hundreds of megabytes, and an out-of-memory kill must take the compilation and not the filter.
 *
 * Owns how long the child may take, what its end means, and the decision whether a new image may take the place of the
 * last good one. Leaves out the compilation itself (compile-image.ts) and the files (image-store.ts).
 */
import { readdir, unlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { openImage } from '../../policy-rules/trie/image.ts';
import { type CompileReport, fingerprintInputs, type ImageInputs } from './compile-image.ts';
import type { CompileEnd, CompileLauncher } from './compile-launcher.ts';
import {
  checksumOf,
  type ImageRecord,
  imagePathIn,
  loadImage,
  readImageRecord,
  type StoredFailure,
  saveImageRecord,
} from './image-store.ts';

export type { CompileReport, ImageInputs, ListFailure, ListSource } from './compile-image.ts';

export interface CompileOptions {
  /** Where the image goes; beside it goes its record, as `saveImage` writes both. */
  readonly imagePath: string;
  /** What begins the child. */
  readonly launcher: CompileLauncher;
  /** Ids of lists without which no image is to be written. */
  readonly required?: readonly string[];
  /** Ends the child at once. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Compilation {
  readonly imagePath: string;
  /** False when a required list failed: what was at `imagePath` is still there. */
  readonly written: boolean;
  readonly report: CompileReport;
}

/** What the child is sent, and what it sends back. */
export interface CompileJob {
  readonly catalogue: Catalogue;
  readonly inputs: ImageInputs;
  readonly imagePath: string;
  readonly required: readonly string[];
}
export type CompileReply =
  | { readonly type: 'compiled'; readonly written: boolean; readonly report: CompileReport }
  | { readonly type: 'failed'; readonly message: string };

export type ListCompileErrorCode = 'compile-failed' | 'compile-killed' | 'compile-timeout' | 'compile-aborted';

/** No new image; what was at the path before is untouched. */
export class ListCompileError extends Error {
  readonly code: ListCompileErrorCode;

  constructor(code: ListCompileErrorCode, message: string) {
    super(message);
    this.name = 'ListCompileError';
    this.code = code;
  }
}

/** Two million names take seconds on a PC and under a minute on a Pi; this is for a child that hangs. */
const DEFAULT_TIMEOUT_MS = 10 * 60_000;
/** How a shell tells the code of a process that a signal has ended. */
const SIGNALLED = 128;

/** Compiles in a child process. Not twice at once for the same path. */
export async function compileLists(
  catalogue: Catalogue,
  inputs: ImageInputs,
  options: CompileOptions,
): Promise<Compilation> {
  const { imagePath, launcher } = options;
  await removeLeftovers(imagePath);
  try {
    const job: CompileJob = { catalogue, inputs, imagePath, required: options.required ?? [] };
    const reply = await compileInChild(launcher, job, options.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    return { imagePath, written: reply.written, report: reply.report };
  } catch (cause) {
    await removeLeftovers(imagePath);
    throw cause;
  }
}

export type Refreshed =
  /** The image on disk was made from these very inputs; `failures` are those of that time, and stand. */
  | { readonly outcome: 'unchanged'; readonly failures: readonly StoredFailure[] }
  | { readonly outcome: 'replaced'; readonly failures: readonly StoredFailure[]; readonly report: CompileReport }
  /** A list failed that the image on disk holds, so that image stays in force. */
  | { readonly outcome: 'kept'; readonly failures: readonly StoredFailure[] };

/**
 * Brings the state folder's image up to date, unless it is so already or would lose a list that it has. A list that was
 * not in it may fail without holding up the others. Throws ListCompileError; the image on disk then is the one before.
 * An image is taken for whole here: `loadImage` verifies it, and moves a damaged one out of the way.
 */
export async function refreshImage(
  stateDir: string,
  catalogue: Catalogue,
  inputs: ImageInputs,
  options: Omit<CompileOptions, 'imagePath' | 'required'>,
): Promise<Refreshed> {
  const imagePath = imagePathIn(stateDir);
  const record = (await readImageRecord(imagePath)) ?? (await recordFromImage(stateDir));
  const fingerprint = record === null ? undefined : await fingerprintInputs(catalogue, inputs);
  if (record !== null && record.fingerprint === fingerprint) return { outcome: 'unchanged', failures: record.failures };
  if (record?.refused !== undefined && record.refused.fingerprint === fingerprint) {
    return { outcome: 'kept', failures: record.refused.failures };
  }
  const wanted = new Set(inputs.lists.map((list) => list.id));
  const required = (record?.lists ?? []).filter((id) => wanted.has(id));
  const { written, report } = await compileLists(catalogue, inputs, { ...options, imagePath, required });
  if (written || record === null) return { outcome: 'replaced', failures: report.failures, report };
  const refused = { fingerprint: report.fingerprint, failures: [...report.failures] };
  await saveImageRecord(imagePath, { ...record, refused });
  return { outcome: 'kept', failures: report.failures };
}

/** Of an image whose own record is lost: which lists it has rules of it says itself, from what inputs nobody knows. */
async function recordFromImage(stateDir: string): Promise<ImageRecord | null> {
  const loaded = await loadImage(stateDir);
  if (loaded.state !== 'loaded') return null;
  const { sources, ruleSets } = openImage(loaded.image, false);
  const used = new Set(ruleSets.flat());
  const lists = sources
    .filter(({ kind }, index) => kind === 'list' && used.has(index))
    .map(({ id }) => id.slice(id.indexOf(':') + 1));
  return { checksum: checksumOf(loaded.image), fingerprint: '', lists, failures: [] };
}

type CompiledReply = Extract<CompileReply, { type: 'compiled' }>;

async function compileInChild(
  launcher: CompileLauncher,
  job: CompileJob,
  signal: AbortSignal | undefined,
  timeoutMs: number,
): Promise<CompiledReply> {
  if (signal?.aborted === true) {
    throw new ListCompileError('compile-aborted', 'compiling the lists was called off before it began');
  }
  let stopped: ListCompileError | undefined;
  const stop = (code: ListCompileErrorCode, message: string): void => {
    stopped ??= new ListCompileError(code, message);
    launcher.close();
  };
  const abort = (): void => stop('compile-aborted', 'compiling the lists was called off');
  const timer = setTimeout(() => {
    stop('compile-timeout', `compiling the lists took longer than ${timeoutMs} ms; are they on a slow or stuck disk?`);
  }, timeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const end = await launcher.run(job);
    const reply = end.reply === undefined ? undefined : (JSON.parse(end.reply) as CompileReply);
    // A reply of success is sent only when the image is on disk, so what happened after it does not matter.
    if (reply?.type === 'compiled') return reply;
    throw stopped ?? describeEnd(reply, end);
  } catch (cause) {
    if (cause instanceof ListCompileError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ListCompileError('compile-failed', `cannot start the process that compiles the lists: ${reason}`);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function describeEnd(reply: CompileReply | undefined, { code, stderr }: CompileEnd): ListCompileError {
  if (reply?.type === 'failed')
    return new ListCompileError('compile-failed', `cannot compile the lists: ${reply.message}`);
  const killedBy = Object.entries(constants.signals).find(([, number]) => code === SIGNALLED + number)?.[0];
  if (killedBy !== undefined) {
    const hint = killedBy === 'SIGKILL' ? '; is there too little memory for lists of this size?' : '';
    return new ListCompileError(
      'compile-killed',
      `the process that compiles the lists was ended by ${killedBy}${hint}`,
    );
  }
  const words = stderr.trim() === '' ? '' : `: ${stderr.trim()}`;
  const how = code === null ? 'ended with the one that began it' : `ended with code ${code}`;
  return new ListCompileError('compile-failed', `the process that compiles the lists ${how}${words}`);
}

/** Half-written files of a child that was killed, or of a power cut: as large as an image, and no use. */
async function removeLeftovers(imagePath: string): Promise<void> {
  const prefix = `.${basename(imagePath)}.`;
  const folder = dirname(imagePath);
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (name.startsWith(prefix) && name.endsWith('.tmp')) await unlink(join(folder, name)).catch(() => undefined);
  }
}

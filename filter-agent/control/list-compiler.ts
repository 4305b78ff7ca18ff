/**
 * Keeps the rule image of the running box up to date, in a child process of low priority: compiling takes seconds of
 * one core and hundreds of megabytes, and an out-of-memory kill must take the compilation and not the filter.
 *
 * Owns the child's life and the decision whether a new image may take the place of the last good one. Leaves out the
 * compilation itself (compile-image.ts) and the files (image-store.ts).
 */
import { fork } from 'node:child_process';
import { readdir, unlink } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../../policy-rules/catalogue/service.ts';
import { openImage } from '../../policy-rules/trie/image.ts';
import { type CompileReport, fingerprintInputs, type ImageInputs } from './compile-image.ts';
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
const MAX_STDERR_CHARS = 2000;

/** Compiles in a child process. Not twice at once for the same path. */
export async function compileLists(
  catalogue: Catalogue,
  inputs: ImageInputs,
  options: CompileOptions,
): Promise<Compilation> {
  const { imagePath } = options;
  await removeLeftovers(imagePath);
  try {
    const job: CompileJob = { catalogue, inputs, imagePath, required: options.required ?? [] };
    const reply = await runChild(job, options.signal, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
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
  options: Omit<CompileOptions, 'imagePath' | 'required'> = {},
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

function runChild(job: CompileJob, signal: AbortSignal | undefined, timeoutMs: number): Promise<CompiledReply> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new ListCompileError('compile-aborted', 'compiling the lists was called off before it began'));
      return;
    }
    const { NODE_COMPILE_CACHE } = process.env;
    const child = fork(fileURLToPath(new URL('./list-compile-process.ts', import.meta.url)), [], {
      execPath: process.execPath,
      // The box's own flags (an inspector's port) are not the child's, nor are its secrets; its compiled modules are.
      execArgv: [],
      env: NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    giveWayFromTheStart(child.pid);
    let reply: CompileReply | undefined;
    let stopped: ListCompileError | undefined;
    let stderr = '';
    const stop = (code: ListCompileErrorCode, message: string): void => {
      stopped ??= new ListCompileError(code, message);
      child.kill('SIGKILL');
    };
    const abort = (): void => stop('compile-aborted', 'compiling the lists was called off');
    const timer = setTimeout(() => {
      stop(
        'compile-timeout',
        `compiling the lists took longer than ${timeoutMs} ms; are they on a slow or stuck disk?`,
      );
    }, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const settle = (error: ListCompileError | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (error !== undefined) reject(error);
      else if (reply?.type === 'compiled') resolve(reply);
    };

    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR_CHARS);
    });
    child.on('message', (message) => {
      reply = message as CompileReply;
    });
    child.on('error', (cause) => {
      settle(
        new ListCompileError('compile-failed', `cannot start the process that compiles the lists: ${cause.message}`),
      );
    });
    child.on('close', (code, killedBy) => {
      // A reply of success is sent only when the image is on disk, so what happened after it does not matter.
      if (reply?.type === 'compiled') settle(undefined);
      else settle(stopped ?? describeEnd(reply, code, killedBy, stderr));
    });
    child.send(job, (cause) => {
      if (cause !== null) stop('compile-failed', `cannot tell the process what to compile: ${cause.message}`);
    });
  });
}

/**
 * The child lowers its priority itself as soon as it runs, but starting Node is work as well, and on a machine with one
 * core to spare queries would wait for it. Its threads inherit what is set here.
 */
function giveWayFromTheStart(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or a sandbox forbids it: the child tries again.
  }
}

function describeEnd(
  reply: CompileReply | undefined,
  code: number | null,
  killedBy: NodeJS.Signals | null,
  stderr: string,
): ListCompileError {
  if (reply?.type === 'failed')
    return new ListCompileError('compile-failed', `cannot compile the lists: ${reply.message}`);
  if (killedBy !== null) {
    const hint = killedBy === 'SIGKILL' ? '; is there too little memory for lists of this size?' : '';
    return new ListCompileError(
      'compile-killed',
      `the process that compiles the lists was ended by ${killedBy}${hint}`,
    );
  }
  const words = stderr.trim() === '' ? '' : `: ${stderr.trim()}`;
  return new ListCompileError('compile-failed', `the process that compiles the lists ended with code ${code}${words}`);
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

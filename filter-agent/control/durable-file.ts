/**
 * Small files that outlive a power cut: the last good policy, the device table, the identity, the last good grants.
 *
 * Owns the write (temporary file, fsync, rename, fsync of the folder), the checksum, and what happens to a damaged
 * file: it is moved aside with a reason, never a crash and never half believed. What a file means is its reader's.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** What a read found. `damaged` has already been moved aside, so the next write begins anew. */
export type DurableRead<T> =
  | { readonly state: 'read'; readonly value: T }
  | { readonly state: 'absent' }
  | { readonly state: 'damaged'; readonly reason: string; readonly movedTo: string | null };

export interface WriteOptions {
  /** Permission bits; 0o640 unless told, 0o600 for keys. */
  readonly mode?: number;
}

/** Writes a JSON value with its checksum. When it resolves, the value survives a power cut. */
export function writeDurableJson(path: string, value: unknown, options: WriteOptions = {}): Promise<void> {
  const body = `${JSON.stringify(value, null, 1)}\n`;
  return writeDurableBytes(path, Buffer.from(`${headerLine(body)}\n${body}`), options);
}

/**
 * Reads what `writeDurableJson` wrote. `parse` validates the value and throws when it is not what the reader expects;
 * zod's `schema.parse` will do. A damaged file is moved aside, unless whoever reads it only looks.
 */
export async function readDurableJson<T>(
  path: string,
  parse: (value: unknown) => T,
  onDamage: 'move' | 'leave' = 'move',
): Promise<DurableRead<T>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    // Not readable is not damaged: a wrong owner is mended by hand, and moving it would hide the mistake.
    return { state: 'damaged', reason: `cannot read ${path}: ${messageOf(cause)}`, movedTo: null };
  }
  try {
    return { state: 'read', value: parse(openEnvelope(text)) };
  } catch (cause) {
    const reason = `${basename(path)} is damaged: ${messageOf(cause)}`;
    return { state: 'damaged', reason, movedTo: onDamage === 'move' ? await moveAside(path) : null };
  }
}

/** One write at a time for each path, so that two writers cannot overtake each other and leave the older value. */
const writing = new Map<string, Promise<void>>();

/** Replaces a file's bytes as a whole: after a power cut there is the old file or the new one, never a mixture. */
export function writeDurableBytes(path: string, bytes: Uint8Array, options: WriteOptions = {}): Promise<void> {
  const before = writing.get(path) ?? Promise.resolve();
  const write = before.catch(() => undefined).then(() => replaceFile(path, bytes, options.mode ?? 0o640));
  writing.set(path, write);
  const forget = (): void => {
    if (writing.get(path) === write) writing.delete(path);
  };
  write.then(forget, forget);
  return write;
}

/**
 * Renames a file to `NAME.damaged`, over an earlier one of that name: one specimen is enough to look into, and a
 * folder on an SD card must not fill with them. Returns the new path, or null when even that was not possible.
 */
export async function moveAside(path: string): Promise<string | null> {
  const target = `${path}.damaged`;
  try {
    await rename(path, target);
    return target;
  } catch {
    return null;
  }
}

async function replaceFile(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const folder = dirname(path);
  // One name for each path, so that a power cut leaves at most one such file, and the next write clears it away.
  const temporary = join(folder, `.${basename(path)}.tmp`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await rm(temporary, { force: true });
    const file = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    // The process's umask may have narrowed what open() was asked for, and a key must never be wider.
    await chmod(temporary, mode);
    await giveToFolderOwner(temporary, folder);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new Error(`cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
  await syncFolder(folder);
}

/** Root pairs the box (`sudo stairgate enrol`), and the box, which runs as a user of its own, must be able to read it. */
async function giveToFolderOwner(path: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await chown(path, uid, gid);
}

/** A rename is only in the folder's own pages until the folder itself is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function headerLine(body: string): string {
  return `stairgate 1 sha256 ${createHash('sha256').update(body).digest('hex')}`;
}

function openEnvelope(text: string): unknown {
  const end = text.indexOf('\n');
  const body = text.slice(end + 1);
  if (end < 0 || !text.startsWith('stairgate 1 sha256 ')) {
    throw new Error('expected a first line "stairgate 1 sha256 …"');
  }
  if (text.slice(0, end) !== headerLine(body)) throw new Error('its checksum does not match its content');
  return JSON.parse(body);
}

function errorCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

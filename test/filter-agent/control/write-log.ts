/**
 * What a disk holds after the power went: the write log of a process (made by strace), replayed up to an instant.
 *
 * What was synced by then is there. Of what was written and not yet synced, any part may be there, so a seeded choice
 * keeps some of it, in pieces. A rename or a deletion is certain once its folder was synced, and a choice before.
 * Deliberately harsher than most file systems are.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One entry of the log, in the order in which the system calls returned. */
export type LogEntry =
  | { readonly kind: 'write'; readonly path: string; readonly at: number | 'end'; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly length: number }
  | { readonly kind: 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'delete'; readonly path: string }
  /** A line on standard output. */
  | { readonly kind: 'said'; readonly line: string };

export const tracer = 'strace';

export function tracerIsPresent(): boolean {
  return process.platform === 'linux' && spawnSync(tracer, ['-V']).status === 0;
}

/** The arguments that make strace log what `readWriteLog` reads. */
export function tracerArguments(logPath: string): string[] {
  const calls = 'pwrite64,write,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,pwritev,writev';
  return ['-f', '-qq', '-y', '-xx', '-s', '1000000', '-e', `trace=${calls}`, '-e', 'signal=none', '-o', logPath];
}

/** Reads the log of the calls on files below `folder`, and of what was said. */
export function readWriteLog(text: string, folder: string): LogEntry[] {
  const begun = new Map<string, string>();
  const entries: LogEntry[] = [];
  for (const line of text.split('\n')) {
    const [, pid = '', rest = ''] = /^(\d+)\s+(.*)$/.exec(line) ?? [];
    if (rest.endsWith('<unfinished ...>')) {
      begun.set(pid, rest.slice(0, -'<unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const call = resumed === null ? rest : `${begun.get(pid) ?? ''}${resumed[1]}`;
    const entry = readCall(call, folder);
    if (entry !== null) entries.push(...(Array.isArray(entry) ? entry : [entry]));
  }
  return entries;
}

function readCall(call: string, folder: string): LogEntry | LogEntry[] | null {
  const [, name = '', inner = '', result = ''] = /^(\w+)\((.*)\)\s+= (-?\d+)/.exec(call) ?? [];
  if (name === '' || Number(result) < 0) return null;
  const path = text(/^\d+<([^>]*)>/.exec(inner)?.[1] ?? '');
  const strings = [...inner.matchAll(/"([^"]*)"/g)].map((match) => bytesOf(match[1] ?? ''));
  const numbers =
    inner
      .slice(inner.lastIndexOf('"') + 1)
      .match(/\d+/g)
      ?.map(Number) ?? [];
  if (name === 'write' && inner.startsWith('1<')) {
    const lines = String(strings[0]).trimEnd().split('\n');
    return lines.map((line) => ({ kind: 'said', line }));
  }
  if (name.startsWith('rename')) {
    const [from = '', to = ''] = strings.map(String);
    return from.startsWith(folder) ? { kind: 'rename', path: from, to } : null;
  }
  if (name.startsWith('unlink')) {
    const gone = String(strings[0]);
    return gone.startsWith(folder) ? { kind: 'delete', path: gone } : null;
  }
  if (!path.startsWith(folder)) return null;
  switch (name) {
    case 'pwrite64':
      return { kind: 'write', path, at: numbers[1] ?? 0, bytes: strings[0]!.subarray(0, Number(result)) };
    case 'write':
      return { kind: 'write', path, at: 'end', bytes: strings[0]!.subarray(0, Number(result)) };
    case 'ftruncate':
      return { kind: 'truncate', path, length: Number(/, (\d+) ?$/.exec(inner)?.[1]) };
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path };
    default:
      throw new Error(`the write log holds ${name} on ${path}, which the replay does not know`);
  }
}

function text(hex: string): string {
  return String(bytesOf(hex));
}

/** strace -xx writes every byte as \xNN. */
function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex');
}

/** The folder's files as they may be found after the power went behind the entry `cut` of the log. */
export function filesAfterPowerCut(log: readonly LogEntry[], cut: number, random: () => number): Map<string, Buffer> {
  const files = new Map<string, DiskFile>();
  /** Renames and deletions that the folder's own sync has not made certain yet. */
  let loose: (() => void)[] = [];
  const onDisk = new Map<string, DiskFile>();

  for (const entry of log.slice(0, cut)) {
    if (entry.kind === 'said') continue;
    if (entry.kind === 'rename') {
      const file = files.get(entry.path);
      if (file === undefined) continue;
      files.delete(entry.path);
      files.set(entry.to, file);
      loose.push(() => {
        onDisk.delete(entry.path);
        onDisk.set(entry.to, file);
      });
    } else if (entry.kind === 'delete') {
      files.delete(entry.path);
      loose.push(() => onDisk.delete(entry.path));
    } else if (entry.kind === 'sync' && !files.has(entry.path)) {
      // A folder: SQLite and durable-file.ts sync no other one than the state folder itself.
      for (const settle of loose) settle();
      loose = [];
    } else {
      const file = files.get(entry.path) ?? new DiskFile();
      files.set(entry.path, file);
      file.take(entry);
      // The name of a new file reaches the disk with its first sync.
      if (entry.kind === 'sync') onDisk.set(entry.path, file);
    }
  }
  // Names reach the disk in their order: some first part of what is loose has.
  for (const settle of loose.slice(0, Math.floor(random() * (loose.length + 1)))) settle();
  return new Map([...onDisk].map(([path, file]) => [path, file.afterPowerCut(random)]));
}

type FileEntry = Extract<LogEntry, { kind: 'write' | 'truncate' | 'sync' }>;

type Change = Extract<LogEntry, { kind: 'write' | 'truncate' }>;

class DiskFile {
  readonly #synced: Change[] = [];
  #loose: Change[] = [];
  #length = 0;

  take(entry: FileEntry): void {
    if (entry.kind === 'sync') {
      this.#synced.push(...this.#loose);
      this.#loose = [];
    } else if (entry.kind === 'truncate') {
      this.#length = entry.length;
      this.#loose.push(entry);
    } else {
      const at = entry.at === 'end' ? this.#length : entry.at;
      this.#length = Math.max(this.#length, at + entry.bytes.length);
      this.#loose.push({ ...entry, at });
    }
  }

  afterPowerCut(random: () => number): Buffer {
    const changes = [...this.#synced, ...this.#loose.filter(() => random() < 0.5)];
    const ends = changes.map((change) => (change.kind === 'write' ? Number(change.at) + change.bytes.length : 0));
    const bytes = Buffer.alloc(ends.reduce((most, end) => Math.max(most, end), 0));
    let length = 0;
    for (const [index, change] of changes.entries()) {
      if (change.kind === 'write') {
        change.bytes.copy(bytes, Number(change.at));
        length = Math.max(length, ends[index]!);
      } else {
        bytes.fill(0, change.length);
        length = change.length;
      }
    }
    return Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length))]).subarray(0, length);
  }
}

/** Puts the files into a new folder, under their own names. */
export function layOut(files: ReadonlyMap<string, Buffer>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, bytes] of files) {
    // The shared-memory index of WAL is rebuilt after a power cut, never read.
    if (!path.endsWith('-shm')) writeFileSync(join(folder, basename(path)), bytes);
  }
}

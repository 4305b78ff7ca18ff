/**
 * What a process costs by the kernel's own books, and which cores it may use: processor time in nanoseconds, resident
 * memory now and at its highest, pinning. Of the whole tree of processes, each with all its threads. Linux only.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Nanoseconds on a core so far, user and system. A thread that has ended takes its share with it, so a difference is
 * right only while none ends; a server under load ends none.
 */
export function cpuNanoseconds(root: number): number {
  let total = 0;
  for (const pid of processTree(root)) {
    for (const task of list(`/proc/${pid}/task`)) {
      // "time on a core, time waiting for one, slices": see the kernel's scheduler/sched-stats.rst.
      total += Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0] || 0);
    }
  }
  return total;
}

export interface Memory {
  readonly residentMegabytes: number;
  readonly peakMegabytes: number;
}

/** Of the process itself, and of its children. Megabytes are 10^6 bytes. */
export function memoryOf(root: number): Memory {
  let residentMegabytes = 0;
  let peakMegabytes = 0;
  for (const pid of processTree(root)) {
    const status = read(`/proc/${pid}/status`);
    residentMegabytes += kilobytes(status, 'VmRSS');
    peakMegabytes += kilobytes(status, 'VmHWM');
  }
  return { residentMegabytes, peakMegabytes };
}

function kilobytes(status: string, field: string): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status);
  return found === null ? 0 : (Number(found[1]) * 1024) / 1e6;
}

/** Binds every thread of the process to these cores, and its children's; what they begin later inherits it. */
export function pin(root: number, cores: readonly number[]): void {
  for (const pid of processTree(root)) pinOne(pid, cores);
}

/** The same for one process, whatever its children do. */
export function pinOne(pid: number, cores: readonly number[]): void {
  execFileSync('taskset', ['-a', '-c', '-p', cores.join(','), String(pid)], { stdio: 'ignore' });
}

/** The cores that this process may use. */
export function allowedCores(): number[] {
  const ranges = /^Cpus_allowed_list:\s+(\S+)/m.exec(read('/proc/self/status'))?.[1] ?? '0';
  return ranges.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: last! - first + 1 }, (_, index) => first + index);
  });
}

/** The process and whatever it has begun, and what those have. */
export function processTree(root: number): number[] {
  return [root, ...childrenOf(root).flatMap(processTree)];
}

export function childrenOf(pid: number): number[] {
  return list(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(' ').filter(Boolean).map(Number),
  );
}

export function commandName(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Whatever ended in the meantime has nothing in it. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

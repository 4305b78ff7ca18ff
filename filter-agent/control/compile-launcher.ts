/**
 * A small process, begun with the box, that begins the process which compiles lists whenever there is a job.
 *
 * The box itself must not: fork(2), the only way that Node knows, copies the page tables of the whole box, and as long as
 * that takes (10 ms and more) none of its threads can write to its memory, and so none can answer. A shell of 1 MB is
 * copied in no time. It has the lowest priority, and what it begins inherits that; it stays in the box's session, since
 * Linux gives each session the same share of a core, whatever the priorities in it (sched(7), autogroup).
 *
 *   box ─ stdin: a line ─────────────▶ shell ─ begins ─▶ compiler (list-compile-process.ts)
 *       ─ descriptor 3: the job ───────────────────────▶ its stdin; its end says that the box has ended
 *       ◀─ stdout: "began 17", "ended 0" ── shell
 *       ◀─ stdout: the reply, stderr ─────────────────── compiler
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** How a compilation's process ended. */
export interface CompileEnd {
  /** The last line that it wrote, of JSON; undefined when it wrote none. */
  readonly reply: string | undefined;
  /** As a shell tells it: 128 and the signal's number when it was killed; null when the shell itself is gone. */
  readonly code: number | null;
  /** The end of what it complained of. */
  readonly stderr: string;
}

const SHELL = '/bin/sh';
const SCRIPT = 'while read -r _; do "$@" <&3 & echo "began $!"; wait "$!"; echo "ended $?"; done';
const PROGRAM = fileURLToPath(new URL('./list-compile-process.ts', import.meta.url));
const TOLD = /^(began|ended) (\d+)$/;
const MAX_STDERR_CHARS = 2000;

interface Shell {
  readonly process: ChildProcess;
  readonly commands: Writable;
  readonly jobs: Writable;
  /** The process that does the job at hand, by its number. */
  compiler: number | undefined;
  reply: string | undefined;
  stderr: string;
  /** Of the job at hand. */
  settle: ((end: CompileEnd) => void) | undefined;
  fail: ((cause: Error) => void) | undefined;
}

/** One job at a time. */
export class CompileLauncher {
  #shell: Shell | null = null;

  /** Begins the small process, if there is none. The smaller the box is at this moment, the better. */
  start(): void {
    this.#shell ??= this.#begin();
  }

  /**
   * Resolves when the process that did the job has ended, however. Rejects when it could not be begun, and while another
   * job is under way.
   */
  async run(job: object): Promise<CompileEnd> {
    this.start();
    const shell = this.#shell!;
    // What the shell says of an end does not say of which job.
    if (shell.settle !== undefined) throw new Error('a job is under way already: wait for its end');
    shell.process.ref();
    shell.reply = undefined;
    shell.stderr = '';
    return new Promise((resolve, reject) => {
      shell.settle = resolve;
      shell.fail = reject;
      shell.jobs.write(`${JSON.stringify(job)}\n`);
      shell.commands.write('\n');
    });
  }

  /** Ends the small process, and the other one with it if there is one; run() then resolves with the code null. */
  close(): void {
    const shell = this.#shell;
    this.#shell = null;
    kill(shell?.process.pid);
    kill(shell?.compiler);
    // A compiler that was begun, but not told of by a shell that is no more, ends with its stdin.
    shell?.jobs.destroy();
  }

  #begin(): Shell {
    const { NODE_COMPILE_CACHE } = process.env;
    const child = spawn(SHELL, ['-c', SCRIPT, SHELL, process.execPath, PROGRAM], {
      // The box's own flags and secrets are not the compiler's; its compiled modules are.
      env: NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    lowerPriorityOf(child.pid);
    const pipes = child.stdio as unknown as [Socket, Socket, Socket, Socket];
    const [commands, stdout, stderr, jobs] = pipes;
    const shell: Shell = {
      process: child,
      commands,
      jobs,
      compiler: undefined,
      reply: undefined,
      stderr: '',
      settle: undefined,
      fail: undefined,
    };
    // What breaks them is the shell's end, which is told of below. None of it keeps a box that ends from ending.
    for (const pipe of pipes) pipe.on('error', () => undefined).unref();
    child.unref();
    stderr.setEncoding('utf8').on('data', (text: string) => {
      shell.stderr = (shell.stderr + text).slice(-MAX_STDERR_CHARS);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      const [, what, number] = TOLD.exec(line) ?? [];
      if (what === undefined) shell.reply = line;
      else if (what === 'ended') this.#end(shell, Number(number));
      else {
        shell.compiler = Number(number);
        // Called off in the moment in which it began.
        if (this.#shell !== shell) kill(shell.compiler);
      }
    });
    child.on('error', (cause) => {
      if (this.#shell === shell) this.#shell = null;
      shell.fail?.(cause);
      shell.settle = undefined;
    });
    child.on('close', () => this.#end(shell, null));
    return shell;
  }

  #end(shell: Shell, code: number | null): void {
    shell.compiler = undefined;
    // One that failed may have left its job unread, for the next one to find.
    if (code !== 0 && this.#shell === shell) this.close();
    shell.process.unref();
    shell.settle?.({ reply: shell.reply, code, stderr: shell.stderr });
    shell.settle = undefined;
  }
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function lowerPriorityOf(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or a sandbox forbids it: the compiler tries again.
  }
}

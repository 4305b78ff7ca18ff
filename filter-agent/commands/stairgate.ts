/** The command line: finds the command, runs it, turns mistakes into sentences and an exit code. */
import { ConfigError, OverrideError } from '../config.ts';
import { type CommandIo, ExitCode, safeOutput, UsageError } from './command.ts';

interface Command {
  readonly usage: string;
  readonly run: (args: readonly string[], io: CommandIo) => Promise<number>;
}

/** Loaded when called, so that `check` does not load the threads, nor `status` the catalogue. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => {
    const { run, runUsage } = await import('./run.ts');
    return { run, usage: runUsage };
  },
  check: async () => {
    const { check, checkUsage } = await import('./check.ts');
    return { run: check, usage: checkUsage };
  },
  lists: async () => {
    const { lists, listsUsage } = await import('./lists.ts');
    return { run: lists, usage: listsUsage };
  },
  enrol: async () => {
    const { enrol, enrolUsage } = await import('./enrol.ts');
    return { run: enrol, usage: enrolUsage };
  },
  record: async () => {
    const { record, recordUsage } = await import('./record.ts');
    return { run: record, usage: recordUsage };
  },
  status: async () => {
    const { status, statusUsage } = await import('./status.ts');
    return { run: status, usage: statusUsage };
  },
};

const [name, ...args] = process.argv.slice(2);
const stop = Promise.withResolvers<void>();
const stdout = safeOutput(process.stdout);
const stderr = safeOutput(process.stderr);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.resolve());
// A reader that went away (`| head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await main();
// Threads and handles of a box that failed half-way must not keep a dead process alive.
if (process.exitCode !== ExitCode.OK) process.exit();

async function main(): Promise<number> {
  const load = name === undefined || !Object.hasOwn(commands, name) ? undefined : commands[name];
  if (load === undefined) {
    const asked = name === undefined || name === '--help' || name === '-h' || name === 'help';
    if (!asked) stderr.write(`There is no command "${name}".\n\n`);
    const usages = await Promise.all(Object.values(commands).map(async (each) => (await each()).usage));
    (asked ? stdout : stderr).write(`${usages.join('\n\n')}\n`);
    return asked && name !== undefined ? ExitCode.OK : ExitCode.USAGE;
  }
  const command = await load();
  if (args.includes('--help') || args.includes('-h')) {
    stdout.write(`${command.usage}\n`);
    return ExitCode.OK;
  }
  try {
    return await command.run(args, { stdin: process.stdin, stdout, stderr, stopped: stop.promise });
  } catch (error) {
    if (error instanceof UsageError || error instanceof OverrideError) {
      stderr.write(`${error.message}\n\n${command.usage}\n`);
      return ExitCode.USAGE;
    }
    if (error instanceof ConfigError) {
      stderr.write(`The settings cannot be used:\n${error.message}\n`);
      return ExitCode.USAGE;
    }
    stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return ExitCode.FAILED;
  }
}

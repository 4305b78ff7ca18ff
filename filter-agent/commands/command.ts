/** What every command shares: where it writes, how it ends, how its arguments are read. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { showLines } from '../../policy-rules/show-text.ts';

export interface CommandIo {
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Resolves when the command is asked to stop (SIGINT, SIGTERM). */
  readonly stopped: Promise<void>;
}

/**
 * For the terminal of a person: what a command quotes (a name, a file's line, another program's words) cannot move the
 * cursor, colour the screen or turn the direction of writing.
 */
export function safeOutput(stream: CommandIo['stdout']): CommandIo['stdout'] {
  return { write: (text) => stream.write(showLines(text)) };
}

export const ExitCode = {
  OK: 0,
  /** The work could not be done, or not all of it. */
  FAILED: 1,
  /** The words of the call are off. */
  USAGE: 2,
} as const;

/** A mistake in the call: its message goes to the person, with the usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** As node:util's parseArgs, strict, with an error that says what is known. */
export function readArguments<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const what = cause instanceof Error ? cause.message.split('. ')[0] : String(cause);
    throw new UsageError(`${what}. Known here: ${known.join(', ')}.`, { cause });
  }
}

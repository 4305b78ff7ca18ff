/** `stairgate lists`: what is done with block lists. */
import { catalogue } from '../../policy-rules/catalogue/catalogue.ts';
import { type CommandIo, readArguments, UsageError } from './command.ts';
import { listsCompile } from './lists-compile.ts';

export const listsUsage = `stairgate lists compile IN… --out IMAGE
  Compiles block lists, with the catalogue, into one rule image, and prints what each list came to.`;

export async function lists(args: readonly string[], io: CommandIo): Promise<number> {
  const [action, ...rest] = args;
  if (action !== 'compile')
    throw new UsageError(`Expected: lists compile${action === undefined ? '' : `, got: lists ${action}`}.`);
  const { values, positionals } = readArguments(rest, { out: { type: 'string' } });
  if (values.out === undefined) throw new UsageError('--out: give the file that the image is written to.');
  if (positionals.length === 0) throw new UsageError('Give at least one list file to compile.');
  return listsCompile({ inputs: positionals, out: values.out }, io, catalogue);
}

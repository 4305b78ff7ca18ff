/**
 * `stairgate record verify`: whether every entry of an exported record is as it was written. It needs neither the
 * dashboard nor a box: the file holds what is hashed, and the signatures of the boxes over its heads.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { headText } from '../../policy-rules/agent-protocol.ts';
import {
  type ChainEntry,
  type ChainFault,
  type ChainHead,
  checkChain,
  type Sha256,
} from '../../policy-rules/record-chain.ts';
import { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import { isSignedBy } from '../control/box-identity.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';

export const recordUsage = `stairgate record verify FILE
  Checks a record that was exported from the dashboard (as NDJSON): that no entry was changed, taken out or slipped in,
  and that it goes on from what boxes have countersigned. Exit code 0 when all is as it was written, 1 when it is not.`;

export async function record(args: readonly string[], io: CommandIo): Promise<number> {
  const { positionals } = readArguments(args, {});
  const [action, file, ...rest] = positionals;
  if (action !== 'verify' || file === undefined || rest.length > 0) {
    throw new UsageError('Expected: record verify FILE.');
  }
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  const problem = await verifyLines(lines, (text) => io.stdout.write(`${text}\n`));
  if (problem === null) return ExitCode.OK;
  io.stdout.write(`${problem}\n`);
  return ExitCode.FAILED;
}

/** What is wrong first, in words; null when nothing is. */
async function verifyLines(lines: AsyncIterable<string>, say: (text: string) => void): Promise<string | null> {
  let header: ExportHeader | null = null;
  let head: ChainHead = { seq: 0, hash: '' };
  let line = 0;
  const heads = new Map<number, string>();
  for await (const text of lines) {
    line += 1;
    if (text === '') continue;
    if (header === null) {
      const read = ExportHeader.safeParse(parseJson(text));
      if (!read.success) return 'This is not an exported record: its first line is not the one of a record.';
      header = read.data;
      head = header.start;
      continue;
    }
    const read = ExportedEntry.safeParse(parseJson(text));
    if (!read.success) return `Line ${line} is no entry of a record: expected no. ${head.seq + 1} there.`;
    const check = checkChain([read.data satisfies ChainEntry], head, sha256);
    if (!check.ok) return describe(check.fault);
    head = check.head;
    if (header.heads.some(({ seq }) => seq === head.seq)) heads.set(head.seq, head.hash);
  }
  if (header === null) return 'This is not an exported record: it is empty.';
  const { start, end } = header;
  if (head.seq !== end.seq) return `No. ${head.seq + 1} is missing: the record goes on to no. ${end.seq}.`;
  say(
    `${head.seq - start.seq} entries of ${header.settingName}, no. ${start.seq + 1} to ${head.seq}: as they were written.`,
  );
  return checkHeads(header, heads, say);
}

function checkHeads(
  { settingId, start, heads }: ExportHeader,
  hashes: Map<number, string>,
  say: (text: string) => void,
) {
  for (const { signature, publicKey, ...head } of heads) {
    if (!isSignedBy(publicKey, headText(settingId, head), signature)) continue;
    if (head.seq <= start.seq) continue;
    if (hashes.get(head.seq) !== head.hash) {
      return `The box with the key ${publicKey} has countersigned another no. ${head.seq} than this one: the record was cut off, or written anew.`;
    }
    say(`Countersigned up to no. ${head.seq} by the box with the key ${publicKey}.`);
  }
  return null;
}

function describe({ seq, what }: ChainFault): string {
  switch (what) {
    case 'missing':
      return `No. ${seq} is missing: another entry stands in its place.`;
    case 'changed':
      return `No. ${seq} is not as it was written.`;
    case 'words':
      return `The personal words of no. ${seq} are not as they were written.`;
  }
}

const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

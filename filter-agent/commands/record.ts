/**
 * `stairgate record verify`: whether every entry of an exported record is as it was written. It needs neither the
 * dashboard nor a box: the file holds what is hashed, and the signatures of the boxes over its heads. Where there is a
 * box its own head is held against it as well: that one does not come from the file.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { headText } from '../../policy-rules/agent-protocol.ts';
import { type ChainFault, type ChainHead, checkChain, type Sha256 } from '../../policy-rules/record-chain.ts';
import { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import { isSignedBy } from '../control/box-identity.ts';
import { type OwnHead, readOwnHead } from '../control/own-head.ts';
import { type CommandIo, ExitCode, readArguments, UsageError } from './command.ts';
import { readSettings, settingsOptions } from './settings.ts';

export const recordUsage = `stairgate record verify FILE|- [--config FILE]
  Checks a record that was exported from the dashboard (NDJSON): that no entry was changed, taken out or slipped in,
  and that it goes on from what boxes have countersigned. On a box it is held against what this box itself has
  countersigned last. Exit code 0 when all is as it was written, 1 when it is not.`;

export async function record(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = readArguments(args, { config: settingsOptions.config });
  const [action, file, ...rest] = positionals;
  if (action !== 'verify' || file === undefined || rest.length > 0) {
    throw new UsageError('Expected: record verify FILE.');
  }
  const say = (text: string) => io.stdout.write(`${text}\n`);
  const own = await readOwnHead(readSettings(values).stateDir);
  // Opened first: of a stream that cannot be opened the lines would say nothing.
  const input = file === '-' ? Readable.from(io.stdin) : (await open(file)).createReadStream();
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const problem = await verifyLines(lines, own, say);
  if (problem === null) return ExitCode.OK;
  say(problem);
  return ExitCode.FAILED;
}

/** What is wrong first, in words; null when nothing is. */
async function verifyLines(
  lines: AsyncIterable<string>,
  own: OwnHead,
  say: (text: string) => void,
): Promise<string | null> {
  let header: ExportHeader | null = null;
  let head: ChainHead = { seq: 0, hash: '' };
  let line = 0;
  let count = 0;
  const kept = new Map<number, string>();
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
    const entry = read.data;
    const from = header.part === undefined ? head : placeBefore(entry, head);
    if (from === null) return `Line ${line} is out of place: no. ${entry.seq} after no. ${head.seq}.`;
    const check = checkChain([entry], from, sha256);
    if (!check.ok) return describe(check.fault);
    head = check.head;
    count += 1;
    if (isCountersigned(header, own, head.seq)) kept.set(head.seq, head.hash);
  }
  if (header === null) return 'This is not an exported record: it is empty.';
  const { part, start, end, settingName } = header;
  if (part !== undefined) {
    if (count !== part.count) return `The copy should have ${part.count} entries, and has ${count}.`;
    say(
      `${count} entries of ${settingName}, a part of the record: each agrees with its seal. That none is missing, and no seal was made anew, shows only in a copy of the whole.`,
    );
  } else {
    if (head.seq !== end.seq) return `No. ${head.seq + 1} is missing: the record goes on to no. ${end.seq}.`;
    say(`${count} entries of ${settingName}, no. ${start.seq + 1} to ${head.seq}: as they were written.`);
  }
  return checkHeads(header, kept, say) ?? checkOwnHead(header, own, kept, say);
}

/**
 * Of a part: where the entry goes on from, as the entry itself says; null when that cannot be, since the one before it in
 * the record is in the copy as well, or it stands before an entry that it comes after.
 */
function placeBefore(entry: ExportedEntry, last: ChainHead): ChainHead | null {
  const { seq, before } = entry;
  if (before === undefined || seq <= last.seq) return null;
  // Where the one before is at hand its hash is the one that counts.
  return seq === last.seq + 1 ? last : { seq: seq - 1, hash: before };
}

function isCountersigned({ heads }: ExportHeader, own: OwnHead, seq: number): boolean {
  return heads.some((head) => head.seq === seq) || (own.state === 'read' && own.head.seq === seq);
}

/** A part need not hold what was countersigned; a whole record does. */
function checkHeads(
  { settingId, start, part, heads }: ExportHeader,
  kept: ReadonlyMap<number, string>,
  say: (text: string) => void,
): string | null {
  for (const { signature, publicKey, ...head } of heads) {
    if (!isSignedBy(publicKey, headText(settingId, head), signature)) continue;
    if (head.seq <= start.seq || (part !== undefined && !kept.has(head.seq))) continue;
    if (kept.get(head.seq) !== head.hash) {
      return `The box with the key ${publicKey} has countersigned another no. ${head.seq} than this one: the record was cut off, or written anew.`;
    }
    say(
      part === undefined
        ? `Countersigned up to no. ${head.seq} by the box with the key ${publicKey}.`
        : `No. ${head.seq} is countersigned by the box with the key ${publicKey}.`,
    );
  }
  return null;
}

/** Nobody who can write the dashboard's database, or this file, can change what the box has kept. */
function checkOwnHead(
  { settingId, start, end, part }: ExportHeader,
  own: OwnHead,
  kept: ReadonlyMap<number, string>,
  say: (text: string) => void,
): string | null {
  if (own.state === 'unreadable') say(`What this box has countersigned could not be read: ${own.reason}.`);
  if (own.state !== 'read') return null;
  const { seq, hash } = own.head;
  if (own.settingId !== settingId) {
    say('This box belongs to another setting: it has countersigned nothing of this record.');
    return null;
  }
  if (seq <= start.seq || (part !== undefined && !kept.has(seq))) return null;
  if (seq > end.seq) {
    return `This copy ends with no. ${end.seq}, and this box has countersigned up to no. ${seq}: its end was cut off, or it was taken before that. Take a new copy.`;
  }
  if (kept.get(seq) !== hash) {
    return `This box has countersigned another no. ${seq} than this one: the record was cut off, or written anew.`;
  }
  say(
    part === undefined
      ? `This box itself has countersigned it up to no. ${seq}.`
      : `This box itself has countersigned no. ${seq}.`,
  );
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

/**
 * The record as a file that can be checked without the dashboard: one JSON object a line. The first line says which
 * record it is, from where to where it goes, and which heads boxes have countersigned; every other line is an entry.
 *
 * A part of a record holds some of its entries. Each has the hash that it is chained to with it, so that what it says can be
 * checked by itself; that none is missing shows only in the whole.
 */
import * as z from 'zod/mini';
import { RecordHead } from './agent-protocol.ts';

const Hexadecimal = z.string().check(z.regex(/^[0-9a-f]*$/), z.maxLength(64));
/** The start of a chain has the number 0. */
const Place = z.object({ seq: z.int().check(z.minimum(0)), hash: Hexadecimal });

export const ExportHeader = z.object({
  stairgate: z.literal('record'),
  version: z.literal(1),
  settingId: z.string(),
  settingName: z.string(),
  /** What the first entry is chained to, and the last entry. */
  start: Place,
  end: Place,
  /** Absent where the file is the whole record. */
  part: z.optional(z.object({ count: z.int().check(z.minimum(0)) })),
  /** Each with the public key of the box, as it was paired (base64url), and its signature over `headText`. */
  heads: z.array(z.object({ ...RecordHead.shape, signature: z.string(), publicKey: z.string() })),
});
export type ExportHeader = z.infer<typeof ExportHeader>;

/** A `ChainEntry` of record-chain.ts; with `before`, the hash that it is chained to, in a part. */
export const ExportedEntry = z.object({
  seq: z.int(),
  at: z.int(),
  kind: z.string(),
  action: z.string(),
  subject: z.string(),
  actorId: z.nullable(z.string()),
  sessionId: z.nullable(z.string()),
  detailsJson: z.string(),
  commitment: z.string(),
  hash: z.string(),
  words: z.nullable(z.object({ who: z.string(), wordsJson: z.string(), salt: z.string() })),
  before: z.optional(Hexadecimal),
});
export type ExportedEntry = z.infer<typeof ExportedEntry>;

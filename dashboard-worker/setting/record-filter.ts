/** Which entries of the record somebody asks for, as conditions of a query. */
import { type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { RecordKind } from '../views/models.ts';
import { nameFields } from './record-words.ts';
import type { SettingTables } from './tables.ts';

export interface RecordFilter {
  readonly kind: RecordKind | '';
  /** Included; null is no bound. */
  readonly fromMs: number | null;
  /** Excluded. */
  readonly toMs: number | null;
  /**
   * Part of the name of who did it, or of whom it tells; "" is everybody. Names that retention has erased are not found.
   * Letters of ASCII are the same in both cases.
   */
  readonly person: string;
  /** Part of the name that the device had then; "" is every device. */
  readonly device: string;
  /** The id of an account: what it did, and what was done to it. */
  readonly about?: string;
}

export const everyEntry: RecordFilter = { kind: '', fromMs: null, toMs: null, person: '', device: '' };

export function isWhole({ kind, fromMs, toMs, person, device }: RecordFilter): boolean {
  return kind === '' && fromMs === null && toMs === null && person === '' && device === '';
}

export function filtered<Output>(
  query: SelectQueryBuilder<SettingTables, 'record', Output>,
  { kind, fromMs, toMs, person, device, about }: RecordFilter,
): SelectQueryBuilder<SettingTables, 'record', Output> {
  let narrowed = query;
  if (kind !== '') narrowed = narrowed.where('record.kind', '=', kind);
  if (fromMs !== null) narrowed = narrowed.where('record.at', '>=', fromMs);
  if (toMs !== null) narrowed = narrowed.where('record.at', '<', toMs);
  if (person !== '') narrowed = narrowed.where(tellsOf(person));
  if (device !== '') narrowed = narrowed.where(isAbout(device));
  if (about !== undefined) {
    narrowed = narrowed.where((eb) => eb.or([eb('record.actor_id', '=', about), eb('record.subject', '=', about)]));
  }
  return narrowed;
}

function tellsOf(person: string): RawBuilder<SqlBool> {
  const names = nameFields.map((field) => sql`json_extract(words_json, ${`$.${field}`})`);
  const any = sql.join(
    [sql`who`, ...names].map((name) => holds(name, person)),
    sql` OR `,
  );
  return sql`EXISTS (SELECT 1 FROM record_words WHERE record_words.seq = record.seq AND (${any}))`;
}

/** The answers to a request do not name the device: its first entry does. */
function isAbout(device: string): RawBuilder<SqlBool> {
  const named = holds(sql`json_extract(details_json, '$.deviceName')`, device);
  const target = holds(sql`json_extract(details_json, '$.target.name')`, device);
  return sql`(${named} OR (json_extract(details_json, '$.target.kind') = 'device' AND ${target})
    OR (kind = 'request' AND subject IN (SELECT subject FROM record WHERE action = 'request-made' AND ${named})))`;
}

function holds(name: RawBuilder<unknown>, part: string): RawBuilder<SqlBool> {
  return sql`instr(lower(${name}), lower(${part})) > 0`;
}

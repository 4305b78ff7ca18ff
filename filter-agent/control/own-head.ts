/**
 * The head of the record that this box has countersigned last, read from its state by another process than the box: it may
 * run meanwhile, and is not disturbed.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import * as z from 'zod/mini';
import { RecordHead } from '../../policy-rules/agent-protocol.ts';
import { loadIdentity } from './box-identity.ts';
import { STORE_FILE } from './usage-store.ts';

/** `none`: there is no box here, it is not paired, or it has countersigned nothing yet. */
export type OwnHead =
  | { readonly state: 'read'; readonly settingId: string; readonly head: RecordHead }
  | { readonly state: 'none' }
  /** `reason`: in words, for the person. */
  | { readonly state: 'unreadable'; readonly reason: string };

export async function readOwnHead(stateDir: string): Promise<OwnHead> {
  const { identity, trouble } = await loadIdentity(stateDir, 'leave');
  if (trouble !== null) return { state: 'unreadable', reason: trouble };
  if (identity === null || !existsSync(join(stateDir, STORE_FILE))) return { state: 'none' };
  try {
    const head = headOf(join(stateDir, STORE_FILE), identity.boxId);
    return head === null ? { state: 'none' } : { state: 'read', settingId: identity.settingId, head };
  } catch (cause) {
    return { state: 'unreadable', reason: (cause as Error).message };
  }
}

function headOf(databasePath: string, boxId: string): RecordHead | null {
  const database = new SqliteDatabase(databasePath, { readonly: true });
  try {
    // A box of before there were heads has no table for them.
    const tables = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'record_head'").all();
    if (tables.length === 0) return null;
    const row = database.prepare('SELECT seq, hash FROM record_head WHERE box_id = ?').get(boxId);
    return z.nullish(RecordHead).parse(row) ?? null;
  } finally {
    database.close();
  }
}

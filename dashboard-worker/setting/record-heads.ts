/**
 * The heads of the record that boxes have countersigned: the newest of each box. An entry that was cut off, or a chain
 * that was computed anew, shows by them even where the chain by itself is whole, since nobody here can make a box's
 * signature.
 */
import { headText, type RecordHead, type SignedHead } from '../../policy-rules/agent-protocol.ts';
import { isSignedBy } from './keys.ts';
import { newestOf, recordHead, recordStart, writeRecord } from './record.ts';
import type { Store } from './store.ts';

/** What the record has under that number; null when it has nothing there, or no longer. */
export function entryHead(store: Store, seq: number): RecordHead | null {
  const start = recordStart(store);
  if (seq === start.seq && seq > 0) return start;
  return store.first((db) => db.selectFrom('record').select(['seq', 'hash']).where('seq', '=', seq)) ?? null;
}

/** Whether retention has taken the entry of that number with those after it, so that nothing can be said of it any more. */
export function isExpired(store: Store, seq: number): boolean {
  return seq > 0 && seq < recordStart(store).seq;
}

/** Keeps a head with the box's signature; where it is not this record's, the record says so. */
export async function noteHead(
  store: Store,
  boxId: string,
  { signature, ...head }: SignedHead,
  nowMs: number,
): Promise<void> {
  if (!(await isCountersigned(store, boxId, head, signature))) return;
  store.transaction(() => {
    const { seq, hash } = head;
    const row = { seq, hash, signature, signed_at: nowMs };
    store.change((db) =>
      db
        .insertInto('record_heads')
        .values({ box_id: boxId, ...row })
        .onConflict((conflict) => conflict.column('box_id').doUpdateSet(row)),
    );
    if (isOwn(store, head)) return;
    const told = newestOf(store, 'record-contradicted');
    if (told !== null && nowMs - told.at < TOLD_AGAIN_MS) return;
    const event = { type: 'record-contradicted', sequence: seq } as const;
    writeRecord(store, { at: nowMs, by: null, subject: boxId, event });
  });
}

/** A box cannot fill the record with heads of its own making. */
const TOLD_AGAIN_MS = 24 * 60 * 60_000;

export interface Countersigned {
  /** Up to which entry a box has countersigned this very record, and when; null where none has. */
  readonly upTo: { readonly sequence: number; readonly at: number } | null;
  /** The first entry that is missing, or else the first countersigned one that is another; null when all agree. */
  readonly firstWrong: number | null;
}

export async function checkHeads(store: Store): Promise<Countersigned> {
  let upTo: Countersigned['upTo'] = null;
  let firstWrong: number | null = null;
  for (const { box_id, signature, signed_at, ...head } of store.run((db) =>
    db.selectFrom('record_heads').selectAll(),
  )) {
    if (!(await isCountersigned(store, box_id, head, signature))) continue;
    const { seq } = head;
    if (isOwn(store, head)) {
      if (upTo === null || seq > upTo.sequence) upTo = { sequence: seq, at: signed_at };
    } else {
      firstWrong = Math.min(firstWrong ?? seq, seq, recordHead(store).seq + 1);
    }
  }
  return { upTo, firstWrong };
}

function isOwn(store: Store, head: RecordHead): boolean {
  return isExpired(store, head.seq) || entryHead(store, head.seq)?.hash === head.hash;
}

/** By the key that the box was paired with, also when it is paired no longer. */
async function isCountersigned(store: Store, boxId: string, head: RecordHead, signature: string): Promise<boolean> {
  const box = store.first((db) => db.selectFrom('boxes').select('public_key').where('id', '=', boxId));
  const setting = store.first((db) => db.selectFrom('setting').select('id'));
  if (box === undefined || setting === undefined) return false;
  return await isSignedBy(box.public_key, headText(setting.id, head), signature);
}

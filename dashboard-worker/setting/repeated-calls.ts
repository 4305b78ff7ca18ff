/**
 * Calls of the API that bring a name of their own (Idempotency-Key), so that one that is sent again is not done again.
 * Each is claimed before it is done, so of two at once one is done; its answer is kept for a day.
 */
import type { Store } from './store.ts';

export type ClaimedCall =
  | { readonly kind: 'new' }
  | { readonly kind: 'done'; readonly status: 200 | 201; readonly bodyJson: string }
  /** Claimed, and its answer is not here: it is being done, or the dashboard was killed meanwhile. */
  | { readonly kind: 'unknown' }
  /** The name stands for a call that asked for something else. */
  | { readonly kind: 'other' };

/** Long enough for a program that was off over night. Answers hold names of people, so no longer. */
const KEPT_MS = 24 * 60 * 60_000;

/** Of one key: at a few hundred octets each, some hundred kilobytes. */
const KEPT_MAX = 1_000;

/** `essence`: the same for calls that ask for the same. */
export function claimCall(store: Store, keyId: string, name: string, essence: string, nowMs: number): ClaimedCall {
  return store.transaction(() => {
    forgetCalls(store, nowMs);
    const row = store.first((db) =>
      db.selectFrom('repeated_calls').selectAll().where('key_id', '=', keyId).where('name', '=', name),
    );
    if (row === undefined) {
      makeRoom(store, keyId);
      store.change((db) =>
        db
          .insertInto('repeated_calls')
          .values({ key_id: keyId, name, essence, claimed_at: nowMs, status: null, body_json: null }),
      );
      return { kind: 'new' };
    }
    if (row.essence !== essence) return { kind: 'other' };
    if (row.status === null || row.body_json === null) return { kind: 'unknown' };
    return { kind: 'done', status: row.status === 201 ? 201 : 200, bodyJson: row.body_json };
  });
}

export function keepCall(store: Store, keyId: string, name: string, status: number, bodyJson: string): void {
  store.change((db) =>
    db
      .updateTable('repeated_calls')
      .set({ status, body_json: bodyJson })
      .where('key_id', '=', keyId)
      .where('name', '=', name),
  );
}

/** It was refused, and has written nothing. */
export function dropCall(store: Store, keyId: string, name: string): void {
  store.change((db) => db.deleteFrom('repeated_calls').where('key_id', '=', keyId).where('name', '=', name));
}

export function forgetCalls(store: Store, nowMs: number): void {
  store.change((db) => db.deleteFrom('repeated_calls').where('claimed_at', '<', nowMs - KEPT_MS));
}

/** The oldest go. */
function makeRoom(store: Store, keyId: string): void {
  store.change((db) =>
    db
      .deleteFrom('repeated_calls')
      .where('key_id', '=', keyId)
      .where('name', 'in', (eb) =>
        eb
          .selectFrom('repeated_calls')
          .select('name')
          .where('key_id', '=', keyId)
          .orderBy('claimed_at', 'desc')
          .limit(-1)
          .offset(KEPT_MAX - 1),
      ),
  );
}

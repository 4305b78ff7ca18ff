/**
 * Whether a form was sent twice. It brings an id that it was shown with: a double tap means one permission. A form that
 * was gone back to and filled in otherwise, or sent again after the end, means another one.
 */
import { endOf, slotStart } from './grant-times.ts';
import { type GrantRow, type GrantWish, isOpen } from './grants.ts';
import type { Store } from './store.ts';

/** Whether there is the very permission already that a form of this id asks to be given, or noted. */
export function isSentAlready(
  store: Store,
  formId: string,
  wish: GrantWish,
  kind: 'given' | 'noted',
  nowMs: number,
): boolean {
  const rows = store.run((db) =>
    db.selectFrom('grants').selectAll().where('decision', '=', formId).orderBy('granted_at').orderBy('target_json'),
  );
  const [first] = rows;
  if (first === undefined || !isSameWish(store, rows, first, wish, nowMs)) return false;
  const isNoted = first.after_the_fact === 1;
  return kind === 'noted' ? isNoted : !isNoted && rows.some((row) => isOpen(row, nowMs));
}

/** More time may have been given since: only the end that was given first is compared. */
function isSameWish(store: Store, rows: readonly GrantRow[], first: GrantRow, wish: GrantWish, nowMs: number): boolean {
  const targets = new Set(rows.map(({ target_json }) => target_json));
  const from = wish.from === undefined ? first.granted_at : slotStart(store, wish.from, nowMs);
  return (
    wish.targets.length === targets.size &&
    wish.targets.every((target) => targets.has(JSON.stringify(target))) &&
    first.scope_json === JSON.stringify(wish.scope) &&
    first.purpose === wish.purpose &&
    first.reason === wish.reason &&
    first.asked_by === wish.askedBy &&
    first.from_at === from &&
    first.until_at === endOf(store, wish.until, from)
  );
}

/**
 * From where people did what is on the record: the sign-in of the same session is on it as well, and says with which browser.
 * The session's own id is for the chain alone, and is shown to nobody.
 */
import type { RecordEntry, SignInPlace } from '../views/models.ts';
import type { Store } from './store.ts';

/** A session lasts a day at most (sessions.ts); an hour more, for clocks. */
const SIGNED_IN_BEFORE_MS = 25 * 60 * 60_000;

const signIns = ['signed-in', 'signed-in-with-recovery-code'] as const;

/** Of entries that were read together, which are few. */
export function withSessions(
  store: Store,
  entries: readonly (RecordEntry & { readonly sessionId: string | null })[],
): RecordEntry[] {
  const places = placesOf(store, entries);
  return entries.map(({ sessionId, ...entry }) => ({ ...entry, session: places.get(sessionId ?? '') ?? null }));
}

function placesOf(
  store: Store,
  entries: readonly { readonly at: number; readonly sessionId: string | null }[],
): Map<string, SignInPlace> {
  const ids = new Set(entries.flatMap(({ sessionId }) => sessionId ?? []));
  if (ids.size === 0) return new Map();
  const times = entries.map(({ at }) => at);
  const rows = store.run((db) =>
    db
      .selectFrom('record')
      .leftJoin('record_words', 'record_words.seq', 'record.seq')
      .select(['record.session_id', 'record.at', 'record_words.words_json'])
      .where('record.at', '>=', Math.min(...times) - SIGNED_IN_BEFORE_MS)
      .where('record.at', '<=', Math.max(...times))
      .where('record.action', 'in', signIns)
      .where('record.session_id', 'in', [...ids]),
  );
  return new Map(
    rows.map(({ session_id, at, words_json }) => {
      // Entries of before did not say, and words of long ago are erased.
      const { browser = '', system = '' } = JSON.parse(words_json ?? '{}') as Partial<SignInPlace>;
      return [session_id!, { at, browser, system }];
    }),
  );
}

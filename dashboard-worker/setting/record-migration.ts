/**
 * The step of the schema that puts the record into a hash chain: the entries that are there are chained in their order,
 * and the tables are built anew around them, since theirs could not be changed: that is what their triggers are for.
 * Dropping a table fires none.
 */
import { CHAIN_START, chainEntry } from '../../policy-rules/record-chain.ts';
import { makeSalt, sha256 } from './sha256.ts';
import type { Store } from './store.ts';

export function chainTheRecord(store: Store): void {
  store.script(tables);
  const entries = store.scalar('SELECT count(*) FROM record');
  // Where retention has taken entries already, the numbers that people know stay with those that are left.
  const taken = entries === 0 ? 0 : store.scalar('SELECT min(id) - 1 FROM record');
  if (taken > 0) {
    store.script('INSERT INTO record_checkpoints (seq, hash) VALUES (?, ?)', taken, CHAIN_START.hash);
  }
  let head = { seq: taken, hash: CHAIN_START.hash };
  let lastId = 0;
  for (let chained = 0; chained < entries; chained += SLICE) {
    for (const row of store.select(slice, lastId, SLICE)) {
      lastId = Number(row.id);
      // Words that were erased before there was a chain: a commitment to nothing, which nobody can open.
      const words = { who: String(row.who ?? ''), wordsJson: String(row.words_json ?? '{}'), salt: makeSalt() };
      const facts = {
        at: Number(row.at),
        kind: String(row.kind),
        action: String(row.action),
        subject: String(row.subject),
        actorId: row.actor_id === null ? null : String(row.actor_id),
        sessionId: null,
        detailsJson: String(row.details_json),
      };
      const entry = chainEntry(head, facts, words, sha256);
      const { seq, at, kind, action, subject, actorId, detailsJson, commitment, hash } = entry;
      store.script(
        'INSERT INTO chained VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)',
        ...[seq, at, kind, action, subject, actorId, detailsJson, commitment, hash],
      );
      if (row.words_json !== null) {
        store.script('INSERT INTO chained_words VALUES (?, ?, ?, ?)', seq, words.who, words.wordsJson, words.salt);
      }
      head = entry;
    }
  }
  store.script(renames);
}

/** Entries that are held in memory at a time. */
const SLICE = 1_000;

/** The order of `id` is that of writing. */
const slice = `
  SELECT record.*, record_words.who, record_words.words_json
  FROM record LEFT JOIN record_words ON record_words.record_id = record.id
  WHERE record.id > ? ORDER BY record.id LIMIT ?`;

const tables = `
  CREATE TABLE chained (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    actor_id TEXT, session_id TEXT, details_json TEXT NOT NULL,
    commitment TEXT NOT NULL CHECK (length(commitment) = 64), hash TEXT NOT NULL CHECK (length(hash) = 64)
  ) STRICT;
  CREATE TABLE chained_words (
    seq INTEGER PRIMARY KEY, who TEXT NOT NULL, words_json TEXT NOT NULL, salt TEXT NOT NULL CHECK (length(salt) = 32)
  ) STRICT;
  CREATE TABLE record_checkpoints (
    seq INTEGER PRIMARY KEY, hash TEXT NOT NULL CHECK (length(hash) = 64)
  ) STRICT;
  CREATE TABLE record_heads (
    box_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL, signature TEXT NOT NULL, signed_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record_sources (source_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

const renames = `
  DROP TABLE record_words;
  DROP TABLE record;
  ALTER TABLE chained RENAME TO record;
  ALTER TABLE chained_words RENAME TO record_words;
  CREATE INDEX record_at ON record (at);

  -- Append-only, also for our own mistakes. The only entries that may go are those past the retention of 25 months, and
  -- only once a checkpoint says where the chain goes on.
  CREATE TRIGGER record_is_not_changed BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: an entry cannot be changed'); END;
  CREATE TRIGGER record_is_not_deleted BEFORE DELETE ON record
  WHEN OLD.at > unixepoch('now', '-25 months') * 1000
    OR OLD.seq > coalesce((SELECT max(seq) FROM record_checkpoints), 0)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: an entry of the last 25 months cannot be deleted'); END;
  -- Also against REPLACE, which deletes without the triggers on DELETE.
  CREATE TRIGGER record_is_in_order BEFORE INSERT ON record
  WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM record), (SELECT max(seq) FROM record_checkpoints), 0)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: an entry has the number after the last one'); END;

  CREATE TRIGGER record_words_are_not_changed BEFORE UPDATE ON record_words
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: its words cannot be changed'); END;
  CREATE TRIGGER record_words_are_kept BEFORE DELETE ON record_words
  WHEN (SELECT at FROM record WHERE seq = OLD.seq) > unixepoch('now', '-13 months') * 1000
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: words of the last 13 months cannot be deleted'); END;
  CREATE TRIGGER record_words_are_not_replaced BEFORE INSERT ON record_words
  WHEN EXISTS (SELECT 1 FROM record_words WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: its words cannot be replaced'); END;

  CREATE TRIGGER record_checkpoints_are_not_changed BEFORE UPDATE ON record_checkpoints
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a checkpoint cannot be changed'); END;
  CREATE TRIGGER record_checkpoints_are_not_deleted BEFORE DELETE ON record_checkpoints
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a checkpoint cannot be deleted'); END;
  -- It stands for an entry that is there, by the hash that this entry has.
  CREATE TRIGGER record_checkpoints_are_true BEFORE INSERT ON record_checkpoints
  WHEN NOT EXISTS (SELECT 1 FROM record WHERE seq = NEW.seq AND hash = NEW.hash)
    OR EXISTS (SELECT 1 FROM record_checkpoints WHERE seq >= NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a checkpoint is of an entry, and later than the last'); END;
`;

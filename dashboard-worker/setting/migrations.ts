/**
 * The schema of a setting's database, step by step. Steps are never edited once released: a database that has run one
 * keeps it. Each runs once, in order, in one transaction with its row in `schema_versions`.
 */
import { chainTheRecord } from './record-migration.ts';
import type { Store } from './store.ts';
import { countUntoldTogether } from './usage-migration.ts';

/** SQL, or a function where the rows that are there have to be read: what it throws undoes the step, and only that. */
export type Step = string | ((store: Store) => void);

/** `steps`: those of this release, unless a test brings its own. */
export function migrate(store: Store, nowMs: number, steps: readonly Step[] = released): void {
  store.script('CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)');
  const applied = store.scalar('SELECT coalesce(max(version), 0) FROM schema_versions');
  for (const [index, step] of steps.entries()) {
    const version = index + 1;
    if (version <= applied) continue;
    store.transaction(() => {
      if (typeof step === 'string') store.script(step);
      else step(store);
      store.script('INSERT INTO schema_versions (version, applied_at) VALUES (?, ?)', version, nowMs);
    });
  }
}

/** Of this release; read by tests too. */
export const released: readonly Step[] = [
  `
  CREATE TABLE setting (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL, grants_version INTEGER NOT NULL,
    private_key_json TEXT NOT NULL, public_key TEXT NOT NULL
  ) STRICT;

  CREATE TABLE policy_versions (
    version INTEGER PRIMARY KEY, saved_at INTEGER NOT NULL, document_json TEXT NOT NULL
  ) STRICT;

  CREATE TABLE grants (
    id TEXT PRIMARY KEY, target_json TEXT NOT NULL, scope_json TEXT NOT NULL,
    from_at INTEGER NOT NULL, until_at INTEGER NOT NULL CHECK (until_at > from_at),
    purpose TEXT NOT NULL, mode TEXT NOT NULL, reason TEXT NOT NULL, asked_by TEXT NOT NULL, granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL, to_self INTEGER NOT NULL, revoked_at INTEGER, revoked_by TEXT,
    version INTEGER NOT NULL, end_version INTEGER, in_force_at INTEGER, end_confirmed_at INTEGER
  ) STRICT;
  CREATE INDEX grants_until ON grants (until_at);
  CREATE INDEX grants_granted ON grants (granted_at);

  CREATE TABLE requests (
    id TEXT PRIMARY KEY, device TEXT NOT NULL, scope_json TEXT NOT NULL, minutes INTEGER NOT NULL,
    reason TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at INTEGER NOT NULL, lapses_at INTEGER NOT NULL,
    status TEXT NOT NULL, answered_at INTEGER, answer_reason TEXT, grant_id TEXT REFERENCES grants (id)
  ) STRICT;
  CREATE INDEX requests_status ON requests (status, lapses_at);

  CREATE TABLE usage_hours (
    device TEXT NOT NULL, service TEXT NOT NULL, verdict TEXT NOT NULL, hour_start INTEGER NOT NULL,
    count INTEGER NOT NULL, minutes_low INTEGER NOT NULL, minutes_high INTEGER NOT NULL,
    PRIMARY KEY (hour_start, device, service, verdict)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_days (
    device TEXT NOT NULL, service TEXT NOT NULL, verdict TEXT NOT NULL, date TEXT NOT NULL,
    count INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (date, device, service, verdict)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_weeks (
    service TEXT NOT NULL, verdict TEXT NOT NULL, week TEXT NOT NULL, hour INTEGER NOT NULL,
    count INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (week, service, verdict, hour)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_months (
    service TEXT NOT NULL, verdict TEXT NOT NULL, month TEXT NOT NULL,
    count INTEGER NOT NULL, minutes INTEGER NOT NULL,
    PRIMARY KEY (month, service, verdict)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE usage_applied (box_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
  CREATE TABLE reporting_days (date TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE record (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, action TEXT NOT NULL,
    subject TEXT NOT NULL, actor_id TEXT, details_json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX record_at ON record (at);
  CREATE TABLE record_words (
    record_id INTEGER PRIMARY KEY, who TEXT NOT NULL, words_json TEXT NOT NULL
  ) STRICT;
  -- Append-only, also for our own mistakes. The only rows that may go are those past the retention of 25 months.
  CREATE TRIGGER record_is_not_changed BEFORE UPDATE ON record
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a row cannot be changed'); END;
  CREATE TRIGGER record_is_not_deleted BEFORE DELETE ON record
  WHEN OLD.at > unixepoch('now', '-25 months') * 1000
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a row of the last 25 months cannot be deleted'); END;
  CREATE TRIGGER record_words_are_not_changed BEFORE UPDATE ON record_words
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: its words cannot be changed'); END;
  CREATE TRIGGER record_words_are_kept BEFORE DELETE ON record_words
  WHEN (SELECT at FROM record WHERE id = OLD.record_id) > unixepoch('now', '-13 months') * 1000
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: words of the last 13 months cannot be deleted'); END;

  CREATE TABLE boxes (
    id TEXT PRIMARY KEY, public_key TEXT NOT NULL, name TEXT NOT NULL, enrolled_at INTEGER NOT NULL,
    revoked_at INTEGER, last_seen_at INTEGER, software_version TEXT NOT NULL, policy_version INTEGER,
    grants_version INTEGER, health_json TEXT, refusals_json TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE TABLE pairing_codes (
    code TEXT PRIMARY KEY, made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER
  ) STRICT;
  `,
  `
  -- REPLACE deletes without the triggers on DELETE, so a row that would take another's place is refused as well.
  CREATE TRIGGER record_is_not_replaced BEFORE INSERT ON record
  WHEN EXISTS (SELECT 1 FROM record WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: a row cannot be replaced'); END;
  CREATE TRIGGER record_words_are_not_replaced BEFORE INSERT ON record_words
  WHEN EXISTS (SELECT 1 FROM record_words WHERE record_id = NEW.record_id)
  BEGIN SELECT RAISE(ABORT, 'the record is append-only: its words cannot be replaced'); END;

  ALTER TABLE boxes ADD COLUMN usage_trouble_at INTEGER;
  `,
  chainTheRecord,
  `
  ALTER TABLE grants ADD COLUMN story TEXT NOT NULL DEFAULT '';
  ALTER TABLE grants ADD COLUMN granted_by_id TEXT;
  ALTER TABLE grants ADD COLUMN after_the_fact INTEGER NOT NULL DEFAULT 0;
  -- Before, every grant was a story of its own; who gave it is in the record.
  UPDATE grants SET story = id;
  UPDATE grants SET granted_by_id = given.actor_id
  FROM (SELECT subject, actor_id FROM record WHERE action = 'grant-given') AS given
  WHERE given.subject = grants.id AND grants.granted_by <> '';
  CREATE INDEX grants_story ON grants (story);
  `,
  `
  -- Versions from before have neither: none of them can be taken back.
  ALTER TABLE policy_versions ADD COLUMN saved_by TEXT;
  ALTER TABLE policy_versions ADD COLUMN undoes INTEGER;
  `,
  `
  ALTER TABLE setting ADD COLUMN assessed_on TEXT;
  ALTER TABLE boxes ADD COLUMN notice_version INTEGER;
  CREATE TABLE notices (
    version INTEGER PRIMARY KEY, published_at INTEGER NOT NULL, wording_json TEXT NOT NULL, sections_json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE notice_readers (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, name_key TEXT NOT NULL UNIQUE, left_at INTEGER
  ) STRICT;
  CREATE TABLE acknowledgements (
    version INTEGER NOT NULL, name_key TEXT NOT NULL, name TEXT NOT NULL, how TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (version, name_key)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE grants ADD COLUMN channel_id TEXT;
  ALTER TABLE grants ADD COLUMN channel_slot TEXT;
  CREATE UNIQUE INDEX grants_channel_slot ON grants (channel_slot) WHERE channel_slot IS NOT NULL;
  CREATE TABLE channels (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, purpose TEXT NOT NULL,
    approved_by TEXT NOT NULL, approved_on TEXT NOT NULL, assessed_on TEXT NOT NULL,
    device TEXT NOT NULL, service TEXT NOT NULL, slot_json TEXT NOT NULL, revision INTEGER NOT NULL,
    saved_by TEXT NOT NULL, saved_by_id TEXT NOT NULL, closed_at INTEGER
  ) STRICT;
  CREATE TABLE channel_people (
    id TEXT PRIMARY KEY, channel_id TEXT NOT NULL, name TEXT NOT NULL, left_at INTEGER
  ) STRICT;
  CREATE INDEX channel_people_channel ON channel_people (channel_id);
  `,
  `
  -- Nobody has ever read it: how long a code is good is in expires_at.
  ALTER TABLE pairing_codes DROP COLUMN made_at;
  `,
  `
  CREATE TABLE repeated_calls (
    key_id TEXT NOT NULL, name TEXT NOT NULL, essence TEXT NOT NULL, claimed_at INTEGER NOT NULL,
    status INTEGER, body_json TEXT,
    PRIMARY KEY (key_id, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX repeated_calls_claimed ON repeated_calls (claimed_at);
  `,
  `
  ALTER TABLE setting ADD COLUMN reporting_since INTEGER;
  -- When the later of the two came about: the first notice that is still there, and the entry of the assessment's date.
  UPDATE setting SET reporting_since = max(
    (SELECT min(published_at) FROM notices),
    coalesce((SELECT min(at) FROM record WHERE action = 'impact-assessment-dated'), 0)
  )
  WHERE assessed_on IS NOT NULL AND EXISTS (SELECT 1 FROM notices);
  `,
  `
  -- Before, every story was one decision and its extensions.
  ALTER TABLE grants ADD COLUMN decision TEXT NOT NULL DEFAULT '';
  UPDATE grants SET decision = story;
  CREATE INDEX grants_decision ON grants (decision);
  `,
  countUntoldTogether,
];

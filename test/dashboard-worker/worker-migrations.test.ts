/** How a setting's database takes the steps of a newer release: on the object's own SQLite, in workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrate, released, type Step } from '../../dashboard-worker/setting/migrations.ts';
import { writeRecord } from '../../dashboard-worker/setting/record.ts';
import { readChain, verifyRecord } from '../../dashboard-worker/setting/record-verify.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { countUntoldTogether } from '../../dashboard-worker/setting/usage-migration.ts';
import { applyMigrations, bindings, otherSetting } from './worker-fixtures.ts';

beforeAll(applyMigrations);

it('takes SQL and functions in their order, each once', async () => {
  await inSetting((store, sql) => {
    const steps: Step[] = [
      ...applied(store),
      'CREATE TABLE tallies (word TEXT PRIMARY KEY, length INTEGER) STRICT',
      (db) => {
        for (const word of ['gate', 'stair']) db.script('INSERT INTO tallies VALUES (?, ?)', word, word.length);
      },
    ];
    migrate(store, 1, steps);
    migrate(store, 2, steps);
    expect(sql('SELECT word, length FROM tallies ORDER BY word')).toEqual([
      { word: 'gate', length: 4 },
      { word: 'stair', length: 5 },
    ]);
    expect(sql('SELECT applied_at FROM schema_versions ORDER BY version DESC LIMIT 2')).toEqual([
      { applied_at: 1 },
      { applied_at: 1 },
    ]);
  });
});

it('undoes a step that fails as a whole, keeps those before it, and goes on there the next time', async () => {
  await inSetting((store, sql) => {
    const make = 'CREATE TABLE tallies (word TEXT PRIMARY KEY) STRICT';
    const fill = (db: Store) => db.script("INSERT INTO tallies VALUES ('gate')");
    const interrupted: Step = (db) => {
      fill(db);
      throw new Error('the process was killed here');
    };
    const before = applied(store);
    expect(() => migrate(store, 1, [...before, make, interrupted])).toThrow('killed here');
    expect(sql('SELECT * FROM tallies')).toEqual([]);
    expect(applied(store)).toHaveLength(before.length + 1);
    migrate(store, 2, [...before, make, fill]);
    expect(sql('SELECT * FROM tallies')).toEqual([{ word: 'gate' }]);
    expect(applied(store)).toHaveLength(before.length + 2);
  });
});

describe('a database of the first release, with data in it', () => {
  it('loses no row, no column but those dropped on purpose, and its record is chained', async () => {
    await inSetting(async (store, sql) => {
      beginAnew(store, sql);
      fill(sql);
      const { schema_versions: _, ...before } = tablesOf(sql);
      migrate(store, 2);
      const after = tablesOf(sql);
      for (const [table, rows] of Object.entries(before)) {
        expect(rows.length, `rows of ${table} to lose`).toBeGreaterThan(0);
        const renamed = rows.map(({ id, record_id, ...rest }) => ({ seq: id ?? record_id, ...rest }));
        expect(after[table], table).toMatchObject(/^record/.test(table) ? renamed : kept(table, rows, after));
        expect(after[table], table).toHaveLength(rows.length);
      }
      for (const [table, columns] of Object.entries(dropped)) {
        for (const column of columns) expect(after[table]?.[0]).not.toHaveProperty(column);
      }
      expect(await verifyRecord(store, () => scheduler.wait(0))).toEqual({ count: RECORDED, fault: null });
      const entries = readChain(store, 0, Number.MAX_SAFE_INTEGER, 10);
      expect(entries[0]).toMatchObject({ seq: TAKEN + 1, sessionId: null, words: null });
      expect(entries[1]?.words).toMatchObject({ who: 'Tracey Field', wordsJson: '{"reason":"Photos"}' });
      writeRecord(store, { at: 3, by: null, subject: '', event: { type: 'hours-changed' } });
      expect(await verifyRecord(store, () => scheduler.wait(0))).toEqual({ count: RECORDED + 1, fault: null });
      expect(() => sql("UPDATE record SET action = 'x'")).toThrow(/append-only/);
    });
  });

  it('loses nothing that a release in between has written either', async () => {
    await inSetting((store, sql) => {
      beginAnew(store, sql);
      fill(sql);
      // The step that chains the record is looked at above.
      const chained = 3;
      migrate(store, chained, released.slice(0, chained));
      for (let count = chained + 1; count <= released.length; count += 1) {
        fillWhatIsEmpty(sql);
        const { schema_versions: _, ...before } = tablesOf(sql);
        migrate(store, count, released.slice(0, count));
        const after = tablesOf(sql);
        for (const [table, rows] of Object.entries(before)) {
          expect(rows.length, `rows of ${table} to lose`).toBeGreaterThan(0);
          expect(after[table], `${table} after step ${count}`).toMatchObject(kept(table, rows, after));
          expect(after[table], table).toHaveLength(rows.length);
        }
      }
      expect(released.length).toBeGreaterThan(chained);
    });
  });

  it('may have an empty record', async () => {
    await inSetting((store, sql) => {
      beginAnew(store, sql);
      migrate(store, 2);
      writeRecord(store, { at: 3, by: null, subject: '', event: { type: 'hours-changed' } });
      expect(sql('SELECT seq FROM record')).toEqual([{ seq: 1 }]);
    });
  });
});

it('makes every grant of before a story of its own, and knows from the record who gave it', async () => {
  await inSetting((store, sql) => {
    for (const index of ['grants_story', 'grants_channel_slot', 'grants_decision']) sql(`DROP INDEX ${index}`);
    const added = ['story', 'granted_by_id', 'after_the_fact', 'channel_id', 'channel_slot', 'decision'];
    for (const column of added) sql(`ALTER TABLE grants DROP COLUMN ${column}`);
    for (const [id, by] of [
      ['known', 'Tracey'],
      ['erased', ''],
      ['not-in-the-record', 'Tracey'],
    ] as const) {
      sql(`INSERT INTO grants VALUES ('${id}', '{"device":"pc"}', '{"service":"facebook"}', 1, 2, 'personal', 'verbal',
        'A reason', 'Jo', '${by}', 1, 0, NULL, NULL, 1, NULL, NULL, NULL)`);
      if (id === 'not-in-the-record') continue;
      const event = {
        type: 'grant-ended-early',
        target: { kind: 'device', name: 'PC' },
        scope: { kind: 'all-social' },
      } as const;
      writeRecord(store, { at: 1, by: { id: 'user-9', name: 'Later' }, subject: id, event });
      const given = {
        from: 1,
        until: 2,
        purpose: 'personal',
        mode: 'verbal',
        reason: '',
        askedBy: '',
        toSelf: false,
      } as const;
      const who = { id: 'user-1', name: 'Tracey' };
      writeRecord(store, { at: 1, by: who, subject: id, event: { ...event, ...given, type: 'grant-given' } });
    }
    const before = sql('SELECT * FROM grants ORDER BY id');
    migrate(store, 1, [...applied(store), released[3]!]);
    expect(sql('SELECT * FROM grants ORDER BY id')).toEqual(
      before.map((row) => ({
        ...row,
        story: row.id,
        granted_by_id: row.id === 'known' ? 'user-1' : null,
        after_the_fact: 0,
      })),
    );
    expect(before).toHaveLength(3);
  });
});

describe('what an older release has kept by device', () => {
  const hour = 3_600_000;
  const noon = Date.UTC(2026, 6, 15, 12);
  /** Two devices and what was counted together, each an hour before noon, one at noon, and days to go with them. */
  function keepByDevice(sql: Sql): void {
    for (const table of ['usage_hours', 'usage_days']) sql(`DELETE FROM ${table}`);
    sql(`INSERT INTO usage_hours VALUES
      ('', 'facebook', 'blocked', ${noon - hour}, 2, 4, 0),
      ('pc', 'facebook', 'blocked', ${noon - hour}, 7, 5, 1),
      ('tablet', 'facebook', 'blocked', ${noon - hour}, 3, 2, 1),
      ('pc', 'youtube', 'granted', ${noon - hour}, 1, 1, 0),
      ('pc', 'facebook', 'blocked', ${noon}, 9, 1, 0)`);
    sql(`INSERT INTO usage_days VALUES
      ('', 'facebook', 'blocked', '2026-07-15', 2, 1),
      ('pc', 'facebook', 'blocked', '2026-07-15', 16, 4),
      ('tablet', 'facebook', 'blocked', '2026-07-15', 3, 2),
      ('pc', 'facebook', 'blocked', '2026-07-16', 5, 5)`);
  }

  const sums = (sql: Sql) => [
    sql('SELECT service, verdict, hour_start, sum(count) AS count FROM usage_hours GROUP BY 1, 2, 3 ORDER BY 1, 2, 3'),
    sql('SELECT service, verdict, date, sum(count), sum(minutes) FROM usage_days GROUP BY 1, 2, 3 ORDER BY 1, 2, 3'),
  ];

  it('is counted together where people were never told', async () => {
    await inSetting((store, sql) => {
      keepByDevice(sql);
      const before = sums(sql);
      migrate(store, 1, [...applied(store), countUntoldTogether]);
      expect(
        sql("SELECT 1 FROM usage_hours WHERE device <> '' UNION ALL SELECT 1 FROM usage_days WHERE device <> ''"),
      ).toEqual([]);
      expect(sums(sql)).toEqual(before);
      // A minute in which two of them were active is active once, as it is for what is counted together.
      expect(sql(`SELECT * FROM usage_hours WHERE service = 'facebook' AND hour_start < ${noon}`)).toMatchObject([
        { device: '', count: 12, minutes_low: 7, minutes_high: 1 },
      ]);
    });
  });

  it('is counted together up to the hour, and the day, in which people were told, and stays as it is from then on', async () => {
    await inSetting((store, sql) => {
      keepByDevice(sql);
      sql(`UPDATE setting SET reporting_since = ${noon - 1}`);
      const before = sums(sql);
      migrate(store, 1, [...applied(store), countUntoldTogether]);
      expect(
        sql('SELECT device, hour_start FROM usage_hours ORDER BY 2, 1').filter(({ device }) => device !== ''),
      ).toEqual([{ device: 'pc', hour_start: noon }]);
      expect(sql("SELECT device, date FROM usage_days WHERE device <> ''")).toEqual([
        { device: 'pc', date: '2026-07-16' },
      ]);
      expect(sums(sql)).toEqual(before);
    });
  });

  it('is of the day that the setting has, not of the one in Greenwich', async () => {
    await inSetting((store, sql) => {
      keepByDevice(sql);
      sql(`UPDATE setting SET reporting_since = ${Date.UTC(2026, 6, 15, 23, 30)}`);
      sql(
        `INSERT INTO policy_versions (version, saved_at, document_json) VALUES (900, 1, '{"timeZone":"Europe/London"}')`,
      );
      migrate(store, 1, [...applied(store), countUntoldTogether]);
      expect(sql("SELECT date FROM usage_days WHERE device <> ''")).toEqual([]);
    });
  });
});

type Row = Record<string, SqlStorageValue>;
type Sql = (query: string) => Row[];

/** Entries that retention had taken before there was a chain, and those that are left: more than one slice of the step. */
const TAKEN = 6;
const RECORDED = 2_300;

/** What the first release made of an empty database. */
function beginAnew(store: Store, sql: Sql): void {
  const names = Object.keys(tablesOf(sql));
  // A table goes after those that refer to it.
  for (const table of ['requests', ...names.filter((name) => name !== 'requests')]) sql(`DROP TABLE ${table}`);
  migrate(store, 1, firstRelease);
}

function tablesOf(sql: Sql): Record<string, Row[]> {
  const names = sql(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  );
  return Object.fromEntries(names.map(({ name }) => [name, sql(`SELECT * FROM ${name} ORDER BY 1`)]));
}

/** Of each table the columns that a step has dropped on purpose, since nobody read them. */
const dropped: Readonly<Record<string, readonly string[]>> = { pairing_codes: ['made_at'] };

/** Where a step has counted devices together, since nobody was told that they are kept one by one. */
const together: readonly string[] = ['usage_hours', 'usage_days'];

/** The rows without what was dropped or counted together, once it is. */
function kept(table: string, rows: readonly Row[], after: Readonly<Record<string, readonly Row[]>>): Row[] {
  const gone = (dropped[table] ?? []).filter((column) => !(column in (after[table]?.[0] ?? {})));
  const device = together.includes(table) && after[table]?.[0]?.device === '' ? { device: '' } : {};
  return rows.map((row) => ({
    ...Object.fromEntries(Object.entries(row).filter(([column]) => !gone.includes(column))),
    ...device,
  }));
}

/** A row at least in every table; in the record some thousand, the first without words any more. */
function fill(sql: Sql): void {
  sql(`
    INSERT INTO setting VALUES ('s', 'Openshaw', 1, 4, '{}', 'key');
    INSERT INTO policy_versions VALUES (1, 1, '{"version":1}'), (2, 2, '{"version":2}');
    INSERT INTO grants VALUES
      ('g', '{"device":"pc"}', '{"allSocial":true}', 1, 2, 'personal', 'verbal', 'Photos', 'Jo', 'Tracey', 1, 1, NULL, NULL, 3, NULL, 1, NULL),
      ('h', '{"group":"x"}', '{"service":"facebook"}', 3, 9, 'official', 'written', '', '', 'Tracey', 3, 0, 5, 'Sam', 4, 5, 4, 6);
    INSERT INTO requests VALUES
      ('r', 'pc', '{"allSocial":true}', 10, 'Photos', 'Jo', 1, 2, 'granted', 1, 'Yes', 'g'),
      ('w', '', '{"service":"x"}', 5, '', '', 7, 8, 'waiting', NULL, NULL, NULL);
    INSERT INTO usage_hours VALUES ('pc', 'facebook', 'blocked', 3600000, 7, 5, 1);
    INSERT INTO usage_days VALUES ('pc', 'facebook', 'granted', '2026-09-01', 7, 3);
    INSERT INTO usage_weeks VALUES ('facebook', 'blocked', '2026-08-31', 9, 7, 3);
    INSERT INTO usage_months VALUES ('facebook', 'blocked', '2026-09', 7, 3);
    INSERT INTO usage_applied VALUES ('b', 12);
    INSERT INTO reporting_days VALUES ('2026-09-01');
    INSERT INTO boxes VALUES ('b', 'key', 'Cupboard', 1, NULL, 5, '0.1.0', 2, 4, '{}', '{"policy":null}', 9);
    INSERT INTO pairing_codes VALUES ('ABCD', 1, 2, NULL);
    INSERT INTO record (id, at, kind, action, subject, actor_id, details_json)
      WITH RECURSIVE numbers (id) AS (SELECT ${TAKEN + 1} UNION ALL SELECT id + 1 FROM numbers LIMIT ${RECORDED})
      SELECT id, id * 1000, 'permission', 'grant-given', 'g' || id, iif(id % 3, 'user-1', NULL), '{"type":"grant-given"}'
      FROM numbers;
    INSERT INTO record_words
      SELECT id, iif(id % 3, 'Tracey Field', ''), '{"reason":"Photos"}' FROM record WHERE id > ${TAKEN + 1};
  `);
}

/** A row of anything in each table that has none: what steps have made since the first release. */
function fillWhatIsEmpty(sql: Sql): void {
  for (const [table, rows] of Object.entries(tablesOf(sql))) {
    if (rows.length > 0) continue;
    const columns = sql(`SELECT name, type FROM pragma_table_info('${table}')`);
    const values = columns.map(({ name, type }) => (type === 'INTEGER' ? '1' : `'some ${name}'`));
    sql(`INSERT INTO ${table} (${columns.map(({ name }) => name).join()}) VALUES (${values.join()})`);
  }
}

async function inSetting(work: (store: Store, sql: Sql) => void | Promise<void>): Promise<void> {
  const { id } = await otherSetting();
  await runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(id)), (_: Setting, { storage }) =>
    work(new Store(storage), (query) => storage.sql.exec(query).toArray() as Row[]),
  );
}

/** In the place of the steps that the database has run already: none of them would run twice. */
function applied(store: Store): Step[] {
  return Array.from({ length: store.scalar('SELECT max(version) FROM schema_versions') }, () => 'a step that has run');
}

/** As they were released: kept here as they were, whatever becomes of the text in the program. */
const firstRelease: readonly Step[] = [
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
];

/** The record of a setting as a chain: written, kept from change, erased by retention, verified. In workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, describe, expect, it } from 'vitest';
import type { GrantWish } from '../../dashboard-worker/setting/grants.ts';
import { type RecordNote, writeRecord } from '../../dashboard-worker/setting/record.ts';
import { readChain, verifyRecord } from '../../dashboard-worker/setting/record-verify.ts';
import { applyRetention } from '../../dashboard-worker/setting/retention.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { sha256 } from '../../dashboard-worker/setting/sha256.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { type ChainFault, checkChain } from '../../policy-rules/record-chain.ts';
import { ExportedEntry, ExportHeader } from '../../policy-rules/record-export.ts';
import { applyMigrations, Browser, bindings, otherSetting, setUpAndSignIn } from './worker-fixtures.ts';

const actor = { id: 'user-1', name: 'Tracey Field', sessionId: 'session-1' };
const DAY_MS = 86_400_000;
const pause = () => scheduler.wait(0);

beforeAll(applyMigrations);

describe('an entry', () => {
  it('is chained to the one before, with the session of who made it', async () => {
    await inEmptyRecord(async (store) => {
      signIns(store, [0, 0]);
      writeRecord(store, { at: 1, by: { name: 'Jo' }, subject: 's', event: { type: 'signed-in' } });
      writeRecord(store, { at: 1, by: null, subject: 's', event: { type: 'hours-changed' } });
      expect(chain(store)).toMatchObject([
        { seq: 1, actorId: 'user-1', sessionId: 'session-1', words: { who: 'Tracey Field', wordsJson: '{}' } },
        { seq: 2, actorId: 'user-1', sessionId: 'session-1' },
        { seq: 3, actorId: 'staff', sessionId: null, words: { who: 'Jo' } },
        { seq: 4, actorId: null, sessionId: null, words: { who: '' } },
      ]);
      expect(await verifyRecord(store, pause)).toEqual({ count: 4, fault: null });
    });
  });

  it('holds what people write, whatever they write', async () => {
    await inEmptyRecord(async (store) => {
      const reason = 'quote " apostrophe \' backslash \\ null \0 half \ud800 accent é e\u0301';
      const name = `${reason} 👩‍💻`;
      const event = { type: 'request-granted', askedBy: name, reason, scope: { kind: 'all-social' } } as const;
      writeRecord(store, { at: 1, by: { id: 'x', name }, subject: name, event });
      expect(await verifyRecord(store, pause)).toEqual({ count: 1, fault: null });
    });
  });

  it('is written with what it tells of or not at all', async () => {
    await inEmptyRecord((store, sql) => {
      signIns(store, [0]);
      sql('ALTER TABLE record_words RENAME TO away');
      expect(() => signIns(store, [0])).toThrow();
      sql('ALTER TABLE away RENAME TO record_words');
      expect(() =>
        store.transaction(() => {
          signIns(store, [0]);
          throw new Error('killed here');
        }),
      ).toThrow('killed here');
      expect(chain(store)).toHaveLength(1);
      signIns(store, [0]);
      expect(chain(store).map(({ seq }) => seq)).toEqual([1, 2]);
    });
  });

  it.each(['grants', 'record', 'record_words'])(
    'is there with its grant, or neither is: %s cannot be written',
    async (table) => {
      const { id, remote } = await otherSetting();
      const wish: GrantWish = {
        targets: [{ group: 'setting' }],
        scope: { service: 'facebook' },
        until: { minutes: 30 },
        purpose: 'personal',
        mode: 'verbal',
        reason: 'reply to a parent',
        askedBy: 'Jo',
      };
      const kept = (sql: Sql) => ['grants', 'record', 'record_words'].map((name) => sql(`SELECT * FROM ${name}`));
      await runInDurableObject(stubOf(id), async (setting: Setting, { storage }) => {
        const sql: Sql = (query) => storage.sql.exec(query).toArray();
        const before = kept(sql);
        const disk = `BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`;
        sql(`CREATE TRIGGER full_disk ${disk}`);
        await expect(setting.giveGrant(wish, actor)).rejects.toThrow('the disk is full');
        expect(kept(sql)).toEqual(before);
        sql('DROP TRIGGER full_disk');
      });
      expect(await remote.giveGrant(wish, actor)).toMatchObject({ ok: true });
      await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
        const sql: Sql = (query) => storage.sql.exec(query).toArray();
        const [grants, record, words] = kept(sql);
        expect(grants).toHaveLength(1);
        expect(record).toHaveLength(words!.length);
        expect(sql("SELECT 1 FROM record WHERE action = 'grant-given'")).toHaveLength(1);
      });
    },
  );

  it('that comes from another database is written once, however often it comes', async () => {
    await inEmptyRecord((store) => {
      const event = { type: 'password-changed' } as const;
      for (const sourceId of ['one', 'two', 'one']) {
        writeRecord(store, { at: 1, by: actor, subject: sourceId, event, sourceId });
      }
      expect(chain(store).map(({ subject }) => subject)).toEqual(['one', 'two']);
    });
  });
});

describe('the database', () => {
  it('refuses what would change or take away an entry, its words or a checkpoint', async () => {
    await inEmptyRecord((store, sql) => {
      signIns(store, [0, 0]);
      const { hash } = chain(store)[0]!;
      sql(`INSERT INTO record_checkpoints VALUES (1, '${hash}')`);
      const same =
        "at, kind, 'x', subject, actor_id, session_id, details_json, commitment, hash FROM record WHERE seq = 2";
      for (const statement of [
        "UPDATE record SET action = 'x'",
        'DELETE FROM record',
        // Under the checkpoint, but of the last 25 months.
        'DELETE FROM record WHERE seq = 1',
        `REPLACE INTO record SELECT 2, ${same}`,
        `INSERT INTO record SELECT 2, ${same} ON CONFLICT DO UPDATE SET action = 'x'`,
        `INSERT INTO record SELECT 4, ${same}`,
        "UPDATE record_words SET who = 'x'",
        'DELETE FROM record_words',
        `REPLACE INTO record_words VALUES (1, 'x', '{}', '${'0'.repeat(32)}')`,
        'UPDATE record_checkpoints SET seq = 2',
        'DELETE FROM record_checkpoints',
        `REPLACE INTO record_checkpoints VALUES (1, '${hash}')`,
        `INSERT INTO record_checkpoints VALUES (2, '${hash}')`,
      ]) {
        expect(() => sql(statement), statement).toThrow(/append-only/);
      }
      expect(sql("SELECT 1 FROM record WHERE action = 'x'")).toEqual([]);
    });
  });
});

describe('retention', () => {
  it('erases names after 13 months with their salt, and whole entries after 25; what is left verifies', async () => {
    await inEmptyRecord(async (store, sql) => {
      signIns(store, [800, 790, 420, 790, 390]);
      const before = chain(store);
      applyRetention(store, Date.now());
      const after = chain(store);
      expect(after.map(({ seq, words }) => [seq, words?.who ?? null])).toEqual([
        [3, null],
        [4, null],
        [5, 'Tracey Field'],
        [6, ''],
      ]);
      expect(after[3]).toMatchObject({ action: 'prefix-expired' });
      expect(JSON.parse(after[3]!.detailsJson)).toMatchObject({ sequence: 2, hash: before[1]!.hash });
      expect(sql('SELECT seq FROM record_words')).toEqual([{ seq: 5 }, { seq: 6 }]);
      expect(await verifyRecord(store, pause)).toEqual({ count: 4, fault: null });
      // Nothing more is due, so nothing more is said.
      applyRetention(store, Date.now());
      expect(chain(store)).toEqual(after);
    });
  });

  it('may take the whole record: its numbers and its chain go on', async () => {
    await inEmptyRecord(async (store) => {
      signIns(store, [900, 850, 800]);
      applyRetention(store, Date.now());
      signIns(store, [0]);
      expect(chain(store).map(({ seq, action }) => [seq, action])).toEqual([
        [4, 'prefix-expired'],
        [5, 'signed-in'],
      ]);
      expect(await verifyRecord(store, pause)).toEqual({ count: 2, fault: null });
    });
  });
});

describe('verifying', () => {
  const meddle = async (statement: string): Promise<ChainFault | null> => {
    let fault: ChainFault | null = null;
    await inEmptyRecord(async (store, sql) => {
      signIns(
        store,
        Array.from({ length: 30 }, () => 0),
      );
      withoutTriggers(sql);
      sql(statement);
      ({ fault } = await verifyRecord(store, pause));
    });
    return fault;
  };

  it('names the entry that a database tool has changed by one byte, in any column', async () => {
    const changes = {
      at: 'at + 1',
      kind: "replace(kind, 'a', 'b')",
      action: "replace(action, 's', 'S')",
      subject: "'x'",
      actor_id: 'NULL',
      session_id: "'session-2'",
      details_json: "details_json || ' '",
      commitment: 'upper(commitment)',
      hash: "replace(hash, substr(hash, 1, 1), 'x')",
    };
    for (const [column, value] of Object.entries(changes)) {
      const fault = await meddle(`UPDATE record SET ${column} = ${value} WHERE seq = 17`);
      expect({ column, fault }).toEqual({ column, fault: { seq: 17, what: 'changed' } });
    }
    for (const change of [
      "who = 'tracey Field'",
      "words_json = '{ }'",
      "salt = replace(salt, substr(salt, 1, 1), 'x')",
    ]) {
      expect(await meddle(`UPDATE record_words SET ${change} WHERE seq = 17`)).toEqual({ seq: 17, what: 'words' });
    }
  });

  it('names the place of an entry that was taken out, and the first of those taken from the beginning', async () => {
    expect(await meddle('DELETE FROM record WHERE seq = 17')).toEqual({ seq: 17, what: 'missing' });
    expect(await meddle('DELETE FROM record WHERE seq <= 3')).toEqual({ seq: 1, what: 'missing' });
  });

  it('takes a large record in slices, while entries are written and the first ones expire', async () => {
    await inEmptyRecord(async (store) => {
      signIns(
        store,
        Array.from({ length: 4_500 }, (_, index) => (index < 2_500 ? 800 : 0)),
      );
      let pauses = 0;
      const verified = await verifyRecord(store, async () => {
        pauses += 1;
        if (pauses === 1) applyRetention(store, Date.now());
        signIns(store, [0]);
      });
      // 2,000 before retention came, and 2,001 to 4,500 without the 500 that it took.
      expect({ pauses, ...verified }).toEqual({ pauses: 2, count: 4_000, fault: null });
    });
  });
});

describe('an export', () => {
  it('is the whole record, guarded for spreadsheets, and says that it was taken', async () => {
    const browser = await setUpAndSignIn();
    const id = await settingId();
    await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const store = new Store(storage);
      const formula = { id: 'user-9', name: '=HYPERLINK("x")' };
      writeRecord(store, { at: Date.UTC(2026, 5, 1, 9), by: formula, subject: '', event: { type: 'hours-changed' } });
      signIns(
        store,
        Array.from({ length: 1_500 }, () => 0),
      );
    });
    const csv = await browser.post('/record/export', { format: 'csv', ...everything });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; filename="record-to-\d+\.csv"$/);
    const octets = new Uint8Array(await csv.arrayBuffer());
    // The byte order mark, by which spreadsheets know UTF-8.
    expect([...octets.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const lines = new TextDecoder().decode(octets).split('\r\n');
    expect(lines[0]).toBe('"No.","When","Kind","Who","What","Session"');
    const guarded = `"2026-06-01 10:00:00","Opening hours","'=HYPERLINK(""x"")","'=HYPERLINK(""x"") changed the opening hours",""`;
    expect(lines.find((line) => line.includes('HYPERLINK'))).toContain(guarded);
    expect(lines.at(-2)).toMatch(/"Tracey Field exported the record as CSV \([\d,]+ entries\)","[^"]+"$/);

    const { header, entries } = await ndjsonOf(browser, everything);
    expect(header).toMatchObject({ settingId: id, start: { seq: 0 }, heads: [] });
    expect(checkChain(entries, header.start, sha256)).toEqual({ ok: true, head: header.end });
    expect(entries.at(-1)).toMatchObject({ action: 'record-exported', sessionId: expect.any(String) });
    expect(JSON.parse(entries.at(-1)!.detailsJson)).toMatchObject({ format: 'ndjson', count: entries.length });
  });
});

describe('a part of the record', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await signedIn();
    const id = await settingId();
    await runInDurableObject(stubOf(id), (_: Setting, { storage }) => {
      const store = new Store(storage);
      const [at, by] = [Date.UTC(2026, 2, 3, 9), { id: 'user-7', name: "Zoë 100% O'Neill" }];
      const facts = {
        from: at,
        until: at + 1,
        purpose: 'personal',
        mode: 'verbal',
        reason: 'x',
        toSelf: false,
      } as const;
      const given = { type: 'grant-given', scope: { kind: 'all-social' }, askedBy: 'Jo', ...facts } as const;
      const write = (subject: string, event: RecordNote['event'], who: RecordNote['by'] = by, later = 0) =>
        writeRecord(store, { at: at + later, by: who, subject, event });
      write('g1', { ...given, target: { kind: 'device', name: 'Baby room iPad' } });
      write('g2', { ...given, askedBy: '', target: { kind: 'group', name: 'Baby room iPads' } });
      const asked = {
        type: 'request-made',
        scope: { kind: 'all-social' },
        minutes: 5,
        reason: 'Baby room iPad',
      } as const;
      write('r1', { ...asked, deviceName: 'Baby room iPad' }, { name: 'Jo' });
      write('r2', { ...asked, deviceName: 'Kitchen' }, { name: 'Bo' });
      const answer = { type: 'request-refused', scope: { kind: 'all-social' }, reason: 'No' } as const;
      write('r1', { ...answer, askedBy: 'Jo' });
      write('r2', { ...answer, askedBy: 'Bo' }, by, DAY_MS);
      write('d1', { type: 'device-shared', deviceName: 'Baby room iPad' });
    });
  });

  const spring = { kind: '', from: '2026-03-01', to: '2026-03-31', person: '', device: '' };
  it.each([
    ['a device, with the answers to what was asked from it', { device: 'baby room iPad' }, ['g1', 'r1', 'r1', 'd1']],
    ['a person, as who did it and as whom it tells of', { person: 'jo' }, ['g1', 'r1', 'r1']],
    ['a name with signs that mean something elsewhere', { person: "100% o'n" }, ['g1', 'g2', 'r1', 'r2', 'd1']],
    ['a kind', { kind: 'request' }, ['r1', 'r2', 'r1', 'r2']],
    ['all at once', { kind: 'request', person: 'o', device: 'ipad', to: '2026-03-03' }, ['r1', 'r1']],
    ['nobody', { person: '%' + '_' }, []],
  ])('is chosen by %s', async (_, chosen, subjects) => {
    const asked = { ...spring, ...chosen };
    const page = await browser.page(`/record?${new URLSearchParams(asked)}`);
    expect(page.match(/<li><span class="when">/g) ?? []).toHaveLength(subjects.length);
    const { header, entries } = await ndjsonOf(browser, asked);
    expect(entries.map(({ subject }) => subject)).toEqual(subjects);
    expect(header.part).toEqual({ count: subjects.length });
    for (const { before, ...entry } of entries) {
      expect(checkChain([entry], { seq: entry.seq - 1, hash: before! }, sha256)).toMatchObject({ ok: true });
    }
    const csv = await browser.post('/record/export', { format: 'csv', ...asked });
    expect((await csv.text()).trimEnd().split('\r\n')).toHaveLength(1 + subjects.length);
    expect(csv.headers.get('content-disposition')).toMatch(/filename="record-part-to-\d+\.csv"/);
    expect(await browser.page('/record')).toContain('Tracey Field exported part of the record as CSV');
  });

  it('may be more than is read at once, and may be nothing that a page would not send', async () => {
    const { header, entries } = await ndjsonOf(browser, { ...everything, kind: 'account' });
    expect(entries.length).toBeGreaterThan(1_500);
    expect(header.part).toEqual({ count: entries.length });
    for (const wrong of [{ from: 'x' }, { from: '2026-02-30' }, { from: '2026-02-02', to: '2026-02-01' }]) {
      const answer = await browser.post('/record/export', { format: 'csv', ...everything, ...wrong });
      expect(answer.status).toBe(400);
    }
  });
});

describe('the page of verifying', () => {
  it('says what came of it, and the record keeps who asked', async () => {
    const browser = await signedIn();
    expect(await browser.page('/record')).toContain('href="/record/verify"');
    expect(await browser.page('/record/verify')).toContain('has not been verified yet');
    const answer = await browser.post('/record/verify', {});
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/record/verify']);
    expect(await browser.page('/record/verify')).toMatch(
      /Tracey Field verified the record \([\d,]+ entries\): all are/,
    );
    await runInDurableObject(stubOf(await settingId()), (_: Setting, { storage }) => {
      const sql: Sql = (query) => storage.sql.exec(query).toArray();
      expect(sql("SELECT 1 FROM record WHERE action = 'record-verified' AND session_id IS NOT NULL")).toHaveLength(1);
      withoutTriggers(sql);
      sql(
        "UPDATE record SET details_json = replace(details_json, 'signed-in', 'signed-up') WHERE action = 'signed-in'",
      );
    });
    await browser.post('/record/verify', {});
    expect(await browser.page('/record/verify')).toMatch(
      /The record has been changed.*no\. [\d,]+ is not as it was written/s,
    );
  });
});

const everything = { kind: '', from: '', to: '', person: '', device: '' };

async function ndjsonOf(
  browser: Browser,
  asked: Record<string, string>,
): Promise<{ header: ExportHeader; entries: ExportedEntry[] }> {
  const response = await browser.post('/record/export', { format: 'ndjson', ...asked });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const header = ExportHeader.parse(JSON.parse(first));
  return { header, entries: rest.map((line) => ExportedEntry.parse(JSON.parse(line))) };
}

async function settingId(): Promise<string> {
  const membership = bindings.ACCOUNTS.prepare('SELECT setting_id FROM memberships');
  return String((await membership.first())!.setting_id);
}

type Sql = (query: string) => unknown[];

/** A setting's object before anybody has created the setting: nothing is on its record. */
async function inEmptyRecord(work: (store: Store, sql: Sql) => void | Promise<void>): Promise<void> {
  await runInDurableObject(stubOf(crypto.randomUUID()), (_: Setting, { storage }) =>
    work(new Store(storage), (query) => storage.sql.exec(query).toArray()),
  );
}

function stubOf(id: string): DurableObjectStub<Setting> {
  return bindings.SETTING.get(bindings.SETTING.idFromName(id));
}

/** After `setUpAndSignIn`. */
async function signedIn(): Promise<Browser> {
  const browser = new Browser();
  await browser.signIn();
  await browser.page('/');
  return browser;
}

function signIns(store: Store, daysAgo: readonly number[]): void {
  for (const days of daysAgo) {
    writeRecord(store, { at: Date.now() - days * DAY_MS, by: actor, subject: '', event: { type: 'signed-in' } });
  }
}

function chain(store: Store) {
  return readChain(store, 0, Number.MAX_SAFE_INTEGER, 10_000);
}

/** As somebody with a database tool would begin. */
function withoutTriggers(sql: Sql): void {
  for (const { name } of sql("SELECT name FROM sqlite_master WHERE type = 'trigger'") as { name: string }[]) {
    sql(`DROP TRIGGER ${name}`);
  }
}

/** How the shared database takes the steps of a newer release, with data in it: on a real D1, in workerd. */
import { applyD1Migrations } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { sha256Hex } from '../../dashboard-worker/accounts/secrets.ts';
import { Browser, bindings } from './worker-fixtures.ts';

const { ACCOUNTS, MIGRATIONS } = bindings;

it('the first release’s accounts, settings and boxes lose no row, and no column but those dropped on purpose', async () => {
  // A step that a database may have run is never edited: what differs goes into a step of its own.
  expect(await sha256Hex(JSON.stringify(MIGRATIONS[0]?.queries))).toBe(FIRST_STEP);
  await applyD1Migrations(ACCOUNTS, MIGRATIONS.slice(0, 1));
  await ACCOUNTS.batch(rowsOfTheFirstRelease.map((query) => ACCOUNTS.prepare(query)));
  const first = await tables();
  for (const [table, rows] of Object.entries(first)) expect(rows.length, `rows of ${table} to lose`).toBeGreaterThan(0);
  // As releases come: one after the other, and the last one twice.
  for (let count = 2; count <= MIGRATIONS.length; count += 1) {
    const before = await tables();
    await applyD1Migrations(ACCOUNTS, MIGRATIONS.slice(0, count));
    const after = await tables();
    for (const [table, rows] of Object.entries(before)) {
      const there = Object.keys(after[table]?.[0] ?? {});
      const kept = rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).filter(([column]) => there.includes(column) || !dropped[table]?.includes(column)),
        ),
      );
      expect(after[table], `${table} after ${MIGRATIONS[count - 1]?.name}`).toMatchObject(kept);
      expect(after[table], table).toHaveLength(rows.length);
    }
  }
  const last = await tables();
  for (const [table, columns] of Object.entries(dropped)) {
    for (const column of columns) expect(last[table]?.[0]).not.toHaveProperty(column);
  }
  await applyD1Migrations(ACCOUNTS, MIGRATIONS);
  expect(await tables()).toEqual(last);
  expect(MIGRATIONS.length).toBeGreaterThan(3);

  // Somebody of before still comes in by the password, and is led to setting up a second factor.
  const browser = new Browser();
  await ACCOUNTS.exec('DELETE FROM failures');
  const signedIn = await browser.signIn('jo@nursery.example', 'three words remembered');
  expect(signedIn.headers.get('location')).toBe('/account/second-factor');
  // What hangs on an account still goes with it.
  await ACCOUNTS.exec("DELETE FROM memberships WHERE user_id = 'u2'\nDELETE FROM user WHERE id = 'u2'");
  expect(JSON.stringify([(await tables()).session, (await tables()).account])).not.toContain('"u2"');
});

/** Of each table the columns that a step has dropped, since nobody read them. */
const dropped: Readonly<Record<string, readonly string[]>> = { boxes: ['enrolled_at'] };

async function tables(): Promise<Record<string, Record<string, unknown>[]>> {
  const { results } = await ACCOUNTS.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'd1_migrations'`,
  ).all<{ name: string }>();
  const queries = results.map(({ name }) => ACCOUNTS.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`));
  const all = await ACCOUNTS.batch<Record<string, unknown>>(queries);
  return Object.fromEntries(results.map(({ name }, index) => [name, all[index]!.results]));
}

/** Of the queries of 0001_accounts.sql. */
const FIRST_STEP = '2b91b6b2641c80bab7f069ee256fd3f1449797e29d7f12d0f47f8d4169cac8c7';

const at = "'2026-11-12T10:32:30.000Z'";
/** scrypt of "three words remembered", as the accounts library wrote it then. */
const HASH =
  '9b26853e98c8c42b8aeacb765ddb8900:' +
  '3f1ca511183815c71260fb3196bd73ceaa5856b194d4eed5a835b068af62d8d5f82dbd56445eff228cf9e1e7d542d9a75ee984c8b1adfb049b213812684f6d31';
const rowsOfTheFirstRelease = [
  `INSERT INTO user VALUES ('u', 'Jo', 'jo@nursery.example', 1, NULL, ${at}, ${at}), ('u2', 'Sam', 'sam@nursery.example', 1, 'i', ${at}, ${at})`,
  `INSERT INTO session VALUES ('s', ${at}, 't', ${at}, ${at}, NULL, 'A', 'u'), ('s2', ${at}, 't2', ${at}, ${at}, '', '', 'u2')`,
  `INSERT INTO account VALUES ('a', 'u', 'credential', 'u', NULL, NULL, NULL, NULL, NULL, NULL, '${HASH}', ${at}, ${at}), ('a2', 'u2', 'credential', 'u2', 'x', 'y', 'z', ${at}, ${at}, 'w', 'p', ${at}, ${at})`,
  `INSERT INTO verification VALUES ('v', 'i', 'w', ${at}, ${at}, ${at})`,
  `INSERT INTO settings VALUES ('n', 'Openshaw', 1), ('m', 'Halstead', 2)`,
  `INSERT INTO memberships VALUES ('u', 'n', 'manager', 1), ('u2', 'n', 'deputy', 2), ('u', 'm', 'manager', 3)`,
  `INSERT INTO boxes VALUES ('b', 'n', 1)`,
  `INSERT INTO pairing_codes VALUES ('h', 'n', 4102444800000)`,
  `INSERT INTO setup VALUES (1, 1)`,
  `INSERT INTO failures VALUES ('password:x', 3, 1)`,
];

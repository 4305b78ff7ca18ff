/** How a setting's database takes the steps of a newer release: on the object's own SQLite, in workerd. */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, expect, it } from 'vitest';
import { migrate, type Step } from '../../dashboard-worker/setting/migrations.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
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

type Sql = (query: string) => unknown[];

async function inSetting(work: (store: Store, sql: Sql) => void): Promise<void> {
  const { id } = await otherSetting();
  await runInDurableObject(bindings.SETTING.get(bindings.SETTING.idFromName(id)), (_: Setting, { storage }) =>
    work(new Store(storage), (query) => storage.sql.exec(query).toArray()),
  );
}

/** In the place of the steps that the database has run already: none of them would run twice. */
function applied(store: Store): Step[] {
  return Array.from({ length: store.scalar('SELECT max(version) FROM schema_versions') }, () => 'a step that has run');
}

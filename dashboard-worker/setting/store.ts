/**
 * The setting's database: queries built and typed by kysely, run at once on the object's own SQLite.
 *
 * Synchronous on purpose: `transactionSync` takes no promise, and without an await between two statements nothing else
 * of the object can come between them either.
 */
import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { SettingTables } from './tables.ts';

/** Builds only: there is no driver behind it. */
const builder = new Kysely<SettingTables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

interface Query<Row> {
  compile(): CompiledQuery<Row>;
}

export class Store {
  readonly #storage: DurableObjectStorage;
  readonly #kept = new Map<string, { readonly version: number; readonly value: unknown }>();

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** All rows of a query: `store.run((db) => db.selectFrom('grants').selectAll())`. */
  run<Row>(build: (db: Kysely<SettingTables>) => Query<Row>): Row[] {
    const { sql, parameters } = build(builder).compile();
    return this.#storage.sql.exec(sql, ...parameters).toArray() as Row[];
  }

  first<Row>(build: (db: Kysely<SettingTables>) => Query<Row>): Row | undefined {
    return this.run(build)[0];
  }

  /** The rows that a change has written, indices included. */
  change(build: (db: Kysely<SettingTables>) => Query<unknown>): number {
    const { sql, parameters } = build(builder).compile();
    const cursor = this.#storage.sql.exec(sql, ...parameters);
    cursor.toArray();
    return cursor.rowsWritten;
  }

  /** All or nothing. A throw undoes what was done within. */
  transaction<Result>(work: () => Result): Result {
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      // What was read within may be of rows that are gone now, and their version may be given out again.
      this.#kept.clear();
      throw error;
    }
  }

  /**
   * What `make` gave for that version of a thing, made once: for documents whose rows are written once and read by every
   * page. Only the version that was asked for last is kept.
   */
  kept<Value>(thing: string, version: number, make: () => Value): Value {
    const kept = this.#kept.get(thing);
    if (kept?.version === version) return kept.value as Value;
    const value = make();
    this.#kept.set(thing, { version, value });
    return value;
  }

  /** Plain SQL, for the schema only. */
  script(sql: string, ...values: readonly (string | number | null)[]): void {
    this.#storage.sql.exec(sql, ...values);
  }

  /** Plain SQL as well, for what a step of the schema finds in tables of an older shape. */
  select(sql: string, ...values: readonly (string | number)[]): Record<string, SqlStorageValue>[] {
    return this.#storage.sql.exec(sql, ...values).toArray();
  }

  scalar(sql: string): number {
    return Number(Object.values(this.#storage.sql.exec(sql).one())[0]);
  }
}

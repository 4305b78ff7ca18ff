/** The shared database (D1) as kysely types; how its tables came to be is in ../migrations. */
import { type Compilable, type Generated, Kysely } from 'kysely';
import { D1Dialect } from 'kysely-d1';

export interface AccountTables {
  user: {
    id: string;
    name: string;
    email: string;
    emailVerified: number;
    image: string | null;
    createdAt: string;
    updatedAt: string;
  };
  session: {
    id: string;
    userId: string;
    token: string;
    expiresAt: string;
    createdAt: string;
    updatedAt: string;
    userAgent: string | null;
    strength: string | null;
    settingId: string | null;
  };
  passkey: {
    id: string;
    name: string | null;
    userId: string;
    credentialID: string;
    createdAt: string | null;
    rp_id: string | null;
  };
  verification: { id: string; expiresAt: string };
  codes_apps: { user_id: string; seed: string; last_step: number; set_up_at: number };
  recovery_codes: { user_id: string; code_hash: string };
  /** `session_id`: in which the code was given; null until then. */
  reset_codes: { user_id: string; code_hash: string; expires_at: number; session_id: string | null };
  account: {
    id: string;
    accountId: string;
    providerId: string;
    userId: string;
    password: string | null;
    createdAt: string;
    updatedAt: string;
  };
  settings: { id: string; name: string; created_at: number };
  memberships: {
    user_id: string;
    setting_id: string;
    role: string;
    since: number;
    /** Permissions beyond the role, `[]` by itself. */
    extra_json: Generated<string>;
  };
  invitations: {
    id: string;
    setting_id: string;
    token_hash: string;
    name: string;
    role: string;
    expires_at: number;
    /** The id of a person; null in invitations of before that was kept. */
    invited_by: string | null;
  };
  invitations_used: { invitation_id: string; used_at: number };
  record_outbox: { id: string; setting_id: string; at: number; note_json: string };
  api_keys: {
    id: string;
    setting_id: string;
    name: string;
    key_hash: string;
    scopes_json: string;
    made_at: number;
    used_at: number | null;
  };
  boxes: { id: string; setting_id: string };
  pairing_codes: {
    code_hash: string;
    setting_id: string;
    expires_at: number;
    /** The id of a person; null is the host. */
    made_by: string | null;
  };
  setup: { one: 1; used_at: number };
  setup_links: { token_hash: string; used_at: number };
  failures: { subject: string; count: number; first_at: number; last_at: Generated<number> };
}

export type AccountsDb = Kysely<AccountTables>;

export function openAccounts(database: D1Database): AccountsDb {
  return new Kysely<AccountTables>({ dialect: new D1Dialect({ database }) });
}

/** All or none: D1 runs a batch as one transaction, which kysely-d1 cannot. */
export async function runBatch(database: D1Database, queries: readonly Compilable[]): Promise<void> {
  const statements = queries.map((query) => {
    const { sql, parameters } = query.compile();
    return database.prepare(sql).bind(...parameters);
  });
  await database.batch(statements);
}

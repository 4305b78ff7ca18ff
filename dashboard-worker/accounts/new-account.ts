/** The rows of a new account with a password, for a batch that makes something else with it: a set-up, a membership. */
import type { Compilable } from 'kysely';
import type { AccountsDb } from './database.ts';

export interface NewAccount {
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
}

export function newAccount(
  db: AccountsDb,
  { name, email, passwordHash }: NewAccount,
  nowMs: number,
): { readonly userId: string; readonly queries: readonly Compilable[] } {
  const userId = crypto.randomUUID();
  const at = new Date(nowMs).toISOString();
  const queries = [
    db.insertInto('user').values({
      id: userId,
      name,
      email: email.toLowerCase(),
      // Whoever has the link was meant to have it; no mail is sent.
      emailVerified: 1,
      image: null,
      createdAt: at,
      updatedAt: at,
    }),
    db.insertInto('account').values({
      id: crypto.randomUUID(),
      accountId: userId,
      providerId: 'credential',
      userId,
      password: passwordHash,
      createdAt: at,
      updatedAt: at,
    }),
  ];
  return { userId, queries };
}

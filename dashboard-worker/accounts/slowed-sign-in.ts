/** On the record: that somebody was guessed at so often that further attempts have to wait. */
import type { Bindings } from '../bindings.ts';
import { openAccounts, runBatch } from './database.ts';
import { noteInEverySetting, tellEveryRecord } from './record-outbox.ts';

/** Their password, in every setting that they belong to; nothing for an address that nobody signs in with. */
export async function noteSlowedSignIn(env: Bindings, email: string, nowMs: number): Promise<void> {
  const person = await openAccounts(env.ACCOUNTS)
    .selectFrom('user')
    .select(['id', 'name'])
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst();
  if (person !== undefined) await note(env, person, 'sign-in-slowed', nowMs);
}

/** Their codes, by somebody who has the password. */
export async function noteSlowedSecondStep(
  env: Bindings,
  person: { readonly id: string; readonly name: string },
  nowMs: number,
): Promise<void> {
  await note(env, person, 'second-step-slowed', nowMs);
}

async function note(
  env: Bindings,
  { id, name }: { readonly id: string; readonly name: string },
  type: 'sign-in-slowed' | 'second-step-slowed',
  nowMs: number,
): Promise<void> {
  const event = { type, personName: name };
  await runBatch(env.ACCOUNTS, [noteInEverySetting(env, id, { at: nowMs, by: null, subject: id, event })]);
  await tellEveryRecord(env, id);
}

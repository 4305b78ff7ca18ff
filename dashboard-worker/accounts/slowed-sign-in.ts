/** On the record: that somebody's password was guessed at so often that further attempts have to wait. */
import type { Bindings } from '../bindings.ts';
import { openAccounts, runBatch } from './database.ts';
import { membershipsOf } from './memberships.ts';
import { noteForRecord, tellRecord } from './record-outbox.ts';

/** In every setting that they belong to; nothing for an address that nobody signs in with. */
export async function noteSlowedSignIn(env: Bindings, email: string, nowMs: number): Promise<void> {
  const person = await openAccounts(env.ACCOUNTS)
    .selectFrom('user')
    .select(['id', 'name'])
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst();
  if (person === undefined) return;
  const settings = (await membershipsOf(env, person.id)).map(({ settingId }) => settingId);
  if (settings.length === 0) return;
  const event = { type: 'sign-in-slowed', personName: person.name } as const;
  const note = { at: nowMs, by: null, subject: person.id, event };
  await runBatch(
    env.ACCOUNTS,
    settings.map((id) => noteForRecord(env, id, note)),
  );
  await Promise.all(settings.map((id) => tellRecord(env, id)));
}

/**
 * The pages that somebody has open hear that there is news (setting/live-pages.ts). What ends one of their sessions, or
 * changes what they may, is followed by this: each of those pages has to come in anew, by the session it has then.
 */
import type { Bindings } from '../bindings.ts';
import { openAccounts } from './database.ts';
import { settingOf } from './directory.ts';

/**
 * After the change, in every setting that they belong to, and in `settingId`, which they may just have left. A failure
 * lets them hear that something happens, never what, for a day at most: nothing is undone for it.
 */
export async function closeOpenPages(env: Bindings, userId: string, settingId: string | null = null): Promise<void> {
  const belonging = await openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .select('setting_id')
    .where('user_id', '=', userId)
    .execute();
  const settings = new Set(belonging.map(({ setting_id }) => setting_id));
  if (settingId !== null) settings.add(settingId);
  const closing = [...settings].map((id) => settingOf(env, id).closePagesOf(userId));
  for (const closed of await Promise.allSettled(closing)) {
    if (closed.status === 'rejected')
      console.error('pages of somebody stay open, since a setting did not answer:', closed.reason);
  }
}

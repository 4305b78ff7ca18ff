/** Who belongs to which setting, and as what. */
import type { Bindings } from '../bindings.ts';
import type { RoleId } from '../views/models.ts';
import { openAccounts } from './database.ts';
import { readRole } from './roles.ts';

export interface Membership {
  readonly settingId: string;
  readonly role: RoleId;
}

/** The first one, of somebody who belongs to several; null for somebody who belongs to none. */
export async function membershipOf(env: Bindings, userId: string): Promise<Membership | null> {
  const row = await openAccounts(env.ACCOUNTS)
    .selectFrom('memberships')
    .select(['setting_id', 'role'])
    .where('user_id', '=', userId)
    .orderBy('since')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { settingId: row.setting_id, role: readRole(row.role) };
}

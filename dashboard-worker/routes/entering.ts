/** What follows when somebody has come in with both factors, however that was. */
import { settingOf } from '../accounts/directory.ts';
import { membershipIn, membershipsOf } from '../accounts/memberships.ts';
import type { SignedIn } from '../accounts/sessions.ts';
import type { EnteringEvent } from '../views/models.ts';
import { type AppContext, keepCookies } from './context.ts';
import { rememberBrowser } from './known-browser-cookie.ts';

type Entered = Pick<SignedIn, 'sessionId' | 'userId' | 'name' | 'email' | 'settingId' | 'setCookies'>;

/** The session's cookies, and the note for the record of the setting that it is in. */
export async function enter(c: AppContext, person: Entered, type: EnteringEvent['type']): Promise<void> {
  keepCookies(c, person.setCookies);
  await rememberBrowser(c, person.email);
  const membership = membershipIn(await membershipsOf(c.env, person.userId), person.settingId);
  if (membership === null) return;
  const actor = { id: person.userId, name: person.name, sessionId: person.sessionId };
  await settingOf(c.env, membership.settingId).noteAccount({ type }, actor);
}

/** What follows when somebody has come in with both factors, however that was. */
import { membershipIn, membershipsOf } from '../accounts/memberships.ts';
import { noteEntering } from '../accounts/record-outbox.ts';
import type { SignedIn } from '../accounts/sessions.ts';
import type { EnteringEvent } from '../setting/record-events.ts';
import { browserName } from '../views/pages.ts';
import { type AppContext, keepCookies } from './context.ts';
import { rememberBrowser } from './known-browser-cookie.ts';

type Entered = Pick<SignedIn, 'sessionId' | 'userId' | 'name' | 'email' | 'settingId' | 'setCookies'>;

/**
 * The note for the record of the setting that the session is in, and then the session's cookies: a session that nobody
 * could note is one that nobody has.
 */
export async function enter(c: AppContext, person: Entered, type: EnteringEvent['type']): Promise<void> {
  const membership = membershipIn(await membershipsOf(c.env, person.userId), person.settingId);
  if (membership !== null) {
    const actor = { id: person.userId, name: person.name, sessionId: person.sessionId };
    await noteEntering(c.env, membership.settingId, actor, { type, ...browserOf(c) });
  }
  keepCookies(c, person.setCookies);
  await rememberBrowser(c, person.email);
}

/** As the account page names it; no more of what the browser says is kept on the record. */
export function browserOf(c: AppContext): { readonly browser: string; readonly system: string } {
  return browserName(c.req.header('user-agent') ?? '') ?? { browser: '', system: '' };
}

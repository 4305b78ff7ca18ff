/**
 * Asks for somebody's own password before what would let somebody in for good: an invitation, a manager, a second factor that
 * is set up anew, a key. Whoever finds a tablet unlocked has a session, and no more than what that can do until it ends.
 */
import { checkOwnPassword } from '../accounts/own-password.ts';
import type { OwnPasswordModel } from '../views/models.ts';
import { OwnPasswordPage } from '../views/pages.ts';
import { type AppContext, frameOf } from './context.ts';
import { readForm } from './forms.ts';

/** What the page that asks says by itself. */
const itsOwn: ReadonlySet<string> = new Set(['setting', 'as', 'ownPassword']);

/** Null when the form came with the right one; otherwise the page that asks for it, which sends the form once more. */
export async function askPassword(
  c: AppContext,
  matter: OwnPasswordModel['matter'],
  { page, path }: { readonly page: OwnPasswordModel['page']; readonly path: string },
): Promise<Response | null> {
  const sent = await readForm(c, 'ownPassword');
  const password = sent.get('ownPassword');
  const checked =
    typeof password === 'string'
      ? await checkOwnPassword(c.env, c.var.sessions, c.var.actor.id, password, Date.now())
      : null;
  if (checked === 'right') return null;
  const fields = [...sent].flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && !itsOwn.has(name) ? [[name, value]] : [],
  );
  const asked = OwnPasswordPage({
    ...{ frame: frameOf(c, await c.var.setting.frame()), page, matter },
    ...{ action: c.req.path, cancel: path, fields, problem: checked },
  });
  return c.html(asked, checked === null ? 200 : checked === 'wrong' ? 422 : 429);
}

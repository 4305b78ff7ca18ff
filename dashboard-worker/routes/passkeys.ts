/** Passkeys: signing in with one, without a session, and adding and removing them on the account page. */
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import * as z from 'zod/mini';
import { countAttempt, passkeyChallengeLimit } from '../accounts/failures.ts';
import { checkOwnPassword } from '../accounts/own-password.ts';
import { addPasskey, forgetChallenges, removePasskey } from '../accounts/passkeys.ts';
import type { PasskeyAnswer } from '../accounts/sessions.ts';
import { spoken } from '../views/language.ts';
import { NAME_MAX_LENGTH } from '../views/models.ts';
import { NotFoundPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { refusePassword } from './account.ts';
import { type AppEnv, clientAddressOf, keepCookies, originOf, withFlash } from './context.ts';
import { enter } from './entering.ts';
import { BadForm, readFields } from './forms.ts';
import { needs } from './guard.ts';
import { ownPath } from './own-path.ts';
import { passkeyPlaceOf } from './passkey-place.ts';

const onlyHere = createMiddleware<AppEnv>(async (c, next) => {
  if (passkeyPlaceOf(c).kind !== 'here') return c.html(NotFoundPage(), 404);
  await next();
  return undefined;
});

export const passkeySignInRoutes = new Hono<AppEnv>()
  .post(paths.passkeySignInOptions, onlyHere, async (c) => {
    const nowMs = Date.now();
    const limit = passkeyChallengeLimit(clientAddressOf(c));
    if ((await countAttempt(c.env, limit, nowMs)) > limit.attempts) {
      return c.json({ problem: spoken.account.passwordProblems['slow-down'] }, 429);
    }
    await forgetChallenges(c.env, nowMs);
    const { options, setCookies } = await c.var.sessions.optionsToSignInWithPasskey(c.req.raw.headers);
    keepCookies(c, setCookies);
    return c.json(options);
  })

  .post(paths.passkeySignIn, onlyHere, async (c) => {
    const { response, next } = await readFields(c, ['response', 'next']);
    const person = await c.var.sessions.signInWithPasskey(c.req.raw.headers, readAnswer(response));
    if (person === null) return c.redirect(`${paths.signIn}?outcome=passkey-wrong`, 303);
    await enter(c, person, 'signed-in');
    return c.redirect(ownPath(next), 303);
  });

export const passkeyRoutes = new Hono<AppEnv>()
  // The password is looked at before the device makes a key, so that a mistyped one leaves none behind there, and again
  // with the key: a challenge alone is no proof that it was given.
  .post(paths.passkeyOptions, needs('self'), onlyHere, async (c) => {
    const { passkeyPassword } = await readFields(c, ['passkeyPassword']);
    const { sessions, session } = c.var;
    const checked = await checkOwnPassword(c.env, sessions, session.userId, passkeyPassword, Date.now());
    if (checked !== 'right') {
      return c.json({ problem: spoken.account.passwordProblems[checked] }, checked === 'wrong' ? 422 : 429);
    }
    const { options, setCookies } = await sessions.optionsToAddPasskey(c.req.raw.headers);
    keepCookies(c, setCookies);
    return c.json(options);
  })

  .post(paths.addPasskey, needs('self'), onlyHere, async (c) => {
    const { response, passkeyName, passkeyPassword } = await readFields(c, [
      'response',
      'passkeyName',
      'passkeyPassword',
    ]);
    const passkey = { answer: readAnswer(response), name: passkeyName.slice(0, NAME_MAX_LENGTH) };
    const refused = await refusePassword(c, 'passkeyPassword', passkeyPassword);
    if (refused !== null) return refused;
    const asked = { headers: c.req.raw.headers, origin: originOf(c) };
    const added = await addPasskey(c.env, c.var.sessions, asked, passkey, c.var.actor);
    return c.redirect(withFlash(paths.account, added ? 'passkey-added' : 'passkey-not-added'), 303);
  })

  .post(paths.removePasskey, needs('self'), async (c) => {
    const { passkey } = await readFields(c, ['passkey']);
    await removePasskey(c.env, c.var.actor, passkey);
    return c.redirect(withFlash(paths.account, 'passkey-removed'), 303);
  });

/** What every answer of a browser has (WebAuthn, section 5.1.8); the library looks at what is in it. */
const Answer = z.looseObject({
  id: z.string().check(z.maxLength(2000)),
  rawId: z.string(),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string() }),
  clientExtensionResults: z.looseObject({}),
});

/** What the script of the page got from the browser, as JSON. */
function readAnswer(text: string): PasskeyAnswer {
  const answer = Answer.safeParse(parseJson(text));
  if (!answer.success) throw new BadForm('response');
  return answer.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

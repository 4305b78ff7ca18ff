/** Passkeys: signing in with one, without a session, and adding and removing them on the account page. */
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import * as z from 'zod/mini';
import { listPasskeys, noteAddedPasskey, PASSKEYS_MAX, removePasskey } from '../accounts/passkeys.ts';
import type { PasskeyAnswer } from '../accounts/sessions.ts';
import { NAME_MAX_LENGTH, type PasskeyPlace } from '../views/models.ts';
import { NotFoundPage } from '../views/pages.ts';
import { paths } from '../views/paths.ts';
import { type AppContext, type AppEnv, isPlainHttp, keepCookies, withFlash } from './context.ts';
import { enter } from './entering.ts';
import { BadForm, readFields } from './forms.ts';
import { needs } from './guard.ts';
import { ownPath } from './own-path.ts';

/**
 * Browsers know passkeys on encrypted pages and on this very machine, and only under a name: at http://127.0.0.1 they
 * refuse, at http://localhost they do not.
 */
export function passkeyPlaceOf(c: AppContext): PasskeyPlace {
  const { protocol, hostname, port } = new URL(c.req.url);
  const isAddress = /^[\d.]+$|^\[/.test(hostname);
  if (!isAddress && (protocol === 'https:' || hostname === 'localhost')) return { kind: 'here' };
  if (isAddress && protocol === 'http:' && !isPlainHttp(c)) {
    return { kind: 'elsewhere', url: `http://localhost${port === '' ? '' : `:${port}`}/` };
  }
  return { kind: 'nowhere' };
}

const onlyHere = createMiddleware<AppEnv>(async (c, next) => {
  if (passkeyPlaceOf(c).kind !== 'here') return c.html(NotFoundPage(), 404);
  await next();
  return undefined;
});

export const passkeySignInRoutes = new Hono<AppEnv>()
  .post(paths.passkeySignInOptions, onlyHere, async (c) => {
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
  .post(paths.passkeyOptions, needs('self'), onlyHere, async (c) => {
    const { options, setCookies } = await c.var.sessions.optionsToAddPasskey(c.req.raw.headers);
    keepCookies(c, setCookies);
    return c.json(options);
  })

  .post(paths.addPasskey, needs('self'), onlyHere, async (c) => {
    const { response, passkeyName } = await readFields(c, ['response', 'passkeyName']);
    const answer = readAnswer(response);
    const tooMany = (await listPasskeys(c.env, c.var.actor.id)).length >= PASSKEYS_MAX;
    const name = passkeyName.slice(0, NAME_MAX_LENGTH);
    const added = !tooMany && (await c.var.sessions.addPasskey(c.req.raw.headers, answer, name));
    if (added) await noteAddedPasskey(c.env, c.var.settingId, c.var.actor, name);
    return c.redirect(withFlash(paths.account, added ? 'passkey-added' : 'passkey-not-added'), 303);
  })

  .post(paths.removePasskey, needs('self'), async (c) => {
    const { passkey } = await readFields(c, ['passkey']);
    await removePasskey(c.env, c.var.settingId, c.var.actor, passkey);
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

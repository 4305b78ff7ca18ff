/**
 * Sign-in and sessions through better-auth: passwords by scrypt, sessions in D1, cookies signed with AUTH_SECRET.
 *
 * What a session rests on, its strength, is written where the session is made, by the address that makes it: the password
 * alone, or a second factor as well. A session never grows stronger; a stronger one takes its place, under a new cookie.
 *
 * None of the library's own addresses is routed: what it offers over HTTP beyond these functions does not exist here.
 */
import { type BetterAuthPlugin, betterAuth } from 'better-auth';
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import * as z from 'zod/mini';
import type { Bindings } from '../bindings.ts';
import { PASSWORD_MIN_LENGTH } from '../views/models.ts';
import { openAccounts } from './database.ts';
import { passkeysAt } from './relying-party.ts';

/** `password`: good for giving the second factor, or for setting one up, and for nothing else. */
export type Strength = 'password' | 'two-factors';

export interface SignedIn {
  /** Not a secret: the cookie holds another. */
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly strength: Strength;
  /** The one that it is in, of somebody who has chosen among several; null is the first. */
  readonly settingId: string | null;
  readonly since: number;
  /** To be sent on, since a session in use is prolonged. */
  readonly setCookies: readonly string[];
}

/** Rolling: a tablet that is used every day stays signed in over the day, not over the night. */
const SESSION_SECONDS = 12 * 60 * 60;
const PROLONG_AFTER_SECONDS = 60 * 60;
/** Whatever the use: the next morning somebody signs in again. */
export const SESSION_MAX_AGE_MS = 24 * 60 * 60_000;

/** Clocks are set, and differ. By more than this one was wrong. */
const CLOCK_AHEAD_MS = 60 * 60_000;

/** As long as those of real browsers get. */
const USER_AGENT_MAX_LENGTH = 512;

const STRENGTHEN_PATH = '/stairgate/strengthen';
const SWITCH_PATH = '/stairgate/switch';

/** The library's own word for when a session began gives way. */
const OVER_ITS_OWN = true;

/** The addresses that make a session of two factors, within the library: none of them is routed. */
const STRONG_PATHS: ReadonlySet<string> = new Set([STRENGTHEN_PATH, SWITCH_PATH, '/passkey/verify-authentication']);

/** A new session in the place of the one that asks. Whether its owner has earned it is the caller's to know. */
const strengthening = {
  id: 'stairgate',
  endpoints: {
    strengthenSession: createAuthEndpoint(
      STRENGTHEN_PATH,
      { method: 'POST', use: [sensitiveSessionMiddleware], requireHeaders: true },
      async (ctx) => {
        const { session, user } = ctx.context.session;
        const stronger = await ctx.context.internalAdapter.createSession(user.id);
        await setSessionCookie(ctx, { session: stronger, user });
        await ctx.context.internalAdapter.deleteSession(session.token);
        return ctx.json({ id: stronger.id });
      },
    ),
    switchSetting: createAuthEndpoint(
      SWITCH_PATH,
      {
        method: 'POST',
        use: [sensitiveSessionMiddleware],
        requireHeaders: true,
        body: z.object({ settingId: z.string() }),
      },
      async (ctx) => {
        const { session, user } = ctx.context.session;
        if (session.strength !== 'two-factors') throw new APIError('FORBIDDEN');
        const { settingId } = ctx.body;
        // Nobody stays signed in for longer by going to and fro.
        const { createdAt, userAgent } = session;
        const kept = { settingId, createdAt, userAgent };
        const other = await ctx.context.internalAdapter.createSession(user.id, false, kept, OVER_ITS_OWN);
        await setSessionCookie(ctx, { session: other, user });
        await ctx.context.internalAdapter.deleteSession(session.token);
        return ctx.json({ id: other.id });
      },
    ),
  },
} satisfies BetterAuthPlugin;

/**
 * Cookies and links are bound to an origin, and making the library's object takes 12 to 16 ms of every request. The
 * origin comes from the Host header, which is the sender's to choose: hence the bound, far above the two or three names
 * that a dashboard goes by.
 */
const ORIGINS_MAX = 8;

const made = new WeakMap<D1Database, Map<string, Sessions>>();

/** The same object for the same origin, as long as it is among the `ORIGINS_MAX` that were asked for last. */
export async function sessionsOf(env: Bindings, origin: string): Promise<Sessions> {
  const byOrigin = made.get(env.ACCOUNTS) ?? new Map<string, Sessions>();
  made.set(env.ACCOUNTS, byOrigin);
  const known = byOrigin.get(origin);
  const sessions = known ?? createSessions(env, origin);
  // Kept only once it is whole: a request must never wait for what another one, which may be cancelled, has begun.
  if (known === undefined) await sessions.ready();
  // A map keeps the order of insertion, so the first is the one that was not asked for the longest.
  byOrigin.delete(origin);
  byOrigin.set(origin, sessions);
  for (const [oldest] of byOrigin) if (byOrigin.size > ORIGINS_MAX) byOrigin.delete(oldest);
  return sessions;
}

function createSessions(env: Bindings, origin: string) {
  if ((env.AUTH_SECRET ?? '').length < 32) {
    throw new Error(
      'AUTH_SECRET is missing or shorter than 32 characters: set it with `wrangler secret put AUTH_SECRET`',
    );
  }
  const https = origin.startsWith('https:');
  const auth = betterAuth({
    appName: 'Stairgate',
    baseURL: origin,
    secret: env.AUTH_SECRET,
    database: { db: openAccounts(env.ACCOUNTS), type: 'sqlite' },
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: PASSWORD_MIN_LENGTH },
    session: {
      expiresIn: SESSION_SECONDS,
      updateAge: PROLONG_AFTER_SECONDS,
      additionalFields: {
        strength: { type: 'string', required: false, input: false },
        settingId: { type: 'string', required: false, input: false },
      },
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, ctx) => {
            const strength: Strength = STRONG_PATHS.has(ctx?.path ?? '') ? 'two-factors' : 'password';
            const userAgent = (session.userAgent ?? '').slice(0, USER_AGENT_MAX_LENGTH);
            return { data: { ...session, userAgent, strength } };
          },
        },
      },
    },
    plugins: [strengthening, passkeysAt(origin)],
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      ipAddress: { disableIpTracking: true },
      // The library would prefix "__Secure-"; "__Host-" is stricter: this host, this path, https only.
      useSecureCookies: false,
      cookiePrefix: https ? '__Host-stairgate' : 'stairgate',
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/', secure: https },
      cookies: { session_token: { name: https ? '__Host-stairgate-session' : 'stairgate-session' } },
    },
  });
  return {
    /**
     * Everything that the library begins once and shares has ended: its context, and a look at the tables in D1, which
     * it starts without waiting for it. Left behind by a request that ends, that look would hold every later one for ever.
     */
    async ready(): Promise<void> {
      await auth.api.getSession({ headers: new Headers() });
    },

    async hashPassword(password: string): Promise<string> {
      return await (await auth.$context).password.hash(password);
    },

    async isPassword(hash: string, password: string): Promise<boolean> {
      return await (await auth.$context).password.verify({ hash, password });
    },

    /**
     * The cookies of a new session, of strength `password`; null when the address or the password is wrong. Of the
     * headers only the browser's name is read, for the list of sessions.
     */
    async signIn(
      email: string,
      password: string,
      asked: Headers,
    ): Promise<{ userId: string; name: string; setCookies: string[] } | null> {
      const headers = { 'user-agent': asked.get('user-agent') ?? '' };
      const response = await auth.api.signInEmail({ body: { email, password }, headers, asResponse: true });
      if (!response.ok) return null;
      const { user } = (await response.json()) as { user: { id: string; name: string } };
      return { userId: user.id, name: user.name, setCookies: response.headers.getSetCookie() };
    },

    /** `inUse`: whether a person asks, not a page by itself. Only that prolongs the session. */
    async current(headers: Headers, inUse: boolean): Promise<SignedIn | null> {
      const query = { disableRefresh: !inUse };
      const { response, headers: answer } = await auth.api.getSession({ headers, query, returnHeaders: true });
      if (response === null) return null;
      const since = response.session.createdAt.getTime();
      const ageMs = Date.now() - since;
      // One that is still to begin was made by a clock that was ahead, and would last for as much longer.
      if (ageMs > SESSION_MAX_AGE_MS || ageMs < -CLOCK_AHEAD_MS) return null;
      return {
        userId: response.user.id,
        name: response.user.name,
        email: response.user.email,
        sessionId: response.session.id,
        strength: response.session.strength === 'two-factors' ? 'two-factors' : 'password',
        settingId: response.session.settingId ?? null,
        since,
        setCookies: answer.getSetCookie(),
      };
    },

    /** A session of two factors in the place of this one, whose owner has just given the second. */
    async strengthen(headers: Headers): Promise<{ sessionId: string; setCookies: string[] }> {
      return await replaced(await auth.api.strengthenSession({ headers, asResponse: true }));
    },

    /**
     * A session in another setting in the place of this one, which has two factors as well. Whether its owner belongs
     * there is the caller's to know.
     */
    async switchTo(headers: Headers, settingId: string): Promise<{ sessionId: string; setCookies: string[] }> {
      return await replaced(await auth.api.switchSetting({ headers, body: { settingId }, asResponse: true }));
    },

    /** What a browser needs to make a passkey for whoever is signed in, and the cookie of the challenge in it. */
    async optionsToAddPasskey(headers: Headers): Promise<PasskeyOptions> {
      return await optionsIn(
        await auth.api.generatePasskeyRegistrationOptions({ headers, query: {}, asResponse: true }),
      );
    },

    /** False for an answer that is to no challenge of ours, or does not come from a device that checked who uses it. */
    async addPasskey(headers: Headers, answer: PasskeyAnswer, name: string): Promise<boolean> {
      const body = { response: answer, name };
      return (await auth.api.verifyPasskeyRegistration({ headers, body, asResponse: true })).ok;
    },

    async optionsToSignInWithPasskey(headers: Headers): Promise<PasskeyOptions> {
      const response = await auth.api.generatePasskeyAuthenticationOptions({ headers, asResponse: true });
      const { options, setCookies } = await optionsIn(response);
      // The library asks for it as a wish only.
      return { options: { ...options, userVerification: 'required' }, setCookies };
    },

    /** A session of two factors; null where the answer is not what `addPasskey` would take, or of no passkey here. */
    async signInWithPasskey(headers: Headers, answer: PasskeyAnswer): Promise<SignedIn | null> {
      type Body = NonNullable<Parameters<typeof auth.api.verifyPasskeyAuthentication>[0]>['body'];
      // The library looks at every part of it by itself.
      const body = { response: answer } as unknown as Body;
      const response = await auth.api.verifyPasskeyAuthentication({ headers, body, asResponse: true });
      if (!response.ok) return null;
      const { session, user } = (await response.json()) as {
        session: { id: string; createdAt: string };
        user: { id: string; name: string; email: string };
      };
      return {
        sessionId: session.id,
        userId: user.id,
        name: user.name,
        email: user.email,
        strength: 'two-factors',
        settingId: null,
        since: Date.parse(session.createdAt),
        setCookies: response.headers.getSetCookie(),
      };
    },

    /** The cookies that end the session in the browser; in D1 it is gone. */
    async signOut(headers: Headers): Promise<string[]> {
      const response = await auth.api.signOut({ headers, asResponse: true });
      return response.headers.getSetCookie();
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;

/** A browser's answer about a passkey. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly response: Readonly<Record<string, unknown>>;
}

interface PasskeyOptions {
  /** For `parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON` of the browser. */
  readonly options: object;
  readonly setCookies: readonly string[];
}

async function optionsIn(response: Response): Promise<PasskeyOptions> {
  if (!response.ok) throw new Error(`there are no options for a passkey: it was answered ${response.status}`);
  return { options: (await response.json()) as object, setCookies: response.headers.getSetCookie() };
}

async function replaced(response: Response): Promise<{ sessionId: string; setCookies: string[] }> {
  if (!response.ok) throw new Error(`no session took the place of this one: it was answered ${response.status}`);
  const { id } = (await response.json()) as { id: string };
  return { sessionId: id, setCookies: response.headers.getSetCookie() };
}

/**
 * Sign-in and sessions through better-auth: passwords by scrypt, sessions in D1, cookies signed with AUTH_SECRET.
 *
 * None of the library's own addresses is routed: what it offers over HTTP beyond these functions does not exist here.
 */
import { betterAuth } from 'better-auth';
import type { Bindings } from '../bindings.ts';
import { PASSWORD_MIN_LENGTH } from '../views/models.ts';
import { openAccounts } from './database.ts';

export interface SignedIn {
  /** Not a secret: the cookie holds another. */
  readonly sessionId: string;
  readonly userId: string;
  readonly name: string;
  /** To be sent on, since a session in use is prolonged. */
  readonly setCookies: readonly string[];
}

/** Rolling: a tablet that is used every day stays signed in over the day, not over the night. */
const SESSION_SECONDS = 12 * 60 * 60;
const PROLONG_AFTER_SECONDS = 60 * 60;
/** Whatever the use: the next morning somebody signs in again. */
const SESSION_MAX_AGE_MS = 24 * 60 * 60_000;

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
    session: { expiresIn: SESSION_SECONDS, updateAge: PROLONG_AFTER_SECONDS },
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      ipAddress: { disableIpTracking: true },
      // The library would prefix "__Secure-"; "__Host-" is stricter: this host, this path, https only.
      useSecureCookies: false,
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

    /** The cookies of a new session; null when the address or the password is wrong. */
    async signIn(
      email: string,
      password: string,
    ): Promise<{ userId: string; name: string; setCookies: string[] } | null> {
      const response = await auth.api.signInEmail({ body: { email, password }, asResponse: true });
      if (!response.ok) return null;
      const { user } = (await response.json()) as { user: { id: string; name: string } };
      return { userId: user.id, name: user.name, setCookies: response.headers.getSetCookie() };
    },

    /** `inUse`: whether a person asks, not a page by itself. Only that prolongs the session. */
    async current(headers: Headers, inUse: boolean): Promise<SignedIn | null> {
      const query = { disableRefresh: !inUse };
      const { response, headers: answer } = await auth.api.getSession({ headers, query, returnHeaders: true });
      if (response === null) return null;
      if (Date.now() - response.session.createdAt.getTime() > SESSION_MAX_AGE_MS) return null;
      const { session, user } = response;
      return { sessionId: session.id, userId: user.id, name: user.name, setCookies: answer.getSetCookie() };
    },

    /** The cookies that end the session in the browser; in D1 it is gone. */
    async signOut(headers: Headers): Promise<string[]> {
      const response = await auth.api.signOut({ headers, asResponse: true });
      return response.headers.getSetCookie();
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;

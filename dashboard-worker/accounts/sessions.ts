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

export function createSessions(env: Bindings, origin: string) {
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
      return { userId: response.user.id, name: response.user.name, setCookies: answer.getSetCookie() };
    },

    /** The cookies that end the session in the browser; in D1 it is gone. */
    async signOut(headers: Headers): Promise<string[]> {
      const response = await auth.api.signOut({ headers, asResponse: true });
      return response.headers.getSetCookie();
    },
  };
}

export type Sessions = ReturnType<typeof createSessions>;

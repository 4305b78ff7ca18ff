/** The cookie of a browser in which somebody has signed in before. */
import { getCookie, setCookie } from 'hono/cookie';
import { knownBrowser, rememberedBrowser } from '../accounts/known-browsers.ts';
import { type AppContext, originOf } from './context.ts';

/** The longest that browsers keep a cookie. */
const COOKIE_SECONDS = 400 * 24 * 60 * 60;

export function knownBrowserOf(c: AppContext, email: string): Promise<string | null> {
  return knownBrowser(c.env, getCookie(c, nameOf(c)), email);
}

/** After both factors, or where the account was made. */
export async function rememberBrowser(c: AppContext, email: string): Promise<void> {
  const name = nameOf(c);
  const value = await rememberedBrowser(c.env, getCookie(c, name), email);
  const secure = isHttps(c);
  setCookie(c, name, value, { path: '/', httpOnly: true, sameSite: 'Lax', secure, maxAge: COOKIE_SECONDS });
}

function nameOf(c: AppContext): string {
  return isHttps(c) ? '__Host-stairgate-known' : 'stairgate-known';
}

function isHttps(c: AppContext): boolean {
  return originOf(c).startsWith('https:');
}

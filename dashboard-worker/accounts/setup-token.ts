/** The token of the set-up link, by which whoever has the link becomes a manager: long enough, or there is none. */

/** In characters: of those that `openssl rand -base64` prints, 144 bits. */
export const SETUP_TOKEN_MIN_LENGTH = 24;

export function isSetupToken(token: string): boolean {
  return token.length >= SETUP_TOKEN_MIN_LENGTH;
}

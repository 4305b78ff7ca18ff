/** Comparing and hashing what must not be guessed. */
import { toHex } from '../setting/keys.ts';

/** Whether both are the same, in a time that does not depend on where they differ. An absent secret matches nothing. */
export async function sameSecret(secret: string | undefined, given: string): Promise<boolean> {
  if (secret === undefined || secret === '') return false;
  const [a, b] = await Promise.all([sha256(secret), sha256(given)]);
  return crypto.subtle.timingSafeEqual(a, b);
}

/** The same text gives the same name, which says nothing of the text without the key. */
export async function keyedHash(key: string, text: string): Promise<string> {
  return toHex(await keyedMac(key, text));
}

/** HMAC-SHA-256: 32 octets that nobody without the key can tell. */
export async function keyedMac(key: string, text: string): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(key),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, new TextEncoder().encode(text)));
}

/** In hexadecimal: for what has bits enough not to be found by trying. */
export async function sha256Hex(text: string): Promise<string> {
  return toHex(new Uint8Array(await sha256(text)));
}

/** Of 16 octets that look like chance (RFC 9562, section 5.8). */
export function toUuid(octets: Uint8Array): string {
  const marked = octets.map((octet, at) =>
    at === 6 ? 0x80 | (octet & 0x0f) : at === 8 ? 0x80 | (octet & 0x3f) : octet,
  );
  return toHex(marked).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function sha256(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
}

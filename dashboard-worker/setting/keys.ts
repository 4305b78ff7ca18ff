/**
 * Ed25519 through WebCrypto: the setting's own key pair, and boxes' signatures. Keys and signatures are base64url
 * without padding, as on the wire (agent-protocol.ts).
 */

export interface SettingKeys {
  /** JWK text (RFC 8037). */
  readonly privateKeyJson: string;
  readonly publicKey: string;
}

export async function makeSettingKeys(): Promise<SettingKeys> {
  const pair = (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const jwk = (await crypto.subtle.exportKey('jwk', pair.privateKey)) as JsonWebKey;
  if (jwk.x === undefined) throw new Error('cannot make the key of the setting: the exported key has no public part');
  return { privateKeyJson: JSON.stringify(jwk), publicKey: jwk.x };
}

export async function signText(privateKeyJson: string, text: string): Promise<string> {
  const jwk = JSON.parse(privateKeyJson) as JsonWebKey;
  const key = await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['sign']);
  return toBase64Url(new Uint8Array(await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(text))));
}

/** A malformed key or signature is simply not a good one. */
export async function isSignedBy(publicKey: string, text: string, signature: string): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64Url(publicKey), 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, fromBase64Url(signature), new TextEncoder().encode(text));
  } catch {
    return false;
  }
}

/** Whether it is a key that signatures can be checked with. */
export async function isPublicKey(publicKey: string): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', fromBase64Url(publicKey), 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Two digits an octet. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/// <reference path="./node-crypto.d.ts" />
/**
 * SHA-256 and salts, at once: WebCrypto's hash is a promise, and an entry of the record is written within a transaction,
 * which takes none.
 */
import { createHash } from 'node:crypto';
import { SALT_BYTES, type Sha256 } from '../../policy-rules/record-chain.ts';
import { toHex } from './keys.ts';

export const sha256: Sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** In hexadecimal digits. */
export function makeSalt(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
}

/**
 * What is used of node:crypto, which workerd has under the flag nodejs_compat. Node's own types cannot stand beside those
 * of the Workers: both declare the same globals.
 */
declare module 'node:crypto' {
  interface Hash {
    update(data: Uint8Array | string): Hash;
    digest(encoding: 'hex'): string;
  }
  export function createHash(algorithm: 'sha256'): Hash;
}

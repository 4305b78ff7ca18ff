/**
 * Browsers in which somebody has signed in with both factors, or made their account: a cookie that says so for each of them, and for nothing
 * else. It lets nobody in; it only keeps others' wrong passwords from counting there (failures.ts).
 */
import type { Bindings } from '../bindings.ts';
import { keyedHash, sameSecret } from './secrets.ts';

/** A tablet that a whole office signs in at; the one who did so the longest ago goes. */
const PEOPLE_MAX = 8;
const ID = /^[0-9a-f]{32}$/;
/** 128 bits of the keyed hash. */
const PROOF = /^[0-9a-f]{32}$/;

/** The id of the browser where that account has been signed in to in it; null for any other. */
export async function knownBrowser(env: Bindings, cookie: string | undefined, email: string): Promise<string | null> {
  const { id, proofs } = readCookie(cookie);
  if (id === null) return null;
  const proof = await proofOf(env, id, email);
  for (const given of proofs) if (await sameSecret(proof, given)) return id;
  return null;
}

/** The cookie that says so of this account as well. */
export async function rememberedBrowser(env: Bindings, cookie: string | undefined, email: string): Promise<string> {
  const known = readCookie(cookie);
  const id = known.id ?? crypto.randomUUID().replaceAll('-', '');
  const proof = await proofOf(env, id, email);
  const others = known.proofs.filter((other) => other !== proof).slice(0, PEOPLE_MAX - 1);
  return [id, proof, ...others].join('.');
}

function readCookie(cookie = ''): { readonly id: string | null; readonly proofs: readonly string[] } {
  const [id = '', ...proofs] = cookie.split('.').slice(0, PEOPLE_MAX + 1);
  return ID.test(id) ? { id, proofs: proofs.filter((proof) => PROOF.test(proof)) } : { id: null, proofs: [] };
}

async function proofOf(env: Bindings, id: string, email: string): Promise<string> {
  return (await keyedHash(env.AUTH_SECRET, `known browser ${id} ${email.trim().toLowerCase()}`)).slice(0, 32);
}

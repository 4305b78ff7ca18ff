/**
 * The six digits of an authenticator app: RFC 6238 over RFC 4226 with SHA-1 and steps of 30 seconds, which is what every
 * such app computes unless it is told otherwise, and the only thing that some of them can.
 */
import { sameSecret } from './secrets.ts';

const STEP_MS = 30_000;
const DIGITS = 6;
/** A code is taken one step early and one late: people type slowly, and clocks differ (RFC 6238, section 5.2). */
export const STEPS_ASIDE = 1;

export function stepAt(nowMs: number): number {
  return Math.floor(nowMs / STEP_MS);
}

/** The step of time that this code is of; null when it is of none that counts now. */
export async function stepOfCode(secret: Uint8Array, code: string, nowMs: number): Promise<number | null> {
  const now = stepAt(nowMs);
  for (let step = now - STEPS_ASIDE; step <= now + STEPS_ASIDE; step += 1) {
    if (await sameSecret(await codeOfStep(secret, step), code)) return step;
  }
  return null;
}

/** Six digits (RFC 4226, section 5.3). */
export async function codeOfStep(secret: Uint8Array, step: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter));
  const offset = mac.getUint8(mac.byteLength - 1) & 0x0f;
  const number = mac.getUint32(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The secret as people type it where no camera is at hand: RFC 4648, section 6, without padding. */
export function toBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[(held >>> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31];
}

/** What the picture says to the app: the "Key URI" that all of them read. */
export function keyUri(issuer: string, account: string, secret: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

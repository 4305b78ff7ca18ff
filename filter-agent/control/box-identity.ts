/**
 * Who this box is to the dashboard: its Ed25519 key, its enrolment, and the setting's key that it pinned.
 *
 * Owns the enrolment request, `identity.json` (mode 0600), signing and verifying. The link that uses them is
 * `dashboard-link.ts`.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { type EnrolRequest, EnrolResponse, PROTOCOL_VERSION } from '../../policy-rules/agent-protocol.ts';
import { readDurableJson, writeDurableJson } from './durable-file.ts';

export interface Identity {
  readonly boxId: string;
  readonly settingId: string;
  readonly settingName: string;
  /** Ed25519, 32 bytes as base64url: policies and grants must be signed by it. */
  readonly settingPublicKey: string;
  readonly dashboardUrl: string;
  readonly enrolledAtMs: number;
  /** Ed25519 over the UTF-8 text, base64url without padding. */
  sign(text: string): string;
}

export interface EnrolOptions {
  /** Where `identity.json` is kept. */
  readonly stateDir: string;
  readonly dashboardUrl: string;
  readonly code: string;
  readonly boxName: string;
  /** Plain http beyond loopback; only for a dashboard on the same LAN whose owner knows. */
  readonly allowPlainHttp?: boolean;
  readonly timeoutMs?: number;
}

/**
 * - `bad-url`: not an address of a dashboard, or plain http beyond loopback
 * - `unreachable`: no answer at all
 * - `code-refused`: wrong, used or expired
 * - `slow-down`: this code is wrong, and so were many from the same network
 * - `bad-answer`: something else answers there
 */
export type EnrolErrorCode = 'bad-url' | 'unreachable' | 'code-refused' | 'slow-down' | 'bad-answer';

export class EnrolError extends Error {
  readonly code: EnrolErrorCode;
  constructor(code: EnrolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EnrolError';
    this.code = code;
  }
}

export interface LoadedIdentity {
  /** Null while the box is not enrolled. */
  readonly identity: Identity | null;
  /** Why a stored identity could not be used, in words; null when there is none or it is good. */
  readonly trouble: string | null;
}

const StoredIdentity = z.object({
  boxId: z.uuid(),
  settingId: z.uuid(),
  settingName: z.string(),
  settingPublicKey: z.string(),
  dashboardUrl: z.string(),
  enrolledAtMs: z.int(),
  /** PKCS #8, PEM. */
  privateKey: z.string(),
});
type StoredIdentity = z.infer<typeof StoredIdentity>;

/** `onDamage`: whether a file that cannot be used is moved aside; only the box itself does that. */
export async function loadIdentity(stateDir: string, onDamage: 'move' | 'leave' = 'move'): Promise<LoadedIdentity> {
  const parse = (value: unknown) => toIdentity(StoredIdentity.parse(value));
  const read = await readDurableJson(identityPath(stateDir), parse, onDamage);
  if (read.state === 'read') return { identity: read.value, trouble: null };
  if (read.state === 'absent') return { identity: null, trouble: null };
  const mend = 'Filtering goes on; to link the box to the dashboard again, make a new pairing code and enrol.';
  return { identity: null, trouble: `${read.reason}. ${mend}` };
}

/**
 * Looks for a pairing again and again: each call resolves with what is stored, or with null when nothing has changed since
 * the last. A look at an unchanged file reads neither it nor the key.
 */
export function followIdentity(stateDir: string): () => Promise<LoadedIdentity | null> {
  let seen: string | undefined;
  return async () => {
    const stamp = await stampOf(identityPath(stateDir));
    if (stamp !== undefined && stamp === seen) return null;
    seen = stamp;
    return loadIdentity(stateDir);
  };
}

/** Differs whenever a file is another one, or has other bytes, owners or rights; undefined where nobody can tell. */
function stampOf(path: string): Promise<string | undefined> {
  return stat(path, { bigint: true }).then(
    ({ ino, ctimeNs, size }) => `${ino} ${ctimeNs} ${size}`,
    ({ code }: NodeJS.ErrnoException) => (code === 'ENOENT' || code === 'ENOTDIR' ? 'absent' : undefined),
  );
}

const DEFAULT_ENROL_TIMEOUT_MS = 15_000;

/** Makes a key, shows its public half with the pairing code, and keeps what the dashboard answers. */
export async function enrol(options: EnrolOptions): Promise<Identity> {
  const base = dashboardBase(options.dashboardUrl, options.allowPlainHttp ?? false);
  const keys = generateKeyPairSync('ed25519');
  const request: EnrolRequest = {
    protocol: PROTOCOL_VERSION,
    code: options.code,
    publicKey: rawPublicKey(keys.publicKey),
    boxName: options.boxName,
  };
  const answer = await postEnrolment(base, request, options.timeoutMs ?? DEFAULT_ENROL_TIMEOUT_MS);
  const stored: StoredIdentity = {
    ...answer,
    dashboardUrl: base.href,
    enrolledAtMs: Date.now(),
    privateKey: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  await writeDurableJson(identityPath(options.stateDir), stored, { mode: 0o600 });
  return toIdentity(stored);
}

/** Whether the text was signed by the key. A malformed key or signature is simply not a good one. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

/**
 * The dashboard's address, checked: https, or http where nobody can listen in. Ends with "/", so that paths can be
 * resolved against it. Throws an EnrolError `bad-url`.
 */
export function dashboardBase(text: string, allowPlainHttp: boolean): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new EnrolError('bad-url', `"${text}" is not an address: expected one like https://dashboard.example`, {
      cause,
    });
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new EnrolError('bad-url', `"${text}" begins with ${url.protocol}: expected https:`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !allowPlainHttp) {
    throw new EnrolError(
      'bad-url',
      `"${text}" is plain http, which anybody on the way can read: use https, or allow plain http for this dashboard in the box's configuration`,
    );
  }
  url.search = '';
  url.hash = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function postEnrolment(base: URL, request: EnrolRequest, timeoutMs: number): Promise<EnrolResponse> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(new URL('box/enrol', base), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(request),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = await response.text();
  } catch (cause) {
    throw new EnrolError(
      'unreachable',
      `the dashboard at ${base.href} cannot be reached (${reasonOf(cause, timeoutMs)}): check the address and the box's internet connection`,
      { cause },
    );
  }
  if (response.status === 403) {
    throw new EnrolError(
      'code-refused',
      'the dashboard does not know this pairing code: it was mistyped, used already, or has expired. Make a new one on the page "Box" of the dashboard',
    );
  }
  if (response.status === 429) {
    throw new EnrolError(
      'slow-down',
      'the dashboard does not know this pairing code, and has been sent too many wrong ones from this network: wait a quarter of an hour, then make a new one on the page "Box" of the dashboard',
    );
  }
  const answer = response.ok ? EnrolResponse.safeParse(parseJson(body)) : null;
  if (answer?.success) return answer.data;
  throw new EnrolError(
    'bad-answer',
    `what answers at ${base.href} is not a dashboard of this version (status ${response.status}): check the address`,
  );
}

function toIdentity(stored: StoredIdentity): Identity {
  const key = createPrivateKey(stored.privateKey);
  const { privateKey: _, ...open } = stored;
  return { ...open, sign: (text) => sign(null, Buffer.from(text), key).toString('base64url') };
}

/** The 32 bytes of RFC 8032, as JWK's `x` (RFC 8037) carries them. */
function rawPublicKey(key: ReturnType<typeof createPublicKey>): string {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new Error('an Ed25519 key was exported without its x');
  return x;
}

function identityPath(stateDir: string): string {
  return join(stateDir, 'identity.json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

/**
 * Who this box is to the dashboard: its Ed25519 key, its enrolment, and the setting's pinned key.
 */
export interface Identity {
  readonly boxId: string;
  readonly settingId: string;
  readonly settingName: string;
  /** Ed25519, base64url: policies and grants must be signed by it. */
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

export type EnrolErrorCode = 'code-refused' | 'unreachable' | 'bad-url' | 'bad-answer';

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

export async function loadIdentity(stateDir: string): Promise<LoadedIdentity> {
  throw new Error(`cannot load the identity of ${stateDir}: not written yet`);
}

export async function enrol(options: EnrolOptions): Promise<Identity> {
  throw new Error(`cannot enrol at ${options.dashboardUrl}: not written yet`);
}

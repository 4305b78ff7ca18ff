/**
 * The verdict byte: what the hot path reads from the verdict matrix, profile × rule set.
 *
 * The top bit alone says whether the name is blocked, so the hot path needs one test; the lower bits say why,
 * for the event, the extended DNS error and the local site. In the matrix an allowed name's byte says besides by which
 * safe host it is shown (safe-search.ts). Kept free of imports: hot threads load this file.
 *
 *   bit 7       6 … 3                          2 … 0
 *      ┌───────┬──────────────────────────────┬──────┐
 *      │ block │ safe host, 0 for none        │ why  │   with the safe host masked out it is a Verdict
 *      └───────┴──────────────────────────────┴──────┘
 */

/** Set in every verdict that blocks. */
export const BLOCK_BIT = 0x80;

export const Verdict = {
  /** No rule speaks of the name. Never counted, never stored. */
  ALLOW_NO_RULE: 0x00,
  /** A catalogued service that this group may always use. */
  ALLOW_NOT_RESTRICTED: 0x01,
  /** A restricted service, asked for while the setting is closed or on a break (7.1.6). */
  ALLOW_OUTSIDE_HOURS: 0x02,
  /** A restricted service, opened by a grant of the manager (7.1.6). */
  ALLOW_GRANTED: 0x03,
  /** The box's own name: answered with the box's own address. */
  LOCAL_SITE: 0x04,
  /** Restricted during opening hours, and the setting is open (7.1.6). */
  BLOCK_OPENING_HOURS: 0x81,
  /** Restricted at all hours by the group's policy (7.1.5). */
  BLOCK_ALWAYS: 0x82,
  /** On a block list that the setting uses (7.1.5). */
  BLOCK_LIST: 0x83,
  /** Malware, illegal content, bypass, or a list marked protected: can never be granted. */
  BLOCK_PROTECTED: 0x84,
  /** Restricted during opening hours while the clock is not to be trusted: treated as open. */
  BLOCK_CLOCK_UNTRUSTED: 0x85,
} as const;

export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** The bits of a matrix byte that are the Verdict. */
export const VERDICT_MASK = 0x87;
const SAFE_HOST_SHIFT = 3;
export const MAX_SAFE_HOST = 15;

/** The byte of the verdict matrix. `safeHost`: a number of safe-search.ts; only what is allowed has one. */
export function matrixByte(verdict: Verdict, safeHost: number): number {
  return verdict | (safeHost << SAFE_HOST_SHIFT);
}

/** 0 for none. Means nothing for a blocked name. */
export function safeHostOf(byte: number): number {
  return (byte & 0x7f) >>> SAFE_HOST_SHIFT;
}

export function isBlocked(verdict: number): boolean {
  return (verdict & BLOCK_BIT) !== 0;
}

/** Short names for reports, metrics and the wire; stable, since they are stored. */
export const verdictNames: Readonly<Record<Verdict, string>> = {
  [Verdict.ALLOW_NO_RULE]: 'allow',
  [Verdict.ALLOW_NOT_RESTRICTED]: 'allow-not-restricted',
  [Verdict.ALLOW_OUTSIDE_HOURS]: 'allow-outside-hours',
  [Verdict.ALLOW_GRANTED]: 'allow-granted',
  [Verdict.LOCAL_SITE]: 'local-site',
  [Verdict.BLOCK_OPENING_HOURS]: 'block-opening-hours',
  [Verdict.BLOCK_ALWAYS]: 'block-always',
  [Verdict.BLOCK_LIST]: 'block-list',
  [Verdict.BLOCK_PROTECTED]: 'block-protected',
  [Verdict.BLOCK_CLOCK_UNTRUSTED]: 'block-clock-untrusted',
};

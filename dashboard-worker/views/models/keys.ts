/** Keys for other programs, and the documentation of what they can do. */
import type { FieldError, Frame, Instant } from './shared.ts';

/** Permissions that a key may have. */
export const keyScopes = ['now.see', 'grant.give', 'request.answer', 'usage.see', 'record.read'] as const;
export type KeyScope = (typeof keyScopes)[number];

export interface KeyForm {
  readonly name: string;
  readonly scopes: readonly KeyScope[];
}

export interface KeysModel {
  readonly frame: Frame;
  readonly keys: readonly (KeyForm & {
    readonly id: string;
    readonly madeAt: Instant;
    /** To the hour; null before its first use. */
    readonly usedAt: Instant | null;
  })[];
  /** Just made: shown now, and never again. */
  readonly made: { readonly name: string; readonly key: string } | null;
  readonly values: KeyForm;
  readonly errors: readonly FieldError[];
}

/** One method of one address of the API. */
export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly scope: KeyScope;
  readonly summary: string;
  /** JSON Schemas as people read them, indented; null where nothing is sent. */
  readonly query: string | null;
  readonly body: string | null;
  readonly answer: string;
}

export interface ApiDocumentationModel {
  readonly frame: Frame;
  /** Of the setting: every address begins with it. */
  readonly base: string;
  readonly operations: readonly ApiOperation[];
}

/** Keys for other programs, and the documentation of what they can do. */
import type { RightId } from '../../accounts/rights.ts';
import type { FieldError, Frame, Instant } from './shared.ts';

/**
 * What a key may be allowed: what people may be, and to read only where for people there is no more than to change it.
 * No key brings anybody in: inviting, roles, keys and pairing are for people.
 */
export const keyScopes = [
  'now.see',
  'grant.give',
  'request.answer',
  'device.change',
  'policy.change',
  'channel.change',
  'notice.change',
  'usage.see',
  'year.see',
  'self-grants.see',
  'device-usage.see',
  'record.read',
  'record.export',
  'people.see',
  'box.see',
] as const satisfies readonly (RightId | 'people.see' | 'box.see')[];
export type KeyScope = (typeof keyScopes)[number];

/** What an operation needs: a right, or no more than to be a key. */
export type OperationScope = KeyScope | 'self';

/** Of people, or of other programs. */
export type AnyRight = RightId | KeyScope;

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
  /** New with every showing: a form that is sent twice (a double tap) makes one key. */
  readonly formId: string;
  readonly errors: readonly FieldError[];
}

/** One method of one address of the API. */
export interface ApiOperation {
  readonly method: string;
  readonly path: string;
  readonly scope: OperationScope;
  readonly summary: string;
  /** JSON Schemas as people read them, indented; null where nothing is sent. */
  readonly query: string | null;
  readonly body: string | null;
  readonly answer: string;
}

/** What operations are about, in the order to show. */
export const apiMatters = [
  'now',
  'permissions',
  'requests',
  'devices',
  'rules',
  'channels',
  'notice',
  'figures',
  'record',
  'people',
  'boxes',
] as const;
export type ApiMatter = (typeof apiMatters)[number];

export interface ApiDocumentationModel {
  readonly frame: Frame;
  /** Of the setting: every address begins with it. */
  readonly base: string;
  /** A matter without any is left out. */
  readonly operations: Readonly<Partial<Record<ApiMatter, readonly ApiOperation[]>>>;
}

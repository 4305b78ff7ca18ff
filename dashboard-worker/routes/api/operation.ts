/**
 * What an operation of the API is: its address, the right that it needs, what it takes, what it answers, and what it
 * does. Routes, documentation and tests are all made of it.
 *
 * No schema transforms what it takes: what is documented is what is checked (z.toJSONSchema).
 */
import * as z from 'zod/mini';
import { oneLine } from '../../../policy-rules/show-text.ts';
import type { RemoteSetting } from '../../accounts/directory.ts';
import type { Bindings } from '../../bindings.ts';
import type { Actor } from '../../setting/record.ts';
import type { FieldError, OperationScope } from '../../views/models.ts';
import { isDate, isTime } from '../forms.ts';
import type { PlaceOfProblem, ProblemStatus } from './problems.ts';

export interface Call<Query, Body> {
  readonly env: Bindings;
  readonly settingId: string;
  readonly setting: RemoteSetting;
  readonly actor: Actor;
  readonly may: ReadonlySet<OperationScope>;
  /** The id in the path; "" without one. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  /**
   * What a GET of this very address answers, where the caller has said that it is what they have read (If-Match): then
   * the change is of nothing newer.
   */
  readonly seen: Seen | null;
}

export interface Seen {
  readonly body: object;
  /** Of the policy that it is of; null where it is of none. */
  readonly version: number | null;
}

export type Answer =
  | { readonly status: 200 | 201; readonly body: object; readonly version?: number }
  | { readonly status: ProblemStatus; readonly detail: string; readonly errors?: readonly PlaceOfProblem[] };

/** What is too long for one piece is sent as it is read. */
export type Stream = { readonly stream: Response };

export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** After /api/v1/settings/:setting. */
  readonly path: string;
  readonly scope: OperationScope;
  readonly summary: string;
  readonly query: z.ZodMiniType | null;
  readonly body: z.ZodMiniType | null;
  /** Of JSON; otherwise the types of what is sent. */
  readonly answer: z.ZodMiniType | readonly string[];
  readonly status: 200 | 201;
  readonly run: (call: Call<unknown, unknown>) => Promise<Answer | Stream>;
}

/** The types of query and body are known within, and checked before `run` is called. */
export function operation<Query, Body>(
  facts: Omit<Operation, 'run' | 'query' | 'body' | 'status'> & {
    readonly query?: z.ZodMiniType<Query>;
    readonly body?: z.ZodMiniType<Body>;
    readonly status?: 201;
    readonly run: (call: Call<Query, Body>) => Promise<Answer | Stream>;
  },
): Operation {
  return { status: 200, query: null, body: null, ...facts, run: facts.run as Operation['run'] };
}

/** `version`: of the policy that it was read from. */
export function ok(body: object, version?: number): Answer {
  return { status: 200, body, ...(version !== undefined && { version }) };
}

/** For a change of the policy: it is made only of what was read. */
export function seenVersion({ seen }: Pick<Call<unknown, unknown>, 'seen'>): { readonly seen?: number } {
  return seen === null || seen.version === null ? {} : { seen: seen.version };
}

export function notFound(what: string): Answer {
  return { status: 404, detail: `There is no such ${what} here.` };
}

/** What a form would say beside its fields. */
export function wrongFields(errors: readonly FieldError[]): Answer {
  const places = errors.map(({ field, message }) => ({ at: `/${field}`, message }));
  return { status: 422, detail: 'What was sent cannot be used.', errors: places };
}

// ---- schemas that several operations share ------------------------------------------------------------------------

export const Instant = z.int();

/** Of a device, a group, a service or a category, as people know it. */
export const Name = z.object({ kind: z.string(), name: z.optional(z.string()) });

export const Month = z.string().check(
  z.regex(/^20\d{2}-\d{2}$/, 'expected a month as YYYY-MM'),
  z.refine((month) => isDate(`${month}-01`), 'there is no such month'),
);

/** A day at most: what is longer belongs into the rules. */
export const Minutes = z.int().check(z.minimum(1), z.maximum(24 * 60));

export const Words = z.string().check(z.overwrite(oneLine), z.minLength(1), z.maxLength(300));

export const CalendarDate = z
  .string()
  .check(z.regex(/^20\d{2}-\d{2}-\d{2}$/, 'expected a date as YYYY-MM-DD'), z.refine(isDate, 'there is no such date'));
export const TimeOfDay = z
  .string()
  .check(z.refine(isTime, 'expected a time as HH:MM'), z.meta({ pattern: '^\\d{2}:\\d{2}$' }));

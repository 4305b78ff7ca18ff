/** Errors of the API: every one is application/problem+json (RFC 9457). */
import type { Context } from 'hono';
import * as z from 'zod/mini';

const Place = z.object({ at: z.string(), message: z.string() });
export type PlaceOfProblem = z.infer<typeof Place>;

export const Problem = z.object({
  /** RFC 9457, section 4.2.1: no more is meant than the status says. */
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.optional(z.string()),
  /** Where in what was sent, for 422: a JSON pointer, or the name of a field. */
  errors: z.optional(z.array(Place)),
});
type Problem = z.infer<typeof Problem>;

const titles = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
} as const;

export type ProblemStatus = keyof typeof titles;

export function titleOf(status: ProblemStatus): string {
  return titles[status];
}

export function problem(
  c: Context,
  status: ProblemStatus,
  detail?: string,
  errors?: readonly PlaceOfProblem[],
): Response {
  const body: Problem = {
    type: 'about:blank',
    title: titles[status],
    status,
    ...(detail !== undefined && { detail }),
    ...(errors !== undefined && { errors: [...errors] }),
  };
  return c.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

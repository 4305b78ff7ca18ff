/**
 * Figures: active minutes by service, and a year as the committee reviews it. No device and no person is in them, but for
 * who allowed something for themselves, which the chair sees.
 */
import * as z from 'zod/mini';
import { committeeGrants, isHidden } from '../../views/pages.ts';
import { yearSpanProblems } from '../pages.ts';
import { Instant, Month, Name, ok, operation, wrongFields } from './operation.ts';

const minutes = { blocked: z.int(), granted: z.int() };

/** Null stands for fewer than 5, which could point at one person. */
const Count = z.nullable(z.int());

const byPurpose = z.object({ personal: Count, official: Count, emergency: Count });
const byMode = z.object({ written: Count, verbal: Count });

export const figureOperations = [
  operation({
    name: 'readUsage',
    method: 'GET',
    path: '/usage',
    scope: 'usage.see',
    summary: 'Read active minutes by service and hour, of this week or this term',
    query: z.strictObject({ span: z.optional(z.enum(['week', 'term'])) }),
    answer: z.object({
      first: z.string(),
      last: z.string(),
      byService: z.array(z.object({ serviceName: z.string(), ...minutes })),
      byHour: z.array(z.object({ hour: z.int(), ...minutes })),
    }),
    run: async ({ setting, actor, query }) => {
      const { first, last, byService, byHour } = await setting.usage(query.span ?? 'week', actor);
      return ok({ first, last, byService, byHour });
    },
  }),
  operation({
    name: 'readYear',
    method: 'GET',
    path: '/year',
    scope: 'year.see',
    summary: 'Read the figures of whole months, as the committee sees them: null stands for fewer than 5',
    query: z.strictObject({ from: Month, to: Month }),
    answer: z.object({
      first: z.string(),
      last: z.string(),
      /** The minutes of services run along them. */
      months: z.array(z.string()),
      services: z.array(z.object({ serviceName: z.string(), blocked: z.array(Count), granted: z.array(Count) })),
      grants: z.object({
        ...{ total: Count, toSelf: Count, endedEarly: Count, byPurpose, byMode },
        reasons: z.array(z.object({ reason: z.string(), count: Count })),
      }),
      channels: z.object({ channels: z.int(), permissions: z.int() }),
      requests: z.object({ made: Count, refused: Count, lapsed: Count }),
      /** Days on which the box did not report at all; null when that is not known. */
      daysWithoutReport: z.nullable(z.int()),
    }),
    run: async ({ setting, actor, query: { from, to } }) => {
      const [asked, until] = [`${from}-01`, `${to}-01`];
      const errors = yearSpanProblems(asked, until);
      if (errors.length > 0) return wrongFields(errors);
      const year = await setting.year(asked, until, true, actor);
      const { first, last, months, services, channels, requests, daysWithoutReport } = year;
      const grants = committeeGrants(year.grants);
      return ok({
        ...{ first, last, months, channels, daysWithoutReport },
        services: services.map(({ serviceName, blocked, granted }) => ({
          ...{ serviceName, blocked: blocked.map(shown), granted: granted.map(shown) },
        })),
        grants: {
          ...eachShown({ total: grants.total, toSelf: grants.toSelf, endedEarly: grants.endedEarly }),
          byPurpose: eachShown(grants.byPurpose),
          byMode: eachShown(grants.byMode),
          reasons: grants.reasons.map(({ reason, count }) => ({ reason, count: shown(count) })),
        },
        requests: eachShown(requests),
      });
    },
  }),
  operation({
    name: 'listSelfGrants',
    method: 'GET',
    path: '/self-grants',
    scope: 'self-grants.see',
    summary: 'List what people allowed for themselves, the newest first, as the chair sees it: no device is named',
    query: z.strictObject({
      /** Counted from 1; of fifty each. */
      page: z.optional(z.string().check(z.regex(/^[1-9]\d{0,5}$/, 'expected the number of a page'))),
    }),
    answer: z.object({
      /** The first moment of the last twelve months, and how many began since then. */
      ...{ yearFrom: Instant, inYear: z.int() },
      ...{ total: z.int(), page: z.int(), pageCount: z.int() },
      grants: z.array(
        z.object({
          /** "" where the name has been erased. */
          by: z.string(),
          /** For whom, where a program gave it; "" where whoever gave it did. */
          person: z.string(),
          scope: Name,
          ...{ from: Instant, until: Instant, endedAt: z.nullable(Instant) },
          /** How many devices and groups. */
          targets: z.int(),
          ...{ purpose: z.string(), mode: z.string(), reason: z.string(), noted: z.boolean() },
        }),
      ),
    }),
    run: async ({ setting, query }) => {
      const { frame: _, ...listed } = await setting.selfGrants(Number(query.page ?? '1'));
      return ok(listed);
    },
  }),
];

function shown(count: number): number | null {
  return isHidden(count) ? null : count;
}

function eachShown<Name extends string>(counts: Readonly<Record<Name, number>>) {
  return Object.fromEntries(Object.entries<number>(counts).map(([name, count]) => [name, shown(count)]));
}

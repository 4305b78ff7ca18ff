/**
 * What another program can do here: each operation with its address, the scope of the key, the schemas that check what is
 * sent and say what is answered, and the work. Routes and OpenAPI are both made of this table.
 *
 * No schema transforms what it takes: what is documented is what is checked (z.toJSONSchema).
 */
import * as z from 'zod/mini';
import { GrantScope, GrantTarget } from '../../../policy-rules/grants.ts';
import { oneLine } from '../../../policy-rules/show-text.ts';
import type { RemoteSetting } from '../../accounts/directory.ts';
import type { GrantProblem, GrantWish } from '../../setting/grants.ts';
import type { Actor } from '../../setting/record.ts';
import { type KeyScope, recordKinds } from '../../views/models.ts';
import { recordSentence } from '../../views/pages.ts';
import type { ProblemStatus } from './problems.ts';

export interface Call<Query, Body> {
  readonly setting: RemoteSetting;
  readonly actor: Actor;
  /** The id in the path; "" without one. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
}

export type Answer =
  | { readonly status: 200 | 201; readonly body: object }
  | { readonly status: ProblemStatus; readonly detail: string };

export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** After /api/v1/settings/:setting. */
  readonly path: string;
  readonly scope: KeyScope;
  readonly summary: string;
  readonly query: z.ZodMiniType | null;
  readonly body: z.ZodMiniType | null;
  readonly answer: z.ZodMiniType;
  readonly status: 200 | 201;
  readonly run: (call: Call<unknown, unknown>) => Promise<Answer>;
}

/** The types of query and body are known within, and checked before `run` is called. */
function operation<Query, Body>(
  facts: Omit<Operation, 'run' | 'query' | 'body' | 'status'> & {
    readonly query: z.ZodMiniType<Query> | null;
    readonly body: z.ZodMiniType<Body> | null;
    readonly status?: 201;
    readonly run: (call: Call<Query, Body>) => Promise<Answer>;
  },
): Operation {
  return { status: 200, ...facts, run: facts.run as Operation['run'] };
}

const Name = z.object({ kind: z.string(), name: z.optional(z.string()) });
const Instant = z.int();

const Device = z.object({ id: z.string(), name: z.string(), group: z.string() });

export const Permission = z.object({
  id: z.string(),
  targets: z.array(Name),
  scope: Name,
  from: Instant,
  until: Instant,
  purpose: z.string(),
  mode: z.string(),
  reason: z.string(),
  askedBy: z.string(),
  grantedBy: z.string(),
  grantedAt: Instant,
  toSelf: z.boolean(),
  state: z.object({ kind: z.string() }),
});

const Words = z.string().check(z.overwrite(oneLine), z.minLength(1), z.maxLength(300));
const Minutes = z.int().check(z.minimum(1), z.maximum(24 * 60));

export const NewPermission = z.object({
  targets: z.array(GrantTarget).check(z.minLength(1), z.maxLength(50)),
  scope: GrantScope,
  minutes: Minutes,
  purpose: z.enum(['personal', 'official', 'emergency']),
  mode: z.enum(['written', 'verbal']),
  reason: Words,
  askedBy: Words,
});

export const Request = z.object({
  id: z.string(),
  /** Null when nobody has named the device. */
  deviceName: z.nullable(z.string()),
  scope: Name,
  minutes: z.int(),
  reason: z.string(),
  askedBy: z.string(),
  askedAt: Instant,
});

export const RequestReply = z.union([
  z.object({ answer: z.literal('yes'), minutes: Minutes, words: z.optional(Words) }),
  z.object({ answer: z.literal('no'), words: Words }),
]);

const RecordPage = z.object({
  entries: z.array(
    z.object({
      sequence: z.int(),
      at: Instant,
      /** Null when the box or the dashboard itself did it; "" when the name has been erased. */
      who: z.nullable(z.string()),
      type: z.string(),
      sentence: z.string(),
    }),
  ),
  total: z.int(),
  page: z.int(),
  pageCount: z.int(),
});

const Minute = { blocked: z.int(), granted: z.int() };
const Usage = z.object({
  first: z.string(),
  last: z.string(),
  byService: z.array(z.object({ serviceName: z.string(), ...Minute })),
  byHour: z.array(z.object({ hour: z.int(), ...Minute })),
});

export const operations: readonly Operation[] = [
  operation({
    name: 'listDevices',
    method: 'GET',
    path: '/devices',
    scope: 'now.see',
    summary: 'List the named devices',
    query: null,
    body: null,
    answer: z.object({ devices: z.array(Device) }),
    run: async ({ setting }) => {
      const { policy } = await setting.policy();
      return ok({ devices: policy.devices.map(({ id, name, group }) => ({ id, name, group })) });
    },
  }),
  operation({
    name: 'listPermissions',
    method: 'GET',
    path: '/grants',
    scope: 'now.see',
    summary: 'List what is allowed now, booked, or ended within the last hour',
    query: null,
    body: null,
    answer: z.object({ grants: z.array(Permission) }),
    run: async ({ setting }) => ok({ grants: (await setting.grants()).map(permissionOf) }),
  }),
  operation({
    name: 'givePermission',
    method: 'POST',
    path: '/grants',
    scope: 'grant.give',
    summary: 'Give permission from now on',
    query: null,
    body: NewPermission,
    status: 201,
    answer: Permission,
    run: async ({ setting, actor, body }) => {
      const { minutes, ...rest } = body;
      const wish: GrantWish = { ...rest, until: { minutes } };
      const given = await setting.giveGrant(wish, actor);
      if (!given.ok) return { status: 422, detail: given.problem === 'gone' ? 'gone' : problems[given.problem] };
      const found = await setting.grant(given.id);
      if (found === null) throw new Error('a permission that was just given is not there');
      return { status: 201, body: permissionOf(found.grant) };
    },
  }),
  operation({
    name: 'endPermission',
    method: 'POST',
    path: '/grants/:id/end',
    scope: 'grant.give',
    summary: 'End a permission early',
    query: null,
    body: null,
    answer: Permission,
    run: async ({ setting, actor, id }) => {
      if ((await setting.grant(id)) === null) return { status: 404, detail: 'There is no such permission here.' };
      if ((await setting.endGrant(id, actor)) === null) return { status: 409, detail: 'It has ended already.' };
      const found = await setting.grant(id);
      if (found === null) throw new Error('a permission that was just ended is not there');
      return ok(permissionOf(found.grant));
    },
  }),
  operation({
    name: 'listRequests',
    method: 'GET',
    path: '/requests',
    scope: 'now.see',
    summary: 'List the requests that wait for an answer',
    query: null,
    body: null,
    answer: z.object({ requests: z.array(Request) }),
    run: async ({ setting }) => ok({ requests: await setting.requests() }),
  }),
  operation({
    name: 'answerRequest',
    method: 'POST',
    path: '/requests/:id/answer',
    scope: 'request.answer',
    summary: 'Answer a request',
    query: null,
    body: RequestReply,
    answer: z.object({ grantId: z.nullable(z.string()) }),
    run: async ({ setting, actor, id, body }) => {
      const wish =
        body.answer === 'no' ? { refuse: body.words } : { grant: { minutes: body.minutes }, words: body.words ?? '' };
      const answered = await setting.answerRequest(id, wish, actor);
      if (answered.ok) return ok({ grantId: answered.grantId });
      switch (answered.problem) {
        case 'no-such-request':
          return { status: 404, detail: 'There is no such request here.' };
        case 'gone':
          return { status: 409, detail: 'It has been answered, or has lapsed.' };
        case 'no-device':
          return { status: 409, detail: 'Nobody has named the device that asked: answer on the dashboard.' };
        default:
          return { status: 422, detail: problems[answered.problem] };
      }
    },
  }),
  operation({
    name: 'readUsage',
    method: 'GET',
    path: '/usage',
    scope: 'usage.see',
    summary: 'Read active minutes by service and hour',
    query: z.object({ span: z.optional(z.enum(['week', 'term'])) }),
    body: null,
    answer: Usage,
    run: async ({ setting, actor, query }) => {
      const { first, last, byService, byHour } = await setting.usage(query.span ?? 'week', actor);
      return ok({ first, last, byService, byHour });
    },
  }),
  operation({
    name: 'readRecord',
    method: 'GET',
    path: '/record',
    scope: 'record.read',
    summary: 'Read the record, the newest first, fifty entries a page',
    query: z.object({
      kind: z.optional(z.enum(recordKinds)),
      page: z.optional(z.string().check(z.regex(/^[1-9]\d{0,6}$/))),
    }),
    body: null,
    answer: RecordPage,
    run: async ({ setting, query }) => {
      const { entries, frame, total, page, pageCount } = await setting.record(
        { kind: query.kind ?? '' },
        Number(query.page ?? 1),
      );
      const readable = entries.map((entry) => ({
        sequence: entry.sequence,
        at: entry.at,
        who: entry.who,
        type: entry.event.type,
        sentence: recordSentence(entry, frame.timeZone),
      }));
      return ok({ entries: readable, total, page, pageCount });
    },
  }),
];

const problems: Readonly<Record<GrantProblem, string>> = {
  'no-such-target': 'There is no such device or group.',
  'no-such-scope': 'There is no such service or category.',
  protected: 'This is protected: nobody can allow it.',
  closed: 'The setting is closed for today.',
  'time-over': 'That time is over.',
  'too-long': 'A permission lasts a day at most.',
  'start-over': 'That time is over.',
  'too-far': 'That is too far ahead.',
  'not-over': 'That time is not over.',
};

function ok(body: object): Answer {
  return { status: 200, body };
}

/** Without its story. */
function permissionOf<Model extends { readonly told: unknown }>({ told: _, ...facts }: Model): Omit<Model, 'told'> {
  return facts;
}

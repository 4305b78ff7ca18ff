/** Permission: what is allowed, giving it, booking it, more of it, the end of it, and what was allowed before it was entered. */
import * as z from 'zod/mini';
import type { GivenAndTold } from '../../setting/setting.ts';
import { spoken } from '../../views/language.ts';
import type { UsualGrant } from '../../views/models.ts';
import {
  type Answer,
  CalendarDate,
  type Call,
  Instant,
  Minutes,
  Name,
  notFound,
  ok,
  operation,
  TimeOfDay,
  Words,
} from './operation.ts';

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
  /** What people did with it, in the order of time. */
  story: z.array(
    z.object({
      kind: z.string(),
      at: Instant,
      by: z.string(),
      until: z.optional(Instant),
      /** Of what was allowed for the same while it was in force. */
      purpose: z.optional(z.string()),
      person: z.optional(z.string()),
      reason: z.optional(z.string()),
    }),
  ),
  /** What other permissions open of it as well, now: that stays open when this one is ended. */
  also: z.array(z.object({ id: z.string(), scope: Name, targets: z.array(Name), until: Instant, by: z.string() })),
});

/** One device, or every device of a group. What names both could be read as either. */
const Target = z.union([z.strictObject({ device: z.string() }), z.strictObject({ group: z.string() })]);

/** Each once: the same one twice would be two permissions. */
const Targets = z.array(Target).check(
  z.minLength(1),
  z.maxLength(50),
  z.refine((targets) => new Set(targets.map((target) => JSON.stringify(target))).size === targets.length, 'each once'),
  z.meta({ uniqueItems: true }),
);

const Close = z.strictObject({ close: z.literal(true) });
/** The end of the opening period that is running. */
const Session = z.strictObject({ session: z.literal(true) });
const Until = z.union([z.strictObject({ minutes: Minutes }), Session, Close, z.strictObject({ time: TimeOfDay })]);

const Scope = z.union([
  z.strictObject({ service: z.string() }),
  z.strictObject({ category: z.string() }),
  z.strictObject({ allSocial: z.literal(true) }),
]);

const wish = {
  targets: Targets,
  scope: Scope,
  purpose: z.enum(['personal', 'official', 'emergency']),
  reason: Words,
  askedBy: Words,
};

export const NewPermission = z.strictObject({
  ...wish,
  /** Left out: from now on. A date of null is today. */
  from: z.optional(z.strictObject({ date: z.nullable(CalendarDate), time: TimeOfDay })),
  until: Until,
  mode: z.enum(['written', 'verbal']),
  /** The id of a request that it answers, with other words than were asked for; needs “request.answer” as well. */
  request: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
});

/** Given lately: to give it again, `repeat` it by its id. */
const Usual = z.object({
  id: z.string(),
  targets: z.array(Name),
  scope: Name,
  minutes: z.int(),
  reason: z.string(),
});

/** Said by word of mouth earlier today, and over. */
const NotedPermission = z.strictObject({ ...wish, from: TimeOfDay, until: TimeOfDay });

const MoreTime = z.strictObject({
  more: z.union([z.strictObject({ minutes: Minutes }), Session, Close]),
  /** The end that it was read with: where it is another one by now, nothing is added. */
  knownEnd: Instant,
});

export const permissionOperations = [
  operation({
    name: 'listPermissions',
    method: 'GET',
    path: '/grants',
    scope: 'now.see',
    summary: 'List what is allowed now, booked, or ended within the last hour',
    answer: z.object({ grants: z.array(Permission) }),
    run: async ({ setting }) => ok({ grants: (await setting.grants()).map(permissionOf) }),
  }),
  operation({
    name: 'listUsualPermissions',
    method: 'GET',
    path: '/grants/usual',
    scope: 'grant.give',
    summary: 'List what was given on the last day before this one, and what is given most often, to be repeated',
    answer: z.object({
      dayBefore: z.nullable(z.object({ at: Instant, grants: z.array(Usual) })),
      usual: z.array(Usual),
    }),
    run: async ({ setting }) => {
      const { dayBefore, usual } = await setting.give('');
      return ok({
        dayBefore: dayBefore && { at: dayBefore.at, grants: dayBefore.grants.map(usualOf) },
        usual: usual.map(usualOf),
      });
    },
  }),
  operation({
    name: 'readPermission',
    method: 'GET',
    path: '/grants/:id',
    scope: 'now.see',
    summary: 'Read a permission',
    answer: Permission,
    run: (call) => readPermission(call, call.id, 200),
  }),
  operation({
    name: 'givePermission',
    method: 'POST',
    path: '/grants',
    scope: 'grant.give',
    summary: 'Give permission from now on, or book it',
    body: NewPermission,
    status: 201,
    answer: Permission,
    run: async (call) => {
      const { setting, actor, may } = call;
      const { from, request = '', ...body } = call.body;
      if (request !== '' && !may.has('request.answer')) {
        await setting.noteAccessRefused('request.answer', actor);
        return { status: 403, detail: 'To answer a request with it, the key needs “request.answer” as well.' };
      }
      const wanted = { ...body, ...(from !== undefined && { from }) };
      return given(call, await setting.giveGrant(wanted, actor, request));
    },
  }),
  operation({
    name: 'notePermission',
    method: 'POST',
    path: '/grants/noted',
    scope: 'grant.give',
    summary: 'Enter what was allowed by word of mouth earlier today: a record only',
    body: NotedPermission,
    status: 201,
    answer: Permission,
    run: async (call) => {
      const { from: time, until, ...rest } = call.body;
      const noted = { ...rest, mode: 'verbal', from: { date: null, time }, until: { time: until } } as const;
      return given(call, await call.setting.noteGrant(noted, call.actor, ''));
    },
  }),
  operation({
    name: 'repeatPermission',
    method: 'POST',
    path: '/grants/:id/repeat',
    scope: 'grant.give',
    summary: 'Give the same permission again, from now on, for as long as it was',
    status: 201,
    answer: Permission,
    run: async (call) => {
      const repeated = await call.setting.repeatGrant(call.id, call.actor);
      return repeated === null ? notFound('permission') : given(call, repeated);
    },
  }),
  operation({
    name: 'extendPermission',
    method: 'POST',
    path: '/grants/:id/extend',
    scope: 'grant.give',
    summary: 'Give a permission more time',
    body: MoreTime,
    answer: Permission,
    run: async (call) => {
      const { setting, actor, id, body } = call;
      if ((await setting.grant(id)) === null) return notFound('permission');
      return given(call, await setting.extendGrant(id, body.more, body.knownEnd, actor), 200);
    },
  }),
  operation({
    name: 'endPermission',
    method: 'POST',
    path: '/grants/:id/end',
    scope: 'grant.give',
    summary: 'End a permission early',
    answer: Permission,
    run: async (call) => {
      const { setting, actor, id } = call;
      if ((await setting.grant(id)) === null) return notFound('permission');
      if ((await setting.endGrant(id, actor)) === null) return { status: 409, detail: 'It has ended already.' };
      return readPermission(call, id, 200);
    },
  }),
];

type AnyCall = Pick<Call<unknown, unknown>, 'setting'>;

/** `status`: of a permission that is new, unless it is said. */
function given(
  call: AnyCall,
  result: GivenAndTold | Awaited<ReturnType<AnyCall['setting']['noteGrant']>>,
  status: 200 | 201 = 201,
): Answer | Promise<Answer> {
  if (result.ok) return readPermission(call, result.id, status);
  if (result.problem === 'gone') return { status: 409, detail: 'No such request waits for an answer here.' };
  return { status: 422, detail: spoken.give.problems[result.problem] };
}

async function readPermission({ setting }: AnyCall, id: string, status: 200 | 201): Promise<Answer> {
  const found = await setting.grant(id);
  return found === null ? notFound('permission') : { status, body: permissionOf(found.grant) };
}

function usualOf({ grantId: id, ...facts }: UsualGrant): object {
  return { id, ...facts };
}

function permissionOf<Model extends { readonly told: unknown }>({ told, ...facts }: Model): object {
  return { ...facts, story: told };
}

/** Rules: groups with what is blocked for them and when, networks, opening hours, and taking the last change back. */
import * as z from 'zod/mini';
import {
  FIRST_NAMES_MAX,
  FirstName,
  Group,
  GroupKind,
  Network,
  OneOffOpening,
  OpeningHours,
  Restriction,
  SafeSearch,
} from '../../../policy-rules/policy.ts';
import { safeSearchOf } from '../../../policy-rules/safe-search.ts';
import { daysOfMonth } from '../../../policy-rules/schedule.ts';
import { grantableCategories } from '../../setting/give-choices.ts';
import { groupRulesOf, unusableRules } from '../../setting/group-rules.ts';
import { withoutPastOpenings } from '../../setting/opening.ts';
import { readScopeKey } from '../../views/models.ts';
import { changeSentences } from '../../views/pages.ts';
import { eachOnce } from '../first-names.ts';
import {
  type Answer,
  CalendarDate,
  type Call,
  Instant,
  Month,
  notFound,
  ok,
  operation,
  seenVersion,
} from './operation.ts';
import { changePolicy, PolicyChanged, PreviewQuery } from './policy-changes.ts';

const Listed = z.object({ id: Group.shape.id, name: Group.shape.name, kind: GroupKind });

/** By id; what is not named follows the catalogue, and a service its category. */
const Rules = z.strictObject({
  categories: z.record(z.string(), Restriction),
  services: z.record(z.string(), Restriction),
});

const { name: _, ...placeOfNetwork } = Network.shape;

const FirstNames = z.strictObject({ names: z.array(FirstName).check(z.maxLength(FIRST_NAMES_MAX)) });

const Hours = z.strictObject(OpeningHours.shape);

const LastChange = z.object({
  version: z.int(),
  at: Instant,
  /** "" where the name has been erased. */
  who: z.string(),
  changes: z.array(z.string()),
  /** What taking it back would change. */
  undoing: z.array(z.string()),
});

export const ruleOperations = [
  operation({
    name: 'listServices',
    method: 'GET',
    path: '/services',
    scope: 'now.see',
    summary: 'List the categories and services that can be allowed',
    answer: z.object({
      categories: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          services: z.array(z.object({ id: z.string(), name: z.string() })),
        }),
      ),
    }),
    run: async () => ok({ categories: services() }),
  }),
  operation({
    name: 'listGroups',
    method: 'GET',
    path: '/groups',
    scope: 'now.see',
    summary: 'List the groups of devices',
    answer: z.object({ groups: z.array(Listed) }),
    run: async ({ setting }) => {
      const { policy } = await setting.policy();
      return ok({ groups: policy.groups.map(({ id, name, kind }) => ({ id, name, kind })) });
    },
  }),
  operation({
    name: 'readGroupRules',
    method: 'GET',
    path: '/groups/:id/rules',
    scope: 'policy.change',
    summary: 'Read what is blocked for a group, and when',
    answer: Rules,
    run: (call) => ofGroup(call, (group) => groupRulesOf(group).rules),
  }),
  operation({
    name: 'changeGroupRules',
    method: 'PUT',
    path: '/groups/:id/rules',
    scope: 'policy.change',
    summary: 'Change what is blocked for a group, and when',
    query: PreviewQuery,
    body: Rules,
    answer: PolicyChanged,
    run: async (call) => {
      const unusable = unusableRules(call.body);
      if (unusable.length > 0) {
        return { status: 422, detail: `There is no rule of this setting’s own for: ${unusable.join(', ')}.` };
      }
      return await changePolicy(
        call,
        { kind: 'group-rules', group: call.id, rules: call.body, ...seenVersion(call) },
        2,
      );
    },
  }),
  operation({
    name: 'readSafeSearch',
    method: 'GET',
    path: '/groups/:id/safe-search',
    scope: 'policy.change',
    summary: 'Read what a group sees of search engines and YouTube',
    answer: SafeSearch,
    run: (call) => ofGroup(call, safeSearchOf),
  }),
  operation({
    name: 'changeSafeSearch',
    method: 'PUT',
    path: '/groups/:id/safe-search',
    scope: 'policy.change',
    summary: 'Change what a group sees of search engines and YouTube',
    query: PreviewQuery,
    body: z.strictObject(SafeSearch.shape),
    answer: PolicyChanged,
    run: (call) =>
      changePolicy(call, { kind: 'safe-search', group: call.id, safeSearch: call.body, ...seenVersion(call) }, 3),
  }),
  operation({
    name: 'readNetworks',
    method: 'GET',
    path: '/networks',
    scope: 'policy.change',
    summary: 'Read as which group devices without a name are filtered on each network',
    answer: z.object({ networks: z.array(Network) }),
    run: async ({ setting }) => {
      const { policy } = await setting.policy();
      return ok({ networks: policy.networks }, policy.version);
    },
  }),
  operation({
    name: 'changeNetworks',
    method: 'PUT',
    path: '/networks',
    scope: 'policy.change',
    summary: 'Change as which group devices without a name are filtered',
    query: PreviewQuery,
    body: z.strictObject({ networks: z.array(z.strictObject(placeOfNetwork)) }),
    answer: PolicyChanged,
    run: async (call) => {
      const { policy } = await call.setting.policy();
      const ranges = new Set(policy.networks.map(({ range }) => range));
      const errors = call.body.networks.flatMap(({ range }, at) =>
        ranges.has(range) ? [] : [{ at: `/networks/${at}/range`, message: 'There is no such network here.' }],
      );
      if (errors.length > 0) return { status: 422, detail: 'What was sent cannot be used.', errors };
      const groups = Object.fromEntries(call.body.networks.map(({ range, group }) => [range, group]));
      return await changePolicy(call, { kind: 'networks', groups, ...seenVersion(call) }, 0);
    },
  }),
  operation({
    name: 'readFirstNames',
    method: 'GET',
    path: '/first-names',
    scope: 'policy.change',
    summary: 'Read the first names that staff choose from when they ask',
    answer: FirstNames,
    run: async ({ setting }) => {
      const { policy } = await setting.policy();
      return ok({ names: policy.firstNames ?? [] }, policy.version);
    },
  }),
  operation({
    name: 'changeFirstNames',
    method: 'PUT',
    path: '/first-names',
    scope: 'policy.change',
    summary: 'Change the first names that staff choose from: each once, in the order of the alphabet',
    query: PreviewQuery,
    body: FirstNames,
    answer: PolicyChanged,
    run: (call) =>
      changePolicy(call, { kind: 'first-names', names: eachOnce(call.body.names), ...seenVersion(call) }, 1),
  }),
  operation({
    name: 'readHours',
    method: 'GET',
    path: '/hours',
    scope: 'policy.change',
    summary: 'Read opening hours, breaks, terms, closures and one-off openings',
    answer: OpeningHours,
    run: async ({ setting }) => {
      const { hours, version } = await setting.hours();
      return ok(hours, version);
    },
  }),
  operation({
    name: 'changeHours',
    method: 'PUT',
    path: '/hours',
    scope: 'policy.change',
    summary: 'Change opening hours, breaks, terms, closures and one-off openings',
    query: PreviewQuery,
    body: Hours,
    answer: PolicyChanged,
    run: async (call) => {
      const hours = withoutPastOpenings(call.body, await call.setting.today());
      return await changePolicy(call, { kind: 'hours', hours, ...seenVersion(call) }, 1);
    },
  }),
  operation({
    name: 'addOpening',
    method: 'POST',
    path: '/hours/openings',
    scope: 'policy.change',
    summary: 'Open on one day beside the usual hours',
    query: PreviewQuery,
    body: z.strictObject({ ...OneOffOpening.shape, date: CalendarDate }),
    answer: PolicyChanged,
    run: (call) => changePolicy(call, { kind: 'opening', opening: call.body }, 3),
  }),
  operation({
    name: 'readCalendar',
    method: 'GET',
    path: '/calendar',
    scope: 'policy.change',
    summary: 'Read the days of a month: open, closed, and why',
    query: z.strictObject({ month: Month }),
    answer: z.object({
      days: z.array(
        z.object({
          date: z.string(),
          weekday: z.string(),
          shut: z.optional(z.object({ cause: z.string(), name: z.optional(z.string()) })),
          usuallyOpen: z.boolean(),
          oneOff: z.array(OneOffOpening),
        }),
      ),
    }),
    run: async ({ setting, query }) => {
      const { hours } = await setting.hours();
      return ok({ days: daysOfMonth(hours, query.month) });
    },
  }),
  operation({
    name: 'readLastChange',
    method: 'GET',
    path: '/rules/last-change',
    scope: 'policy.change',
    summary: 'Read the newest change of devices, rules or hours, if it can be taken back with this key',
    answer: z.object({ last: z.nullable(LastChange) }),
    run: async ({ setting, may }) => {
      const { last } = await setting.lastChange();
      // As on the page: it names devices, and who uses them.
      if (last === null || (last.changesDevices && !may.has('device.change'))) return ok({ last: null });
      const { version, at, who, facts, undoing } = last;
      return ok({
        last: { version, at, who, changes: changeSentences(facts), undoing: changeSentences(undoing.facts) },
      });
    },
  }),
  operation({
    name: 'undoLastChange',
    method: 'POST',
    path: '/rules/last-change/undo',
    scope: 'policy.change',
    summary: 'Take the newest change back',
    body: z.strictObject({ version: z.int() }),
    answer: PolicyChanged,
    run: async (call) => {
      const { setting, actor, may, body } = call;
      const { last } = await setting.lastChange();
      // What a version changed never changes, so that what is asked of it here still holds when it is taken back.
      if (last === null) return { status: 409, detail: 'There is no change that can be taken back.' };
      if (last.version !== body.version) return { status: 412, detail: 'Another change is the newest by now.' };
      if (last.changesDevices && !may.has('device.change')) {
        await setting.noteAccessRefused('device.change', actor);
        return { status: 403, detail: 'The newest change is of devices, which this key may not change.' };
      }
      return changePolicy({ ...call, query: null }, { kind: 'undo', version: body.version }, 0);
    },
  }),
];

/** Of the group in the path. */
async function ofGroup(
  { setting, id }: Pick<Call<unknown, unknown>, 'setting' | 'id'>,
  read: (group: Group) => object,
): Promise<Answer> {
  const { policy } = await setting.policy();
  const group = policy.groups.find((known) => known.id === id);
  return group === undefined ? notFound('group') : ok(read(group), policy.version);
}

function services(): object[] {
  return grantableCategories.map(({ key, name, services: all }) => ({
    ...{ id: idOf(key), name },
    services: all.map((service) => ({ id: idOf(service.key), name: service.name })),
  }));
}

/** Of what a form names by a key. */
function idOf(key: string): string {
  const scope = readScopeKey(key);
  if (scope === undefined || 'allSocial' in scope) throw new Error(`no service or category is meant by ${key}`);
  return 'service' in scope ? scope.service : scope.category;
}

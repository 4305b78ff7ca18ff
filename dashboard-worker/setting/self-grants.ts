/** What the manager allowed themselves: for the chair, who never sees a device, so none is named. */
import type { SelfGrant, SelfGrantsModel } from '../views/models.ts';
import { byStory, type Story, targetsOf } from './grant-stories.ts';
import { personOf, toGrant } from './grants.ts';
import { isNameOf, scopeName } from './naming.ts';
import { calendarOf, instantOf } from './opening.ts';
import { policyOf } from './policies.ts';
import type { Store } from './store.ts';
import { yearBefore } from './year.ts';

const ON_A_PAGE = 50;

/** In the last twelve months and before, the newest first; `page` counts from 1, and the nearest is shown. */
export function selfGrantsPage(store: Store, page: number, nowMs: number): Omit<SelfGrantsModel, 'frame'> {
  const grants = selfGrants(store);
  const { timeZone } = policyOf(store);
  const yearFrom = instantOf(timeZone, yearBefore(calendarOf(timeZone, nowMs).date));
  const pageCount = Math.max(1, Math.ceil(grants.length / ON_A_PAGE));
  const shown = Math.min(Math.max(1, page), pageCount);
  const first = (shown - 1) * ON_A_PAGE;
  return {
    yearFrom,
    inYear: grants.filter(({ from }) => from >= yearFrom).length,
    total: grants.length,
    grants: grants.slice(first, first + ON_A_PAGE),
    page: shown,
    pageCount,
  };
}

/** All that is kept, the newest first: of a story what that person gave themselves, not what a colleague did. Names and reasons of what is older than 13 months have been erased. */
function selfGrants(store: Store): SelfGrant[] {
  const rows = store.run((db) =>
    db.selectFrom('grants').selectAll().where('to_self', '=', 1).orderBy('granted_at').orderBy('target_json'),
  );
  return byStory(rows, ({ decision, granted_by }) => `${decision} ${granted_by}`)
    .map(toSelfGrant)
    .toReversed();
}

function toSelfGrant(rows: Story): SelfGrant {
  const [first] = rows;
  const { scope, purpose, mode, reason, grantedBy } = toGrant(first);
  const ended = rows.flatMap(({ revoked_at }) => revoked_at ?? []);
  const person = personOf(first);
  return {
    by: grantedBy,
    person: isNameOf(person, grantedBy) ? '' : person,
    scope: scopeName(scope),
    from: Math.min(...rows.map(({ from_at }) => from_at)),
    until: Math.max(...rows.map(({ until_at }) => until_at)),
    targets: targetsOf(rows).length,
    purpose,
    mode,
    reason,
    noted: first.after_the_fact === 1,
    endedAt: ended.length === 0 ? null : Math.max(...ended),
  };
}

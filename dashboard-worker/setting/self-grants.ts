/** What the manager allowed themselves: for the chair, who never sees a device, so none is named. */
import type { SelfGrant } from '../views/models.ts';
import { byStory, type Story, targetsOf } from './grant-stories.ts';
import { toGrant } from './grants.ts';
import { scopeName } from './naming.ts';
import type { Store } from './store.ts';

/** All that is kept, the newest first. Names and reasons of what is older than 13 months have been erased. */
export function selfGrants(store: Store): SelfGrant[] {
  const rows = store.run((db) =>
    db
      .selectFrom('grants')
      .selectAll()
      .where('story', 'in', (eb) => eb.selectFrom('grants').select('story').where('to_self', '=', 1))
      .orderBy('granted_at')
      .orderBy('target_json'),
  );
  return byStory(rows).map(toSelfGrant).toReversed();
}

function toSelfGrant(rows: Story): SelfGrant {
  const [first] = rows;
  const { scope, purpose, mode, reason, grantedBy } = toGrant(first);
  const ended = rows.flatMap(({ revoked_at }) => revoked_at ?? []);
  return {
    by: grantedBy,
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

/**
 * How many rows of SQLite what happens in a setting writes, as Cloudflare counts and charges them (those of indices too):
 * what docs/capacity.md reckons with. In workerd, on the object's own database.
 */
import { runInDurableObject } from 'cloudflare:test';
import { beforeAll, expect, it } from 'vitest';
import { updateBox } from '../../dashboard-worker/setting/boxes.ts';
import {
  acknowledgeGrants,
  endStory,
  type GrantWish,
  giveGrant,
  grantsVersion,
} from '../../dashboard-worker/setting/grants.ts';
import { adoptPolicy } from '../../dashboard-worker/setting/policies.ts';
import { writeRecord } from '../../dashboard-worker/setting/record.ts';
import { answerRequest, receiveRequest } from '../../dashboard-worker/setting/requests.ts';
import type { Setting } from '../../dashboard-worker/setting/setting.ts';
import { Store } from '../../dashboard-worker/setting/store.ts';
import { applyUsage } from '../../dashboard-worker/setting/usage.ts';
import { defaultPolicy } from '../../policy-rules/default-policy.ts';
import { applyMigrations, bindings, device, otherSetting } from './worker-fixtures.ts';

const nowMs = Date.UTC(2026, 10, 12, 10, 0);
const actor = { id: 'user-1', name: 'Tracey Field', sessionId: 'session-1' };
const facebook: GrantWish = {
  targets: [{ device: 'office-pc' }],
  scope: { service: 'facebook' },
  until: { minutes: 30 },
  purpose: 'personal',
  mode: 'verbal',
  reason: 'Reply to a parent on our page',
  askedBy: 'Jo',
};

beforeAll(applyMigrations);

it('of use: four for each row and one for the batch', () =>
  counting((store, written) => {
    const rows = (count: number) =>
      ['facebook', 'instagram', 'tiktok', 'youtube', 'snapchat'].map((service) => ({
        device: '',
        service,
        verdict: 'blocked' as const,
        hourStart: nowMs,
        count,
        minutesLow: count,
        minutesHigh: 0,
      }));
    const fresh = written(() => applyUsage(store, 'box-1', 1, rows(1), nowMs));
    const grown = written(() => applyUsage(store, 'box-1', 2, rows(3), nowMs));
    expect(fresh).toBeGreaterThanOrEqual(grown);
    expect(grown).toBe(5 * 4 + 1);
  }));

it('of a permission: thirty-one for one that is asked for on the box, twenty for one that is given, to its confirmed end', () =>
  counting((store, written) => {
    const confirm = () => acknowledgeGrants(store, grantsVersion(store), nowMs, nowMs);
    const id = crypto.randomUUID();
    const asked = { id, device: 'office-pc', scope: facebook.scope, minutes: 10, reason: 'Photos', askedBy: 'Jo' };
    const afterAsking = written(() => {
      receiveRequest(store, { ...asked, askedAt: nowMs }, nowMs);
      const answered = answerRequest(store, id, { grant: { minutes: 10 }, words: '' }, actor, nowMs);
      if (!answered.ok || answered.grantId === null) throw new Error('it was not allowed');
      confirm();
      expect(endStory(store, answered.grantId, actor, nowMs + 60_000)).toBe(true);
      confirm();
    });
    const given = written(() => {
      const result = giveGrant(store, facebook, actor, nowMs, crypto.randomUUID());
      if (!result.ok) throw new Error(result.problem);
      confirm();
      expect(endStory(store, result.id, actor, nowMs + 60_000)).toBe(true);
      confirm();
    });
    expect(afterAsking).toBe(31);
    expect(given).toBe(20);
  }));

it('of an entry of the record three, and of a report of the box one', () =>
  counting((store, written) => {
    const event = { type: 'hours-changed' } as const;
    expect(written(() => writeRecord(store, { at: nowMs, by: actor, subject: '', event }))).toBe(3);
    store.script(
      "INSERT INTO boxes (id, public_key, name, enrolled_at, software_version) VALUES ('box-1', 'key', 'Box', 1, '1')",
    );
    expect(written(() => updateBox(store, 'box-1', { health_json: '{}', last_seen_at: nowMs }))).toBe(1);
  }));

type Written = (work: () => void) => number;

/** A setting's own database; `written` is how many rows the work has written. */
async function counting(work: (store: Store, written: Written) => void): Promise<void> {
  const { id } = await otherSetting();
  const stub = bindings.SETTING.get(bindings.SETTING.idFromName(id));
  await runInDurableObject(stub, (_: Setting, { storage }) => {
    const cursors: { readonly rowsWritten: number }[] = [];
    const sql = new Proxy(storage.sql, {
      get(of, property) {
        if (property !== 'exec') throw new Error(`not counted: ${String(property)}`);
        return (query: string, ...values: SqlStorageValue[]) => {
          const cursor = of.exec(query, ...values);
          cursors.push(cursor);
          return cursor;
        };
      },
    });
    const counted = new Proxy(storage, {
      get(of, property) {
        if (property === 'sql') return sql;
        if (property === 'transactionSync') return of.transactionSync.bind(of);
        throw new Error(`not counted: ${String(property)}`);
      },
    });
    const store = new Store(counted);
    const policy = defaultPolicy('Openshaw Nursery');
    adoptPolicy(store, { ...policy, devices: [device('office-pc', 'Office PC', '192.168.1.2')] }, 'Openshaw', nowMs);
    work(store, (part) => {
      cursors.length = 0;
      part();
      return cursors.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0);
    });
  });
}

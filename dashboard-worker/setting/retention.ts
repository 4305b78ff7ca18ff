/**
 * What is kept for how long ("Privacy is a feature"): device-level hours 30 days, device-level days 90 days,
 * setting-level weeks and months 25 months, names beside grants and in the record 13 months, the record 25 months.
 *
 * The coarser figures are summed as usage comes in (usage.ts), so that what is deleted here changes none of them.
 */
import { Temporal } from 'temporal-polyfill';
import type { Policy } from '../../policy-rules/policy.ts';
import { forgetReaders } from './acknowledgements.ts';
import { forgetChannels } from './channels.ts';
import { currentPolicy, lastChange, policyOf } from './policies.ts';
import { writeRecord } from './record.ts';
import { forgetCalls } from './repeated-calls.ts';
import type { Store } from './store.ts';

const DEVICE_HOURS_DAYS = 30;
export const DEVICE_DAYS_KEPT = 90;
const SETTING_MONTHS = 25;
const NAMES_MONTHS = 13;
const RECORD_MONTHS = 25;

/** The triggers on the record count in UTC from the moment itself; a day more keeps clear of them. */
const RECORD_MARGIN_DAYS = 1;

export function applyRetention(store: Store, nowMs: number): void {
  const { timeZone } = policyOf(store);
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  const before = (age: Temporal.DurationLike) => now.subtract(age);
  const date = (at: Temporal.ZonedDateTime) => at.toPlainDate().toString();
  const namesBefore = before({ months: NAMES_MONTHS, days: RECORD_MARGIN_DAYS }).epochMilliseconds;
  const recordBefore = before({ months: RECORD_MONTHS, days: RECORD_MARGIN_DAYS }).epochMilliseconds;
  store.transaction(() => {
    store.change((db) =>
      db.deleteFrom('usage_hours').where('hour_start', '<', before({ days: DEVICE_HOURS_DAYS }).epochMilliseconds),
    );
    store.change((db) => db.deleteFrom('usage_days').where('date', '<', date(before({ days: DEVICE_DAYS_KEPT }))));
    const oldest = date(before({ months: SETTING_MONTHS }));
    store.change((db) => db.deleteFrom('usage_weeks').where('week', '<', oldest));
    store.change((db) => db.deleteFrom('usage_months').where('month', '<', oldest.slice(0, 7)));
    store.change((db) => db.deleteFrom('reporting_days').where('date', '<', oldest));
    store.change((db) =>
      db
        .updateTable('grants')
        .set((eb) => ({
          reason: '',
          asked_by: '',
          granted_by: '',
          granted_by_id: null,
          revoked_by: eb.case().when('revoked_by', 'is', null).then(null).else('').end(),
        }))
        .where('until_at', '<', namesBefore)
        .where('granted_by', '!=', ''),
    );
    // The words of a request are in the record; the request itself is of no use once its day is over.
    store.change((db) =>
      db
        .deleteFrom('requests')
        .where('status', '!=', 'waiting')
        .where('answered_at', '<', before({ days: DEVICE_HOURS_DAYS }).epochMilliseconds),
    );
    store.change((db) =>
      db
        .deleteFrom('record_words')
        .where('seq', 'in', (eb) => eb.selectFrom('record').select('seq').where('at', '<', namesBefore)),
    );
    forgetReaders(store, namesBefore);
    forgetChannels(store, namesBefore);
    forgetCalls(store, nowMs);
    // Versions that were replaced; the newest stays, however old.
    store.change((db) =>
      db
        .deleteFrom('notices')
        .where('published_at', '<', recordBefore)
        .where('version', '<', (eb) =>
          eb.selectFrom('notices as all').select((max) => max.fn.max('all.version').as('newest')),
        ),
    );
    expireRecord(store, recordBefore, nowMs);
    store.change((db) => db.deleteFrom('grants').where('until_at', '<', recordBefore));
    thinPolicies(store, before({ days: DEVICE_DAYS_KEPT }).epochMilliseconds, recordBefore, nowMs);
    store.change((db) => db.deleteFrom('pairing_codes').where('expires_at', '<', nowMs));
  });
}

/**
 * The first entries, up to the first that has to be kept: the chain goes on from the last of them, which a checkpoint
 * stands for, and the record says so itself.
 */
function expireRecord(store: Store, before: number, nowMs: number): void {
  const { first } = store.first((db) =>
    db
      .selectFrom('record')
      .select((eb) => eb.fn.min<number | null>('seq').as('first'))
      .where('at', '>=', before),
  )!;
  const last = store.first((db) =>
    db
      .selectFrom('record')
      .select(['seq', 'hash'])
      .where('seq', '<', first ?? Number.MAX_SAFE_INTEGER)
      .orderBy('seq', 'desc')
      .limit(1),
  );
  if (last === undefined) return;
  const { seq, hash } = last;
  writeRecord(store, { at: nowMs, by: null, subject: '', event: { type: 'prefix-expired', sequence: seq, hash } });
  store.change((db) => db.insertInto('record_checkpoints').values({ seq, hash }));
  store.change((db) => db.deleteFrom('record_words').where('seq', '<=', seq));
  store.change((db) => db.deleteFrom('record_sources').where('seq', '<=', seq));
  store.change((db) => db.deleteFrom('record').where('seq', '<=', seq));
}

/**
 * The newest version is in force and stays whole, and so does the one before it while the change can be taken back; what
 * came before is for the record, which needs neither addresses nor who uses what.
 */
function thinPolicies(store: Store, addressesBefore: number, versionsBefore: number, nowMs: number): void {
  const keptFrom = lastChange(store, nowMs)?.before.version ?? currentPolicy(store)?.version ?? 0;
  store.change((db) =>
    db.deleteFrom('policy_versions').where('version', '<', keptFrom).where('saved_at', '<', versionsBefore),
  );
  const old = store.run((db) =>
    db
      .selectFrom('policy_versions')
      .select(['version', 'document_json'])
      .where('version', '<', keptFrom)
      .where('saved_at', '<', addressesBefore)
      .where((eb) =>
        eb.or(['addresses', 'macs', 'firstNames'].map((list) => eb('document_json', 'like', `%"${list}":["%`))),
      ),
  );
  for (const { version, document_json } of old) {
    const { firstNames: _, ...policy } = JSON.parse(document_json) as Policy;
    const devices = policy.devices.map(({ user: _, ...device }) => ({ ...device, addresses: [], macs: [] }));
    store.change((db) =>
      db
        .updateTable('policy_versions')
        .set({ document_json: JSON.stringify({ ...policy, devices }) })
        .where('version', '=', version),
    );
  }
}

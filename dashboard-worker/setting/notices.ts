/**
 * The monitoring notice as this setting publishes it: its wording, its versions, and the facts that are filled in.
 * A version is never changed; who has read which is in acknowledgements.ts.
 */
import { type MonitoringNotice, type NoticeFacts, noticeSections } from '../../policy-rules/monitoring-notice.ts';
import { formatDate } from '../views/format.ts';
import { en } from '../views/messages.ts';
import type { NoticeForm, NoticeModel } from '../views/models.ts';
import { currentBox } from './boxes.ts';
import { assessedOn, noteReportingBegun } from './device-reporting.ts';
import { policyOf } from './policies.ts';
import { type Actor, writeRecord } from './record.ts';
import type { Store } from './store.ts';

export function newestNotice(store: Store): MonitoringNotice | null {
  const row = newestRow(store);
  if (row === undefined) return null;
  return { version: row.version, publishedAt: row.published_at, sections: JSON.parse(row.sections_json) };
}

/** What the form is filled in with: as it was published last, or a beginning to be gone over. */
export function noticeWording(store: Store): NoticeForm {
  const row = newestRow(store);
  return row === undefined ? en.notice.firstWording : JSON.parse(row.wording_json);
}

/** The text that such a wording would be published as now. */
export function draftNotice(store: Store, wording: NoticeForm): MonitoringNotice['sections'] {
  return noticeSections(factsOf(store, wording));
}

/** What its page shows of the newest version. `wording`: what it was published with. */
export function publishedModel(
  store: Store,
  { version, publishedAt, sections }: MonitoringNotice,
  wording: NoticeForm,
): NonNullable<NoticeModel['published']> {
  const onBox = currentBox(store)?.notice_version;
  return {
    version,
    at: publishedAt,
    sections,
    isOutdated: JSON.stringify(sections) !== JSON.stringify(draftNotice(store, wording)),
    onBox: onBox === undefined ? 'no-box' : onBox === null ? 'too-old' : onBox < version ? 'on-its-way' : 'shown',
  };
}

/**
 * `known`: the newest version that the person was shown, 0 for none. Null, and nothing is written, when there is a newer
 * one by now: a form that was sent twice would ask everybody twice.
 */
export function publishNotice(
  store: Store,
  wording: NoticeForm,
  known: number,
  actor: Actor,
  nowMs: number,
): number | null {
  return store.transaction(() => {
    const newest = newestRow(store)?.version ?? 0;
    if (newest !== known) return null;
    // A box may have a newer one than a dashboard that was restored: it takes nothing older.
    const version = Math.max(newest, currentBox(store)?.notice_version ?? 0) + 1;
    store.change((db) =>
      db.insertInto('notices').values({
        version,
        published_at: nowMs,
        wording_json: JSON.stringify(wording),
        sections_json: JSON.stringify(draftNotice(store, wording)),
      }),
    );
    noteReportingBegun(store, nowMs);
    writeRecord(store, { at: nowMs, by: actor, subject: '', event: { type: 'notice-published', version } });
    return version;
  });
}

function factsOf(store: Store, { seenBy, contact, more }: NoticeForm): NoticeFacts {
  const { groups, settingName } = policyOf(store);
  const names = (own: boolean) => groups.filter(({ kind }) => (kind === 'setting') === own).map(({ name }) => name);
  const date = assessedOn(store);
  return {
    settingName,
    recordedGroups: names(true),
    unrecordedGroups: names(false),
    ...{ seenBy, contact, more },
    assessedOn: date === null ? null : formatDate(date),
  };
}

function newestRow(store: Store) {
  return store.first((db) => db.selectFrom('notices').selectAll().orderBy('version', 'desc').limit(1));
}

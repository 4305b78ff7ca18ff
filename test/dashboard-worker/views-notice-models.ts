/** Models of the pages of the monitoring notice: before there is one, with people outstanding, and many people. */
import type { NoticeModel, NoticePreviewModel } from '../../dashboard-worker/views/models.ts';
import { noticeSections } from '../../policy-rules/monitoring-notice.ts';
import { awkward, frame, nowMs } from './views-models.ts';

const wording = { seenBy: ['The Nursery Manager', awkward], contact: awkward, more: ['Doors are never filmed.'] };

const sections = noticeSections({
  settingName: 'Sunny Days',
  recordedGroups: ['Nursery devices'],
  unrecordedGroups: ['Staff’s own', awkward],
  ...wording,
  assessedOn: '1 October 2026',
});

export const noNotice: NoticeModel = {
  frame,
  published: null,
  reporting: { on: false, missing: ['assessment', 'notice'] },
  assessedOn: null,
  today: '2026-11-12',
  readers: [],
  strangers: [],
  values: { seenBy: [], contact: '', more: [] },
  errors: [
    { field: 'contact', message: 'Say whom people may ask.' },
    { field: 'date', message: 'Write a date that is not in the future, for example 1 September 2026.' },
  ],
};

export const readNotice: NoticeModel = {
  ...noNotice,
  published: { version: 3, at: nowMs, sections, isOutdated: true, onBox: 'shown' },
  reporting: { on: true, missing: [] },
  assessedOn: '2026-10-01',
  readers: [
    { id: 'r1', name: awkward, acknowledged: null },
    { id: 'r2', name: 'Aisha Khan', acknowledged: { at: nowMs, how: 'site' } },
    { id: 'r3', name: 'Jo Hall', acknowledged: { at: nowMs, how: 'paper' } },
  ],
  strangers: [{ name: `${awkward} the other`, at: nowMs }],
  values: wording,
  errors: [],
};

export const manyReaders: NoticeModel = {
  ...readNotice,
  published: { version: 3, at: nowMs, sections, isOutdated: false, onBox: 'on-its-way' },
  readers: Array.from({ length: 200 }, (_, nth) => ({
    id: `r${nth}`,
    name: `Person ${nth + 1}`,
    acknowledged: nth % 2 === 0 ? null : { at: nowMs, how: 'site' },
  })),
};

export const noticePreview: NoticePreviewModel = { frame, known: 3, sections, isUnchanged: false, values: wording };

/**
 * The monitoring notice (4.2, 5.1): what people are told of the recording before it begins, with the setting's own facts.
 *
 * Owns its text and the shape in which a published version is kept. The dashboard publishes it; the box shows what was
 * published, word for word, and this text with general facts as long as nothing was.
 */
import * as z from 'zod/mini';
import { Instant } from './grants.ts';
import { oneLine } from './show-text.ts';

const Line = z.string().check(z.overwrite(oneLine), z.maxLength(1_000));

export const NoticeSection = z.object({
  title: Line,
  paragraphs: z.array(Line).check(z.maxLength(20)),
  items: z.array(Line).check(z.maxLength(60)),
});
export type NoticeSection = z.infer<typeof NoticeSection>;

/** Counted from 1 for each setting. */
export const NoticeVersion = z.int().check(z.minimum(1), z.maximum(1_000_000));

export const MonitoringNotice = z.object({
  version: NoticeVersion,
  publishedAt: Instant,
  sections: z.array(NoticeSection).check(z.minLength(1), z.maxLength(20)),
});
export type MonitoringNotice = z.infer<typeof MonitoringNotice>;

/** Somebody has read a version of the notice, and said so on the local site under this name. */
export const Acknowledgement = z.object({
  id: z.uuid(),
  version: NoticeVersion,
  name: z.string().check(z.overwrite(oneLine), z.minLength(1), z.maxLength(80)),
  at: Instant,
});
export type Acknowledgement = z.infer<typeof Acknowledgement>;

export interface NoticeFacts {
  readonly settingName: string;
  /** Names of groups whose devices are recorded, and of those whose devices never are. */
  readonly recordedGroups: readonly string[];
  readonly unrecordedGroups: readonly string[];
  /** Who sees the figures, a line for each person or office. */
  readonly seenBy: readonly string[];
  /** Whom to ask, and to whom to object: a name and how to reach them. */
  readonly contact: string;
  /** What the setting wants to say beside it, a line for each paragraph. */
  readonly more: readonly string[];
  /** When the data protection assessment was done, as people read it; null as long as it was not. */
  readonly assessedOn: string | null;
}

/** What holds for every setting, for a box that was told no notice yet. */
export function generalFacts(settingName: string): NoticeFacts {
  return {
    settingName,
    recordedGroups: [],
    unrecordedGroups: [],
    seenBy: ['The manager, and those to whom the manager has delegated.'],
    contact: 'the manager',
    more: [],
    assessedOn: null,
  };
}

export function noticeSections(facts: NoticeFacts): NoticeSection[] {
  const { settingName, recordedGroups, unrecordedGroups, seenBy, contact, more, assessedOn } = facts;
  return [
    section('Why', [
      `Internet use on ${settingName}’s own devices is filtered and regularly monitored (4.2, 5.1). Social media is closed during opening hours (7.1.5), unless the manager has given permission (7.1.6). This notice says what that means.`,
    ]),
    section(
      'What is recorded',
      [
        recordedGroups.length === 0
          ? 'On the setting’s own devices, and on no others:'
          : `On the setting’s own devices, which are those in ${quoted(recordedGroups)}, and on no others:`,
      ],
      [
        'How many minutes a known service (such as Facebook) was asked for, while a rule blocked it or a permission opened it. Counts, not contents.',
        'That a device tried to go round the filter.',
        'Permissions: what was asked, by whom, why, and the answer (7.2.16).',
        'Changes to the rules.',
      ],
    ),
    section(
      'What is never recorded',
      [],
      [
        'The sites that you visit, allowed or not, and their addresses.',
        unrecordedGroups.length === 0
          ? 'Anything about a personal or a guest’s device, beyond that one was on the network.'
          : `Anything about a personal or a guest’s device, which are those in ${quoted(unrecordedGroups)}, beyond that one was on the network.`,
        'A device that nobody has named as the setting’s own, by itself: such devices are counted together.',
        'Who was using a shared device.',
        'Scores or rankings of people.',
      ],
    ),
    section('What the box cannot see', [
      'It answers the question “where is this site?” and nothing else. It cannot see search words, pages, posts, messages or photos. It cannot tell the setting’s own page from a personal account. It sees nothing of mobile data, of devices elsewhere, or of apps that carry their own addresses. It cannot end a connection that is already open.',
    ]),
    section(
      'For how long',
      [],
      [
        'Hours of a device: 30 days, at most 90',
        'Days of a device: 90 days',
        'Weeks of the whole setting: 25 months',
        'Permissions with names: 13 months, then without names',
        'The record of permissions and changes: 25 months',
        'That you have read this notice: as long as it is the newest, then 13 months',
        'Signed yearly reviews: 3 years',
      ],
    ),
    section(
      'Who sees it',
      [],
      [
        'You: what is recorded about a device, on that device, at the box’s own site.',
        ...seenBy,
        'The management committee: figures of the whole setting, once a year. It never sees a device, and counts under 5 read “fewer than 5”.',
        'Each look at a device’s figures is itself recorded.',
      ],
    ),
    section('If you have a question, or object', [
      `Speak to ${contact}. You may ask to see what is kept about you and to have it put right, and you may object to the monitoring for reasons of your own situation (UK GDPR, Articles 15, 16 and 21). You get an answer within a month.`,
      'If the answer does not help, you may complain to the Information Commissioner’s Office (telephone 0303 123 1113).',
      assessedOn === null
        ? 'The setting has not finished its data protection assessment yet. Until it has, all devices are counted together on the dashboard, none by itself.'
        : `The setting has weighed this monitoring against your privacy in its data protection assessment of ${assessedOn}, which you may ask to see.`,
    ]),
    ...(more.length === 0 ? [] : [section(`What ${settingName} adds`, more)]),
  ];
}

function section(title: string, paragraphs: readonly string[], items: readonly string[] = []): NoticeSection {
  return { title, paragraphs: [...paragraphs], items: [...items] };
}

/** “Office” and “Tablets”. */
function quoted(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names.map((name) => `“${name}”`));
}

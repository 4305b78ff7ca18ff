/** The monitoring notice, and what hangs on it. The notice's own text is policy-rules/monitoring-notice.ts. */

import type { DeviceReporting, NoticeForm, NoticeModel } from '../models.ts';
import { plural } from './plural.ts';

type OnBox = NonNullable<NoticeModel['published']>['onBox'];

export const notice = {
  title: 'Monitoring notice',
  intro:
    'What you tell people about filtering and recording, before it begins. Staff read it in the browser of any device here.',
  firstWording: {
    seenBy: [
      'The Nursery Manager and the deputy manager.',
      'The designated safeguarding lead, when something is to be looked into.',
    ],
    contact: 'the Nursery Manager',
    more: [],
  } satisfies NoticeForm,
  reporting: {
    title: 'Figures of single devices',
    on: 'They are kept: people have been told by the notice, and the assessment has its date.',
    off: 'Figures of single devices are not kept yet: all devices are counted together. Filtering, permission and alerts work without them.',
    todo: 'What is to be done first:',
    missing: {
      assessment: 'Do a data protection assessment, and enter its date.',
      notice: 'Publish the monitoring notice.',
    } satisfies Record<DeviceReporting['missing'][number], string>,
    link: 'To the monitoring notice',
    askManager: 'The manager does that on the page “Notice”.',
  },
  published: 'What is published',
  none: 'No notice has been published yet. The box shows a general text until one is.',
  version: (version: number, when: string) => `Version ${version}, published ${when}.`,
  show: 'Read it',
  outdated:
    'Since then the name of the setting, its groups or the date of the assessment have changed. Publish a new version, so that the notice is true.',
  onBox: {
    'no-box': 'No box is paired, so staff cannot read it on their devices yet.',
    'too-old': 'The box does not say that it can show it: it may be away since, or its software is older than this.',
    'on-its-way': 'It is on its way to the box.',
    shown: 'The box shows it at http://stairgate.home.arpa/notice, also while this dashboard is away.',
  } satisfies Record<OnBox, string>,
  assessment: {
    title: 'Data protection assessment',
    text: 'The Information Commissioner expects a data protection impact assessment before workers are monitored. Enter the day on which yours was done or last gone over.',
    date: 'Date of the assessment',
    save: 'Save the date',
  },
  readers: {
    title: 'Who has read it',
    intro:
      'A new version asks everybody again. Who looks after an official channel, or is entered as the one who uses a device, is on this list too; who leaves looks after no channel any more.',
    none: 'Nobody is on the list yet. Add those who work here, and you see who is outstanding.',
    outstanding: (count: number) =>
      plural(count, { one: '1 person is outstanding', other: `${count} people are outstanding` }),
    nobodyOutstanding: 'Nobody is outstanding.',
    done: (count: number) => plural(count, { one: '1 person has read it', other: `${count} people have read it` }),
    outstandingLabel: 'People who are outstanding',
    doneLabel: 'People who have read it',
    paper: 'They have signed on paper',
    left: 'They have left',
    chosenHint: 'Choose one or more people first.',
    of: (name: string) => `: ${name}`,
    site: (when: string) => `Said so on a device here, ${when}`,
    onPaper: (when: string) => `Noted on paper, ${when}`,
    strangers: 'Names that are not on the list',
    strangersText: 'Somebody has said under these names that they have read it.',
    addOne: 'Add to the list',
    add: 'Add people',
    names: 'First and last names',
    namesHint:
      'One on each line. Only you see the list; staff write their own name when they say that they have read it.',
    addButton: 'Add them',
  },
  write: 'Write a new version',
  writeText: 'What is and is not recorded, and for how long, is filled in by itself.',
  seenBy: 'Who sees the figures',
  seenByHint: 'One person or office on each line.',
  contact: 'Whom to ask, and to whom to object',
  contactHint: 'It goes on after “Speak to …”: a name and how to reach them.',
  more: 'What you want to add',
  moreHint: 'Each line becomes a paragraph. It may stay empty.',
  preview: {
    title: 'Before you publish it',
    intro: 'This is what people will read. Everybody on the list is asked to read it anew.',
    unchanged: (version: number) =>
      `These are the words of version ${version}. Published again, everybody is asked to read them again.`,
    publish: 'Publish it',
    edit: 'Change it',
  },
  problems: {
    contact: 'Say whom people may ask.',
    seenBy: 'Say who sees the figures.',
    tooLong: (lines: number, characters: number) => `Write at most ${lines} lines of ${characters} characters each.`,
    date: 'Write a date that is not in the future, for example 1 September 2026.',
    nobodyChosen: 'Choose at least one person.',
    names: 'Write at least one name.',
    nameTooLong: (characters: number) => `Write each name in at most ${characters} characters.`,
    tooMany: (most: number) => `The list holds at most ${most} people. Mark those who have left.`,
  },
};

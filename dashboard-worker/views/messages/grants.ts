/** A permission: what it is for, where it stands, why it was given or refused. */
import type { ReasonId, RefusalReasonId, YesReasonId } from '../models.ts';
import { plural } from './plural.ts';

export const scope = { allSocial: 'all social media', category: (name: string) => `everything under “${name}”` };

export const target = {
  group: (name: string) => `every device in “${name}”`,
  more: (count: number) => `${count} more`,
};

export const unnamedDevice = 'a device not named as the setting’s own';

export const grant = {
  line: (scope: string, target: string) => `${scope} on ${target}`,
  lineUntil: (scope: string, target: string, time: string) => `${scope} on ${target} until ${time}`,
  lineSlot: (scope: string, target: string, from: string, until: string) =>
    `${scope} on ${target}, from ${from} until ${until}`,
  /** `at` is when: “at 15:00”, “yesterday at 15:00”. */
  state: {
    sending: 'Sending to the box…',
    waiting: 'Waiting: the box cannot be reached. It will apply when the box is back.',
    inForce: (since: string) => `In force on the box since ${since}`,
    ending: 'Ending… the box has not confirmed it yet.',
    ended: (at: string) => `Ended ${at}`,
    endedEarly: (at: string, who: string) => `Ended early ${at} by ${who}`,
    booked: (from: string) => `Booked for ${from}. The box has it already, and opens it by itself.`,
    noted: 'By word of mouth, and noted afterwards: for the record only. The box was not told.',
    refused: (reason: string) => `The box did not take it. It says: ${reason}`,
  },
  purpose: { personal: 'Personal', official: 'Official', emergency: 'Emergency' },
  mode: { written: 'In writing', verbal: 'By word of mouth' },
  /** The one phrase for it, on pages, in the record and in its copies. */
  toSelf: 'For themselves',
  byFor: (by: string, person: string) => `${by}, for ${person}`,
  story: {
    given: (who: string, at: string, until: string) => `${who} allowed it ${at}, until ${until}.`,
    extended: (who: string, at: string, until: string) => `${who} gave more time ${at}, until ${until}.`,
    joined: (who: string, at: string, until: string) => `${who} allowed the same ${at}, until ${until}.`,
    joinedFor: (who: string, at: string, until: string, person: string) =>
      `${who} allowed the same ${at}, until ${until}, for ${person}.`,
    noted: (who: string, at: string, until: string) => `${who} noted it ${at}: it had been allowed until ${until}.`,
    ended: (who: string, at: string) => `${who} ended it ${at}.`,
    somebody: 'Somebody',
  },
  moreTime: 'More time',
  moreMinutes: (minutes: number) => `${minutes} more minutes`,
  /** It stays open when the permission that is read is ended. */
  also: (scope: string, targets: string, until: string, by: string) =>
    `${scope} is also allowed on ${targets} until ${until}, by ${by}.`,
  alsoMore: (count: number) =>
    plural(count, { one: 'And by 1 more permission.', other: `And by ${count} more permissions.` }),
  moreUntilSession: (at: string) => `Until the end of this session ${at}`,
  moreUntilClose: (at: string) => `Until we close ${at}`,
};

export const reasons = {
  'parent-reply': 'reply to a parent on our page',
  'setting-page': 'post on our own page',
  training: 'training',
  activity: 'activity with the children',
  safeguarding: 'safeguarding',
  'break-cover': 'break cover',
  emergency: 'emergency',
  other: 'something else',
} satisfies Record<ReasonId, string>;

export const yesReasons = {
  none: '',
  'this-once': 'Just this once',
  'work-only': 'For work only',
  'keep-it-short': 'Please keep it short',
  'cover-first': 'As soon as somebody covers your room',
} satisfies Record<YesReasonId, string>;

export const refusalReasons = {
  'ask-later': 'Ask me again later',
  'use-break': 'Please use your break',
  'not-needed': 'Not needed for the work',
  'speak-to-me': 'Come and speak to me',
} satisfies Record<RefusalReasonId, string>;

/** Giving permission, and the page of the result. */

import type { GrantState } from '../models.ts';
import { plural } from './plural.ts';

export const give = {
  title: 'Give permission',
  usual: 'The usual, with one tap',
  asBefore: (day: string) => `The same as ${day}`,
  usualDuration: (duration: string) => `for ${duration}`,
  answering: 'You are answering this request',
  boxAway:
    'The box cannot be reached just now. You can give permission all the same: it waits here and applies when the box is back.',
  boxNone:
    'No box is paired with this dashboard. You can give permission all the same: it waits here, and applies once a box is paired.',
  notOpen: 'You are not in opening hours, so most things are open already.',
  device: 'On which devices?',
  deviceHint: 'Tick one or several.',
  groups: 'All devices of a group',
  devices: 'Devices',
  devicesOf: (group: string, count: number) =>
    `${group} (${plural(count, { one: '1 device', other: `${count} devices` })})`,
  noDevices: 'No device has a name yet.',
  noDevicesLink: 'Name a device',
  what: 'What?',
  allSocial: 'All social media',
  more: 'Something else, by kind',
  wholeCategory: (name: string) => `Everything under “${name}”`,
  until: 'Until when?',
  minutes: (count: number) => `${count} minutes`,
  session: (at: string) => `Until the end of this session ${at}`,
  close: (at: string) => `Until we close ${at}`,
  time: 'Until a time',
  timeField: 'Time, if you chose “Until a time”',
  later: 'Book it for later',
  laterHint: 'Leave both empty to begin now. “Until we close” then means closing time on that day.',
  fromDate: 'Day, if not today',
  fromTime: 'Begins at',
  why: 'Why?',
  reasonText: 'In your own words',
  reasonTextHint: 'Needed only with “Something else”.',
  who: 'Who is it for?',
  forWhom: { me: 'It is for me', other: 'For somebody else' },
  askedBy: 'Their name, if it is for somebody else',
  details: 'What kind of use, and how it is given',
  purpose: 'What kind of use is it?',
  purposes: {
    personal: 'Personal',
    official: 'Official: the nursery’s own page or work',
    emergency: 'Emergency',
  },
  mode: 'How is permission given?',
  modes: { verbal: 'By word of mouth', written: 'In writing' },
  noteLink: 'Note a permission that you gave by word of mouth earlier today',
  button: 'Give permission',
  emergency: 'Emergency',
  emergencyText: (minutes: number, group: string) =>
    `One tap opens all social media for ${minutes} minutes on every device in “${group}”. It is marked as an emergency in the record.`,
  emergencyButton: (minutes: number) => `Emergency: open for ${minutes} minutes`,
  limits:
    'Permission cannot open what is always blocked: malware, illegal content and ways round the filter. The box cannot tell the nursery’s own page from a personal account, so say above what it is for.',
  /** Why it cannot be given; beside a field, and to other programs. */
  /** What has to be filled in or chosen. */
  missing: {
    target: 'Choose a device, or all devices of a group.',
    scope: 'Choose what to allow.',
    fromTime: 'Write the time at which it begins, for example 14:00.',
    noteFrom: 'Write a time, for example 09:30.',
    untilTime: 'Write a time, for example 15:30.',
    until: 'Choose until when.',
    reasonText: 'Write the reason in your own words.',
    reason: 'Choose a reason.',
    forWhom: 'Choose who it is for.',
    askedBy: 'Write the name of who it is for.',
  },
  problems: {
    'no-such-target': 'That device or group is not there any more. Choose again.',
    'not-own-device':
      'That is somebody’s own device, of which nothing is recorded. Choose a device of the setting, or a group.',
    'no-such-scope': 'The box does not know that service. Choose another one.',
    protected: 'That is always blocked, for everyone’s safety. No permission can open it.',
    'no-session': 'No session is running then. Choose a time or some minutes.',
    closed: 'Closing time is over on that day. Choose a time or some minutes.',
    'time-over': 'That time is over. Write a later time of the same day.',
    'start-over': 'That time is over. Write a later one, or leave it empty to begin now.',
    'too-far': 'Choose a day within the next four weeks.',
    'not-over': 'It must be over by now. For what goes on, give permission from now on.',
    'too-long': 'Choose at most one day.',
  },
};

export const note = {
  title: 'Note what you allowed earlier today',
  intro:
    'For a permission that you gave by word of mouth and that is over. It goes on the record. The box is not told, and nothing is opened.',
  when: 'When was it?',
  from: 'From',
  until: 'Until',
  button: 'Put it on the record',
  instead: 'Give permission from now on instead',
};

export const grantResult = {
  titles: {
    sending: 'On its way to the box',
    waiting: 'Saved, and waiting for the box',
    'in-force': 'It is allowed',
    booked: 'It is booked',
    noted: 'It is on the record',
    ending: 'It is being ended',
    ended: 'This permission has ended',
    refused: 'The box did not take it',
  } satisfies Record<GrantState['kind'], string>,
  sentences: {
    sending: 'The box usually answers within a second.',
    waiting: 'It applies by itself as soon as the box is back, if its time is not over by then.',
    waitingSince: (since: string) =>
      `The box has not been heard from since ${since}. The permission applies by itself as soon as the box is back, if its time is not over by then.`,
    'in-force':
      'The box has confirmed it. If a page still does not open, wait half a minute, or close the app and open it again.',
    booked: 'The box opens it at that time by itself, also if the internet is away then.',
    noted: 'It opens nothing, and changes nothing afterwards: what was blocked at that time stays counted as blocked.',
    ending: 'The box has been told. It usually answers within a second.',
    endingSince: (since: string, at: string) =>
      `The box has not been heard from since ${since}. It ends the permission as soon as it is back, and ${at} by itself at the latest.`,
    ended: 'A video or call that was already running may go on until somebody closes it.',
    refused: 'Look at the Box page, then try again. Until then nothing has changed for anybody.',
  },
  table: 'The permission',
  story: 'What happened',
  who: 'On',
  what: 'What',
  from: 'From',
  until: 'Until',
  why: 'Why',
  purpose: 'Kind of use',
  mode: 'Given',
  forWhom: 'For',
  forNobody: 'nobody in particular',
  grantedBy: 'Allowed by',
  grantedAt: (who: string, at: string) => `${who}, ${at}`,
  stillBlocked: 'Still blocked in part',
  stillBlockedWhy:
    'Lists that protect against harm go before any permission. If this is a mistake, ask the person who looks after the box to look at the list.',
  back: 'Back to Now',
  another: 'Give another permission',
};

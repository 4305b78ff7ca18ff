/** Sentences of the catalogue with times and counts in them, as they come out on any day and at any count. */
import { describe, expect, it } from 'vitest';
import { formatAt, formatMoment, formatTimeOfDay } from '../../dashboard-worker/views/format.ts';
import { spoken } from '../../dashboard-worker/views/language.ts';
import { recordSentence } from '../../dashboard-worker/views/pages.ts';

const timeZone = 'Europe/London';
const nowMs = Date.parse('2026-11-12T10:32:30Z');
const when = { nowMs, timeZone };

/** A time, how it stands after “until”, and how it says when something is. */
const times = [
  ['today', '2026-11-12T15:00Z', '15:00', 'at 15:00'],
  ['this morning’s midnight', '2026-11-12T00:00Z', '00:00', 'at 00:00'],
  ['the end of today, as a setting closes that is open until 24:00', '2026-11-13T00:00Z', 'midnight', 'at midnight'],
  ['just after it', '2026-11-13T00:01Z', 'tomorrow at 00:01', 'tomorrow at 00:01'],
  ['tomorrow', '2026-11-13T08:00Z', 'tomorrow at 08:00', 'tomorrow at 08:00'],
  ['the end of tomorrow', '2026-11-14T00:00Z', 'Saturday at 00:00', 'on Saturday at 00:00'],
  ['after the weekend', '2026-11-16T08:00Z', 'Monday at 08:00', 'on Monday at 08:00'],
  ['after the holiday', '2027-01-05T08:00Z', '5 January 2027 at 08:00', 'on 5 January 2027 at 08:00'],
  ['yesterday', '2026-11-11T23:59Z', 'yesterday at 23:59', 'yesterday at 23:59'],
  ['days ago', '2026-11-09T09:00Z', '9 November 2026 at 09:00', 'on 9 November 2026 at 09:00'],
] as const;

const { now, give, grantResult, grant, box, layout, account, people, selfGrants } = spoken;

/** After “until”, “since”, “for” and a comma. */
const ofMoments: readonly ((moment: string) => string)[] = [
  now.open,
  now.onBreak,
  now.closed,
  now.boxAway,
  now.alertSince,
  box.away,
  box.pairingUntil,
  layout.notUpToDate,
  layout.warnings.boxAway,
  account.sessions.since,
  people.linkUntil,
  grantResult.sentences.waitingSince,
  grant.state.inForce,
  grant.state.booked,
  (moment) => grantResult.grantedAt('Tracey', moment),
  (moment) => people.invitedAs('Deputy', moment),
  (moment) => grant.lineUntil('Facebook', 'Office PC', moment),
  (moment) => grant.also('Facebook', 'Office PC', moment, 'Tracey'),
];

/** That something is then. */
const ofTimes: readonly ((at: string) => string)[] = [
  now.yesSession,
  now.yesClose,
  give.session,
  give.close,
  grant.moreUntilSession,
  grant.moreUntilClose,
  grant.state.ended,
  account.sessions.passwordOnly,
  selfGrants.endedAt,
  (at) => grantResult.sentences.endingSince('09:00', at),
  (at) => grant.state.endedEarly(at, 'Tracey'),
  (at) => grant.story.given('Tracey', at, '16:00'),
  (at) => grant.story.extended('Tracey', at, '16:00'),
  (at) => grant.story.joined('Tracey', at, '16:00'),
  (at) => grant.story.joinedFor('Tracey', at, '16:00', 'Jo'),
  (at) => grant.story.noted('Tracey', at, '16:00'),
  (at) => grant.story.ended('Tracey', at),
];

describe.each(times)('a sentence with a time: %s', (_, instant, moment, at) => {
  it('says the time as people do', () => {
    expect(formatMoment(Date.parse(instant), when)).toBe(moment);
    expect(formatAt(Date.parse(instant), when)).toBe(at);
  });

  it('reads well with it', () => {
    const sentences = [
      ...ofMoments.map((words) => words(formatMoment(Date.parse(instant), when))),
      ...ofTimes.map((words) => words(formatAt(Date.parse(instant), when))),
    ];
    for (const sentence of sentences) {
      expect(sentence).not.toMatch(/\b(at|on|since|until|for) (at|on|in)\b/);
      expect(sentence).not.toMatch(/\bat (tomorrow|yesterday|on|[A-Z]\w+day|\d+ [A-Z])/);
      expect(sentence).not.toMatch(/24:00|undefined|null|\s\s| [.,:]/);
    }
  });
});

describe('what is said of', () => {
  it.each([
    ['closing time today', give.close(formatAt(Date.parse('2026-11-12T18:00Z'), when)), 'Until we close at 18:00'],
    ['closing at 24:00', give.close(formatAt(Date.parse('2026-11-13T00:00Z'), when)), 'Until we close at midnight'],
    [
      'a yes until then',
      now.yesClose(formatAt(Date.parse('2026-11-13T00:00Z'), when)),
      'Yes, until we close at midnight',
    ],
    [
      'a day on which one is closed',
      now.closed(formatMoment(Date.parse('2026-11-13T08:00Z'), when)),
      'You are closed until tomorrow at 08:00. Social media is not restricted, except where a group says “always”.',
    ],
    [
      'what somebody ended the day before',
      grant.state.endedEarly(formatAt(Date.parse('2026-11-11T16:00Z'), when), 'Tracey O’Brien'),
      'Ended early yesterday at 16:00 by Tracey O’Brien',
    ],
    [
      'what ended on its own the week before',
      grant.state.ended(formatAt(Date.parse('2026-11-05T16:00Z'), when)),
      'Ended on 5 November 2026 at 16:00',
    ],
    ['a period until the end of the day', spoken.hours.span('18:00', formatTimeOfDay('24:00')), '18:00 to midnight'],
    [
      'an opening until the end of the day, on the record',
      recordSentence(
        {
          ...{ sequence: 1, at: nowMs, who: 'Tracey' },
          event: { type: 'opening-added', name: 'Sleepover', date: '2026-11-13', from: '18:00', to: '24:00' },
        },
        timeZone,
      ),
      'Tracey added an opening on 13 November 2026, 18:00 to midnight: Sleepover',
    ],
  ])('%s', (_, sentence, expected) => {
    expect(sentence).toBe(expected);
  });
});

/** Each with a count, as one reads it at none, one and two. */
const counted: readonly (readonly [(count: number) => string, string, string, string])[] = [
  [spoken.devices.count, '0 devices', '1 device', '2 devices'],
  [(count) => give.devicesOf('Office', count), 'Office (0 devices)', 'Office (1 device)', 'Office (2 devices)'],
  [grant.alsoMore, 'And by 0 more permissions.', 'And by 1 more permission.', 'And by 2 more permissions.'],
  [
    (count) => /^.*? Write /.exec(now.strayAddresses('Tablet', ['a', 'b', 'c'].slice(0, count + 1)))![0],
    'The address a of Tablet is on none of your networks. Write ',
    'The addresses a and b of Tablet are on none of your networks. Write ',
    'The addresses a, b and c of Tablet are on none of your networks. Write ',
  ],
  [layout.waitingCount, '0 requests waiting', '1 request waiting', '2 requests waiting'],
  [(count) => spoken.record.found(count, String(count)), '0 entries', '1 entry', '2 entries'],
  [spoken.time.minutes, '0 minutes', '1 minute', '2 minutes'],
  [spoken.time.hours, '0 hours', '1 hour', '2 hours'],
  [spoken.time.daysAgo, '0 days ago', '1 day ago', '2 days ago'],
  [(count) => spoken.year.channelsOpen('3', count, String(count)), '3; 0 days', '3; 1 day', '3; 2 days'],
  [spoken.year.otherServices, '0 other services', '1 other service', '2 other services'],
  [
    (count) => selfGrants.line('Tracey', 'Facebook', count),
    'Tracey allowed Facebook for themselves on 0 devices or groups',
    'Tracey allowed Facebook for themselves',
    'Tracey allowed Facebook for themselves on 2 devices or groups',
  ],
];

describe('a sentence with a count', () => {
  it.each(counted)('%o', (words, none, one, two) => {
    expect([0, 1, 2].map(words)).toEqual([none, one, two]);
  });
});

it('no sentence has a typewriter’s apostrophe', () => {
  expect(sentencesIn(spoken).filter((text) => /\p{L}'\p{L}|s' /u.test(text))).toEqual([]);
});

/** With the source of those that are made: its own quotes never stand between letters. */
function sentencesIn(words: unknown): string[] {
  if (typeof words === 'string') return [words];
  if (typeof words === 'function') return [String(words)];
  return words !== null && typeof words === 'object' ? Object.values(words).flatMap(sentencesIn) : [];
}

/** What a one-off opening comes to on the nights of clock changes: for every implementation of Temporal the same. */
import type { OpeningHours } from '../../policy-rules/policy.ts';

export type ClockChangeNight = readonly [timeZone: string, date: string, period: string, opens: string, closes: string];

// London 2026: 01:00 to 02:00 is missing on 29 March, and comes twice on 25 October; both at 01:00Z.
// New York 2026: 02:00 to 03:00 is missing on 8 March (07:00Z), and 01:00 to 02:00 comes twice on 1 November (06:00Z).
export const clockChangeNights: readonly ClockChangeNight[] = [
  ['Europe/London', '2026-03-29', '00:30-01:30', '2026-03-29T00:30Z', '2026-03-29T01:30Z'],
  ['Europe/London', '2026-03-29', '01:30-03:00', '2026-03-29T01:30Z', '2026-03-29T02:00Z'],
  ['Europe/London', '2026-03-29', '01:15-01:45', '2026-03-29T01:15Z', '2026-03-29T01:45Z'],
  ['Europe/London', '2026-03-29', '00:00-24:00', '2026-03-29T00:00Z', '2026-03-29T23:00Z'],
  ['Europe/London', '2026-10-25', '00:30-01:30', '2026-10-24T23:30Z', '2026-10-25T00:30Z'],
  ['Europe/London', '2026-10-25', '01:30-03:00', '2026-10-25T00:30Z', '2026-10-25T03:00Z'],
  ['Europe/London', '2026-10-25', '01:15-01:45', '2026-10-25T00:15Z', '2026-10-25T00:45Z'],
  ['Europe/London', '2026-10-25', '00:00-24:00', '2026-10-24T23:00Z', '2026-10-26T00:00Z'],
  ['America/New_York', '2026-03-08', '01:30-02:30', '2026-03-08T06:30Z', '2026-03-08T07:30Z'],
  ['America/New_York', '2026-11-01', '01:30-02:30', '2026-11-01T05:30Z', '2026-11-01T07:30Z'],
  // Cairo skips from 00:00 to 01:00 on 24 April: the day begins at 01:00.
  ['Africa/Cairo', '2026-04-24', '00:00-02:00', '2026-04-23T22:00Z', '2026-04-23T23:00Z'],
  ['Africa/Cairo', '2026-04-23', '22:00-24:00', '2026-04-23T20:00Z', '2026-04-23T22:00Z'],
  // Nuuk skips from 23:00 to 24:00 on 28 March: the period moves into the next day.
  ['America/Nuuk', '2026-03-28', '23:15-23:45', '2026-03-29T01:15Z', '2026-03-29T01:45Z'],
  // St John's went from 00:01 back to 23:01 of the day before: its first midnight counts.
  ['America/St_Johns', '2010-11-07', '00:00-02:00', '2010-11-07T02:30Z', '2010-11-07T05:30Z'],
];

export function closedHours(): OpeningHours {
  const week = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  return { week, breaks: week, terms: [], closures: [], bankHolidays: 'none', openings: [] };
}

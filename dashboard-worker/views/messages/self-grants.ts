/** The page of what people allowed for themselves. */
import { plural } from './plural.ts';

export const selfGrants = {
  link: 'See each permission that somebody gave for themselves',
  title: 'For themselves',
  intro:
    'Every permission that somebody gave for themselves, the manager among them, and every one that a program gave to somebody who may give it themselves. Devices are not named.',
  inYear: (day: string) => `Since ${day}`,
  before: 'Before that',
  none: 'There is none.',
  line: (who: string, scope: string, targets: number) =>
    plural(targets, {
      one: `${who} allowed ${scope} for themselves`,
      other: `${who} allowed ${scope} for themselves on ${targets} devices or groups`,
    }),
  /** By a program, for somebody who may give permission themselves. */
  lineFor: (who: string, scope: string, targets: number, person: string) =>
    plural(targets, {
      one: `${who} allowed ${scope} for ${person}`,
      other: `${who} allowed ${scope} for ${person} on ${targets} devices or groups`,
    }),
  times: (from: string, until: string) => `${from} to ${until}`,
  endedAt: (at: string) => `Ended early, ${at}.`,
  noted: 'Entered afterwards.',
  noReason: 'No reason is kept.',
  kept: 'Names and reasons are erased after 13 months, and all of it after 25.',
  back: 'Back to Year',
};

/** The page of what the manager allowed themselves. */
export const selfGrants = {
  link: 'Look at each of them',
  title: 'Allowed to oneself',
  intro:
    'Every permission for personal use that somebody gave without anybody else having asked, the manager’s own among them. Devices are not named.',
  inYear: (day: string) => `Since ${day}`,
  before: 'Before that',
  none: 'There is none.',
  line: (who: string, scope: string, targets: number) =>
    targets === 1
      ? `${who} allowed themselves ${scope}`
      : `${who} allowed themselves ${scope} on ${targets} devices or groups`,
  times: (from: string, until: string) => `${from} to ${until}`,
  endedAt: (time: string) => `Ended early, at ${time}.`,
  noted: 'Entered afterwards.',
  noReason: 'No reason is kept.',
  kept: 'Names and reasons are erased after 13 months, and all of it after 25.',
  back: 'Back to Year',
};

/** The figures of one device. */
export const deviceUsage = {
  title: (device: string) => `What ${device} did`,
  seen: 'That you have looked is on the record, where staff can see it, and the box shows it to whoever uses the device.',
  usedBy: (person: string) =>
    `The device is entered as used by ${person} alone. That is no proof: others may have had it in their hands.`,
  usedByMany: 'Several people may use this device, so nothing here can be put down to a person.',
  none: (days: number) => `Nothing has been blocked or allowed by permission on it in the last ${days} days.`,
  kept: (days: number) => `Figures of single devices are deleted after ${days} days.`,
  total: (days: number, blocked: string, granted: string) =>
    `Active minutes in the last ${days} days: ${blocked} blocked, ${granted} allowed by permission.`,
  week: (monday: string) => `Week from ${monday}`,
  table: 'Active minutes by day and kind of service',
  weeks: 'All weeks that are kept',
  weekTable: 'Active minutes by week',
  weekColumn: 'Week',
  category: 'Kind of service',
  caveats: [
    'An active minute is a minute in which the device asked for a service at least once. Two services of one kind in the same minute count twice.',
    'Allowed minutes may be too few: asking once can open an hour’s video.',
    'Blocked minutes may be too many: apps knock in the background by themselves, while nobody is using them.',
  ],
  back: 'Back to Usage',
  /** On the page Usage. */
  listTitle: 'Single devices',
  listText: 'What one of the setting’s own devices did, day by day. Whoever looks is recorded.',
};

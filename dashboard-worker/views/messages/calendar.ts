/** The calendar of opening days. */
export const calendar = {
  title: 'Calendar',
  link: 'See the year on a calendar',
  intro: 'Which days you count as open, and why not on others. Social media is blocked on open days, in their hours.',
  change: 'Change the hours',
  earlier: 'Earlier months',
  later: 'Later months',
  pages: 'Other months',
  keys: {
    open: 'Open',
    closed: 'Not open by the usual week',
    closure: 'Closure',
    'bank holiday': 'Bank holiday',
    'out of term': 'Out of term',
  },
  oneOff: 'One-off opening',
  today: 'Today',
  usual: 'Every day as in the usual week.',
  /** Days that follow each other; `days` is "5 December" or "21 to 31 December". */
  run: (what: string, days: string) => `${what}: ${days}`,
  shut: {
    closure: (name: string) => `Closed for “${name}”`,
    'bank holiday': (name: string) => `Bank holiday, ${name}`,
    'out of term': () => 'Out of term',
  },
  openFor: (name: string) => `Open for “${name}”`,
  openTimes: (day: string, from: string, to: string) => `${day}, ${from} to ${to}`,
  days: (first: number, last: number, month: string) =>
    first === last ? `${first} ${month}` : `${first} to ${last} ${month}`,
};

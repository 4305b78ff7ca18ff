/** Instants and lengths of time. */
import { plural } from './plural.ts';

export const time = {
  secondsAgo: (count: number) => (count < 2 ? 'just now' : `${count} seconds ago`),
  minutesAgo: (count: number) => plural(count, { one: '1 minute ago', other: `${count} minutes ago` }),
  hoursAgo: (count: number) => plural(count, { one: '1 hour ago', other: `${count} hours ago` }),
  daysAgo: (count: number) => plural(count, { one: '1 day ago', other: `${count} days ago` }),
  minutes: (count: number) => plural(count, { one: '1 minute', other: `${count} minutes` }),
  hours: (count: number) => plural(count, { one: '1 hour', other: `${count} hours` }),
  hoursAndMinutes: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  at: (time: string) => `at ${time}`,
  tomorrowAt: (time: string) => `tomorrow at ${time}`,
  yesterdayAt: (time: string) => `yesterday at ${time}`,
  dateAt: (date: string, time: string) => `${date} at ${time}`,
  onDateAt: (date: string, time: string) => `on ${date} at ${time}`,
  yesterday: 'yesterday',
  onDay: (weekday: string) => `on ${weekday}`,
  midnight: 'midnight',
};

/** Instants and lengths of time. */
export const time = {
  secondsAgo: (count: number) => (count < 2 ? 'just now' : `${count} seconds ago`),
  minutesAgo: (count: number) => (count === 1 ? '1 minute ago' : `${count} minutes ago`),
  hoursAgo: (count: number) => (count === 1 ? '1 hour ago' : `${count} hours ago`),
  daysAgo: (count: number) => (count === 1 ? '1 day ago' : `${count} days ago`),
  minutes: (count: number) => (count === 1 ? '1 minute' : `${count} minutes`),
  hours: (count: number) => (count === 1 ? '1 hour' : `${count} hours`),
  hoursAndMinutes: (hours: number, minutes: number) => `${hours} h ${minutes} min`,
  tomorrowAt: (time: string) => `tomorrow at ${time}`,
  yesterdayAt: (time: string) => `yesterday at ${time}`,
  dateAt: (date: string, time: string) => `${date} at ${time}`,
  yesterday: 'yesterday',
  onDay: (weekday: string) => `on ${weekday}`,
  midnight: 'midnight',
};

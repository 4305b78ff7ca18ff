/** The page of the first names. */
export const firstNames = {
  title: 'First names of staff',
  link: 'First names of staff',
  intro: 'Whoever asks for permission on one of your own devices can choose a name from this list, or write another.',
  names: 'First names, one on each line',
  namesHint: 'For example Aisha, or Aisha B where there are two. An empty list means that everybody writes.',
  limits:
    'The list is shown on devices that you have named as your own, to whoever holds one. Guests and staff’s own devices never see it. A box older than this version goes on asking for the name in writing.',
  tooMany: (most: number) => `Use at most ${most} names.`,
  tooLong: (name: string, most: number) => `“${name}” is too long: use at most ${most} characters.`,
};

/** Safe search of a group. */
export const safeSearch = {
  title: (group: string) => `Safe search for ${group}`,
  intro:
    'Google, Bing, DuckDuckGo and other search engines can leave out explicit pictures and pages, and YouTube can leave out most of what is meant for adults. They do that themselves: the box sees to it that these devices are shown no other results.',
  limits:
    'No filter of this kind is perfect, and it does not look at the pages that are found. A device that is already searching follows within a minute or two.',
  search: 'Searching',
  searchOn: 'Safe search',
  searchOnHint: 'Google, Bing, DuckDuckGo, Brave, Ecosia, Yandex and Pixabay show no explicit results.',
  searchOff: 'As each search engine is set',
  youtube: 'YouTube, whenever it is open',
  youtubeHint: 'This opens nothing: while YouTube is blocked, it stays blocked.',
  youtubeChoices: {
    moderate: 'Moderate',
    strict: 'Strict',
    off: 'As it is',
  },
  youtubeHints: {
    moderate: 'No videos marked as for adults, no comments, no live films. Songs and training films stay.',
    strict: 'Far fewer videos, no comments, no live films. Some songs and training films are missing too.',
    off: 'Everything, with comments and uploading: for devices on which your own channel is looked after.',
  },
  kinds: {
    setting: 'Children look at the setting’s own devices too, so both are on unless you say otherwise.',
    personal: 'These are staff’s own devices: both are off unless you say otherwise.',
    guest: 'These are guests’ devices: both are off unless you say otherwise.',
  },
  line: (search: boolean, youtube: 'off' | 'moderate' | 'strict') =>
    `Safe search: ${search ? 'on' : 'off'}. YouTube, when it is open: ${youtube === 'off' ? 'as it is' : youtube}.`,
  change: 'Change safe search',
  forGroup: (group: string) => ` for ${group}`,
};

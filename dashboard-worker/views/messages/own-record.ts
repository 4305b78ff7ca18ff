/** The page of what is recorded about whoever reads it. */
export const ownRecord = {
  link: 'What is recorded about you',
  title: 'What is recorded about you',
  intro: 'Everything that this nursery’s record says of what you did here, and of changes to your account.',
  own: 'In the record',
  none: 'Nothing yet.',
  views: 'Who looked at single devices',
  viewsText: 'In the last 90 days, the newest first. Nobody can look without its being written here.',
  noViews: 'Nobody did.',
  rules: 'What is kept, and for how long',
  ruleSentences: [
    'Counted are blocked and allowed uses of social media and the like, on the nursery’s own devices only. Sites, pages, searches and messages are never kept, and nothing about a device of your own.',
    'What one device did is kept for 90 days at most. After that there are only figures of the whole nursery, for 25 months.',
    'Your name and your words in the record are erased after 13 months, and its entries after 25.',
    'What you asked for at the page on a device is in the record under the name that you gave there. The Nursery Manager can show it to you.',
    'If something is wrong, or you do not agree with it, say so to the Nursery Manager.',
  ],
  back: 'Back to your account',
};

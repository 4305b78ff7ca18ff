/**
 * Pictures beside what can be allowed, so that it is found at a glance: drawings of our own for each kind of service, and
 * nobody's logo. They say nothing that the words do not, so they are not read out.
 */

/** On a field of 24 by 24, drawn as lines. */
const drawings = {
  people: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M3 20a6 6 0 0 1 12 0M16 5a3 3 0 0 1 0 6M18 14a6 6 0 0 1 3 6',
  play: 'M3 5h18v14H3zM10 9l5 3-5 3z',
  camera: 'M3 8h4l2-3h6l2 3h4v11H3zM12 16a3 3 0 1 0 0-6 3 3 0 0 0 0 6',
  bubble: 'M4 5h16v11h-9l-4 4v-4H4z',
  page: 'M5 3h14v18H5zM8 8h8M8 12h8M8 16h5',
  book: 'M12 6C9 4 6 4 3 5v13c3-1 6-1 9 1 3-2 6-2 9-1V5c-3-1-6-1-9 1v13',
  pad: 'M7 8h10a4 4 0 0 1 4 4v3a3 3 0 0 1-5 2l-1-1H9l-1 1a3 3 0 0 1-5-2v-3a4 4 0 0 1 4-4M8 11v3M7 12h3M16 12h1',
  globe: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M3 12h18M12 3c-5 6-5 12 0 18 5-6 5-12 0-18',
  list: 'M4 5h6v6H4zM4 15h6v5H4zM14 8l2 2 4-4M14 17h6',
  heart: 'M12 20C5 15 3 12 3 9a4 4 0 0 1 9-2 4 4 0 0 1 9 2c0 3-2 6-9 11z',
  all: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z',
} as const;

type PictureId = keyof typeof drawings;

/** By the id of a category; one that this release does not know has none. */
const ofCategory: Readonly<Record<string, PictureId>> = {
  blogs: 'page',
  chatrooms: 'bubble',
  comments: 'page',
  dating: 'heart',
  forums: 'page',
  gaming: 'pad',
  'media-sharing': 'camera',
  messaging: 'bubble',
  'parent-apps': 'bubble',
  'photo-sharing': 'camera',
  polls: 'list',
  'reference-wikis': 'book',
  reviews: 'list',
  'social-networking': 'people',
  streaming: 'play',
  'survey-tools': 'list',
  'video-sharing': 'play',
  'virtual-worlds': 'globe',
  wikis: 'book',
  'work-chat': 'bubble',
};

export function pictureOf(category: string): PictureId | undefined {
  return Object.hasOwn(ofCategory, category) ? ofCategory[category] : undefined;
}

/** Once on a page, before any `Picture`. */
export function PictureSheet() {
  return (
    <svg class="sheet" width="0" height="0" aria-hidden="true">
      {Object.entries(drawings).map(([id, path]) => (
        <symbol id={`p-${id}`} viewBox="0 0 24 24">
          <path d={path} />
        </symbol>
      ))}
    </svg>
  );
}

export function Picture({ of }: { of: PictureId | undefined }) {
  return of === undefined ? null : (
    <svg aria-hidden="true">
      <use href={`#p-${of}`} />
    </svg>
  );
}

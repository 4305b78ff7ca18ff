/**
 * The service catalogue: which names belong to which service, and in what category of policy clause 7.1.2 it stands.
 * Beside it stands what the box knows of search engines (safe-search.ts), which are open but shown by another host.
 * Owns the order (it decides which of two services is shown for a name that both need) and the look-ups; the services
 * themselves are in the files beside this one, a file per category.
 *
 * How a name comes in, or does not:
 * - The service's own registered names as suffixes, so that app, API, media, regional and numbered hosts are covered.
 * - Single hosts below a parent that is shared with others (a storage bucket, googleapis.com, akamaized.net) one by one.
 * - A host that serves the service and also embeds on other people's pages belongs to the service.
 * - Sign-in for other things, work, and software updates stay open, if need be by an exception.
 * - What another service needs so that a grant of it alone works is listed in both, and a note on both says so.
 * - Look-alike and mistyped domains do not come in: a list against phishing does that better.
 */
import type { Rule } from '../lists/rule.ts';
import { safeSearchEngines } from '../safe-search.ts';
import { blogs } from './blogs.ts';
import { bypass } from './bypass.ts';
import { chatrooms } from './chatrooms.ts';
import { comments } from './comments.ts';
import { dating } from './dating.ts';
import type { CategoryFile } from './define-category.ts';
import { forums } from './forums.ts';
import { gaming } from './gaming.ts';
import { mediaSharing } from './media-sharing.ts';
import { messaging } from './messaging.ts';
import { parentApps } from './parent-apps.ts';
import { photoSharing } from './photo-sharing.ts';
import { polls } from './polls.ts';
import { referenceWikis } from './reference-wikis.ts';
import { reviews } from './reviews.ts';
import type { Catalogue, Category, Service } from './service.ts';
import { socialNetworking } from './social-networking.ts';
import { streaming } from './streaming.ts';
import { surveyTools } from './survey-tools.ts';
import { videoSharing } from './video-sharing.ts';
import { virtualWorlds } from './virtual-worlds.ts';
import { wikis } from './wikis.ts';
import { workChat } from './work-chat.ts';

/** Among services that decide alike the earlier one is shown: a name of Facebook and Messenger counts as Facebook. */
const files: readonly CategoryFile[] = [
  socialNetworking,
  messaging,
  videoSharing,
  photoSharing,
  blogs,
  forums,
  chatrooms,
  gaming,
  virtualWorlds,
  mediaSharing,
  dating,
  comments,
  polls,
  wikis,
  referenceWikis,
  reviews,
  surveyTools,
  workChat,
  parentApps,
  streaming,
  bypass,
];

export const catalogue: Catalogue = {
  version: '2026.11.2',
  categories: files.map(({ category }) => category),
  services: files.flatMap(({ services }) => services),
  safeSearch: safeSearchEngines,
};

const servicesById = new Map(catalogue.services.map((service) => [service.id, service]));
const categoriesById = new Map(catalogue.categories.map((category) => [category.id, category]));

export function findService(id: string): Service | undefined {
  return servicesById.get(id);
}

export function findCategory(id: string): Category | undefined {
  return categoriesById.get(id);
}

/** In the catalogue's order; none for an id that it lacks. */
export function servicesIn(categoryId: string): readonly Service[] {
  return catalogue.services.filter(({ category }) => category === categoryId);
}

/** What the service gives to the trie: its blocks and the exceptions to them. */
export function catalogueRules(service: Service): Rule[] {
  return [
    ...service.suffixes.map((name): Rule => ({ name, scope: 'suffix', action: 'block' })),
    ...service.hosts.map((name): Rule => ({ name, scope: 'host', action: 'block' })),
    ...service.exceptions.map((name): Rule => ({ name, scope: 'suffix', action: 'allow' })),
    ...service.exceptionHosts.map((name): Rule => ({ name, scope: 'host', action: 'allow' })),
  ];
}

/**
 * The shapes of the service catalogue. What is in it stands in the files beside this one, a file per category.
 * Names are lower-case A-labels without a trailing dot.
 */
import type { SafeSearchEngine } from '../safe-search.ts';

/** A category of PRODUCT clause 7.1.2 (or a protected one). Kebab-case and stable: it is stored in policies and grants. */
export interface Category {
  readonly id: string;
  /** As the manager reads it: "Social networking". */
  readonly name: string;
  /** Policy clauses shown beside a decision, the most telling first: ["7.1.2", "7.1.6"]. */
  readonly clauses: readonly string[];
  /** Part of what "all social media" means in a grant (7.1.2). */
  readonly social: boolean;
  /** Restricted during opening hours in a new setting's policy, or left open until somebody switches it on. */
  readonly inForceByDefault: boolean;
  /** Why that default: one sentence for the manager. */
  readonly defaultReason: string;
  /** Malware, illegal content, bypass: blocked at all hours on setting devices, and no grant can open it. */
  readonly protected: boolean;
}

export interface Service {
  /** Kebab-case and stable: it is stored in policies, grants and usage. */
  readonly id: string;
  /** As people call it today: "X (formerly Twitter)". */
  readonly name: string;
  /** The id of its category. */
  readonly category: string;
  /** Clauses beside those of the category, where the policies name this service; often empty. */
  readonly clauses: readonly string[];
  /** Names that belong to the service together with everything below them. */
  readonly suffixes: readonly string[];
  /** Exact hosts, where the parent is shared with others. */
  readonly hosts: readonly string[];
  /** Names that stay open together with everything below them, though a suffix above covers them. */
  readonly exceptions: readonly string[];
  /** Exact hosts that stay open. */
  readonly exceptionHosts: readonly string[];
  /** Devices ask for it of their own accord, in the background: a look-up is no sign of anybody's wish. */
  readonly byItself: boolean;
  /** One line for each host that was left out on purpose, or that may surprise. */
  readonly notes: readonly string[];
}

export interface Catalogue {
  /** Raised with every change of content, as YYYY.MM.N. */
  readonly version: string;
  readonly categories: readonly Category[];
  readonly services: readonly Service[];
  /** The search engines that have a safe host; none when left out. */
  readonly safeSearch?: readonly SafeSearchEngine[];
}

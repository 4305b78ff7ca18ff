/** A source of rules: longest match and exceptions apply within one source; a name's rule set is the union over sources. */
export interface Source {
  /** Unique within an image: `service:facebook`, `list:family-filter`, `local:site`. */
  readonly id: string;
  /**
   * - `service`: from the catalogue; the schedule and grants decide
   * - `list`: a block list; it can only block
   * - `local`: the box's own name
   * - `safe-search`: a search engine's hosts; they are not blocked but shown by another host (safe-search.ts)
   */
  readonly kind: 'service' | 'list' | 'local' | 'safe-search';
}

/** No rule speaks of the name. Its verdict is always ALLOW_NO_RULE. */
export const EMPTY_RULE_SET = 0;

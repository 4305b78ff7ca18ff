/** What reading one list came to: the counts, and where each line stands that could not be taken as it was written. */

export type ListFormat = 'hosts' | 'domains' | 'wildcard' | 'adblock' | 'dnsmasq' | 'unbound' | 'rpz';

/**
 * - `error`: the line is not what any format allows; it gave no rule
 * - `unsupported`: the line is sound, but asks for what a DNS filter cannot do, or this one does not; it gave no rule
 * - `note`: the line gave its rule, which does less or more than its author may think
 */
export type ProblemKind = 'error' | 'unsupported' | 'note';

export interface ListProblem {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** The line itself, control and direction characters escaped, cut to 80 characters. Safe to print. */
  readonly text: string;
  readonly kind: ProblemKind;
  /** What was found and what was expected. Safe to print. */
  readonly message: string;
}

export interface ListReport {
  /** Lines that gave at least one rule, by the format in which the line was read; a list may mix them. */
  readonly formats: Readonly<Record<ListFormat, number>>;
  readonly lines: number;
  /** Rules handed on, before the trie builder drops duplicates and the subsumed. */
  readonly rules: number;
  /** Lines that say nothing about a name: comments, blanks, headers, zone apex records, `localhost` and its like. */
  readonly comments: number;
  /** All problems of the kind, of which `problems` holds the first. */
  readonly errors: number;
  readonly unsupported: number;
  readonly notes: number;
  /** In the order of the list: at most MAX_KEPT_PROBLEMS, of which at most MAX_KEPT_NOTES are notes. */
  readonly problems: readonly ListProblem[];
}

/** A list of another kind altogether (a web page, a picture) has as many problems as lines; a person reads the first. */
export const MAX_KEPT_PROBLEMS = 1000;
/** So that a list with 25,000 notes does not hide its errors. */
export const MAX_KEPT_NOTES = 100;
